"""One scan of position measurements, called from Python: QIKI's tracker against numpy's.

The hot path is `Tracker.step_positions`: predict, gate, assign, update, begin and end tracks; and
reading its result as an array, since numpy's tracker leaves its own in arrays too. Both trackers
have the same filter, gate and life cycle and see the same scans, ten at a time in turn, and all of
it several times over: a machine's mood lasts longer than one run of ours over the scene.
"""

from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bench.gate import CLOCK, Gate, percentiles
from bench.peers.numpy_tracker import NumpyTracker, Settings
from bench.peers.numpy_tracker_tuned import TunedNumpyTracker
from bench.scenes import CROWDED, SPARSE, Scan, Scene, make_scene, measurement_covariance_m2
from qiki.metrics import gospa
from qiki.tracking import Tracker, TrackerConfig, TrackStatus

SETTLED = 20
"""Scans until every target has a confirmed track; not timed."""
TIMED = 60
IN_TURN = 10
"""Scans that one tracker takes in before the other has its turn."""
TRIALS = 5
"""Runs over the scene, each with new trackers; a figure is the median of theirs."""

SCENES = [(SPARSE, 100), (SPARSE, 1000), (CROWDED, 100), (CROWDED, 1000), (SPARSE, 10000)]


@dataclass
class Ours:
    """QIKI's tracker with the settings of a scene; notes how long it took.

    Attributes
    ----------
    step_s, scan_s : list of float
        Per scan: the step by itself, and with its result read.
    """

    tracker: Tracker
    volume_m3: float
    step_s: list[float] = field(default_factory=list)
    scan_s: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, scene: Scene, **settings: Any) -> "Ours":
        """Make the tracker for one scene."""
        config = TrackerConfig(
            clutter_per_frame=scene.clutter_per_scan, max_tracks=100_000, **settings
        )
        return cls(Tracker(config), scene.volume_m3)

    def step(self, scan: Scan, covariance_m2: npt.NDArray[np.float64]) -> Any:
        """Take in one scan and read what it did to the tracks."""
        start_s = CLOCK()
        result = self.tracker.step_positions(
            scan.positions_m, covariance_m2, scan.time_ns, volume_m3=self.volume_m3
        )
        self.step_s.append(CLOCK() - start_s)
        tracks = result.tracks
        self.scan_s.append(CLOCK() - start_s)
        return tracks

    def confirmed_m(self) -> npt.NDArray[np.float64]:
        """Positions of the confirmed tracks."""
        tracks = self.tracker.tracks()
        live = np.isin(tracks["status"], [TrackStatus.TRACKED, TrackStatus.COASTING])
        return np.ascontiguousarray(tracks["position_m"][live])


@dataclass
class Theirs:
    """A numpy tracker with the same settings; notes how long each scan took."""

    tracker: NumpyTracker
    scan_s: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, scene: Scene, kind: type[NumpyTracker] = NumpyTracker) -> "Theirs":
        """Make the tracker for one scene."""
        defaults = TrackerConfig()
        shared = {
            name: getattr(defaults, name)
            for name in Settings.__dataclass_fields__
            if not name.endswith("_density_per_m3")
        }
        settings = Settings(
            clutter_density_per_m3=scene.clutter_per_scan / scene.volume_m3,
            birth_density_per_m3=defaults.births_per_frame / scene.volume_m3,
            **shared,
        )
        return cls(kind(measurement_covariance_m2(), settings))

    def step(self, scan: Scan) -> None:
        """Take in one scan."""
        start_s = CLOCK()
        self.tracker.step(scan.positions_m, scan.time_ns)
        self.scan_s.append(CLOCK() - start_s)

    def confirmed_m(self) -> npt.NDArray[np.float64]:
        """Positions of the confirmed tracks."""
        tracks = self.tracker.tracks
        return tracks.mean[tracks.confirmed, :3]


@pytest.fixture(scope="module", params=SCENES, ids=lambda case: f"{case[0].name}-{case[1]}")
def scene(request: pytest.FixtureRequest) -> Scene:
    """One scene, long enough to settle and be timed."""
    density, target_count = request.param
    return make_scene(density, target_count, SETTLED + TIMED)


@dataclass
class Answers:
    """What both found, scan by scan in turn: each met the caches as the other had left them."""

    gospa_m: float
    peer_gospa_m: float
    cold_p50_us: float
    cold_step_p50_us: float


def compare_answers(scene: Scene) -> Answers:
    """Check that both find the same targets, and measure how well: mean GOSPA once settled."""
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
    return Answers(ours_m, theirs_m, p50_us(ours.scan_s), p50_us(ours.step_s))


