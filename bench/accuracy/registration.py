"""Offset in place and time of one of two sensors, found from the targets that both see.

A hundred targets on mixed headings for ten minutes, 50 m standard deviation, one look a second of
each sensor (`tests/tracking/registration_scene.py`); one reports its targets 1.4 km too far east,
200 m too far south and half a second late.
"""

import numpy as np

from bench.accuracy.case import Case
from tests.tracking import registration_scene
from tests.tracking.registration_scene import Scene, numbers

SEEDS = 20
SCANS = 600
BIAS = np.array([1400.0, -200.0, 0.0, 0.0, 0.5])
PRIOR = {"position_std_m": 1000.0, "range_std_m": 0.0, "bearing_std_deg": 0.0, "time_std_s": 0.5}


def run(seed: int, scans: int = SCANS) -> dict[str, float]:
    """Errors of what is found, and the standard deviations that are told with it.

    Parameters
    ----------
    seed, scans : int

    Returns
    -------
    dict of str to float
    """
    estimator = registration_scene.registration(**PRIOR)
    found = registration_scene.run(estimator, Scene(seed, BIAS), scans)
    error, std = numbers(found.bias) - BIAS, numbers(found.std)
    return {
        "offset_error_m": float(np.hypot(*error[:2])),
        "offset_std_m": float(np.hypot(*std[:2])),
        "time_error_ms": abs(float(error[4])) * 1e3,
        "time_std_ms": float(std[4]) * 1e3,
    }


CASES = (Case("registration", SEEDS, run),)
