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
                f"the input stream begins at {findings.inputs.first}, must begin at 1 while the "
                f"only snapshot cannot be read: restore the snapshots, or {NEW_EPOCH}"
            )
        number = self._choice.fresh if self._choice.demanded is None else self._choice.demanded
        return (yield from self._begin(number, 0, findings))

    def begin_behind(self, findings: Findings) -> Steps[Position]:
        """Begin a new epoch behind whatever was answered last, or with the first of new inputs."""
        dealt_with = _dealt_with(findings)
        if self._choice.fresh in {number for number, _, _ in dealt_with}:
            raise refusal(
                f"the new epoch is {self._choice.fresh}, must be none that was: choose another "
                "tracker.epoch, or leave it out"
            )
        messages = [(sequence, sha256) for _, sequence, sha256 in dealt_with]
        last = yield from self._last_dealt_with(messages, findings.inputs)
        return (yield from self._begin(self._choice.fresh, last, findings))

    def _last_dealt_with(self, messages: list[tuple[int, str]], inputs: StreamState) -> Steps[int]:
        """Return the last message that was dealt with in the stream as it is now, 0 without one.

        A stream that was made anew, or lost its end, has other messages at those sequences. Then
        only one that is still the same counts: what was not answered must not be left out.
        """
        others = False
        for sequence, sha256 in sorted(messages, reverse=True):
            same = yield from self._inputs.is_same(sequence, sha256, inputs)
            if same or (same is None and not others):
                return sequence
            if same is False and not others:
                others = True
                yield from self._asker.report("warning", "inputs_differ", at_sequence=sequence)
        return 0

    def _begin(self, number: int, dealt_with: int, findings: Findings) -> Steps[Position]:
        self._core.begin(number)
        behind = max(dealt_with, findings.inputs.first - 1)  # what has aged out is skipped
        epoch = Epoch.of(self._core, number, behind, findings.last_output)
        position = Position.at_begin(epoch, (yield from self._inputs.sha256_at(behind)))
        if not (yield from self._snapshots.save(position, self._core.snapshot())):
            raise WorkerEnd(
                StopKind.REJECTED,
                f"the snapshot that begins epoch {number} was not stored, must be before the "
                "first output: see the line above, and start again",
            )
        yield from self._asker.report(
            "info",
            "epoch_begun",
            epoch=number,
            behind_sequence=behind,
            skipped_messages=behind - dealt_with,
        )
        return position


def _dealt_with(findings: Findings) -> list[tuple[int, int, str]]:
    """Return of each epoch found the number, the last message dealt with and its hash."""
    places = [manifest.position for manifest in findings.manifests]
    found = [(place.epoch.number, place.clear_through, place.clear_sha256) for place in places]
    name = OutputName.read(findings.newest.headers) if findings.newest else None
    if name is not None:
        found.append((name.epoch.number, name.input_sequence, name.input_sha256))
    return found


def begun_behind(findings: Findings, newest: StoredMessage) -> Manifest | None:
    """Return the snapshot of an epoch that began behind the newest output, and has none yet."""
    name = OutputName.read(newest.headers)
    for manifest in findings.manifests:
        position = manifest.position
        begins = position.is_begin and position.output_sequence == newest.sequence
        if begins and name is not None and position.epoch.number != name.epoch.number:
            return manifest
    return None
