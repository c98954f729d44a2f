"""What crowds, numbers and polar measurements cost: scans of one tracker beside those of another.

The hot path is the step by itself, as `step_us`; 1000 targets far apart and measured by positions
are what all others are compared with. All take turns scan by scan, so each meets the caches as the
others left them: warm, each by itself, steps take a little more than half of that. Absolute times
depend on the machine, their ratios do not: of the goals in DESIGN.md, section 6, that of a crowd is
2.5 times that of the sparse scene.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bench.gate import CLOCK, Gate, percentiles
from bench.scenes import (
    CROWDED,
    DETECTION_PROBABILITY,
    POSITION_STD_M,
    SPARSE,
    Scene,
    make_scene,
    measurement_covariance_m2,
)
from qiki.radar import Coverage, Present, RadarFrame, empty_detections
from qiki.tracking import Tracker, TrackerConfig, TrackStatus

SETTLED = 20
TIMED = 40
RANGE_RATE_STD_M_S = 1.0
AWAY_M = 20_000.0
"""From the radar to the nearest corner of the scene, east and north."""


class Timed:
    """A tracker on the scans of one scene; notes how long each step took."""

    def __init__(self, scene: Scene, step_of: Callable[[Tracker, Scene, int], Any]) -> None:
        self.scene, self.step_of, self.took_s = scene, step_of, list[float]()
        self.tracker = Tracker(
            TrackerConfig(
                clutter_per_frame=scene.clutter_per_scan,
                detection_probability=DETECTION_PROBABILITY,
                max_tracks=100_000,
            )
        )

    def step(self, number: int) -> None:
        """Take in one scan."""
        argument = self.step_of(self.tracker, self.scene, number)
        start_s = CLOCK()
        argument()
        self.took_s.append(CLOCK() - start_s)

    def step_us(self) -> float:
        """Median of the timed steps [µs]."""
        return percentiles(self.took_s[SETTLED:])[0] * 1e6

    def assert_follows(self) -> None:
        """Assert that nearly every target has a confirmed track."""
        live = np.isin(self.tracker.tracks()["status"], [TrackStatus.TRACKED, TrackStatus.COASTING])
        count = self.scene.target_count
        assert 0.95 * count <= np.count_nonzero(live) <= 1.1 * count


def by_positions(tracker: Tracker, scene: Scene, number: int) -> Callable[[], Any]:
    """Give the step of a scan of positions."""
    scan, covariance_m2 = scene.scans[number], measurement_covariance_m2()
    return lambda: tracker.step_positions(
        scan.positions_m, covariance_m2, scan.time_ns, volume_m3=scene.volume_m3
    )


def by_polar(tracker: Tracker, scene: Scene, number: int) -> Callable[[], Any]:
    """Give the step of a frame of the same by range, bearing, elevation and range rate."""
    scan, random = scene.scans[number], np.random.default_rng(number)
    place_m = scan.positions_m + np.array([AWAY_M, AWAY_M, 0.0])
    range_m = np.linalg.norm(place_m, axis=1)
    # Truth moves straight on, so its velocity is that between two scans.
    beside = scene.scans[number + 1 if number == 0 else number - 1]
    velocity_m_s = (scan.truth_m - beside.truth_m) / ((scan.time_ns - beside.time_ns) * 1e-9)
    own_m_s = np.where(scan.origin[:, None] >= 0, velocity_m_s[scan.origin], 0.0)
    detections = empty_detections(len(range_m))
    detections["time_ns"] = scan.time_ns
    detections["range_m"], detections["range_std_m"] = range_m, POSITION_STD_M
    detections["bearing_deg"] = np.degrees(np.arctan2(place_m[:, 0], place_m[:, 1])) % 360.0
    detections["elevation_deg"] = np.degrees(np.arcsin(place_m[:, 2] / range_m))
    angle_std_deg = np.degrees(POSITION_STD_M / range_m)
    detections["bearing_std_deg"] = detections["elevation_std_deg"] = angle_std_deg
    detections["range_rate_m_s"] = (place_m * own_m_s).sum(axis=1) / range_m
    detections["range_rate_m_s"] += random.normal(size=len(range_m)) * RANGE_RATE_STD_M_S
    detections["range_rate_std_m_s"] = RANGE_RATE_STD_M_S
    detections["present"] = Present.RANGE | Present.BEARING | Present.ELEVATION | Present.RANGE_RATE
    furthest_m = float(np.linalg.norm(scene.density.extent_m(scene.target_count) + AWAY_M))
    frame = RadarFrame(
        detections,
        time_ns=scan.time_ns,
        number=number,
        coverage=Coverage(
            min_range_m=AWAY_M,
            max_range_m=furthest_m,
            bearing_extent_deg=90.0,
            min_elevation_deg=-10.0,
            max_elevation_deg=10.0,
        ),
    )
    return lambda: tracker.step(frame)


@pytest.mark.benchmark(group="scan-cost", timer=CLOCK)
def test_cost_of_a_scan(benchmark: Any, gate: Gate) -> None:
    """Time all of them scan by scan in turn."""
    few, many = (20, 40) if benchmark.disabled else (1000, 10_000)
    scans = SETTLED + TIMED
    sparse, large = (make_scene(SPARSE, count, scans) for count in (few, many))
    runs = {
        "plain": Timed(sparse, by_positions),
        "crowded": Timed(make_scene(CROWDED, few, scans), by_positions),
        "polar": Timed(sparse, by_polar),
        "large": Timed(large, by_positions),
        "large_polar": Timed(large, by_polar),
    }
    for number in range(scans - 1):
        for run in runs.values():
            run.step(number)
    benchmark.pedantic(runs["plain"].step, args=(scans - 1,), rounds=1)
    for run in runs.values():
        run.assert_follows()
    if benchmark.disabled:
        return
    us = {name: run.step_us() for name, run in runs.items()}
    gate.check(
        "scan-cost",
        crowded_ratio=us["crowded"] / us["plain"],
        polar_ratio=us["polar"] / us["plain"],
        growth=us["large"] / us["plain"],
        polar_growth=us["large_polar"] / us["polar"],
        **{f"{name}_us": value for name, value in us.items()},
    )
