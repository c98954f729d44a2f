"""Idle for longer than messages are kept: all is gone but the snapshot, and the bridge goes on.

Streams keep messages for three seconds here.
"""

import asyncio

import msgspec
import pytest

from qiki.bus.connection import connected
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.errors import RecoveryError
from qiki.serve.bridge import Bridge
from qiki.settings import BridgeSettings, StreamSettings
from tests.faults import bucket
from tests.faults.undisturbed import Comparison, Frames, answered, stored
from tests.serve.running_bridge import bridge_running

FRAMES = "QIKI_RADAR_V1"
TRACKS = "QIKI_TRACKS_V1"
KEPT = StreamSettings(max_age_s=3, min_age_s=1, duplicate_window_s=1)


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, bridge=BridgeSettings(idle_save_s=0.3))


@pytest.fixture
async def client(settings):
    """A connection to streams that keep nothing for long."""
    async with connected(settings.nats, "test") as connection:
        jetstream = connection.jetstream()
        plans = stream_plans(KEPT, settings.bridge, Traffic(10, 10))
        await apply(jetstream, plans)
        yield connection
        for plan in plans:
            await jetstream.delete_stream(plan.config.name)


async def saved(client):
    """Wait until a snapshot says that nothing is left to answer."""
    last = (await client.jetstream().stream_info(FRAMES)).state.last_seq
    async with asyncio.timeout(10):
        while (await bucket.manifests(client))[0].position.clear_through < last:  # noqa: ASYNC110 - broker state
            await asyncio.sleep(0.05)


async def aged_out(client):
    """Wait until neither frames nor tracks are stored."""
    async with asyncio.timeout(20):
        for stream in (FRAMES, TRACKS):
            while (await client.jetstream().stream_info(stream)).state.messages:  # noqa: ASYNC110 - broker state
                await asyncio.sleep(0.1)


async def answer_more(client, frames, count):
    """Let a running bridge answer more frames and return the messages."""
    before = frames.sent
    await frames.send(count)
    await answered(client, frames.sent)
    return await stored(client, before + 1, frames.sent)


@pytest.mark.parametrize("end", ["goes on running", "stopped in order", "cut off"])
async def test_goes_on_as_if_nothing_had_aged(client, settings, bar, end):
    frames = Frames(client)
    async with bridge_running(client, settings, cut_off=end == "cut off"):
        await frames.send(20)
        await answered(client, 20)
        await saved(client)
        if end == "goes on running":
            await aged_out(client)
            messages = await answer_more(client, frames, 10)
    if end != "goes on running":
        await aged_out(client)
        async with bridge_running(client, settings):
            messages = await answer_more(client, frames, 10)
    found = Comparison(messages, skipped=20)
    bar(
        "idle until all has aged out: goes on from the snapshot, the same bytes and numbers",
        found.same,
        {"aged out": 20, "answered behind": len(messages)},
    )
    assert [message.seq for message in messages] == list(range(21, 31))
    assert not found.different
    assert found.same


async def test_aged_out_with_the_snapshots_gone_the_bridge_refuses(client, settings, bar):
    frames = Frames(client)
    async with bridge_running(client, settings):
        await frames.send(20)
        await answered(client, 20)
    await aged_out(client)
    await bucket.delete_all(client)
    with pytest.raises(
        RecoveryError, match=r"ends at 20 and holds nothing.*is at none, must.*--new-epoch"
    ):
        await Bridge(client, settings).run(asyncio.Event())
    bar("all aged out, snapshots deleted: refused with the remedy", True, {"refused": 1})
