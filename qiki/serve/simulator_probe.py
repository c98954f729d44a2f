"""Asks the simulator over gRPC whether it is healthy, for a frame and for readings."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import grpc
import nats.errors
from nats.aio.client import Client

from qiki.bios.devices import VEHICLE_SENSORS
from qiki.bios.self_test import SensorSaid
from qiki.bus import subjects
from qiki.settings import GrpcSettings
from qiki.wire.generated import q_sim_api_pb2 as messages
from qiki.wire.generated.common_types_pb2 import SensorType
from qiki.wire.generated.q_sim_api_pb2_grpc import QSimAPIServiceStub

ANSWER_S = 1.0
SERVING = "SERVING"
UNKNOWN_SENSOR = (
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,  # there is no vehicle
)
# A simulator that comes back is found at once; gRPC's own waits grow to two minutes.
OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.max_receive_message_length", 64 << 20),
)


class Probed(NamedTuple):
    """Why the simulator is not healthy, why it gives no frame; None where it is and does."""

    problem: str | None
    frame_problem: str | None = None
    sensors: Mapping[str, SensorSaid] = {}


class SimulatorProbe:
    """A gRPC client of the simulator.

    Parameters
    ----------
    client : an open connection; where ``grpc.port`` is 0 the simulator is asked there which it has.
    settings : where the simulator listens.
    """

    def __init__(self, client: Client, settings: GrpcSettings) -> None:
        self._client = client
        self._settings = settings
        self._channel: Any = None

    async def ask(self) -> Probed:
        """Return how the simulator is just now; takes 3 s at most."""
        try:
            if self._channel is None:
                self._channel = grpc.aio.insecure_channel(await self._address(), options=OPTIONS)
            stub = QSimAPIServiceStub(self._channel)
            health = await stub.HealthCheck(messages.HealthCheckRequest(), timeout=ANSWER_S)
        except grpc.aio.AioRpcError as error:
            await self.close()
            return Probed(f"gRPC HealthCheck: {_words(error)}")
        except (TimeoutError, nats.errors.Error, KeyError, ValueError) as error:
            return Probed(f"grpc.port is 0, and the simulator does not say its own ({error!r})")
        if health.status != SERVING:
            return Probed(f"gRPC HealthCheck says {health.status!r:.80}, must say {SERVING}")
        frame_problem, said = await asyncio.gather(
            _frame_problem(stub),
            asyncio.gather(*(_reading(stub, name) for name in VEHICLE_SENSORS)),
        )
        return Probed(None, frame_problem, dict(zip(VEHICLE_SENSORS, said, strict=True)))

    async def close(self) -> None:
        """Let go of the connection; the next `ask` makes a new one."""
        if self._channel is not None:
            channel, self._channel = self._channel, None
            await channel.close()

    async def _address(self) -> str:
        host, port = self._settings.host, self._settings.port
        if port:
            return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        answer = await self._client.request(f"{subjects.STATUS}.sim", b"", timeout=ANSWER_S)
        return str(json.loads(answer.data)["grpc_address"])


async def _frame_problem(stub: QSimAPIServiceStub) -> str | None:
    try:
        await stub.GetRadarFrame(messages.GetRadarFrameRequest(), timeout=ANSWER_S)
    except grpc.aio.AioRpcError as error:
        return _words(error)
    return None


async def _reading(stub: QSimAPIServiceStub, name: str) -> SensorSaid:
    request = messages.GetSensorDataRequest(sensor_type=SensorType.Value(name.upper()))
    try:
        answer = await stub.GetSensorData(request, timeout=ANSWER_S)
    except grpc.aio.AioRpcError as error:
        is_there = error.code() not in UNKNOWN_SENSOR
        return SensorSaid(is_there, f"GetSensorData: {_words(error)}")
    return SensorSaid(True, None if answer.reading.is_valid else "the reading is not valid")


def _words(error: grpc.aio.AioRpcError) -> str:
    return f"{error.code().name}, {error.details() or 'no reason given'}"
