"""Arrays as users have them: columns of a table, Fortran order, float32, integers, lists."""

import numpy as np
import pytest

from qiki.tracking import (
    ConstantVelocity,
    FilterSet,
    Tracker,
    assign,
    joint_association,
    predict,
    predict_by,
    update_position,
)
from tests.tracking.user_measurements import place
from tests.tracking.user_models import straight


def columns(array):
    """A view of the left columns of a wider table."""
    wide = np.full((*array.shape[:-1], array.shape[-1] + 2), np.nan)
    wide[..., : array.shape[-1]] = array
    return wide[..., : array.shape[-1]]


def odd_address(array):
    raw = np.zeros(array.nbytes + 1, np.uint8)
    found = raw[1:].view(array.dtype).reshape(array.shape)
    found[...] = array
    return found


def big_endian(array):
    return array.astype(">f8")


FORMS = (
    columns,
    np.asfortranarray,
    np.float32,
    np.ndarray.tolist,
    odd_address,
    big_endian,
    lambda array: array.astype(np.int64),
    lambda array: array[::-1].copy()[::-1],
)
NAMES = ("columns", "Fortran", "float32", "list", "odd", "big-endian", "int64", "reversed")
RANDOM = np.random.default_rng(6)
# Whole numbers, which every form can hold.
POSITIONS_M = RANDOM.integers(-5000, 5000, (7, 3)).astype(float)
COVARIANCE_M2 = np.array([[90.0, 20.0, 0.0], [20.0, 60.0, -10.0], [0.0, -10.0, 40.0]])
EACH_M2 = np.array([COVARIANCE_M2 * k for k in range(1, 8)])
STATE = np.hstack([POSITIONS_M, RANDOM.integers(-50, 50, (7, 3))])
SPREAD = np.tile(np.diag([9.0, 8.0, 7.0, 6.0, 5.0, 4.0]), (7, 1, 1))
SPREAD[:, 0, 3] = SPREAD[:, 3, 0] = 2.0


def scans(form, covariance_m2):
    tracker = Tracker()
    for second in range(3):
        positions_m, known_m2 = form(POSITIONS_M), form(covariance_m2)
        found = tracker.step_positions(positions_m, known_m2, second * 10**9).tracks
    return found.tobytes()


def plane(form):
    tracker = Tracker()
    return tracker.step_positions(
        form(POSITIONS_M[:, :2].copy()), form(COVARIANCE_M2[:2, :2].copy()), 0
    ).tracks.tobytes()


def measured(form):
    found = Tracker().step_measurements(
        place, form(POSITIONS_M), form(EACH_M2), time_ns=0, volume=1e12
    )
    return found.tracks.tobytes()


def filtered(form):
    filters = FilterSet(form(STATE), form(SPREAD))
    filters.update_position(form(POSITIONS_M), form(COVARIANCE_M2), 10**9)
    parts = [
        *filters.states_at(10**9),
        *predict(form(STATE), form(SPREAD), 1.0, 2.0),
        *predict_by(ConstantVelocity(), form(STATE), form(SPREAD), 1.0),
        *update_position(form(STATE), form(SPREAD), form(POSITIONS_M), form(COVARIANCE_M2)),
        *straight.answers(form(STATE), 1.0, (2.0,)),
        *place.answers(form(STATE)),
    ]
    return b"".join(part.tobytes() for part in parts)


@pytest.mark.parametrize("form", FORMS, ids=NAMES)
def test_the_form_of_an_array_changes_no_bit(form):
    for of in (
        lambda form: scans(form, COVARIANCE_M2),
        lambda form: scans(form, EACH_M2),
        plane,
        measured,
        filtered,
    ):
        assert of(form) == of(lambda array: array)


def edges(index, cost):
    """The pairs of each of 5 rows with each of 6 columns, by an index and a cost of some form."""
    rows, cols = np.divmod(np.arange(30), 6)
    costs, misses = np.arange(30) * 7.0 % 11.0, np.full(5, 8.0)
    sizes = {"row_count": 5, "column_count": 6, "miss_cost": cost(misses)}
    given = (index(rows.astype(np.uint32)), index(cols.astype(np.uint32)), cost(costs))
    joint = joint_association(*given, **sizes)
    return assign(*given, **sizes).tolist(), joint.edge.tobytes(), joint.miss.tobytes()


@pytest.mark.parametrize(
    "index",
    [np.int64, np.uint8, np.ndarray.tolist, lambda a: np.repeat(a, 2)[::2], odd_address],
    ids=["int64", "uint8", "list", "every other", "odd"],
)
@pytest.mark.parametrize("form", FORMS, ids=NAMES)
def test_edges_may_have_any_form(index, form):
    assert edges(index, form) == edges(lambda a: a, lambda a: a)


@pytest.mark.parametrize("solve", [assign, joint_association])
def test_what_is_no_index_is_named(solve):
    sizes = {"row_count": 2, "column_count": 2, "miss_cost": 1.0}
    with pytest.raises(ValueError, match=r"rows has -1, must be 0 to 4294967295"):
        solve(np.array([0, -1]), np.array([0, 1]), [0.5, 0.5], **sizes)
    with pytest.raises(ValueError, match=r"columns has 4294967296, must be 0 to"):
        solve([0, 1], [0, 2**32], [0.5, 0.5], **sizes)
    for wrong in (np.array([0.0, 1.0]), np.zeros((2, 2), np.int64), None):
        with pytest.raises(TypeError, match=r"columns is a .*, must be a one-dimensional array"):
            solve([0, 1], wrong, [0.5, 0.5], **sizes)


def test_what_holds_no_numbers_names_the_argument():
    for wrong in (object(), {"x": 1.0}):
        with pytest.raises(TypeError, match="positions_m"):
            Tracker().step_positions(wrong, COVARIANCE_M2, 0)
    with pytest.raises(TypeError, match="positions_m"):
        Tracker().step_positions(POSITIONS_M[0], COVARIANCE_M2, 0)
