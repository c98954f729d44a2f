"""Radar frames as protobuf row messages in Python: what a service does that has no columns.

One message per detection is built from the records of a frame and serialised; parsed, it becomes
records again. The message class and the record's dtype are the caller's.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Records = npt.NDArray[np.void]

RANGE, BEARING, ELEVATION, RANGE_RATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3
SNR, RCS = 1 << 5, 1 << 6
TRANSPONDER_ID, TRANSPONDER_REPLY = 1 << 9, 1 << 10

# Rows carry these; the rest of the record stays absent.
CARRIED = np.dtype(
    [
        ("range_m", "f8"),
        ("bearing_deg", "f8"),
        ("elevation_deg", "f8"),
        ("range_rate_m_s", "f8"),
        ("snr_db", "f4"),
        ("rcs_dbsm", "f4"),
        ("present", "u4"),
        ("range_band", "u1"),
        ("transponder_mode", "u1"),
        ("transponder_id", "S32"),
    ]
)


def build(
    message_class: Any, frame_id: str, sensor_id: str, time_ns: int, records: Records
) -> bytes:
    """Build a frame message and serialise it.

    Assignments to a row that was just added are faster than keyword arguments, and columns as
    lists are faster than records one by one.
    """
    message = message_class(schema_version=1)
    message.frame_id.value, message.sensor_id.value = frame_id, sensor_id
    message.timestamp.seconds, message.timestamp.nanos = divmod(time_ns, 10**9)
    add = message.detections.add
    columns = (records[name].tolist() for name in CARRIED.names or ())
    for values in zip(*columns, strict=True):
        range_m, bearing, elevation, rate, snr, rcs, present, band, mode, identity = values
        row = add()
        if present & RANGE:
            row.range_m = range_m
        if present & BEARING:
            row.bearing_deg = bearing
        if present & ELEVATION:
            row.elev_deg = elevation
        if present & RANGE_RATE:
            row.vr_mps = rate
        if present & SNR:
            row.snr_db = snr
        if present & RCS:
            row.rcs_dbsm = rcs
        if present & TRANSPONDER_REPLY:
            row.transponder_on = True
        if mode:
            row.transponder_mode = mode
        if identity:
            row.transponder_id = identity.decode()
        if band:
            row.range_band = band
            row.id_present = bool(identity)
    return bytes(message.SerializeToString())


def parse(message_class: Any, payload: bytes, dtype: np.dtype[np.void]) -> Records:
    """Parse a frame message to records; what rows do not carry is NaN or zero.

    One pass over the rows: the library makes a Python object of a row each time it is reached.
    """
    message = message_class.FromString(payload)
    rows = [_values(row) for row in message.detections]
    carried = np.array(rows, CARRIED)
    records = np.zeros(len(rows), dtype)
    for name, (kind, *_) in (dtype.fields or {}).items():
        if kind.kind == "f":
            records[name] = np.nan
    records["time_ns"] = message.timestamp.seconds * 10**9 + message.timestamp.nanos
    for name in CARRIED.names or ():
        records[name] = carried[name]
    return records


def _values(row: Any) -> tuple[Any, ...]:
    has = row.HasField
    range_m = bearing = elevation = rate = snr = rcs = np.nan
    present = 0
    if has("range_m"):
        present, range_m = present | RANGE, row.range_m
    if has("bearing_deg"):
        present, bearing = present | BEARING, row.bearing_deg
    if has("elev_deg"):
        present, elevation = present | ELEVATION, row.elev_deg
    if has("vr_mps"):
        present, rate = present | RANGE_RATE, row.vr_mps
    if has("snr_db"):
        present, snr = present | SNR, row.snr_db
    if has("rcs_dbsm"):
        present, rcs = present | RCS, row.rcs_dbsm
    if row.transponder_on:
        present |= TRANSPONDER_REPLY
    identity = row.transponder_id.encode()
    if identity:
        present |= TRANSPONDER_ID
    mode, band = row.transponder_mode, row.range_band
    return range_m, bearing, elevation, rate, snr, rcs, present, band, mode, identity
