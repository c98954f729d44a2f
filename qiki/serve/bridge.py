"""The bridge: one frame in, one tracks message out, in the order of the stream."""

import asyncio
import time

import structlog
from nats.aio.client import Client
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from qiki.bus import headers, subjects
from qiki.bus.cloudevents import EventTemplate
from qiki.bus.connection import WrongSequenceError, connected
from qiki.bus.number_gaps import NumberGaps
from qiki.bus.publish import Message, Publisher
from qiki.bus.standing_pull import StandingPull, Stored
from qiki.bus.stream_apply import require
from qiki.errors import BrokerError
from qiki.serve.epoch import drawn
from qiki.serve.not_accepted import NotAcceptedLog
from qiki.serve.settle import settle
from qiki.serve.stop_signal import stop_signal
from qiki.serve.tracker_config import tracker_config
from qiki.settings import Settings
from qiki.tracking import Answer, FrameTracker

SCHEMA = "qiki.radar.v1.RadarTrackColumns"
BAND_MESSAGES = 2  # that follow each frame in its stream

log = structlog.get_logger()


class Bridge:
    """Answers every frame of the stream with what it did to the tracks.

    The position is in the stream of tracks itself: the last message there names its input, and
    the bridge goes on behind it. Each publish expects that message to be still the last, so that
    two bridges cannot write one stream.

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : names of streams and durable, timeouts, the tracker.

    Raises
    ------
    SettingError : the tracker cannot be made as the settings ask.
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
        self._template = EventTemplate(
            f"urn:qiki:tracker:{self._name}",
            "qiki.radar.v1.Tracks",
            schema=SCHEMA,
        )
        self._last_output = 0  # sequence of the newest tracks message
        self._gaps = NumberGaps()
        self._not_accepted = NotAcceptedLog()

    async def run(self, stop: asyncio.Event) -> None:
        """Answer frames until `stop` is set; the frame at hand is answered.

        Raises
        ------
        BrokerError : a stream is missing or full, or another bridge writes the tracks.
        """
        streams, bridge = self._settings.streams, self._settings.bridge
        await require(self._jetstream, [streams.radar, streams.tracks])
        first_sequence = await self._first_unanswered()
        pull = StandingPull(
            self._client,
            streams.radar,
            bridge.durable,
            stop,
            first_sequence=first_sequence,
            batch=bridge.pull_batch,
            idle_heartbeat_s=bridge.idle_heartbeat_s,
        )
        async with pull:
            log.info("bridge_started", tracker=self._name, first_sequence=first_sequence)
            async for frame in pull:
                await self._answer(frame)
        self._not_accepted.close()

    async def _first_unanswered(self) -> int:
        """Return the stream sequence behind the newest answered frame."""
        newest = await self._newest_output()
        if newest is None:
            return 1
        self._last_output = newest.seq or 0
        header = newest.headers or {}
        self._gaps.missing_before(header)
        answered = headers.integer(header, headers.INPUT_SEQUENCE) or 0
        frames = (await self._jetstream.stream_info(self._settings.streams.radar)).state
        if frames.last_seq < answered:
            raise BrokerError(
                f"stream {self._settings.streams.radar} ends at {frames.last_seq}, must "
                f"reach {answered}, which {self._settings.streams.tracks} has answered: restore "
                "it, or delete both streams and run `qiki js apply`"
            )
        gone = frames.first_seq - (answered + 1)
        if gone > BAND_MESSAGES:  # more than the parts of the answered frame
            log.error("unanswered_aged_out", messages=gone, answered_sequence=answered)
        return answered + 1

    async def _newest_output(self) -> RawStreamMsg | None:
        try:
            return await self._jetstream.get_last_msg(
                self._settings.streams.tracks, subjects.TRACKS, direct=True
            )
        except NotFoundError:
            return None

    async def _answer(self, frame: Stored) -> None:
        checksum = headers.expected_checksum(frame.headers, frame.payload)
        answer = self._tracker.answer(frame.payload, checksum)
        self._not_accepted.note(answer, frame.sequence)
        message = self._message(frame, answer)
        if missing := self._gaps.missing_before(message.headers):
            log.error("frames_missing", count=missing, before_sequence=frame.sequence)
        self._last_output = await self._publish(message)

    async def _publish(self, message: Message) -> int:
        try:
            return (await self._publisher.publish(message)).seq
        except WrongSequenceError:
            # An earlier attempt may have been stored though its acknowledgement was lost.
            newest = await self._newest_output()
            if newest is None:  # all output has aged out, and the broker counts from 0 again
                message.headers[headers.EXPECTED_LAST_SUBJECT_SEQUENCE] = "0"
                return (await self._publisher.publish(message)).seq
            if newest.data != message.payload:
                raise
            return newest.seq or 0

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
                # The frame's own claim where it has one: a refused payload names nothing.
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


async def serve_bridge(settings: Settings) -> None:
    """Run the bridge service until SIGTERM or SIGINT.

    Raises
    ------
    BrokerError : the broker is missing, lacks a stream, or stops storing.
    """
    stop = stop_signal()
    async with connected(settings.nats, "qiki-bridge") as client:
        bridge = Bridge(client, settings)
        settle()
        await bridge.run(stop)
