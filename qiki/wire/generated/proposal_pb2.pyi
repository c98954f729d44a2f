import datetime

from qiki.wire.generated import actuator_raw_out_pb2 as _actuator_raw_out_pb2
from qiki.wire.generated import common_types_pb2 as _common_types_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Proposal(_message.Message):
    __slots__ = ("proposal_id", "source_module_id", "timestamp", "proposed_actions", "justification", "priority", "expected_duration", "type", "metadata", "confidence", "status", "depends_on", "conflicts_with", "proposal_signature")
    class ProposalType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PROPOSAL_TYPE_UNSPECIFIED: _ClassVar[Proposal.ProposalType]
        SAFETY: _ClassVar[Proposal.ProposalType]
        PLANNING: _ClassVar[Proposal.ProposalType]
        DIAGNOSTICS: _ClassVar[Proposal.ProposalType]
        EXPLORATION: _ClassVar[Proposal.ProposalType]
    PROPOSAL_TYPE_UNSPECIFIED: Proposal.ProposalType
    SAFETY: Proposal.ProposalType
    PLANNING: Proposal.ProposalType
    DIAGNOSTICS: Proposal.ProposalType
    EXPLORATION: Proposal.ProposalType
    class ProposalStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PROPOSAL_STATUS_UNSPECIFIED: _ClassVar[Proposal.ProposalStatus]
        PENDING: _ClassVar[Proposal.ProposalStatus]
        ACCEPTED: _ClassVar[Proposal.ProposalStatus]
        REJECTED: _ClassVar[Proposal.ProposalStatus]
        EXECUTED: _ClassVar[Proposal.ProposalStatus]
        EXPIRED: _ClassVar[Proposal.ProposalStatus]
    PROPOSAL_STATUS_UNSPECIFIED: Proposal.ProposalStatus
    PENDING: Proposal.ProposalStatus
    ACCEPTED: Proposal.ProposalStatus
    REJECTED: Proposal.ProposalStatus
    EXECUTED: Proposal.ProposalStatus
    EXPIRED: Proposal.ProposalStatus
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    PROPOSAL_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_MODULE_ID_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_ACTIONS_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_DURATION_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DEPENDS_ON_FIELD_NUMBER: _ClassVar[int]
    CONFLICTS_WITH_FIELD_NUMBER: _ClassVar[int]
    PROPOSAL_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    proposal_id: _common_types_pb2.UUID
    source_module_id: str
    timestamp: _timestamp_pb2.Timestamp
    proposed_actions: _containers.RepeatedCompositeFieldContainer[_actuator_raw_out_pb2.ActuatorCommand]
    justification: str
    priority: float
    expected_duration: _duration_pb2.Duration
    type: Proposal.ProposalType
    metadata: _containers.ScalarMap[str, str]
    confidence: float
    status: Proposal.ProposalStatus
    depends_on: _containers.RepeatedCompositeFieldContainer[_common_types_pb2.UUID]
    conflicts_with: _containers.RepeatedCompositeFieldContainer[_common_types_pb2.UUID]
    proposal_signature: str
    def __init__(self, proposal_id: _Optional[_Union[_common_types_pb2.UUID, _Mapping]] = ..., source_module_id: _Optional[str] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., proposed_actions: _Optional[_Iterable[_Union[_actuator_raw_out_pb2.ActuatorCommand, _Mapping]]] = ..., justification: _Optional[str] = ..., priority: _Optional[float] = ..., expected_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., type: _Optional[_Union[Proposal.ProposalType, str]] = ..., metadata: _Optional[_Mapping[str, str]] = ..., confidence: _Optional[float] = ..., status: _Optional[_Union[Proposal.ProposalStatus, str]] = ..., depends_on: _Optional[_Iterable[_Union[_common_types_pb2.UUID, _Mapping]]] = ..., conflicts_with: _Optional[_Iterable[_Union[_common_types_pb2.UUID, _Mapping]]] = ..., proposal_signature: _Optional[str] = ...) -> None: ...
