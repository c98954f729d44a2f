"""The world of a worker: two streams, a bucket, a clock, radars; and what befalls them."""

from collections.abc import Callable
from random import Random
from typing import Any

from qiki.bus import headers
from qiki.bus.recoverable_worker import RecoverableWorker
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
    StoredMessage,
    StreamSide,
    StreamState,
    Value,
    WriteValue,
    WrongSequence,
)
from tests.protocol.chain_core import frame_payload
from tests.protocol.model_broker import (
    WRONG_LAST_SEQUENCE,
    Message,
    ModelBucket,
    ModelStream,
    Refused,
)
from tests.protocol.oracle import FRAMES, OUTPUTS, Oracle

MAX_AGE_S = 100.0
ID_WINDOW_S = 10.0
OUT_OF_BOUNDS = 1 << 63


class Process:
    """One running worker and the effect it waits for."""

    def __init__(self, worker: RecoverableWorker, revision: int, *, calm: bool) -> None:
        self.worker = worker
        self.steps = worker.steps()
        self.effect: Any = next(self.steps)
        self.frozen = False
        self.cut_off = False  # the connection was lost since its last outcome
        self.unanswered = False  # its last outcome
        self.idle = 0  # times in a row that nothing came
        self.revision = revision  # of the bucket when it started
        self.found: dict[str, bytes | None] = {}  # value of each key when it read it first
        self.published: Publish | None = None
        self.calm = calm  # no fault has touched it

    @property
    def rests(self) -> bool:
        """Return whether it has nothing to do."""
        return self.idle >= 3 and isinstance(self.effect, ReadNextInput)


