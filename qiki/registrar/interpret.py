"""From messages of the bus to records: each message is stored as what it is, or as refused."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from qiki.bus import subjects
from qiki.bus.command_message import asked, decode_command
from qiki.bus.frame_messages import is_numbered, read_frame
from qiki.bus.headers import expected_checksum
from qiki.bus.number_gaps import Gap, NumberGaps, RadarNumber
from qiki.bus.worker_effects import FrameName
from qiki.errors import QikiError
from qiki.radar import RadarFrame
from qiki.registrar.record import Arrival, Batch, FrameCount, Minute, Move, Record
from qiki.registrar.track_lifecycle import (
    BORN_BEFORE,
    Step,
    TrackLifecycle,
    age_ns,
    describe,
    describe_birth,
    track_id_text,
)
from qiki.wire import TracksMessage, decode_tracks

SOURCE = "registrar"  # of its own audit records, as in the original
EVENTS = subjects.EVENTS.removesuffix(">")
REFUSED_BYTES_MAX = 65_536  # what is kept of a refused message
ABOUT_MAX = 256  # characters
MISSING_MAX = 1 << 32  # in one gap, since a number may be anything, and a sum of them must be one
TRACKS_LOGS = (subjects.TRACKS, subjects.TRACKS_LOG)
WHOLE_STREAMS = (*TRACKS_LOGS, subjects.COMMANDS)  # and the events': no sequence is left out

_NUMBERS, _TRACKER = "frame_numbers", "tracker"


class _Metadata(Struct):
    correlation_id: str | None = None


class _Answer(Struct):
    """What of an acknowledgement says what it answers; names as the original has them."""

    success: bool
    kind: str = ""
    request_id: str | None = None
    metadata: _Metadata | None = None


class _RefusedError(QikiError):
    """A message that is not what its subject promises."""


class Interpreter:
    """Makes records of messages, in the order in which they are given.

    Parameters
    ----------
    memory, confirmed : what the database has kept of the interpreter before.
    tentative : record tracks that are not confirmed, too.
    """

    def __init__(
        self, memory: Mapping[str, str], confirmed: list[bytes], *, tentative: bool = False
    ) -> None:
        numbers = memory.get(_NUMBERS, "[]")
        self._numbers = NumberGaps.of(msgspec.json.decode(numbers, type=list[RadarNumber]))
        self._tracker = msgspec.json.decode(memory.get(_TRACKER, "null"))
        self._lifecycle = TrackLifecycle(confirmed, tentative=tentative)
        self._stands: dict[int, int] = {}

    def stand(self, stream_id: int, sequence: int) -> None:
        """Learn behind which message of a stream the next one comes."""
        self._stands[stream_id] = sequence

    def add(self, arrival: Arrival, batch: Batch) -> None:
        """Make records of one message; one that has been seen already adds nothing."""
        if arrival.stream_id is not None and not self._moved(arrival, batch):
            return
        batch.arrivals += 1
        batch.size_bytes += len(arrival.payload)
        try:
            self._understood(arrival, batch)
        except QikiError as error:
            self._add(batch, _refused(arrival, error))

    def remember(self, batch: Batch) -> None:
        """Put into a batch, now complete, what is needed to go on behind it."""
        batch.memory[_NUMBERS] = msgspec.json.encode(self._numbers.newest()).decode()
        batch.memory[_TRACKER] = msgspec.json.encode(self._tracker).decode()

    def _moved(self, arrival: Arrival, batch: Batch) -> bool:
        """Take note of the sequence and of what was left out before it."""
        stream_id, sequence = arrival.stream_id or 0, arrival.sequence or 0
        before = self._stands[stream_id]
        if sequence <= before:
            return False
        is_whole = arrival.subject in WHOLE_STREAMS or arrival.subject.startswith(EVENTS)
        if is_whole and sequence > before + 1:
            told = {"first": before + 1, "last": sequence - 1, "missing": sequence - 1 - before}
            self._add_gap(batch, _told(arrival, "gap.stream", told, part=-1))
        self._stands[stream_id] = sequence
        behind = batch.moves[stream_id].behind if stream_id in batch.moves else before
        batch.moves[stream_id] = Move(behind, sequence, arrival.time_us)
        return True

    def _understood(self, arrival: Arrival, batch: Batch) -> None:
        if arrival.subject == subjects.FRAMES:
            self._frame(arrival, batch)
        elif arrival.subject in TRACKS_LOGS:
            self._tracks(arrival, batch)
        elif arrival.subject == subjects.COMMANDS:
            self._add(batch, _command(arrival))
        elif arrival.subject == subjects.COMMAND_RESPONSES:
            self._add(batch, _acknowledgement(arrival))
        else:
            self._event(arrival, batch)

    def _event(self, arrival: Arrival, batch: Batch) -> None:
        told = _decoded(arrival.payload, dict[str, Any])
        name = arrival.subject.removeprefix(EVENTS)
        record = _verbatim(arrival, f"event.{name}", None)
        if arrival.subject == subjects.AUDIT and told.get("source") == SOURCE:
            batch.records.append(record)  # uncounted, or each report would cause the next
        else:
            self._add(batch, record)

    def _frame(self, arrival: Arrival, batch: Batch) -> None:
        frame = read_frame(arrival.payload, arrival.headers)
        name = FrameName(frame.sensor_id, frame.epoch, frame.number)
        sequence = arrival.sequence or 0
        is_counted = is_numbered(arrival.headers)
        gap = self._numbers.gap_before(name, sequence) if is_counted else Gap(0, sequence)
        missing = min(gap.missing, MISSING_MAX)
        count = FrameCount(1, len(frame), int(frame.coverage.is_empty), int(bool(gap)), missing)
        batch.count(_minute(arrival, frame), count)
        batch.counts["frame"] += 1
        if gap:
            told = {**name._asdict(), "missing": gap.missing, "back_from": gap.back_from}
            told["behind_sequence"] = gap.behind_sequence
            self._add_gap(batch, _told(arrival, "gap.frames", told, about=frame.sensor_id))

    def _tracks(self, arrival: Arrival, batch: Batch) -> None:
        checksum = expected_checksum(arrival.headers, arrival.payload)
        message = decode_tracks(arrival.payload, checksum)
        tracker = [message.tracker_id, str(message.tracker_epoch)]
        part = 0
        if tracker != self._tracker:
            self._begin_tracker(tracker, batch)
            told = {"tracker_id": message.tracker_id, "tracker_epoch": message.tracker_epoch}
            self._add(batch, _told(arrival, "tracker.began", told, about=message.tracker_id))
            part = 1
        if message.verdict != "accepted":
            told = {**_frame_of(message), "reason": message.reason}
            type = f"frame.{message.verdict}"
            self._add(batch, _told(arrival, type, told, about=message.sensor_id, part=part))
        self._add_steps(arrival, message, part + 1, batch)

    def _add_steps(self, arrival: Arrival, message: TracksMessage, part: int, batch: Batch) -> None:
        lives = self._lifecycle.steps(message.tracks)
        batch.confirmed.update(lives.changed)
        if any(lives.counted):
            batch.count(_minute(arrival, message), lives.counted)
        for number, step in enumerate(lives.steps, part):
            self._add(batch, _step_record(arrival, message, step, number))

    def _begin_tracker(self, tracker: list[str], batch: Batch) -> None:
        self._tracker = tracker
        self._lifecycle.begin_anew()
        batch.tracks_began_anew = True
        batch.confirmed.clear()

    def _add(self, batch: Batch, record: Record) -> None:
        batch.records.append(record)
        batch.counts[record.type.partition(".")[0]] += 1

    def _add_gap(self, batch: Batch, record: Record) -> None:
        self._add(batch, record)
        batch.gaps.append(record)


def _command(arrival: Arrival) -> Record:
    command = decode_command(arrival.payload)
    _, request_id = asked(arrival.payload)
    return _verbatim(arrival, f"command.{command.command_name}", request_id)


def _acknowledgement(arrival: Arrival) -> Record:
    answer = _decoded(arrival.payload, _Answer)
    became = "applied" if answer.success else "rejected"
    request_id = answer.request_id
    if request_id is None and answer.metadata is not None:
        request_id = answer.metadata.correlation_id
    return _verbatim(arrival, f"acknowledgement.{became}", request_id)


def _step_record(arrival: Arrival, message: TracksMessage, step: Step, part: int) -> Record:
    about = track_id_text(step.track)
    if step.type != BORN_BEFORE:
        payload = describe(step.track, message)
        return _record(arrival, step.type, payload, about=about, part=part)
    payload = describe_birth(step.track, message)
    record = _record(arrival, "track.born", payload, about=about, part=part)
    return record._replace(time_us=arrival.time_us - age_ns(step.track) // 1000)


def _minute(arrival: Arrival, frame: RadarFrame | TracksMessage) -> Minute:
    """Return what a frame is counted by, or what came of it."""
    return Minute(frame.sensor_id, str(frame.epoch), arrival.time_us // 60_000_000 * 60)


def _frame_of(message: TracksMessage) -> dict[str, Any]:
    return FrameName(message.sensor_id, message.epoch, message.number)._asdict()


def _decoded(payload: bytes, type: Any) -> Any:
    try:
        return msgspec.json.decode(payload, type=type)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _RefusedError(f"must be the JSON object that its subject carries: {error}") from error


def _verbatim(arrival: Arrival, type: str, about: str | None) -> Record:
    """Return a record that holds the message's own JSON."""
    return _record(arrival, type, arrival.payload.decode(), about=about)


