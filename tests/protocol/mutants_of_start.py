"""Seeded bugs of the start and of the snapshots; see `mutants.py`."""

import dataclasses
from unittest.mock import patch

from qiki.bus import worker_snapshot
from qiki.bus.recoverable_worker import RecoverableWorker
from qiki.bus.worker_effects import Publish, WriteValue
from qiki.bus.worker_epoch import EpochStart
from qiki.bus.worker_inputs import InputReader
from qiki.bus.worker_position import OutputName, Position, digest
from qiki.bus.worker_replay import Replay
from qiki.bus.worker_snapshot import Manifest, SnapshotStore
from qiki.bus.worker_start import WorkerStart
from tests.protocol.mutants import both, mutant, nothing, steps_changed

# The start.


@mutant
def aged_out_outputs_begin_anew():
    def first(self, findings):
        return (yield from self._begin(self._choice.fresh, 0, findings))

    return patch.object(EpochStart, "begin_first", first)


@mutant
def no_replay():
    def to(self, stored, newest):
        name = OutputName.read(newest.headers)
        ours = [m for m in stored.manifests if m.position.epoch == name.epoch]
        position = yield from self._nearest(stored, ours, name.epoch, newest.sequence)
        position.input_sequence = position.clear_through = name.input_sequence
        position.clear_sha256 = name.input_sha256
        position.output_sequence, position.output_sha256 = newest.sequence, digest(newest.payload)
        return position

    return patch.object(Replay, "to_output", to)


@mutant
def replay_publishes():
    real = Replay._replay_one

    def replay_one(self, position, last_output):
        taken = yield from self._inputs.next(position)
        if taken is not None:
            before = self._core.snapshot()
            answer = self._core.answer(taken.payload, taken.headers)
            self._core.restore(before)
            name = OutputName(position.epoch, taken.sequence, digest(taken.payload))
            message_id = f"t:{position.epoch.number}:{taken.sequence}"
            yield Publish(message_id, answer.payload, name.to_headers(), None, None)
        yield from real(self, position, last_output)

    return patch.object(Replay, "_replay_one", replay_one)


@mutant
def last_output_is_not_restored():
    real = WorkerStart._from_snapshot_alone

    def alone(self, stored, at_end):
        position = yield from real(self, stored, at_end)
        position.output_sequence = 0
        return position

    return patch.object(WorkerStart, "_from_snapshot_alone", alone)


@mutant
def new_epoch_answers_everything_again():
    def behind(self, findings):
        return (yield from self._begin(self._choice.fresh, 0, findings))

    return patch.object(EpochStart, "begin_behind", behind)


@mutant
def new_epoch_begins_behind_the_end():
    """Whatever stream it is, behind the sequence that was answered or its last."""

    def last(self, messages, inputs):
        return min(max((sequence for sequence, _ in messages), default=0), inputs.last)
        yield

    return patch.object(EpochStart, "_last_dealt_with", last)


@mutant
def no_message_is_as_good_as_any():
    """A place whose message was gone already says nothing of the stream that is there now."""
    real = InputReader.verify

    def verify(self, sequence, expected_sha256):
        if expected_sha256:
            yield from real(self, sequence, expected_sha256)

    return patch.object(InputReader, "verify", verify)


# Snapshots.


@mutant
def snapshot_before_publish():
    real = RecoverableWorker._publish

    def publish(self, position, name, answer):
        ahead = dataclasses.replace(position)
        ahead.advance(name, position.output_sequence + 1, digest(answer.payload))
        yield from self._snapshots.save(ahead, self._core.snapshot())
        return (yield from real(self, position, name, answer))

    def usable(self, stored, manifest, last_output):
        return ""
        yield

    def to_output(self, stored, newest):
        name = OutputName.read(newest.headers)
        ours = [m for m in stored.manifests if m.position.epoch == name.epoch]
        position = yield from self._nearest(stored, ours, name.epoch, newest.sequence)
        while position.output_sequence < newest.sequence:
            yield from self._replay_one(position, newest.sequence)
        position.output_sequence = newest.sequence
        return position

    unchecked = patch.multiple(Replay, _unusable=usable, to_output=to_output)
    return both(patch.object(RecoverableWorker, "_publish", publish), unchecked)


@mutant
def snapshot_is_not_checked():
    def state(self, manifest):
        parts = []
        for index in range(len(manifest.chunks)):
            key = worker_snapshot.chunk_key(self._tracker_id, manifest.slot, index)
            parts.append((yield from self._read(key)) or b"")
        return b"".join(parts)

    return patch.object(SnapshotStore, "state", state)


@mutant
def manifest_before_chunks_and_not_checked():
    """The order alone is no bug while the hashes of the chunks are compared."""
    real = worker_snapshot.values

    def values(*args):
        *before, manifest = real(*args)
        return [manifest, *before[1:]]  # and the slot is not declared empty

    return both(
        patch.object(worker_snapshot, "values", values),
        patch.object(SnapshotStore, "state", _unchecked_state),
    )


def _unchecked_state(self, manifest):
    parts = []
    for index in range(len(manifest.chunks)):
        key = worker_snapshot.chunk_key(self._tracker_id, manifest.slot, index)
        parts.append((yield from self._read(key)) or bytes(20))
    return b"".join(parts)[:48]


@mutant
def no_older_snapshot_is_kept():
    real = SnapshotStore.__init__

    def init(self, asker, tracker_id, slots, chunk_bytes):
        real(self, asker, tracker_id, 1, chunk_bytes)

    return patch.object(SnapshotStore, "__init__", init)


@mutant
def no_snapshot_when_idle():
    return patch.object(RecoverableWorker, "_save_if_moved", nothing)


@mutant
def idle_place_is_not_saved():
    real = Manifest.encode

    def encode(self):
        place: Position = self.position
        if place.is_begin:
            return real(self)
        position = dataclasses.replace(place, clear_through=place.input_sequence, clear_sha256="")
        return real(dataclasses.replace(self, position=position))

    return patch.object(Manifest, "encode", encode)


@mutant
def snapshots_are_written_unguarded():
    def unguarded(effect):
        if isinstance(effect, WriteValue):
            return dataclasses.replace(effect, expected_revision=None)
        return effect

    return steps_changed(unguarded, lambda effect, outcome: outcome)


@mutant
def another_epochs_snapshot_keeps_its_slot():
    def worth(self, slot, epoch):
        return slot in self._held, self._held[slot].order if slot in self._held else (0, 0)

    return patch.object(SnapshotStore, "_worth", worth)


@mutant
def what_stood_there_before_is_another_workers():
    real = SnapshotStore.manifests

    def manifests(self):
        found = yield from real(self)
        self._found = frozenset()
        return found

    return patch.object(SnapshotStore, "manifests", manifests)
