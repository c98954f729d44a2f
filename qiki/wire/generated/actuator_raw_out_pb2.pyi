import datetime

from qiki.wire.generated import common_types_pb2 as _common_types_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Wrench(_message.Message):
    __slots__ = ("force_x_n", "force_y_n", "force_z_n", "torque_x_n_m", "torque_y_n_m", "torque_z_n_m")
    FORCE_X_N_FIELD_NUMBER: _ClassVar[int]
    FORCE_Y_N_FIELD_NUMBER: _ClassVar[int]
    FORCE_Z_N_FIELD_NUMBER: _ClassVar[int]
    TORQUE_X_N_M_FIELD_NUMBER: _ClassVar[int]
    TORQUE_Y_N_M_FIELD_NUMBER: _ClassVar[int]
    TORQUE_Z_N_M_FIELD_NUMBER: _ClassVar[int]
    force_x_n: float
    force_y_n: float
    force_z_n: float
    torque_x_n_m: float
    torque_y_n_m: float
    torque_z_n_m: float
    def __init__(self, force_x_n: _Optional[float] = ..., force_y_n: _Optional[float] = ..., force_z_n: _Optional[float] = ..., torque_x_n_m: _Optional[float] = ..., torque_y_n_m: _Optional[float] = ..., torque_z_n_m: _Optional[float] = ...) -> None: ...

class ActuatorCommand(_message.Message):
    __slots__ = ("actuator_id", "timestamp", "float_value", "int_value", "bool_value", "vector_value", "wrench_value", "unit", "command_type", "confidence", "command_id", "timeout_ms", "ack_required", "retry_count")
    class CommandType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        COMMAND_TYPE_UNSPECIFIED: _ClassVar[ActuatorCommand.CommandType]
        SET_VELOCITY: _ClassVar[ActuatorCommand.CommandType]
        ROTATE: _ClassVar[ActuatorCommand.CommandType]
        ENABLE: _ClassVar[ActuatorCommand.CommandType]
        DISABLE: _ClassVar[ActuatorCommand.CommandType]
        SET_MODE: _ClassVar[ActuatorCommand.CommandType]
        SET_WRENCH: _ClassVar[ActuatorCommand.CommandType]
    COMMAND_TYPE_UNSPECIFIED: ActuatorCommand.CommandType
    SET_VELOCITY: ActuatorCommand.CommandType
    ROTATE: ActuatorCommand.CommandType
    ENABLE: ActuatorCommand.CommandType
    DISABLE: ActuatorCommand.CommandType
    SET_MODE: ActuatorCommand.CommandType
    SET_WRENCH: ActuatorCommand.CommandType
    ACTUATOR_ID_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    FLOAT_VALUE_FIELD_NUMBER: _ClassVar[int]
    INT_VALUE_FIELD_NUMBER: _ClassVar[int]
    BOOL_VALUE_FIELD_NUMBER: _ClassVar[int]
    VECTOR_VALUE_FIELD_NUMBER: _ClassVar[int]
    WRENCH_VALUE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    COMMAND_TYPE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    ACK_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    RETRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    actuator_id: _common_types_pb2.UUID
    timestamp: _timestamp_pb2.Timestamp
    float_value: float
    int_value: int
    bool_value: bool
    vector_value: _common_types_pb2.Vector3
    wrench_value: Wrench
    unit: _common_types_pb2.Unit
    command_type: ActuatorCommand.CommandType
    confidence: float
    command_id: _common_types_pb2.UUID
    timeout_ms: int
    ack_required: bool
    retry_count: int
    def __init__(self, actuator_id: _Optional[_Union[_common_types_pb2.UUID, _Mapping]] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., float_value: _Optional[float] = ..., int_value: _Optional[int] = ..., bool_value: bool = ..., vector_value: _Optional[_Union[_common_types_pb2.Vector3, _Mapping]] = ..., wrench_value: _Optional[_Union[Wrench, _Mapping]] = ..., unit: _Optional[_Union[_common_types_pb2.Unit, str]] = ..., command_type: _Optional[_Union[ActuatorCommand.CommandType, str]] = ..., confidence: _Optional[float] = ..., command_id: _Optional[_Union[_common_types_pb2.UUID, _Mapping]] = ..., timeout_ms: _Optional[int] = ..., ack_required: bool = ..., retry_count: _Optional[int] = ...) -> None: ...
