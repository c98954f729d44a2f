from qiki.wire.generated import actuator_raw_out_pb2 as _actuator_raw_out_pb2
from qiki.wire.generated import common_types_pb2 as _common_types_pb2
from qiki.wire.generated.radar.v1 import radar_pb2 as _radar_pb2
from qiki.wire.generated import sensor_raw_in_pb2 as _sensor_raw_in_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetSensorDataRequest(_message.Message):
    __slots__ = ("sensor_type",)
    SENSOR_TYPE_FIELD_NUMBER: _ClassVar[int]
    sensor_type: _common_types_pb2.SensorType
    def __init__(self, sensor_type: _Optional[_Union[_common_types_pb2.SensorType, str]] = ...) -> None: ...

class GetSensorDataResponse(_message.Message):
    __slots__ = ("reading",)
    READING_FIELD_NUMBER: _ClassVar[int]
    reading: _sensor_raw_in_pb2.SensorReading
    def __init__(self, reading: _Optional[_Union[_sensor_raw_in_pb2.SensorReading, _Mapping]] = ...) -> None: ...

class SendActuatorCommandRequest(_message.Message):
    __slots__ = ("command",)
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    command: _actuator_raw_out_pb2.ActuatorCommand
    def __init__(self, command: _Optional[_Union[_actuator_raw_out_pb2.ActuatorCommand, _Mapping]] = ...) -> None: ...

class SendActuatorCommandResponse(_message.Message):
    __slots__ = ("accepted", "message")
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    accepted: bool
    message: str
    def __init__(self, accepted: bool = ..., message: _Optional[str] = ...) -> None: ...

class HealthCheckRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class HealthCheckResponse(_message.Message):
    __slots__ = ("status", "message", "timestamp")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    status: str
    message: str
    timestamp: int
    def __init__(self, status: _Optional[str] = ..., message: _Optional[str] = ..., timestamp: _Optional[int] = ...) -> None: ...

class GetRadarFrameRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetRadarFrameResponse(_message.Message):
    __slots__ = ("frame",)
    FRAME_FIELD_NUMBER: _ClassVar[int]
    frame: _radar_pb2.RadarFrame
    def __init__(self, frame: _Optional[_Union[_radar_pb2.RadarFrame, _Mapping]] = ...) -> None: ...

class GetTelemetryRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetTelemetryResponse(_message.Message):
    __slots__ = ("telemetry_json",)
    TELEMETRY_JSON_FIELD_NUMBER: _ClassVar[int]
    telemetry_json: bytes
    def __init__(self, telemetry_json: _Optional[bytes] = ...) -> None: ...

class StreamSensorDataRequest(_message.Message):
    __slots__ = ("sensor_type",)
    SENSOR_TYPE_FIELD_NUMBER: _ClassVar[int]
    sensor_type: _common_types_pb2.SensorType
    def __init__(self, sensor_type: _Optional[_Union[_common_types_pb2.SensorType, str]] = ...) -> None: ...

class StreamSensorDataResponse(_message.Message):
    __slots__ = ("reading", "skipped")
    READING_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    reading: _sensor_raw_in_pb2.SensorReading
    skipped: int
    def __init__(self, reading: _Optional[_Union[_sensor_raw_in_pb2.SensorReading, _Mapping]] = ..., skipped: _Optional[int] = ...) -> None: ...

class StreamRadarFramesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StreamRadarFramesResponse(_message.Message):
    __slots__ = ("frame", "skipped")
    FRAME_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    frame: _radar_pb2.RadarFrame
    skipped: int
    def __init__(self, frame: _Optional[_Union[_radar_pb2.RadarFrame, _Mapping]] = ..., skipped: _Optional[int] = ...) -> None: ...

class StreamRadarTracksRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StreamRadarTracksResponse(_message.Message):
    __slots__ = ("tracks", "skipped")
    TRACKS_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    tracks: _containers.RepeatedCompositeFieldContainer[_radar_pb2.RadarTrack]
    skipped: int
    def __init__(self, tracks: _Optional[_Iterable[_Union[_radar_pb2.RadarTrack, _Mapping]]] = ..., skipped: _Optional[int] = ...) -> None: ...

class StreamTelemetryRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StreamTelemetryResponse(_message.Message):
    __slots__ = ("telemetry_json", "skipped")
    TELEMETRY_JSON_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    telemetry_json: bytes
    skipped: int
    def __init__(self, telemetry_json: _Optional[bytes] = ..., skipped: _Optional[int] = ...) -> None: ...
