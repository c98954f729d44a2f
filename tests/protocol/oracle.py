"""Judges what a simulated run did: each stored output, each end of a worker, and the outcome."""

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple

from qiki.bus.worker_effects import StopKind
from qiki.bus.worker_position import OutputName, Place
from qiki.bus.worker_snapshot import Manifest, chunk_key, manifest_key
from qiki.errors import SnapshotError
from tests.protocol.chain_core import ChainCore, frame_name
from tests.protocol.model_broker import Message, ModelBucket, ModelStream

FRAMES = "frames"
OUTPUTS = "tracks"
SLOTS = 2


class ViolationError(AssertionError):
    """The protocol broke a promise."""


class Whole(NamedTuple):
    """A snapshot whose manifest and chunks are all there."""

    manifest: Manifest
    state: bytes


class Oracle:
    """Holds the truth: every input ever stored, and what an undisturbed core answers.

    The sequence of outputs must be what one core gives for the inputs in their order, from where
    its epoch began; another epoch may follow only when it was asked for.
    """

    def __init__(self, inputs: ModelStream, outputs: ModelStream, bucket: ModelBucket) -> None:
        self.inputs, self.outputs, self.bucket = inputs, outputs, bucket
        self.frames: list[Message] = []  # those that are, or were, in the stream
        self.lost_end: list[Message] = []  # frames whose sequences are used again
        self.lost_inside: set[int] = set()
        self.lost_unseen: set[int] = set()  # with a proof that they were held
        self.answered = 0  # so many of `frames`
        self.answers: list[bytes] = []  # payload of each output
        self.epoch: int | None = None
        self.epochs_allowed: set[int] = set()
        self.inputs_damaged = (
            False  # an input or a message behind it was lost otherwise than by age
        )
        self.outputs_damaged = False
        self.snapshots_damaged = False
        self.outputs_anew = False
        self._answered_once = 0  # so many were, in outputs that are gone
        self.inputs_anew = False
        self._used_again_to = 0
        self._cut = 0  # so many frames came before `lost_end`
        self._core = ChainCore()
        self._before: list[tuple[bytes, int, int | None, dict[str, int], dict[str, int]]] = []
        self._numbers: dict[str, int] = {}  # radar to the number of its newest frame answered
        self._overdue: dict[str, int] = {}  # radar to its frame that was lost and left out

    # What is stored.

    def frame_stored(self, message: Message) -> None:
        """Take note of an input."""
        self.frames.append(message)

    def output_stored(self, message: Message) -> None:
        """Check one output."""
        name = OutputName.read(message.headers)
        if name is None:
            raise ViolationError(f"output {message.sequence} names no input")
        self._before.append(
            (
                self._core.snapshot(),
                self.answered,
                self.epoch,
                dict(self._numbers),
                dict(self._overdue),
            )
        )
        if name.epoch.number != self.epoch:
            self._begin(name)
        frame = self._expected(name)
        hashed = sha256(frame.payload).hexdigest()
        if (name.input_sequence, name.input_sha256) != (frame.sequence, hashed):
            raise ViolationError(
                f"output {message.sequence} answers input {name.input_sequence}, must answer "
                f"{frame.sequence}"
            )
        wanted = self._core.answer(frame.payload, frame.headers).payload
        if message.payload != wanted:
            raise ViolationError(
                f"output {message.sequence} has not the bytes of the undisturbed run"
            )
        self.answers.append(message.payload)
        radar = _radar_of(frame)
        if self._overdue.pop(radar, 0) >= self.inputs.first and self._lacks_a_number(frame):
            raise ViolationError(f"answers radar {radar}, of which the stream has lost a frame")
        if (named := frame_name(frame.payload)) is not None:
            self._numbers[radar] = named.number
        self.answered += 1

    def _begin(self, name: OutputName) -> None:
        number, behind = name.epoch.number, name.epoch.begin_input
        # Where a stream is empty and no snapshot left, nothing says that there ever was an epoch.
        forgotten = self.outputs_anew and self.snapshots_damaged and not name.epoch.begin_output
        if self.answers and number not in self.epochs_allowed and not forgotten:
            raise ViolationError(f"epoch {number} began without being asked for")
        self.epochs_allowed.discard(number)
        first = sum(frame.sequence <= behind for frame in self.frames)
        skipped = self.frames[max(self.answered, self._answered_once) : first]
        undamaged = not self.inputs_damaged and not self.outputs_damaged
        if undamaged and first < self.answered and not self.outputs_anew:
            raise ViolationError(f"epoch {number} begins behind {behind}, which is answered")
        whole = undamaged or self.inputs_anew
        if whole and any(self.inputs.get(frame.sequence) for frame in skipped):
            raise ViolationError(f"epoch {number} begins behind {behind}, skipping what is there")
        self.answered = first
        self.epoch = number
        if first > self._cut:
            self.lost_end = []
        self._numbers, self._overdue = {}, {}
        self._core.begin(number)

    def _expected(self, name: OutputName) -> Message:
        """Return the frame that the next output must answer."""
        beyond = self.answered - self._cut
        if self.lost_end and beyond >= 0:
            # What was read before the stream lost it may still be answered. But then this epoch
            # must end: the frames that have those sequences now cannot be answered in it.
            lost = self.lost_end[beyond] if beyond < len(self.lost_end) else None
            if lost is not None and name.input_sha256 == sha256(lost.payload).hexdigest():
                return lost
            if beyond:
                if self.inputs.first <= self.lost_end[beyond - 1].sequence:
                    raise ViolationError(f"answers {name.input_sequence} of a stream made anew")
                # All that could tell has aged out before anybody looked.
                self.answered = sum(f.sequence < name.input_sequence for f in self.frames)
            self.lost_end = []
        passed: set[str] = set()  # radars that have answers, and a frame lost behind the last
        while self.answered < len(self.frames):
            frame = self.frames[self.answered]
            radar = _radar_of(frame)
            if frame.sequence in self.lost_unseen and frame.sequence != name.input_sequence:
                self.answered += 1
                passed |= {radar} & self._numbers.keys()
                continue
            # What has a sequence that was used before, and ages out before anybody looks, leaves
            # nothing but a missing number, which is reported.
            replaced = frame.sequence <= min(self._used_again_to, self.inputs.first - 1)
            lost = replaced or frame.sequence in self.lost_inside
            if frame.sequence == name.input_sequence or not lost:
                if radar in passed and self._lacks_a_number(frame):
                    raise ViolationError(f"answers {frame.sequence} of radar {radar}, one is lost")
                return frame
            if replaced:
                self.answered += 1
                continue
            # Nobody can know, until a number of the same radar is missing.
            self.answered += 1
            if radar in self._numbers:
                self._overdue[radar] = frame.sequence
        raise ViolationError(f"output for input {name.input_sequence}, but every input is answered")

    def _lacks_a_number(self, frame: Message) -> bool:
        """Return whether a frame's number shows that one of its radar is missing before it.

        One that was lost with a number out of all bounds leaves none missing.
        """
        named = frame_name(frame.payload)
        newest = None if named is None else self._numbers.get(named.sensor_id)
        if named is None or newest is None:
            return False
        return named.number < newest or named.number > newest + 1

    # Damage.

    def outputs_lost(self, count: int) -> None:
        """Go back: the lost outputs are to be made again."""
        for _ in range(count):
            self.answers.pop()
            if self.epoch is not None:
                self.epochs_allowed.add(self.epoch)  # its first output may be among the lost
            before = self._before.pop()
            state, self.answered, self.epoch, self._numbers, self._overdue = before
            self._core.restore(state)
        self.outputs_damaged = self.outputs_damaged or count > 0

    def outputs_made_anew(self, outputs: ModelStream) -> None:
        """Take note that the stream of outputs is another, and empty.

        What no snapshot knows is answered again: in a new epoch, or by the one that had begun.
        """
        self.outputs = outputs
        if self.epoch is not None:
            self.epochs_allowed.add(self.epoch)
        self.epoch = None
        self.outputs_anew = True
        self._answered_once = max(self._answered_once, self.answered)

    def inputs_made_anew(self, inputs: ModelStream, last: int) -> None:
        """Take note that the stream of inputs is another, and empty; the old ended at `last`."""
        self.inputs = inputs
        self._used_again_to = last
        self.frames, self.answered, self._answered_once = [], 0, 0
        self.inputs_damaged = self.inputs_anew = True

    def inputs_lost(self, last: int) -> None:
        """Take note that the input stream has lost its end, which was `last`."""
        self._used_again_to = last
        self._cut = sum(frame.sequence <= self.inputs.last for frame in self.frames)
        self.lost_end = self.frames[self._cut :]  # none was answered yet, or this epoch must end
        del self.frames[self._cut :]
        self.inputs_damaged = True

    # What the truth allows.

    def manifests(self) -> list[tuple[int, Manifest]]:
        """Return the manifests that can be read, with their slots."""
        return manifests_in({key: entry.value for key, entry in self.bucket.entries.items()})

    def places_read(self) -> list[Place]:
        """Return the places of the manifests: what a worker goes by, whole or not."""
        return places_in({key: entry.value for key, entry in self.bucket.entries.items()})

    def whole_snapshots(self) -> list[Whole]:
        """Return the snapshots that a worker can use, as far as the bucket alone tells."""
        found = []
        for slot, manifest in self.manifests():
            chunks = [
                self.bucket.get(chunk_key("t", slot, index)).value or b""
                for index in range(len(manifest.chunks))
            ]
            if [sha256(chunk).hexdigest() for chunk in chunks] == list(manifest.chunks):
                found.append(Whole(manifest, b"".join(chunks)))
        return found

    def start_must_succeed(self) -> bool:
        """Return whether what is stored leads to the last output, and no input is missing."""
        places = [whole.manifest.position for whole in self.whole_snapshots()]
        newest = self.outputs.newest(OUTPUTS)
        last, first_input = self.outputs.last, self.inputs.first
        if newest is None:
            at_end = [place for place in places if place.output_sequence == last]
            if not at_end:
                return last == 0 and not self.bucket.entries
            return first_input <= max(at_end, key=lambda p: p.order).clear_through + 1
        name = OutputName.read(newest.headers)
        assert name is not None
        ours = [p for p in places if p.epoch == name.epoch and p.output_sequence <= last]
        at_end = [p.clear_through for p in ours if p.output_sequence == last]
        clear_through = max([name.input_sequence, *at_end])
        reachable = [p.clear_through for p in ours] + [name.epoch.begin_input]
        leads = bool(at_end) or first_input <= max(reachable) + 1
        return leads and first_input <= clear_through + 1

    def judge_end(self, kind: StopKind, clear_through: int | None) -> None:
        """Check that a worker was right to stop for what is stored.

        Parameters
        ----------
        kind : REFUSED or GAP.
        clear_through : where it stood, None when it had not found its place.
        """
        if self.inputs_damaged:
            return
        if clear_through is None:
            right = not self.start_must_succeed()
        else:
            right = kind is StopKind.GAP and self.inputs.first > clear_through + 1
        if not right:
            raise ViolationError(f"stopped ({kind.value}), but had no reason to")


def manifests_in(values: Mapping[str, bytes | None]) -> list[tuple[int, Manifest]]:
    """Return the manifests that can be read among the values of keys, with their slots."""
    found = []
    for slot in range(SLOTS):
        value = values.get(manifest_key("t", slot))
        with suppress(SnapshotError):
            found.append((slot, Manifest.decode(value or b"", slot)))
    return found


def places_in(values: Mapping[str, bytes | None]) -> list[Place]:
    """Return the places of the manifests that can be read among the values of keys."""
    return [manifest.position.place for _, manifest in manifests_in(values)]


def _radar_of(frame: Message) -> str:
    """Return the radar that a frame's payload names, nothing where it names none."""
    named = frame_name(frame.payload)
    return "" if named is None else named.sensor_id
