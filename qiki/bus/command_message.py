"""Commands and their answers as JSON, under the original's names: read strictly, written plainly.

A command is ``{"command_name": ..., "parameters": {...}, "metadata": {"message_id": ...}}``; the
answer is the original's acknowledgement, which here also names the stored command's sequence.
"""

from datetime import datetime
from typing import Annotated, Any, NamedTuple, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Meta, Struct, field

from qiki.errors import QikiError

MAX_COMMAND_BYTES = 16_384
MAX_PARAMETERS = 32
ANSWER_VERSION = 1
SIMULATOR = "q_sim_service"  # as which the original's simulator answers

Name = Annotated[str, Meta(min_length=1, max_length=64)]
Text = Annotated[str, Meta(max_length=1024)]
# No list and no object: a command is never nested deeper than its parameters.
Scalar: TypeAlias = Text | int | float | bool | None


class MessageMetadata(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who asks whom, and the name of the message."""

    message_id: UUID
    correlation_id: Text | None = None
    timestamp: datetime | None = None
    message_type: Text = ""
    source: Text = "unknown"
    destination: Text = "unknown"


class CommandMessage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator or an agent wants done."""

    command_name: Name
    parameters: Annotated[dict[Name, Scalar], Meta(max_length=MAX_PARAMETERS)] = field(
        default_factory=dict
    )
    metadata: MessageMetadata


class CommandRefused(QikiError):  # noqa: N818 - it says what became of the command
    """A command that is not carried out.

    Attributes
    ----------
    code : what kind of reason, as ``error`` of the answer has it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Outcome(NamedTuple):
    """What became of one stored command."""

    sequence: int  # in the stream of commands
    command_name: str  # empty where the message does not tell
    request_id: str | None  # the asker's, None where the message does not tell
    time_ns: int  # of the world, when it was done or refused
    refusal: CommandRefused | None
    note: str | None = None  # why what was done has no effect yet


class _Asked(Struct):
    """What of a message that breaks the contract still says whom to answer."""

    command_name: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)


def decode_command(payload: bytes) -> CommandMessage:
    """Return the command that a message holds.

    Raises
    ------
    CommandRefused : too large, no UTF-8, no JSON, NaN, an unknown field, or a value outside its
        limits; the code is ``invalid_message``.
    """
    if len(payload) > MAX_COMMAND_BYTES:
        raise _invalid(f"has {len(payload)} bytes, must have at most {MAX_COMMAND_BYTES}")
    try:
        return msgspec.json.decode(payload, type=CommandMessage)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _invalid(f"breaks the contract: {error}") from error


def asked(payload: bytes) -> tuple[str, str | None]:
    """Return command name and request id of any message, as far as it tells them."""
    if len(payload) > MAX_COMMAND_BYTES:
        return "", None
    try:
        found = msgspec.json.decode(payload, type=_Asked)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "", None
    identity = found.metadata.get("correlation_id") or found.metadata.get("message_id")
    return found.command_name[:64], identity[:1024] if isinstance(identity, str) else None


def encode_answer(outcome: Outcome, message_id: UUID, timestamp: datetime) -> bytes:
    """Return the acknowledgement; `timestamp` is in UTC."""
    name, refusal = outcome.command_name, outcome.refusal
    success = refusal is None
    answer: dict[str, object] = {
        "version": ANSWER_VERSION,
        "kind": name,
        "success": success,
        "ok": success,
        "requestId": outcome.request_id,
        "request_id": outcome.request_id,
        "timestamp": timestamp,
        "metadata": {
            "message_id": message_id,
            "correlation_id": outcome.request_id,
            "timestamp": timestamp,
            "message_type": "control_ack",
            "source": SIMULATOR,
        },
        "payload": {
            "command_name": name,
            "status": "applied" if success else "rejected",
            "sequence": outcome.sequence,
            "time_ns": outcome.time_ns,
            **({} if outcome.note is None else {"note": outcome.note}),
        },
    }
    if refusal is not None:
        detail = {"code": refusal.code, "message": str(refusal), "details": {"command_name": name}}
        answer |= {"error": refusal.code, "error_detail": detail}
    return msgspec.json.encode(answer)


def _invalid(what: str) -> CommandRefused:
    return CommandRefused(
        "invalid_message",
        f"the command {what}: send a JSON object of command_name, parameters (text, numbers, true, "
        "false or null) and metadata with a message_id",
    )
