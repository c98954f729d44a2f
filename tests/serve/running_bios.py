"""A BIOS in the test's own process, and a simulator that answers as it is told to."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from contextlib import asynccontextmanager

import grpc
import msgspec

from qiki.bus import subjects
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.radar import Radar, Scenario
from qiki.serve.bios import Bios
from qiki.serve.bios_http import serve_bios_http
from qiki.settings import BiosSettings, GrpcSettings
from qiki.wire.generated import q_sim_api_pb2 as messages
from qiki.wire.generated.common_types_pb2 import SensorType
from qiki.wire.generated.q_sim_api_pb2_grpc import (
    QSimAPIServiceServicer,
    add_QSimAPIServiceServicer_to_server,
)
from qiki.wire.generated.sensor_raw_in_pb2 import SensorReading
from tests.bios.telemetry_messages import message

SCENARIO = Scenario.load("default")
RADAR = Radar(SCENARIO)
UNKNOWN, OK, DEGRADED, ERROR = range(4)
FAST = BiosSettings(port=0, check_interval_s=0.05, publish_interval_s=0.4, stale_after_s=0.5)


class Simulator(QSimAPIServiceServicer):
    """Answers as it is told to."""

    status = "SERVING"
    why_no_frame = None
    delay_s = 0.0
    served = (SensorType.IMU, SensorType.GPS, SensorType.THERMAL)
    invalid = ()

    async def HealthCheck(self, _request, _context):  # noqa: N802 - the contract's name
        await asyncio.sleep(self.delay_s)
        return messages.HealthCheckResponse(status=self.status)

    async def GetRadarFrame(self, _request, context):  # noqa: N802
        if self.why_no_frame:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, self.why_no_frame)
        return messages.GetRadarFrameResponse()

    async def GetSensorData(self, request, context):  # noqa: N802
        kind = request.sensor_type
        if kind not in self.served:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "nobody simulates it")
        reading = SensorReading(sensor_type=kind, is_valid=kind not in self.invalid)
        return messages.GetSensorDataResponse(reading=reading)


@asynccontextmanager
async def listening(simulator, port=0):
    server = grpc.aio.server()
    add_QSimAPIServiceServicer_to_server(simulator, server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield bound
    finally:
        await server.stop(None)


def clock_frame(number):
    return RADAR.clock_frame(number, RADAR.frame(number).time_ns)


class World:
    """A simulator with its vehicle's telemetry and its radar's frames."""

    def __init__(self, client):
        self.telemetry = message()
        self.frames = FrameSender(Publisher(client, 5), RADAR.sensor_id)
        self.frame = RADAR.frame
        self.frames_flow = True
        self.number = 0
        self._client = client

    async def run(self):
        while True:
            payload = json.dumps(self.telemetry).encode()
            await self._client.publish(subjects.TELEMETRY, payload)
            if self.frames_flow:
                await self.frames.send(self.frame(self.number).split(RADAR.sr_threshold_m))
                self.number += 1
            await asyncio.sleep(0.05)


@asynccontextmanager
async def world_running(client):
    world = World(client)
    task = asyncio.create_task(world.run())
    yield world
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled(), task.exception()


@asynccontextmanager
async def bios_running(client, settings):
    """Give a BIOS and the URL of its HTTP."""
    stop = asyncio.Event()
    bios = Bios(client, settings, SCENARIO)
    await bios.start()
    running = asyncio.create_task(bios.run(stop))
    async with serve_bios_http(settings.bios, bios) as url:
        yield bios, url
    stop.set()
    await asyncio.wait_for(running, 5)


def with_port(settings, port, **changes):
    """Return settings for a quick BIOS whose simulator listens on that port."""
    grpc_settings = GrpcSettings(port=port)
    return msgspec.structs.replace(settings, bios=FAST, grpc=grpc_settings, **changes)


def states(report):
    return {it.device.name: int(it.finding.state) for it in report.results}


async def until(bios, holds):
    """Wait until the newest report is as it should be, and return it."""
    deadline = time.monotonic() + 10
    while not holds(bios.newest):
        assert time.monotonic() < deadline, states(bios.newest)
        await asyncio.sleep(0.02)
    return bios.newest


def http(url, method="GET", body=None):
    request = urllib.request.Request(url, method=method, data=body)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def ask(*words, **options):
    return asyncio.to_thread(http, *words, **options)