class ModelWorld:
    """Does the effects of workers, sends frames, and has the faults that need no worker.

    Parameters
    ----------
    rng : of everything that is left to chance.
    clustered : which kind of broker, see `ModelStream`.
    """

    def __init__(self, rng: Random, *, clustered: bool) -> None:
        self.rng = rng
        self.inputs = ModelStream(max_age_s=MAX_AGE_S)
        self.clustered = clustered
        self.outputs = self._new_outputs()
        self.bucket = ModelBucket()
        self.bucket_is_full = False
        self.oracle = Oracle(self.inputs, self.outputs, self.bucket)
        self.numbers = [0, 0]  # of the next frame of each radar
        self.sent = 0
        self.old_bucket: dict[str, Any] = {}

    def _new_outputs(self) -> ModelStream:
        return ModelStream(
            max_age_s=MAX_AGE_S,
            window_s=ID_WINDOW_S,
            clustered=self.clustered,
            now_s=self.inputs.now_s,
        )

    # Effects.

    def perform(self, process: Any, effect: Any) -> Any:
        """Do one effect for a process; return its outcome."""
        return PERFORM[type(effect)](self, process, effect)

    def next_input(self, process: Any, effect: ReadNextInput) -> NextInput | NoInput:
        """Read the next frame; count on the process how often there was none."""
        found = self.inputs.next(FRAMES, effect.after + 1)
        if found is None:
            process.idle += 1
            return NoInput(self.inputs.last, self.inputs.first)
        process.idle = 0
        return NextInput(_stored(found), self.inputs.first)

    def shorten_retention(self, process: Any, effect: ReadNextInput) -> NextInput | NoInput:
        """Lose the inputs before one that was fetched ahead; the driver's proof says they are held.

        The proof counts with time alone, and for some seconds.
        """
        held = [m for m in self.inputs.messages.values() if m.sequence > effect.after]
        frames = [message for message in held if message.subject == FRAMES]
        if len(frames) < 2 or self.inputs.first > effect.after + 1:
            return self.next_input(process, effect)
        process.idle = 0
        fetched = self.rng.choice(frames[1:])
        self.oracle.lost_unseen.update(m.sequence for m in frames if m.sequence < fetched.sequence)
        self.inputs.lose_front(fetched.sequence)
        return NextInput(_stored(fetched), effect.after + 1)

    def publish(self, process: Any, effect: Publish) -> Accepted | WrongSequence | Rejected:
        """Store one output, and note on the process what it tried."""
        process.published = effect
        return self.arrive(effect)

    def arrive(self, effect: Publish | WriteValue) -> Accepted | WrongSequence | Rejected:
        """Let a request reach the broker, whoever still waits for its answer."""
        if isinstance(effect, WriteValue):
            if self.bucket_is_full:
                return Rejected("full")
            revision = self.bucket.put(effect.key, effect.value, effect.expected_revision)
            return WrongSequence() if revision is None else Accepted(revision)
        outcome = self.outputs.publish(
            OUTPUTS,
            effect.payload,
            effect.headers,
            message_id=effect.message_id,
            expected_last=effect.expected_stream_sequence,
            expected_subject=effect.expected_subject_sequence,
        )
        if not isinstance(outcome, Refused):
            return Accepted(*outcome)
        return WrongSequence() if outcome.code == WRONG_LAST_SEQUENCE else Rejected("full")

    def state(self, effect: ReadStreamState) -> StreamState:
        """Return where a stream begins and ends."""
        stream = self.inputs if effect.side is StreamSide.INPUT else self.outputs
        return StreamState(stream.first, stream.last)

    def missing_input(self, effect: FindMissingInput) -> int | None:
        """Return the first sequence of a range that is not there."""
        wanted = range(effect.first_sequence, effect.last_sequence + 1)
        return next((at for at in wanted if at not in self.inputs.messages), None)

    # Time and radars.

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        now_s = self.inputs.now_s + seconds
        self.inputs.advance(now_s)
        self.outputs.advance(now_s)

    def source(self, *, plain: bool = False) -> None:
        """Store a frame of one of two radars, and messages of other subjects.

        It may be unusable, with headers that claim whatever they like; or out of its order.
        """
        rng = self.rng
        radar = rng.randrange(2)
        number = self.numbers[radar]
        self.numbers[radar] += 1
        header = {headers.SENSOR_ID: f"{radar}", headers.EPOCH: "0", headers.NUMBER: f"{number}"}
        payload = frame_payload(number, radar)
        chance = 1.0 if plain else rng.random()
        if chance < 0.25:
            payload, header = b"!%d" % (self.sent // 2), {}  # often twice, the same bytes
            self.numbers[radar] -= 1
        elif chance < 0.28:
            number = OUT_OF_BOUNDS + self.sent
            payload, header = frame_payload(number, radar), {**header, headers.NUMBER: f"{number}"}
            self.numbers[radar] -= 1
        self.sent += 1
        self.advance(0.5)
        self.inputs.publish(FRAMES, payload, header)
        self.oracle.frame_stored(self.inputs.messages[self.inputs.last])
        for _ in range(rng.randrange(3)):
            self.inputs.publish("frames.lr", b"band of message %d" % self.sent)

    # Faults; `faults.py` has their names.

    def pause(self) -> None:
        """Let everything age out."""
        self.advance(MAX_AGE_S * 1.5)

    def half_pause(self) -> None:
        """Let the older part age out."""
        self.advance(MAX_AGE_S - 2.0)

    def make_outputs_anew(self) -> None:
        """Delete the stream of outputs and create it again, as an operator may."""
        told = self.outputs.on_stored
        self.outputs = self._new_outputs()
        self.outputs.on_stored = told
        self.oracle.outputs_made_anew(self.outputs)

    def make_inputs_anew(self) -> None:
        """Delete the stream of inputs and create it again; the radars go on."""
        last = self.inputs.last
        self.inputs = ModelStream(max_age_s=MAX_AGE_S, now_s=self.inputs.now_s)
        self.sent += self.sent % 2  # no frame has the bytes of one that is gone
        self.oracle.inputs_made_anew(self.inputs, last)

    def delete_snapshots(self) -> None:
        """Delete every value."""
        for key in list(self.bucket.entries):
            self.bucket.put(key, None)
        self.oracle.snapshots_damaged = True

    def stale_snapshots(self) -> None:
        """Remember the bucket as it is, or bring back what was remembered."""
        if not self.old_bucket or self.rng.random() < 0.5:
            self.old_bucket = dict(self.bucket.entries)
            return
        for key, entry in self.old_bucket.items():
            self.bucket.put(key, entry.value)
        self.oracle.snapshots_damaged = True

    def corrupt_snapshot(self) -> None:
        """Flip a bit in some value."""
        keys = [key for key, entry in sorted(self.bucket.entries.items()) if entry.value]
        if keys:
            key = self.rng.choice(keys)
            value = bytearray(self.bucket.get(key).value or b"")
            value[self.rng.randrange(len(value))] ^= 1 << self.rng.randrange(8)
            self.bucket.put(key, bytes(value))
            self.oracle.snapshots_damaged = True

    def lose_inside(self) -> None:
        """Lose a frame from the inside of the input stream."""
        # One out of its order leaves no number missing, and nobody can know.
        held = [
            message
            for message in self.inputs.messages.values()
            if message.subject == FRAMES
            and int(message.headers.get(headers.NUMBER, OUT_OF_BOUNDS)) < OUT_OF_BOUNDS
        ]
        if held:
            lost = self.rng.choice(held)
            self.inputs.lose(lost.sequence)
            self.oracle.lost_inside.add(lost.sequence)
            self.oracle.inputs_damaged = True


def _stored(message: Message | None) -> StoredMessage | None:
    if message is None:
        return None
    return StoredMessage(message.sequence, message.payload, message.headers)


PERFORM: dict[type, Callable[[ModelWorld, Any, Any], Any]] = {
    ReadNextInput: ModelWorld.next_input,
    ReadNewestOutput: lambda world, process, effect: _stored(world.outputs.newest(OUTPUTS)),
    ReadOutput: lambda world, process, effect: _stored(world.outputs.get(effect.sequence)),
    ReadInput: lambda world, process, effect: _stored(world.inputs.get(effect.sequence)),
    FindMissingInput: lambda world, process, effect: world.missing_input(effect),
    ReadStreamState: lambda world, process, effect: world.state(effect),
    ReadValue: lambda world, process, effect: Value(*world.bucket.get(effect.key)),
    WriteValue: lambda world, process, effect: world.arrive(effect),
    Publish: ModelWorld.publish,
}
