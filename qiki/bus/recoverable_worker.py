"""One input, one output, in order, whatever is killed: a state machine without I/O.

The worker yields effects and is sent their outcomes; whoever runs it does them, on NATS or in a
simulation. It keeps no acknowledgements: its place is the newest output, which names its input.

The guard: each publish names the output that must still be the last. When it is refused, goes
unanswered or is taken for a duplicate, only the stream knows what became of it, so the worker reads
the newest output back. Its own bytes under its own input: it was stored, the answer was lost.
Unchanged: try again. Anything else: another worker writes here, and this one stops. A single
server checks the guard before the message id and refuses a repeat; a cluster checks them the
other way round and calls it a duplicate; both end in the same reading back.

The limit: a worker that stands still for longer than messages are kept, while the broker loses
outputs that it had acknowledged and another epoch writes their sequences again, has nothing left to
see that by. Whoever runs a worker starts it anew after such a pause; the machine has no clock.
"""

from collections.abc import Callable

from qiki.bus.worker_asking import (
    Asker,
    Steps,
    WorkerEnd,
    WorkerLimits,
    fenced,
    lost_tail,
)
from qiki.bus.worker_effects import (
    Accepted,
    Answer,
    Core,
    Publish,
    ReadNewestOutput,
    ReadStreamState,
    Rejected,
    Stop,
    StopKind,
    StoredMessage,
    StreamSide,
    Unanswered,
    WrongSequence,
)
from qiki.bus.worker_epoch import EpochChoice
from qiki.bus.worker_inputs import InputReader
from qiki.bus.worker_position import OutputName, Position, digest
from qiki.bus.worker_snapshot import SnapshotStore
from qiki.bus.worker_start import WorkerStart

DEFAULT_LIMITS = WorkerLimits()
FRAME_NOT_ACCEPTED = "frame_not_accepted"

PublishOutcome = Accepted | WrongSequence | Rejected | Unanswered


