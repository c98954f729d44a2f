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
from qiki.bus.cloudevents import EventTemplate
from qiki.bus.connection import connected
from qiki.bus.number_gaps import NumberGaps
from qiki.bus.publish import Message, Publisher
from qiki.bus.standing_pull import StandingPull, Stored
from qiki.bus.stream_apply import require
from qiki.serve.epoch import drawn
from qiki.serve.not_accepted import NotAcceptedLog
from qiki.serve.settle import settle
from qiki.serve.stop_signal import stop_signal
from qiki.serve.tracker_config import tracker_config
from qiki.setting_layers import load
from qiki.settings import Settings
from qiki.tracking import Answer, FrameTracker

SCHEMA = "qiki.radar.v1.RadarTrackColumns"
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
        tracker_id, epoch = settings.tracker.id, drawn(settings.tracker.epoch)
        self._tracker = FrameTracker(
            tracker_config(settings.tracker), tracker_id=tracker_id, epoch=epoch
        )
        self._name = f"{tracker_id}:{epoch}"
        source = f"urn:qiki:tracker:{self._name}"
        self._template = EventTemplate(source, "qiki.radar.v1.Tracks", schema=SCHEMA)
        self._last_output = 0  # sequence of the newest tracks message
        self._gaps = NumberGaps()
        self._not_accepted = NotAcceptedLog()

    async def run(self, stop: asyncio.Event) -> None:
        """Answer frames until `stop` is set; the frame at hand is answered."""
        streams, bridge = self._settings.streams, self._settings.bridge
        await require(self._jetstream, [streams.radar, streams.tracks])
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
                    await self._answer(frame)
        self._not_accepted.close()

    async def _first_unanswered(self) -> int:
        """Return the stream sequence behind the newest answered frame."""
        tracks = self._settings.streams.tracks
        try:
            newest = await self._jetstream.get_last_msg(tracks, subjects.TRACKS, direct=True)
        except NotFoundError:
            return 1
        self._last_output = newest.seq or 0
        return (headers.integer(newest.headers or {}, headers.INPUT_SEQUENCE) or 0) + 1

    async def _answer(self, frame: Stored) -> None:
        checksum = headers.expected_checksum(frame.headers, frame.payload)
        answer = self._tracker.answer(frame.payload, checksum)
        self._not_accepted.note(answer)
        message = self._message(frame, answer)
        gap = self._gaps.gap_before(message.headers, frame.sequence)
        if gap.missing:
            log.error("frames_missing", count=gap.missing, before_sequence=frame.sequence)
        self._last_output = (await self._publisher.publish(message)).seq

    def _message(self, frame: Stored, answer: Answer) -> Message:
        message_id = f"{self._name}:{frame.sequence}"
        sent_ns = frame.headers.get(headers.PUBLISH_TIME_NS, "")
        return Message(
            subjects.TRACKS,
            answer.payload,
            self._template.headers(message_id, answer.time_ns)
            | {
                headers.MESSAGE_ID: message_id,
                headers.EXPECTED_LAST_SUBJECT_SEQUENCE: str(self._last_output),
                headers.SENSOR_ID: frame.headers.get(headers.SENSOR_ID, answer.sensor_id),
                headers.EPOCH: frame.headers.get(headers.EPOCH, str(answer.epoch)),
                headers.NUMBER: frame.headers.get(headers.NUMBER, str(answer.number)),
                headers.INPUT_SEQUENCE: str(frame.sequence),
                headers.VERDICT: answer.verdict,
                headers.DETECTIONS: str(answer.detections),
                headers.TRACKS: str(answer.tracks),
                headers.CONFIRMED: str(answer.confirmed),
                headers.CRC32C: headers.checksum_text(answer.crc32c),
                headers.INPUT_PUBLISH_TIME_NS: sent_ns,
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
