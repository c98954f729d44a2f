"""Which messages a stream still holds, proved without asking the broker for every frame.

A stream loses messages by age alone. At some moment it was asked, and still held its first message,
stored at a known time. Whatever was stored later than that by more than the time since then is held
now: both stored times are the broker's own, the time since then is the reader's monotonic clock, so
no two clocks need agree.
"""

import json
from datetime import datetime
from typing import NamedTuple

from nats.aio.client import Client
from nats.js.errors import APIError

from qiki.bus.worker_effects import StreamState

MARGIN_S = 1.0  # for the broker's own pace of removing what is too old


class DatedState(NamedTuple):
    """Where a stream begins and ends, and when its first message was stored; None: it is empty."""

    state: StreamState
    first_time_s: float | None


async def read_state(client: Client, stream: str, timeout_s: float) -> DatedState:
    """Ask the broker where a stream begins and ends.

    Raises
    ------
    APIError : the broker refuses, or has no such stream.
    TimeoutError, nats.errors.Error : it does not answer.
    """
    answer = await client.request(f"$JS.API.STREAM.INFO.{stream}", b"", timeout=timeout_s)
    info = json.loads(answer.data)
    if "error" in info:
        raise APIError.from_error(info["error"])
    state = info["state"]
    if not state["messages"]:
        return DatedState(StreamState(state["last_seq"] + 1, state["last_seq"]), None)
    first_time_s = datetime.fromisoformat(state["first_ts"]).timestamp()
    return DatedState(StreamState(state["first_seq"], state["last_seq"]), first_time_s)


class RetentionProof:
    """Remembers one answer of the broker."""

    def __init__(self) -> None:
        self._first_time_s: float | None = None
        self._asked_s = 0.0

    def learn(self, dated: DatedState, asked_s: float) -> None:
        """Take note of what a stream held; it was asked at `asked_s` of the monotonic clock."""
        self._first_time_s = dated.first_time_s
        self._asked_s = asked_s

    def holds(self, time_s: float, now_s: float) -> bool:
        """Return whether all stored at `time_s` of the broker's clock or later is held for certain.

        ``now_s`` is the monotonic clock.
        """
        if self._first_time_s is None:
            return False
        return time_s >= self._first_time_s + (now_s - self._asked_s) + MARGIN_S
