"""What the filters on their own refuse: states that cannot be, steps back, noise below zero."""

import math

import numpy as np
import pytest

from qiki.errors import FrameError, SettingError
from qiki.radar import Present, empty_detections
from qiki.tracking import (
    ConstantAcceleration,
    ConstantVelocity,
    CoordinatedTurn,
    FilterSet,
    predict,
    predict_by,
    update_polar,
    update_position,
)

MODELS = (
    (ConstantVelocity(), 6),
    (CoordinatedTurn(), 7),
    (ConstantAcceleration(), 9),
)
NOISE_M2 = np.eye(3)


def good(size=6):
    state, covariance = np.zeros((4, size)), np.tile(np.eye(size) * 4.0, (4, 1, 1))
    state[:, :3] = [1000.0, 2000.0, 300.0]
    return state, covariance


def detections():
    found = empty_detections(4)
    found["present"] = Present.RANGE | Present.BEARING
    found["range_m"], found["range_std_m"] = 2200.0, 10.0
    found["bearing_deg"], found["bearing_std_deg"] = 30.0, 0.1
    return found


STEPS = {
    "predict": lambda state, covariance: predict(state, covariance, 1.0, 1.0),
    "update_position": lambda state, covariance: update_position(
        state, covariance, state[:, :3].copy(), NOISE_M2
    ),
    "update_polar": lambda state, covariance: update_polar(state, covariance, detections()),
    "FilterSet": FilterSet,
} | {
    f"predict_by {type(model).__name__}": lambda state, covariance, model=model: predict_by(
        model, state, covariance, 1.0
    )
    for model, _ in MODELS
}
SIZES = {f"predict_by {type(model).__name__}": size for model, size in MODELS}


def spoil_mean(value):
    def spoil(state, _):
        state[2, 4] = value

    return spoil


def spoil(value, i, j):
    def spoil(_, covariance):
        covariance[2, i, j] = covariance[2, j, i] = value

    return spoil


def contradict(_, covariance):
    """Three numbers, each pair of which could be correlated by -0.6, but not all."""
    for i, j in [(0, 1), (0, 2), (1, 2)]:
        covariance[2, i, j] = covariance[2, j, i] = -0.6 * 4.0


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (spoil_mean(math.nan), r"state\[2\]\[4\] is NaN, must be finite: give a mean of numbers"),
        (spoil_mean(-math.inf), r"state\[2\]\[4\] is -inf, must be finite"),
        (spoil(-4.0, 3, 3), r"state\[2\] covariance\[3\]\[3\] is -4, must be at least 0 and fin"),
        (spoil(math.nan, 0, 0), r"state\[2\] covariance\[0\]\[0\] is NaN, must be at least 0"),
        (spoil(math.inf, 1, 5), r"state\[2\] covariance\[1\]\[5\] is inf, must be finite"),
        (spoil(4.1, 0, 3), r"covariance of which the first 3 rows leave \[3\]\[3\] is -0.1"),
        (
            contradict,
            r"the first 2 rows leave \[2\]\[2\] is -2.98.*, must be at least 0, as the pivot",
        ),
    ],
)
def test_a_state_that_cannot_be_is_named(step, spoil, told):
    state, covariance = good(SIZES.get(step, 6))
    STEPS[step](state, covariance)
    spoil(state, covariance)
    with pytest.raises(SettingError, match=told):
        STEPS[step](state, covariance)


@pytest.mark.parametrize("step", STEPS)
def test_what_is_known_without_error_is_a_state(step):
    state, covariance = good(SIZES.get(step, 6))
    covariance[1] = 0.0
    covariance[2, 2], covariance[2, :, 2] = 0.0, 0.0
    covariance[3, 0, 3] = covariance[3, 3, 0] = 4.0  # wholly correlated
    STEPS[step](state, covariance)


def test_steps_back_and_noise_below_zero_are_refused():
    for dt_s in (-1.0, math.nan, math.inf):
        told = r"dt_s is .*, must be at least 0 and finite: states are predicted to later times"
        with pytest.raises(SettingError, match=told):
            predict(*good(), dt_s, 1.0)
        for model, size in MODELS:
            with pytest.raises(SettingError, match=told):
                predict_by(model, *good(size), dt_s)
    for noise in (-1.0, math.nan, math.inf):
        with pytest.raises(SettingError, match=r"process_noise_m2_s3 is .*, must be at least 0"):
            predict(*good(), 1.0, noise)


def test_a_position_that_is_none_is_named():
    state, covariance = good()
    position_m = state[:, :3].copy()
    position_m[3, 1] = math.nan
    with pytest.raises(FrameError, match=r"positions_m\[3\] is \[1000.0, NaN, 300.0\]"):
        update_position(state, covariance, position_m, NOISE_M2)


def test_many_fine_updates_lead_to_states_that_are_taken_again():
    """The rounding of updates by measurements 1e6 times finer than the state is no fault."""
    random = np.random.default_rng(3)
    state, covariance = np.zeros((4, 6)), np.tile(np.eye(6) * 1e12, (4, 1, 1))
    for _ in range(100):
        state, covariance = predict(state, covariance, 0.1, 1e-3)
        noise_m2 = np.eye(3) + 0.9 * (np.ones((3, 3)) - np.eye(3))
        state, covariance = update_position(state, covariance, random.normal(size=(4, 3)), noise_m2)
    FilterSet(state, covariance)
