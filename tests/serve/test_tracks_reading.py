"""The stream of tracks by gRPC, where messages are damaged or the broker is away."""

import asyncio
import contextlib

import grpc
import pytest

from qiki.bus import headers, subjects
from qiki.bus.broker import EmbeddedBroker
from qiki.bus.connection import connected
from qiki.radar import Radar, Scenario
from qiki.serve.grpc_server import serve_grpc
from qiki.serve.simulator_api import Feeds
from qiki.serve.tracker_core import TrackerCore
from qiki.serve.tracks_reading import reading_tracks
from qiki.settings import BrokerSettings, GrpcSettings, NatsSettings, TrackerSettings
from qiki.wire import encode_frame
from qiki.wire.generated import q_sim_api_pb2 as messages
from qiki.wire.generated.q_sim_api_pb2_grpc import QSimAPIServiceStub
from tests.serve.test_simulator_api import refusal_of


@contextlib.asynccontextmanager
async def stream_of_tracks(client):
    """Give the first answer of a server that serves tracks alone, as it is awaited."""
    feeds = Feeds(None, lambda _: None, lambda: reading_tracks(client))
    async with (
        serve_grpc(GrpcSettings(port=0), None, feeds) as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        stream = QSimAPIServiceStub(channel).StreamRadarTracks(messages.StreamRadarTracksRequest())
        yield asyncio.ensure_future(stream.read())


@pytest.mark.parametrize("is_damaged", [False, True])
async def test_a_message_with_another_checksum_ends_the_stream(client, is_damaged):
    """It is one that can be read, so nothing but its checksum tells."""
    frame = encode_frame(Radar(Scenario.load("guard")).frame(0))
    answer = TrackerCore(TrackerSettings()).answer(frame, {})
    header = dict(answer.headers)
    assert headers.CRC32C in header
    if is_damaged:
        header[headers.CRC32C] = headers.checksum_text(int(header[headers.CRC32C], 16) ^ 1)
    async with stream_of_tracks(client) as reading:
        while not reading.done():
            await client.publish(subjects.TRACKS, answer.payload, headers=header)
            await asyncio.sleep(0.02)
        if not is_damaged:
            assert reading.result().tracks
            return
        code, text = await refusal_of(reading)
    assert code == grpc.StatusCode.DATA_LOSS
    assert text.startswith("qiki.radar.v1.tracks: ")


@pytest.mark.parametrize("is_closed", [False, True])
async def test_a_broker_that_is_away_is_said_so(tmp_path, is_closed):
    with EmbeddedBroker(tmp_path, BrokerSettings(port=0)) as broker:
        async with connected(NatsSettings(url=broker.url), "test") as client:
            broker.stop()
            if is_closed:
                await client.close()
            async with stream_of_tracks(client) as reading:
                code, text = await asyncio.wait_for(refusal_of(reading), 10)
    assert code == grpc.StatusCode.UNAVAILABLE
    assert text.startswith("read qiki.radar.v1.tracks: the broker did not answer")
