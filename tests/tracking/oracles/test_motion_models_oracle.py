"""The motion models' predictions against matrix exponentials and numerical integration."""

import numpy as np
import pytest

from qiki.errors import SettingError
from qiki.tracking import ConstantAcceleration, ConstantVelocity, CoordinatedTurn, predict_by
from tests.tracking.oracles.constant_velocity import assert_same
from tests.tracking.oracles.interacting_models import (
    complex_step,
    integrated_turn,
    linear_model,
    turned,
    van_loan,
)

STEPS_S = [0.0, 1e-3, 0.1, 4.0, 30.0]
VELOCITY = ConstantVelocity(process_noise_m2_s3=2.0, vertical_process_noise_m2_s3=0.3)
ACCELERATION = ConstantAcceleration(jerk_noise_m2_s5=2.0, vertical_jerk_noise_m2_s5=0.3)
QUIET_TURN = CoordinatedTurn(
    process_noise_m2_s3=0.0, vertical_process_noise_m2_s3=0.0, turn_rate_noise_deg2_s3=0.0
)
DEG = np.pi / 180.0


def random_states(size, count=20, seed=1):
    random = np.random.default_rng(seed)
    scale = np.array([3e4, 3e4, 3e3, 200.0, 200.0, 20.0, 10.0, 10.0, 3.0])[:size]
    spread = np.array([30.0, 30.0, 30.0, 10.0, 10.0, 5.0, 4.0, 4.0, 1.0])[:size]
    if size == 7:
        scale[6], spread[6] = 0.3, 0.05
    root = random.normal(size=(count, size, size)) * spread[:, None]
    mean = random.normal(size=(count, size)) * scale
    return mean, root @ root.transpose(0, 2, 1) + np.diag(spread**2)


@pytest.mark.parametrize("dt_s", STEPS_S)
@pytest.mark.parametrize(("model", "order"), [(VELOCITY, 2), (ACCELERATION, 3)])
def test_linear_models_are_their_matrix_exponentials(model, order, dt_s):
    means, covariances = random_states(3 * order)
    drift, diffusion = linear_model(order, [2.0, 2.0, 0.3])
    transition, noise = van_loan(drift, diffusion, dt_s)
    found = predict_by(model, means, covariances, dt_s)
    expected = transition @ covariances @ transition.T + noise
    assert_same(*found, means @ transition.T, expected, relative=1e-11)


@pytest.mark.parametrize("dt_s", STEPS_S[1:])
@pytest.mark.parametrize("angle_rad", [1e-3, -0.05, 0.499, -0.501, 2.2, -27.0])
def test_the_turn_and_its_jacobian_are_those_of_the_closed_form(angle_rad, dt_s):
    means, covariances = random_states(7)
    means[:, 6] = angle_rad / dt_s
    found_means, found = predict_by(QUIET_TURN, means, covariances, dt_s)
    for mean, covariance, state, spread in zip(means, covariances, found_means, found, strict=True):
        jacobian = complex_step(lambda moved: turned(moved, dt_s), mean)
        expected = jacobian @ covariance @ jacobian.T
        # The oracle divides by the turn rate, which loses digits where the turn is slight.
        relative = 1e-11 + 1e-14 / angle_rad**2
        assert_same(state, spread, turned(mean, dt_s), expected, relative)


@pytest.mark.parametrize("rate_rad_s", [0.0, 1e-7, -0.02, 0.23, -0.9])
def test_the_turn_is_its_differential_equation(rate_rad_s):
    model = CoordinatedTurn(
        process_noise_m2_s3=2.0, vertical_process_noise_m2_s3=0.3, turn_rate_noise_deg2_s3=0.0
    )
    means, covariances = random_states(7, count=3)
    means[:, 6] = rate_rad_s
    diffusion = np.diag([0.0, 0.0, 0.0, 2.0, 2.0, 0.3, 0.0])
    found = predict_by(model, means, covariances, 2.5)
    for mean, covariance, state, spread in zip(means, covariances, *found, strict=True):
        assert_same(
            state, spread, *integrated_turn(mean, covariance, 2.5, diffusion), relative=1e-9
        )


@pytest.mark.parametrize(("angle_rad", "relative"), [(0.0, 1e-10), (0.05, 2e-4), (0.4, 0.012)])
def test_the_noise_of_the_turn_rate_is_exact_to_the_first_order_of_the_angle(angle_rad, relative):
    model = CoordinatedTurn(
        process_noise_m2_s3=0.0, vertical_process_noise_m2_s3=0.0, turn_rate_noise_deg2_s3=4.0
    )
    state, none = np.array([0.0, 0.0, 0.0, 200.0, -100.0, 3.0, angle_rad / 2.0]), np.zeros((7, 7))
    _, noise = predict_by(model, state[None], none[None], 2.0)
    diffusion = np.diag([0.0] * 6 + [4.0 * DEG**2])
    _, expected = integrated_turn(state, none, 2.0, diffusion)
    assert np.abs(noise[0] - expected).max() <= relative * np.abs(expected).max()
    assert np.linalg.eigvalsh(noise[0]).min() >= -1e-12 * np.abs(expected).max()


def test_a_model_refuses_states_of_another_dimension_and_wrong_fields():
    means, covariances = random_states(6)
    with pytest.raises(ValueError, match=r"state has shape \[20, 6\], must be \[20, 7\]"):
        predict_by(QUIET_TURN, means, covariances, 1.0)
    with pytest.raises(ValueError, match=r"covariance has shape .*must be \[20, 6, 6\]"):
        predict_by(VELOCITY, means, covariances[:, :5], 1.0)
    with pytest.raises(SettingError, match=r"motion_models\[0\].mean_sojourn_s is 0"):
        predict_by(ConstantVelocity(mean_sojourn_s=0.0), means, covariances, 1.0)
