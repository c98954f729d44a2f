"""norfair on scans of 3-D positions; `make gates` installs it (requirements/peers.txt).

Its filter moves a step at a time, so that its velocities are metres per scan.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
from norfair import Detection, Tracker
from norfair.filter import FilterPyKalmanFilterFactory

from bench.scenes import PERIOD_NS, POSITION_STD_M, SPEED_STD_M_S

Array = npt.NDArray[np.float64]

DISTANCE_M = 100.0
"""Five standard deviations; what is further away is another target."""
CONFIRM_DETECTIONS = 3
MISSES = 5
SPEED_CHANGE_M2 = 0.01
"""Variance that a velocity in metres per scan gains each scan."""


def follow(scans: Iterable[Array]) -> Iterator[Array]:
    """Track scans of positions.

    Parameters
    ----------
    scans : iterable of (m, 3) float64

    Yields
    ------
    (n, 3) float64
        Positions of the confirmed tracks [m].
    """
    tracker = Tracker(
        distance_function="euclidean",
        distance_threshold=DISTANCE_M,
        initialization_delay=CONFIRM_DETECTIONS,
        hit_counter_max=MISSES,
        filter_factory=FilterPyKalmanFilterFactory(
            R=POSITION_STD_M**2, Q=SPEED_CHANGE_M2, P=(SPEED_STD_M_S * PERIOD_NS * 1e-9) ** 2
        ),
    )
    for positions_m in scans:
        tracked = tracker.update([Detection(position_m[None]) for position_m in positions_m])
        yield np.array([one.estimate[0] for one in tracked]).reshape(-1, 3)
