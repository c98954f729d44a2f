import datetime

from qiki.wire.generated import common_types_pb2 as _common_types_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ObjectType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OBJECT_TYPE_UNSPECIFIED: _ClassVar[ObjectType]
    DRONE: _ClassVar[ObjectType]
    SHIP: _ClassVar[ObjectType]
    STATION: _ClassVar[ObjectType]
    ASTEROID: _ClassVar[ObjectType]
    DEBRIS: _ClassVar[ObjectType]

class FriendFoe(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FRIEND_FOE_UNSPECIFIED: _ClassVar[FriendFoe]
    FRIEND: _ClassVar[FriendFoe]
    FOE: _ClassVar[FriendFoe]
    UNKNOWN: _ClassVar[FriendFoe]

class RadarRangeBand(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RR_UNSPECIFIED: _ClassVar[RadarRangeBand]
    RR_LR: _ClassVar[RadarRangeBand]
    RR_SR: _ClassVar[RadarRangeBand]

class TransponderMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRANSPONDER_MODE_OFF: _ClassVar[TransponderMode]
    TRANSPONDER_MODE_ON: _ClassVar[TransponderMode]
    TRANSPONDER_MODE_SILENT: _ClassVar[TransponderMode]
    TRANSPONDER_MODE_SPOOF: _ClassVar[TransponderMode]

class RadarTrackStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RADAR_TRACK_STATUS_UNSPECIFIED: _ClassVar[RadarTrackStatus]
    RADAR_TRACK_STATUS_NEW: _ClassVar[RadarTrackStatus]
    RADAR_TRACK_STATUS_TRACKED: _ClassVar[RadarTrackStatus]
    RADAR_TRACK_STATUS_LOST: _ClassVar[RadarTrackStatus]
    RADAR_TRACK_STATUS_COASTING: _ClassVar[RadarTrackStatus]
OBJECT_TYPE_UNSPECIFIED: ObjectType
DRONE: ObjectType
SHIP: ObjectType
STATION: ObjectType
ASTEROID: ObjectType
DEBRIS: ObjectType
FRIEND_FOE_UNSPECIFIED: FriendFoe
FRIEND: FriendFoe
FOE: FriendFoe
UNKNOWN: FriendFoe
RR_UNSPECIFIED: RadarRangeBand
RR_LR: RadarRangeBand
RR_SR: RadarRangeBand
TRANSPONDER_MODE_OFF: TransponderMode
TRANSPONDER_MODE_ON: TransponderMode
TRANSPONDER_MODE_SILENT: TransponderMode
TRANSPONDER_MODE_SPOOF: TransponderMode
RADAR_TRACK_STATUS_UNSPECIFIED: RadarTrackStatus
RADAR_TRACK_STATUS_NEW: RadarTrackStatus
RADAR_TRACK_STATUS_TRACKED: RadarTrackStatus
RADAR_TRACK_STATUS_LOST: RadarTrackStatus
RADAR_TRACK_STATUS_COASTING: RadarTrackStatus

class RadarDetection(_message.Message):
    __slots__ = ("range_m", "bearing_deg", "elev_deg", "vr_mps", "snr_db", "rcs_dbsm", "transponder_on", "transponder_mode", "transponder_id", "range_band", "id_present")
    RANGE_M_FIELD_NUMBER: _ClassVar[int]
    BEARING_DEG_FIELD_NUMBER: _ClassVar[int]
    ELEV_DEG_FIELD_NUMBER: _ClassVar[int]
    VR_MPS_FIELD_NUMBER: _ClassVar[int]
    SNR_DB_FIELD_NUMBER: _ClassVar[int]
    RCS_DBSM_FIELD_NUMBER: _ClassVar[int]
    TRANSPONDER_ON_FIELD_NUMBER: _ClassVar[int]
    TRANSPONDER_MODE_FIELD_NUMBER: _ClassVar[int]
    TRANSPONDER_ID_FIELD_NUMBER: _ClassVar[int]
    RANGE_BAND_FIELD_NUMBER: _ClassVar[int]
    ID_PRESENT_FIELD_NUMBER: _ClassVar[int]
    range_m: float
    bearing_deg: float
    elev_deg: float
    vr_mps: float
    snr_db: float
    rcs_dbsm: float
    transponder_on: bool
    transponder_mode: TransponderMode
    transponder_id: str
    range_band: RadarRangeBand
    id_present: bool
    def __init__(self, range_m: _Optional[float] = ..., bearing_deg: _Optional[float] = ..., elev_deg: _Optional[float] = ..., vr_mps: _Optional[float] = ..., snr_db: _Optional[float] = ..., rcs_dbsm: _Optional[float] = ..., transponder_on: bool = ..., transponder_mode: _Optional[_Union[TransponderMode, str]] = ..., transponder_id: _Optional[str] = ..., range_band: _Optional[_Union[RadarRangeBand, str]] = ..., id_present: bool = ...) -> None: ...

class RadarFrame(_message.Message):
    __slots__ = ("schema_version", "frame_id", "sensor_id", "timestamp", "detections")
    SCHEMA_VERSION_FIELD_NUMBER: _ClassVar[int]
    FRAME_ID_FIELD_NUMBER: _ClassVar[int]
    SENSOR_ID_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    DETECTIONS_FIELD_NUMBER: _ClassVar[int]
    schema_version: int
    frame_id: _common_types_pb2.UUID
    sensor_id: _common_types_pb2.UUID
    timestamp: _timestamp_pb2.Timestamp
    detections: _containers.RepeatedCompositeFieldContainer[RadarDetection]
    def __init__(self, schema_version: _Optional[int] = ..., frame_id: _Optional[_Union[_common_types_pb2.UUID, _Mapping]] = ..., sensor_id: _Optional[_Union[_common_types_pb2.UUID, _Mapping]] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., detections: _Optional[_Iterable[_Union[RadarDetection, _Mapping]]] = ...) -> None: ...

class RadarTrack(_message.Message):
    __slots__ = ("schema_version", "track_id", "object_type", "iff", "transponder_on", "quality", "range_m", "bearing_deg", "elev_deg", "vr_mps", "snr_db", "rcs_dbsm", "timestamp", "transponder_mode", "transponder_id", "status", "position", "velocity", "position_covariance", "velocity_covariance", "age_s", "miss_count", "iff_probability", "identity_refuted_probability", "identity_refuted", "object_type_probability", "identity_contested", "range_band", "id_present")
    SCHEMA_VERSION_FIELD_NUMBER: _ClassVar[int]
    TRACK_ID_FIELD_NUMBER: _ClassVar[int]
    OBJECT_TYPE_FIELD_NUMBER: _ClassVar[int]
    IFF_FIELD_NUMBER: _ClassVar[int]
    TRANSPONDER_ON_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    RANGE_M_FIELD_NUMBER: _ClassVar[int]
    BEARING_DEG_FIELD_NUMBER: _ClassVar[int]
    ELEV_DEG_FIELD_NUMBER: _ClassVar[int]
    VR_MPS_FIELD_NUMBER: _ClassVar[int]
    SNR_DB_FIELD_NUMBER: _ClassVar[int]
    RCS_DBSM_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    TRANSPONDER_MODE_FIELD_NUMBER: _ClassVar[int]
    TRANSPONDER_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    VELOCITY_FIELD_NUMBER: _ClassVar[int]
    POSITION_COVARIANCE_FIELD_NUMBER: _ClassVar[int]
    VELOCITY_COVARIANCE_FIELD_NUMBER: _ClassVar[int]
    AGE_S_FIELD_NUMBER: _ClassVar[int]
    MISS_COUNT_FIELD_NUMBER: _ClassVar[int]
    IFF_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_REFUTED_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_REFUTED_FIELD_NUMBER: _ClassVar[int]
    OBJECT_TYPE_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_CONTESTED_FIELD_NUMBER: _ClassVar[int]
    RANGE_BAND_FIELD_NUMBER: _ClassVar[int]
    ID_PRESENT_FIELD_NUMBER: _ClassVar[int]
    schema_version: int
    track_id: _common_types_pb2.UUID
    object_type: ObjectType
    iff: FriendFoe
    transponder_on: bool
    quality: float
    range_m: float
    bearing_deg: float
    elev_deg: float
    vr_mps: float
    snr_db: float
    rcs_dbsm: float
    timestamp: _timestamp_pb2.Timestamp
    transponder_mode: TransponderMode
    transponder_id: str
    status: RadarTrackStatus
    position: _common_types_pb2.Vector3
    velocity: _common_types_pb2.Vector3
    position_covariance: _containers.RepeatedScalarFieldContainer[float]
    velocity_covariance: _containers.RepeatedScalarFieldContainer[float]
    age_s: float
    miss_count: int
    iff_probability: float
    identity_refuted_probability: float
    identity_refuted: bool
    object_type_probability: float
    identity_contested: bool
    range_band: RadarRangeBand
    id_present: bool
    def __init__(self, schema_version: _Optional[int] = ..., track_id: _Optional[_Union[_common_types_pb2.UUID, _Mapping]] = ..., object_type: _Optional[_Union[ObjectType, str]] = ..., iff: _Optional[_Union[FriendFoe, str]] = ..., transponder_on: bool = ..., quality: _Optional[float] = ..., range_m: _Optional[float] = ..., bearing_deg: _Optional[float] = ..., elev_deg: _Optional[float] = ..., vr_mps: _Optional[float] = ..., snr_db: _Optional[float] = ..., rcs_dbsm: _Optional[float] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., transponder_mode: _Optional[_Union[TransponderMode, str]] = ..., transponder_id: _Optional[str] = ..., status: _Optional[_Union[RadarTrackStatus, str]] = ..., position: _Optional[_Union[_common_types_pb2.Vector3, _Mapping]] = ..., velocity: _Optional[_Union[_common_types_pb2.Vector3, _Mapping]] = ..., position_covariance: _Optional[_Iterable[float]] = ..., velocity_covariance: _Optional[_Iterable[float]] = ..., age_s: _Optional[float] = ..., miss_count: _Optional[int] = ..., iff_probability: _Optional[float] = ..., identity_refuted_probability: _Optional[float] = ..., identity_refuted: bool = ..., object_type_probability: _Optional[float] = ..., identity_contested: bool = ..., range_band: _Optional[_Union[RadarRangeBand, str]] = ..., id_present: bool = ...) -> None: ...
