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

class DeviceStatus(_message.Message):
    __slots__ = ("device_id", "device_name", "status", "error_message", "device_type", "status_code")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[DeviceStatus.Status]
        OK: _ClassVar[DeviceStatus.Status]
        WARNING: _ClassVar[DeviceStatus.Status]
        ERROR: _ClassVar[DeviceStatus.Status]
        NOT_FOUND: _ClassVar[DeviceStatus.Status]
    STATUS_UNSPECIFIED: DeviceStatus.Status
    OK: DeviceStatus.Status
    WARNING: DeviceStatus.Status
    ERROR: DeviceStatus.Status
    NOT_FOUND: DeviceStatus.Status
    class DeviceType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        DEVICE_TYPE_UNSPECIFIED: _ClassVar[DeviceStatus.DeviceType]
        SENSOR: _ClassVar[DeviceStatus.DeviceType]
        ACTUATOR: _ClassVar[DeviceStatus.DeviceType]
        POWER_UNIT: _ClassVar[DeviceStatus.DeviceType]
        COMMUNICATION: _ClassVar[DeviceStatus.DeviceType]
        CONTROLLER: _ClassVar[DeviceStatus.DeviceType]
    DEVICE_TYPE_UNSPECIFIED: DeviceStatus.DeviceType
    SENSOR: DeviceStatus.DeviceType
    ACTUATOR: DeviceStatus.DeviceType
    POWER_UNIT: DeviceStatus.DeviceType
    COMMUNICATION: DeviceStatus.DeviceType
    CONTROLLER: DeviceStatus.DeviceType
    class StatusCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_CODE_UNSPECIFIED: _ClassVar[DeviceStatus.StatusCode]
        COMPONENT_NOT_FOUND: _ClassVar[DeviceStatus.StatusCode]
        UNSTABLE_READINGS: _ClassVar[DeviceStatus.StatusCode]
        TIMEOUT_RESPONSE: _ClassVar[DeviceStatus.StatusCode]
        CRITICAL_BOOT_FAILURE: _ClassVar[DeviceStatus.StatusCode]
    STATUS_CODE_UNSPECIFIED: DeviceStatus.StatusCode
    COMPONENT_NOT_FOUND: DeviceStatus.StatusCode
    UNSTABLE_READINGS: DeviceStatus.StatusCode
    TIMEOUT_RESPONSE: DeviceStatus.StatusCode
    CRITICAL_BOOT_FAILURE: DeviceStatus.StatusCode
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DEVICE_TYPE_FIELD_NUMBER: _ClassVar[int]
    STATUS_CODE_FIELD_NUMBER: _ClassVar[int]
    device_id: _common_types_pb2.UUID
    device_name: str
    status: DeviceStatus.Status
    error_message: str
    device_type: DeviceStatus.DeviceType
    status_code: DeviceStatus.StatusCode
    def __init__(self, device_id: _Optional[_Union[_common_types_pb2.UUID, _Mapping]] = ..., device_name: _Optional[str] = ..., status: _Optional[_Union[DeviceStatus.Status, str]] = ..., error_message: _Optional[str] = ..., device_type: _Optional[_Union[DeviceStatus.DeviceType, str]] = ..., status_code: _Optional[_Union[DeviceStatus.StatusCode, str]] = ...) -> None: ...

class BiosStatusReport(_message.Message):
    __slots__ = ("timestamp", "firmware_version", "post_results", "all_systems_go", "bios_uuid", "health_score", "last_checked", "uptime_sec")
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    FIRMWARE_VERSION_FIELD_NUMBER: _ClassVar[int]
    POST_RESULTS_FIELD_NUMBER: _ClassVar[int]
    ALL_SYSTEMS_GO_FIELD_NUMBER: _ClassVar[int]
    BIOS_UUID_FIELD_NUMBER: _ClassVar[int]
    HEALTH_SCORE_FIELD_NUMBER: _ClassVar[int]
    LAST_CHECKED_FIELD_NUMBER: _ClassVar[int]
    UPTIME_SEC_FIELD_NUMBER: _ClassVar[int]
    timestamp: _timestamp_pb2.Timestamp
    firmware_version: str
    post_results: _containers.RepeatedCompositeFieldContainer[DeviceStatus]
    all_systems_go: bool
    bios_uuid: _common_types_pb2.UUID
    health_score: float
    last_checked: _timestamp_pb2.Timestamp
    uptime_sec: int
    def __init__(self, timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., firmware_version: _Optional[str] = ..., post_results: _Optional[_Iterable[_Union[DeviceStatus, _Mapping]]] = ..., all_systems_go: bool = ..., bios_uuid: _Optional[_Union[_common_types_pb2.UUID, _Mapping]] = ..., health_score: _Optional[float] = ..., last_checked: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., uptime_sec: _Optional[int] = ...) -> None: ...
