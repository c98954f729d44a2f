"""GOSPA and OSPA over dense matrices and over scipy's sparse solver: oracles of the core's."""

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist


def dense_gospa(truth_m, estimates_m, *, cutoff_m, p, alpha=2.0):
    """Equation 1 of Rahmathullah, García-Fernández, Svensson (2017), word for word."""
    cut = np.minimum(cdist(truth_m, estimates_m), cutoff_m) ** p
    assigned = cut[linear_sum_assignment(cut)].sum()
    more = abs(len(truth_m) - len(estimates_m))
    return (assigned + cutoff_m**p / alpha * more) ** (1 / p)


def dense_ospa(truth_m, estimates_m, *, cutoff_m, p):
    """Equation 3 of Schuhmacher, Vo, Vo (2008): distance, localisation, cardinality."""
    size = max(len(truth_m), len(estimates_m), 1)
    cut = np.minimum(cdist(truth_m, estimates_m), cutoff_m) ** p
    localisation = cut[linear_sum_assignment(cut)].sum() / size
    cardinality = cutoff_m**p * abs(len(truth_m) - len(estimates_m)) / size
    parts = (localisation + cardinality, localisation, cardinality)
    return tuple(part ** (1 / p) for part in parts)


def sparse_gospa(truth_m, estimates_m, *, cutoff_m, p):
    """Equation 4 by a k-d tree and scipy's sparse matching: distance, targets, estimates."""
    near = cKDTree(truth_m).sparse_distance_matrix(
        cKDTree(estimates_m), cutoff_m, output_type="ndarray"
    )
    target_count, estimate_count = len(truth_m), len(estimates_m)
    # A private column for each target makes the matching full; the solver takes a weight of zero
    # for a missing edge, so all weights are raised by cᵖ, which changes no comparison.
    missing = cutoff_m**p
    rows = np.concatenate([near["i"], np.arange(target_count)])
    columns = np.concatenate([near["j"], estimate_count + np.arange(target_count)])
    weights = np.concatenate([near["v"] ** p, np.full(target_count, missing)]) + missing
    shape = (target_count, estimate_count + target_count)
    graph = coo_array((weights, (rows, columns)), shape=shape).tocsr()
    target, column = min_weight_full_bipartite_matching(graph)
    target, estimate = target[column < estimate_count], column[column < estimate_count]
    localisation = np.sum(np.linalg.norm(truth_m[target] - estimates_m[estimate], axis=1) ** p)
    unpaired = target_count + estimate_count - 2 * len(target)
    return (localisation + 0.5 * missing * unpaired) ** (1 / p), target, estimate
