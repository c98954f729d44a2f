"""Ask the simulator for something: store the command, then wait for the answer that names it."""

import asyncio
import math
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import structlog
from msgspec import Struct
from nats.aio.client import Client
from nats.aio.subscription import Subscription

from qiki.bus import headers, subjects
from qiki.bus.command_message import (
    SIMULATOR,
    CommandMessage,
    CommandRefused,
    MessageMetadata,
    Scalar,
    decode_command,
)
from qiki.bus.publish import Message, Publisher
from qiki.errors import BrokerError
from qiki.settings import Settings

log = structlog.get_logger()


class CommandAnswer(NamedTuple):
    """What became of a command."""

    sequence: int  # at which it is stored
    refusal: str | None  # why it was not carried out, None where it was
    message: dict[str, Any]  # the whole acknowledgement
    note: str | None = None  # why what was done has no effect yet


class _Payload(Struct):
    sequence: int
    note: str | None = None


class _Detail(Struct):
    message: str


class _Acknowledgement(Struct):
    success: bool
    request_id: str | None
    payload: _Payload
    error_detail: _Detail | None = None


def new_command(name: str, parameters: Mapping[str, Scalar], source: str) -> CommandMessage:
    """Return a command under a message id of its own.

    Raises
    ------
    CommandRefused : a name or a value outside its limits, or a number that is not finite.
    """
    _require_finite(parameters)
    command = CommandMessage(
        command_name=name,
        parameters=dict(parameters),
        metadata=MessageMetadata(
            message_id=uuid.uuid4(),
            timestamp=datetime.now(UTC),
            message_type="control_command",
            source=source,
            destination=SIMULATOR,
        ),
    )
    return decode_command(msgspec.json.encode(command))


def _require_finite(parameters: Mapping[str, Scalar]) -> None:
    """Refuse what JSON cannot say: encoded, it would be null, another value without a word."""
    for name, value in parameters.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise CommandRefused(
                "invalid_message", f"parameter {name} is {value}, must be finite: give a number"
            )


async def request(client: Client, settings: Settings, command: CommandMessage) -> CommandAnswer:
    """Store a command and return what became of it.

    Raises
    ------
    BrokerError : it cannot be stored, or no answer comes within ``commands.timeout_s``: it has
        acted and the answer was lost, or it never will.
    """
    # Before the command, on the same connection, so the broker knows of it when the answer comes.
    answers = await client.subscribe(subjects.COMMAND_RESPONSES)
    try:
        sequence = await _store(client, settings, command)
        return await _wait(command, sequence, answers, settings.commands.timeout_s)
    finally:
        await answers.unsubscribe()


async def _wait(
    command: CommandMessage, sequence: int, answers: Subscription, timeout_s: float
) -> CommandAnswer:
    try:
        async with asyncio.timeout(timeout_s):
            return await _answer_to(command, sequence, answers)
    except TimeoutError as error:
        raise BrokerError(
            f"{command.command_name} is stored as sequence {sequence}, but no simulator answered "
            f"within {timeout_s:g} s (commands.timeout_s): it has acted and its answer was lost, "
            "or it never will; see whether `qiki sim` runs on that broker and what its frames "
            "show, and send the command again if it has not acted"
        ) from error


async def _store(client: Client, settings: Settings, command: CommandMessage) -> int:
    message = Message(
        subjects.COMMANDS,
        msgspec.json.encode(command),
        {headers.MESSAGE_ID: str(command.metadata.message_id)},
    )
    return (await Publisher(client, settings.nats.publish_timeout_s).publish(message)).seq


async def _answer_to(
    command: CommandMessage, sequence: int, answers: Subscription
) -> CommandAnswer:
    request_id = command.metadata.correlation_id or str(command.metadata.message_id)
    async for message in answers.messages:
        try:
            found = msgspec.json.decode(message.data, type=_Acknowledgement)
            whole = msgspec.json.decode(message.data, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            log.warning("answer_unreadable", subject=message.subject, error=str(error))
            continue
        if (found.payload.sequence, found.request_id) != (sequence, request_id):
            continue
        reason = found.error_detail.message if found.error_detail else "no reason given"
        return CommandAnswer(sequence, None if found.success else reason, whole, found.payload.note)
    raise BrokerError(
        f"{command.command_name} is stored as sequence {sequence}, but the connection closed "
        "before the answer came: see what the frames show, and send the command again if it has "
        "not acted"
    )
