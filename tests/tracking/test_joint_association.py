"""What holds for association probabilities whatever the competition."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracking.oracles.joint_events import Competition

COSTS = st.floats(-700.0, 700.0) | st.integers(-3, 3).map(float)


@st.composite
def competitions(draw, largest=9):
    row_count, column_count = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    node = st.tuples(st.integers(0, row_count - 1), st.integers(0, column_count - 1))
    edges = draw(st.dictionaries(node, COSTS, max_size=24))
    misses = draw(st.lists(COSTS, min_size=row_count, max_size=row_count))
    pairs = np.array(list(edges), np.uint32).reshape(-1, 2)
    rows, columns = np.ascontiguousarray(pairs.T)
    costs = np.array(list(edges.values()), float)
    return Competition(rows, columns, costs, row_count, column_count, np.array(misses, float))


every = given(competitions())
often = settings(max_examples=300, deadline=None)
LIMITS = st.sampled_from([0, 20, 100, 2**17])


@given(competitions(), LIMITS)
@often
def test_the_choices_of_a_row_sum_to_one_and_a_column_is_taken_once(problem, max_work):
    found = problem.solve(max_work=max_work)
    matrix = problem.matrix(found)
    assert ((matrix >= 0.0) & (matrix <= 1.0 + 1e-12)).all()
    np.testing.assert_allclose(matrix.sum(axis=1), 1.0, rtol=0, atol=1e-12)
    if not found.approximated:
        assert (matrix[:, :-1].sum(axis=0) <= 1.0 + 1e-12).all()


@given(competitions(), st.randoms(use_true_random=False))
@often
def test_the_order_of_edges_rows_and_columns_changes_rounding_alone(problem, random):
    before = problem.matrix(problem.solve())
    rows, columns = list(range(problem.row_count)), list(range(problem.column_count))
    edges = list(range(len(problem.rows)))
    for order in (rows, columns, edges):
        random.shuffle(order)
    misses = np.empty(problem.row_count)
    misses[rows] = problem.miss_cost
    moved = problem.but(
        rows=np.array(rows, np.uint32)[problem.rows][edges],
        columns=np.array(columns, np.uint32)[problem.columns][edges],
        costs=problem.costs[edges],
        miss_cost=misses,
    )
    after = moved.matrix(moved.solve())
    np.testing.assert_allclose(after[rows][:, [*columns, -1]], before, rtol=0, atol=1e-12)


@given(competitions(), st.lists(st.floats(-200.0, 200.0), min_size=9, max_size=9))
@often
def test_scaling_all_weights_of_a_row_changes_nothing(problem, shifts):
    shift = np.array(shifts[: problem.row_count])
    scaled = problem.but(
        costs=problem.costs + shift[problem.rows], miss_cost=problem.miss_cost + shift
    )
    # The sums of costs round, by 1e-13 at this size.
    np.testing.assert_allclose(
        scaled.matrix(scaled.solve()), problem.matrix(problem.solve()), rtol=0, atol=1e-11
    )


@every
@often
def test_an_edge_without_weight_changes_nothing(problem):
    rows, columns = np.indices((problem.row_count, problem.column_count), np.uint32)
    there = np.zeros((problem.row_count, problem.column_count), bool)
    there[problem.rows, problem.columns] = True
    more = problem.but(
        rows=np.concatenate([problem.rows, rows[~there]]),
        columns=np.concatenate([problem.columns, columns[~there]]),
        costs=np.concatenate([problem.costs, np.full((~there).sum(), np.inf)]),
    )
    found, expected = more.solve(), problem.solve()
    count = len(problem.rows)
    np.testing.assert_array_equal(found.edge[:count], expected.edge)
    np.testing.assert_array_equal(found.edge[count:], 0.0)
    np.testing.assert_array_equal(found.miss, expected.miss)
    assert (found.clusters, found.work) == (expected.clusters, expected.work)


@given(competitions(), competitions(), LIMITS)
@often
def test_what_shares_no_column_is_independent(one, other, max_work):
    both = Competition(
        np.concatenate([one.rows, other.rows + np.uint32(one.row_count)]),
        np.concatenate([one.columns, other.columns + np.uint32(one.column_count)]),
        np.concatenate([one.costs, other.costs]),
        one.row_count + other.row_count,
        one.column_count + other.column_count,
        np.concatenate([one.miss_cost, other.miss_cost]),
    )
    parts = [one.solve(max_work=max_work), other.solve(max_work=max_work)]
    found = both.solve(max_work=max_work)
    np.testing.assert_array_equal(found.edge, np.concatenate([part.edge for part in parts]))
    np.testing.assert_array_equal(found.miss, np.concatenate([part.miss for part in parts]))
    assert found.clusters == sum(part.clusters for part in parts)
    assert found.approximated == sum(part.approximated for part in parts)
    assert found.dropped_probability == max(part.dropped_probability for part in parts)


@every
@often
def test_one_miss_cost_serves_every_row(problem):
    filled = problem.but(miss_cost=np.full(problem.row_count, 0.25))
    single = problem.but(miss_cost=0.25)
    np.testing.assert_array_equal(single.solve().edge, filled.solve().edge)


def test_results_are_read_only_and_tell_what_they_are():
    edge = np.zeros(1, np.uint32)
    found = Competition(edge, edge, np.zeros(1), 2, 1, np.zeros(2)).solve()
    assert repr(found) == ("<JointProbabilities of 1 edges and 2 rows: 0 clusters, 0 approximated>")
    assert not found.edge.flags.writeable
    assert not found.miss.flags.writeable
    np.testing.assert_array_equal(found.edge, [0.5])
    np.testing.assert_array_equal(found.miss, [0.5, 1.0])
