from qiki.wire.generated import actuator_raw_out_pb2 as _actuator_raw_out_pb2
from qiki.wire.generated.radar.v1 import radar_pb2 as _radar_pb2
from qiki.wire.generated import sensor_raw_in_pb2 as _sensor_raw_in_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetSensorDataRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

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
