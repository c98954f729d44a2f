"""How a worker finds its place: newest output, snapshot, replay.

What is stored decides, in this order:

1. The newest output names its epoch and its input. Both must be ours to continue; the input must
   still be the one in the input stream.
2. Where every output has aged out, a snapshot stands in for it, if it was taken at the very last
   output: the stream's last sequence survives the ageing and must be the snapshot's.
3. An epoch begins with a snapshot of the empty core, written before its first output. So nothing
   stored at all means that nothing was ever answered, and only then an epoch begins by itself.

From the newest usable snapshot at or before the last output the inputs are answered again without
publishing, and each answer must equal the stored output. A snapshot *ahead* of the newest output
says that the output stream has lost its end. It is not used: from an older one the lost outputs
are made again, with the same bytes at the same sequences, since the core is a pure function. The
input that it names must still be there; else inputs were lost as well, and the worker refuses.
"""

from typing import NamedTuple

from qiki.bus.worker_asking import Asker, Steps, refusal
from qiki.bus.worker_effects import (
    Core,
    ReadNewestOutput,
    ReadOutput,
    ReadStreamState,
    StoredMessage,
    StreamSide,
    StreamState,
)
from qiki.bus.worker_inputs import InputReader
from qiki.bus.worker_position import Epoch, OutputName, Position, digest
from qiki.bus.worker_snapshot import Manifest, SnapshotStore
from qiki.errors import SnapshotError

NEW_EPOCH = "start a new epoch with --new-epoch"
_EPOCH_FIELDS = ("tracker id", "tracker epoch", "core version", "hash of the settings")


class EpochChoice(NamedTuple):
    """Which epoch to go on with.

    Attributes
    ----------
    fresh : number for an epoch that begins.
    demanded : the stored epoch must have this number; None: any.
    begin_new : begin the fresh one behind the last answered input.
    """

    fresh: int
    demanded: int | None = None
    begin_new: bool = False


class Stored(NamedTuple):
    """What the start finds."""

    newest: StoredMessage | None
    outputs: StreamState
    inputs: StreamState
    manifests: list[Manifest]  # newest first


