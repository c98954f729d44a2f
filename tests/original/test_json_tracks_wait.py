"""Tracks in JSON while the broker is away."""

import asyncio

from structlog.testing import capture_logs

from qiki.bus import subjects
from qiki.bus.broker import EmbeddedBroker
from qiki.bus.connection import connected
from qiki.bus.publish import Publisher
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.serve import json_tracks
from qiki.serve.json_tracks import JsonTracks
from qiki.settings import BrokerSettings, NatsSettings, RadarSettings, Settings
from tests.original.test_json_tracks import heard, logged, send, told, tracks_of, until
from tests.serve.running_bridge import bridge_running

TIMEOUT_S = 0.3
FRAMES = 12


async def test_a_broker_that_goes_away_between_the_tracks_of_an_answer_is_waited_for(
    tmp_path, monkeypatch
):
    """It goes with some of them stored; when it is back, each is there once."""
    broker = EmbeddedBroker(tmp_path, BrokerSettings(port=0, durable=True)).__enter__()
    port = int(broker.url.rsplit(":", 1)[1])
    settings = Settings(
        nats=NatsSettings(url=broker.url, publish_timeout_s=TIMEOUT_S),
        radar=RadarSettings(encoding="json"),
    )
    publish, attempts = Publisher.publish, []

    async def without_broker(self, message, **more):
        if message.subject == subjects.TRACKS:
            attempts.append(message)
            if len(attempts) == 20:
                broker.stop()
        return await publish(self, message, **more)

    stop = asyncio.Event()
    try:
        async with connected(settings.nats, "test") as client:
            plans = stream_plans(settings.streams, settings.bridge, Traffic(10, 10, "json"))
            await apply(client.jetstream(), plans)
            await send(client, range(FRAMES))
            async with bridge_running(client, settings):
                log = await logged(client, settings, FRAMES)
            await client.jetstream().delete_stream(settings.streams.tracks)
            await apply(client.jetstream(), plans)
            monkeypatch.setattr(json_tracks.Publisher, "publish", without_broker)
            with capture_logs() as lines:
                running = asyncio.create_task(JsonTracks(client, settings).run(stop))
                await until(lambda: any(it["event"] == "broker_waited_for" for it in lines))
                assert not running.done()
                broker = EmbeddedBroker(tmp_path, BrokerSettings(port=port)).__enter__()
                _, messages = await told(client, settings, FRAMES)
            stop.set()
            await asyncio.wait_for(running, 10)
    finally:
        broker.stop()
    assert {place: len(tracks) for place, tracks in heard(messages).items()} == dict.fromkeys(
        tracks_of(log), 1
    )
    assert len(attempts) > len(messages), "nothing was told again"
