"""Means, ratios and shares with their 95 % bounds."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import beta, t


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """Mean of independent values and half the width of its two-sided 95 % interval (Student's t).

    Parameters
    ----------
    values : sequence of float
        At least two.

    Returns
    -------
    mean, half_width : float
    """
    sample = np.asarray(values, float)
    error = sample.std(ddof=1) / np.sqrt(len(sample))
    return float(sample.mean()), float(t.ppf(0.975, len(sample) - 1) * error)


def ratio_bound(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """Mean of the ratios of pairs, and its one-sided upper 95 % bound (Student's t).

    Parameters
    ----------
    ours, theirs : sequence of float
        One of each seed; at least two.

    Returns
    -------
    mean, bound : float
    """
    ratios = np.asarray(ours, float) / np.asarray(theirs, float)
    error = ratios.std(ddof=1) / np.sqrt(len(ratios))
    return float(ratios.mean()), float(ratios.mean() + t.ppf(0.95, len(ratios) - 1) * error)


def share_bound(count: float, of: float) -> float:
    """One-sided upper 95 % bound of a share (Clopper and Pearson 1934).

    Parameters
    ----------
    count, of : float
        So many out of so many.

    Returns
    -------
    float
    """
    return 1.0 if count >= of else float(beta.ppf(0.95, count + 1.0, of - count))
