"""The messages as the Python protobuf library builds them: the outside oracle of the wire."""

from uuid import UUID

import numpy as np
from google.protobuf.timestamp_pb2 import Timestamp

from qiki.radar import Coverage, Present, RadarFrame
from qiki.tracking import TrackPresent
from qiki.wire.generated.radar.v1 import radar_pb2
from qiki.wire.generated.radar.v1.radar_columns_pb2 import RadarFrameColumns, RadarTrackColumns
from tests.wire.samples import LEVELS, MEASURED, NO_DETECTION, STD, Records

COVERAGE = [name for name in dir(Coverage) if name.startswith(("min_", "max_", "bearing_"))]
DETECTION_BYTES = {"range_band": "detection_range_band", "transponder_mode": "transponder_mode"}
TIME_NS = 5_000_000_000
ALWAYS_THERE = (
    *("number", "update_time_ns", "position_m", "velocity_m_s", "position_covariance_m2"),
    *("velocity_covariance_m2_s2", "range_m", "bearing_deg", "elevation_deg", "range_rate_m_s"),
    *("age_s", "quality", "hit_count", "present"),
)
WHERE_PRESENT = {
    "snr_db": TrackPresent.SNR,
    "rcs_dbsm": TrackPresent.RCS,
    "address": TrackPresent.ADDRESS,
    "mode_3a": TrackPresent.MODE_3A,
}
LEFT_OUT_AT = {
    "miss_count": 0,
    "detection_index": NO_DETECTION,
    "friend_foe_probability": 0.0,
    "refuted_probability": 0.0,
    "object_type_probability": 0.0,
}
TRACK_BYTES = ("transponder_mode", "object_type", "friend_foe", "alarms")
# Field of the record, field of the row, bit of the record.
OPTIONAL = (
    ("range_m", "range_m", Present.RANGE),
    ("bearing_deg", "bearing_deg", Present.BEARING),
    ("elevation_deg", "elev_deg", Present.ELEVATION),
    ("range_rate_m_s", "vr_mps", Present.RANGE_RATE),
    ("snr_db", "snr_db", Present.SNR),
    ("rcs_dbsm", "rcs_dbsm", Present.RCS),
)


def frame_columns(sent: RadarFrame) -> RadarFrameColumns:
    """Build a RadarFrameColumns of every column that some row needs."""
    rows = sent.detections
    message = RadarFrameColumns(
        schema_version=1,
        sensor_id=UUID(sent.sensor_id).bytes,
        epoch=sent.epoch,
        number=sent.number,
        time_ns=sent.time_ns,
        range_band=sent.range_band,
        coverage={name: getattr(sent.coverage, name) for name in COVERAGE},
        sensor_position_m=sent.sensor_position_m,
        sensor_velocity_m_s=sent.sensor_velocity_m_s,
        detection_count=len(rows),
        present=rows["present"].tolist(),
    )
    for name, (bit, *_) in MEASURED.items():
        if (rows["present"] & bit).any():
            getattr(message, name).extend(rows[name].tolist())
            getattr(message, STD[name]).extend(rows[STD[name]].tolist())
    for name, bit in [*LEVELS.items(), ("address", Present.ADDRESS), ("mode_3a", Present.MODE_3A)]:
        if (rows["present"] & bit).any():
            getattr(message, name).extend(rows[name].tolist())
    if (rows["time_ns"] != sent.time_ns).any():
        message.detection_time_ns.extend(rows["time_ns"].tolist())
    for name, column in DETECTION_BYTES.items():
        if (rows[name] != (sent.range_band if name == "range_band" else 0)).any():
            setattr(message, column, rows[name].tobytes())
    named = rows[rows["present"] & Present.TRANSPONDER_ID != 0]
    if len(named):
        message.transponder_id = named["transponder_id"].tobytes()
    return message


