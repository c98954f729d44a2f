"""Asks the simulator over gRPC whether it is healthy, for a frame and for readings."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

import grpc
from nats.aio.client import Client

from qiki.bios.devices import VEHICLE_SENSORS
from qiki.bios.self_test import SensorSaid
from qiki.serve.simulator_channel import ANSWER_S, NoAddressError, SimulatorChannel, words
from qiki.settings import GrpcSettings
from qiki.wire.generated import q_sim_api_pb2 as messages
from qiki.wire.generated.common_types_pb2 import SensorType
from qiki.wire.generated.q_sim_api_pb2_grpc import QSimAPIServiceStub

SERVING = "SERVING"
UNKNOWN_SENSOR = (
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,  # there is no vehicle
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
        self._channel = SimulatorChannel(client, settings)

    async def ask(self) -> Probed:
        """Return how the simulator is just now; takes 3 s at most."""
        try:
            stub = await self._channel.stub()
            health = await stub.HealthCheck(messages.HealthCheckRequest(), timeout=ANSWER_S)
        except grpc.aio.AioRpcError as error:
            await self.close()
            return Probed(f"gRPC HealthCheck: {words(error)}")
        except NoAddressError as error:
            return Probed(str(error))
        if health.status != SERVING:
            return Probed(f"gRPC HealthCheck says {health.status!r:.80}, must say {SERVING}")
        frame_problem, said = await asyncio.gather(
            _frame_problem(stub),
            asyncio.gather(*(_reading(stub, name) for name in VEHICLE_SENSORS)),
        )
        return Probed(None, frame_problem, dict(zip(VEHICLE_SENSORS, said, strict=True)))

    async def close(self) -> None:
        """Let go of the connection; the next `ask` makes a new one."""
        await self._channel.close()


async def _frame_problem(stub: QSimAPIServiceStub) -> str | None:
    try:
        await stub.GetRadarFrame(messages.GetRadarFrameRequest(), timeout=ANSWER_S)
    except grpc.aio.AioRpcError as error:
        return words(error)
    return None


async def _reading(stub: QSimAPIServiceStub, name: str) -> SensorSaid:
    request = messages.GetSensorDataRequest(sensor_type=SensorType.Value(name.upper()))
    try:
        answer = await stub.GetSensorData(request, timeout=ANSWER_S)
    except grpc.aio.AioRpcError as error:
        is_there = error.code() not in UNKNOWN_SENSOR
        return SensorSaid(is_there, f"GetSensorData: {words(error)}")
    return SensorSaid(True, None if answer.reading.is_valid else "the reading is not valid")
