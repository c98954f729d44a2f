"""The effects of a worker on the server of a test."""

import asyncio
from contextlib import asynccontextmanager

from qiki.bus.jetstream_effects import JetStreamEffects
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.bus.worker_effects import Publish
from qiki.settings import BridgeSettings, Settings
from tests.bus.configured_server import client_of

RADAR, TRACKS, BUCKET = "QIKI_RADAR_V1", "QIKI_TRACKS_V1", "KV_QIKI_SNAPSHOTS"
QUICK = BridgeSettings(idle_save_s=0.3, idle_heartbeat_s=0.2)
SETTINGS = Settings(bridge=QUICK)


@asynccontextmanager
async def effects_at(port):
    async with (
        client_of(port) as client,
        JetStreamEffects(client, SETTINGS, asyncio.Event()) as running,
    ):
        yield running


def publish(message_id="a", *, subject_at=0, stream_at=0, payload=b"x", **header):
    return Publish(message_id, payload, header, subject_at, stream_at)


async def declared(client):
    await apply(client.jetstream(), stream_plans(SETTINGS.streams, QUICK, Traffic(1, 1)))
