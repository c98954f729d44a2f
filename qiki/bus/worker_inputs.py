"""The next input, with the proof that none was left out.

Inputs share their stream with messages of other subjects, so the sequences of inputs have holes
that are no gaps. Three things together tell a hole from a gap:

- A stream loses messages by age only, from its front. So if the stream, looked at after the next
  input was read, still holds every message behind the last answered one, then no input between
  the two can have gone. If it does not, an input may have gone, and that is a gap: fatal. The
  place to look from (`Position.clear_through`) moves on while the stream is idle, and is saved
  with each snapshot; so an idle hour in which all ages out is none.
- A message lost from the inside (damage on disk) leaves no trace in the stream's state. But each
  radar numbers its frames without holes. When a number does not follow, every sequence since the
  radar's last frame is looked at: also those before `clear_through`, since it may be another
  radar's frame that has moved it over the hole. What was dealt with may have aged out. Any other
  that is not there is a gap, noticed with the radar's next frame. If all are there, the frame never
  reached the stream; that is reported, and nothing here could repair it.
- A stream that lost its end uses the same sequences again. So whenever something went unanswered,
  and at each start, the message at `clear_through` must still be there with the same hash.
"""

from qiki.bus.number_gaps import Gap
from qiki.bus.worker_asking import Asker, Steps, WorkerEnd, lost_tail, refusal
from qiki.bus.worker_effects import (
    FindMissingInput,
    FrameName,
    NextInput,
    NoInput,
    ReadInput,
    ReadNextInput,
    ReadOutput,
    ReadStreamState,
    StopAsked,
    StopKind,
    StoredMessage,
    StreamSide,
    StreamState,
)
from qiki.bus.worker_position import OutputName, Position, digest

REMEDY = "restore the stream, or begin behind it with --new-epoch"
LOOKED_AT_ONCE = 256  # messages in one effect; between two a worker can be stopped


