"""A bridge without recovery, as QIKI first had it: what the price of recovery is measured against.

Pull a frame, let the tracker answer, publish behind the newest tracks message. It saves no state,
proves nothing of what is stored, and where it starts again its tracker is empty. Everything else,
the client, the pull, the tracker, the publish with its guard, is what `qiki bridge` uses too: the
difference of the two is the recovery.

Run it by ``python -m bench.peers.plain_bridge``; settings come from the environment.
"""

import asyncio
import os
import time

import structlog
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from qiki import logs
from qiki.bus import headers, subjects
from qiki.bus.connection import connected
from qiki.bus.number_gaps import NumberGaps
from qiki.bus.publish import Message, Publisher
from qiki.bus.standing_pull import StandingPull
from qiki.bus.stream_apply import require
from qiki.bus.worker_effects import Answer, StoredMessage
from qiki.serve.epoch import drawn
from qiki.serve.settle import settle
from qiki.serve.stop_signal import stop_signal
from qiki.serve.tracker_core import TrackerCore
from qiki.setting_layers import load
from qiki.settings import Settings

WAIT_S = 5.0

log = structlog.get_logger()


class PlainBridge:
    """Answers every frame of the stream with what it did to the tracks.

    Parameters
    ----------
    client : Client
        An open connection to a broker with the declared streams.
    settings : Settings
        Names of streams and durable, timeouts, the tracker.
    """

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._jetstream = client.jetstream()
        self._publisher = Publisher(client, settings.nats.publish_timeout_s)
        epoch = drawn(settings.tracker.epoch)
        self._core = TrackerCore(settings.tracker)
        self._core.begin(epoch)
        self._name = f"{self._core.tracker_id}:{epoch}"
        self._last_output = 0  # sequence of the newest tracks message
        self._gaps = NumberGaps()

    async def run(self, stop: asyncio.Event) -> None:
        """Answer frames until `stop` is set; the frame at hand is answered."""
        streams, bridge = self._settings.streams, self._settings.bridge
        timeout_s = self._settings.nats.publish_timeout_s
        await require(self._jetstream, [streams.radar, streams.tracks], timeout_s)
        pull = StandingPull(
            self._client,
            streams.radar,
            bridge.durable,
            stop,
            first_sequence=await self._first_unanswered(),
            batch=bridge.pull_batch,
            idle_heartbeat_s=bridge.idle_heartbeat_s,
        )
        async with pull:
            while not stop.is_set():
                if (frame := await pull.take(WAIT_S)) is not None:
                    await self._answer(frame.message)

    async def _first_unanswered(self) -> int:
        """Return the stream sequence behind the newest answered frame."""
        tracks = self._settings.streams.tracks
        try:
            newest = await self._jetstream.get_last_msg(tracks, subjects.TRACKS, direct=True)
        except NotFoundError:
            return 1
        self._last_output = newest.seq or 0
        return (headers.integer(newest.headers or {}, headers.INPUT_SEQUENCE) or 0) + 1

    async def _answer(self, frame: StoredMessage) -> None:
        answer = self._core.answer(frame.payload, frame.headers)
        if answer.not_accepted is not None:
            log.warning("frame_not_accepted", **answer.not_accepted)
        if answer.frame is not None:
            gap = self._gaps.gap_before(answer.frame, frame.sequence)
            if gap:
                log.error("frames_missing", count=gap.missing, before_sequence=frame.sequence)
        self._last_output = (await self._publisher.publish(self._message(frame, answer))).seq

    def _message(self, frame: StoredMessage, answer: Answer) -> Message:
        message_id = f"{self._name}:{frame.sequence}"
        return Message(
            subjects.TRACKS,
            answer.payload,
            {
                **answer.headers,
                "ce-id": message_id,
                headers.MESSAGE_ID: message_id,
                headers.EXPECTED_LAST_SUBJECT_SEQUENCE: str(self._last_output),
                headers.INPUT_SEQUENCE: str(frame.sequence),
                headers.PUBLISH_TIME_NS: str(time.time_ns()),
            },
        )


async def serve(settings: Settings) -> None:
    """Run the bridge until SIGTERM or SIGINT."""
    stop = stop_signal()
    async with connected(settings.nats, "plain-bridge") as client:
        bridge = PlainBridge(client, settings)
        settle()
        await bridge.run(stop)


if __name__ == "__main__":
    loaded = load(environment=os.environ).settings
    logs.configure(loaded.log)
    asyncio.run(serve(loaded))
