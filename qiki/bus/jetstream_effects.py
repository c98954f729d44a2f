"""Does on a real broker what a recoverable worker asks for."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js.api import RawStreamMsg
from nats.js.errors import APIError, NotFoundError, ServiceUnavailableError

from qiki.bus import headers, subjects
from qiki.bus.connection import STARTING, WRONG_LAST_SEQUENCE, api_failure
from qiki.bus.publish import too_large
from qiki.bus.recoverable_worker import RecoverableWorker
from qiki.bus.retention_proof import DatedState, RetentionProof, read_state
from qiki.bus.standing_pull import StandingPull
from qiki.bus.worker_asking import WorkerLimits
from qiki.bus.worker_effects import (
    Accepted,
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
from qiki.settings import Settings

ATTEMPT_TIMEOUT_S = 1.0
ATTEMPT_AT_LEAST_S = 0.5  # what fails at once is not tried again at once
WRONG_SEQUENCE_CODES = {WRONG_LAST_SEQUENCE, 10164}  # the latter where a cluster answers
DELETED = "KV-Operation"  # header of a value that was deleted

log = structlog.get_logger()


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
    """

    def __init__(self, client: Client, settings: Settings, stop: asyncio.Event) -> None:
        self._client = client
        self._jetstream = client.jetstream(timeout=ATTEMPT_TIMEOUT_S)
        self._settings = settings
        self._names = settings.streams
        self._stop = stop
        self._open = AsyncExitStack()
        self._pull: StandingPull | None = None
        self._behind = 0  # the pull's next message is the first behind this
        self._behind_time_s = 0.0  # when that one was stored, by the broker's clock
        self._proof = RetentionProof()
        self._stopping = False
        self._reconnects = client.stats["reconnects"]
        self._perform: dict[type, Callable[[Any], Awaitable[Any]]] = {
            ReadNextInput: self._next_input,
            Publish: self._publish,
            Report: self._report,
            ReadNewestOutput: self._newest_output,
            ReadOutput: self._output,
            ReadInput: self._input,
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
        await self._open.aclose()

    async def run(self, worker: RecoverableWorker) -> Stop:
        """Run a worker to its end and say why it ended."""
        steps = worker.steps()
        effect = next(steps)
        while not isinstance(effect, Stop):
            outcome = await self._outcome(effect)
            if isinstance(outcome, Unanswered) and self._stop.is_set():
                # What is in doubt the next start finds out; a broker that is away may stay so.
                return Stop(StopKind.ASKED, "")
            effect = steps.send(outcome)
        return effect

    async def _outcome(self, effect: Any) -> Any:
        """Do one effect; an outcome on a connection that was lost meanwhile proves nothing."""
        begun_s = time.monotonic()
        try:
            outcome = await self._perform[type(effect)](effect)
        except (TimeoutError, OSError, nats.errors.Error) as error:
            if isinstance(error, APIError) and _is_final(error):
                raise api_failure(type(effect).__name__, error) from error
            pause_s = ATTEMPT_AT_LEAST_S - (time.monotonic() - begun_s)
            await asyncio.sleep(max(0.0, pause_s))
            outcome = Unanswered(str(error) or type(error).__name__)
        reconnects = self._client.stats["reconnects"]
        if reconnects != self._reconnects and not isinstance(effect, Report):
            self._reconnects = reconnects
            return Unanswered("the connection to the broker was lost")
        return outcome

    # The input stream.

    async def _next_input(
        self, effect: ReadNextInput
    ) -> NextInput | NoInput | StopAsked | Unanswered:
        if self._stop.is_set():
            return await self._at_stop(effect.after)
        pull = await self._pull_behind(effect.after)
        silences = pull.silences
        taken = await pull.take(self._settings.bridge.idle_save_s)
        if self._stop.is_set():
            return await self._at_stop(effect.after)
        if pull.silences != silences:
            await self._close_pull()
            return Unanswered("the pull was opened again")
        if taken is None:
            return await self._no_input(effect.after)
        after_is_dated = effect.after == self._behind
        after_time_s = self._behind_time_s if after_is_dated else 0.0
        self._behind, self._behind_time_s = taken.message.sequence, taken.time_s
        return NextInput(taken.message, await self._held_from(effect.after, after_time_s))

    async def _at_stop(self, after: int) -> NoInput | StopAsked:
        """Let the worker save that nothing is left to answer, before it stops.

        Else the parts of its last frame, should they age out before it starts again, would look
        like frames that nobody has answered.
        """
        if not self._stopping:
            self._stopping = True
            outcome = await self._no_input(after)
            if isinstance(outcome, NoInput):
                return outcome
        return StopAsked()

    async def _pull_behind(self, after: int) -> StandingPull:
        """Return a pull whose next message is the first input behind `after`."""
        if self._pull is None or after < self._behind:
            await self._close_pull()
            bridge = self._settings.bridge
            self._pull = await self._open.enter_async_context(
                StandingPull(
                    self._client,
                    self._names.radar,
                    bridge.durable,
                    self._stop,
                    first_sequence=after + 1,
                    batch=bridge.pull_batch,
                    idle_heartbeat_s=bridge.idle_heartbeat_s,
                )
            )
            self._behind, self._behind_time_s = after, 0.0
        return self._pull

    async def _close_pull(self) -> None:
        self._pull = None
        await self._open.aclose()

    async def _no_input(self, after: int) -> NoInput | Unanswered:
        """Make sure that none is there; the end of the stream is read before it is looked for."""
        before = await self._state(StreamSide.INPUT)
        found = await self._get(
            self._names.radar, seq=after + 1, subject=subjects.FRAMES, next=True
        )
        if found is not None:
            await self._close_pull()
            return Unanswered(f"input {found.sequence} is stored, and was not delivered")
        return NoInput(before.state.last, (await self._state(StreamSide.INPUT)).state.first)

    async def _held_from(self, after: int, after_time_s: float) -> int:
        """Return from which sequence on all is held, by proof or by asking."""
        if self._proof.holds(after_time_s, time.monotonic()):
            return after + 1
        return (await self._state(StreamSide.INPUT)).state.first

    async def _state(self, side: StreamSide) -> DatedState:
        name = self._names.radar if side is StreamSide.INPUT else self._names.tracks
        asked_s = time.monotonic()
        dated = await read_state(self._client, name, ATTEMPT_TIMEOUT_S)
        if side is StreamSide.INPUT:
            self._proof.learn(dated, asked_s)
        return dated

    async def _stream_state(self, effect: ReadStreamState) -> StreamState:
        return (await self._state(effect.side)).state

    # Single messages.

    async def _input(self, effect: ReadInput) -> StoredMessage | None:
        return await self._get(self._names.radar, seq=effect.sequence)

    async def _output(self, effect: ReadOutput) -> StoredMessage | None:
        return await self._get(self._names.tracks, seq=effect.sequence)

    async def _newest_output(self, _effect: ReadNewestOutput) -> StoredMessage | None:
        return await self._get(self._names.tracks, subject=subjects.TRACKS)

    async def _get(self, stream: str, **which: Any) -> StoredMessage | None:
        found = await self._direct(stream, **which)
        if found is None:
            return None
        return StoredMessage(found.seq or 0, found.data or b"", found.headers or {})

    async def _direct(self, stream: str, **which: Any) -> RawStreamMsg | None:
        try:
            return await self._jetstream.get_msg(stream, direct=True, **which)
        except NotFoundError:
            return None

    # Storing.

    async def _publish(self, effect: Publish) -> Accepted | WrongSequence | Rejected:
        return await self._store(
            subjects.TRACKS,
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

    async def _read_value(self, effect: ReadValue) -> Value:
        found = await self._direct(
            self._names.snapshots, subject=f"{subjects.SNAPSHOTS}.{effect.key}"
        )
        if found is None:
            return Value(None, 0)
        deleted = DELETED in (found.headers or {})
        return Value(None if deleted else found.data or b"", found.seq or 0)

    async def _write_value(self, effect: WriteValue) -> Accepted | WrongSequence | Rejected:
        expected = {headers.EXPECTED_LAST_SUBJECT_SEQUENCE: str(effect.expected_revision)}
        return await self._store(f"{subjects.SNAPSHOTS}.{effect.key}", effect.value, expected)

    async def _store(
        self, subject: str, payload: bytes, header: Mapping[str, str]
    ) -> Accepted | WrongSequence | Rejected:
        try:
            stored = await self._jetstream.publish(
                subject, payload, ATTEMPT_TIMEOUT_S, headers=dict(header)
            )
        except nats.errors.MaxPayloadError:
            return Rejected(str(too_large(subject, len(payload), self._client.max_payload)))
        except APIError as error:
            if error.err_code in WRONG_SEQUENCE_CODES:
                return WrongSequence()
            if not _is_final(error):
                raise
            return Rejected(str(api_failure(f"publish to {subject}", error)))
        return Accepted(stored.seq, bool(stored.duplicate))

    async def _report(self, effect: Report) -> None:
        getattr(log, effect.level)(effect.event, **effect.facts)


def _is_final(error: APIError) -> bool:
    """Return whether asking again will not change the answer."""
    return not isinstance(error, ServiceUnavailableError) and error.err_code != STARTING
