from qiki.wire.generated.radar.v1 import radar_pb2 as _radar_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RadarCoverage(_message.Message):
    __slots__ = ("min_range_m", "max_range_m", "bearing_start_deg", "bearing_extent_deg", "min_elevation_deg", "max_elevation_deg")
    MIN_RANGE_M_FIELD_NUMBER: _ClassVar[int]
    MAX_RANGE_M_FIELD_NUMBER: _ClassVar[int]
    BEARING_START_DEG_FIELD_NUMBER: _ClassVar[int]
    BEARING_EXTENT_DEG_FIELD_NUMBER: _ClassVar[int]
    MIN_ELEVATION_DEG_FIELD_NUMBER: _ClassVar[int]
    MAX_ELEVATION_DEG_FIELD_NUMBER: _ClassVar[int]
    min_range_m: float
    max_range_m: float
    bearing_start_deg: float
    bearing_extent_deg: float
    min_elevation_deg: float
    max_elevation_deg: float
    def __init__(self, min_range_m: _Optional[float] = ..., max_range_m: _Optional[float] = ..., bearing_start_deg: _Optional[float] = ..., bearing_extent_deg: _Optional[float] = ..., min_elevation_deg: _Optional[float] = ..., max_elevation_deg: _Optional[float] = ...) -> None: ...

class RadarFrameColumns(_message.Message):
    __slots__ = ("schema_version", "sensor_id", "epoch", "number", "time_ns", "range_band", "coverage", "sensor_position_m", "sensor_velocity_m_s", "detection_count", "detection_time_ns", "range_m", "bearing_deg", "elevation_deg", "range_rate_m_s", "height_m", "range_std_m", "bearing_std_deg", "elevation_std_deg", "range_rate_std_m_s", "height_std_m", "snr_db", "rcs_dbsm", "address", "mode_3a", "detection_range_band", "transponder_mode", "transponder_id", "present")
    SCHEMA_VERSION_FIELD_NUMBER: _ClassVar[int]
    SENSOR_ID_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TIME_NS_FIELD_NUMBER: _ClassVar[int]
    RANGE_BAND_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    SENSOR_POSITION_M_FIELD_NUMBER: _ClassVar[int]
    SENSOR_VELOCITY_M_S_FIELD_NUMBER: _ClassVar[int]
    DETECTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    DETECTION_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    RANGE_M_FIELD_NUMBER: _ClassVar[int]
    BEARING_DEG_FIELD_NUMBER: _ClassVar[int]
    ELEVATION_DEG_FIELD_NUMBER: _ClassVar[int]
    RANGE_RATE_M_S_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_M_FIELD_NUMBER: _ClassVar[int]
    RANGE_STD_M_FIELD_NUMBER: _ClassVar[int]
    BEARING_STD_DEG_FIELD_NUMBER: _ClassVar[int]
    ELEVATION_STD_DEG_FIELD_NUMBER: _ClassVar[int]
    RANGE_RATE_STD_M_S_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_STD_M_FIELD_NUMBER: _ClassVar[int]
    SNR_DB_FIELD_NUMBER: _ClassVar[int]
    RCS_DBSM_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    MODE_3A_FIELD_NUMBER: _ClassVar[int]
    DETECTION_RANGE_BAND_FIELD_NUMBER: _ClassVar[int]
    TRANSPONDER_MODE_FIELD_NUMBER: _ClassVar[int]
    TRANSPONDER_ID_FIELD_NUMBER: _ClassVar[int]
    PRESENT_FIELD_NUMBER: _ClassVar[int]
    schema_version: int
    sensor_id: bytes
    epoch: int
    number: int
    time_ns: int
    range_band: _radar_pb2.RadarRangeBand
    coverage: RadarCoverage
    sensor_position_m: _containers.RepeatedScalarFieldContainer[float]
    sensor_velocity_m_s: _containers.RepeatedScalarFieldContainer[float]
    detection_count: int
    detection_time_ns: _containers.RepeatedScalarFieldContainer[int]
    range_m: _containers.RepeatedScalarFieldContainer[float]
    bearing_deg: _containers.RepeatedScalarFieldContainer[float]
    elevation_deg: _containers.RepeatedScalarFieldContainer[float]
    range_rate_m_s: _containers.RepeatedScalarFieldContainer[float]
    height_m: _containers.RepeatedScalarFieldContainer[float]
    range_std_m: _containers.RepeatedScalarFieldContainer[float]
    bearing_std_deg: _containers.RepeatedScalarFieldContainer[float]
    elevation_std_deg: _containers.RepeatedScalarFieldContainer[float]
    range_rate_std_m_s: _containers.RepeatedScalarFieldContainer[float]
    height_std_m: _containers.RepeatedScalarFieldContainer[float]
    snr_db: _containers.RepeatedScalarFieldContainer[float]
    rcs_dbsm: _containers.RepeatedScalarFieldContainer[float]
    address: _containers.RepeatedScalarFieldContainer[int]
    mode_3a: _containers.RepeatedScalarFieldContainer[int]
    detection_range_band: bytes
    transponder_mode: bytes
    transponder_id: bytes
    present: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, schema_version: _Optional[int] = ..., sensor_id: _Optional[bytes] = ..., epoch: _Optional[int] = ..., number: _Optional[int] = ..., time_ns: _Optional[int] = ..., range_band: _Optional[_Union[_radar_pb2.RadarRangeBand, str]] = ..., coverage: _Optional[_Union[RadarCoverage, _Mapping]] = ..., sensor_position_m: _Optional[_Iterable[float]] = ..., sensor_velocity_m_s: _Optional[_Iterable[float]] = ..., detection_count: _Optional[int] = ..., detection_time_ns: _Optional[_Iterable[int]] = ..., range_m: _Optional[_Iterable[float]] = ..., bearing_deg: _Optional[_Iterable[float]] = ..., elevation_deg: _Optional[_Iterable[float]] = ..., range_rate_m_s: _Optional[_Iterable[float]] = ..., height_m: _Optional[_Iterable[float]] = ..., range_std_m: _Optional[_Iterable[float]] = ..., bearing_std_deg: _Optional[_Iterable[float]] = ..., elevation_std_deg: _Optional[_Iterable[float]] = ..., range_rate_std_m_s: _Optional[_Iterable[float]] = ..., height_std_m: _Optional[_Iterable[float]] = ..., snr_db: _Optional[_Iterable[float]] = ..., rcs_dbsm: _Optional[_Iterable[float]] = ..., address: _Optional[_Iterable[int]] = ..., mode_3a: _Optional[_Iterable[int]] = ..., detection_range_band: _Optional[bytes] = ..., transponder_mode: _Optional[bytes] = ..., transponder_id: _Optional[bytes] = ..., present: _Optional[_Iterable[int]] = ...) -> None: ...

