"""Sparse optimal assignment by scipy and by lapx, each in the form that it wants.

Neither knows misses. scipy takes wide problems: each row gets a column of its own for its miss.
lapx takes square ones: besides, each column gets a row of its own, which takes it at no cost while
it is left over, and else the miss of one of the rows that it has an edge with.
"""

import lap
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from bench.assignment_graphs import Array, Graph

Integers = npt.NDArray[np.int64]
Edges = tuple[Integers, Integers, Array]


class Scipy:
    """`scipy.sparse.csgraph.min_weight_full_bipartite_matching`.

    Parameters
    ----------
    graph : Graph
        Prepared here once; not timed.
    """

    def __init__(self, graph: Graph) -> None:
        rows, columns, costs = _with_misses(graph)
        self._column_count = graph.column_count
        shape = graph.row_count, columns.max(initial=graph.column_count - 1) + 1
        # Zeros are no edges to scipy; one more for each row's choice changes none.
        self._matrix = csr_array(coo_array((costs + 1.0, (rows, columns)), shape=shape))

    def match(self) -> Integers:
        """Solve; the column of each row, misses beyond the columns. This is timed."""
        return min_weight_full_bipartite_matching(self._matrix)[1]

    def solve(self) -> Integers:
        """Solve; the column of each row, -1 for a miss."""
        matched = self.match().astype(np.int64)
        return np.where(matched < self._column_count, matched, -1)


class Lapmod:
    """`lap.lapmod`, Jonker and Volgenant's method for sparse problems, of the package lapx.

    Parameters
    ----------
    graph : Graph
        Prepared here once; not timed.
    """

    def __init__(self, graph: Graph) -> None:
        self._rows, self._column_count = graph.row_count, graph.column_count
        rows, columns, costs = _square(graph)
        order = np.lexsort((columns, rows))
        size = (
            graph.row_count if np.isinf(graph.miss_cost) else graph.row_count + graph.column_count
        )
        starts = np.searchsorted(rows[order], np.arange(size + 1))
        self._arguments = (
            size,
            costs[order],
            starts.astype(np.int32),
            columns[order].astype(np.int32),
        )

    def match(self) -> Integers:
        """Solve; the column of each row, misses and additional rows included. This is timed."""
        return lap.lapmod(*self._arguments, return_cost=False)[0]

    def solve(self) -> Integers:
        """Solve; the column of each row, -1 for a miss."""
        matched = self.match()[: self._rows].astype(np.int64)
        return np.where(matched < self._column_count, matched, -1)


def _with_misses(graph: Graph) -> Edges:
    rows, columns = graph.rows.astype(np.int64), graph.columns.astype(np.int64)
    if np.isinf(graph.miss_cost):
        return rows, columns, graph.costs
    own = np.arange(graph.row_count)
    return (
        np.concatenate([rows, own]),
        np.concatenate([columns, graph.column_count + own]),
        np.concatenate([graph.costs, np.full(graph.row_count, graph.miss_cost)]),
    )


def _square(graph: Graph) -> Edges:
    edges = _with_misses(graph)
    if np.isinf(graph.miss_cost):
        return edges
    rows, columns, costs = edges
    spare = np.arange(graph.column_count)
    return (
        np.concatenate([rows, graph.row_count + spare, graph.row_count + graph.columns]),
        np.concatenate([columns, spare, graph.column_count + graph.rows]),
        np.concatenate([costs, np.zeros(len(spare) + len(graph.rows))]),
    )
