"""A standing pull on a durable consumer: requests stay ahead, so that messages come at once.

Asking for a batch when the last is used up (``fetch``) costs a round trip per batch; here the
broker always holds an open request. The durable keeps no acknowledgements: the reader says where
it stands when it opens the pull, and every gap makes it go back to the message it lacks.

A second reader of the same durable moves it, and its count begins anew for both. While a request of
ours stands, that shows in the next message: the broker serves open requests in turn, so its count
is small. But the first messages after an opening, or after a request was used up, may come from
elsewhere under the very count that was expected; each of these is looked up in the stream, unless
its sequence there follows the last one's.
"""

import asyncio
import contextlib
import json
from collections import deque
from functools import partial
from types import TracebackType
from typing import Self

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.errors import NotFoundError

from qiki.bus.broker_refusals import Patience, Refusals, refused_answer, refused_request
from qiki.bus.connection import api_failure
from qiki.bus.stored_messages import DatedMessage, StoredMessages
from qiki.bus.worker_effects import StoredMessage

REQUEST_EXPIRES_S = 30.0  # bridge.idle_heartbeat_s must be less than half of it
RETRY_WAIT_S = 0.1
ANSWER_TIMEOUT_S = 1.0
HEARTBEATS_MISSED = 2  # then the request is taken for lost
LOOK_EVERY_S = 0.05  # whether the client has connected again; no request outlives a connection

_STATUS = "Status"
_HEARTBEAT = "100"
_ENDED = {"404", "408"}  # a request that ran out; nothing is lost

log = structlog.get_logger()