class InputReader:
    """Reads inputs in order; stops the worker when one is gone."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    def next(self, position: Position) -> Steps[StoredMessage | None]:
        """Return the input behind `position`, None where none has come for a while.

        Raises
        ------
        WorkerEnd : a gap, a stream that is not the one that was answered, or asked to stop.
        """
        outcome = yield from self._without_doubt(position)
        match outcome:
            case StopAsked():
                raise WorkerEnd(StopKind.ASKED)
            case NoInput(last, held_from):
                _must_reach(last, position.clear_through)
                _must_hold(held_from, position)
                if last > position.clear_through:
                    sha256 = yield from self.sha256_at(last)
                    if not self._asker.in_doubt:  # else the stream may be another by now
                        position.clear_through, position.clear_sha256 = last, sha256
                return None
            case NextInput(message, held_from):
                _must_hold(held_from, position)
                return message

    def check_number(
        self, position: Position, frame: FrameName | None, sequence: int
    ) -> Steps[None]:
        """Take note of the number of the input behind `position`; look for what its radar lacks.

        Raises
        ------
        WorkerEnd : the stream has lost a message before it.
        """
        if frame is None:
            return
        gap = position.numbers.gap_before(frame, sequence)
        if not gap:
            return
        yield from self._look_into(gap, position, sequence)
        self._asker.counters["inputs_missing"] += gap.missing
        facts = {"sensor": frame.sensor_id, "number": frame.number, "sequence": sequence}
        if gap.missing:
            yield from self._asker.report("error", "frames_missing", count=gap.missing, **facts)
        else:
            back_from = gap.back_from
            yield from self._asker.report("warning", "number_back", back_from=back_from, **facts)

    def _without_doubt(self, position: Position) -> Steps[NextInput | NoInput | StopAsked]:
        """Return what comes next, read after the stream was seen to be the one answered."""
        while True:
            while self._asker.in_doubt:
                self._asker.in_doubt = False
                yield from self.verify(position.clear_through, position.clear_sha256)
                yield from self._verify_output(position)
            outcome = yield from self._asker.ask(ReadNextInput(position.clear_through))
            if isinstance(outcome, StopAsked) or not self._asker.in_doubt:
                return outcome

    def _verify_output(self, position: Position) -> Steps[None]:
        """Check that the last output has not been lost, and its sequence used for another."""
        if position.is_begin:
            return
        at = position.output_sequence
        stored = yield from self._asker.ask(ReadOutput(at))
        if stored is None:  # by age, or lost
            end = (yield from self._asker.ask(ReadStreamState(StreamSide.OUTPUT))).last
            if end < at:
                raise lost_tail(end, at)
            return
        name = OutputName.read(stored.headers)
        if (
            name is None
            or (name.epoch, name.input_sequence) != (position.epoch, position.input_sequence)
            or digest(stored.payload) != position.output_sha256
        ):
            raise WorkerEnd(
                StopKind.FENCED,
                f"output {at} has SHA-256 {digest(stored.payload)}, must have "
                f"{position.output_sha256} and answer input {position.input_sequence}: the stream "
                "lost its end and another worker wrote it again; stop one of the two",
            )

    def sha256_at(self, sequence: int) -> Steps[str]:
        """Return the hash of the message at `sequence`, nothing where there is none."""
        stored = (yield from self._asker.ask(ReadInput(sequence))) if sequence > 0 else None
        return "" if stored is None else digest(stored.payload)

    def verify(self, sequence: int, expected_sha256: str) -> Steps[None]:
        """Check that the stream still is the one whose message at `sequence` was dealt with.

        Raises
        ------
        WorkerEnd : it is shorter, or has another message there.
        """
        state = yield from self._asker.ask(ReadStreamState(StreamSide.INPUT))
        _must_reach(state.last, sequence)
        found = yield from self.sha256_at(sequence)
        if found == expected_sha256:
            return
        if not found:
            yield from self._input_must_have_aged(sequence)
            return
        raise refusal(
            f"message {sequence} of the input stream has SHA-256 {found}, must have "
            f"{expected_sha256 or 'none, since there was none'}, which was dealt with: the stream "
            f"was made anew or lost its end and uses sequences again: {REMEDY}"
        )

    def is_same(
        self, sequence: int, expected_sha256: str, inputs: StreamState
    ) -> Steps[bool | None]:
        """Return whether the stream still is the one that was dealt with up to `sequence`.

        None: its message there is gone, so nobody can know.
        """
        if sequence > inputs.last:
            return False
        found = yield from self.sha256_at(sequence)
        return found == expected_sha256 if found else None

    def _input_must_have_aged(self, sequence: int) -> Steps[None]:
        """Tell a message that left by age from one that was lost."""
        state = yield from self._asker.ask(ReadStreamState(StreamSide.INPUT))
        if sequence >= state.first:
            raise WorkerEnd(
                StopKind.GAP,
                f"message {sequence} is missing inside the input stream, which holds {state.first} "
                f"to {state.last}: it was lost on the broker's disk: {REMEDY}",
            )

    def _look_into(self, gap: Gap, position: Position, before_sequence: int) -> Steps[None]:
        """Find out whether the stream lost a message since the radar's last frame."""
        state = yield from self._asker.ask(ReadStreamState(StreamSide.INPUT))
        _must_hold(state.first, position)
        sequence = max(gap.behind_sequence + 1, state.first)
        while sequence < before_sequence:
            last = min(sequence + LOOKED_AT_ONCE, before_sequence) - 1
            missing = yield from self._asker.ask(FindMissingInput(sequence, last))
            if missing is not None:
                yield from self._must_have_been_held(missing, position)
            sequence = (last if missing is None else missing) + 1

    def _must_have_been_held(self, sequence: int, position: Position) -> Steps[None]:
        """Excuse a message that is gone, if it was dealt with and has aged out since.

        What nobody has dealt with must be there, whatever its age: the proof that an input behind
        it came next rests on time alone, and knows nothing of a stream that is to keep less.
        """
        if (yield from self._asker.ask(ReadInput(sequence))) is None:  # not lost on the way only
            yield from self._input_must_have_aged(sequence)
            state = yield from self._asker.ask(ReadStreamState(StreamSide.INPUT))
            _must_hold(state.first, position)


def _must_reach(last: int, sequence: int) -> None:
    if last < sequence:
        raise refusal(
            f"the input stream ends at {last}, must reach {sequence}, which was dealt with: "
            f"it was made anew or lost its end: {REMEDY}"
        )


def _must_hold(held_from: int, position: Position) -> None:
    wanted = position.clear_through + 1
    if held_from > wanted:
        raise WorkerEnd(
            StopKind.GAP,
            f"the input stream holds messages from {held_from} on, must from {wanted} on: "
            f"{held_from - wanted} messages behind the last answered input "
            f"({position.input_sequence}) are gone, and inputs among them can no longer be "
            f"answered: {REMEDY}",
        )
