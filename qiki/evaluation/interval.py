"""Means over runs with their confidence intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qiki.metrics import student_t_quantile

CONFIDENCE = 0.95
"""Probability with which an interval holds the mean of infinitely many runs."""

ROUGH_BELOW = 5
"""Runs below which an interval is rough: how they scatter is hardly known."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A mean over runs.

    Attributes
    ----------
    mean : float
        NaN where no run has a value.
    low, high : float
        Limits of the confidence interval, inside of what is possible; NaN with fewer than two
        values.
    runs : int
        Runs that have a value.
    """

    mean: float
    low: float
    high: float
    runs: int

    def to_dict(self) -> dict[str, float | int | None]:
        """Return the fields by name, ready for JSON: None for what is not there."""
        numbers = {"mean": self.mean, "low": self.low, "high": self.high}
        known = {name: None if math.isnan(x) else x for name, x in numbers.items()}
        return {**known, "runs": self.runs}


def confidence_interval(
    values: Sequence[float] | Floats, *, least: float = -math.inf, most: float = math.inf
) -> Interval:
    """Return the mean of one value per run, with its confidence interval.

    Student's t interval: exact for runs that are independent and normally distributed, good for
    means over many frames, rough for fewer than five runs. A NaN is a run without a value and is
    left out.

    Parameters
    ----------
    values : (n,) float
    least, most : float
        What the value may be: the interval is cut there, by which it holds the mean as often.

    Returns
    -------
    Interval
    """
    given = np.asarray(values, np.float64)
    means, half, counts = mean_and_half_width(given[:, np.newaxis])
    low, high = np.clip([means[0] - half[0], means[0] + half[0]], least, most)
    return Interval(float(means[0]), float(low), float(high), int(counts[0]))


def mean_and_half_width(values: Floats) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Return the mean over the runs of each column and half the width of its interval.

    Parameters
    ----------
    values : (runs, n) float64
        NaN where a run has none.

    Returns
    -------
    mean, half_width : (n,) float64
        NaN with no value, and with fewer than two.
    count : (n,) int64
        Values of each column.
    """
    is_known = ~np.isnan(values)
    count = is_known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(is_known, values, 0.0).sum(axis=0) / count
        squares = np.where(is_known, (values - mean) ** 2, 0.0).sum(axis=0)
        error = np.sqrt(squares / (count - 1) / count)
    error[count < 2] = np.nan
    t = np.full(count.shape, np.nan)
    for known in np.unique(count[count > 1]):
        t[count == known] = student_t_quantile(0.5 + 0.5 * CONFIDENCE, int(known) - 1)
    return mean, t * error, count
