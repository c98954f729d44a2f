"""Seeded bugs of the protocol: the production class with one thing wrong.

Each is a change to the production classes, made while a schedule runs. The simulator is worth
something only if it finds every one of them (`test_mutants.py`).
"""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from qiki.bus.number_gaps import Gap, NumberGaps
from qiki.bus.recoverable_worker import RecoverableWorker
from qiki.bus.worker_asking import Asker, WorkerEnd
from qiki.bus.worker_effects import (
    Accepted,
    Publish,
    ReadInput,
    ReadNewestOutput,
    ReadNextInput,
    StopKind,
    Unanswered,
    WrongSequence,
)
from qiki.bus.worker_inputs import InputReader
from qiki.bus.worker_position import OutputName, digest
from qiki.bus.worker_replay import Replay

MUTANTS: dict[str, Callable[[], AbstractContextManager[object]]] = {}


def mutant(change: Callable[[], Any]) -> Callable[[], Any]:
    """Add a function that makes a patch to the list, under its own name."""
    MUTANTS[change.__name__] = change
    return change


def nothing(*args: object, **kwargs: object) -> Iterator[Any]:
    """Stand in for a check: ask nothing, refuse nothing."""
    return
    yield


@contextmanager
def steps_changed(change: Callable[[Any], Any], back: Callable[[Any, Any], Any]) -> Iterator[None]:
    """Change effects on their way out and outcomes on their way in."""
    run = RecoverableWorker.steps

    def steps(self: RecoverableWorker) -> Iterator[Any]:
        inner = run(self)
        effect = next(inner)
        while True:
            outcome = yield change(effect)
            try:
                effect = inner.send(back(effect, outcome))
            except StopIteration:
                return

    with patch.object(RecoverableWorker, "steps", steps):
        yield


def same(effect: Any) -> Any:
    return effect


@contextmanager
def both(one: AbstractContextManager[object], other: AbstractContextManager[object]):
    with one, other:
        yield


# The guard and the reading back.


@mutant
def no_guard():
    def without(effect):
        if isinstance(effect, Publish):
            return dataclasses.replace(
                effect, expected_subject_sequence=None, expected_stream_sequence=None
            )
        return effect

    return steps_changed(without, lambda effect, outcome: outcome)


@mutant
def guard_of_the_subject_only():
    """An empty subject looks the same to all; see `Publish`."""

    def without(effect):
        if isinstance(effect, Publish):
            return dataclasses.replace(effect, expected_stream_sequence=None)
        return effect

    return steps_changed(without, lambda effect, outcome: outcome)


def taken_for_stored(kind):
    def back(effect, outcome):
        if isinstance(effect, Publish) and isinstance(outcome, kind):
            return Accepted(effect.expected_stream_sequence + 1)
        return outcome

    return steps_changed(same, back)


@mutant
def wrong_sequence_taken_for_stored():
    return taken_for_stored(WrongSequence)


@mutant
def time_out_taken_for_stored():
    return taken_for_stored(Unanswered)


@mutant
def duplicate_taken_for_stored():
    def back(effect, outcome):
        if isinstance(effect, Publish) and isinstance(outcome, Accepted):
            return Accepted(outcome.sequence, duplicate=False)
        return outcome

    return steps_changed(same, back)


@mutant
def wrong_sequence_is_fatal():
    def read_back(self, position, name, payload):
        raise WorkerEnd(StopKind.FENCED, "no reading back")
        yield

    return patch.object(RecoverableWorker, "_read_back", read_back)


@mutant
def read_back_compares_bytes_only():
    real = RecoverableWorker._read_back

    def read_back(self, position, name, payload):
        newest = yield from self._asker.ask(ReadNewestOutput())
        if newest is not None and newest.payload == payload:
            return newest.sequence
        return (yield from real(self, position, name, payload))

    return patch.object(RecoverableWorker, "_read_back", read_back)


@mutant
def whatever_is_newest_is_ours():
    def read_back(self, position, name, payload):
        newest = yield from self._asker.ask(ReadNewestOutput())
        if newest is None or newest.sequence == position.output_sequence:
            return None
        return newest.sequence

    return patch.object(RecoverableWorker, "_read_back", read_back)


# Inputs.


@mutant
def gap_is_skipped():
    return patch("qiki.bus.worker_inputs._must_hold", lambda held_from, position: None)


@mutant
def missing_number_is_skipped():
    return patch.object(InputReader, "_look_into", nothing)


@mutant
def what_has_aged_is_excused():
    """Whether it was dealt with or not."""

    def look_into(self, gap, position, before_sequence):
        for sequence in range(gap.behind_sequence + 1, before_sequence):
            if (yield from self._asker.ask(ReadInput(sequence))) is None:
                yield from self._input_must_have_aged(sequence)

    return patch.object(InputReader, "_look_into", look_into)


@mutant
def only_what_is_not_dealt_with_is_looked_at():
    """A lost frame of one radar may stand before the answered frame of another."""
    real = InputReader._look_into

    def look_into(self, gap, position, before_sequence):
        behind = max(gap.behind_sequence, position.clear_through)
        yield from real(self, gap._replace(behind_sequence=behind), position, before_sequence)

    return patch.object(InputReader, "_look_into", look_into)


@mutant
def the_largest_number_is_kept():
    """One frame with a number out of all bounds then ends the watch over its radar."""
    real = NumberGaps.gap_before

    def gap_before(self, frame, sequence):
        newest, behind = self._newest.get((frame.sensor_id, str(frame.epoch)), (0, 0))
        if frame.number >= newest:
            return real(self, frame, sequence)
        self._newest[frame.sensor_id, str(frame.epoch)] = newest, sequence
        return Gap(0, behind)

    return patch.object(NumberGaps, "gap_before", gap_before)


@mutant
def input_hash_is_not_compared():
    return patch.object(InputReader, "verify", nothing)


@mutant
def what_was_read_before_the_doubt_is_used():
    def next_input(self, position):
        outcome = yield from self._asker.ask(ReadNextInput(position.clear_through))
        while self._asker.in_doubt:
            self._asker.in_doubt = False
            yield from self.verify(position.clear_through, position.clear_sha256)
        return outcome

    return patch.object(InputReader, "_without_doubt", next_input)


@mutant
def lost_connection_is_forgotten():
    def unanswered(self):
        self.counters["unanswered"] += 1

    return patch.object(Asker, "unanswered", unanswered)


@mutant
def refused_input_gets_no_output():
    real = RecoverableWorker._answer

    def answer(self, position, taken):
        if taken.payload[:1] == b"!":
            position.clear_through = taken.sequence
            return
        yield from real(self, position, taken)

    return patch.object(RecoverableWorker, "_answer", answer)


@mutant
def place_moves_with_what_was_read():
    """As with acknowledgements: the place is behind what was taken, not behind what is stored."""

    def replay_one(self, position, last_output):
        taken = yield from self._inputs.next(position)
        name = OutputName(position.epoch, taken.sequence, digest(taken.payload))
        position.advance(name, last_output, "")

    def ours(self, stored, newest):
        name = OutputName.read(newest.headers)
        ours = [m for m in stored.manifests if m.position.epoch == name.epoch]
        position = yield from self._nearest(stored, ours, name.epoch, newest.sequence)
        while position.output_sequence < newest.sequence:
            yield from self._replay_one(position, newest.sequence)
        return position

    return patch.multiple(Replay, _replay_one=replay_one, to_output=ours)
