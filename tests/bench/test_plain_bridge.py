"""The peer of the recovery's price does the same work: the same bytes, once each, in order."""

import asyncio

import msgspec
import pytest

from bench.peers.plain_bridge import PlainBridge
from qiki.bus.connection import WrongSequenceError
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.bus.subjects import TRACKS
from qiki.radar import Radar, Scenario
from qiki.serve.bridge import Bridge
from qiki.settings import TrackerSettings

RADAR = Radar(Scenario.load("default"))


@pytest.fixture
def settings(settings):
    """Both bridges name their tracks alike."""
    return msgspec.structs.replace(settings, tracker=TrackerSettings(epoch=1))


async def send(client, numbers):
    sender = FrameSender(Publisher(client, 5), RADAR.sensor_id)
    for number in numbers:
        await sender.send(RADAR.frame(number).split(RADAR.sr_threshold_m))


async def tracks_of(client, count):
    """Wait for so many tracks messages; return the payloads of all."""
    jetstream = client.jetstream()
    async with asyncio.timeout(10):
        while True:
            last = (await jetstream.stream_info("QIKI_TRACKS_V1")).state.last_seq
            if last >= count:
                break
            await asyncio.sleep(0.01)
    sequences = range(1, last + 1)
    messages = [await jetstream.get_msg("QIKI_TRACKS_V1", k, direct=True) for k in sequences]
    return [message.data for message in messages]


async def answered(client, bridge, numbers):
    """Let `bridge` answer these frames, which go on behind what is stored."""
    stop = asyncio.Event()
    running = asyncio.create_task(bridge.run(stop))
    await send(client, numbers)
    payloads = await tracks_of(client, numbers[-1] + 1)
    stop.set()
    await asyncio.wait_for(running, 5)
    return payloads


async def made_anew(client, settings):
    plans = stream_plans(settings.streams, settings.bridge, Traffic(10, 10))
    for plan in plans:
        await client.jetstream().delete_stream(plan.config.name)
    await apply(client.jetstream(), plans)


async def test_both_bridges_give_the_same_bytes(client, settings):
    plain = await answered(client, PlainBridge(client, settings), range(30))
    assert len(plain) == 30
    await made_anew(client, settings)
    assert await answered(client, Bridge(client, settings), range(30)) == plain


async def test_goes_on_behind_its_last_answer(client, settings):
    first = await answered(client, PlainBridge(client, settings), range(5))
    both = await answered(client, PlainBridge(client, settings), range(5, 8))
    assert both[:5] == first
    assert len(both) == 8


async def test_has_the_guard(client, settings):
    running = asyncio.create_task(PlainBridge(client, settings).run(asyncio.Event()))
    await send(client, [0])
    await tracks_of(client, 1)
    await client.jetstream().publish(TRACKS, b"somebody else")
    await send(client, [1])
    with pytest.raises(WrongSequenceError):
        await asyncio.wait_for(running, 5)
