"""A bridge in the test's own process."""

import asyncio
from contextlib import asynccontextmanager, suppress

from qiki.serve.bridge import Bridge


@asynccontextmanager
async def bridge_running(client, settings, *, cut_off=False):
    """Give a running bridge; at the end stop it in order, or cut it off where it stands."""
    stop = asyncio.Event()
    bridge = Bridge(client, settings)
    running = asyncio.create_task(bridge.run(stop))
    yield bridge
    if cut_off:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    else:
        stop.set()
        await running
