"""The bridge: one frame in, one tracks message out, in the order of the stream."""

import asyncio
import time
from functools import partial

import structlog
from nats.aio.client import Client

from qiki.bus import headers
from qiki.bus.connection import WrongSequenceError, connected
from qiki.bus.durability import require_durable
from qiki.bus.jetstream_effects import ATTEMPT_TIMEOUT_S, JetStreamEffects, limits_of
from qiki.bus.publish import HEADER_BYTES_MAX
from qiki.bus.recoverable_worker import RecoverableWorker
from qiki.bus.stream_apply import require
from qiki.bus.tracks_log import tracks_log
from qiki.bus.worker_effects import Answer, Stop, StopKind
from qiki.bus.worker_epoch import EpochChoice
from qiki.errors import BrokerError, RecoveryError, SettingError
from qiki.figures import FIGURES
from qiki.serve.consumer_lag import ConsumerName
from qiki.serve.epoch import drawn
from qiki.serve.json_tracks import JsonTracks
from qiki.serve.not_accepted import NotAcceptedLog
from qiki.serve.observed import observed
from qiki.serve.registration_events import RegistrationEvents
from qiki.serve.registration_watch import table_of
from qiki.serve.settle import settle
from qiki.serve.stop_signal import REST_S, stop_signal
from qiki.serve.tracker_core import tracker_core
from qiki.serve.unseen_sensors import UnseenSensors
from qiki.serve.watched import end_task, watched
from qiki.settings import Settings
from qiki.tracking import FrameTracker

LONGEST_ANSWER_BYTES = FrameTracker.MAX_ANSWER_BYTES + HEADER_BYTES_MAX + 1

log = structlog.get_logger()


