"""The replay: from a snapshot up to the last output, with every answer compared.

From the newest usable snapshot at or before the last output the inputs are answered again without
publishing, and each answer must equal the stored output. A snapshot *ahead* of the newest output
says that the output stream has lost its end. It is not used: from an older one the lost outputs
are made again, with the same bytes at the same sequences, since the core is a pure function. The
input that it names must still be there; else inputs were lost as well, and the worker refuses.
"""

from qiki.bus.worker_asking import Asker, Steps, refusal
from qiki.bus.worker_effects import (
    Core,
    ReadOutput,
    ReadStreamState,
    StoredMessage,
    StreamSide,
)
from qiki.bus.worker_epoch import NEW_EPOCH, EpochStart, Findings
from qiki.bus.worker_inputs import InputReader
from qiki.bus.worker_position import Epoch, OutputName, Position, digest
from qiki.bus.worker_snapshot import Manifest, SnapshotStore
from qiki.errors import SnapshotError


class Replay:
    """Brings the core to an output that is stored.

    Parameters
    ----------
    asker, core, inputs, snapshots : of the worker.
    epochs : knows the worker's own.
    """

    def __init__(
        self,
        asker: Asker,
        core: Core,
        inputs: InputReader,
        snapshots: SnapshotStore,
        epochs: EpochStart,
    ) -> None:
        self._asker = asker
        self._core = core
        self._inputs = inputs
        self._snapshots = snapshots
        self._epochs = epochs

    def to_output(self, findings: Findings, newest: StoredMessage) -> Steps[Position]:
        """Restore the newest usable snapshot and answer again up to `newest`."""
        name = OutputName.read(newest.headers)
        if name is None:
            raise refusal(
                f"output {newest.sequence} names no input, must: something else writes this "
                f"stream; stop it and {NEW_EPOCH}"
            )
        self._epochs.check_ours(name.epoch, f"output {newest.sequence}")
        yield from self._inputs.verify(name.input_sequence, name.input_sha256)
        ours = [m for m in findings.manifests if m.position.epoch == name.epoch]
        for manifest in findings.manifests:
            if manifest not in ours:
                yield from self._asker.report("warning", "snapshot_foreign", slot=manifest.slot)
        position = yield from self._nearest(findings, ours, name.epoch, newest.sequence)
        while position.output_sequence < newest.sequence:
            yield from self._replay_one(position, newest.sequence)
        if position.output_sha256 != digest(newest.payload):
            raise refusal(self._differs(newest.sequence, position, digest(newest.payload)))
        return position

    def _nearest(
        self, findings: Findings, ours: list[Manifest], epoch: Epoch, last_output: int
    ) -> Steps[Position]:
        """Return the newest place at or before the last output from which inputs are held."""
        for manifest in ours:
            reason = yield from self._unusable(findings, manifest, last_output)
            if reason:
                yield from self._snapshots.skip(manifest, reason)
            elif (yield from self.restore(manifest)):
                return manifest.position
        if findings.inputs.first <= epoch.begin_input + 1:
            self._core.begin(epoch.number)
            return Position.at_begin(epoch, (yield from self._inputs.sha256_at(epoch.begin_input)))
        raise refusal(
            f"no usable snapshot leads to output {last_output}, and the input stream begins at "
            f"{findings.inputs.first}, must begin at {epoch.begin_input + 1} to do without: "
            f"restore the snapshots, or {NEW_EPOCH}"
        )

    def _unusable(self, findings: Findings, manifest: Manifest, last_output: int) -> Steps[str]:
        """Return why a snapshot cannot be used, nothing when it can."""
        position = manifest.position
        at = position.output_sequence
        if at > last_output:
            # Also the input stream may have lost its end.
            yield from self._inputs.verify(position.clear_through, position.clear_sha256)
            return f"it is at output {at}, must be at or before {last_output}, the newest stored"
        if at < last_output and findings.inputs.first > position.clear_through + 1:
            wanted = position.clear_through + 1
            return f"inputs are held from {findings.inputs.first} on, must from {wanted} on"
        output = (yield from self._asker.ask(ReadOutput(at))) if position.output_sha256 else None
        if output is not None and digest(output.payload) != position.output_sha256:
            return f"it names another output {at} than the one stored"
        return ""

    def restore(self, manifest: Manifest) -> Steps[bool]:
        """Bring the core to a snapshot; return whether it was whole."""
        if manifest.position.is_begin:
            self._core.begin(manifest.position.epoch.number)
            return True
        try:
            self._core.restore((yield from self._snapshots.state(manifest)))
        except SnapshotError as error:
            yield from self._snapshots.skip(manifest, str(error))
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
        yield from self._inputs.check_number(position, answer.frame, taken.sequence)
        output = yield from self._asker.ask(ReadOutput(sequence))
        name = OutputName(position.epoch, taken.sequence, digest(taken.payload))
        position.advance(name, sequence, digest(answer.payload))
        self._asker.counters["replayed"] += 1
        if output is None:
            yield from self._output_must_have_aged(sequence)
            return
        if OutputName.read(output.headers) != name or output.payload != answer.payload:
            raise refusal(self._differs(sequence, position, digest(output.payload)))

    def _output_must_have_aged(self, sequence: int) -> Steps[None]:
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
