"""Watches the streams of frames and tracks and feeds a `FlowAudit`."""

import asyncio
import time
from collections.abc import Callable
from typing import Self

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy
from nats.js.client import JetStreamContext as PushContext
from nats.js.errors import NotFoundError

from qiki.bus import subjects
from qiki.bus.tracks_log import tracks_log
from qiki.serve.flow_audit import FlowAudit
from qiki.settings import Settings

POLL_S = 0.02
HEARTBEAT_S = 1.0


class FlowMonitor:
    """Counts what is stored from now on; an async context manager.

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : names of the streams.
    audit : what is fed.
    on_tracks : gets the payload of every tracks message of the audit's epoch, in stream order.
    """

    def __init__(
        self,
        client: Client,
        settings: Settings,
        audit: FlowAudit,
        on_tracks: Callable[[bytes], None] | None = None,
    ) -> None:
        self.audit = audit
        self._on_tracks = on_tracks
        self._jetstream = client.jetstream()
        self._frames_stream = settings.streams.radar
        self._log = tracks_log(settings)
        self._seen = {subjects.FRAMES: 0, self._log.subject: 0}  # newest sequence of each
        self._subscriptions: list[PushContext.PushSubscription] = []

    async def __aenter__(self) -> Self:
        """Begin behind what the streams hold now."""
        for stream, subject, take in (
            (self._frames_stream, subjects.FRAMES, self._take_frame),
            (*self._log, self._take_tracks),
        ):
            state = (await self._jetstream.stream_info(stream)).state
            self._seen[subject] = state.last_seq
            subscription = await self._jetstream.subscribe(
                subject,
                stream=stream,
                cb=take,
                ordered_consumer=True,
                idle_heartbeat=HEARTBEAT_S,
                config=ConsumerConfig(
                    deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                    opt_start_seq=state.last_seq + 1,
                    headers_only=subject == subjects.FRAMES or self._on_tracks is None,
                ),
            )
            self._subscriptions.append(subscription)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop watching."""
        for subscription in self._subscriptions:
            await subscription.unsubscribe()

    async def catch_up(self) -> None:
        """Wait until everything that is stored by now has been counted."""
        stored = await self._stored()
        while not self._counted(stored):  # noqa: ASYNC110 - for a count, not an event
            await asyncio.sleep(POLL_S)

    async def drain(self, patience_s: float, gone: Callable[[], bool] = lambda: False) -> None:
        """Wait until every frame that is stored by now has its answer.

        Ends early when nothing more is answered for `patience_s`, or when the bridge is `gone`;
        ``audit.unanswered`` then says how many frames are left.

        A deadline of its own, not `asyncio.timeout`: that cancels once, and on Python 3.11 the
        `asyncio.wait_for` inside a request of the client can lose it; the wait then has no end.
        """
        stored = await self._stored()
        answered = -1
        while not self._counted(stored) or (self.audit.unanswered and not gone()):
            if self.audit.tracks_messages > answered:
                answered = self.audit.tracks_messages
                deadline_s = time.monotonic() + patience_s
            if time.monotonic() >= deadline_s:
                return
            await asyncio.sleep(POLL_S)

    async def _stored(self) -> dict[str, int]:
        """Return the newest stored sequence of each subject; 0 before the first."""
        return {
            subject: await _newest_sequence(self._jetstream, stream, subject)
            for subject, stream in (
                (subjects.FRAMES, self._frames_stream),
                (self._log.subject, self._log.stream),
            )
        }

    def _counted(self, stored: dict[str, int]) -> bool:
        return all(self._seen[subject] >= newest for subject, newest in stored.items())

    async def _take_frame(self, message: Msg) -> None:
        sequence = message.metadata.sequence.stream
        self.audit.frame_stored(sequence, message.headers or {})
        self._seen[subjects.FRAMES] = sequence

    async def _take_tracks(self, message: Msg) -> None:
        ours = self.audit.tracks_stored(message.headers or {}, time.time_ns())
        if ours and self._on_tracks is not None:
            self._on_tracks(message.data)
        self._seen[self._log.subject] = message.metadata.sequence.stream


async def _newest_sequence(jetstream: JetStreamContext, stream: str, subject: str) -> int:
    try:
        return (await jetstream.get_last_msg(stream, subject, direct=True)).seq or 0
    except NotFoundError:
        return 0
