"""Association probabilities from their definition: sums over joint events, in whole numbers."""

import functools
import operator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from qiki.tracking import JointProbabilities, joint_association

Floats = npt.NDArray[np.float64]


@dataclass
class Competition:
    """Rows that compete for columns; the fields are the arguments of `joint_association`."""

    rows: npt.NDArray[np.uint32]
    columns: npt.NDArray[np.uint32]
    costs: Floats
    row_count: int
    column_count: int
    miss_cost: Floats

    def solve(self, **options) -> JointProbabilities:
        return joint_association(**vars(self), **options)

    def but(self, **fields) -> "Competition":
        return replace(self, **fields)

    def matrix(self, probabilities: JointProbabilities) -> Floats:
        """Probabilities as (row_count, column_count + 1), misses last."""
        matrix = np.zeros((self.row_count, self.column_count + 1))
        matrix[self.rows, self.columns] = probabilities.edge
        matrix[:, -1] = probabilities.miss
        return matrix


def competition(mask, cost_of_edge, miss_cost) -> Competition:
    """Edges where `mask` holds; `cost_of_edge` gives the costs of a number of edges."""
    rows, columns = np.nonzero(mask)
    costs = np.asarray(cost_of_edge(len(rows)), float)
    misses = np.broadcast_to(np.asarray(miss_cost, float), (mask.shape[0],)).copy()
    indices = rows.astype(np.uint32), columns.astype(np.uint32)
    return Competition(*indices, costs, *mask.shape, misses)


def power_of_two(cost: float) -> int:
    """exp(-cost), times a power of two that is the same for all: costs are multiples of ln 2."""
    exponent = round(-cost / np.log(2.0))
    assert abs(exponent * np.log(2.0) + cost) <= 1e-12 * abs(cost)
    return 1 << exponent + 1000


def by_enumeration(problem: Competition, weight_of_cost) -> Floats:
    """The matrix of probabilities, by a walk through every joint event."""
    edges = edges_of_rows(problem, weight_of_cost)
    sums = [[0] * (problem.column_count + 1) for _ in range(problem.row_count)]

    def extend(chosen: list[int], weight) -> None:
        row = len(chosen)
        if row == problem.row_count:
            for each, column in enumerate(chosen):
                sums[each][column] += weight
            return
        for column, factor in edges[row]:
            if column == -1 or column not in chosen:
                extend([*chosen, column], weight * factor)

    extend([], 1)
    return np.array([[float(Fraction(each) / sum(row)) for each in row] for row in sums])


def by_subsets(problem: Competition) -> Floats:
    """The same for larger problems, whose costs are multiples of ln 2: row by row over the sets of
    columns that are taken.

    A marginal is the share of the sum over events in which the row has just this choice. Nothing is
    shared with the solver's way: no clusters, no tree, no backward pass, no rounding.
    """
    costliest = np.append(problem.costs, problem.miss_cost).max()
    edges = edges_of_rows(problem, lambda cost: power_of_two(cost - costliest) >> 1000)
    wanted = [sum(1 << column for column, _ in row if column != -1) for row in edges]
    later = [functools.reduce(operator.or_, wanted[row:], 0) for row in range(len(edges) + 1)]

    def whole(fixed_row: int, fixed_column: int) -> int:
        @functools.cache
        def after(row: int, taken: int) -> int:
            if row == problem.row_count:
                return 1
            total = 0
            for column, weight in edges[row]:
                if row == fixed_row and column != fixed_column:
                    continue
                bit = 0 if column == -1 else 1 << column
                if not taken & bit:
                    total += weight * after(row + 1, (taken | bit) & later[row + 1])
            return total

        return after(0, 0)

    matrix = np.zeros((problem.row_count, problem.column_count + 1))
    everything = whole(-1, -1)
    for row, choices in enumerate(edges):
        for column, _ in choices:
            matrix[row, column] = float(Fraction(whole(row, column), everything))
    return matrix


def edges_of_rows(problem: Competition, weight_of_cost) -> list[list[tuple[int, int | Fraction]]]:
    """Column and weight of each choice of each row, the miss as column -1."""
    edges = [[(-1, weight_of_cost(cost))] for cost in problem.miss_cost]
    for row, column, cost in zip(problem.rows, problem.columns, problem.costs, strict=True):
        edges[row].append((int(column), weight_of_cost(cost)))
    return edges
