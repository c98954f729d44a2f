"""One scan of position measurements, called from Python: QIKI's tracker against numpy's.

The hot path is `Tracker.step_positions`: predict, gate, assign, update, begin and end tracks, and
hand the result to numpy. Both trackers have the same filter, gate and life cycle and see the same
scans in turn, so that each finds the caches as the other left them, as a service does that is
called ten times a second.
"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bench.gate import Gate, percentiles
from bench.metrics import gospa
from bench.peers.numpy_tracker import NumpyTracker, Settings
from bench.scenes import CROWDED, SPARSE, Scan, Scene, make_scene, measurement_covariance_m2
from qiki.tracking import Tracker, TrackerConfig, TrackStatus

SETTLED = 20
"""Scans until every target has a confirmed track; not timed."""
TIMED = 60

SCENES = [(SPARSE, 100), (SPARSE, 1000), (CROWDED, 100), (CROWDED, 1000), (SPARSE, 10000)]


@dataclass
class Ours:
    """QIKI's tracker with the settings of a scene."""

    tracker: Tracker
    volume_m3: float

    @classmethod
    def of(cls, scene: Scene) -> "Ours":
        """Make the tracker for one scene."""
        config = TrackerConfig(clutter_per_frame=scene.clutter_per_scan, max_tracks=100_000)
        return cls(Tracker(config), scene.volume_m3)

    def step(self, scan: Scan, covariance_m2: npt.NDArray[np.float64]) -> Any:
        """Take in one scan."""
        return self.tracker.step_positions(
            scan.positions_m, covariance_m2, scan.time_ns, volume_m3=self.volume_m3
        )

    def confirmed_m(self) -> npt.NDArray[np.float64]:
        """Positions of the confirmed tracks."""
        tracks = self.tracker.tracks()
        live = np.isin(tracks["status"], [TrackStatus.TRACKED, TrackStatus.COASTING])
        return np.ascontiguousarray(tracks["position_m"][live])


@dataclass
class Theirs:
    """The numpy tracker with the same settings."""

    tracker: NumpyTracker

    @classmethod
    def of(cls, scene: Scene) -> "Theirs":
        """Make the tracker for one scene."""
        density = scene.clutter_per_scan / scene.volume_m3
        defaults = TrackerConfig()
        shared = {
            name: getattr(defaults, name)
            for name in Settings.__dataclass_fields__
            if name != "clutter_density_per_m3"
        }
        settings = Settings(clutter_density_per_m3=density, **shared)
        return cls(NumpyTracker(measurement_covariance_m2(), settings))

    def step(self, scan: Scan) -> None:
        """Take in one scan."""
        self.tracker.step(scan.positions_m, scan.time_ns)

    def confirmed_m(self) -> npt.NDArray[np.float64]:
        """Positions of the confirmed tracks."""
        tracks = self.tracker.tracks
        return tracks.mean[tracks.confirmed, :3]


@pytest.fixture(scope="module", params=SCENES, ids=lambda case: f"{case[0].name}-{case[1]}")
def scene(request: pytest.FixtureRequest) -> Scene:
    """One scene, long enough to settle and be timed."""
    density, target_count = request.param
    return make_scene(density, target_count, SETTLED + TIMED)


def mean_gospa_m(scene: Scene) -> tuple[float, float]:
    """Mean GOSPA of both over the timed scans, and proof that they found the same targets."""
    ours, theirs, covariance_m2 = Ours.of(scene), Theirs.of(scene), measurement_covariance_m2()
    distances_m = []
    for number, scan in enumerate(scene.scans):
        ours.step(scan, covariance_m2)
        theirs.step(scan)
        if number < SETTLED or number % 5:
            continue
        ours_found = gospa(scan.truth_m, ours.confirmed_m())
        theirs_found = gospa(scan.truth_m, theirs.confirmed_m())
        if scene.density is SPARSE:
            assert set(ours_found.target) == set(theirs_found.target)
        # A hidden loss of tracks would be speed for nothing.
        assert ours_found.missed <= max(theirs_found.missed, scene.target_count // 100)
        distances_m.append((ours_found.distance_m, theirs_found.distance_m))
    ours_m, theirs_m = np.mean(distances_m, axis=0)
    return float(ours_m), float(theirs_m)


def test_scan(scene: Scene, benchmark: Any, gate: Gate) -> None:
    """Time both on the same scans in turn."""
    ours_m, theirs_m = mean_gospa_m(scene)
    if benchmark.disabled:
        return
    ours, theirs, covariance_m2 = Ours.of(scene), Theirs.of(scene), measurement_covariance_m2()
    for scan in scene.scans[:SETTLED]:
        ours.step(scan, covariance_m2)
        theirs.step(scan)
    timed = iter(scene.scans[SETTLED:])
    peer_s: list[float] = []

    def their_turn() -> tuple[tuple[Scan, npt.NDArray[np.float64]], dict[str, Any]]:
        scan = next(timed)
        start_s = time.perf_counter()
        theirs.step(scan)
        peer_s.append(time.perf_counter() - start_s)
        return (scan, covariance_m2), {}

    benchmark.group = "scan"
    benchmark.pedantic(ours.step, setup=their_turn, rounds=TIMED)
    p50_us, p99_us = gate.p50_p99_us()
    peer_p50_s, _ = percentiles(peer_s)
    gate.check(
        f"scan-{scene.name}",
        ratio=peer_p50_s * 1e6 / p50_us,
        gospa_ratio=ours_m / theirs_m,
        gospa_m=ours_m,
        peer_gospa_m=theirs_m,
        p50_us=p50_us,
        p99_us=p99_us,
        warm_p50_us=warm_p50_us(scene),
        peer_p50_ms=peer_p50_s * 1e3,
        tracks=len(ours.tracker.tracks()),
    )


def warm_p50_us(scene: Scene) -> float:
    """Median of our scans alone, nothing else in the caches: nearest to the core's own time."""
    ours, covariance_m2 = Ours.of(scene), measurement_covariance_m2()
    durations_s = []
    for scan in scene.scans:
        start_s = time.perf_counter()
        ours.step(scan, covariance_m2)
        durations_s.append(time.perf_counter() - start_s)
    return percentiles(durations_s[SETTLED:])[0] * 1e6
