"""A hundred targets far apart and close together, with missed detections and false alarms.

The scenes of the speed gates (`bench/scenes.py`): 10 Hz, detection probability 0.9, a false alarm
for every fifth target, 3-D positions with a standard deviation of 20 m; one target per square of
500 m and of 150 m.
"""

from collections.abc import Iterable
from functools import partial

from bench.accuracy.case import Case, Follow, Picture, gospa_m, sides
from bench.accuracy.ours import follow_positions
from bench.peers import stone_soup
from bench.scenes import (
    CROWDED,
    DETECTION_PROBABILITY,
    SPARSE,
    Density,
    Scene,
    make_scene,
    measurement_covariance_m2,
)
from qiki.tracking import TrackerConfig

TARGETS = 100
SCANS = 100
SETTLED = 20
"""Scans until every target has its track; GOSPA is the mean of those after them."""
CUTOFF_M = 100.0
SEEDS = 20

STONE_SOUP_LIFE = {
    "gnn": {"confirm_detections": 5, "delete_misses": 5},
    "jpda": {"confirm_detections": 4, "delete_misses": 4},
}
"""Those with its least GOSPA of what was tried on a crowded draw that is none of the seeds."""


def _ours(scene: Scene, association: str) -> Iterable[Picture]:
    config = TrackerConfig(
        clutter_per_frame=scene.clutter_per_scan,
        detection_probability=DETECTION_PROBABILITY,
        association=association,
    )
    scans = ((scan.time_ns, scan.positions_m) for scan in scene.scans)
    covariance_m2 = measurement_covariance_m2()
    return follow_positions(scans, covariance_m2, config, volume_m3=scene.volume_m3)


def _stone_soup(scene: Scene, association: str) -> Iterable[Picture]:
    settings = stone_soup.Settings(
        stone_soup.positions_in(3, measurement_covariance_m2()),
        clutter_density=scene.clutter_per_scan / scene.volume_m3,
        association=association,
        detection_probability=DETECTION_PROBABILITY,
        neighbours_m=150.0,
        **STONE_SOUP_LIFE[association],
    )
    return stone_soup.follow(((scan.time_ns, scan.positions_m) for scan in scene.scans), settings)


SIDES = sides(_ours, _stone_soup)


def run(
    trackers: dict[str, Follow],
    density: Density,
    seed: int,
    targets: int = TARGETS,
    scans: int = SCANS,
) -> dict[str, float]:
    """Mean GOSPA, missed and false tracks of each tracker, once settled and from the first scan.

    Parameters
    ----------
    trackers : dict
    density : Density
    seed, targets, scans : int

    Returns
    -------
    dict of str to float
    """
    scene = make_scene(density, targets, scans, seed)
    figures = {}
    for name, follow in trackers.items():
        rows = gospa_m((s.truth_m for s in scene.scans), follow(scene), cutoff_m=CUTOFF_M)
        figures[f"{name}_from_start_m"] = float(rows[:, 0].mean())
        for what, value in zip(("m", "missed", "false"), rows[SETTLED:].mean(axis=0), strict=True):
            figures[f"{name}_{what}"] = float(value)
    return figures


CASES = tuple(
    Case(each.name + ending, SEEDS, partial(run, trackers, each))
    for ending, trackers in SIDES
    for each in (SPARSE, CROWDED)
)
