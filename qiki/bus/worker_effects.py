"""What the recoverable worker asks of the world, and what it can be told.

The worker yields one effect at a time and is sent its outcome. It touches nothing else: no
connection, no clock, no disk. Each effect class says in its base which outcomes it has. Any of them
but `Report` and `Stop` may also come back as `Unanswered`, and then nobody knows whether it was
done, or as `Rejected`, and then it was not and will not be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar

Outcome_co = TypeVar("Outcome_co", covariant=True)


class StreamSide(Enum):
    """The two streams of a worker."""

    INPUT = "input"
    OUTPUT = "output"


class StoredMessage(NamedTuple):
    """One message of a stream."""

    sequence: int
    payload: bytes
    headers: Mapping[str, str]


class StreamState(NamedTuple):
    """Where a stream begins and ends; both survive the ageing out of all messages.

    An empty stream has ``first == last + 1``, also one that was never written, of which the broker
    itself says 0 and 0.
    """

    first: int
    last: int


class NextInput(NamedTuple):
    """The next input.

    ``held_from``: when the input had been read, every message of the stream from this sequence on
    was still held. It must not be older than the reading of the input, or the proof is none.
    """

    message: StoredMessage
    held_from: int


class NoInput(NamedTuple):
    """No input has come for a while: none stands behind the last one, up to ``last``.

    ``last`` is the end of the whole stream, read before the input was looked for.
    """

    last: int
    held_from: int


class StopAsked(NamedTuple):
    """Whoever runs the worker wants it to end."""


class Value(NamedTuple):
    """A value of the bucket and its revision: None and 0 where there never was one."""

    value: bytes | None
    revision: int


class Accepted(NamedTuple):
    """The broker's acknowledgement; ``duplicate``: it knows the id, and stored nothing now."""

    sequence: int
    duplicate: bool = False


class WrongSequence(NamedTuple):
    """The stream does not end where the publish expected it to, or a value has changed."""


class Rejected(NamedTuple):
    """The broker will not do it, in its words with the remedy; asking again does not help."""

    reason: str


class Unanswered(NamedTuple):
    """No answer: the effect may have been done, or not, or may yet be.

    Also the outcome of the effect at hand when the connection was lost since the one before:
    whoever runs the worker must not hide that, even when the effect itself went well.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Effect(Generic[Outcome_co]):
    """Something to do, whose outcome is of the type in the brackets."""


@dataclass(frozen=True, slots=True)
class ReadNewestOutput(Effect[StoredMessage | None]):
    """The newest output that is still stored, None where there is none."""


@dataclass(frozen=True, slots=True)
class ReadOutput(Effect[StoredMessage | None]):
    """The output at one sequence, None where it is not stored."""

    sequence: int


@dataclass(frozen=True, slots=True)
class ReadInput(Effect[StoredMessage | None]):
    """The message at one sequence of the input stream, of whatever subject."""

    sequence: int


@dataclass(frozen=True, slots=True)
class FindMissingInput(Effect[int | None]):
    """The first sequence of a range that the input stream does not hold; None: it holds all."""

    first_sequence: int
    last_sequence: int


@dataclass(frozen=True, slots=True)
class ReadStreamState(Effect[StreamState]):
    """Where a stream begins and ends."""

    side: StreamSide


@dataclass(frozen=True, slots=True)
class ReadNextInput(Effect[NextInput | NoInput | StopAsked]):
    """The first message of the input's subject behind ``after``.

    It waits for one, some seconds: after a wait in vain the worker saves where it stands.
    """

    after: int


@dataclass(frozen=True, slots=True)
class Publish(Effect[Accepted | WrongSequence | Rejected]):
    """Store one output, if both guards hold.

    ``expected_subject_sequence`` is the subject's last stored sequence, 0 where all has aged out.
    That 0 is the same for all who ever saw an empty subject, so it alone would let in a worker
    that was stopped before its first publish and goes on an idle hour later. Hence the second
    guard, ``expected_stream_sequence``: the end of the whole stream, which ageing does not move.
    """

    message_id: str
    payload: bytes
    headers: Mapping[str, str]
    expected_subject_sequence: int
    expected_stream_sequence: int


@dataclass(frozen=True, slots=True)
class ReadValue(Effect[Value]):
    """A value of the snapshot bucket."""

    key: str


@dataclass(frozen=True, slots=True)
class WriteValue(Effect[Accepted | WrongSequence | Rejected]):
    """Put a value into the snapshot bucket, if it still has the revision that was read."""

    key: str
    value: bytes
    expected_revision: int


@dataclass(frozen=True, slots=True)
class Report(Effect[None]):
    """A line for the log; the worker's ``counters`` have the sums."""

    level: Literal["info", "warning", "error"]
    event: str
    facts: Mapping[str, object]


class StopKind(Enum):
    """Why a worker stops.

    Starting it again helps with FENCED once the other is stopped, with LOST_TAIL, and with
    UNANSWERED once the broker answers; with REJECTED only when the broker or what it allows was
    changed; with REFUSED and GAP never.
    """

    ASKED = "asked"
    FENCED = "fenced"  # another worker writes this stream
    LOST_TAIL = "lost tail"  # the output stream has lost its end
    REJECTED = "rejected"  # the broker will not store
    UNANSWERED = "unanswered"  # the broker did not answer often enough
    REFUSED = "refused"  # what is stored does not allow to go on
    GAP = "gap"  # inputs are gone that nobody has answered


@dataclass(frozen=True, slots=True)
class Stop(Effect[None]):
    """The last effect. ``text`` is one line with value, limit and remedy, empty when asked."""

    kind: StopKind
    text: str


class FrameName(NamedTuple):
    """Which frame of which radar an input is, by its payload."""

    sensor_id: str
    epoch: int
    number: int


class Answer(NamedTuple):
    """What a core gives for one input.

    Attributes
    ----------
    payload : of the output.
    headers : what it has to say outside the payload.
    frame : which frame the input is; None: its payload cannot be read, whatever its headers claim.
    not_accepted : what the log is to say of an input that changed nothing; None: it was accepted.
    news : what else the log is to say, if anything.
    """

    payload: bytes
    headers: Mapping[str, str]
    frame: FrameName | None = None
    not_accepted: Mapping[str, object] | None = None
    news: Report | None = None


class Core(Protocol):
    """What the worker keeps alive: a pure function from inputs to outputs, with a state."""

    @property
    def tracker_id(self) -> str:
        """Return whose outputs these are; one subject has one tracker."""

    @property
    def core_version(self) -> str:
        """Return what changes whenever the same inputs might give other bytes."""

    @property
    def settings_sha256(self) -> str:
        """Return the hash of all settings that the outputs depend on."""

    def begin(self, epoch: int) -> None:
        """Become empty, under a new epoch."""

    def restore(self, state: bytes) -> None:
        """Become what gave `state`.

        Raises
        ------
        SnapshotError : the bytes are no state of this version.
        """

    def snapshot(self) -> bytes:
        """Return the whole state."""

    def answer(self, payload: bytes, headers: Mapping[str, str]) -> Answer:
        """Answer one input, whatever it is; one that cannot be used is answered with the reason."""
