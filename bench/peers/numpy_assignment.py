"""Optimal assignment of detections to tracks in numpy and scipy, cluster by cluster."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def least_cost(track: Integers, detection: Integers, cost: Array, miss_cost: float) -> Integers:
    """Pairs of the least total cost, each track and each detection in at most one.

    Parameters
    ----------
    track, detection : (k,) int64
        The two sides of each pair.
    cost : (k,) float64
        Cost of each pair, below `miss_cost`.
    miss_cost : float
        Cost of a track without a pair.

    Returns
    -------
    (c,) int64
        Indices of the chosen pairs.
    """
    if len(track) == 0:
        return np.empty(0, np.int64)
    rivals = np.bincount(detection)[detection]
    choices = np.bincount(track)[track]
    alone = (rivals == 1) & (choices == 1)
    chosen = [np.flatnonzero(alone)]
    chosen.extend(_clusters(np.flatnonzero(~alone), track, detection, cost, miss_cost))
    return np.concatenate(chosen)


def _clusters(
    pairs: Integers, track: Integers, detection: Integers, cost: Array, miss_cost: float
) -> list[Integers]:
    """Solve each connected component of the pairs by itself."""
    if len(pairs) == 0:
        return []
    rows, row_of_pair = np.unique(track[pairs], return_inverse=True)
    columns, column_of_pair = np.unique(detection[pairs], return_inverse=True)
    node_count = len(rows) + len(columns)
    graph = coo_array(
        (np.ones(len(pairs), bool), (row_of_pair, column_of_pair + len(rows))),
        shape=(node_count, node_count),
    )
    cluster_count, label = connected_components(graph, directed=False)
    local_row, row_count = _rank_within(label[: len(rows)], cluster_count)
    local_column, column_count = _rank_within(label[len(rows) :], cluster_count)
    label_of_pair = label[row_of_pair]
    order = np.argsort(label_of_pair, kind="stable")
    bounds = np.searchsorted(label_of_pair[order], np.arange(cluster_count + 1))
    local_row_of_pair = local_row[row_of_pair]
    local_column_of_pair = local_column[column_of_pair]
    chosen = []
    for cluster in range(cluster_count):
        members = order[bounds[cluster] : bounds[cluster + 1]]
        row, column = local_row_of_pair[members], local_column_of_pair[members]
        held = _solve(
            row, column, cost[pairs[members]] - miss_cost, row_count[cluster], column_count[cluster]
        )
        chosen.append(pairs[members[held]])
    return chosen


def _rank_within(label: Integers, cluster_count: int) -> tuple[Integers, Integers]:
    """Rank of each node among those of its cluster, and the size of each cluster."""
    size = np.bincount(label, minlength=cluster_count)
    order = np.argsort(label, kind="stable")
    start = np.cumsum(size) - size
    rank = np.empty(len(label), np.int64)
    rank[order] = np.arange(len(label)) - start[label[order]]
    return rank, size


def _solve(row: Integers, column: Integers, gain: Array, rows: int, columns: int) -> Integers:
    """Chosen pairs of one cluster; a column of zeros for each row stands for missing."""
    matrix = np.zeros((rows, columns + rows))
    matrix[row, column] = gain
    solved_row, solved_column = linear_sum_assignment(matrix)
    column_of_row = np.empty(rows, np.int64)
    column_of_row[solved_row] = solved_column
    return np.flatnonzero(column_of_row[row] == column)
