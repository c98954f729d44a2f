"""Snapshots in the bucket: a manifest that names its chunks by hash, in slots that take turns.

A slot is declared empty, then come the chunks, and the manifest last; and a manifest counts only
while each chunk has the hash it names. So a write that was cut short, at whatever place, is never
taken for a whole one; the slots beside it are untouched. Every failure to read one costs replay
time only.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from qiki.bus.number_gaps import NumberGaps
from qiki.bus.worker_asking import Asker, Steps, WorkerEnd
from qiki.bus.worker_effects import Accepted, ReadValue, Rejected, StopKind, WriteValue
from qiki.bus.worker_position import Epoch, Place, Position, digest
from qiki.errors import SnapshotError

MAGIC = "QIKI-SNAPSHOT"
BEING_WRITTEN = "QIKI-SNAPSHOT being written"
VERSION = 1  # of the manifest; the core's own version stands inside


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot says of itself."""

    position: Position
    chunks: tuple[str, ...]  # SHA-256 of each
    slot: int

    def encode(self) -> bytes:
        """Return the bytes of the manifest: magic, version, hash of the rest, the rest."""
        position = self.position
        body = json.dumps(
            {
                "epoch": list(position.epoch),
                "input": position.input_sequence,
                "clear": [position.clear_through, position.clear_sha256],
                "output": [position.output_sequence, position.output_sha256],
                "numbers": position.numbers.newest(),
                "chunks": self.chunks,
            }
        ).encode()
        return f"{MAGIC} {VERSION} {digest(body)}\n".encode() + body

    @classmethod
    def decode(cls, value: bytes, slot: int) -> "Manifest":
        """Return the manifest in `value`.

        Raises
        ------
        SnapshotError : damaged, or of another version.
        """
        head, _, body = value.partition(b"\n")
        magic, version, checksum = (*head.decode("ascii", "replace").split(" "), "", "", "")[:3]
        if magic != MAGIC:
            raise SnapshotError(f"slot {slot} begins with {magic[:16]!r}, must with {MAGIC}")
        if version != str(VERSION):
            raise SnapshotError(f"slot {slot} is of version {version[:16]}, must be {VERSION}")
        if checksum != digest(body):
            raise SnapshotError(f"slot {slot}: the manifest has not the hash it names")
        said = json.loads(body)
        numbers = NumberGaps.of([tuple(radar) for radar in said["numbers"]])
        clear_through, clear_sha256 = said["clear"]
        output_sequence, output_sha256 = said["output"]
        position = Position(
            Epoch(*said["epoch"]),
            said["input"],
            clear_through,
            clear_sha256,
            output_sequence,
            output_sha256,
            numbers,
        )
        return cls(position, tuple(said["chunks"]), slot)


def manifest_key(tracker_id: str, slot: int) -> str:
    """Return where the manifest of a slot stands."""
    return f"{tracker_id}.{slot}.manifest"


def chunk_key(tracker_id: str, slot: int, index: int) -> str:
    """Return where one chunk of a slot stands."""
    return f"{tracker_id}.{slot}.{index}"


def split(state: bytes, chunk_bytes: int) -> list[bytes]:
    """Return `state` in parts of at most `chunk_bytes`."""
    return [state[at : at + chunk_bytes] for at in range(0, len(state), chunk_bytes)]


def values(
    position: Position, state: bytes, slot: int, chunk_bytes: int
) -> Iterator[tuple[str, bytes]]:
    """Give keys and values of one snapshot, in the order in which they must be written.

    The slot is first declared empty, in words that another worker would not use: should it take
    the slot meanwhile, the manifest that must follow these words is refused.
    """
    tracker_id = position.epoch.tracker_id
    chunks = [] if position.is_begin else split(state, chunk_bytes)  # the core can begin anew
    if chunks:
        words = f"{BEING_WRITTEN} {position.epoch.number} {position.order}"
        yield manifest_key(tracker_id, slot), words.encode()
    for index, chunk in enumerate(chunks):
        yield chunk_key(tracker_id, slot, index), chunk
    hashes = tuple(digest(chunk) for chunk in chunks)
    yield manifest_key(tracker_id, slot), Manifest(position, hashes, slot).encode()


