"""The original's JSON of frames and tracks, as its consumers check it: a model of each message."""

from datetime import UTC, datetime
from enum import IntEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class ObjectType(IntEnum):
    UNSPECIFIED = 0
    DRONE = 1
    SHIP = 2
    STATION = 3
    ASTEROID = 4
    DEBRIS = 5


class FriendFoe(IntEnum):
    UNSPECIFIED = 0
    FRIEND = 1
    FOE = 2
    UNKNOWN = 3


class TransponderMode(IntEnum):
    OFF = 0
    ON = 1
    SILENT = 2
    SPOOF = 3


class RangeBand(IntEnum):
    UNSPECIFIED = 0
    LONG = 1
    SHORT = 2


class TrackStatus(IntEnum):
    UNSPECIFIED = 0
    NEW = 1
    TRACKED = 2
    LOST = 3
    COASTING = 4


def _in_utc(time: datetime) -> datetime:
    if time.utcoffset() != UTC.utcoffset(None):
        raise ValueError("must be in UTC")
    return time


Time = Annotated[datetime, AfterValidator(_in_utc)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Bearing = Annotated[float, Field(ge=0, lt=360)]
Elevation = Annotated[float, Field(ge=-90, le=90)]
UpperTriangle = Annotated[list[Finite], Field(min_length=6, max_length=6)]


class Model(BaseModel):
    """A message of which no key is unknown."""

    model_config = ConfigDict(extra="forbid")


class Plot(Model):
    """What detections and tracks have in common."""

    range_m: NotNegative
    bearing_deg: Bearing
    elev_deg: Elevation
    vr_mps: Finite
    snr_db: NotNegative
    rcs_dbsm: Finite
    transponder_on: bool = False
    transponder_mode: TransponderMode = TransponderMode.OFF
    transponder_id: str | None = None
    range_band: RangeBand = RangeBand.UNSPECIFIED
    id_present: bool | None = None

    @model_validator(mode="after")
    def _names_nobody_in_the_long_range(self) -> Self:
        if self.range_band == RangeBand.LONG:
            for name in ("transponder_id", "id_present"):
                if getattr(self, name):
                    raise ValueError(f"LR band must not carry {name}")
        return self


class Detection(Plot):
    """One detection of a frame."""


class Timed(Model):
    """When it holds; the timestamp counts."""

    schema_version: Literal[1] = 1
    timestamp: Time
    ts_event: Time | None = None
    ts_ingest: Time | None = None

    @model_validator(mode="after")
    def _is_of_its_timestamp(self) -> Self:
        if self.ts_event not in (None, self.timestamp):
            raise ValueError("ts_event must be timestamp")
        return self


class Frame(Timed):
    """What one sensor saw in one scan."""

    frame_id: UUID
    sensor_id: UUID
    detections: list[Detection]


class Vector(Model):
    """Metres, or metres per second."""

    x: Finite
    y: Finite
    z: Finite


class Track(Timed, Plot):
    """One track after a frame."""

    track_id: UUID
    object_type: ObjectType = ObjectType.UNSPECIFIED
    iff: FriendFoe = FriendFoe.UNKNOWN
    quality: Annotated[float, Field(ge=0, le=1)] = 0.0
    status: TrackStatus = TrackStatus.NEW
    position: Vector | None = None
    velocity: Vector | None = None
    position_covariance: UpperTriangle | None = None
    velocity_covariance: UpperTriangle | None = None
    age_s: NotNegative = 0.0
    miss_count: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _has_no_mode_in_the_long_range(self) -> Self:
        if self.range_band == RangeBand.LONG and self.transponder_mode != TransponderMode.OFF:
            raise ValueError("LR band must not carry transponder_mode")
        return self


FRAME_KEYS = [
    "schema_version",
    "frame_id",
    "sensor_id",
    "timestamp",
    "ts_event",
    "ts_ingest",
    "detections",
]
DETECTION_KEYS = [
    "range_m",
    "bearing_deg",
    "elev_deg",
    "vr_mps",
    "snr_db",
    "rcs_dbsm",
    "transponder_on",
    "transponder_mode",
    "transponder_id",
    "range_band",
    "id_present",
]
TRACK_KEYS = [
    "schema_version",
    "track_id",
    "object_type",
    "iff",
    "transponder_on",
    "transponder_mode",
    "transponder_id",
    "quality",
    "status",
    "range_m",
    "bearing_deg",
    "elev_deg",
    "vr_mps",
    "snr_db",
    "rcs_dbsm",
    "position",
    "velocity",
    "position_covariance",
    "velocity_covariance",
    "age_s",
    "miss_count",
    "timestamp",
    "ts_event",
    "ts_ingest",
    "range_band",
    "id_present",
]
