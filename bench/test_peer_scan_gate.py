"""One scan beside the trackers that others use from Python: norfair and Stone Soup.

The hot path is `Tracker.step_positions` and reading its result. Both sides see the same scans in
one run; a peer needs up to seconds for each, so few of them are timed, after those in which tracks
begin, and beside each ours takes in the whole scene: a machine's mood may change in between.
"""

import importlib.util
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bench.gate import CLOCK, Gate, percentiles
from bench.scenes import (
    CROWDED,
    DETECTION_PROBABILITY,
    SPARSE,
    Density,
    Scan,
    Scene,
    make_scene,
    measurement_covariance_m2,
)
from qiki.metrics import gospa
from qiki.tracking import Tracker, TrackerConfig, TrackStatus

Array = npt.NDArray[np.float64]
Follow = Callable[[Scene], Iterator[Array]]

SETTLED = 12
OURS_TIMED = 60


@dataclass(frozen=True)
class Peer:
    """Another tracker, the scene that it is timed on and how many scans of it."""

    name: str
    association: str
    density: Density
    targets: int
    timed: int
    follow: Follow


def norfair(scene: Scene) -> Iterator[Array]:
    """Follow a scene by norfair."""
    if importlib.util.find_spec("norfair") is None:
        pytest.skip("norfair is not installed: make gates installs it")
    from bench.peers import norfair_tracker  # noqa: PLC0415 - a peer that only `make gates` has

    return norfair_tracker.follow(scan.positions_m for scan in scene.scans)


def stone_soup(association: str) -> Follow:
    """Follow a scene by Stone Soup with a k-d tree."""
    # Heavy, and it warns of the parts that it was installed without.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        from bench.accuracy.crowd import SIDES  # noqa: PLC0415

    ((_, _), (_, theirs)) = SIDES

    def follow(scene: Scene) -> Iterator[Array]:
        for picture in theirs[f"stone_soup_{association}"](scene):
            yield np.array(list(picture.values())).reshape(-1, 3)

    return follow


PEERS = (
    Peer("norfair", "gnn", SPARSE, 1000, 8, norfair),
    Peer("stone-soup-gnn", "gnn", SPARSE, 1000, 4, stone_soup("gnn")),
    Peer("stone-soup-jpda-sparse", "jpda", SPARSE, 100, 8, stone_soup("jpda")),
    Peer("stone-soup-jpda-crowded", "jpda", CROWDED, 100, 8, stone_soup("jpda")),
)


class Ours:
    """QIKI's tracker on a scene; notes how long each scan took, its result read."""

    def __init__(self, scene: Scene, association: str) -> None:
        self.scene, self.covariance_m2 = scene, measurement_covariance_m2()
        self.took_s: list[float] = []
        self.tracker = Tracker(
            TrackerConfig(
                association=association,
                clutter_per_frame=scene.clutter_per_scan,
                detection_probability=DETECTION_PROBABILITY,
            )
        )

    def step(self, scan: Scan) -> Any:
        """Take in one scan and read what it did to the tracks."""
        start_s = CLOCK()
        result = self.tracker.step_positions(
            scan.positions_m, self.covariance_m2, scan.time_ns, volume_m3=self.scene.volume_m3
        )
        tracks = result.tracks
        self.took_s.append(CLOCK() - start_s)
        return tracks

    def confirmed_m(self) -> Array:
        """Positions of the confirmed tracks."""
        tracks = self.tracker.tracks()
        live = np.isin(tracks["status"], [TrackStatus.TRACKED, TrackStatus.COASTING])
        return np.ascontiguousarray(tracks["position_m"][live])


def timed(pictures: Iterable[Array]) -> Iterator[tuple[float, Array]]:
    """Time each picture [s]."""
    rest = iter(pictures)
    while True:
        start_s = CLOCK()
        try:
            picture = next(rest)
        except StopIteration:
            return
        yield CLOCK() - start_s, picture


def whole_scene_p50_s(ours: Ours) -> float:
    """Let ours take in its scene; the median of the scans after those in which tracks begin [s]."""
    for scan in ours.scene.scans:
        ours.step(scan)
    return percentiles(ours.took_s[SETTLED:])[0]


@pytest.mark.benchmark(group="peer-scan", timer=CLOCK)
@pytest.mark.timeout(600)
@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_scan_beside_a_peer(peer: Peer, benchmark: Any, gate: Gate) -> None:
    """Time the peer's last scans, each beside ours."""
    targets = 20 if benchmark.disabled else peer.targets
    scene = make_scene(peer.density, targets, SETTLED + OURS_TIMED)
    last = SETTLED + peer.timed - 1
    theirs = peer.follow(Scene(scene.density, targets, scene.volume_m3, scene.scans[: last + 1]))
    pictures, beside = list[Array](), list[tuple[float, float]]()
    for took_s, picture in timed(theirs):
        pictures.append(picture)
        if len(pictures) > SETTLED:
            beside.append((took_s, whole_scene_p50_s(Ours(scene, peer.association))))
    truth_m, ours = scene.scans[last].truth_m, Ours(scene, peer.association)
    for scan in scene.scans[: last + 1]:
        ours.step(scan)
    # A peer that follows next to nothing would be no peer, and one that follows more no match.
    found, peers = gospa(truth_m, ours.confirmed_m()), gospa(truth_m, pictures[-1])
    assert peers.missed <= 0.25 * targets
    assert found.distance_m <= 1.05 * peers.distance_m
    if benchmark.disabled:
        return
    begun = iter(scene.scans[last + 1 :])
    benchmark.pedantic(
        ours.step, setup=lambda: ((next(begun),), {}), rounds=len(scene.scans) - last - 1
    )
    gate.check(
        f"scan-{peer.name}",
        ratio=median(peer_s / ours_s for peer_s, ours_s in beside),
        peer_p50_ms=median(peer_s for peer_s, _ in beside) * 1e3,
        p50_us=median(ours_s for _, ours_s in beside) * 1e6,
        gospa_ratio=found.distance_m / peers.distance_m,
    )
