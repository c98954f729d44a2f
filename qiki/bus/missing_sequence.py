"""Which message of a range a stream does not hold, many looked at in one request."""

import json

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.errors import APIError

BATCH_BYTES_MAX = 16 << 20  # as much may wait in this process

_STATUS = "Status"
_END_OF_BATCH = "204"
_NONE_LEFT = "404"
_SEQUENCE = "Nats-Sequence"
_PENDING = "Nats-Num-Pending"


async def find_missing_sequence(
    client: Client, stream: str, first_sequence: int, last_sequence: int, timeout_s: float
) -> int | None:
    """Return the first sequence from `first_sequence` to `last_sequence` that `stream` lacks.

    Parameters
    ----------
    client : an open connection; the stream allows direct reading.
    timeout_s : of each message of an answer.

    Raises
    ------
    APIError : the broker refuses.
    TimeoutError, nats.errors.Error : it does not answer.
    """
    inbox = client.new_inbox()
    answers = await client.subscribe(inbox)
    try:
        wanted = first_sequence
        while wanted <= last_sequence:
            request = {"seq": wanted, "batch": last_sequence - wanted + 1}
            request["max_bytes"] = BATCH_BYTES_MAX
            await client.publish(
                f"$JS.API.DIRECT.GET.{stream}", json.dumps(request).encode(), reply=inbox
            )
            held_to, cut_short = await _held_to(answers, wanted, last_sequence, timeout_s)
            if held_to < last_sequence and not cut_short:
                return held_to + 1
            wanted = held_to + 1
        return None
    finally:
        await answers.unsubscribe()


async def _held_to(
    answers: Subscription, wanted: int, last_sequence: int, timeout_s: float
) -> tuple[int, bool]:
    """Return up to where one answer has every message, and whether only its size ended it."""
    sequence = wanted - 1
    while True:
        message = await answers.next_msg(timeout_s)
        header = message.headers or {}
        if _STATUS in header:
            more = header[_STATUS] == _END_OF_BATCH and int(header.get(_PENDING, 0)) > 0
            _require_end(message, header[_STATUS])
            return sequence, more and wanted <= sequence < last_sequence
        if (found := int(header[_SEQUENCE])) != sequence + 1:
            return sequence, False
        sequence = found


def _require_end(message: Msg, status: str) -> None:
    if status not in (_END_OF_BATCH, _NONE_LEFT):
        APIError.from_msg(message)
