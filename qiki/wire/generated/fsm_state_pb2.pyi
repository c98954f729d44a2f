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

class FSMStateEnum(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FSM_STATE_UNSPECIFIED: _ClassVar[FSMStateEnum]
    BOOTING: _ClassVar[FSMStateEnum]
    IDLE: _ClassVar[FSMStateEnum]
    ACTIVE: _ClassVar[FSMStateEnum]
    ERROR_STATE: _ClassVar[FSMStateEnum]
    SHUTDOWN: _ClassVar[FSMStateEnum]

class FSMTransitionStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FSM_TRANSITION_STATUS_UNSPECIFIED: _ClassVar[FSMTransitionStatus]
    SUCCESS: _ClassVar[FSMTransitionStatus]
    FAILED: _ClassVar[FSMTransitionStatus]
    PENDING: _ClassVar[FSMTransitionStatus]
FSM_STATE_UNSPECIFIED: FSMStateEnum
BOOTING: FSMStateEnum
IDLE: FSMStateEnum
ACTIVE: FSMStateEnum
ERROR_STATE: FSMStateEnum
SHUTDOWN: FSMStateEnum
FSM_TRANSITION_STATUS_UNSPECIFIED: FSMTransitionStatus
SUCCESS: FSMTransitionStatus
FAILED: FSMTransitionStatus
PENDING: FSMTransitionStatus

class StateTransition(_message.Message):
    __slots__ = ("timestamp", "from_state", "to_state", "trigger_event", "status", "error_message")
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    FROM_STATE_FIELD_NUMBER: _ClassVar[int]
    TO_STATE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_EVENT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    timestamp: _timestamp_pb2.Timestamp
    from_state: FSMStateEnum
    to_state: FSMStateEnum
    trigger_event: str
    status: FSMTransitionStatus
    error_message: str
    def __init__(self, timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., from_state: _Optional[_Union[FSMStateEnum, str]] = ..., to_state: _Optional[_Union[FSMStateEnum, str]] = ..., trigger_event: _Optional[str] = ..., status: _Optional[_Union[FSMTransitionStatus, str]] = ..., error_message: _Optional[str] = ...) -> None: ...

class FsmStateSnapshot(_message.Message):
    __slots__ = ("snapshot_id", "timestamp", "current_state", "history", "context_data", "fsm_instance_id", "state_metadata", "source_module", "attempt_count")
    class ContextDataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class StateMetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SNAPSHOT_ID_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    CURRENT_STATE_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_DATA_FIELD_NUMBER: _ClassVar[int]
    FSM_INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_METADATA_FIELD_NUMBER: _ClassVar[int]
    SOURCE_MODULE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    snapshot_id: _common_types_pb2.UUID
    timestamp: _timestamp_pb2.Timestamp
    current_state: FSMStateEnum
    history: _containers.RepeatedCompositeFieldContainer[StateTransition]
    context_data: _containers.ScalarMap[str, str]
    fsm_instance_id: _common_types_pb2.UUID
    state_metadata: _containers.ScalarMap[str, str]
    source_module: str
    attempt_count: int
    def __init__(self, snapshot_id: _Optional[_Union[_common_types_pb2.UUID, _Mapping]] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., current_state: _Optional[_Union[FSMStateEnum, str]] = ..., history: _Optional[_Iterable[_Union[StateTransition, _Mapping]]] = ..., context_data: _Optional[_Mapping[str, str]] = ..., fsm_instance_id: _Optional[_Union[_common_types_pb2.UUID, _Mapping]] = ..., state_metadata: _Optional[_Mapping[str, str]] = ..., source_module: _Optional[str] = ..., attempt_count: _Optional[int] = ...) -> None: ...
