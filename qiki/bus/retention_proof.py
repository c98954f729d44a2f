"""Which messages a stream still holds, proved without asking the broker for every frame.

A stream loses messages by age. At some moment it was asked, and still held its first message,
stored at a known time. Whatever was stored later than that by more than the time since then is held
now: both stored times are the broker's own, the time since then is the reader's.

That is so while the broker's clock goes on evenly and the stream keeps what it kept. Somebody may
set the one, or lower the other's `max_age` to make room; so an answer counts for `PROOF_LASTS_S`
only. What goes in that time is noticed by its number (`worker_inputs`).
"""

import time

from qiki.bus.stream_state import DatedState

MARGIN_S = 1.0  # for the broker's own pace of removing what is too old
PROOF_LASTS_S = 2.0  # one request in that time costs nothing


def clock_s() -> float:
    """Return a clock that nobody sets and that goes on while the machine is suspended [s]."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class RetentionProof:
    """Remembers one answer of the broker."""

    def __init__(self) -> None:
        self._first_time_s: float | None = None
        self._asked_s = 0.0

    def learn(self, dated: DatedState, asked_s: float) -> None:
        """Take note of what a stream held; it was asked at `asked_s` of `clock_s`."""
        self._first_time_s = dated.first_time_s
        self._asked_s = asked_s

    def holds(self, time_s: float, now_s: float) -> bool:
        """Return whether all stored at `time_s` of the broker's clock or later is held for certain.

        ``now_s`` is of `clock_s`.
        """
        since_s = now_s - self._asked_s
        if self._first_time_s is None or since_s > PROOF_LASTS_S:
            return False
        return time_s >= self._first_time_s + since_s + MARGIN_S
