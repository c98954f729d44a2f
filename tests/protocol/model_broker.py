"""A model of the broker: streams and buckets as one nats-server, or a cluster, behaves.

`tests/protocol/test_model_broker.py` compares it with the real nats-server.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

# JetStream's error codes: github.com/nats-io/nats-server, server/errors.json.
WRONG_LAST_SEQUENCE = 10071
STORE_FAILED = 10077  # "maximum messages exceeded", and bytes


class Message(NamedTuple):
    """One stored message."""

    sequence: int
    subject: str
    payload: bytes
    headers: Mapping[str, str]
    message_id: str | None
    stored_s: float


class Acknowledged(NamedTuple):
    """A publish that was taken, or recognised."""

    sequence: int
    duplicate: bool


class Refused(NamedTuple):
    """A publish that was not taken."""

    code: int


@dataclass
class ModelStream:
    """A stream that discards new messages when full and old ones by age.

    Parameters
    ----------
    max_age_s, window_s : how long messages and message ids are kept.
    clustered : whether the message id is checked before the expected sequences, or after.
    max_messages : more are refused; None: no limit.
    on_stored : told of each message that is stored.
    """

    max_age_s: float = float("inf")
    window_s: float = 120.0
    clustered: bool = False
    max_messages: int | None = None
    on_stored: Callable[[Message], None] = lambda message: None
    now_s: float = 0.0
    first: int = 1
    last: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    _by_subject: dict[str, list[int]] = field(default_factory=dict)
    _ids: dict[str, tuple[int, float]] = field(default_factory=dict)

    def advance(self, now_s: float) -> None:
        """Let time pass: messages and ids that are too old go."""
        self.now_s = now_s
        oldest_s = now_s - self.max_age_s
        while self.first <= self.last:
            message = self.messages.get(self.first)
            if message is not None and message.stored_s > oldest_s:
                break
            self.first += 1
            if message is not None:
                self._remove(message)

    def publish(
        self,
        subject: str,
        payload: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        message_id: str | None = None,
        expected_last: int | None = None,
        expected_subject: int | None = None,
    ) -> Acknowledged | Refused:
        """Store one message if its conditions hold."""
        known = self._known(message_id)
        if known is not None and self.clustered:
            return Acknowledged(known, duplicate=True)
        if expected_last not in (None, self.last):
            return Refused(WRONG_LAST_SEQUENCE)
        if expected_subject not in (None, self.last_of(subject)):
            return Refused(WRONG_LAST_SEQUENCE)
        if known is not None:
            return Acknowledged(known, duplicate=True)
        if self.max_messages is not None and len(self.messages) >= self.max_messages:
            return Refused(STORE_FAILED)
        self.last += 1
        message = Message(self.last, subject, payload, headers or {}, message_id, self.now_s)
        self.messages[self.last] = message
        self._by_subject.setdefault(subject, []).append(self.last)
        if message_id is not None:
            self._ids[message_id] = (self.last, self.now_s)
        self.on_stored(message)
        return Acknowledged(self.last, duplicate=False)

    def state(self) -> tuple[int, int, int]:
        """Return first and last sequence and the count, as the broker says it: at first 0, 0, 0."""
        return (self.first if self.last else 0, self.last, len(self.messages))

    def get(self, sequence: int) -> Message | None:
        """Return the message at one sequence."""
        return self.messages.get(sequence)

    def newest(self, subject: str) -> Message | None:
        """Return the newest stored message of a subject."""
        sequence = self.last_of(subject)
        return self.messages[sequence] if sequence else None

    def next(self, subject: str, sequence: int) -> Message | None:
        """Return the first message of a subject at or behind a sequence."""
        of_subject = self._by_subject.get(subject, [])
        at = bisect_left(of_subject, sequence)
        return self.messages[of_subject[at]] if at < len(of_subject) else None

    def last_of(self, subject: str) -> int:
        """Return the sequence of a subject's newest stored message, 0 without one."""
        of_subject = self._by_subject.get(subject)
        return of_subject[-1] if of_subject else 0

    # Faults.

    def restart(self, *, forget_ids: bool) -> None:
        """Lose what is only in memory; ids are read back from the stored messages, or not."""
        self._ids = {}
        if not forget_ids:
            for message in self.messages.values():
                if message.message_id is not None:
                    self._ids[message.message_id] = (message.sequence, message.stored_s)

    def remember(self, message_id: str) -> None:
        """Take note of an id without storing its message, as a leader does that then loses."""
        self._ids.setdefault(message_id, (self.last + 1, self.now_s))

    def lose(self, sequence: int) -> None:
        """Lose one message from the inside; the stream's state does not show it."""
        self._remove(self.messages[sequence])

    def lose_front(self, first: int) -> None:
        """Lose all before one sequence, as when less is to be kept from now on."""
        while self.first < first:
            if self.first in self.messages:
                self._remove(self.messages[self.first])
            self.first += 1

    def lose_tail(self, count: int) -> list[Message]:
        """Lose the newest messages; their sequences are used again."""
        lost = []
        for _ in range(min(count, self.last - self.first + 1)):
            message = self.messages.get(self.last)
            if message is not None:
                self._remove(message)
                lost.append(message)
            self.last -= 1
        self.restart(forget_ids=False)
        return lost[::-1]

    def _remove(self, message: Message) -> None:
        del self.messages[message.sequence]
        self._by_subject[message.subject].remove(message.sequence)

    def _known(self, message_id: str | None) -> int | None:
        sequence, stored_s = self._ids.get(message_id or "", (0, 0.0))
        return sequence if sequence and self.now_s - stored_s < self.window_s else None


class Entry(NamedTuple):
    """A value of a bucket and its revision; None: deleted."""

    value: bytes | None
    revision: int


class ModelBucket:
    """A bucket of values by key, each with its revision."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.revision = 0

    def get(self, key: str) -> Entry:
        """Return value and revision, None and 0 where there never was one."""
        return self.entries.get(key, Entry(None, 0))

    def put(self, key: str, value: bytes | None, expected: int | None = None) -> int | None:
        """Store a value, None deletes; return its revision, None when it is not as expected."""
        if expected not in (None, self.get(key).revision):
            return None
        self.revision += 1
        self.entries[key] = Entry(value, self.revision)
        return self.revision
