"""How far a set of estimates is from the truth: GOSPA."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching
from scipy.spatial import cKDTree

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Gospa:
    """GOSPA and the parts that it is made of.

    Attributes
    ----------
    distance_m : float
    localisation_m : float
        Part of the assigned pairs.
    missed, false : int
        Targets without an estimate, estimates without a target.
    target, estimate : (k,) int64
        The assigned pairs.
    """

    distance_m: float
    localisation_m: float
    missed: int
    false: int
    target: npt.NDArray[np.int64]
    estimate: npt.NDArray[np.int64]


def gospa(truth_m: Array, estimates_m: Array, *, cutoff_m: float = 100.0, p: float = 2.0) -> Gospa:
    """Generalised optimal sub-pattern assignment metric with alpha = 2.

    Rahmathullah, García-Fernández and Svensson 2017 ("Generalized optimal sub-pattern assignment
    metric", FUSION), eq. 4: the least over all assignments of the sum of the assigned distances
    to the power p and of cᵖ/2 for each missed target and each false estimate, to the power 1/p.

    Parameters
    ----------
    truth_m : (n, d) float64
    estimates_m : (m, d) float64
    cutoff_m : float
        c: a pair farther apart is a miss and a false estimate.
    p : float
        At least 1.

    Returns
    -------
    Gospa
    """
    target, estimate, distance_m = _assigned(truth_m, estimates_m, cutoff_m, p)
    missed, false = len(truth_m) - len(target), len(estimates_m) - len(target)
    localisation = float(np.sum(distance_m**p))
    total = localisation + 0.5 * cutoff_m**p * (missed + false)
    return Gospa(total ** (1 / p), localisation ** (1 / p), missed, false, target, estimate)


def _assigned(
    truth_m: Array, estimates_m: Array, cutoff_m: float, p: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Array]:
    """Optimal pairs closer than the cutoff, and their distances."""
    target_count, estimate_count = len(truth_m), len(estimates_m)
    if target_count == 0 or estimate_count == 0:
        nothing = np.empty(0, np.int64)
        return nothing, nothing, np.empty(0)
    near = cKDTree(truth_m).sparse_distance_matrix(
        cKDTree(estimates_m), cutoff_m, output_type="ndarray"
    )
    # A private column for each target makes the matching full; the solver takes a weight of zero
    # for a missing edge, so all weights are raised by cᵖ, which changes no comparison.
    missing = cutoff_m**p
    rows = np.concatenate([near["i"], np.arange(target_count)])
    columns = np.concatenate([near["j"], estimate_count + np.arange(target_count)])
    weights = np.concatenate([near["v"] ** p, np.full(target_count, missing)]) + missing
    shape = (target_count, estimate_count + target_count)
    graph = coo_array((weights, (rows, columns)), shape=shape).tocsr()
    target, column = min_weight_full_bipartite_matching(graph)
    assigned = column < estimate_count
    target, estimate = target[assigned], column[assigned]
    distance_m = np.linalg.norm(truth_m[target] - estimates_m[estimate], axis=1)
    return target, estimate, distance_m
