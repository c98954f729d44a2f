import socket
from contextlib import asynccontextmanager, nullcontext
from types import SimpleNamespace

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from qiki.errors import ListenError, SettingError
from qiki.radar import Radar, RangeBand, Scenario
from qiki.serve.grpc_server import SERVICE, serve_grpc
from qiki.serve.latest_feed import LatestFeed, Reader
from qiki.serve.simulator_api import Feeds
from qiki.settings import GrpcSettings
from qiki.wire.generated import q_sim_api_pb2 as messages
from qiki.wire.generated.q_sim_api_pb2_grpc import QSimAPIServiceStub

RADAR = Radar(Scenario.load("default"))
FRAMES = RADAR.frame(3).split(RADAR.sr_threshold_m)


NO_FEEDS = Feeds(LatestFeed(2), lambda _: None, lambda: nullcontext(Reader(2)))


def shown(newest=FRAMES, why=None):
    """A world that has one frame and no vehicle."""
    return SimpleNamespace(
        newest=newest,
        own_ship=None,
        frames=LatestFeed(2),
        steps=LatestFeed(1),
        why_no_frames=why,
        start_time_ns=0,
    )


@asynccontextmanager
async def served(world):
    """Give a channel to the interface of a world."""
    async with (
        serve_grpc(GrpcSettings(port=0), world, NO_FEEDS) as address,
        grpc.aio.insecure_channel(address) as connection,
    ):
        yield connection


@pytest.fixture
async def channel():
    async with served(shown()) as connection:
        yield connection


async def test_health_check_of_the_original(channel):
    answer = await QSimAPIServiceStub(channel).HealthCheck(messages.HealthCheckRequest())
    assert answer.status == "SERVING"
    assert answer.timestamp > 1_700_000_000


async def test_newest_frame_as_rows(channel):
    answer = await QSimAPIServiceStub(channel).GetRadarFrame(messages.GetRadarFrameRequest())
    frame, detections = answer.frame, FRAMES.all.detections
    assert frame.frame_id.value == FRAMES.all.frame_id
    assert frame.sensor_id.value == RADAR.sensor_id
    assert frame.timestamp.ToNanoseconds() == FRAMES.all.time_ns
    assert [row.range_m for row in frame.detections] == detections["range_m"].tolist()
    assert [row.range_band for row in frame.detections] == detections["range_band"].tolist()


async def test_long_range_rows_carry_no_identity(channel):
    answer = await QSimAPIServiceStub(channel).GetRadarFrame(messages.GetRadarFrameRequest())
    rows = [row for row in answer.frame.detections if row.range_band == RangeBand.LONG]
    assert rows
    for row in rows:
        assert (row.transponder_on, row.transponder_mode, row.transponder_id) == (False, 0, "")
        assert not row.id_present


@pytest.mark.parametrize("service", ["", "qiki.api.QSimAPIService"])
async def test_standard_health(channel, service):
    stub = health_pb2_grpc.HealthStub(channel)
    answer = await stub.Check(health_pb2.HealthCheckRequest(service=service))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_reflection_lists_the_services(channel):
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    question = reflection_pb2.ServerReflectionRequest(list_services="")
    async for answer in stub.ServerReflectionInfo(iter([question])):
        names = {service.name for service in answer.list_services_response.service}
    assert {SERVICE, "grpc.health.v1.Health"} <= names
    assert SERVICE == "qiki.api.QSimAPIService"


@pytest.mark.parametrize(
    ("world", "code", "text"),
    [
        (shown(newest=None), grpc.StatusCode.UNAVAILABLE, "no frame yet"),
        (shown(why="it is off"), grpc.StatusCode.FAILED_PRECONDITION, "it is off"),
    ],
)
async def test_where_there_is_no_frame_it_says_why(world, code, text):
    async with served(world) as connection:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await QSimAPIServiceStub(connection).GetRadarFrame(messages.GetRadarFrameRequest())
    assert refusal.value.code() == code
    assert text in refusal.value.details()


async def test_taken_port_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ListenError, match=rf"grpc.port is {port}, must be free"):
            async with serve_grpc(GrpcSettings(port=port), shown(), NO_FEEDS):
                pass


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org"])
async def test_only_loopback_is_served(host):
    with pytest.raises(SettingError, match=r"must be a loopback address"):
        async with serve_grpc(GrpcSettings(host=host, port=0), shown(), NO_FEEDS):
            pass