class SnapshotStore:
    """Reads and writes the snapshots of one tracker, by effects.

    A value is written only over the revision that was read last, so that a worker which was
    stopped for a while cannot write over the snapshots of the one that took its place.

    Parameters
    ----------
    asker : of the worker.
    tracker_id : whose snapshots.
    slots, chunk_bytes : how many are kept, and how large a value may be.

    Attributes
    ----------
    unreadable : slots whose manifest could not be read.
    """

    def __init__(self, asker: Asker, tracker_id: str, slots: int, chunk_bytes: int) -> None:
        self._asker = asker
        self._tracker_id = tracker_id
        self._slots = slots
        self._chunk_bytes = chunk_bytes
        self._held: dict[int, Place] = {}  # slot to what can be read there
        self._useless: set[int] = set()  # slots
        self._found: frozenset[Place] | None = None  # at the start: no worker beside this one's
        self._revisions: dict[str, int] = {}
        self.unreadable = 0

    def manifests(self) -> Steps[list[Manifest]]:
        """Return what stands in the bucket, newest first; what cannot be read is reported."""
        found = []
        self.unreadable = 0
        for slot in range(self._slots):
            value = yield from self._read(manifest_key(self._tracker_id, slot))
            if value is None or value.startswith(BEING_WRITTEN.encode()):
                continue
            try:
                found.append(Manifest.decode(value, slot))
            except SnapshotError as error:
                self.unreadable += 1
                yield from self._report_skipped(slot, str(error))
        self._held = {manifest.slot: manifest.position.place for manifest in found}
        if self._found is None:
            self._found = frozenset(self._held.values())
        return sorted(found, key=lambda manifest: manifest.position.order, reverse=True)

    def state(self, manifest: Manifest) -> Steps[bytes]:
        """Return the state of which `manifest` speaks.

        Raises
        ------
        SnapshotError : a chunk is missing or has another hash.
        """
        parts = []
        for index, expected in enumerate(manifest.chunks):
            chunk = yield from self._read(chunk_key(self._tracker_id, manifest.slot, index))
            if chunk is None or digest(chunk) != expected:
                found = "missing" if chunk is None else digest(chunk)
                raise SnapshotError(
                    f"slot {manifest.slot}: chunk {index} is {found}, must have SHA-256 {expected}"
                )
            parts.append(chunk)
        return b"".join(parts)

    def skip(self, manifest: Manifest, reason: str) -> Steps[None]:
        """Report a snapshot that cannot be used; only an empty slot is written sooner than its."""
        self._useless.add(manifest.slot)
        yield from self._report_skipped(manifest.slot, reason)

    def _report_skipped(self, slot: int, reason: str) -> Steps[None]:
        yield from self._asker.report("warning", "snapshot_skipped", slot=slot, reason=reason)

    def save(self, position: Position, state: bytes) -> Steps[bool]:
        """Write a snapshot over the one that is worth least; return whether it is stored.

        Raises
        ------
        WorkerEnd : another worker has written a newer one.
        """
        reason = ""
        for _ in range(self._asker.attempts):
            slot = min(range(self._slots), key=lambda slot: self._worth(slot, position.epoch))
            reason = yield from self._write(position, state, slot)
            if not reason:
                self._held[slot] = position.place
                self._asker.counters["snapshots"] += 1
                return True
            for manifest in (yield from self.manifests()):
                if manifest.position.place == position.place:
                    return True  # another worker at the same place was faster
                if manifest.position.place not in (self._found or ()):
                    _must_not_be_ahead(manifest, position)
        yield from self._asker.report("error", "snapshot_not_stored", reason=reason)
        return False

    def _worth(self, slot: int, epoch: Epoch) -> tuple[int, tuple[int, int]]:
        """Return what orders slots by what would be lost with them.

        Another epoch's snapshot may be of a longer stream of outputs, and never again be the older.
        """
        held = self._held.get(slot)
        if held is None:
            return 0, (0, 0)
        return 1 if held.epoch != epoch or slot in self._useless else 2, held.order

    def _write(self, position: Position, state: bytes, slot: int) -> Steps[str]:
        """Write one slot; return why it could not be."""
        self._held.pop(slot, None)
        self._useless.discard(slot)
        written = list(values(position, state, slot, self._chunk_bytes))
        for key, _ in written:  # before the first is written, or a slot taken meanwhile looks free
            if key not in self._revisions:
                yield from self._read(key)
        for key, value in written:
            outcome = yield from self._asker.ask(WriteValue(key, value, self._revisions[key]))
            if isinstance(outcome, Accepted):
                self._revisions[key] = outcome.sequence
            elif isinstance(outcome, Rejected):
                return outcome.reason
            elif (yield from self._read(key)) != value:  # else an answer was lost
                return f"{key} was changed by another worker, or by hand"
        return ""

    def _read(self, key: str) -> Steps[bytes | None]:
        outcome = yield from self._asker.ask(ReadValue(key))
        self._revisions[key] = outcome.revision
        return outcome.value


def _must_not_be_ahead(manifest: Manifest, position: Position) -> None:
    found, epoch = manifest.position, manifest.position.epoch
    there = found.output_sequence, epoch.begin_output
    here = position.output_sequence, position.epoch.begin_output
    # Of two epochs that begin at one place neither may take the other's only snapshot.
    ahead = there > here or (there == here and epoch != position.epoch)
    if ahead:
        raise WorkerEnd(
            StopKind.FENCED,
            f"the newest snapshot is at output {found.output_sequence} of epoch {epoch.number}, "
            f"must be at or before {position.output_sequence} of {position.epoch.number}, the last "
            "output of this worker: another worker writes them; stop one of the two",
        )