class WorkerStart:
    """Brings the core to the last output.

    Parameters
    ----------
    asker, core, inputs, snapshots : of the worker.
    choice : of the epoch.

    Attributes
    ----------
    last_output : where the output stream ended when the start looked.
    """

    def __init__(
        self,
        asker: Asker,
        core: Core,
        inputs: InputReader,
        snapshots: SnapshotStore,
        choice: EpochChoice,
    ) -> None:
        self._asker = asker
        self._core = core
        self._inputs = inputs
        self._snapshots = snapshots
        self._choice = choice
        self.last_output = 0

    def find(self) -> Steps[Position]:
        """Return the place of the last output, with the core as it was there.

        Raises
        ------
        WorkerEnd : what is stored does not lead there.
        """
        stored = yield from self._look()
        if self._choice.begin_new:
            return (yield from self._begin_behind(stored))
        if stored.newest is not None:
            begun = _begun_behind(stored, stored.newest)
            if begun is None:
                return (yield from self._replay_to(stored, stored.newest))
            return (yield from self._from_snapshot_alone(stored, [begun]))
        at_end = [m for m in stored.manifests if m.position.output_sequence == stored.outputs.last]
        if at_end:
            return (yield from self._from_snapshot_alone(stored, at_end))
        return (yield from self._begin_first(stored))

    def _look(self) -> Steps[Stored]:
        ask = self._asker.ask
        newest = yield from ask(ReadNewestOutput())
        outputs = yield from ask(ReadStreamState(StreamSide.OUTPUT))
        if newest is None and outputs.first <= outputs.last:  # it has come in between
            newest = yield from ask(ReadNewestOutput())
        self.last_output = outputs.last if newest is None else newest.sequence
        inputs = yield from ask(ReadStreamState(StreamSide.INPUT))
        return Stored(newest, outputs, inputs, (yield from self._snapshots.manifests()))

    # The epoch.

    def _check_ours(self, epoch: Epoch, source: str) -> None:
        ours = Epoch.of(self._core, epoch.number, epoch.begin_input, epoch.begin_output)
        if self._choice.demanded is not None:
            ours = ours._replace(number=self._choice.demanded)
        for name, found, wanted in zip(_EPOCH_FIELDS, epoch, ours, strict=False):
            if found != wanted:
                raise refusal(f"{name} of {source} is {found}, must be {wanted}: {NEW_EPOCH}")

    def _begin_first(self, stored: Stored) -> Steps[Position]:
        """Begin where nothing was ever answered, with the first input that is there."""
        last = stored.outputs.last
        if last > 0 or stored.manifests:
            newest = [m.position.output_sequence for m in stored.manifests]
            raise refusal(
                f"the output stream ends at {last} and holds nothing; the newest readable snapshot "
                f"is at {newest[0] if newest else 'none'}, must be at {last} to say what was "
                f"answered: restore the snapshots, or {NEW_EPOCH}"
            )
        behind = stored.inputs.first - 1
        if behind > 0 and self._snapshots.unreadable:
            raise refusal(
                f"the input stream begins at {stored.inputs.first}, must at 1 while the only "
                f"snapshot cannot be read: restore the snapshots, or {NEW_EPOCH}"
            )
        number = self._choice.fresh if self._choice.demanded is None else self._choice.demanded
        return (yield from self._begin(number, behind, last))

    def _begin_behind(self, stored: Stored) -> Steps[Position]:
        """Begin a new epoch behind whatever was answered last."""
        name = OutputName.read(stored.newest.headers) if stored.newest else None
        answered = [(m.position.input_sequence, m.position.epoch.number) for m in stored.manifests]
        if name is not None:
            answered.append((name.input_sequence, name.epoch.number))
        if self._choice.fresh in {number for _, number in answered}:
            raise refusal(
                f"the new epoch is {self._choice.fresh}, must be none that was: choose another "
                "tracker.epoch, or leave it out"
            )
        behind = max((sequence for sequence, _ in answered), default=0)
        first, last = stored.inputs
        # Behind what has aged out, and not behind an end that the input stream has lost.
        behind = min(max(behind, first - 1), last)
        return (yield from self._begin(self._choice.fresh, behind, self.last_output))

    def _begin(self, number: int, behind: int, last_output: int) -> Steps[Position]:
        self._core.begin(number)
        epoch = Epoch.of(self._core, number, behind, last_output)
        position = Position.at_begin(epoch, (yield from self._inputs.sha256_at(behind)))
        if not (yield from self._snapshots.save(position, self._core.snapshot())):
            raise refusal(
                f"the snapshot that begins epoch {number} was not stored, must be before the "
                "first output: see the line above, and start again"
            )
        yield from self._asker.report("info", "epoch_begun", epoch=number, behind_sequence=behind)
        return position

    # The place.

    def _from_snapshot_alone(self, stored: Stored, at_end: list[Manifest]) -> Steps[Position]:
        """Go on from a snapshot at the last output: there is nothing to replay."""

        def progress(manifest: Manifest) -> tuple[int, int]:
            return manifest.position.input_sequence, manifest.position.epoch.begin_output

        furthest = max(map(progress, at_end))  # of two epochs the one that began later
        for manifest in at_end:
            position = manifest.position
            if progress(manifest) < furthest:
                continue
            self._check_ours(position.epoch, f"the snapshot in slot {manifest.slot}")
            yield from self._inputs.verify(position.clear_through, position.clear_sha256)
            if (yield from self._restore(manifest)):
                return position
        raise refusal(
            f"the snapshot at output {stored.outputs.last} is damaged, must be whole: nothing else "
            f"says what was answered: restore the snapshots, or {NEW_EPOCH}"
        )

    def _replay_to(self, stored: Stored, newest: StoredMessage) -> Steps[Position]:
        """Restore the newest usable snapshot and answer again up to `newest`."""
        name = OutputName.read(newest.headers)
        if name is None:
            raise refusal(
                f"output {newest.sequence} names no input, must: something else writes this "
                f"stream; stop it and {NEW_EPOCH}"
            )
        self._check_ours(name.epoch, f"output {newest.sequence}")
        yield from self._inputs.verify(name.input_sequence, name.input_sha256)
        ours = [m for m in stored.manifests if m.position.epoch == name.epoch]
        for manifest in stored.manifests:
            if manifest not in ours:
                yield from self._asker.report("warning", "snapshot_foreign", slot=manifest.slot)
        position = yield from self._nearest(stored, ours, name.epoch, newest.sequence)
        while position.output_sequence < newest.sequence:
            yield from self._replay_one(position, newest.sequence)
        if position.output_sha256 != digest(newest.payload):
            raise refusal(self._differs(newest.sequence, position, digest(newest.payload)))
        return position

    def _nearest(
        self, stored: Stored, ours: list[Manifest], epoch: Epoch, last_output: int
    ) -> Steps[Position]:
        """Return the newest place at or before the last output from which inputs are held."""
        for manifest in ours:
            reason = yield from self._unusable(stored, manifest, last_output)
            if reason:
                yield from self._snapshots.skip(manifest.slot, reason)
            elif (yield from self._restore(manifest)):
                return manifest.position
        if stored.inputs.first <= epoch.begin_input + 1:
            self._core.begin(epoch.number)
            return Position.at_begin(epoch)
        raise refusal(
            f"no usable snapshot leads to output {last_output}, and the input stream begins at "
            f"{stored.inputs.first}, must at {epoch.begin_input + 1} to do without: restore the "
            f"snapshots, or {NEW_EPOCH}"
        )

    def _unusable(self, stored: Stored, manifest: Manifest, last_output: int) -> Steps[str]:
        """Return why a snapshot cannot be used, nothing when it can."""
        position = manifest.position
        at = position.output_sequence
        if at > last_output:
            # Also the input stream may have lost its end.
            yield from self._inputs.verify(position.clear_through, position.clear_sha256)
            return f"it is at output {at}, must be at or before {last_output}, the newest stored"
        if at < last_output and stored.inputs.first > position.clear_through + 1:
            wanted = position.clear_through + 1
            return f"inputs are held from {stored.inputs.first} on, must from {wanted} on"
        output = (yield from self._asker.ask(ReadOutput(at))) if position.output_sha256 else None
        if output is not None and digest(output.payload) != position.output_sha256:
            return f"it names another output {at} than the one stored"
        return ""

    def _restore(self, manifest: Manifest) -> Steps[bool]:
        if manifest.position.is_begin:
            self._core.begin(manifest.position.epoch.number)
            return True
        try:
            self._core.restore((yield from self._snapshots.state(manifest)))
        except SnapshotError as error:
            yield from self._snapshots.skip(manifest.slot, str(error))
            return False
        return True

    def _replay_one(self, position: Position, last_output: int) -> Steps[None]:
        """Answer the next input again, and compare with its output where that is still stored."""
        taken = yield from self._inputs.next(position)
        sequence = position.output_sequence + 1
        if taken is None:
            raise refusal(
                f"the input stream has no input behind {position.input_sequence}, must have those "
                f"of outputs {sequence} to {last_output}: restore it, or {NEW_EPOCH}"
            )
        answer = self._core.answer(taken.payload, taken.headers)
        output = yield from self._asker.ask(ReadOutput(sequence))
        name = OutputName(position.epoch, taken.sequence, digest(taken.payload))
        position.advance(name, sequence, digest(answer.payload))
        self._asker.counters["replayed"] += 1
        if output is None:
            yield from self._must_have_aged(sequence)
            return
        if OutputName.read(output.headers) != name or output.payload != answer.payload:
            raise refusal(self._differs(sequence, position, digest(output.payload)))

    def _must_have_aged(self, sequence: int) -> Steps[None]:
        state = yield from self._asker.ask(ReadStreamState(StreamSide.OUTPUT))
        if sequence >= state.first:
            raise refusal(
                f"output {sequence} is missing inside the output stream, which holds {state.first} "
                f"to {state.last}: it was lost on the broker's disk: restore it, or {NEW_EPOCH}"
            )

    def _differs(self, sequence: int, position: Position, found: str) -> str:
        return (
            f"output {sequence} has SHA-256 {found}, must have {position.output_sha256}, which "
            f"input {position.input_sequence} gives now: the core is not deterministic, or another "
            f"worker wrote it: restore the streams, or {NEW_EPOCH}"
        )


def _begun_behind(stored: Stored, newest: StoredMessage) -> Manifest | None:
    """Return the snapshot of an epoch that began behind the newest output, and has none yet."""
    name = OutputName.read(newest.headers)
    for manifest in stored.manifests:
        position = manifest.position
        begins = position.is_begin and position.output_sequence == newest.sequence
        if begins and name is not None and position.epoch.number != name.epoch.number:
            return manifest
    return None
