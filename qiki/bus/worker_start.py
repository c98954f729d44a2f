"""How a worker finds its place: newest output, snapshot, replay.

What is stored decides, in this order:

1. The newest output names its epoch and its input. Both must be ours to continue; the input must
   still be the one in the input stream (`worker_replay`).
2. Where every output has aged out, a snapshot stands in for it, if it was taken at the very last
   output: the stream's last sequence survives the ageing and must be the snapshot's.
3. Where nothing was ever answered, an epoch begins (`worker_epoch`).
"""

from qiki.bus.worker_asking import Asker, Steps, refusal
from qiki.bus.worker_effects import Core, ReadNewestOutput, ReadStreamState, StreamSide
from qiki.bus.worker_epoch import NEW_EPOCH, EpochChoice, EpochStart, Findings, begun_behind
from qiki.bus.worker_inputs import InputReader
from qiki.bus.worker_position import Position
from qiki.bus.worker_replay import Replay
from qiki.bus.worker_snapshot import Manifest, SnapshotStore


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
        self._inputs = inputs
        self._snapshots = snapshots
        self._choice = choice
        self._epochs = EpochStart(asker, core, inputs, snapshots, choice)
        self._replay = Replay(asker, core, inputs, snapshots, self._epochs)
        self.last_output = 0

    def find(self) -> Steps[Position]:
        """Return the place of the last output, with the core as it was there.

        Raises
        ------
        WorkerEnd : what is stored does not lead there.
        """
        findings = yield from self._look()
        if self._choice.begin_new:
            return (yield from self._epochs.begin_behind(findings))
        if findings.newest is not None:
            begun = begun_behind(findings, findings.newest)
            if begun is None:
                return (yield from self._replay.to_output(findings, findings.newest))
            return (yield from self._from_snapshot_alone(findings, [begun]))
        last = findings.outputs.last
        at_end = [m for m in findings.manifests if m.position.output_sequence == last]
        if at_end:
            return (yield from self._from_snapshot_alone(findings, at_end))
        return (yield from self._epochs.begin_first(findings))

    def _look(self) -> Steps[Findings]:
        ask = self._asker.ask
        newest = yield from ask(ReadNewestOutput())
        outputs = yield from ask(ReadStreamState(StreamSide.OUTPUT))
        if newest is None and outputs.first <= outputs.last:  # it has come in between
            newest = yield from ask(ReadNewestOutput())
        inputs = yield from ask(ReadStreamState(StreamSide.INPUT))
        findings = Findings(newest, outputs, inputs, (yield from self._snapshots.manifests()))
        self.last_output = findings.last_output
        return findings

    def _from_snapshot_alone(self, findings: Findings, at_end: list[Manifest]) -> Steps[Position]:
        """Go on from a snapshot at the last output: there is nothing to replay."""

        def progress(manifest: Manifest) -> tuple[int, int]:
            return manifest.position.input_sequence, manifest.position.epoch.begin_output

        furthest = max(map(progress, at_end))  # of two epochs the one that began later
        for manifest in at_end:
            position = manifest.position
            if progress(manifest) < furthest:
                continue
            self._epochs.check_ours(position.epoch, f"the snapshot in slot {manifest.slot}")
            yield from self._inputs.verify(position.clear_through, position.clear_sha256)
            if (yield from self._replay.restore(manifest)):
                return position
        raise refusal(
            f"the snapshot at output {findings.outputs.last} is damaged, must be whole: nothing "
            f"else says what was answered: restore the snapshots, or {NEW_EPOCH}"
        )
