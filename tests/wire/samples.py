"""Random frames and tracks for the tests of the wire."""

from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from qiki.radar import Present, RadarFrame, RangeBand, empty_detections
from qiki.tracking import TRACK_DTYPE, TrackPresent

Records = npt.NDArray[np.void]

MEASURED = {
    "range_m": (Present.RANGE, 0.0, 1e6),
    "bearing_deg": (Present.BEARING, 0.0, 359.9),
    "elevation_deg": (Present.ELEVATION, -90.0, 90.0),
    "range_rate_m_s": (Present.RANGE_RATE, -1e3, 1e3),
    "height_m": (Present.HEIGHT, -1e3, 1e4),
}
STD = {
    "range_m": "range_std_m",
    "bearing_deg": "bearing_std_deg",
    "elevation_deg": "elevation_std_deg",
    "range_rate_m_s": "range_rate_std_m_s",
    "height_m": "height_std_m",
}
LEVELS = {"snr_db": Present.SNR, "rcs_dbsm": Present.RCS}
ALL_BITS = (1 << 11) - 1
NO_DETECTION = 2**32 - 1


def detections(random: np.random.Generator, count: int, bits: int = ALL_BITS) -> Records:
    """Draw detections of any band, of which the fields in `bits` may be measured."""
    rows = empty_detections(count)
    rows["time_ns"] = random.integers(-(2**61), 2**61, count)
    rows["range_band"] = random.integers(0, 3, count)
    present = random.integers(0, ALL_BITS + 1, count).astype(np.uint32) & np.uint32(bits)
    is_long = rows["range_band"] == RangeBand.LONG
    present[is_long] &= np.uint32(ALL_BITS & ~Present.IDENTITY)
    rows["present"] = present
    for name, (bit, low, high) in MEASURED.items():
        has = present & bit != 0
        rows[name][has] = random.uniform(low, high, has.sum())
        rows[STD[name]][has] = random.uniform(0.1, 10.0, has.sum())
    for name, bit in LEVELS.items():
        has = present & bit != 0
        rows[name][has] = random.uniform(-30.0, 60.0, has.sum())
    _set_identity(rows, random, Present)
    rows["transponder_mode"][is_long] = 0
    return rows


def frame(
    random: np.random.Generator, count: int, bits: int = ALL_BITS, **header: Any
) -> RadarFrame:
    """Draw a frame of every band."""
    given = {
        "time_ns": int(random.integers(-(2**61), 2**61)),
        "sensor_id": uuid(random),
        "epoch": int(random.integers(0, 2**64, dtype=np.uint64)),
        "number": int(random.integers(0, 2**64, dtype=np.uint64)),
        "coverage": {"max_range_m": 2e6, "bearing_extent_deg": 90.0, "max_elevation_deg": 0.0},
        "sensor_position_m": tuple(random.normal(0.0, 1e4, 3)),
        "sensor_velocity_m_s": (0.0, -0.0, 3.5),
    }
    return RadarFrame(detections(random, count, bits), **(given | header))


def placed_frame(seed: int, count: int, bits: int) -> RadarFrame:
    """Draw a frame all of whose detections have a range."""
    sent = frame(np.random.default_rng(seed), count, bits)
    rows = sent.detections.copy()
    unplaced = rows["present"] & Present.RANGE == 0
    rows["present"][unplaced] |= np.uint32(Present.RANGE)
    rows["range_m"][unplaced], rows["range_std_m"][unplaced] = 0.0, 1.0
    names = ("time_ns", "sensor_id", "epoch", "number")
    return RadarFrame(rows, **{name: getattr(sent, name) for name in names})


def tracks(random: np.random.Generator, count: int) -> Records:
    """Draw tracks of any band and status."""
    rows = np.zeros(count, TRACK_DTYPE)
    rows["track_id"] = [random.bytes(16) for _ in range(count)]
    rows["number"] = random.integers(1, 2**63, count)
    rows["time_ns"] = random.integers(-(2**61), 2**61, count)
    rows["update_time_ns"] = rows["time_ns"] - 7
    for name in ("position_m", "velocity_m_s"):
        rows[name] = random.normal(0.0, 1e4, (count, 3))
    for name in ("position_covariance_m2", "velocity_covariance_m2_s2"):
        rows[name] = random.normal(0.0, 5.0, (count, 6))
        rows[name][:, [0, 3, 5]] = random.uniform(1.0, 100.0, (count, 3))
    rows["range_m"] = random.uniform(0.0, 1e6, count)
    rows["bearing_deg"] = random.uniform(0.0, 359.9, count)
    rows["elevation_deg"] = random.uniform(-90.0, 90.0, count)
    rows["range_rate_m_s"] = random.normal(0.0, 100.0, count)
    rows["age_s"] = random.uniform(0.0, 100.0, count)
    rows["quality"] = random.uniform(0.0, 1.0, count)
    rows["range_band"] = random.integers(0, 3, count)
    rows["present"] = random.integers(0, 64, count)
    is_long = rows["range_band"] == RangeBand.LONG
    rows["present"][is_long] &= np.uint32(TrackPresent.SNR | TrackPresent.RCS)
    for name, bit in (("snr_db", TrackPresent.SNR), ("rcs_dbsm", TrackPresent.RCS)):
        has = rows["present"] & bit != 0
        rows[name] = np.where(has, random.uniform(-30.0, 60.0, count), np.nan)
    _set_identity(rows, random, TrackPresent)
    rows["transponder_mode"][is_long] = 0
    rows["hit_count"] = random.integers(1, 2**32, count)
    rows["miss_count"] = random.integers(0, 4, count)
    rows["detection_index"] = np.where(random.random(count) < 0.5, NO_DETECTION, 3)
    rows["status"] = random.integers(1, 5, count)
    rows["event"] = random.integers(0, 5, count)
    rows["object_type"] = random.integers(0, 6, count)
    rows["friend_foe"] = random.integers(0, 4, count)
    for name in ("friend_foe_probability", "refuted_probability", "object_type_probability"):
        rows[name] = random.uniform(0.0, 1.0, count)
    rows["alarms"] = random.integers(0, 4, count)
    return rows


def uuid(random: np.random.Generator) -> str:
    """Draw a UUID."""
    return str(UUID(bytes=random.bytes(16)))


def same(left: Records, right: Records) -> bool:
    """Whether two arrays of records have the same bytes."""
    return left.dtype == right.dtype and left.tobytes() == right.tobytes()


def _set_identity(rows: Records, random: np.random.Generator, bits: Any) -> None:
    count = len(rows)
    has = {name: rows["present"] & bits[name] != 0 for name in ("ADDRESS", "MODE_3A")}
    rows["address"] = np.where(has["ADDRESS"], random.integers(0, 2**24, count), 0)
    rows["mode_3a"] = np.where(has["MODE_3A"], random.integers(0, 2**12, count), 0)
    rows["transponder_mode"] = random.integers(0, 4, count)
    texts = ["ALLY-3ADF76", "é", "x" * 32]
    for index in np.flatnonzero(rows["present"] & bits.TRANSPONDER_ID):
        rows["transponder_id"][index] = texts[random.integers(3)].encode()
