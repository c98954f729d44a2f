"""Laws that every filter keeps: of its covariances, of time that adds up, of doubt that falls."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki.radar import Present, empty_detections
from qiki.tracking import (
    FilterSet,
    TrackerConfig,
    predict,
    predict_by,
    update_polar,
    update_position,
)
from tests.properties.filter_orders import assert_covariances, assert_no_larger
from tests.properties.scenes import BANKS
from tests.tracking.oracles.constant_velocity import assert_same, random_states

COUNT = 12
SIZE_OF = {"ConstantVelocity": 6, "CoordinatedTurn": 7, "ConstantAcceleration": 9}
MODELS = {type(model).__name__: model for bank in BANKS.values() for model in bank}
KINDS = {
    "range, bearing": Present.RANGE | Present.BEARING,
    "elevation": Present.RANGE | Present.BEARING | Present.ELEVATION,
    "height": Present.RANGE | Present.BEARING | Present.HEIGHT,
    "range rate": Present.RANGE | Present.BEARING | Present.ELEVATION | Present.RANGE_RATE,
}

seeds = st.integers(0, 2**32 - 1)
times_s = st.floats(0.0, 30.0)
scales = st.floats(0.1, 30.0)
laws = settings(max_examples=40, deadline=None, derandomize=True)


def states(seed, size=6):
    """Random states, what a model adds to position and velocity being small."""
    rng = np.random.default_rng(seed)
    mean, covariance = random_states(rng, COUNT)
    whole, wide = np.zeros((COUNT, size)), np.tile(np.eye(size) * 0.01, (COUNT, 1, 1))
    whole[:, :6], wide[:, :6, :6] = mean, covariance
    whole[:, 6:] = rng.normal(0.0, 0.05, (COUNT, size - 6))
    return whole, wide


def measured(seed, state, kind, scale=1.0):
    """What a radar at the origin measures of the states, with errors of the size it tells."""
    rng = np.random.default_rng(seed)
    found = empty_detections(COUNT)
    position_m = state[:, :3]
    range_m, up_m = np.linalg.norm(position_m, axis=1), position_m[:, 2]
    receding_m2_s = np.sum(position_m * state[:, 3:6], axis=1)
    found["present"] = KINDS[kind]
    for name, bit, std, value in (
        ("range_{}m", Present.RANGE, 10.0, range_m),
        ("bearing_{}deg", Present.BEARING, 0.1, np.degrees(np.arctan2(*position_m[:, :2].T))),
        ("elevation_{}deg", Present.ELEVATION, 0.1, np.degrees(np.arcsin(up_m / range_m))),
        ("height_{}m", Present.HEIGHT, 30.0, up_m),
        ("range_rate_{}m_s", Present.RANGE_RATE, 1.0, receding_m2_s / range_m),
    ):
        if KINDS[kind] & bit:
            found[name.format("")] = value + std * rng.standard_normal(COUNT)
            found[name.format("std_")] = scale * std
    found["bearing_deg"] %= 360.0
    return found


@pytest.mark.parametrize("name", MODELS)
@given(seed=seeds, dt_s=times_s)
@laws
def test_a_prediction_leaves_covariances(name, seed, dt_s):
    mean, covariance = states(seed, SIZE_OF[name])
    assert_covariances(predict_by(MODELS[name], mean, covariance, dt_s)[1])


@pytest.mark.parametrize("name", MODELS)
@given(seed=seeds)
@laws
def test_in_no_time_nothing_changes(name, seed):
    mean, covariance = states(seed, SIZE_OF[name])
    covariance = (covariance + np.swapaxes(covariance, -1, -2)) / 2.0
    after, wide = predict_by(MODELS[name], mean, covariance, 0.0)
    np.testing.assert_array_equal(after, mean)
    np.testing.assert_array_equal(wide, covariance)


@pytest.mark.parametrize("name", ["ConstantVelocity", "ConstantAcceleration"])
@given(seed=seeds, first_s=times_s, second_s=times_s)
@laws
def test_two_steps_are_one(name, seed, first_s, second_s):
    model, (mean, covariance) = MODELS[name], states(seed, SIZE_OF[name])
    twice = predict_by(model, *predict_by(model, mean, covariance, first_s), second_s)
    assert_same(*twice, *predict_by(model, mean, covariance, first_s + second_s), relative=1e-10)


@given(seed=seeds, first_s=times_s, second_s=times_s, noise=st.floats(0.0, 1e3))
@laws
def test_two_steps_of_the_plain_filter_are_one(seed, first_s, second_s, noise):
    mean, covariance = states(seed)
    twice = predict(*predict(mean, covariance, first_s, noise), second_s, noise)
    assert_same(*twice, *predict(mean, covariance, first_s + second_s, noise), relative=1e-10)


@pytest.mark.parametrize("kind", KINDS)
@given(seed=seeds, scale=scales)
@laws
def test_a_polar_measurement_makes_no_state_less_sure(kind, seed, scale):
    mean, covariance = states(seed)
    _, once = update_polar(mean, covariance, measured(seed, mean, kind, scale))
    _, blunt = update_polar(mean, covariance, measured(seed, mean, kind, 2.0 * scale))
    assert_covariances(once)
    assert_no_larger(once, covariance)
    # From one state the measurement is linearised alike, so a doubled deviation tells less.
    assert_no_larger(once, blunt)


@given(seed=seeds, scale=scales, dt_s=times_s)
@laws
def test_doubled_deviations_make_no_filter_surer_in_a_run(seed, scale, dt_s):
    rng = np.random.default_rng(seed)
    sharp = blunt = states(seed)
    root = rng.normal(size=(3, 3)) * scale
    noise_m2 = root @ root.T + np.eye(3)
    for _ in range(8):
        before, blunt_before = (predict(*it, dt_s, 2.0) for it in (sharp, blunt))
        position_m = before[0][:, :3] + rng.normal(size=(COUNT, 3))
        sharp = update_position(*before, position_m, noise_m2)
        blunt = update_position(*blunt_before, position_m, 4.0 * noise_m2)
        assert_covariances(sharp[1])
        assert_no_larger(sharp[1], before[1])
        assert_no_larger(sharp[1], blunt[1])


@pytest.mark.parametrize("bank", BANKS)
@given(seed=seeds, scale=scales, dt_s=st.floats(0.05, 10.0))
@laws
def test_every_filter_of_a_bank_keeps_covariances(bank, seed, scale, dt_s):
    mean, covariance = states(seed)
    rng = np.random.default_rng(seed)
    filters = FilterSet(mean, covariance, TrackerConfig(motion_models=BANKS[bank]))
    for step in range(1, 9):
        time_ns = round(step * dt_s * 1e9)
        seen_m = mean[:, :3] + mean[:, 3:] * time_ns * 1e-9 + rng.normal(size=(COUNT, 3)) * 10
        filters.update_position(seen_m, np.eye(3) * scale**2, time_ns)
        assert_covariances(filters.states_at(time_ns)[1])
        for model in range(len(BANKS[bank])):
            assert_covariances(filters.model_state(model)[1])
        if BANKS[bank]:
            np.testing.assert_allclose(filters.model_probability.sum(axis=1), 1.0, rtol=1e-12)
