from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class SensorType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SENSOR_TYPE_UNSPECIFIED: _ClassVar[SensorType]
    LIDAR: _ClassVar[SensorType]
    IMU: _ClassVar[SensorType]
    CAMERA: _ClassVar[SensorType]
    GPS: _ClassVar[SensorType]
    THERMAL: _ClassVar[SensorType]
    RADAR: _ClassVar[SensorType]

class ActuatorType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTUATOR_TYPE_UNSPECIFIED: _ClassVar[ActuatorType]
    WHEEL_MOTOR: _ClassVar[ActuatorType]
    SERVO: _ClassVar[ActuatorType]
    GRIPPER: _ClassVar[ActuatorType]
    ARM: _ClassVar[ActuatorType]

class Unit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNIT_UNSPECIFIED: _ClassVar[Unit]
    METERS: _ClassVar[Unit]
    DEGREES: _ClassVar[Unit]
    PERCENT: _ClassVar[Unit]
    VOLTS: _ClassVar[Unit]
    AMPS: _ClassVar[Unit]
    WATTS: _ClassVar[Unit]
    MILLISECONDS: _ClassVar[Unit]
    KELVIN: _ClassVar[Unit]
    BAR: _ClassVar[Unit]
SENSOR_TYPE_UNSPECIFIED: SensorType
LIDAR: SensorType
IMU: SensorType
CAMERA: SensorType
GPS: SensorType
THERMAL: SensorType
RADAR: SensorType
ACTUATOR_TYPE_UNSPECIFIED: ActuatorType
WHEEL_MOTOR: ActuatorType
SERVO: ActuatorType
GRIPPER: ActuatorType
ARM: ActuatorType
UNIT_UNSPECIFIED: Unit
METERS: Unit
DEGREES: Unit
PERCENT: Unit
VOLTS: Unit
AMPS: Unit
WATTS: Unit
MILLISECONDS: Unit
KELVIN: Unit
BAR: Unit

class UUID(_message.Message):
    __slots__ = ("value",)
    VALUE_FIELD_NUMBER: _ClassVar[int]
    value: str
    def __init__(self, value: _Optional[str] = ...) -> None: ...

class Vector3(_message.Message):
    __slots__ = ("x", "y", "z")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    z: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ..., z: _Optional[float] = ...) -> None: ...
