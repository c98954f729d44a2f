"""Publish to JetStream until it is stored, or say why it cannot be."""

import asyncio
import time
from collections.abc import Mapping
from typing import NamedTuple

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js.api import PubAck
from nats.js.errors import APIError, NoStreamResponseError

from qiki.bus.connection import STARTING, SilentBrokerError, api_failure
from qiki.errors import BrokerError
from qiki.figures import FIGURES

ATTEMPT_TIMEOUT_S = 1.0
RETRY_WAIT_S = 0.1
HEADER_BYTES_MAX = (64 << 10) - 1  # JetStream's own limit, error 10097

log = structlog.get_logger()


class Message(NamedTuple):
    """What goes out. The headers hold a ``Nats-Msg-Id``, so that a repeat is stored once."""

    subject: str
    payload: bytes
    headers: dict[str, str]


class Publisher:
    """Stores messages in JetStream.

    Parameters
    ----------
    client : an open connection.
    timeout_s : repeat an unanswered publish this long.
    """

    def __init__(self, client: Client, timeout_s: float) -> None:
        self._client = client
        self._jetstream = client.jetstream()
        self._timeout_s = timeout_s

    async def publish(self, message: Message, *, may_be_stored: bool = False) -> PubAck:
        """Store one message, repeating it while the broker does not answer.

        Parameters
        ----------
        message : what to store.
        may_be_stored : whether another may have stored the same, under the same id.

        Raises
        ------
        WrongSequenceError : another writer was there first.
        SilentBrokerError : the broker did not answer, at least for part of the time.
        BrokerError : no stream takes the subject, the stream is full, the message is too large,
            or its id was used by another message.
        """
        deadline = time.monotonic() + self._timeout_s
        repeated = was_silent = False
        while True:
            try:
                stored = await self._attempt(message)
            except NoStreamResponseError as error:
                cause: Exception = error
            except (TimeoutError, nats.errors.Error) as error:
                cause = error
                was_silent = True
            else:
                if stored.duplicate and not (repeated or may_be_stored):
                    raise _used_id(message)
                FIGURES.published[message.subject] += 1
                return stored
            if time.monotonic() > deadline:
                # One that comes back has no streams for a moment, which is no refusal.
                raise (self._silent if was_silent else self._no_stream)(message) from cause
            log.warning("publish_repeated", subject=message.subject, error=repr(cause))
            await asyncio.sleep(RETRY_WAIT_S)
            repeated = True

    async def _attempt(self, message: Message) -> PubAck:
        """Publish once; what will not get better by repeating becomes a `BrokerError`."""
        refusal = unfit(*message, self._client.max_payload)
        if refusal is not None:
            raise refusal
        try:
            return await self._jetstream.publish(
                message.subject, message.payload, ATTEMPT_TIMEOUT_S, headers=message.headers
            )
        except APIError as error:
            if error.err_code == STARTING:
                raise nats.errors.TimeoutError from error
            raise api_failure(f"publish to {message.subject}", error) from error

    def _no_stream(self, message: Message) -> BrokerError:
        return BrokerError(
            f"publish to {message.subject}: stored by no stream, must be by one: "
            "run `qiki js apply`"
        )

    def _silent(self, message: Message) -> SilentBrokerError:
        return SilentBrokerError(
            f"publish to {message.subject}: not stored within {self._timeout_s:g} s "
            "(nats.publish_timeout_s): see whether the broker runs and its disk has room"
        )


def unfit(
    subject: str, payload: bytes, header: Mapping[str, str], limit_bytes: int
) -> BrokerError | None:
    """Return the error for a message that the broker does not take, None for one that fits.

    The broker counts the headers too, and ends the connection of whoever sends more than
    ``limit_bytes``; the client looks at the payload alone.
    """
    header_bytes = _header_bytes(header)
    if header_bytes > HEADER_BYTES_MAX:
        return BrokerError(
            f"message for {subject} has {header_bytes} bytes of headers, a stream takes at most "
            f"{HEADER_BYTES_MAX}: send shorter ones"
        )
    size_bytes = header_bytes + len(payload)
    if size_bytes > limit_bytes:
        return BrokerError(
            f"message for {subject} has {size_bytes} bytes, {header_bytes} of them headers, the "
            f"broker takes at most {limit_bytes} (max_payload): raise broker.max_payload_bytes, "
            "or send smaller frames"
        )
    return None


def _header_bytes(header: Mapping[str, str]) -> int:
    """Return the size of headers as the client writes them."""
    lines = [f"{name}: {value}" for name, value in header.items()]
    return sum(len(line.encode()) + len("\r\n") for line in ["NATS/1.0", *lines, ""])


def _used_id(message: Message) -> BrokerError:
    """Return the error for a message that the broker dropped because it knows its id."""
    return BrokerError(
        f"publish to {message.subject}: Nats-Msg-Id {message.headers.get('Nats-Msg-Id')} was used "
        "within the stream's duplicate window, must be new: wait until that window is over"
    )
