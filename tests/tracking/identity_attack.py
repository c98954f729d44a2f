"""A hundred targets before a radar that gives replies to wrong echoes, some of them forged."""

from dataclasses import dataclass, field

import numpy as np

from qiki.radar import Present, Radar, RadarFrame
from qiki.tracking import Tracker, TrackerConfig, TrackStatus
from tests.radar.scenes import scenario, sensor, target

SECONDS = 90
PERIOD_S = 1.0
THRESHOLD_M = 12_000.0
SPOOFERS, SILENT, PASSING, STAYING = 5, 10, 15, 70
"""Spoofers fly in from the long range, passing targets out of it and back."""
FIRST_SPOOFER = STAYING + SILENT + PASSING
GARBLED = 0.05
FIRST_ADDRESS = 0xA00000


@dataclass(frozen=True)
class Scene:
    """Frames with the truth of each detection, and who is who by the number of the target."""

    frames: list[RadarFrame]
    address: list[int | None]
    """Own address; None of the silent. A spoofer has that of its victim."""
    spoofers: set[int]
    early_spoofers: set[int]
    """Those of them that are in the short range from the first frame, as their victims are."""
    passing: set[int]


def make_scene(seed, *, early_spoofers=0):
    """One draw of the scene; so many of the spoofers fly in the short range from the first."""
    rng = np.random.default_rng(seed)
    targets, address = [], []
    for number in range(FIRST_SPOOFER + SPOOFERS):
        kind = _kind(number)
        victim = number - FIRST_SPOOFER
        is_early = 0 <= victim < early_spoofers
        place_m, velocity_m_s = _motion(rng, "staying" if is_early else kind)
        own = FIRST_ADDRESS + (victim if kind == "spoof" else number)
        mode = {"spoof": "spoof", "silent": "silent"}.get(kind, "on")
        transponder = {"mode": mode} | ({} if kind == "silent" else {"address": f"{own:06X}"})
        address.append(None if kind == "silent" else own)
        targets.append(target(f"t{number}", place_m, velocity_m_s, 20.0, transponder=transponder))
    radar = Radar(scenario(targets, [_sensor()], seed=seed))
    spoofers = {n for n in range(len(targets)) if _kind(n) == "spoof"}
    passing = {n for n in range(len(targets)) if _kind(n) == "passing"}
    frames = [_disturbed(rng, radar.frame(number)) for number in range(SECONDS)]
    early = set(range(FIRST_SPOOFER, FIRST_SPOOFER + early_spoofers))
    return Scene(frames, address, spoofers, early, passing)


def _kind(number):
    bounds = np.cumsum([STAYING, SILENT, PASSING, SPOOFERS])
    return ["staying", "silent", "passing", "spoof"][int(np.searchsorted(bounds, number, "right"))]


def _motion(rng, kind):
    """Place and velocity at the begin [m, m/s]."""
    angle = rng.uniform(0.0, 2.0 * np.pi)
    out, across = (
        np.array([np.sin(angle), np.cos(angle)]),
        np.array([np.cos(angle), -np.sin(angle)]),
    )
    height_m = rng.uniform(200.0, 2000.0)
    if kind == "passing":  # a chord whose middle is inside the short range
        flat_m = out * rng.uniform(10_500.0, 11_300.0) - across * 160.0 * SECONDS / 2.0
        flat_m_s = across * 160.0
    elif kind == "spoof":
        flat_m, flat_m_s = out * rng.uniform(14_000.0, 15_000.0), -out * 130.0
    else:
        flat_m, course = out * rng.uniform(2000.0, 9000.0), rng.uniform(0.0, 2.0 * np.pi)
        flat_m_s = 30.0 * np.array([np.sin(course), np.cos(course)])
    return [*map(float, flat_m), height_m], [*map(float, flat_m_s), 0.0]


def _sensor():
    return sensor(
        scan={"staring": {"period_s": PERIOD_S}},
        sr_threshold_m=THRESHOLD_M,
        detection={"false_alarms_per_frame": 5.0},
        interrogator={"reply_probability": 0.95, "identity_swap_probability": 0.2},
    )


def _disturbed(rng, frame):
    """One reply in twenty says another address. Exchanged are those of the nearest pair in a fifth
    of the frames by the simulation, of any near pair in 65 % of them here (`reply_shares`).
    """
    detections = frame.detections.copy()
    heard = np.flatnonzero(detections["present"] & Present.ADDRESS != 0)
    wrong = heard[rng.random(len(heard)) < GARBLED]
    detections["address"][wrong] ^= rng.integers(1, 1 << 24, len(wrong), np.uint32)
    if rng.random() < 0.65:
        one = rng.choice(heard)
        bearing_rad = np.radians(detections["bearing_deg"])
        place_m = detections["range_m"] * np.exp(1j * bearing_rad)
        other = heard[np.argsort(np.abs(place_m[heard] - place_m[one]))[1]]
        detections["address"][[one, other]] = detections["address"][[other, one]]
    same = ("time_ns", "number", "coverage", "sensor_id", "epoch", "truth")
    return RadarFrame(detections, **{name: getattr(frame, name) for name in same})


def reply_shares(scene):
    """Shares of all replies that say an address of no target, and that of another target.

    Counted in the frames as the tracker gets them, whoever garbled or exchanged.
    """
    known = {own for own in scene.address if own is not None}
    replies = garbled = exchanged = 0
    for frame in scene.frames:
        heard = frame.detections["present"] & Present.ADDRESS != 0
        said = frame.detections["address"][heard].tolist()
        for address, number in zip(said, frame.truth[heard].tolist(), strict=True):
            replies += 1
            garbled += address not in known
            exchanged += address in known and address != scene.address[number]
    return garbled / replies, exchanged / replies


@dataclass
class Seen:
    """What the tracks of each target were and said, frame by frame."""

    tracks: dict[int, list[int]] = field(default_factory=dict)
    """Number of the track that had each target's detection, of confirmed tracks."""
    records: dict[int, list[tuple[int, np.void]]] = field(default_factory=dict)
    """Frame and record of the same."""


def follow(scene, association):
    """What an association makes of the scene."""
    tracker, seen = Tracker(_config(association)), Seen()
    for number, frame in enumerate(scene.frames):
        result = tracker.step(frame)
        records = {int(record["number"]): record for record in result.tracks}
        for track, truth in zip(result.detection_track.tolist(), frame.truth.tolist(), strict=True):
            record = records.get(track)
            if truth >= 0 and record is not None and record["status"] == TrackStatus.TRACKED:
                seen.tracks.setdefault(truth, []).append(track)
                seen.records.setdefault(truth, []).append((number, record))
    return seen


def _config(association):
    return TrackerConfig(
        association=association,
        detection_probability=0.95,
        clutter_per_frame=5.0,
        births_per_frame=0.1,
        identity_garble_probability=0.05,
        identity_swap_probability=0.02,
    )
