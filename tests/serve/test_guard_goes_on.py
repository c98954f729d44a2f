"""What must not stop a guard, and what must stop it at once."""

import asyncio
from collections import Counter

import pytest
from structlog.testing import capture_logs

from qiki.bus import subjects
from qiki.bus.broker import EmbeddedBroker
from qiki.bus.connection import connected
from qiki.bus.publish import Publisher
from qiki.bus.stream_apply import apply
from qiki.bus.streams import stream_plans
from qiki.errors import BrokerError
from qiki.figures import FIGURES
from qiki.serve import guard
from qiki.serve.guard import GuardFanOut
from qiki.settings import BrokerSettings, NatsSettings, Settings
from qiki.wire.generated.radar.v1.radar_columns_pb2 import RadarTrackColumns
from tests.conftest import TRAFFIC
from tests.serve.test_guard import FIRED, answers, publish_tracks, said, wait_for_events
from tests.serve.test_simulated_vehicle import until

__all__ = ["answers"]  # a fixture
TIMEOUT_S = 0.3


async def test_a_broker_that_is_away_for_longer_than_a_publish_may_take_is_waited_for(
    tmp_path, answers, monkeypatch
):
    """It goes away with an alert at hand, which is published when it is back, as are the others."""
    broker = EmbeddedBroker(tmp_path, BrokerSettings(port=0, durable=True)).__enter__()
    port = int(broker.url.rsplit(":", 1)[1])
    settings = Settings(nats=NatsSettings(url=broker.url, publish_timeout_s=TIMEOUT_S))
    publish, attempts = Publisher.publish, []

    async def without_broker(self, message, **more):
        attempts.append(message)
        if len(attempts) == 3:
            broker.stop()
        return await publish(self, message, **more)

    stop = asyncio.Event()
    try:
        async with connected(settings.nats, "test") as client:
            plans = stream_plans(settings.streams, settings.bridge, TRAFFIC)
            await apply(client.jetstream(), plans)
            await publish_tracks(client, answers)
            monkeypatch.setattr(guard.Publisher, "publish", without_broker)
            with capture_logs() as logs:
                running = asyncio.create_task(GuardFanOut(client, settings).run(stop))
                await until(lambda: any(it["event"] == "broker_waited_for" for it in logs))
                await asyncio.sleep(2 * TIMEOUT_S)
                assert not running.done()
                (waited,) = [line for line in logs if line["event"] == "broker_waited_for"]
                broker = EmbeddedBroker(tmp_path, BrokerSettings(port=port)).__enter__()
                found = await wait_for_events(client, len(FIRED))
            stop.set()
            await asyncio.wait_for(running, 10)
    finally:
        broker.stop()
    assert said(found) == FIRED
    assert (waited["log_level"], waited["stream"]) == ("warning", "QIKI_TRACKS_V1")
    assert f"publish to {subjects.GUARD}: not stored within 0.3 s" in waited["reason"]


async def test_messages_that_are_not_guarded_are_counted_and_few_lines(client, settings, answers):
    """A table of pairs that is full is full for many frames."""
    full = RadarTrackColumns.FromString(answers[0].payload)
    full.guard.unwatched_count = 7
    before = Counter(FIGURES.not_guarded)
    for _ in range(9):
        await client.jetstream().publish(subjects.TRACKS, full.SerializeToString())
    for _ in range(5):
        await client.jetstream().publish(subjects.TRACKS, b"no tracks")
    stop = asyncio.Event()
    with capture_logs() as logs:
        running = asyncio.create_task(GuardFanOut(client, settings).run(stop))
        await until(lambda: (FIGURES.not_guarded - before).total() == 14)
        stop.set()
        await asyncio.wait_for(running, 10)
    assert FIGURES.not_guarded - before == {"unwatched": 9, "unreadable": 5}
    told = [(it["event"], it["messages"]) for it in logs if it["log_level"] == "warning"]
    unwatched = [("tracks_unwatched", count) for count in (1, 2, 4, 8)]
    assert told == [*unwatched, *(("tracks_unreadable", count) for count in (1, 2, 4))]
    assert next(it for it in logs if it["event"] == "tracks_unwatched")["pairs"] == 7


async def test_a_broker_that_refuses_to_store_ends_it(client, settings, answers):
    await publish_tracks(client, answers[:200])
    await client.jetstream().delete_stream(settings.streams.events)
    chosen = Settings(nats=NatsSettings(url=settings.nats.url, publish_timeout_s=TIMEOUT_S))
    with pytest.raises(BrokerError, match="qiki js apply"):
        await asyncio.wait_for(GuardFanOut(client, chosen).run(asyncio.Event()), 10)
    plans = stream_plans(settings.streams, settings.bridge, TRAFFIC)
    await apply(client.jetstream(), plans)