def track_columns(rows: Records, **header: object) -> RadarTrackColumns:
    """Build a RadarTrackColumns of every column that some row needs."""
    given = {
        "schema_version": 1,
        "tracker_id": bytes(range(16)),
        "tracker_epoch": 2,
        "time_ns": TIME_NS,
        "input": {
            "sensor_id": bytes(16),
            "epoch": 2**64 - 1,
            "number": 0,
            "payload_sha256": bytes(range(32)),
        },
        "verdict": RadarTrackColumns.VERDICT_ACCEPTED,
        "reason": "",
        "track_count": len(rows),
    }
    message = RadarTrackColumns(**(given | header))
    for name in ALWAYS_THERE:
        getattr(message, name).extend(rows[name].reshape(-1).tolist())
    for name, bit in WHERE_PRESENT.items():
        if (rows["present"] & bit).any():
            getattr(message, name).extend(rows[name].tolist())
    for name, usual in LEFT_OUT_AT.items():
        if (rows[name] != usual).any():
            getattr(message, name).extend(rows[name].tolist())
    if (rows["time_ns"] != TIME_NS).any():
        message.track_time_ns.extend(rows["time_ns"].tolist())
    for name in TRACK_BYTES:
        if rows[name].any():
            setattr(message, name, rows[name].tobytes())
    if rows["range_band"].any():
        message.track_range_band = rows["range_band"].tobytes()
    if len(rows):
        message.track_id = rows["track_id"].tobytes()
        message.status, message.event = rows["status"].tobytes(), rows["event"].tobytes()
    named = rows[rows["present"] & TrackPresent.TRANSPONDER_ID != 0]
    if len(named):
        message.transponder_id = named["transponder_id"].tobytes()
    return message


def set_time(timestamp: Timestamp, time_ns: int) -> None:
    """Set a timestamp from nanoseconds."""
    timestamp.seconds, timestamp.nanos = divmod(time_ns, 10**9)


def frame_rows(sent: RadarFrame) -> radar_pb2.RadarFrame:
    """Build a RadarFrame of rows."""
    message = radar_pb2.RadarFrame(schema_version=1)
    message.frame_id.value, message.sensor_id.value = sent.frame_id, sent.sensor_id
    set_time(message.timestamp, sent.time_ns)
    for row in sent.detections:
        detection = message.detections.add(
            transponder_on=bool(row["present"] & Present.TRANSPONDER_REPLY),
            transponder_mode=int(row["transponder_mode"]),
            transponder_id=row["transponder_id"].decode(),
            range_band=int(row["range_band"]),
        )
        for name, field, bit in OPTIONAL:
            if row["present"] & bit:
                setattr(detection, field, float(row[name]))
        if row["range_band"]:
            detection.id_present = bool(row["present"] & Present.TRANSPONDER_ID)
    return message


def track_row(row: np.void) -> radar_pb2.RadarTrack:
    """Build a RadarTrack."""
    message = radar_pb2.RadarTrack(
        schema_version=1,
        object_type=int(row["object_type"]),
        iff=int(row["friend_foe"]),
        transponder_on=bool(row["present"] & TrackPresent.TRANSPONDER_REPLY),
        quality=row["quality"],
        range_m=row["range_m"],
        bearing_deg=row["bearing_deg"],
        elev_deg=row["elevation_deg"],
        vr_mps=row["range_rate_m_s"],
        transponder_mode=int(row["transponder_mode"]),
        transponder_id=row["transponder_id"].decode(),
        status=int(row["status"]),
        position_covariance=row["position_covariance_m2"].tolist(),
        velocity_covariance=row["velocity_covariance_m2_s2"].tolist(),
        age_s=row["age_s"],
        miss_count=int(row["miss_count"]),
        iff_probability=float(row["friend_foe_probability"]),
        identity_refuted_probability=float(row["refuted_probability"]),
        identity_refuted=bool(row["alarms"] & 1),
        object_type_probability=float(row["object_type_probability"]),
        identity_contested=bool(row["alarms"] & 2),
        range_band=int(row["range_band"]),
    )
    message.track_id.value = str(UUID(bytes=row["track_id"].tobytes()))
    set_time(message.timestamp, int(row["time_ns"]))
    for vector, name in ((message.position, "position_m"), (message.velocity, "velocity_m_s")):
        vector.x, vector.y, vector.z = row[name].tolist()
    for name, bit in (("snr_db", TrackPresent.SNR), ("rcs_dbsm", TrackPresent.RCS)):
        if row["present"] & bit:
            setattr(message, name, float(row[name]))
    if row["range_band"]:
        message.id_present = bool(row["present"] & TrackPresent.TRANSPONDER_ID)
    return message
