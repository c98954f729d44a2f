"""GOSPA: cases with a closed form, scipy's solvers, and bad input."""

from time import perf_counter

import numpy as np
import pytest

from qiki.errors import CapacityError, SettingError
from qiki.metrics import gospa, ospa
from tests.metrics.set_oracle import dense_gospa, sparse_gospa

NOBODY = np.empty((0, 3))
CUTOFF_M = 100.0


def on_a_line(*x_m):
    return np.array([[x, 0.0, 0.0] for x in x_m]).reshape(-1, 3)


def test_nothing_and_nothing_is_zero():
    assert gospa(NOBODY, NOBODY).distance_m == 0.0


def test_equal_sets_in_another_order_are_zero():
    truth_m = on_a_line(0.0, 30.0, 500.0)
    found = gospa(truth_m, truth_m[[2, 0, 1]])
    assert (found.distance_m, found.missed, found.false) == (0.0, 0, 0)
    assert dict(zip(found.target, found.estimate, strict=True)) == {0: 1, 1: 2, 2: 0}


@pytest.mark.parametrize("p", [1.0, 2.0, 3.5])
@pytest.mark.parametrize(("missed", "false"), [(1, 0), (0, 1), (4, 0), (0, 3)])
def test_each_miss_and_each_false_estimate_costs_half_the_cutoff(missed, false, p):
    found = gospa(on_a_line(*range(missed)), on_a_line(*range(false)), p=p)
    assert found.distance_m == pytest.approx((0.5 * (missed + false)) ** (1 / p) * CUTOFF_M)
    assert (found.missed, found.false) == (missed, false)
    assert found.missed_m == pytest.approx((0.5 * missed) ** (1 / p) * CUTOFF_M)
    assert found.false_m == pytest.approx((0.5 * false) ** (1 / p) * CUTOFF_M)


def test_a_pair_costs_its_distance_below_the_cutoff_and_the_cutoff_above():
    near = gospa(on_a_line(0.0), on_a_line(60.0))
    assert near.missed == 0
    assert (near.distance_m, near.localisation_m) == pytest.approx((60.0, 60.0))
    for x_m in (100.0, 160.0):
        far = gospa(on_a_line(0.0), on_a_line(x_m))
        assert (far.distance_m, far.missed, far.false) == (CUTOFF_M, 1, 1)


def test_the_optimum_beats_the_nearest_neighbour():
    # Nearest first pairs 40 with 45 and leaves 0 without: cost² 25 + 100². Optimal: 40² and 45².
    found = gospa(on_a_line(0.0, 40.0), on_a_line(45.0, -90.0))
    assert found.distance_m == pytest.approx(np.hypot(90.0, 5.0))
    found = gospa(on_a_line(0.0, 40.0), on_a_line(40.0, 85.0))
    assert found.distance_m == pytest.approx(np.hypot(40.0, 45.0))


@pytest.mark.parametrize("dimensions", [1, 2, 3, 6])
@pytest.mark.parametrize(("p", "alpha"), [(1.0, 2.0), (2.0, 2.0), (2.0, 1.0), (3.0, 0.3)])
def test_it_agrees_with_the_dense_assignment(p, alpha, dimensions):
    random = np.random.default_rng(3)
    for _ in range(100):
        counts = random.integers(1, 12, size=2)
        truth_m, estimates_m = (random.random((n, dimensions)) * 300.0 for n in counts)
        expected = dense_gospa(truth_m, estimates_m, cutoff_m=CUTOFF_M, p=p, alpha=alpha)
        found = gospa(truth_m, estimates_m, cutoff_m=CUTOFF_M, p=p, alpha=alpha)
        assert found.distance_m == pytest.approx(expected, rel=1e-12)
        parts_m = (found.localisation_m, found.missed_m, found.false_m)
        if alpha == 2.0:
            assert sum(part**p for part in parts_m) == pytest.approx(found.distance_m**p)
        else:
            assert np.isnan(parts_m[1:]).all()


@pytest.mark.parametrize("spacing_m", [500.0, 30.0])
def test_ten_thousand_targets_agree_with_the_sparse_assignment_and_are_quick(spacing_m):
    random = np.random.default_rng(4)
    side_m = spacing_m * 100.0
    truth_m = random.random((10_000, 3)) * [side_m, side_m, 100.0]
    seen = random.random(10_000) < 0.9
    estimates_m = truth_m[seen] + random.normal(size=(seen.sum(), 3)) * 20.0
    clutter_m = random.random((1000, 3)) * [side_m, side_m, 100.0]
    estimates_m = random.permutation(np.concatenate([estimates_m, clutter_m]))
    start_s = perf_counter()
    found = gospa(truth_m, estimates_m)
    taken_s = perf_counter() - start_s
    expected_m, target, estimate = sparse_gospa(truth_m, estimates_m, cutoff_m=CUTOFF_M, p=2.0)
    theirs_s = perf_counter() - start_s - taken_s
    assert found.distance_m == pytest.approx(expected_m, rel=1e-12)
    np.testing.assert_array_equal(found.target, target)
    np.testing.assert_array_equal(found.estimate, estimate)
    assert taken_s < theirs_s


def test_any_layout_of_an_array_is_read():
    truth_m = np.arange(24.0).reshape(4, 6)
    columns = truth_m[:, ::2]
    assert gospa(columns, columns.copy()).distance_m == 0.0
    assert gospa(columns.astype(np.float32), columns.tolist()).distance_m == 0.0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e13])
def test_a_coordinate_that_is_no_place_is_named(bad):
    truth_m = on_a_line(1.0, 2.0)
    truth_m[1, 2] = bad
    with pytest.raises(SettingError, match=r"truth_m\[1, 2\] is .*, must be finite"):
        gospa(truth_m, NOBODY)
    with pytest.raises(SettingError, match=r"estimates_m\[1, 2\]"):
        gospa(NOBODY, truth_m)


@pytest.mark.parametrize(
    ("name", "bad"),
    [("cutoff_m", b) for b in (0.0, -1.0, np.nan, np.inf)]
    + [("p", b) for b in (0.5, np.nan, np.inf)]
    + [("alpha", b) for b in (0.0, -1.0, 2.5, np.nan)],
)
def test_an_argument_outside_its_limits_is_named(name, bad):
    with pytest.raises(SettingError, match=rf"^{name} is .*, must be "):
        gospa(NOBODY, NOBODY, **{name: bad})


def test_an_empty_list_is_a_set_of_nobody():
    somebody = np.zeros((3, 2))
    for metric in (gospa, ospa):
        assert metric([], somebody).distance_m == metric(np.empty((0, 2)), somebody).distance_m
        assert metric(somebody, []).distance_m == metric(somebody, np.empty((0, 2))).distance_m
        assert metric([], []).distance_m == 0.0
    assert gospa([], somebody).false == gospa(somebody, []).missed == 3


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(SettingError, match="estimates_m is points of 2 columns, must be 3 columns"):
        gospa(NOBODY, np.zeros((1, 2)))
    with pytest.raises(ValueError, match=r"truth_m has shape \[3\], must be \(n, d\)"):
        gospa(np.zeros(3), NOBODY)
    with pytest.raises(SettingError, match="at least one column"):
        gospa(np.empty((0, 0)), np.empty((0, 0)))


def test_a_cutoff_that_makes_a_dense_problem_of_a_large_one_is_refused():
    truth_m = np.zeros((4000, 2))
    with pytest.raises(CapacityError, match="choose a smaller cutoff"):
        gospa(truth_m, truth_m)
