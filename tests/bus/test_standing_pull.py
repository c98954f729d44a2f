import asyncio

import pytest

from qiki.bus import subjects
from qiki.bus.broker import EmbeddedBroker
from qiki.bus.connection import connected
from qiki.bus.publish import Message, Publisher
from qiki.bus.standing_pull import StandingPull
from qiki.bus.stored_messages import StoredMessages
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.errors import BrokerError
from qiki.settings import BridgeSettings, BrokerSettings, NatsSettings, StreamSettings


def pull(
    client, *, first_sequence=1, batch=8, durable="radar_bridge", stop=None, idle_heartbeat_s=0.2
):
    return StandingPull(
        client,
        "QIKI_RADAR_V1",
        durable,
        stop or asyncio.Event(),
        first_sequence=first_sequence,
        batch=batch,
        idle_heartbeat_s=idle_heartbeat_s,
    )


async def store(client, count, first=0):
    for number in range(first, first + count):
        for subject in (subjects.FRAMES, subjects.FRAMES_LR):
            await client.jetstream().publish(subject, b"%d" % number)


async def read(reader, count):
    return [int((await reader.take(5)).message.payload) for _ in range(count)]


async def test_reads_every_frame_in_order_across_many_batches(client):
    await store(client, 50)
    async with pull(client) as reader:
        assert await read(reader, 50) == list(range(50))


async def test_waits_for_what_comes_later(client):
    async with pull(client) as reader:
        waiting = asyncio.create_task(read(reader, 3))
        await asyncio.sleep(0.5)  # longer than the heartbeats that must keep it alive
        await store(client, 3)
        assert await waiting == [0, 1, 2]


async def test_begins_where_the_reader_says(client):
    await store(client, 5)
    async with pull(client) as reader:
        await read(reader, 5)
    async with pull(client, first_sequence=5) as reader:  # two messages a frame
        assert await read(reader, 3) == [2, 3, 4]


async def test_goes_back_when_another_reader_takes_its_place(client):
    await store(client, 5)
    async with pull(client) as reader:
        await read(reader, 5)
        await client.jetstream().reset_consumer("QIKI_RADAR_V1", "radar_bridge", 1)
        await store(client, 5, first=5)
        assert await read(reader, 5) == [5, 6, 7, 8, 9]


@pytest.mark.parametrize(("held", "first", "moved_to"), [(3, 7, 1), (0, 1, 5)])
async def test_another_reader_that_moves_the_durable_changes_nothing(client, held, first, moved_to):
    """The durable counts anew for it, so what comes first has the expected count.

    Heartbeats are rare, so that a machine that is busy is no silence, and none helps.
    """
    await store(client, held)
    async with pull(client, first_sequence=first, idle_heartbeat_s=14) as reader:
        await client.jetstream().reset_consumer("QIKI_RADAR_V1", "radar_bridge", moved_to)
        await store(client, 4, first=held)
        assert await read(reader, 4) == list(range(held, held + 4))
        assert reader.silences == 0


async def read_until_one_has(count, reader, done):
    """Read until this reader, or another that tells by `done`, has so many."""
    found = []
    while not done.is_set():
        if (message := await reader.take(0.1)) is not None:
            found.append(int(message.message.payload))
        if len(found) == count:
            done.set()
    return found


async def test_two_readers_of_one_durable_leave_nothing_out_and_repeat_nothing(client):
    """The one behind may be left waiting; whoever runs it looks into the stream then."""
    await store(client, 200)
    done = asyncio.Event()
    async with pull(client) as one, pull(client) as other, asyncio.timeout(20):
        readers = (one, other)
        both = await asyncio.gather(*(read_until_one_has(200, each, done) for each in readers))
        for reader, found in zip(readers, both, strict=True):
            assert found == list(range(len(found)))
            assert len(found) < 200 or await reader.take(0.5) is None


async def test_nothing_comes_for_the_time_that_the_reader_waits(client):
    async with pull(client) as reader:
        assert await reader.take(0.3) is None
        await store(client, 1)
        assert await read(reader, 1) == [0]


async def test_stop_ends_a_wait(client):
    stop = asyncio.Event()
    async with pull(client, stop=stop) as reader:
        asyncio.get_running_loop().call_later(0.05, stop.set)
        assert await asyncio.wait_for(reader.take(60), 5) is None


async def test_missing_durable_says_js_apply(client):
    with pytest.raises(BrokerError, match="qiki js apply"):
        async with pull(client, durable="nobody"):
            pass


async def test_goes_on_after_the_broker_was_killed(tmp_path):
    """At once, not only when heartbeats are missed."""
    settings = BrokerSettings(port=0)
    with EmbeddedBroker(tmp_path, settings) as first:
        port = int(first.url.rsplit(":", 1)[1])
        async with connected(NatsSettings(url=first.url), "test") as client:
            plans = stream_plans(StreamSettings(), BridgeSettings(), Traffic(10, 10))
            await apply(client.jetstream(), plans)
            await store(client, 3)
            async with pull(client, idle_heartbeat_s=15) as reader:
                assert await read(reader, 3) == [0, 1, 2]
                first._process.kill()
                first.stop()
                with EmbeddedBroker(tmp_path, BrokerSettings(port=port)):
                    publisher = Publisher(client, 10)
                    for number in (3, 4):
                        message = Message(
                            subjects.FRAMES, b"%d" % number, {"Nats-Msg-Id": str(number)}
                        )
                        await publisher.publish(message)
                    assert await read(reader, 2) == [3, 4]


async def test_an_outage_longer_than_the_wait_does_not_prolong_it(tmp_path):
    with EmbeddedBroker(tmp_path, BrokerSettings(port=0)) as first:
        port = int(first.url.rsplit(":", 1)[1])
        async with connected(NatsSettings(url=first.url), "test") as client:
            plans = stream_plans(StreamSettings(), BridgeSettings(), Traffic(10, 10))
            await apply(client.jetstream(), plans)
            async with pull(client) as reader:
                waiting = asyncio.create_task(reader.take(1))
                first._process.kill()
                first.stop()
                await asyncio.sleep(1.5)
                with EmbeddedBroker(tmp_path, BrokerSettings(port=port)):
                    assert await asyncio.wait_for(waiting, 5) is None
                    await store(client, 1)
                    assert await read(reader, 1) == [0]


async def test_what_follows_the_last_message_is_not_looked_up(client, monkeypatch):
    """Nothing can lie between two sequences; else reading what has piled up would ask for each."""
    for number in range(30):
        await client.jetstream().publish(subjects.FRAMES, b"%d" % number)
    asked = []

    async def count(self, stream, **which):
        asked.append(which)

    monkeypatch.setattr(StoredMessages, "get_of_others", count)
    async with pull(client, batch=4) as reader:
        assert await read(reader, 30) == list(range(30))
    assert asked == []