class StandingPull:
    """Reads a stream in order through a durable consumer; an async context manager.

    Parameters
    ----------
    client : an open connection.
    stream, durable : the consumer; it exists, acknowledges none and delivers all.
    stop : when it is set, a wait for a message ends.
    first_sequence : stream sequence to begin at.
    batch : messages asked for ahead.
    idle_heartbeat_s : the broker says at least this often that the request stands.

    Attributes
    ----------
    silences : how often the broker was away, not heard, or ended a request; the pull opened again.

    Raises
    ------
    BrokerError : the consumer does not exist, the broker goes on refusing, or the connection is
        closed for good.
    """

    def __init__(
        self,
        client: Client,
        stream: str,
        durable: str,
        stop: asyncio.Event,
        *,
        first_sequence: int,
        batch: int,
        idle_heartbeat_s: float,
    ) -> None:
        self._client = client
        self._jetstream = client.jetstream(timeout=ANSWER_TIMEOUT_S)
        self._messages = StoredMessages(client, ANSWER_TIMEOUT_S)
        self._refusals = Refusals(client)
        self._patience = Patience()
        self._stream = stream
        self._durable = durable
        self._next_sequence = first_sequence
        self._batch = batch
        self._idle_heartbeat_s = idle_heartbeat_s
        self._silence_s = HEARTBEATS_MISSED * idle_heartbeat_s
        self.silences = 0
        self._arrived: deque[Msg] = deque()
        self._woken = asyncio.Event()  # something has arrived, or `stop` is set
        self._inbox = ""
        self._subscription: Subscription | None = None
        self._stop = stop
        self._noticing_stop: asyncio.Task[None] | None = None
        self._heard_s = 0.0
        self._reconnects = 0  # of the client, when the pull was opened
        self._subject = ""  # what the durable delivers
        self._outstanding = 0
        self._delivered = 0  # the consumer's own count since the pull was opened
        self._arrivals = 0  # of them those that wait to be read too
        self._doubtful_through = 0  # of that count: what must be looked up

    async def __aenter__(self) -> Self:
        """Open the pull."""
        try:
            await self._open()
        except BaseException:
            await self._close_subscription()
            raise
        self._noticing_stop = asyncio.create_task(self._notice_stop())
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        """Give the pull up; messages asked for and not yet read are read by the next pull."""
        if self._noticing_stop is not None:
            self._noticing_stop.cancel()
            await asyncio.wait({self._noticing_stop})
        await self._close_subscription()

    async def take(self, wait_s: float) -> DatedMessage | None:
        """Wait at most `wait_s` for the next message; None when none came, or `stop` was set.

        While the broker is away it waits until it is back, which may be longer.

        Raises
        ------
        BrokerError : the consumer is gone, the broker refuses to let it be read, or the connection
            is closed for good.
        """
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + wait_s
        while not self._stop.is_set():
            silent_from_s = self._heard_s + self._silence_s
            if self._arrived:
                if (taken := await self._taken(self._arrived.popleft())) is not None:
                    return taken
            elif loop.time() >= deadline_s:
                return None
            elif loop.time() >= silent_from_s:
                self._raise_standing()
                await self._reopen("silence", seconds=self._silence_s)
            elif self._client.stats["reconnects"] != self._reconnects:
                await self._reopen("connection lost")
            else:
                look_s = loop.time() + LOOK_EVERY_S
                await self._wake_by(min(deadline_s, silent_from_s, look_s))
        return None

    async def _wake_by(self, time_s: float) -> None:
        """Wait until something has happened, at most until a time of the loop's clock."""
        self._woken.clear()
        waking = asyncio.get_running_loop().call_at(time_s, self._woken.set)
        try:
            await self._woken.wait()
        finally:
            waking.cancel()

    async def _taken(self, message: Msg) -> DatedMessage | None:
        """Return the message of the stream, None for anything else, on which it acts."""
        if not await self._is_data(message):
            return None
        sequence = message.metadata.sequence
        in_turn = sequence.consumer == self._delivered + 1
        is_next = sequence.stream == self._next_sequence  # nothing can have been left out
        if in_turn and (is_next or self._delivered >= self._doubtful_through):
            return await self._accepted(message)
        following = await self._look_up()
        if in_turn and following is not None and following.message.sequence == sequence.stream:
            return await self._accepted(message)
        # Of two readers that move the durable in turn, each gets on by a message each time.
        await self._go_behind(following, expected=self._delivered + 1, got=sequence.consumer)
        return following

    async def _accepted(self, message: Msg) -> DatedMessage:
        metadata = message.metadata
        sequence = metadata.sequence
        self._patience.bear(None)
        self._delivered += 1
        self._next_sequence = sequence.stream + 1
        self._outstanding -= 1
        if self._outstanding <= self._batch // 2:
            await self._request()
        stored = StoredMessage(sequence.stream, message.data, message.headers or {})
        return DatedMessage(stored, metadata.timestamp.timestamp(), message.subject)

    async def _look_up(self) -> DatedMessage | None:
        """Return the next message as the stream has it, None where there is none, or no answer."""
        try:
            return await self._messages.get_of_others(
                self._stream, seq=self._next_sequence, subject=self._subject, next=True
            )
        except (TimeoutError, nats.errors.Error) as error:
            self.silences += 1
            log.warning("not_looked_up", durable=self._durable, error=str(error) or repr(error))
            return None

    async def _go_behind(self, taken: DatedMessage | None, **facts: object) -> None:
        """Open the pull again behind a message that did not come through it."""
        if taken is not None:
            self._next_sequence = taken.message.sequence + 1
        log.warning("pull_moved", durable=self._durable, **facts)
        await self._open()

    async def _is_data(self, message: Msg) -> bool:
        """Tell data from status messages, and act on the latter."""
        if not _is_status(message):
            return True
        headers = message.headers or {}
        status = headers[_STATUS]
        if status == _HEARTBEAT:
            self._patience.bear(None)
            last = int(headers.get("Nats-Last-Consumer", self._delivered))
            if last != self._delivered:
                await self._reopen("gap", expected=self._delivered, got=last)
        elif status in _ENDED:
            self._outstanding -= int(headers.get("Nats-Pending-Messages", 0))
            self._doubtful_through = self._arrivals + self._batch
            await self._request()
        else:
            text = headers.get("Description", "without words")
            self._patience.bear(refused_request(self._action, status, text))
            await self._reopen("ended", status=status, text=text)
        return False

    async def _open(self) -> None:
        """Rewind the consumer and begin on a fresh inbox, which no older message can reach."""
        self._refusals.forget()
        self._reconnects = self._client.stats["reconnects"]
        while not self._stop.is_set():
            try:
                await self._rewind()
            except (TimeoutError, nats.errors.Error) as error:  # the broker is away, or starting
                self.silences += 1
                log.warning("pull_not_open", durable=self._durable, error=str(error) or repr(error))
                self._raise_standing(error)
                self._patience.bear(refused_answer(self._action, error), error)
                await asyncio.sleep(RETRY_WAIT_S)
                continue
            self._outstanding = self._delivered = self._arrivals = 0
            self._doubtful_through = self._batch
            self._heard_s = asyncio.get_running_loop().time()
            await self._request()
            return

    async def _rewind(self) -> None:
        await self._close_subscription()
        self._arrived = deque()
        self._inbox = self._client.new_inbox()
        take = partial(self._keep, self._arrived)
        self._subscription = await self._client.subscribe(self._inbox, cb=take)
        try:
            info = await self._jetstream.consumer_info(self._stream, self._durable)
            self._subject = info.config.filter_subject or ">"
            await self._jetstream.reset_consumer(self._stream, self._durable, self._next_sequence)
        except NotFoundError as error:
            raise api_failure(self._action, error) from error

    def _raise_standing(self, cause: Exception | None = None) -> None:
        """Raise what the broker objects to on the connection."""
        standing = self._refusals.standing(self._action, [self._durable])
        if standing is not None:
            raise standing from cause

    @property
    def _action(self) -> str:
        return f"read {self._stream} as {self._durable}"

    async def _reopen(self, reason: str, **facts: object) -> None:
        log.warning("pull_reopened", durable=self._durable, reason=reason, **facts)
        self.silences += 1
        await asyncio.sleep(RETRY_WAIT_S)  # what is refused at once is not asked again at once
        await self._open()

    async def _request(self) -> None:
        """Ask for as many messages as make the batch whole again."""
        wanted = self._batch - self._outstanding
        request = {
            "batch": wanted,
            "expires": round(REQUEST_EXPIRES_S * 1e9),
            "idle_heartbeat": round(self._idle_heartbeat_s * 1e9),
        }
        with contextlib.suppress(nats.errors.Error):  # the silence that follows reopens the pull
            await self._client.publish(
                f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._durable}",
                json.dumps(request).encode(),
                reply=self._inbox,
            )
        self._outstanding += wanted

    async def _keep(self, arrived: deque[Msg], message: Msg) -> None:
        if arrived is not self._arrived:
            return  # of an inbox given up
        self._heard_s = asyncio.get_running_loop().time()
        self._arrivals += not _is_status(message)
        if self._arrivals >= self._outstanding + self._delivered:  # no request stands
            self._doubtful_through = self._arrivals + self._batch
        arrived.append(message)
        self._woken.set()

    async def _notice_stop(self) -> None:
        await self._stop.wait()
        self._woken.set()

    async def _close_subscription(self) -> None:
        if self._subscription is not None:
            with contextlib.suppress(nats.errors.Error):
                await self._subscription.unsubscribe()
            self._subscription = None


def _is_status(message: Msg) -> bool:
    """Tell what the broker says about a request from what the stream holds."""
    return _STATUS in (message.headers or {}) and not message.reply
