"""Tracks messages from the bus, for those who read them by gRPC."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from qiki.bus import subjects
from qiki.bus.connection import SilentBrokerError
from qiki.serve.latest_feed import Reader

KEPT = 8
ANSWER_S = 2.0


@asynccontextmanager
async def reading_tracks(
    client: Client, subject: str = subjects.TRACKS
) -> AsyncIterator[Reader[Msg]]:
    """Read what the bridge says from now on; nothing comes to the simulator when nobody reads.

    Raises
    ------
    SilentBrokerError : the broker is away as the reading begins.
    """
    reader: Reader[Msg] = Reader(KEPT)

    async def take(message: Msg) -> None:
        reader.put(message)

    async with contextlib.AsyncExitStack() as stack:
        try:
            subscription = await client.subscribe(subject, cb=take)
            stack.push_async_callback(_unsubscribe, subscription)
            await client.flush(ANSWER_S)  # type: ignore[arg-type] # seconds, any
            if not client.is_connected:  # `flush` is content then
                raise nats.errors.ConnectionClosedError
        except (TimeoutError, nats.errors.Error) as error:
            raise SilentBrokerError(
                f"read {subject}: the broker did not answer within {ANSWER_S:g} s, must "
                "be there: ask again when it is"
            ) from error
        yield reader


async def _unsubscribe(subscription: Subscription) -> None:
    with contextlib.suppress(nats.errors.Error):  # of a connection that is closed nothing is left
        await subscription.unsubscribe()
