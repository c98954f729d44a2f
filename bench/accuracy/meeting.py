"""Four targets that meet at one point, one of which ends there (`tests/tracking/meeting_scene.py`).

A scene of the literature on multi-target filters: after the meeting nothing tells which target is
which, and whoever reports four where three are left pays for it. One step a second, positions in
the plane, 1 m standard deviation, ten false alarms a step in 300 m x 300 m.
"""

from collections.abc import Iterable
from functools import partial

import numpy as np

from bench.accuracy.case import Case, Follow, Picture, Scans, gospa_m, sides
from bench.accuracy.ours import follow_positions
from bench.peers import stone_soup
from qiki.tracking import TrackerConfig
from tests.tracking.meeting_scene import (
    AREA_M2,
    CLUTTER_PER_STEP,
    CUTOFF_M,
    DENSITY_M2_S3,
    DETECTION_PROBABILITY,
    NOISE_M2,
    four_meeting,
)

SEEDS = 100
MEAN_LIFETIME_S = 100.0
"""Each target survives a step with 0.99."""
SPEED_STD_M_S = 1.0
BIRTHS_PER_STEP = 0.1
"""Between the three of the first step and the 0.005 of each later one; a constant setting."""


def _ours(scans: Scans, association: str) -> Iterable[Picture]:
    config = TrackerConfig(
        association=association,
        process_noise_m2_s3=DENSITY_M2_S3,
        initial_speed_std_m_s=SPEED_STD_M_S,
        detection_probability=DETECTION_PROBABILITY,
        births_per_frame=BIRTHS_PER_STEP,
        clutter_per_frame=CLUTTER_PER_STEP,
        mean_lifetime_s=MEAN_LIFETIME_S,
    )
    return follow_positions(scans, NOISE_M2, config, area_m2=AREA_M2)


def _stone_soup(scans: Scans, association: str) -> Iterable[Picture]:
    settings = stone_soup.Settings(
        stone_soup.positions_in(2, NOISE_M2),
        clutter_density=CLUTTER_PER_STEP / AREA_M2,
        association=association,
        process_noise_m2_s3=DENSITY_M2_S3,
        detection_probability=DETECTION_PROBABILITY,
        speed_std_m_s=(SPEED_STD_M_S, SPEED_STD_M_S),
        # Those with its least GOSPA of what was tried on draws that are none of the seeds.
        confirm_detections=3,
        delete_misses=3,
        candidate_misses=1,
    )
    return stone_soup.follow(scans, settings)


SIDES = sides(_ours, _stone_soup)


def run(trackers: dict[str, Follow], seed: int) -> dict[str, float]:
    """Mean squared GOSPA of each tracker over the steps; its root over all seeds is the figure.

    Parameters
    ----------
    trackers : dict
    seed : int

    Returns
    -------
    dict of str to float
    """
    steps = list(four_meeting(seed))
    scans = [(step * 10**9, measured_m) for step, (_, measured_m) in enumerate(steps)]
    truths_m = [truth_m for truth_m, _ in steps]
    return {
        f"{name}_m2": float(np.mean(gospa_m(truths_m, follow(scans), cutoff_m=CUTOFF_M)[:, 0] ** 2))
        for name, follow in trackers.items()
    }


CASES = tuple(Case("meeting" + ending, SEEDS, partial(run, trackers)) for ending, trackers in SIDES)
