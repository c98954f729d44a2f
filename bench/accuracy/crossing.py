"""Whether the tracks of two targets that cross stay with their targets.

200 m/s, one scan a second, standard deviation 30 m on each axis, detection probability 0.95, both
through one point at the same time (`crossing_scene.py`). Each seed is a block of pairs.
"""

from collections.abc import Iterable
from functools import partial

import numpy as np
from scipy.optimize import linear_sum_assignment
from stonesoup.models.measurement.nonlinear import (
    CartesianToElevationBearingRange,
    CartesianToElevationBearingRangeRate,
)
from stonesoup.types.angle import Bearing, Elevation

from bench.accuracy.case import Array, Case, Follow, Picture, sides
from bench.accuracy.crossing_scene import (
    ANGLE_STD_RAD,
    DETECTION_PROBABILITY,
    POINT_M,
    RANGE_RATE_STD_M_S,
    RANGE_STD_M,
    SETTLE_S,
    Crossing,
    crossing,
    frame_of,
)
from bench.accuracy.ours import follow_frames
from bench.peers import stone_soup
from qiki.tracking import TrackerConfig

ANGLES_DEG = (1, 5, 10, 20, 45, 90)
SEEDS = 20
PAIRS = 10
"""Of each seed."""
CLUTTER_PER_SCAN = 0.01
"""There is none; a tracker must expect some."""
VOLUME_M3 = 1e13
RANGE_RATE_SPAN_M_S = 800.0
"""What the false alarms that it expects are spread over."""
SPEED_STD_M_S = 200.0
VERTICAL_SPEED_STD_M_S = 30.0
OWN_M = 200.0
"""A track further from its target than this is none of it."""


def _ours(pair: Crossing, range_rate: bool, association: str) -> Iterable[Picture]:
    config = TrackerConfig(
        association=association,
        detection_probability=DETECTION_PROBABILITY,
        clutter_per_frame=CLUTTER_PER_SCAN,
        births_per_frame=CLUTTER_PER_SCAN,
        initial_speed_std_m_s=SPEED_STD_M_S,
        initial_vertical_speed_std_m_s=VERTICAL_SPEED_STD_M_S,
    )
    frames = (frame_of(polar, k, range_rate=range_rate) for k, polar in enumerate(pair.polar))
    return follow_frames(frames, config)


def _stone_soup(pair: Crossing, range_rate: bool, association: str) -> Iterable[Picture]:
    deviations = [ANGLE_STD_RAD, ANGLE_STD_RAD, RANGE_STD_M]
    plain = {"ndim_state": 6, "mapping": (0, 2, 4)}
    density = CLUTTER_PER_SCAN / VOLUME_M3 * float(np.linalg.norm(POINT_M)) ** 2
    if range_rate:
        density /= RANGE_RATE_SPAN_M_S
        noise = np.diag(np.square([*deviations, RANGE_RATE_STD_M_S]))
        measurement = CartesianToElevationBearingRangeRate(
            **plain, velocity_mapping=(1, 3, 5), noise_covar=noise
        )
    else:
        noise = np.diag(np.square(deviations))
        measurement = CartesianToElevationBearingRange(**plain, noise_covar=noise)
    settings = stone_soup.Settings(
        measurement,
        clutter_density=density,
        association=association,
        detection_probability=DETECTION_PROBABILITY,
        speed_std_m_s=(SPEED_STD_M_S, SPEED_STD_M_S, VERTICAL_SPEED_STD_M_S),
    )
    scans = ((k * 10**9, _as_stone_soup(polar, range_rate)) for k, polar in enumerate(pair.polar))
    return stone_soup.follow(scans, settings)


def _as_stone_soup(polar: Array, range_rate: bool) -> Array:
    """Elevation, bearing counter-clockwise from east, range and perhaps range rate."""
    rows = np.empty((len(polar), 3 + range_rate), dtype=object)
    for row, (range_m, bearing, elevation, rate_m_s) in zip(rows, polar, strict=True):
        values = [Elevation(elevation), Bearing(0.5 * np.pi - bearing), range_m, rate_m_s]
        row[:] = values[: len(row)]
    return rows


SIDES = sides(_ours, _stone_soup)


def outcome(truth_m: Array, pictures: list[Picture]) -> str:
    """Tell what became of a pair's tracks: ``kept``, ``swapped`` or ``lost``.

    Parameters
    ----------
    truth_m : (scans, 2, 3) float64
    pictures : list of dict
        One a scan.

    Returns
    -------
    str
        ``kept`` when the tracks that were the targets' own before they met are so at the end,
        ``swapped`` when each is the other's, ``lost`` otherwise, as when no track was there.
    """
    before = _own(truth_m[SETTLE_S], pictures[SETTLE_S])
    after = _own(truth_m[-1], pictures[-1])
    if None not in before and before == after:
        return "kept"
    return "swapped" if None not in before and before == after[::-1] else "lost"


def _own(truth_m: Array, picture: Picture) -> tuple[object, object]:
    """Name of each target's own track, or None."""
    names = list(picture)
    own: list[object] = [None, None]
    if names:
        places_m = np.array([picture[name] for name in names])
        away_m = np.linalg.norm(truth_m[:, None] - places_m[None], axis=2)
        for target, track in zip(*linear_sum_assignment(away_m), strict=True):
            if away_m[target, track] <= OWN_M:
                own[target] = names[track]
    return own[0], own[1]


def run(
    trackers: dict[str, Follow], angle_deg: float, range_rate: bool, seed: int, pairs: int = PAIRS
) -> dict[str, float]:
    """How many of a block's pairs each tracker swapped and lost.

    Parameters
    ----------
    trackers : dict
    angle_deg : float
    range_rate : bool
        Whether range rates are measured.
    seed, pairs : int

    Returns
    -------
    dict of str to float
    """
    figures = {f"{name}_{what}": 0.0 for name in trackers for what in ("swapped", "lost")}
    for number in range(pairs):
        pair = crossing(angle_deg, seed * PAIRS + number)
        for name, follow in trackers.items():
            found = outcome(pair.truth_m, list(follow(pair, range_rate)))
            if found != "kept":
                figures[f"{name}_{found}"] += 1.0
    return figures


def case_name(angle_deg: float, range_rate: bool) -> str:
    """Give the name of the case."""
    return f"crossing-{angle_deg:g}" + ("-range-rate" if range_rate else "")


CASES = tuple(
    Case(case_name(angle_deg, rate) + ending, SEEDS, partial(run, trackers, angle_deg, rate))
    for ending, trackers in SIDES
    for rate in (False, True)
    for angle_deg in ANGLES_DEG
)
