"""Single messages of a stream."""

from typing import Any, NamedTuple

import nats.errors
from nats.aio.client import Client
from nats.js.api import RawStreamMsg
from nats.js.errors import APIError, NotFoundError

from qiki.bus.worker_effects import StoredMessage


class DatedMessage(NamedTuple):
    """One message of a stream, when the broker stored it, by its own clock, and its subject."""

    message: StoredMessage
    time_s: float
    subject: str


class StoredMessages:
    """Reads messages one at a time; each method returns None where there is none.

    Parameters
    ----------
    client : an open connection.
    timeout_s : for one answer of the broker.
    """

    def __init__(self, client: Client, timeout_s: float) -> None:
        self._jetstream = client.jetstream(timeout=timeout_s)

    async def get(self, stream: str, **which: Any) -> StoredMessage | None:
        """Return the message that `which` names, in the words of ``JetStreamManager.get_msg``.

        Raises
        ------
        APIError, TimeoutError, nats.errors.Error : the broker refuses, or does not answer.
        """
        try:
            return _message(await self._jetstream.get_msg(stream, direct=True, **which))
        except NotFoundError:
            return None

    async def get_of_others(self, stream: str, **which: Any) -> DatedMessage | None:
        """Return a message that anybody may have published, with any headers.

        The client takes a header ``Status`` for the broker's own word: with 404 the message would
        be missing, with 503 nobody would answer, and others make it look for a header that is not
        there. So where it finds no message, the one other way to read is asked.

        Raises
        ------
        APIError, TimeoutError, nats.errors.Error : the broker refuses, or does not answer.
        """
        try:
            return _dated(await self._jetstream.get_msg(stream, direct=True, **which))
        except (APIError, nats.errors.NoRespondersError, KeyError):
            pass
        try:
            return _dated(await self._jetstream.get_msg(stream, **which))
        except NotFoundError:
            return None


def _message(found: RawStreamMsg) -> StoredMessage:
    return StoredMessage(found.seq or 0, found.data or b"", found.headers or {})


def _dated(found: RawStreamMsg) -> DatedMessage:
    time_s = found.time.timestamp() if found.time else 0.0
    return DatedMessage(_message(found), time_s, found.subject or "")
