"""Tracks in JSON while the broker is away, or too slow for the end."""

import asyncio

import msgspec
from structlog.testing import capture_logs

from qiki.bus import subjects
from qiki.bus.broker import EmbeddedBroker
from qiki.bus.connection import connected
from qiki.bus.publish import Publisher
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.serve import json_tracks
from qiki.serve.bridge import Bridge
from qiki.serve.json_tracks import JsonTracks
from qiki.serve.registration_events import RegistrationEvents
from qiki.settings import BrokerSettings, NatsSettings, RadarSettings, Settings
from tests.original import test_json_tracks
from tests.original.test_json_tracks import heard, logged, send, told, tracks_of, until
from tests.serve.running_bridge import bridge_running
from tests.serve.test_registration_news import SETTINGS as SEEKING

TIMEOUT_S = 0.3
FRAMES = 12

settings, client = test_json_tracks.settings, test_json_tracks.client


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


async def test_all_that_is_told_at_the_end_has_one_deadline(client, settings, monkeypatch):
    """Tracks that take too long leave no further time to the events of the biases."""
    publish, rest, left_s, stop = Publisher.publish, RegistrationEvents.rest, [], asyncio.Event()

    async def slowly(self, message, **more):
        await asyncio.sleep(30.0 * (message.subject == subjects.TRACKS))
        return await publish(self, message, **more)

    async def timed_rest(self, until_s):
        left_s.append(until_s - asyncio.get_running_loop().time())
        await rest(self, until_s)

    await send(client, range(FRAMES))
    settings = msgspec.structs.replace(settings, tracker=SEEKING)
    with monkeypatch.context() as patch, capture_logs() as lines:
        patch.setattr(Publisher, "publish", slowly)
        patch.setattr(RegistrationEvents, "rest", timed_rest)
        running = asyncio.create_task(Bridge(client, settings).run(stop))
        await logged(client, settings, FRAMES)
        stop.set()
        await asyncio.wait_for(running, 15)
    assert "json_tracks_left" in {line["event"] for line in lines}
    assert len(left_s) == 1
    assert left_s[0] <= 0.0
