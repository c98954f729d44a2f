"""Which epoch a worker goes on with, and how a new one begins.

An epoch begins with a snapshot of the empty core, written before its first output. So nothing
stored at all means that nothing was ever answered, and only then an epoch begins by itself.
"""

from typing import NamedTuple

from qiki.bus.worker_asking import Asker, Steps, WorkerEnd, refusal
from qiki.bus.worker_effects import Core, StopKind, StoredMessage, StreamState
from qiki.bus.worker_inputs import InputReader
from qiki.bus.worker_position import Epoch, OutputName, Position
from qiki.bus.worker_snapshot import Manifest, SnapshotStore

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


class Findings(NamedTuple):
    """What the start finds."""

    newest: StoredMessage | None
    outputs: StreamState
    inputs: StreamState
    manifests: list[Manifest]  # newest first

    @property
    def last_output(self) -> int:
        """Return where the output stream ended."""
        return self.outputs.last if self.newest is None else self.newest.sequence


class EpochStart:
    """Knows the worker's own epoch from another's, and begins one.

    Parameters
    ----------
    asker, core, inputs, snapshots : of the worker.
    choice : of the epoch.
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

    def check_ours(self, epoch: Epoch, source: str) -> None:
        """Refuse what another tracker, epoch, core or other settings have made.

        Raises
        ------
        WorkerEnd : `epoch`, which `source` names, is not ours.
        """
        ours = Epoch.of(self._core, epoch.number, epoch.begin_input, epoch.begin_output)
        if self._choice.demanded is not None:
            ours = ours._replace(number=self._choice.demanded)
        for name, found, wanted in zip(_EPOCH_FIELDS, epoch, ours, strict=False):
            if found != wanted:
                raise refusal(f"{name} of {source} is {found}, must be {wanted}: {NEW_EPOCH}")

    def begin_first(self, findings: Findings) -> Steps[Position]:
        """Begin where nothing was ever answered, with the first input that is there."""
        last = findings.outputs.last
        if last > 0 or findings.manifests:
            newest = [m.position.output_sequence for m in findings.manifests]
            raise refusal(
                f"the output stream ends at {last} and holds nothing; the newest readable snapshot "
                f"is at {newest[0] if newest else 'none'}, must be at {last} to say what was "
                f"answered: restore the snapshots, or {NEW_EPOCH}"
            )
        behind = findings.inputs.first - 1
        if behind > 0 and self._snapshots.unreadable:
            raise refusal(
                f"the input stream begins at {findings.inputs.first}, must at 1 while the only "
                f"snapshot cannot be read: restore the snapshots, or {NEW_EPOCH}"
            )
        number = self._choice.fresh if self._choice.demanded is None else self._choice.demanded
        return (yield from self._begin(number, behind, last))

    def begin_behind(self, findings: Findings) -> Steps[Position]:
        """Begin a new epoch behind whatever was answered last."""
        name = OutputName.read(findings.newest.headers) if findings.newest else None
        answered = [
            (m.position.input_sequence, m.position.epoch.number) for m in findings.manifests
        ]
        if name is not None:
            answered.append((name.input_sequence, name.epoch.number))
        if self._choice.fresh in {number for _, number in answered}:
            raise refusal(
                f"the new epoch is {self._choice.fresh}, must be none that was: choose another "
                "tracker.epoch, or leave it out"
            )
        behind = max((sequence for sequence, _ in answered), default=0)
        first, last = findings.inputs
        # Behind what has aged out, and not behind an end that the input stream has lost.
        behind = min(max(behind, first - 1), last)
        return (yield from self._begin(self._choice.fresh, behind, findings.last_output))

    def _begin(self, number: int, behind: int, last_output: int) -> Steps[Position]:
        self._core.begin(number)
        epoch = Epoch.of(self._core, number, behind, last_output)
        position = Position.at_begin(epoch, (yield from self._inputs.sha256_at(behind)))
        if not (yield from self._snapshots.save(position, self._core.snapshot())):
            raise WorkerEnd(
                StopKind.REJECTED,
                f"the snapshot that begins epoch {number} was not stored, must be before the "
                "first output: see the line above, and start again",
            )
        yield from self._asker.report("info", "epoch_begun", epoch=number, behind_sequence=behind)
        return position


def begun_behind(findings: Findings, newest: StoredMessage) -> Manifest | None:
    """Return the snapshot of an epoch that began behind the newest output, and has none yet."""
    name = OutputName.read(newest.headers)
    for manifest in findings.manifests:
        position = manifest.position
        begins = position.is_begin and position.output_sequence == newest.sequence
        if begins and name is not None and position.epoch.number != name.epoch.number:
            return manifest
    return None
