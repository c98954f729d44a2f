"""Closest approach: time and distance by search, probability by other integrals and draws."""

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from qiki.errors import SettingError
from qiki.tracking import closest_approach

RNG_SEED = 20261129


def random_states(count, seed=RNG_SEED):
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(count, 6)) * [300, 300, 100, 20, 20, 5]
    roots = rng.normal(size=(count, 6, 6)) * np.array([20, 20, 20, 1, 1, 1])[:, None]
    return states, roots @ roots.transpose(0, 2, 1)


def at_approach(state, covariance, time_s):
    """Mean and covariance of the position at a time, and the two axes across the velocity."""
    moved = np.eye(6)
    moved[:3, 3:] = time_s * np.eye(3)
    mean, spread = (moved @ state)[:3], (moved @ covariance @ moved.T)[:3, :3]
    across = np.linalg.svd(state[3:].reshape(1, 3))[2][1:]
    return across @ mean, across @ spread @ across.T


def test_time_and_distance_are_those_of_a_search():
    states, covariances = random_states(50)
    times_s, distances_m, _ = closest_approach(states, covariances, 50.0)
    for state, time_s, distance_m in zip(states, times_s, distances_m, strict=True):
        found = optimize.minimize_scalar(
            lambda t, state=state: np.sum((state[:3] + t * state[3:]) ** 2)
        )
        assert time_s == pytest.approx(found.x, abs=1e-4)
        assert distance_m == pytest.approx(np.sqrt(found.fun), rel=1e-6, abs=1e-6)


def test_the_probability_is_scipys_integral_over_the_disc():
    states, covariances = random_states(25)
    radius_m = 120.0
    times_s, _, found = closest_approach(states, covariances, radius_m)
    assert np.ptp(found) > 0.5
    for state, covariance, time_s, probability in zip(
        states, covariances, times_s, found, strict=True
    ):
        mean, spread = at_approach(state, covariance, time_s)
        values, axes = np.linalg.eigh(spread)
        mean = axes.T @ mean
        density = [stats.norm(m, s).pdf for m, s in zip(mean, np.sqrt(values), strict=True)]
        expected, _ = integrate.dblquad(
            lambda y, x, density=density: density[0](x) * density[1](y),
            -radius_m,
            radius_m,
            lambda x: -np.sqrt(max(radius_m**2 - x * x, 0.0)),
            lambda x: np.sqrt(max(radius_m**2 - x * x, 0.0)),
            epsabs=1e-8,
        )
        assert probability == pytest.approx(expected, abs=3e-6)


@pytest.mark.parametrize("std_m", [0.001, 0.1, 1.0, 10.0, 300.0, 1e5])
@pytest.mark.parametrize("miss_m", [0.0, 3.0, 9.99, 10.0, 10.5, 40.0, 1000.0])
def test_a_round_covariance_gives_the_noncentral_chi_squared(std_m, miss_m):
    state = [[-500.0, miss_m, 0.0, 10.0, 0.0, 0.0]]
    covariance = [np.diag([std_m**2] * 3 + [0.0] * 3)]
    _, _, (probability,) = closest_approach(state, covariance, 10.0)
    expected = stats.ncx2.cdf((10.0 / std_m) ** 2, 2, (miss_m / std_m) ** 2)
    if (10.0 / std_m) > 1e3:  # beyond what scipy's series can do: the disc's edge is straight
        expected = stats.norm.cdf((10.0 - miss_m) / std_m)
    assert probability == pytest.approx(expected, abs=3e-5 if std_m < 0.1 else 2e-6)


def test_the_probability_is_that_of_random_draws():
    """Positions and velocities drawn from the covariance; each pair has its own closest approach.

    The plane's probability takes the time of approach of the mean for that of all. With velocities
    that vary little against their size it differs by less than a hundredth; 200 000 draws tell to
    0.0045 at four standard deviations.
    """
    state = np.array([-2000.0, 60.0, -30.0, 100.0, 2.0, 1.0])
    root = np.diag([30.0, 20.0, 10.0, 0.6, 0.5, 0.4])
    root[3, 0], root[4, 1] = 0.4, 0.5
    covariance = root @ root.T
    _, _, (found,) = closest_approach([state], [covariance], 100.0)
    draws = state + np.random.default_rng(RNG_SEED).normal(size=(200_000, 6)) @ root.T
    position, velocity = draws[:, :3], draws[:, 3:]
    time_s = -(position * velocity).sum(1) / (velocity**2).sum(1)
    distance_m = np.linalg.norm(position + time_s[:, None] * velocity, axis=1)
    assert 0.1 < found < 0.9
    assert found == pytest.approx(np.mean(distance_m <= 100.0), abs=0.0145)


def test_it_turns_with_the_scene():
    states, covariances = random_states(20)
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    both = np.kron(np.eye(2), turn)
    one = closest_approach(states, covariances, 80.0)
    other = closest_approach(states @ both.T, both @ covariances @ both.T, 80.0)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=4e-6)


def test_what_does_not_move_has_no_approach():
    times_s, distances_m, found = closest_approach([[5.0, 0, 0, 0, 0, 0]], [np.eye(6)], 10.0)
    assert np.isnan([times_s[0], distances_m[0], found[0]]).all()


def test_what_cannot_be_is_refused():
    with pytest.raises(SettingError, match=r"distance_m is 0, must be 0.001 to 1e8"):
        closest_approach(np.ones((1, 6)), [np.eye(6)], 0.0)
    with pytest.raises(SettingError, match=r"state\[0\]\[0\] is NaN, must be finite"):
        closest_approach([[np.nan] * 6], [np.eye(6)], 1.0)
    with pytest.raises(ValueError, match="shape"):
        closest_approach(np.ones((1, 5)), [np.eye(6)], 1.0)
