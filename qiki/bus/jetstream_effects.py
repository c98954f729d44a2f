"""Does on a real broker what a recoverable worker asks for."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js.errors import APIError

from qiki.bus import headers, subjects
from qiki.bus.broker_refusals import Refusals, is_final, words_of
from qiki.bus.connection import WRONG_LAST_SEQUENCE, api_failure
from qiki.bus.jetstream_inputs import JetStreamInputs
from qiki.bus.missing_sequence import find_missing_sequence
from qiki.bus.publish import unfit
from qiki.bus.recoverable_worker import RecoverableWorker
from qiki.bus.stored_messages import StoredMessages
from qiki.bus.stream_state import read_state
from qiki.bus.tracks_log import tracks_log
from qiki.bus.worker_asking import WorkerLimits
from qiki.bus.worker_effects import (
    Accepted,
    FindMissingInput,
    NextInput,
    NoInput,
    Publish,
    ReadInput,
    ReadNewestOutput,
    ReadNextInput,
    ReadOutput,
    ReadStreamState,
    ReadValue,
    Rejected,
    Report,
    Stop,
    StopAsked,
    StopKind,
    StoredMessage,
    StreamSide,
    StreamState,
    Unanswered,
    Value,
    WriteValue,
    WrongSequence,
)
from qiki.errors import BrokerError
from qiki.figures import FIGURES
from qiki.settings import Settings

ATTEMPT_TIMEOUT_S = 1.0
ATTEMPT_AT_LEAST_S = 0.5  # what fails at once is not tried again at once
WRONG_SEQUENCE_CODES = {WRONG_LAST_SEQUENCE, 10164}  # the latter where a cluster answers
DELETED = "KV-Operation"  # header of a value that was deleted

log = structlog.get_logger()


def write_report(report: Report) -> None:
    """Put a report into the log as it is."""
    getattr(log, report.level)(report.event, **report.facts)


def limits_of(settings: Settings) -> WorkerLimits:
    """Return how often a worker tries, and when it saves its state."""
    attempts = max(2, round(settings.nats.publish_timeout_s / ATTEMPT_AT_LEAST_S))
    return WorkerLimits(attempts=attempts, snapshot_every=settings.bridge.snapshot_every)


class JetStreamEffects:
    """Runs a worker on JetStream; an async context manager.

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : names of streams and durable, waits.
    stop : when it is set, the worker ends where it comes back for an input.
    write : puts a report into the log.
    """

    def __init__(
        self,
        client: Client,
        settings: Settings,
        stop: asyncio.Event,
        write: Callable[[Report], None] = write_report,
    ) -> None:
        self._client = client
        self._jetstream = client.jetstream(timeout=ATTEMPT_TIMEOUT_S)
        self._inputs = JetStreamInputs(client, settings, stop, ATTEMPT_TIMEOUT_S)
        self._messages = StoredMessages(client, ATTEMPT_TIMEOUT_S)
        self._refusals = Refusals(client)
        self._names = settings.streams
        self._log = tracks_log(settings)
        self._stop = stop
        self._write = write
        self._reconnects = client.stats["reconnects"]
        self._perform: dict[type, Callable[[Any], Awaitable[Any]]] = {
            ReadNextInput: self._next_input,
            Publish: self._publish,
            ReadNewestOutput: self._newest_output,
            ReadOutput: self._output,
            ReadInput: self._input,
            FindMissingInput: self._missing_input,
            ReadStreamState: self._stream_state,
            ReadValue: self._read_value,
            WriteValue: self._write_value,
        }

    async def __aenter__(self) -> Self:
        """Begin; nothing is asked of the broker yet."""
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        """Close the pull."""
        await self._inputs.close()

    async def run(self, worker: RecoverableWorker) -> Stop:
        """Run a worker to its end and say why it ended."""
        steps = worker.steps()
        effect = next(steps)
        while not isinstance(effect, Stop):
            outcome = await self.outcome(effect)
            if isinstance(outcome, Unanswered) and self._stop.is_set():
                # What is in doubt the next start finds out; a broker that is away may stay so.
                return Stop(StopKind.ASKED, "")
            effect = steps.send(outcome)
        return effect

    async def outcome(self, effect: Any) -> Any:
        """Do one effect; an outcome on a connection that was lost meanwhile proves nothing."""
        if isinstance(effect, Report):
            return await self._report(effect)
        outcome = await self._attempt(effect)
        reconnects = self._client.stats["reconnects"]
        if reconnects != self._reconnects:
            self._reconnects = reconnects
            return Unanswered("the connection to the broker was lost")
        return outcome

    async def _attempt(self, effect: Any) -> Any:
        """Do one effect, whatever becomes of the connection."""
        begun_s = time.monotonic()
        try:
            outcome = await self._perform[type(effect)](effect)
        except BrokerError as error:
            return Rejected(str(error))
        except (TimeoutError, OSError, nats.errors.Error) as error:
            refusal = self._refusal(effect, error)
            if refusal is not None:
                return Rejected(str(refusal))
            pause_s = ATTEMPT_AT_LEAST_S - (time.monotonic() - begun_s)
            await asyncio.sleep(max(0.0, pause_s))
            return Unanswered(words_of(error))
        self._refusals.forget()
        return outcome

    def _refusal(self, effect: Any, error: Exception) -> BrokerError | None:
        """Return what asking again would not change, None for what only takes its time."""
        if isinstance(error, APIError) and is_final(error):
            return api_failure(self._action(effect), error)
        return self._refusals.standing(self._action(effect))

    def _action(self, effect: Any) -> str:
        """Return what an effect does, for an error."""
        match effect:
            case Publish():
                return f"publish to {self._log.subject}"
            case WriteValue(key=key):
                return f"publish to {subjects.SNAPSHOTS}.{key}"
            case _:
                return type(effect).__name__

    # Reading.

    async def _next_input(
        self, effect: ReadNextInput
    ) -> NextInput | NoInput | StopAsked | Unanswered:
        return await self._inputs.next(effect.after)

    async def _stream_state(self, effect: ReadStreamState) -> StreamState:
        if effect.side is StreamSide.INPUT:
            return await self._inputs.state()
        return (await read_state(self._client, self._log.stream, ATTEMPT_TIMEOUT_S)).state

    async def _input(self, effect: ReadInput) -> StoredMessage | None:
        found = await self._messages.get_of_others(self._names.radar, seq=effect.sequence)
        return None if found is None else found.message

    async def _missing_input(self, effect: FindMissingInput) -> int | Unanswered | None:
        if self._stop.is_set():  # there may be many to look at, and the next start looks again
            return Unanswered("asked to stop")
        return await find_missing_sequence(
            self._client,
            self._names.radar,
            effect.first_sequence,
            effect.last_sequence,
            ATTEMPT_TIMEOUT_S,
        )

    async def _output(self, effect: ReadOutput) -> StoredMessage | None:
        return await self._messages.get(self._log.stream, seq=effect.sequence)

    async def _newest_output(self, _effect: ReadNewestOutput) -> StoredMessage | None:
        return await self._messages.get(self._log.stream, subject=self._log.subject)

    async def _read_value(self, effect: ReadValue) -> Value:
        found = await self._messages.get(
            self._names.snapshots, subject=f"{subjects.SNAPSHOTS}.{effect.key}"
        )
        if found is None:
            return Value(None, 0)
        deleted = DELETED in found.headers
        return Value(None if deleted else found.payload, found.sequence)

    # Storing.

    async def _publish(self, effect: Publish) -> Accepted | WrongSequence | Rejected:
        return await self._store(
            self._log.subject,
            effect.payload,
            {
                **effect.headers,
                "ce-id": effect.message_id,
                headers.MESSAGE_ID: effect.message_id,
                headers.EXPECTED_LAST_SUBJECT_SEQUENCE: str(effect.expected_subject_sequence),
                headers.EXPECTED_LAST_SEQUENCE: str(effect.expected_stream_sequence),
                headers.PUBLISH_TIME_NS: str(time.time_ns()),
            },
        )

    async def _write_value(self, effect: WriteValue) -> Accepted | WrongSequence | Rejected:
        expected = {headers.EXPECTED_LAST_SUBJECT_SEQUENCE: str(effect.expected_revision)}
        return await self._store(f"{subjects.SNAPSHOTS}.{effect.key}", effect.value, expected)

    async def _store(
        self, subject: str, payload: bytes, header: Mapping[str, str]
    ) -> Accepted | WrongSequence | Rejected:
        refusal = unfit(subject, payload, header, self._client.max_payload)
        if refusal is not None:
            return Rejected(str(refusal))
        try:
            stored = await self._jetstream.publish(
                subject, payload, ATTEMPT_TIMEOUT_S, headers=dict(header)
            )
        except APIError as error:
            if error.err_code in WRONG_SEQUENCE_CODES:
                return WrongSequence()
            raise
        is_state = subject.startswith(subjects.SNAPSHOTS)  # each part has a subject of its own
        FIGURES.published[subjects.SNAPSHOTS if is_state else subject] += 1
        return Accepted(stored.seq, bool(stored.duplicate))

    async def _report(self, effect: Report) -> None:
        self._write(effect)
