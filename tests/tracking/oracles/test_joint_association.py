"""`qiki.tracking.joint_association` sums over joint events: enumeration and closed forms."""

import math
from fractions import Fraction

import numpy as np
import pytest

from qiki.errors import SettingError
from qiki.tracking import joint_association
from tests.tracking.oracles.joint_events import (
    by_enumeration,
    by_subsets,
    competition,
    power_of_two,
)

LN_2 = math.log(2.0)


def exp_of(cost: float) -> Fraction:
    return Fraction(math.exp(-cost))


def assert_exact(problem, expected, rtol=0.0, atol=1e-12):
    found = problem.solve()
    assert (found.wide_clusters, found.approximated, found.dropped_probability) == (0, 0, 0.0)
    np.testing.assert_allclose(problem.matrix(found), expected, rtol=rtol, atol=atol)


def draw(random, shape, density, deviation=3.0):
    mask = random.random(shape) < density
    costs = random.normal(size=shape[0]) * deviation
    return competition(mask, lambda count: random.normal(size=count) * deviation, costs)


@pytest.mark.parametrize("rows", range(5))
@pytest.mark.parametrize("columns", range(5))
def test_every_joint_event_counts(rows, columns):
    random = np.random.default_rng([rows, columns])
    for density in (0.5, 1.0, 1.0):
        problem = draw(random, (rows, columns), density)
        assert_exact(problem, by_enumeration(problem, exp_of).reshape(rows, columns + 1))


@pytest.mark.parametrize("seed", range(30))
def test_sparse_competitions_of_six(seed):
    problem = draw(np.random.default_rng(seed), (6, 6), 0.45)
    assert_exact(problem, by_enumeration(problem, exp_of))


def powers_of_two(random, least, most):
    """Costs of a number of edges, of which the oracle knows the weights exactly."""
    return lambda count: random.integers(least, most + 1, size=count) * LN_2


@pytest.mark.parametrize("shape", [(12, 10), (10, 13), (16, 9), (5, 14), (14, 4)])
@pytest.mark.parametrize("density", [0.2, 0.35])
def test_larger_clusters(shape, density):
    random = np.random.default_rng([*shape, int(density * 100)])
    costs = powers_of_two(random, -6, 6)
    problem = competition(random.random(shape) < density, costs, costs(shape[0]))
    assert problem.solve().largest_rows >= min(shape) - 2
    assert_exact(problem, by_subsets(problem), rtol=1e-10)


def band(row_count, reach):
    """Each row may take the columns around its own place: a long cluster, narrow everywhere."""
    rows, columns = np.indices((row_count, row_count))
    return np.abs(rows - columns) <= reach


@pytest.mark.parametrize("reach", [1, 2])
def test_long_narrow_clusters(reach):
    random = np.random.default_rng(reach)
    problem = competition(band(40, reach), powers_of_two(random, -4, 4), LN_2)
    assert problem.solve().work < 100_000
    assert_exact(problem, by_subsets(problem), rtol=1e-10)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 5), (7, 7), (9, 9), (2, 300), (300, 2)])
def test_of_equal_weights_the_number_of_events_counts(rows, columns):
    def count(rows, columns):
        """Events that give k rows a column: choose both, pair them in k! ways."""
        pairs = range(min(rows, columns) + 1)
        choices = (math.comb(rows, k) * math.comb(columns, k) for k in pairs)
        return sum(math.factorial(k) * each for k, each in enumerate(choices))

    problem = competition(np.ones((rows, columns), bool), np.zeros, 0.0)
    whole = count(rows, columns)
    expected = np.full((rows, columns + 1), count(rows - 1, columns - 1) / whole)
    expected[:, -1] = count(rows - 1, columns) / whole
    assert_exact(problem, expected)


def test_rows_that_must_take_a_column_share_a_permanent():
    """Without misses the sum over events of an all-ones square is its permanent, n!."""
    problem = competition(np.ones((8, 8), bool), np.zeros, 500.0)
    assert_exact(problem, np.hstack([np.full((8, 8), 1 / 8), np.zeros((8, 1))]))


@pytest.mark.parametrize("seed", range(40))
def test_weights_from_1e_minus_300_to_1e300(seed):
    random = np.random.default_rng(seed)
    shape = random.integers(1, 6, size=2)
    mask = random.random(shape) < 0.7
    costs = powers_of_two(random, -996, 996)
    problem = competition(mask, costs, costs(shape[0]))
    # A cost of 690 is known to 1e-13 alone, and so is its weight.
    assert_exact(problem, by_enumeration(problem, power_of_two), atol=1e-12)


def test_a_long_chain_of_weights_beyond_the_range_of_doubles():
    random = np.random.default_rng(3)
    problem = competition(band(30, 1), powers_of_two(random, -400, 100), 300 * LN_2)
    assert_exact(problem, by_subsets(problem), atol=1e-11)


def test_costs_of_a_billion_decide():
    problem = competition(np.ones((2, 2), bool), lambda count: [-1e9, 1e9, -1e9, 0.0], 1e9)
    # Both rows take something: each pairing holds -1e9 for one row; 0 beats 1e9 for the other.
    np.testing.assert_array_equal(
        problem.matrix(problem.solve()), [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    )


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 3), (3, 0)])
def test_empty_competitions_have_answers(rows, columns):
    found = competition(np.zeros((rows, columns), bool), np.zeros, 1.0).solve()
    assert found.edge.shape == (0,)
    assert found.miss.tolist() == [1.0] * rows
    assert found.largest_rows == 0


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("costs", np.array([np.nan]), r"costs\[0\] is NaN, must be at most 1e9"),
        ("costs", np.array([-np.inf]), r"costs\[0\] is -inf, must be at most 1e9"),
        ("costs", np.array([2e9]), r"costs\[0\] is 2000000000, must be at most 1e9"),
        ("columns", np.array([1], np.uint32), r"columns\[0\] is 1, must be below 1"),
        ("rows", np.array([4], np.uint32), r"rows\[0\] is 4, must be below 1"),
        ("miss_cost", np.array([np.inf]), r"miss_cost\[0\] is inf, must be at most 1e9"),
        ("row_count", 10**9, "row_count is 1000000000, must be at most 100000000"),
    ],
)
def test_bad_input_is_refused_by_field_value_and_limit(field, value, told):
    problem = competition(np.ones((1, 1), bool), np.zeros, 1.0)
    with pytest.raises(SettingError, match=told):
        problem.but(**{field: value}).solve()


def test_an_edge_given_twice_is_refused():
    pair = np.array([1, 0, 1], np.uint32)
    with pytest.raises(SettingError, match=r"\(1, 1\) twice, must be given once"):
        joint_association(pair, pair, np.zeros(3), row_count=2, column_count=2, miss_cost=0.0)


def test_lengths_that_differ_and_limits_too_large_are_refused():
    problem = competition(np.ones((1, 1), bool), np.zeros, 1.0)
    with pytest.raises(ValueError, match="1, 1 and 2"):
        problem.but(costs=np.zeros(2)).solve()
    with pytest.raises(ValueError, match="miss_cost has length 2, must be 1"):
        problem.but(miss_cost=np.zeros(2)).solve()
    with pytest.raises(SettingError, match="max_work is 67108865, must be at most 67108864"):
        problem.solve(max_work=2**26 + 1)