class RadarTrackColumns(_message.Message):
    __slots__ = ("schema_version", "tracker_id", "tracker_epoch", "time_ns", "input", "verdict", "reason", "track_count", "registration", "guard", "track_id", "number", "track_time_ns", "update_time_ns", "position_m", "velocity_m_s", "position_covariance_m2", "velocity_covariance_m2_s2", "range_m", "bearing_deg", "elevation_deg", "range_rate_m_s", "age_s", "quality", "snr_db", "rcs_dbsm", "hit_count", "miss_count", "detection_index", "address", "mode_3a", "status", "event", "track_range_band", "transponder_mode", "object_type", "friend_foe", "transponder_id", "friend_foe_probability", "refuted_probability", "alarms", "object_type_probability", "present")
    class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        VERDICT_UNSPECIFIED: _ClassVar[RadarTrackColumns.Verdict]
        VERDICT_ACCEPTED: _ClassVar[RadarTrackColumns.Verdict]
        VERDICT_REFUSED: _ClassVar[RadarTrackColumns.Verdict]
        VERDICT_LATE: _ClassVar[RadarTrackColumns.Verdict]
    VERDICT_UNSPECIFIED: RadarTrackColumns.Verdict
    VERDICT_ACCEPTED: RadarTrackColumns.Verdict
    VERDICT_REFUSED: RadarTrackColumns.Verdict
    VERDICT_LATE: RadarTrackColumns.Verdict
    class GuardSeverity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        GUARD_SEVERITY_UNSPECIFIED: _ClassVar[RadarTrackColumns.GuardSeverity]
        GUARD_SEVERITY_INFO: _ClassVar[RadarTrackColumns.GuardSeverity]
        GUARD_SEVERITY_WARNING: _ClassVar[RadarTrackColumns.GuardSeverity]
        GUARD_SEVERITY_CRITICAL: _ClassVar[RadarTrackColumns.GuardSeverity]
    GUARD_SEVERITY_UNSPECIFIED: RadarTrackColumns.GuardSeverity
    GUARD_SEVERITY_INFO: RadarTrackColumns.GuardSeverity
    GUARD_SEVERITY_WARNING: RadarTrackColumns.GuardSeverity
    GUARD_SEVERITY_CRITICAL: RadarTrackColumns.GuardSeverity
    class GuardAlertKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        GUARD_ALERT_KIND_UNSPECIFIED: _ClassVar[RadarTrackColumns.GuardAlertKind]
        GUARD_ALERT_KIND_RAISED: _ClassVar[RadarTrackColumns.GuardAlertKind]
        GUARD_ALERT_KIND_CLEARED: _ClassVar[RadarTrackColumns.GuardAlertKind]
        GUARD_ALERT_KIND_LOST: _ClassVar[RadarTrackColumns.GuardAlertKind]
    GUARD_ALERT_KIND_UNSPECIFIED: RadarTrackColumns.GuardAlertKind
    GUARD_ALERT_KIND_RAISED: RadarTrackColumns.GuardAlertKind
    GUARD_ALERT_KIND_CLEARED: RadarTrackColumns.GuardAlertKind
    GUARD_ALERT_KIND_LOST: RadarTrackColumns.GuardAlertKind
    class Input(_message.Message):
        __slots__ = ("sensor_id", "epoch", "number", "payload_sha256")
        SENSOR_ID_FIELD_NUMBER: _ClassVar[int]
        EPOCH_FIELD_NUMBER: _ClassVar[int]
        NUMBER_FIELD_NUMBER: _ClassVar[int]
        PAYLOAD_SHA256_FIELD_NUMBER: _ClassVar[int]
        sensor_id: bytes
        epoch: int
        number: int
        payload_sha256: bytes
        def __init__(self, sensor_id: _Optional[bytes] = ..., epoch: _Optional[int] = ..., number: _Optional[int] = ..., payload_sha256: _Optional[bytes] = ...) -> None: ...
    class SensorBias(_message.Message):
        __slots__ = ("east_m", "north_m", "range_m", "bearing_deg", "time_s")
        EAST_M_FIELD_NUMBER: _ClassVar[int]
        NORTH_M_FIELD_NUMBER: _ClassVar[int]
        RANGE_M_FIELD_NUMBER: _ClassVar[int]
        BEARING_DEG_FIELD_NUMBER: _ClassVar[int]
        TIME_S_FIELD_NUMBER: _ClassVar[int]
        east_m: float
        north_m: float
        range_m: float
        bearing_deg: float
        time_s: float
        def __init__(self, east_m: _Optional[float] = ..., north_m: _Optional[float] = ..., range_m: _Optional[float] = ..., bearing_deg: _Optional[float] = ..., time_s: _Optional[float] = ...) -> None: ...
    class Registration(_message.Message):
        __slots__ = ("aligned", "applied", "pair_count", "target_count", "unused_frames", "bias", "std")
        ALIGNED_FIELD_NUMBER: _ClassVar[int]
        APPLIED_FIELD_NUMBER: _ClassVar[int]
        PAIR_COUNT_FIELD_NUMBER: _ClassVar[int]
        TARGET_COUNT_FIELD_NUMBER: _ClassVar[int]
        UNUSED_FRAMES_FIELD_NUMBER: _ClassVar[int]
        BIAS_FIELD_NUMBER: _ClassVar[int]
        STD_FIELD_NUMBER: _ClassVar[int]
        aligned: bool
        applied: bool
        pair_count: int
        target_count: int
        unused_frames: int
        bias: RadarTrackColumns.SensorBias
        std: RadarTrackColumns.SensorBias
        def __init__(self, aligned: bool = ..., applied: bool = ..., pair_count: _Optional[int] = ..., target_count: _Optional[int] = ..., unused_frames: _Optional[int] = ..., bias: _Optional[_Union[RadarTrackColumns.SensorBias, _Mapping]] = ..., std: _Optional[_Union[RadarTrackColumns.SensorBias, _Mapping]] = ...) -> None: ...
    class GuardRule(_message.Message):
        __slots__ = ("id", "title", "description", "action_required", "severity", "fsm_event")
        ID_FIELD_NUMBER: _ClassVar[int]
        TITLE_FIELD_NUMBER: _ClassVar[int]
        DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
        ACTION_REQUIRED_FIELD_NUMBER: _ClassVar[int]
        SEVERITY_FIELD_NUMBER: _ClassVar[int]
        FSM_EVENT_FIELD_NUMBER: _ClassVar[int]
        id: str
        title: str
        description: str
        action_required: str
        severity: RadarTrackColumns.GuardSeverity
        fsm_event: str
        def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., description: _Optional[str] = ..., action_required: _Optional[str] = ..., severity: _Optional[_Union[RadarTrackColumns.GuardSeverity, str]] = ..., fsm_event: _Optional[str] = ...) -> None: ...
    class GuardApproach(_message.Message):
        __slots__ = ("time_s", "distance_m", "probability")
        TIME_S_FIELD_NUMBER: _ClassVar[int]
        DISTANCE_M_FIELD_NUMBER: _ClassVar[int]
        PROBABILITY_FIELD_NUMBER: _ClassVar[int]
        time_s: float
        distance_m: float
        probability: float
        def __init__(self, time_s: _Optional[float] = ..., distance_m: _Optional[float] = ..., probability: _Optional[float] = ...) -> None: ...
    class GuardAlert(_message.Message):
        __slots__ = ("rule", "kind", "track_id", "track_number", "time_ns", "since_ns", "range_m", "bearing_deg", "elevation_deg", "range_rate_m_s", "quality", "friend_foe", "transponder_on", "transponder_mode", "approach")
        RULE_FIELD_NUMBER: _ClassVar[int]
        KIND_FIELD_NUMBER: _ClassVar[int]
        TRACK_ID_FIELD_NUMBER: _ClassVar[int]
        TRACK_NUMBER_FIELD_NUMBER: _ClassVar[int]
        TIME_NS_FIELD_NUMBER: _ClassVar[int]
        SINCE_NS_FIELD_NUMBER: _ClassVar[int]
        RANGE_M_FIELD_NUMBER: _ClassVar[int]
        BEARING_DEG_FIELD_NUMBER: _ClassVar[int]
        ELEVATION_DEG_FIELD_NUMBER: _ClassVar[int]
        RANGE_RATE_M_S_FIELD_NUMBER: _ClassVar[int]
        QUALITY_FIELD_NUMBER: _ClassVar[int]
        FRIEND_FOE_FIELD_NUMBER: _ClassVar[int]
        TRANSPONDER_ON_FIELD_NUMBER: _ClassVar[int]
        TRANSPONDER_MODE_FIELD_NUMBER: _ClassVar[int]
        APPROACH_FIELD_NUMBER: _ClassVar[int]
        rule: int
        kind: RadarTrackColumns.GuardAlertKind
        track_id: bytes
        track_number: int
        time_ns: int
        since_ns: int
        range_m: float
        bearing_deg: float
        elevation_deg: float
        range_rate_m_s: float
        quality: float
        friend_foe: _radar_pb2.FriendFoe
        transponder_on: bool
        transponder_mode: _radar_pb2.TransponderMode
        approach: RadarTrackColumns.GuardApproach
        def __init__(self, rule: _Optional[int] = ..., kind: _Optional[_Union[RadarTrackColumns.GuardAlertKind, str]] = ..., track_id: _Optional[bytes] = ..., track_number: _Optional[int] = ..., time_ns: _Optional[int] = ..., since_ns: _Optional[int] = ..., range_m: _Optional[float] = ..., bearing_deg: _Optional[float] = ..., elevation_deg: _Optional[float] = ..., range_rate_m_s: _Optional[float] = ..., quality: _Optional[float] = ..., friend_foe: _Optional[_Union[_radar_pb2.FriendFoe, str]] = ..., transponder_on: bool = ..., transponder_mode: _Optional[_Union[_radar_pb2.TransponderMode, str]] = ..., approach: _Optional[_Union[RadarTrackColumns.GuardApproach, _Mapping]] = ...) -> None: ...
    class Guard(_message.Message):
        __slots__ = ("rules", "alerts", "unwatched_count")
        RULES_FIELD_NUMBER: _ClassVar[int]
        ALERTS_FIELD_NUMBER: _ClassVar[int]
        UNWATCHED_COUNT_FIELD_NUMBER: _ClassVar[int]
        rules: _containers.RepeatedCompositeFieldContainer[RadarTrackColumns.GuardRule]
        alerts: _containers.RepeatedCompositeFieldContainer[RadarTrackColumns.GuardAlert]
        unwatched_count: int
        def __init__(self, rules: _Optional[_Iterable[_Union[RadarTrackColumns.GuardRule, _Mapping]]] = ..., alerts: _Optional[_Iterable[_Union[RadarTrackColumns.GuardAlert, _Mapping]]] = ..., unwatched_count: _Optional[int] = ...) -> None: ...
    SCHEMA_VERSION_FIELD_NUMBER: _ClassVar[int]
    TRACKER_ID_FIELD_NUMBER: _ClassVar[int]
    TRACKER_EPOCH_FIELD_NUMBER: _ClassVar[int]
    TIME_NS_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TRACK_COUNT_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_FIELD_NUMBER: _ClassVar[int]
    GUARD_FIELD_NUMBER: _ClassVar[int]
    TRACK_ID_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TRACK_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    POSITION_M_FIELD_NUMBER: _ClassVar[int]
    VELOCITY_M_S_FIELD_NUMBER: _ClassVar[int]
    POSITION_COVARIANCE_M2_FIELD_NUMBER: _ClassVar[int]
    VELOCITY_COVARIANCE_M2_S2_FIELD_NUMBER: _ClassVar[int]
    RANGE_M_FIELD_NUMBER: _ClassVar[int]
    BEARING_DEG_FIELD_NUMBER: _ClassVar[int]
    ELEVATION_DEG_FIELD_NUMBER: _ClassVar[int]
    RANGE_RATE_M_S_FIELD_NUMBER: _ClassVar[int]
    AGE_S_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    SNR_DB_FIELD_NUMBER: _ClassVar[int]
    RCS_DBSM_FIELD_NUMBER: _ClassVar[int]
    HIT_COUNT_FIELD_NUMBER: _ClassVar[int]
    MISS_COUNT_FIELD_NUMBER: _ClassVar[int]
    DETECTION_INDEX_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    MODE_3A_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    TRACK_RANGE_BAND_FIELD_NUMBER: _ClassVar[int]
    TRANSPONDER_MODE_FIELD_NUMBER: _ClassVar[int]
    OBJECT_TYPE_FIELD_NUMBER: _ClassVar[int]
    FRIEND_FOE_FIELD_NUMBER: _ClassVar[int]
    TRANSPONDER_ID_FIELD_NUMBER: _ClassVar[int]
    FRIEND_FOE_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    REFUTED_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    ALARMS_FIELD_NUMBER: _ClassVar[int]
    OBJECT_TYPE_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    PRESENT_FIELD_NUMBER: _ClassVar[int]
    schema_version: int
    tracker_id: bytes
    tracker_epoch: int
    time_ns: int
    input: RadarTrackColumns.Input
    verdict: RadarTrackColumns.Verdict
    reason: str
    track_count: int
    registration: RadarTrackColumns.Registration
    guard: RadarTrackColumns.Guard
    track_id: bytes
    number: _containers.RepeatedScalarFieldContainer[int]
    track_time_ns: _containers.RepeatedScalarFieldContainer[int]
    update_time_ns: _containers.RepeatedScalarFieldContainer[int]
    position_m: _containers.RepeatedScalarFieldContainer[float]
    velocity_m_s: _containers.RepeatedScalarFieldContainer[float]
    position_covariance_m2: _containers.RepeatedScalarFieldContainer[float]
    velocity_covariance_m2_s2: _containers.RepeatedScalarFieldContainer[float]
    range_m: _containers.RepeatedScalarFieldContainer[float]
    bearing_deg: _containers.RepeatedScalarFieldContainer[float]
    elevation_deg: _containers.RepeatedScalarFieldContainer[float]
    range_rate_m_s: _containers.RepeatedScalarFieldContainer[float]
    age_s: _containers.RepeatedScalarFieldContainer[float]
    quality: _containers.RepeatedScalarFieldContainer[float]
    snr_db: _containers.RepeatedScalarFieldContainer[float]
    rcs_dbsm: _containers.RepeatedScalarFieldContainer[float]
    hit_count: _containers.RepeatedScalarFieldContainer[int]
    miss_count: _containers.RepeatedScalarFieldContainer[int]
    detection_index: _containers.RepeatedScalarFieldContainer[int]
    address: _containers.RepeatedScalarFieldContainer[int]
    mode_3a: _containers.RepeatedScalarFieldContainer[int]
    status: bytes
    event: bytes
    track_range_band: bytes
    transponder_mode: bytes
    object_type: bytes
    friend_foe: bytes
    transponder_id: bytes
    friend_foe_probability: _containers.RepeatedScalarFieldContainer[float]
    refuted_probability: _containers.RepeatedScalarFieldContainer[float]
    alarms: bytes
    object_type_probability: _containers.RepeatedScalarFieldContainer[float]
    present: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, schema_version: _Optional[int] = ..., tracker_id: _Optional[bytes] = ..., tracker_epoch: _Optional[int] = ..., time_ns: _Optional[int] = ..., input: _Optional[_Union[RadarTrackColumns.Input, _Mapping]] = ..., verdict: _Optional[_Union[RadarTrackColumns.Verdict, str]] = ..., reason: _Optional[str] = ..., track_count: _Optional[int] = ..., registration: _Optional[_Union[RadarTrackColumns.Registration, _Mapping]] = ..., guard: _Optional[_Union[RadarTrackColumns.Guard, _Mapping]] = ..., track_id: _Optional[bytes] = ..., number: _Optional[_Iterable[int]] = ..., track_time_ns: _Optional[_Iterable[int]] = ..., update_time_ns: _Optional[_Iterable[int]] = ..., position_m: _Optional[_Iterable[float]] = ..., velocity_m_s: _Optional[_Iterable[float]] = ..., position_covariance_m2: _Optional[_Iterable[float]] = ..., velocity_covariance_m2_s2: _Optional[_Iterable[float]] = ..., range_m: _Optional[_Iterable[float]] = ..., bearing_deg: _Optional[_Iterable[float]] = ..., elevation_deg: _Optional[_Iterable[float]] = ..., range_rate_m_s: _Optional[_Iterable[float]] = ..., age_s: _Optional[_Iterable[float]] = ..., quality: _Optional[_Iterable[float]] = ..., snr_db: _Optional[_Iterable[float]] = ..., rcs_dbsm: _Optional[_Iterable[float]] = ..., hit_count: _Optional[_Iterable[int]] = ..., miss_count: _Optional[_Iterable[int]] = ..., detection_index: _Optional[_Iterable[int]] = ..., address: _Optional[_Iterable[int]] = ..., mode_3a: _Optional[_Iterable[int]] = ..., status: _Optional[bytes] = ..., event: _Optional[bytes] = ..., track_range_band: _Optional[bytes] = ..., transponder_mode: _Optional[bytes] = ..., object_type: _Optional[bytes] = ..., friend_foe: _Optional[bytes] = ..., transponder_id: _Optional[bytes] = ..., friend_foe_probability: _Optional[_Iterable[float]] = ..., refuted_probability: _Optional[_Iterable[float]] = ..., alarms: _Optional[bytes] = ..., object_type_probability: _Optional[_Iterable[float]] = ..., present: _Optional[_Iterable[int]] = ...) -> None: ...