class RecoverableWorker:
    """Answers each input of a stream with one output.

    Parameters
    ----------
    core : makes the answers; it belongs to the worker.
    choice : which epoch to go on with.
    limits : attempts, snapshots.
    answered : is told each answer, once, behind the publish; those of a replay it is not.

    Attributes
    ----------
    counters : how often what has happened.
    position : where it stands, None before it knows.

    Examples
    --------
    >>> steps = worker.steps()                          # doctest: +SKIP
    >>> effect = next(steps)                            # doctest: +SKIP
    >>> while not isinstance(effect, Stop):             # doctest: +SKIP
    ...     effect = steps.send(done(effect))
    """

    def __init__(
        self,
        core: Core,
        choice: EpochChoice,
        limits: WorkerLimits = DEFAULT_LIMITS,
        answered: Callable[[Answer], None] | None = None,
    ) -> None:
        self._answered = answered
        self._core = core
        self._limits = limits
        self._asker = Asker(limits.attempts)
        self._inputs = InputReader(self._asker)
        self._snapshots = SnapshotStore(
            self._asker, core.tracker_id, limits.snapshot_slots, limits.chunk_bytes
        )
        self._start = WorkerStart(self._asker, core, self._inputs, self._snapshots, choice)
        self._subject_sequence = 0  # of the newest output still stored, as far as is known
        self._snapshot_output = 0  # where the last snapshot was tried
        self._saved: tuple[int, int] | None = None  # and what the last stored one says
        self.counters = self._asker.counters
        self.position: Position | None = None

    def steps(self) -> Steps[None]:
        """Yield effects, of which the last is a `Stop`; take each one's outcome."""
        try:
            try:
                yield from self._run()
            except WorkerEnd as end:
                yield from self._explain(end)
        except WorkerEnd as end:
            yield Stop(end.kind, str(end))

    def _run(self) -> Steps[None]:
        position = yield from self._start.find()
        self.position = position
        self._subject_sequence = position.output_sequence
        # What was answered again counts: a worker killed often must not replay ever more.
        self._snapshot_output = position.output_sequence - self.counters["replayed"]
        yield from self._asker.report(
            "info",
            "worker_started",
            epoch=position.epoch.number,
            answered_sequence=position.input_sequence,
            replayed=self.counters["replayed"],
        )
        while True:
            try:
                taken = yield from self._inputs.next(position)
            except WorkerEnd as end:
                if end.kind is StopKind.ASKED:
                    yield from self._save_if_moved(position)
                raise
            if taken is None:
                yield from self._save_if_moved(position)
                continue
            yield from self._answer(position, taken)
            if position.output_sequence - self._snapshot_output >= self._limits.snapshot_every:
                yield from self._save(position)

    def _explain(self, end: WorkerEnd) -> Steps[None]:
        """End, and as fenced rather than for what is stored when another worker has gone on.

        A worker that stood still for long finds inputs gone; but they are answered.
        """
        if end.kind in (StopKind.REFUSED, StopKind.GAP):
            try:
                outputs = yield from self._asker.ask(ReadStreamState(StreamSide.OUTPUT))
            except WorkerEnd:
                raise end from None
            believed = self.position.output_sequence if self.position else self._start.last_output
            if outputs.last > believed:
                raise fenced(outputs.last, believed)
            if outputs.last < believed:
                raise lost_tail(outputs.last, believed)
        raise end

    def _answer(self, position: Position, taken: StoredMessage) -> Steps[None]:
        answer = self._core.answer(taken.payload, taken.headers)
        yield from self._inputs.check_number(position, answer.frame, taken.sequence)
        name = OutputName(position.epoch, taken.sequence, digest(taken.payload))
        sequence = yield from self._publish(position, name, answer)
        position.advance(name, sequence, digest(answer.payload))
        self._subject_sequence = sequence
        self.counters["answered"] += 1
        if self._answered is not None:
            self._answered(answer)
        if answer.not_accepted is not None:  # behind the publish, or each try and replay says so
            yield from self._asker.report("warning", FRAME_NOT_ACCEPTED, **answer.not_accepted)
        if answer.news is not None:
            news = answer.news
            yield from self._asker.report(news.level, news.event, **news.facts)

    def _publish(self, position: Position, name: OutputName, answer: Answer) -> Steps[int]:
        """Store an answer once; return its sequence.

        Publishing and reading back share one number of attempts, or each reading back that nobody
        answers would have as many as all publishes together.
        """
        message_id = f"{name.epoch.tracker_id}:{name.epoch.number}:{name.input_sequence}"
        header = {**answer.headers, **name.to_headers()}
        with self._asker.sharing_attempts() as attempts:
            while True:
                guards = self._subject_sequence, position.output_sequence
                outcome = yield Publish(message_id, answer.payload, header, *guards)
                stored = yield from self._stored_at(outcome, position, name, answer.payload)
                if stored is not None:
                    return stored
                self.counters["publish_repeats"] += 1
                if not attempts.left_after_one():
                    what = f"storing the answer to input {name.input_sequence}"
                    raise attempts.end(what, _said(outcome))

    def _stored_at(
        self, outcome: PublishOutcome, position: Position, name: OutputName, payload: bytes
    ) -> Steps[int | None]:
        """Return the sequence of what was published, None where it is not stored."""
        if isinstance(outcome, Rejected):
            raise WorkerEnd(StopKind.REJECTED, outcome.reason)
        if isinstance(outcome, Accepted) and not outcome.duplicate:
            return outcome.sequence
        if isinstance(outcome, Unanswered):
            self._asker.unanswered()
        stored = yield from self._read_back(position, name, payload)
        if stored is not None:
            self.counters["lost_acknowledgements"] += 1
        return stored

    def _read_back(self, position: Position, name: OutputName, payload: bytes) -> Steps[int | None]:
        """Return the sequence of the answer at hand if it is stored, None if nothing is new.

        Raises
        ------
        WorkerEnd : somebody else's output is there, or ours is gone.
        """
        newest = yield from self._asker.ask(ReadNewestOutput())
        end = position.output_sequence
        if newest is None:  # all has aged out; the stream's end still tells whether any is new
            end = (yield from self._asker.ask(ReadStreamState(StreamSide.OUTPUT))).last
            self._subject_sequence = 0
        if end > position.output_sequence:  # it may have come between the two readings
            newest = yield from self._asker.ask(ReadNewestOutput())
        if newest is not None:
            end = newest.sequence
            self._subject_sequence = end
            # Only there can it be; further on, another worker has answered what came before.
            follows = end == position.output_sequence + 1
            if follows and OutputName.read(newest.headers) == name and newest.payload == payload:
                return end
        if end == position.output_sequence:
            return None
        if end < position.output_sequence:
            raise lost_tail(end, position.output_sequence)
        raise fenced(end, position.output_sequence)

    def _save_if_moved(self, position: Position) -> Steps[None]:
        """Save when idle: should every output age out, this snapshot says what was answered."""
        if self._saved != (position.output_sequence, position.clear_through):
            yield from self._save(position)

    def _save(self, position: Position) -> Steps[None]:
        """Save the core's state; what cannot be saved costs time at the next start, no more."""
        self._snapshot_output = position.output_sequence
        try:
            stored = yield from self._snapshots.save(position, self._core.snapshot())
        except WorkerEnd as end:
            if end.kind is not StopKind.UNANSWERED:
                raise
            yield from self._asker.report("error", "snapshot_not_stored", reason=str(end))
            return
        if stored:
            self._saved = (position.output_sequence, position.clear_through)


def _said(outcome: PublishOutcome) -> str:
    """Return what the broker said to a publish that is not there."""
    match outcome:
        case Unanswered(reason) | Rejected(reason):
            return reason
        case WrongSequence():
            return "refused by its guard, though the stream has not moved"
        case Accepted():
            return "called a duplicate of what is not there"
