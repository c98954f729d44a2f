"""A stream read in order from where its reader stands, whatever becomes of stream and broker.

Where a reader stands is a sequence, and sequences say something only about one stream: one that was
deleted and made anew, or that a power cut took back, begins to count where it had been before. So
the broker is asked which stream it has, at the start and after each silence.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js.errors import APIError, NotFoundError

from qiki.bus.connection import STARTING, SilentBrokerError, api_failure
from qiki.bus.standing_pull import StandingPull
from qiki.bus.stored_messages import DatedMessage
from qiki.errors import BrokerError

ANSWER_TIMEOUT_S = 1.0
RETRY_WAIT_S = 0.1
TAKE_S = 1.0
PULL_BATCH = 64
IDLE_HEARTBEAT_S = 1.0

log = structlog.get_logger()


class StreamNow(NamedTuple):
    """A stream as the broker has it."""

    name: str
    created: str
    first_sequence: int
    last_sequence: int


class StreamReader:
    """Reads one stream for somebody who keeps where he stands.

    Parameters
    ----------
    client : an open connection.
    stream, durable : the consumer; it acknowledges none and delivers all.
    stand : told what the broker has, at the start and after each silence; returns the sequence
        behind which to go on.
    take : gets each message, in order. Where the broker is silent to it (`SilentBrokerError`), the
        reader stands anew once the broker answers.
    """

    def __init__(
        self,
        client: Client,
        stream: str,
        durable: str,
        stand: Callable[[StreamNow], Awaitable[int]],
        take: Callable[[DatedMessage], Awaitable[None]],
    ) -> None:
        self._client = client
        self._jetstream = client.jetstream(timeout=ANSWER_TIMEOUT_S)
        self._stream = stream
        self._durable = durable
        self._stand = stand
        self._take = take

    async def run(self, stop: asyncio.Event) -> None:
        """Read until `stop` is set.

        Raises
        ------
        BrokerError : stream or consumer are gone, or the broker refuses to let them be read.
        """
        while (now := await self._now(stop)) is not None:
            try:
                behind = await self._stand(now)
            except (TimeoutError, nats.errors.Error) as error:  # the broker is away again
                log.debug("stream_not_asked", stream=self._stream, error=repr(error))
                await asyncio.sleep(RETRY_WAIT_S)
            else:
                await self._read_on(behind + 1, stop)

    async def _read_on(self, first_sequence: int, stop: asyncio.Event) -> None:
        """Read until it is time to stand anew; whoever takes a message may find no broker."""
        try:
            await self._read(first_sequence, stop)
        except SilentBrokerError as error:
            log.warning("broker_waited_for", stream=self._stream, reason=str(error))

    async def _read(self, first_sequence: int, stop: asyncio.Event) -> None:
        """Read until `stop` is set, or the broker was away and may have another stream now."""
        async with StandingPull(
            self._client,
            self._stream,
            self._durable,
            stop,
            first_sequence=first_sequence,
            batch=PULL_BATCH,
            idle_heartbeat_s=IDLE_HEARTBEAT_S,
        ) as pull:
            while not stop.is_set():
                message = await pull.take(TAKE_S)
                if pull.silences:
                    return  # what was taken is read again: it may be another stream's
                if message is not None:
                    await self._take(message)

    async def _now(self, stop: asyncio.Event) -> StreamNow | None:
        """Return the stream as it is; None when `stop` is set."""
        while not stop.is_set():
            try:
                info = await self._jetstream.stream_info(self._stream)
            except NotFoundError as error:
                raise BrokerError(
                    f"stream {self._stream} is missing, must be there: run `qiki js apply`"
                ) from error
            except APIError as error:
                if error.err_code != STARTING:
                    raise api_failure(f"stream {self._stream}", error) from error
                log.debug("stream_not_asked", stream=self._stream, error=repr(error))
            except (TimeoutError, nats.errors.Error) as error:  # the broker is away
                log.debug("stream_not_asked", stream=self._stream, error=repr(error))
            else:
                created = "" if info.created is None else info.created.isoformat()
                state = info.state
                return StreamNow(self._stream, created, state.first_seq, state.last_seq)
            await asyncio.sleep(RETRY_WAIT_S)
        return None
