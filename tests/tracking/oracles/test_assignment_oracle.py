"""`qiki.tracking.assign` finds the least cost: scipy's dense solver is the oracle."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from qiki.errors import SettingError
from qiki.tracking import assign

CASES_PER_KIND = 400
MUST = np.inf
"""Miss cost of a row that must get a column."""


@dataclass
class Graph:
    """A sparse problem; the fields are the arguments of `assign`."""

    rows: npt.NDArray[np.uint32]
    columns: npt.NDArray[np.uint32]
    costs: npt.NDArray[np.float64]
    row_count: int
    column_count: int
    miss_cost: npt.NDArray[np.float64]

    def solve(self) -> npt.NDArray[np.int64]:
        return assign(
            self.rows,
            self.columns,
            self.costs,
            row_count=self.row_count,
            column_count=self.column_count,
            miss_cost=self.miss_cost,
        )

    def dense(self) -> npt.NDArray[np.float64]:
        """Every row and column, then a private miss column for each row; absent edges infinite."""
        matrix = np.full((self.row_count, self.column_count + self.row_count), np.inf)
        np.minimum.at(matrix, (self.rows, self.columns), self.costs)
        misses = np.arange(self.row_count)
        matrix[misses, self.column_count + misses] = self.miss_cost
        return matrix

    def chosen_costs(self, answer) -> npt.NDArray[np.float64]:
        """Costs of an answer; it must be one: real edges, no column twice."""
        assert answer.dtype == np.int64
        assert answer.shape == (self.row_count,)
        assigned = answer[answer >= 0]
        assert len(np.unique(assigned)) == len(assigned), "a column was assigned twice"
        assert answer.min(initial=0) >= -1
        rows = np.arange(self.row_count)
        costs = self.dense()[rows, np.where(answer < 0, self.column_count + rows, answer)]
        assert np.isfinite(costs).all(), "an edge that does not exist was chosen"
        return costs


def best_costs(graph: Graph) -> npt.NDArray[np.float64]:
    matrix = graph.dense()
    return matrix[linear_sum_assignment(matrix)]


def assert_optimal(graph: Graph) -> None:
    """To 1e-12 of the magnitude of what is added up; exactly where every cost is an integer."""
    found, best = graph.chosen_costs(graph.solve()), best_costs(graph)
    total, least = math.fsum(found), math.fsum(best)
    if (graph.costs == np.round(graph.costs)).all() and (best == np.round(best)).all():
        assert total == least
    else:
        assert abs(total - least) <= 1e-12 * np.abs(best).sum()


def graph_of(mask, cost_of_edge, miss_cost) -> Graph:
    rows, columns = np.nonzero(mask)
    row_count, column_count = mask.shape
    return Graph(
        rows.astype(np.uint32),
        columns.astype(np.uint32),
        np.asarray(cost_of_edge(len(rows)), float),
        row_count,
        column_count,
        np.broadcast_to(np.asarray(miss_cost, float), (row_count,)).copy(),
    )


def sizes(random, largest=14):
    return random.integers(1, largest + 1, size=2)


def dense_square(random):
    count = random.integers(1, 15)
    return graph_of(np.ones((count, count), bool), random.random, MUST)


def dense_wide(random):
    rows, more = sizes(random)
    return graph_of(np.ones((rows, rows + more), bool), random.random, MUST)


def dense_tall_with_misses(random):
    columns, more = sizes(random)
    mask = np.ones((columns + more, columns), bool)
    return graph_of(mask, lambda count: random.normal(size=count), 1.0)


def sparse_with_misses(random):
    rows, columns = sizes(random, 30)
    mask = random.random((rows, columns)) < 2.5 / columns
    return graph_of(mask, lambda count: random.normal(size=count) * 5.0, random.normal(size=rows))


def sparse_mixed_misses(random):
    """Some rows must get a column; an own column for each makes that possible."""
    rows, columns = sizes(random)
    mask = np.hstack([random.random((rows, columns)) < 0.3, np.eye(rows, dtype=bool)])
    must = random.random(rows) < 0.5
    return graph_of(mask, random.random, np.where(must, MUST, random.random(rows)))


def sparse_square_without_misses(random):
    """Every column is taken; a column of its own for each row makes that possible."""
    count = random.integers(1, 31)
    mask = random.random((count, count)) < 2.5 / count
    mask[np.arange(count), random.permutation(count)] = True
    return graph_of(mask, lambda edges: random.normal(size=edges), MUST)


def square_without_misses_with_ties(random):
    graph = sparse_square_without_misses(random)
    graph.costs = random.integers(-2, 3, len(graph.costs)).astype(float)
    return graph


def integers_with_ties(random):
    rows, columns = sizes(random)
    mask = random.random((rows, columns)) < 0.6
    return graph_of(
        mask, lambda count: random.integers(-3, 4, count), random.integers(-2, 5, size=rows)
    )


def all_equal(random):
    mask = random.random(sizes(random)) < 0.7
    return graph_of(mask, np.ones, 2.0)


def wide_range_of_magnitudes(random):
    mask = random.random(sizes(random)) < 0.6
    return graph_of(mask, lambda count: 10.0 ** random.uniform(-9, 9, count), 1e4)


def large_integers(random):
    mask = random.random(sizes(random)) < 0.6
    return graph_of(mask, lambda count: random.integers(0, 2**40, count), 2**39)


KINDS = [
    dense_square,
    dense_wide,
    dense_tall_with_misses,
    sparse_with_misses,
    sparse_mixed_misses,
    sparse_square_without_misses,
    square_without_misses_with_ties,
    integers_with_ties,
    all_equal,
    wide_range_of_magnitudes,
    large_integers,
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_cost_is_least_on_random_graphs(kind):
    random = np.random.default_rng(KINDS.index(kind))
    for _ in range(CASES_PER_KIND):
        assert_optimal(kind(random))


def nearest_neighbours(random, count):
    """Rows and columns scattered over a square, each row with an edge to its 5 nearest columns."""
    row_place, column_place = random.random((count, 2)), random.random((count, 2))
    distance, columns = cKDTree(column_place).query(row_place, k=5)
    return columns, distance


def random_edges(random, count):
    """Five random columns for each row: no structure that a solver could lean on."""
    return random.integers(0, count, size=(count, 5)), random.random((count, 5))


@pytest.mark.parametrize("integer", [False, True], ids=["real", "integer"])
@pytest.mark.parametrize("edges", [nearest_neighbours, random_edges])
def test_cost_is_least_on_one_giant_component(edges, integer):
    count = 700
    columns, costs = edges(np.random.default_rng(17), count)
    if integer:
        costs = (costs * 1e4).round()
    rows = np.repeat(np.arange(count), 5).astype(np.uint32)
    miss_cost = np.full(count, np.quantile(costs, 0.9).round(0 if integer else 6))
    columns = columns.ravel().astype(np.uint32)
    assert_optimal(Graph(rows, columns, costs.ravel(), count, count, miss_cost))


@pytest.mark.parametrize("integer", [False, True], ids=["real", "integer"])
def test_cost_is_least_on_one_giant_component_without_misses(integer):
    count, random = 700, np.random.default_rng(19)
    columns, costs = random_edges(random, count)
    columns = np.hstack([columns, random.permutation(count)[:, None]])
    costs = np.hstack([costs, random.random((count, 1))])
    if integer:
        costs = (costs * 100).round()
    rows = np.repeat(np.arange(count), 6).astype(np.uint32)
    columns = columns.ravel().astype(np.uint32)
    assert_optimal(Graph(rows, columns, costs.ravel(), count, count, np.full(count, MUST)))


@pytest.mark.parametrize("integer", [False, True], ids=["real", "integer"])
def test_cost_is_least_on_a_large_dense_matrix(integer):
    random = np.random.default_rng(23)
    draw = (lambda count: random.integers(0, 100, count)) if integer else random.random
    assert_optimal(graph_of(np.ones((200, 200), bool), draw, MUST))


def test_a_row_without_edges_misses():
    mask = np.zeros((4, 3), bool)
    mask[1, 2] = True
    assert graph_of(mask, np.zeros, 1.0).solve().tolist() == [-1, 2, -1, -1]


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 3), (3, 0)])
def test_empty_problems_have_answers(rows, columns):
    answer = graph_of(np.zeros((rows, columns), bool), np.zeros, 1.0).solve()
    assert answer.tolist() == [-1] * rows


def test_one_miss_cost_serves_every_row():
    graph = sparse_with_misses(np.random.default_rng(29))
    graph.miss_cost = np.full(graph.row_count, 0.25)
    as_array = graph.solve()
    graph.miss_cost = 0.25
    np.testing.assert_array_equal(graph.solve(), as_array)


def test_of_two_edges_between_the_same_nodes_the_cheaper_counts():
    pair = np.zeros(2, np.uint32)
    graph = Graph(pair, pair, np.array([5.0, 3.0]), 1, 1, np.array([4.0]))
    assert graph.solve().tolist() == [0]
    graph.miss_cost = np.array([2.0])
    assert graph.solve().tolist() == [-1]


def test_rows_that_must_share_one_column_are_refused():
    graph = graph_of(np.ones((2, 1), bool), np.zeros, MUST)
    with pytest.raises(SettingError, match="without a column"):
        graph.solve()
    with pytest.raises(ValueError, match="infeasible"):
        best_costs(graph)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("costs", np.array([np.nan])),
        ("costs", np.array([np.inf])),
        ("costs", np.array([0.0, 0.0])),
        ("columns", np.array([1], np.uint32)),
        ("rows", np.array([1], np.uint32)),
        ("miss_cost", np.array([np.nan])),
        ("miss_cost", np.array([-np.inf])),
        ("miss_cost", np.array([1.0, 1.0])),
    ],
)
def test_impossible_arguments_are_refused(field, value):
    graph = graph_of(np.ones((1, 1), bool), np.zeros, 1.0)
    setattr(graph, field, value)
    with pytest.raises(ValueError, match=r"\d|nan|inf|NaN"):
        graph.solve()


@st.composite
def integer_graphs(draw):
    row_count, column_count = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    node = st.tuples(st.integers(0, row_count - 1), st.integers(0, column_count - 1))
    edges = draw(st.dictionaries(node, st.integers(-20, 20), max_size=30))
    misses = draw(st.lists(st.integers(-20, 20), min_size=row_count, max_size=row_count))
    pairs = np.array(list(edges), np.uint32).reshape(-1, 2)
    rows, columns = np.ascontiguousarray(pairs.T)
    costs = np.array(list(edges.values()), float)
    return Graph(rows, columns, costs, row_count, column_count, np.array(misses, float))


@given(integer_graphs())
@settings(max_examples=500, deadline=None)
def test_cost_is_least_on_any_graph(graph):
    assert_optimal(graph)


@given(integer_graphs(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_of_the_edges_does_not_change_the_cost(graph, random):
    before = graph.chosen_costs(graph.solve()).sum()
    order = list(range(len(graph.rows)))
    random.shuffle(order)
    graph.rows, graph.columns = graph.rows[order], graph.columns[order]
    graph.costs = graph.costs[order]
    assert graph.chosen_costs(graph.solve()).sum() == before


@given(integer_graphs(), st.integers(-50, 50))
@settings(max_examples=200, deadline=None)
def test_raising_every_choice_of_a_row_raises_the_cost_by_as_much(graph, by):
    before = graph.chosen_costs(graph.solve()).sum()
    graph.costs = np.where(graph.rows == 0, graph.costs + by, graph.costs)
    graph.miss_cost[0] += by
    assert graph.chosen_costs(graph.solve()).sum() == before + by
