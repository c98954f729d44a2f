"""The peers of the assignment gate solve its problems, in the forms that they are given."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from bench.assignment_graphs import KINDS, Graph

pytest.importorskip("lap", reason="the peer lapx is not installed")

from bench.peers.sparse_assignment import Lapmod, Scipy


def least_cost(graph: Graph) -> float:
    """By scipy's dense solver: every column, then a miss column of its own for each row."""
    matrix = np.full((graph.row_count, graph.column_count + graph.row_count), np.inf)
    matrix[graph.rows, graph.columns] = graph.costs
    own = np.arange(graph.row_count)
    matrix[own, graph.column_count + own] = graph.miss_cost
    return float(matrix[linear_sum_assignment(matrix)].sum())


@pytest.mark.parametrize("peer", [Scipy, Lapmod])
@pytest.mark.parametrize("kind", KINDS)
def test_they_find_the_least_cost(kind, peer):
    for count in (1, 2, 9, 40, 150):
        graph = KINDS[kind](max(count, 5) if kind == "nearest" else count)
        assert graph.cost_of(peer(graph).solve()) == pytest.approx(least_cost(graph), rel=1e-12)


def test_a_wrong_answer_is_no_assignment():
    graph = KINDS["random"](20)
    with pytest.raises(AssertionError, match="twice"):
        graph.cost_of(np.zeros(20, np.int64))
    answer = np.full(20, -1)
    answer[0] = np.setdiff1d(np.arange(20), graph.columns[graph.rows == 0])[0]
    with pytest.raises(AssertionError, match="does not exist"):
        graph.cost_of(answer)