class Bridge:
    """Answers every frame of the stream with what it did to the tracks.

    It keeps nothing of its own: where it stands is in the stream of tracks, the tracker's state in
    snapshots beside it and in the frames since. So it may be killed at any instant, and goes on
    with the same bytes (`qiki.bus.recoverable_worker`).

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
        self._core = core = tracker_core(settings)
        is_sought = bool(settings.tracker.registration)
        self._registration = RegistrationEvents(client, settings) if is_sought else None
        self._unseen = UnseenSensors(settings.tracker)
        self._has_answered = False
        self._ends_at_s: float | None = None  # when all must be told, of the loop's clock
        epoch = settings.tracker.epoch
        choice = EpochChoice(drawn(epoch), epoch, settings.bridge.new_epoch)
        self._worker = RecoverableWorker(core, choice, limits_of(settings), self._tell)
        is_json = settings.radar.encoding == "json"
        self._json_tracks = JsonTracks(client, settings) if is_json else None

    def facts(self) -> dict[str, object]:
        """Return which tracker it runs, and the newest answered sequence of the stream."""
        position, teller = self._worker.position, self._json_tracks
        return {
            "epoch": None if position is None else position.epoch.number,
            "answered_sequence": None if position is None else position.input_sequence,
            **({} if teller is None else {"json_tracks_sequence": teller.told_sequence}),
            **({} if self._registration is None else {"registration": self._estimates()}),
            "unseen_sensors": self._unseen.setting_by_id,
        }

    def _estimates(self) -> dict[str, object]:
        return {id: table_of(told.estimate) for id, told in self._core.news.latest.items()}

    async def run(self, stop: asyncio.Event) -> None:
        """Answer frames until `stop` is set; the frame at hand is answered.

        Raises
        ------
        RecoveryError : what is stored does not allow to go on.
        SettingError : the broker does not take the longest answer, or is not as durable as asked.
        BrokerError : a stream is missing or full, the broker refuses or does not answer, or another
            bridge writes the tracks.
        """
        streams = self._settings.streams
        written = {streams.tracks, tracks_log(self._settings).stream}
        needed = [streams.radar, *sorted(written), streams.snapshots]
        needed += [] if self._registration is None else [streams.events]
        jetstream = self._client.jetstream(timeout=ATTEMPT_TIMEOUT_S)
        await require(jetstream, needed, self._settings.nats.publish_timeout_s)
        await require_durable(self._client, self._settings, needed)
        require_room(self._client.max_payload)
        await self._run_with_events(stop)

    async def _run_with_events(self, stop: asyncio.Event) -> None:
        """Answer frames and, where biases are sought, store what changes of them."""
        events = self._registration
        if events is None:
            await self._run_all(stop)
            return
        storing = asyncio.create_task(events.run())
        try:
            await watched(self._run_all(stop), lambda: storing.done() and storing.result())
        finally:
            await end_task(storing)
            await events.rest(self._rest_until_s())

    async def _run_all(self, stop: asyncio.Event) -> None:
        """Answer frames and, in JSON, tell the answers; a failure of one ends both.

        At the end those that wait are told within `REST_S`; the next start tells what is left.
        """
        teller = self._json_tracks
        if teller is None:
            await self._answer(stop)
            return
        is_answered = asyncio.Event()
        telling = asyncio.create_task(teller.run(is_answered))
        try:
            await watched(self._answer(stop), partial(_require_going, telling))
            await self._tell_rest(teller, telling, is_answered)
        finally:
            await end_task(telling)

    def _tell(self, answer: Answer) -> None:
        """Tell of an answer that is stored.

        The first one after a start tells of all sensors: what changed in answers that were made
        again nobody may have been told.
        """
        count_answer(answer)
        self._unseen.take(answer.headers.get(headers.SENSOR_ID, ""))
        news = self._core.news
        FIGURES.registration.update((id, told.estimate) for id, told in news.latest.items())
        events, position = self._registration, self._worker.position
        if events is None or position is None:
            return
        told = [] if self._has_answered else news.standing()
        self._has_answered = True
        for facts in [*told, *([] if answer.news is None else [answer.news.facts])]:
            events.take(f"{self._core.tracker_id}:{position.epoch.number}", facts)

    async def _tell_rest(
        self, teller: JsonTracks, telling: asyncio.Task[None], is_answered: asyncio.Event
    ) -> None:
        """Wait until all answers are told, or it ends: the next start tells what is left."""
        position = self._worker.position
        newest = 0 if position is None else position.output_sequence
        try:
            async with asyncio.timeout_at(self._rest_until_s()):
                await watched(teller.reach(newest), partial(_require_going, telling))
                is_answered.set()
                await asyncio.wait({telling})
        except TimeoutError:
            told = teller.told_sequence
            log.warning("json_tracks_left", told_sequence=told, answers=newest - told)
        _require_going(telling)

    def _rest_until_s(self) -> float:
        """Return when to give up telling at the end [s of the loop's clock], one time for all."""
        if self._ends_at_s is None:
            self._ends_at_s = asyncio.get_running_loop().time() + REST_S
        return self._ends_at_s

    async def _answer(self, stop: asyncio.Event) -> None:
        lines = NotAcceptedLog()
        try:
            async with JetStreamEffects(self._client, self._settings, stop, lines.write) as broker:
                end = await broker.run(self._worker)
        finally:
            lines.close()
            log.info("bridge_ended", **self._worker.counters)
        if end.kind is not StopKind.ASKED:
            raise _failure(end)


def _require_going(task: asyncio.Task[None]) -> None:
    """Raise what ended a task, if anything did."""
    if task.done():
        task.result()


def require_room(max_payload_bytes: int) -> None:
    """Refuse a broker that could not store every answer: one frame would stop the bridge for good.

    Raises
    ------
    SettingError : it takes only shorter messages.
    """
    if max_payload_bytes < LONGEST_ANSWER_BYTES:
        raise SettingError(
            f"max_payload of the broker is {max_payload_bytes}, must be at least "
            f"{LONGEST_ANSWER_BYTES}, the longest answer to a frame with its headers: raise it in "
            "the broker's configuration, which for the broker of `qiki up` is "
            "broker.max_payload_bytes"
        )


def count_answer(answer: Answer) -> None:
    """Add an answer that is stored to the figures of the process."""
    FIGURES.frame_done(headers.integer(answer.headers, headers.DETECTIONS) or 0)
    FIGURES.tracks_confirmed = headers.integer(answer.headers, headers.CONFIRMED) or 0
    sent_ns = headers.integer(answer.headers, headers.INPUT_PUBLISH_TIME_NS)
    if sent_ns is not None:
        FIGURES.latency.add((time.time_ns() - sent_ns) / 1e6)
    if answer.not_accepted is not None:
        words = answer.not_accepted
        FIGURES.frame_not_accepted(str(words["verdict"]), str(words["reason"]))


def _failure(end: Stop) -> BrokerError:
    """Return the error for an end that nobody asked for."""
    match end.kind:
        case StopKind.REFUSED | StopKind.GAP:
            return RecoveryError(end.text)
        case StopKind.FENCED:
            return WrongSequenceError(end.text)
        case _:
            return BrokerError(end.text)


async def serve_bridge(settings: Settings) -> None:
    """Run the bridge service until SIGTERM or SIGINT.

    Raises
    ------
    RecoveryError : what is stored does not allow to go on.
    SettingError : the tracker cannot be made, the broker does not take the longest answer, or is
        not as durable as asked, or metrics cannot be served as asked.
    ListenError : the port of the metrics is taken.
    BrokerError : the broker is missing, lacks a stream, or stops storing.
    """
    stop = stop_signal()
    async with connected(settings.nats, "qiki-bridge") as client:
        bridge = Bridge(client, settings)
        reads = [ConsumerName(settings.streams.radar, settings.bridge.durable)]
        if settings.radar.encoding == "json":
            reads.append(ConsumerName(settings.streams.tracks_log, settings.bridge.durable))
        async with observed(client, settings, "bridge", reads, bridge.facts):
            settle()
            await bridge.run(stop)
