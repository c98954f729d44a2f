"""Random scenes of targets and what radars measure of them, drawn by Hypothesis."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from qiki.radar import Coverage, Present, RadarFrame, empty_detections
from qiki.tracking import ConstantAcceleration, ConstantVelocity, CoordinatedTurn, TrackerConfig

PERIOD_NS = 500_000_000
SENSORS = tuple(f"00000000-0000-4000-8000-00000000000{k}" for k in (1, 2))
BANKS = {
    "one filter": (),
    "constant velocities": (
        ConstantVelocity(process_noise_m2_s3=1.0, initial_probability=0.8),
        ConstantVelocity(process_noise_m2_s3=300.0, initial_probability=0.2),
    ),
    "constant acceleration": (ConstantAcceleration(),),
    "unequal models": (
        ConstantVelocity(process_noise_m2_s3=1.0, initial_probability=0.6),
        ConstantAcceleration(initial_probability=0.2),
        CoordinatedTurn(initial_probability=0.2),
    ),
}

configs = st.builds(
    lambda association, models: TrackerConfig(association=association, motion_models=models),
    st.sampled_from(["gnn", "jpda"]),
    st.sampled_from(list(BANKS.values())),
)


@dataclass(frozen=True)
class Plots:
    """Where one scan sees something: east, north, up [m], and who replies with which address."""

    time_ns: int
    places_m: np.ndarray
    addresses: np.ndarray


@dataclass(frozen=True)
class Placement:
    """Where a scene is put: turned clockwise about the vertical, then moved."""

    turn_deg: float = 0.0
    shift_m: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def turned(self, vectors):
        """Vectors (..., 3) after the turn."""
        angle = np.radians(self.turn_deg)
        c, s = np.cos(angle), np.sin(angle)
        return vectors @ np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]]).T


STILL = Placement()


def plots_of(seed, scans, targets=6, clutter=3):
    """Scans of targets that are well apart or meet, each detected with 0.85, among clutter."""
    rng = np.random.default_rng(seed)
    start_m = rng.uniform([-8000, -8000, 300], [8000, 8000, 3000], (targets, 3))
    start_m[1] = start_m[0] + rng.uniform(-150.0, 150.0, 3)  # two compete for detections
    velocity_m_s = rng.uniform([-80, -80, -3], [80, 80, 3], (targets, 3))
    addresses = np.where(np.arange(targets) % 2, 0, 0x100 + np.arange(targets))
    found = []
    for scan in range(scans):
        places_m = start_m + velocity_m_s * scan * PERIOD_NS * 1e-9
        places_m = places_m + rng.normal(0.0, 15.0, places_m.shape)
        seen = rng.uniform(size=targets) < 0.85
        false_m = rng.uniform([-9000, -9000, 200], [9000, 9000, 4000], (clutter, 3))
        who = np.concatenate([addresses[seen], np.zeros(clutter, int)])
        found.append(Plots(scan * PERIOD_NS, np.concatenate([places_m[seen], false_m]), who))
    return found


def frame_of(plots, *, sensor=0, at_m=(-400.0, 700.0, 20.0), placed=STILL, sensors=SENSORS):
    """What a radar at a place measures of the plots, all of it put elsewhere."""
    detections = empty_detections(len(plots.places_m))
    away_m = plots.places_m - at_m
    ground_m = np.hypot(away_m[:, 0], away_m[:, 1])
    detections["time_ns"] = plots.time_ns
    detections["range_m"] = np.hypot(ground_m, away_m[:, 2])
    bearing_deg = np.degrees(np.arctan2(away_m[:, 0], away_m[:, 1])) + placed.turn_deg
    detections["bearing_deg"] = bearing_deg % 360.0
    detections["elevation_deg"] = np.degrees(np.arctan2(away_m[:, 2], ground_m))
    detections["range_std_m"] = 15.0
    detections["bearing_std_deg"] = detections["elevation_std_deg"] = 0.15
    detections["present"] = Present.RANGE | Present.BEARING | Present.ELEVATION
    replies = plots.addresses > 0
    detections["address"] = plots.addresses
    detections["transponder_mode"], detections["range_band"] = replies, 2
    detections["present"][replies] |= np.uint32(Present.ADDRESS | Present.TRANSPONDER_REPLY)
    return RadarFrame(
        detections,
        time_ns=plots.time_ns,
        number=plots.time_ns // PERIOD_NS,
        sensor_id=sensors[sensor],
        coverage=Coverage(max_range_m=50_000.0),
        sensor_position_m=tuple(placed.turned(np.array(at_m)) + placed.shift_m),
    )