def _told(
    arrival: Arrival, type: str, told: Mapping[str, Any], *, about: str | None = None, part: int = 0
) -> Record:
    """Return a record of what the registrar says about a message."""
    return _record(arrival, type, msgspec.json.encode(told).decode(), about=about, part=part)


def _record(
    arrival: Arrival,
    type: str,
    payload: str | bytes,
    *,
    about: str | None = None,
    part: int = 0,
    reason: str | None = None,
) -> Record:
    headers = None
    if not type.startswith(("track.", "gap.")) and arrival.headers:
        headers = json.dumps(dict(arrival.headers))  # any text, also what is no Unicode
    if about is not None:
        about = about[:ABOUT_MAX]
    place = (arrival.subject, arrival.stream_id, arrival.sequence, part)
    return Record(arrival.time_us, type, about, *place, payload, headers, reason)


def _refused(arrival: Arrival, error: QikiError) -> Record:
    kind = {
        subjects.FRAMES: "frame",
        subjects.TRACKS: "tracks",
        subjects.TRACKS_LOG: "tracks",
        subjects.COMMANDS: "command",
        subjects.COMMAND_RESPONSES: "acknowledgement",
    }.get(arrival.subject, "event")
    size = len(arrival.payload)
    cut = f" (of {size} bytes the first {REFUSED_BYTES_MAX} are kept)"
    reason = f"{error}{cut if size > REFUSED_BYTES_MAX else ''}"
    kept = arrival.payload[:REFUSED_BYTES_MAX]
    return _record(arrival, f"refused.{kind}", kept, reason=reason)
