"""What the registrar stores of a message, and the batch that goes to disk as one transaction."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

BATCH_BYTES_MAX = 8 << 20  # of payloads; a batch also ends at registrar.batch_rows


class Arrival(NamedTuple):
    """One message as it came.

    Attributes
    ----------
    subject : that it was published to.
    payload, headers : of the message.
    time_us : when the broker stored it, or it came where it is not stored [us since 1970].
    stream_id : key of its stream in the database; None where no stream stores it.
    sequence : in that stream.
    """

    subject: str
    payload: bytes
    headers: Mapping[str, str]
    time_us: int
    stream_id: int | None = None
    sequence: int | None = None


class Record(NamedTuple):
    """One row of the table ``records``, in the order of its columns.

    Attributes
    ----------
    type : what it is, in words with points between, from the general to the special.
    about : what it is about: a track, a sensor, or the request that an answer belongs to.
    part : tells the records of one message apart.
    payload : JSON as text, or the bytes of a message that is refused.
    reason : why it is refused, None where it is not.
    """

    time_us: int
    type: str
    about: str | None
    subject: str | None
    stream_id: int | None
    sequence: int | None
    part: int
    payload: str | bytes
    headers: str | None = None
    reason: str | None = None


class Minute(NamedTuple):
    """What frames are counted by: sensor, epoch, and the minute in which they were stored."""

    sensor_id: str
    epoch: str
    minute_s: int


class FrameCount(NamedTuple):
    """What is counted in a minute; the columns of ``frame_minutes``, in their order."""

    frames: int = 0
    detections: int = 0
    clock_frames: int = 0
    gaps: int = 0
    missing: int = 0
    born: int = 0  # tracks, by the frames of the minute
    confirmed: int = 0
    lost: int = 0

    def plus(self, other: "FrameCount") -> "FrameCount":
        """Return the sum."""
        return FrameCount(*map(sum, zip(self, other, strict=True)))


class Move(NamedTuple):
    """Sequences of a stream behind which a batch begins and at which it ends, stored when."""

    behind: int
    to: int
    time_us: int


@dataclass
class Batch:
    """What one transaction stores.

    Attributes
    ----------
    records, frame_counts : rows.
    moves : by key of the stream; the transaction is refused where the database stands elsewhere.
    confirmed : tracks that were confirmed (True) or that ended (False) since the last batch.
    tracks_began_anew : another tracker, or another epoch: the confirmed tracks before are gone.
    memory : what the interpreter needs to go on after this batch, by name, as JSON.
    counts : what others than the registrar itself brought, by the first word of the type.
    gaps : records of what is missing.
    size_bytes : of all payloads.
    """

    records: list[Record] = field(default_factory=list)
    frame_counts: dict[Minute, FrameCount] = field(default_factory=dict)
    moves: dict[int, Move] = field(default_factory=dict)
    confirmed: dict[bytes, bool] = field(default_factory=dict)
    tracks_began_anew: bool = False
    memory: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    gaps: list[Record] = field(default_factory=list)
    size_bytes: int = 0
    arrivals: int = 0

    def count(self, minute: Minute, more: FrameCount) -> None:
        """Add to what is counted in a minute."""
        self.frame_counts[minute] = self.frame_counts.get(minute, FrameCount()).plus(more)

    def is_full(self, rows: int) -> bool:
        """Return whether it has as much as one transaction should hold."""
        return max(self.arrivals, len(self.records)) >= rows or self.size_bytes >= BATCH_BYTES_MAX
