"""Sparse assignment problems for the solvers: with and without places, with and without misses."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from bench.scenes import CROWDED, POSITION_STD_M, make_scene

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.uint32]

CHOICES = 5
"""Columns that a row may take."""
GATE_SIGMA = 4.0


@dataclass(frozen=True)
class Graph:
    """Rows with their columns.

    Attributes
    ----------
    rows, columns : (k,) uint32
        The edges by row, within a row by column; each pair once.
    costs : (k,) float64
        Cost of each edge, not negative.
    row_count, column_count : int
    miss_cost : float
        Cost of leaving a row without a column; ``inf`` where each must have one, of as many.
    """

    rows: Indices
    columns: Indices
    costs: Array
    row_count: int
    column_count: int
    miss_cost: float

    @classmethod
    def of(cls, pairs: npt.NDArray[np.int64], costs: Array, shape: tuple[int, int], miss: float):
        """Make one of (k, 2) pairs in any order; of equal ones the first counts."""
        pairs, first = np.unique(pairs, axis=0, return_index=True)
        rows, columns = np.ascontiguousarray(pairs.T.astype(np.uint32))
        return cls(rows, columns, costs[first], *shape, miss)

    def cost_of(self, answer: npt.NDArray[np.int64]) -> float:
        """Total cost of the column of each row, -1 for none; it must be an assignment."""
        taken = np.flatnonzero(answer >= 0)
        assert len(np.unique(answer[taken])) == len(taken), "a column was assigned twice"
        keys = self.rows.astype(np.int64) * self.column_count + self.columns
        wanted = taken * self.column_count + answer[taken]
        at = np.searchsorted(keys, wanted)
        assert (keys[at] == wanted).all(), "an edge that does not exist was chosen"
        missed = self.row_count - len(taken)
        return float(self.costs[at].sum()) + (missed * self.miss_cost if missed else 0.0)


def spatial(count: int) -> Graph:
    """Crowded targets and the detections in their gates: half the squared Mahalanobis distance."""
    scan = make_scene(CROWDED, count, 1).scans[0]
    std_m = POSITION_STD_M * np.sqrt(2.0)
    near = cKDTree(scan.truth_m).sparse_distance_matrix(
        cKDTree(scan.positions_m), GATE_SIGMA * std_m, output_type="ndarray"
    )
    pairs = np.stack([near["i"], near["j"]], axis=1)
    costs = 0.5 * (near["v"] / std_m) ** 2
    return Graph.of(pairs, costs, (count, len(scan.positions_m)), 0.5 * GATE_SIGMA**2)


def nearest(count: int) -> Graph:
    """Rows and columns scattered over a square, each row with its nearest columns."""
    random = np.random.default_rng([1, count])
    row_place, column_place = random.random((count, 2)), random.random((count, 2))
    distance, columns = cKDTree(column_place).query(row_place, k=CHOICES)
    return _of_choices(columns, distance)


def random_edges(count: int) -> Graph:
    """Random columns for each row: no structure that a solver could lean on."""
    random = np.random.default_rng([2, count])
    columns = random.integers(0, count, size=(count, CHOICES))
    return _of_choices(columns, random.random((count, CHOICES)))


def without_misses(count: int) -> Graph:
    """The same, but each row must have a column; one of its own makes that possible."""
    random = np.random.default_rng([3, count])
    columns = random.integers(0, count, size=(count, CHOICES))
    columns = np.hstack([columns, random.permutation(count)[:, None]])
    return _of_choices(columns, random.random(columns.shape), miss_cost=np.inf)


def _of_choices(columns: npt.NDArray[np.int64], costs: Array, miss_cost: float | None = None):
    count = len(columns)
    rows = np.repeat(np.arange(count), columns.shape[1])
    pairs = np.stack([rows, columns.ravel()], axis=1)
    if miss_cost is None:
        miss_cost = float(np.quantile(costs, 0.9))
    return Graph.of(pairs, costs.ravel(), (count, count), miss_cost)


KINDS: dict[str, Callable[[int], Graph]] = {
    "spatial": spatial,
    "nearest": nearest,
    "random": random_edges,
    "without-misses": without_misses,
}
