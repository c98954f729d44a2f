"""What must not stop a bridge, and what must stop it at once."""

import asyncio
import time

import msgspec
import numpy as np
import pytest
from structlog.testing import capture_logs

from qiki.bus import headers, subjects
from qiki.bus.broker import EmbeddedBroker
from qiki.bus.connection import connected
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Message, Publisher
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.errors import BrokerError, SettingError
from qiki.radar import Coverage, Present, RadarFrame, empty_detections
from qiki.serve.bridge import Bridge
from qiki.settings import BridgeSettings, BrokerSettings, NatsSettings, Settings
from qiki.wire import decode_tracks
from tests.bus.configured_server import USABLE, client_of, free_port, server
from tests.serve.test_bridge import RADAR, bridge_running, frame_at, send, tracks

COLUMNS, ROWS = 100, 90


def crowd():
    """Return a frame of targets so far apart that each begins a track."""
    detections = empty_detections(COLUMNS * ROWS)
    east, north = np.meshgrid(np.arange(COLUMNS) - 50.5, np.arange(ROWS) - 50.5)
    detections["present"] = Present.RANGE | Present.BEARING
    detections["range_m"] = 2000.0 * np.hypot(east, north).ravel()
    detections["bearing_deg"] = np.degrees(np.arctan2(east, north)).ravel() % 360.0
    detections["range_std_m"], detections["bearing_std_deg"] = 10.0, 0.01
    coverage = Coverage(max_range_m=1e6)
    return RadarFrame(detections, time_ns=0, sensor_id=RADAR.sensor_id, coverage=coverage)


# Frames.


async def test_an_answer_to_long_headers_is_stored(client, settings):
    """Whoever may publish may claim anything in headers; none of it may stop the bridge."""
    await send(client, [0])
    good = await frame_at(client, 1)
    claims = {headers.SENSOR_ID: "s" * 15_000, headers.EPOCH: "9" * 15_000, headers.NUMBER: "-1"}
    late = {headers.PUBLISH_TIME_NS: "1" * 30_000, headers.MESSAGE_ID: "long"}
    bad = Message(subjects.FRAMES, good.data[:-1], dict(good.headers) | claims | late)
    await Publisher(client, 5).publish(bad)
    await send(client, [1])
    async with bridge_running(client, settings):
        messages = await tracks(client, 3)
    verdicts = [message.headers[headers.VERDICT] for message in messages]
    assert verdicts == ["accepted", "refused", "accepted"]
    refused = messages[1].headers
    assert refused[headers.SENSOR_ID] == "00000000-0000-0000-0000-000000000000"
    assert (refused[headers.EPOCH], refused[headers.NUMBER]) == ("0", "0")
    assert refused[headers.INPUT_PUBLISH_TIME_NS] == ""


async def test_a_status_in_the_headers_of_the_last_frame_stops_no_start(client, settings):
    await send(client, [0])
    good = await frame_at(client, 1)
    header = dict(good.headers) | {"Status": "503", headers.MESSAGE_ID: "status"}
    await Publisher(client, 5).publish(Message(subjects.FRAMES, good.data[:-1], header))
    async with bridge_running(client, settings):
        await tracks(client, 2)
    await send(client, [1])
    async with bridge_running(client, settings):
        await tracks(client, 3)


async def test_a_frame_with_more_tracks_than_a_message_holds_is_answered(client, settings):
    sender = FrameSender(Publisher(client, 5), RADAR.sensor_id)
    await sender.send(crowd().split(RADAR.sr_threshold_m))
    await send(client, [1])
    async with bridge_running(client, settings):
        first, second = await tracks(client, 2)
    refused = decode_tracks(first.data)
    assert (refused.verdict, len(refused.tracks)) == ("refused", 0)
    assert "bytes with 9000 tracks, must be at most 2031616 bytes: send" in refused.reason
    assert decode_tracks(second.data).verdict == "accepted"
    bucket = await client.jetstream().key_value("QIKI_SNAPSHOTS")
    for key in await bucket.keys():
        await bucket.delete(key)
    await send(client, [2])
    async with bridge_running(client, settings):  # after a replay of both
        await tracks(client, 3)


# The broker.


async def limit(client, stream, max_bytes):
    config = (await client.jetstream().stream_info(stream)).config
    await client.jetstream().update_stream(config.evolve(max_bytes=max_bytes))


async def test_a_full_bucket_of_snapshots_stops_nothing(client, settings):
    often = msgspec.structs.replace(settings, bridge=BridgeSettings(snapshot_every=5))
    await limit(client, "KV_QIKI_SNAPSHOTS", 1500)
    await send(client, range(20))
    with capture_logs() as lines:
        for _ in range(2):
            async with bridge_running(client, often):
                await tracks(client, 20)
    reasons = [line["reason"] for line in lines if line["event"] == "snapshot_not_stored"]
    assert reasons
    assert "maximum bytes exceeded" in reasons[0]


async def test_a_full_stream_of_tracks_ends_the_bridge_at_once_with_its_counters(client, settings):
    await send(client, range(5))
    await limit(client, "QIKI_TRACKS_V1", 4000)
    begun_s = time.monotonic()
    with capture_logs() as lines, pytest.raises(BrokerError, match=r"10077.*streams.max_bytes"):
        await Bridge(client, settings).run(asyncio.Event())
    assert time.monotonic() - begun_s < 5
    (ended,) = (line for line in lines if line["event"] == "bridge_ended")
    assert 0 < ended["answered"] < 5


async def test_a_broker_that_takes_only_short_messages_is_refused(tmp_path):
    with EmbeddedBroker(tmp_path, BrokerSettings(port=0, max_payload_bytes=1 << 20)) as broker:
        settings = Settings(nats=NatsSettings(url=broker.url))
        async with connected(settings.nats, "test") as client:
            plans = stream_plans(settings.streams, settings.bridge, Traffic(1, 1))
            await apply(client.jetstream(), plans)
            with pytest.raises(SettingError, match=r"is 1048576, must be at least 2097152"):
                await Bridge(client, settings).run(asyncio.Event())


async def test_a_revoked_password_ends_the_bridge(tmp_path):
    port = free_port()
    with server(tmp_path, port, *USABLE, "max_payload: 2MB") as reload:
        async with client_of(port) as client:
            settings = Settings()
            plans = stream_plans(settings.streams, settings.bridge, Traffic(1, 1))
            await apply(client.jetstream(), plans)
            await send(client, range(2))
            running = asyncio.create_task(Bridge(client, settings).run(asyncio.Event()))
            await tracks(client, 2)
            reload("password: p", "password: q")
            with pytest.raises(BrokerError, match="is closed for good"):
                await asyncio.wait_for(running, 20)
