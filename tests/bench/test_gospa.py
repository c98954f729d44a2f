"""GOSPA: cases with a closed form, and a dense oracle."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from bench.metrics import gospa

NOBODY = np.empty((0, 3))
CUTOFF_M = 100.0


def on_a_line(*x_m):
    return np.array([[x, 0.0, 0.0] for x in x_m])


def test_nothing_and_nothing_is_zero():
    assert gospa(NOBODY, NOBODY).distance_m == 0.0


def test_equal_sets_in_another_order_are_zero():
    truth_m = on_a_line(0.0, 30.0, 500.0)
    found = gospa(truth_m, truth_m[[2, 0, 1]])
    assert (found.distance_m, found.missed, found.false) == (0.0, 0, 0)
    assert dict(zip(found.target, found.estimate, strict=True)) == {0: 1, 1: 2, 2: 0}


@pytest.mark.parametrize("p", [1.0, 2.0])
@pytest.mark.parametrize(("missed", "false"), [(1, 0), (0, 1), (4, 0), (0, 3)])
def test_each_miss_and_each_false_estimate_costs_half_the_cutoff(missed, false, p):
    truth_m, estimates_m = on_a_line(*range(missed)), on_a_line(*range(false))
    found = gospa(truth_m.reshape(-1, 3), estimates_m.reshape(-1, 3), p=p)
    assert found.distance_m == pytest.approx((0.5 * (missed + false)) ** (1 / p) * CUTOFF_M)
    assert (found.missed, found.false) == (missed, false)


def test_a_pair_costs_its_distance_below_the_cutoff_and_the_cutoff_above():
    near = gospa(on_a_line(0.0), on_a_line(60.0))
    assert (near.distance_m, near.localisation_m, near.missed) == (60.0, 60.0, 0)
    far = gospa(on_a_line(0.0), on_a_line(160.0))
    assert (far.distance_m, far.missed, far.false) == (CUTOFF_M, 1, 1)


def test_the_optimum_beats_the_nearest_neighbour():
    # Nearest first pairs 40 with 45 and leaves 0 without: cost² 25 + 100². Optimal: 40² and 45².
    found = gospa(on_a_line(0.0, 40.0), on_a_line(45.0, -90.0), cutoff_m=100.0)
    assert found.distance_m == pytest.approx(np.hypot(90.0, 5.0))
    found = gospa(on_a_line(0.0, 40.0), on_a_line(40.0, 85.0))
    assert found.distance_m == pytest.approx(np.hypot(40.0, 45.0))


def test_it_agrees_with_the_dense_assignment():
    random = np.random.default_rng(3)
    for _ in range(200):
        truth_m = random.random((random.integers(1, 12), 3)) * 300.0
        estimates_m = random.random((random.integers(1, 12), 3)) * 300.0
        distance_m = np.linalg.norm(truth_m[:, None] - estimates_m[None], axis=2)
        cut = np.minimum(distance_m, CUTOFF_M) ** 2
        assigned = cut[linear_sum_assignment(cut)].sum()
        expected = np.sqrt(assigned + 0.5 * CUTOFF_M**2 * abs(len(truth_m) - len(estimates_m)))
        assert gospa(truth_m, estimates_m).distance_m == pytest.approx(expected, rel=1e-12)
