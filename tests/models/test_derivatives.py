"""The check of a user's derivatives: right models pass, each kind of mistake is found and named."""

import math

import numpy as np
import pytest

from examples.models.numba_measurement import range_and_bearing
from examples.models.numba_motion import falling_body
from qiki.errors import ModelError
from qiki.models import check_derivatives, measurement_model, motion_model
from tests.tracking.user_measurements import begin_there, place, polar
from tests.tracking.user_models import only_above, straight, turning

# A rate of 0.03 is where `turning` goes from a series to quotients.
RATES_RAD_S = np.array([0.0, 1e-6, 0.01, -0.2, 0.6])
RIGHT = 1e-6


def states(size, count=20, seed=4):
    random = np.random.default_rng(seed)
    found = np.hstack([random.uniform(-5e4, 5e4, (count, 3)), random.normal(0, 200.0, (count, 3))])
    found[:, 2] = np.abs(found[:, 2])
    if size == 7:
        found = np.hstack([found, np.resize(RATES_RAD_S, count)[:, None]])
    return found


@pytest.mark.parametrize("dt_s", [None, 0.01, 10.0])
def test_right_motion_passes(dt_s):
    assert check_derivatives(straight, states(6), dt_s, (3.0,)).share < RIGHT
    assert check_derivatives(turning, states(7), dt_s).share < RIGHT


def test_right_measurements_pass_also_where_a_bearing_jumps():
    assert check_derivatives(place, states(6)).share < RIGHT
    assert check_derivatives(polar, states(6), parameters=(10.0, 20.0, 30.0)).share < RIGHT
    south = states(6)
    south[:, 0], south[:, 1] = 0.0, -np.abs(south[:, 1])
    assert check_derivatives(polar, south, parameters=(0.0, 0.0, 0.0)).share < RIGHT


@motion_model(state_size=7, parameter_count=3)
def spoilt(state, dt_s, parameters, mean, transition, noise):
    """A coordinated turn of which one derivative is multiplied by a number."""
    rate, vx, vy = state[6], state[3], state[4]
    sine, cosine = math.sin(rate * dt_s), math.cos(rate * dt_s)
    for i in range(7):
        mean[i] = state[i]
        transition[i, i] = 1.0
    for i in range(3):
        mean[i] += dt_s * state[i + 3]
        transition[i, i + 3] = dt_s
    mean[3], mean[4] = cosine * vx - sine * vy, sine * vx + cosine * vy
    transition[3, 3], transition[3, 4] = cosine, -sine
    transition[4, 3], transition[4, 4] = sine, cosine
    transition[3, 6], transition[4, 6] = -dt_s * mean[4], dt_s * mean[3]
    transition[int(parameters[0]), int(parameters[1])] *= parameters[2]


@pytest.mark.parametrize(("row", "column"), [(0, 3), (3, 3), (4, 3), (3, 6), (4, 6), (5, 5)])
@pytest.mark.parametrize(
    ("factor", "share"), [(-1.0, 2.0), (0.0, 1.0), (1.01, 0.0099), (math.degrees(1.0), 0.98)]
)
def test_a_wrong_derivative_is_named(row, column, factor, share):
    asked = states(7)
    found = check_derivatives(spoilt, asked, 0.5, (row, column, factor))
    assert (found.row, found.column) == (row, column)
    assert found.share == pytest.approx(share, rel=0.02)
    assert found.answered == pytest.approx(factor * found.difference, rel=1e-4, abs=1e-9)
    assert check_derivatives(spoilt, asked, 0.5, (row, column, 1.0)).share < RIGHT
    # The state that is named shows it alone.
    alone = check_derivatives(spoilt, asked[[found.state]], 0.5, (row, column, factor))
    assert (alone.state, alone[2:]) == (0, found[2:])


def test_a_derivative_that_was_forgotten_or_is_too_much_is_found():
    @measurement_model(periods=(0.0, 0.0), start=begin_there)
    def heights(state, parameters, predicted, jacobian):
        predicted[0], predicted[1] = state[2] + 0.1 * state[5], state[0]
        jacobian[0, 2] = jacobian[1, 0] = jacobian[1, 4] = 1.0

    found = check_derivatives(heights, states(6))
    assert found.share == pytest.approx(1.0, abs=1e-6)
    assert (found.row, found.column) in {(0, 5), (1, 4)}


def test_the_models_of_the_examples_are_right():
    fast = np.array([[0.0, 0.0, 9000.0, 250.0, -40.0, -90.0, 5e-4]])
    steps = [1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 1e-6]
    assert check_derivatives(falling_body, fast, 0.5, (20.0, 1e-12), steps).share < RIGHT
    plane = check_derivatives(range_and_bearing, states(6), parameters=(0.0, 0.0, 3000.0))
    assert plane.share < RIGHT


def test_what_cannot_be_checked_is_refused():
    for shape in [(6,), (0, 6)]:
        with pytest.raises(ValueError, match=r"state has shape .*, must be \(n, d\), n at least 1"):
            check_derivatives(place, np.zeros(shape))
    for step in [0.0, -1.0, math.nan, math.inf]:
        with pytest.raises(ValueError, match=r"step is .*, must be above 0 and finite"):
            check_derivatives(place, states(6), step=step)
    with pytest.raises(ValueError, match=r"dt_s is 1\.0, but a measurement takes no time"):
        check_derivatives(place, states(6), 1.0)
    with pytest.raises(TypeError, match="must be a CompiledMotion or CompiledMeasurement"):
        check_derivatives(len, states(6))
    with pytest.raises(ValueError, match=r"must be \(n, 6\) and 1"):
        check_derivatives(straight, states(7))
    # Beside the state, below the height where the model ends.
    edge = np.array([[0.0, 0.0, 100.001, 0.0, 0.0, 0.0]])
    with pytest.raises(ModelError, match=r'"only_above" gives mean\[2\] NaN'):
        check_derivatives(only_above, edge, parameters=(100.0,))
