"""Bodies of known types, what a radar sees of them, and a second writing of their probabilities."""

import numpy as np
from scipy import stats

from qiki.radar import Present, RadarFrame, RangeBand, empty_detections
from qiki.tracking import ObjectType, ObjectTypeConfig

PERIOD_NS = 1_000_000_000
TABLE = tuple(
    ObjectTypeConfig(
        object_type=name,
        prior_probability=prior,
        rcs_dbsm=rcs_dbsm,
        rcs_std_db=std_db,
        speed_m_s=speed_m_s,
        transponder_probability=transponder,
    )
    for name, prior, rcs_dbsm, std_db, speed_m_s, transponder in [
        ("drone", 0.35, 2.0, 4.0, (10.0, 120.0), 0.7),
        ("ship", 0.3, 12.0, 6.0, (0.0, 40.0), 0.5),
        ("debris", 0.3, 0.0, 5.0, (0.0, 60.0), 0.05),
    ]
)
FLUCTUATION_DB, CORRELATION_S = 5.6, 3.0
NUMBER_OF = {row.object_type: ObjectType[row.object_type.upper()] for row in TABLE}


def frame(number, places_m, *, rcs_dbsm=None, replies=None, names=None, rng=None):
    """Detections at (east, north) [m]; a reply (True), silence (False) or a long range (None).

    With a generator, the measurements have the errors that they state.
    """
    detections = empty_detections(len(places_m))
    east_m, north_m = np.asarray(places_m, float).T
    detections["time_ns"] = number * PERIOD_NS
    error = np.zeros((3, len(places_m))) if rng is None else rng.normal(size=(3, len(places_m)))
    bearing_deg = np.degrees(np.arctan2(east_m, north_m)) + 0.01 * error[1]
    detections["range_m"], detections["range_std_m"] = np.hypot(east_m, north_m) + 5 * error[0], 5.0
    detections["bearing_deg"], detections["bearing_std_deg"] = bearing_deg % 360.0, 0.01
    detections["elevation_deg"], detections["elevation_std_deg"] = 0.01 * error[2], 0.01
    present = np.full(len(places_m), Present.RANGE | Present.BEARING | Present.ELEVATION)
    detections["range_band"] = RangeBand.LONG
    if rcs_dbsm is not None:
        detections["rcs_dbsm"] = rcs_dbsm
        present |= Present.RCS
    if replies is not None:
        detections["range_band"] = RangeBand.SHORT
        detections["mode_3a"] = np.where(replies, 0o1200, 0)  # that it replies and not who
        present |= np.where(replies, Present.MODE_3A | Present.TRANSPONDER_REPLY, 0)
    if names is not None:
        detections["range_band"] = RangeBand.SHORT
        detections["transponder_id"] = names
        present |= Present.TRANSPONDER_ID | Present.TRANSPONDER_REPLY
    detections["present"] = present
    return RadarFrame(detections, time_ns=number * PERIOD_NS, number=number)


def rcs_likelihood(row, times_s, looks_dbsm, fluctuation_db, correlation_s):
    """Density of all looks at once: one normal distribution of as many dimensions."""
    apart_s = np.abs(np.subtract.outer(times_s, times_s))
    covariance = fluctuation_db**2 * np.exp(-apart_s / correlation_s) + row.rcs_std_db**2
    mean = np.full(len(times_s), row.rcs_dbsm)
    return stats.multivariate_normal(mean, covariance).pdf(looks_dbsm)


def speed_density(row, speed_m_s, variance_m2_s2):
    """Numerical convolution of the interval with the error of its ends and of the speed."""
    low, high = row.speed_m_s
    std = np.sqrt(variance_m2_s2 + (0.05 * (high - low)) ** 2)
    true = np.linspace(low, high, 20_001)
    seen = stats.norm.pdf(speed_m_s, true, std) + stats.norm.pdf(-speed_m_s, true, std)
    return np.trapezoid(seen, true) / (high - low)


def answers(probability, lead):
    """Odds of 9 for each reply more than silence, 3 at most; of those that carry one."""
    return probability * 9.0 ** np.clip(lead, -3, 3) + 1.0 - probability


def posterior(
    table, speed, times_s=(), looks_dbsm=(), lead=0, process=(FLUCTUATION_DB, CORRELATION_S)
):
    """Probability of each type of the table, and of none, by brute force."""
    looked = len(times_s) > 0
    weights = [
        row.prior_probability
        * (rcs_likelihood(row, times_s, looks_dbsm, *process) if looked else 1.0)
        * speed_density(row, *speed)
        * answers(row.transponder_probability, lead)
        for row in table
    ]
    left = 1.0 - sum(row.prior_probability for row in table)
    # The factor that the types share: the density of the looks about their own best mean.
    others = _others(times_s, looks_dbsm, *process) if looked else 1.0
    weights.append(left * others * 1e-3 * answers(0.5, lead))
    return np.array(weights) / np.sum(weights)


def _others(times_s, looks_dbsm, fluctuation_db, correlation_s):
    """Looks at a body whose mean is Cauchy distributed, as if that were flat over their error."""
    apart_s = np.abs(np.subtract.outer(times_s, times_s))
    covariance = fluctuation_db**2 * np.exp(-apart_s / correlation_s)
    ones = np.ones(len(times_s))
    information = ones @ np.linalg.solve(covariance, ones)
    mean = ones @ np.linalg.solve(covariance, looks_dbsm) / information
    best = stats.multivariate_normal(mean * ones, covariance).pdf(looks_dbsm)
    return best * np.sqrt(2.0 * np.pi / information) * stats.cauchy.pdf(mean, 0.0, 20.0)
