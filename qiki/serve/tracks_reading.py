"""Tracks messages from the bus, for those who read them by gRPC."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nats.aio.client import Client
from nats.aio.msg import Msg

from qiki.bus import subjects
from qiki.serve.latest_feed import Reader

KEPT = 8


@asynccontextmanager
async def reading_tracks(client: Client) -> AsyncIterator[Reader[bytes]]:
    """Read what the bridge says from now on; nothing comes to the simulator when nobody reads."""
    reader: Reader[bytes] = Reader(KEPT)

    async def take(message: Msg) -> None:
        reader.put(message.data)

    subscription = await client.subscribe(subjects.TRACKS, cb=take)
    await client.flush()
    try:
        yield reader
    finally:
        await subscription.unsubscribe()
