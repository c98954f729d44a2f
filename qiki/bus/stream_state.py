"""Where a stream begins and ends, and since when: asked of the broker."""

import json
from datetime import datetime
from typing import NamedTuple

from nats.aio.client import Client
from nats.js.errors import APIError

from qiki.bus.worker_effects import StreamState


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