def p50_us(durations_s: list[float]) -> float:
    """Median of the timed scans [µs]."""
    return percentiles(durations_s[SETTLED:])[0] * 1e6


class Trial:
    """All trackers on one scene from its begin, in turn."""

    def __init__(self, scene: Scene) -> None:
        self.scans = scene.scans
        self.ours = Ours.of(scene)
        self.peer, self.tuned = Theirs.of(scene), Theirs.of(scene, TunedNumpyTracker)
        for scan in self.scans[:SETTLED]:
            for each in (self.peer, self.tuned):
                each.step(scan)
            self.ours.step(scan, measurement_covariance_m2())

    @property
    def is_over(self) -> bool:
        """Whether ours has taken in every scan."""
        return len(self.ours.scan_s) == len(self.scans)

    def next_scan(self) -> Scan:
        """Give our next scan; before every tenth the others have their turn with as many."""
        number = len(self.ours.scan_s)
        if number == len(self.peer.scan_s):
            for each in (self.peer, self.tuned):
                for scan in self.scans[number : number + IN_TURN]:
                    each.step(scan)
        return self.scans[number]

    def figures(self) -> dict[str, float]:
        """Medians of this trial's timed scans, and their ratios."""
        scan_us, step_us = p50_us(self.ours.scan_s), p50_us(self.ours.step_s)
        peer_us, tuned_us = p50_us(self.peer.scan_s), p50_us(self.tuned.scan_s)
        return {
            "ratio": peer_us / scan_us,
            "step_ratio": peer_us / step_us,
            "tuned_ratio": tuned_us / scan_us,
            "peer_p50_ms": peer_us * 1e-3,
            "tuned_peer_p50_ms": tuned_us * 1e-3,
            "p50_us": scan_us,
            "step_p50_us": step_us,
        }


@pytest.mark.benchmark(group="scan", timer=CLOCK)
def test_scan(scene: Scene, benchmark: Any, gate: Gate) -> None:
    """Time all on the same scans in turn."""
    answers = compare_answers(scene)
    if benchmark.disabled:
        return
    covariance_m2 = measurement_covariance_m2()
    trials = [Trial(scene)]

    def next_scan() -> tuple[tuple[Ours, Scan], dict[str, Any]]:
        """Give our next scan, of a new trial when the last is over."""
        if trials[-1].is_over:
            trials.append(Trial(scene))
        return (trials[-1].ours, trials[-1].next_scan()), {}

    def step(ours: Ours, scan: Scan) -> None:
        """Take in one scan."""
        ours.step(scan, covariance_m2)

    benchmark.pedantic(step, setup=next_scan, rounds=TIMED * TRIALS)
    figures = [trial.figures() for trial in trials]
    gate.check(
        f"scan-{scene.name}",
        **{name: median(each[name] for each in figures) for name in figures[0]},
        gospa_ratio=answers.gospa_m / answers.peer_gospa_m,
        gospa_m=answers.gospa_m,
        cold_p50_us=answers.cold_p50_us,
        cold_step_p50_us=answers.cold_step_p50_us,
        tracks=len(trials[-1].ours.tracker.tracks()),
    )


@pytest.mark.benchmark(group="joint-scan", timer=CLOCK)
def test_joint_association_of_a_crowd(benchmark: Any, gate: Gate) -> None:
    """Time a scan with joint association beside one with nearest neighbours."""
    scene, covariance_m2 = make_scene(CROWDED, 1000, SETTLED + TIMED), measurement_covariance_m2()
    joint, nearest = Ours.of(scene, association="jpda"), Ours.of(scene)

    def next_scan() -> tuple[tuple[Scan, npt.NDArray[np.float64]], dict[str, Any]]:
        """Give the next scan; the other takes it first."""
        scan = scene.scans[len(joint.scan_s)]
        nearest.step(scan, covariance_m2)
        return (scan, covariance_m2), {}

    for _ in range(SETTLED):
        joint.step(*next_scan()[0])
    benchmark.pedantic(joint.step, setup=next_scan, rounds=TIMED)
    found = [
        gospa(scene.scans[len(joint.scan_s) - 1].truth_m, each.confirmed_m()).distance_m
        for each in (joint, nearest)
    ]
    assert found[0] <= 1.05 * found[1]
    if benchmark.disabled:
        return
    gate.check(
        "scan-joint-1000",
        p50_ms=p50_us(joint.scan_s) * 1e-3,
        nearest_p50_ms=p50_us(nearest.scan_s) * 1e-3,
        nearest_ratio=p50_us(joint.scan_s) / p50_us(nearest.scan_s),
    )
