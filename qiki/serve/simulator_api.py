"""`qiki.api.QSimAPIService`, the original's gRPC interface to the simulator."""

import time
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

import grpc

from qiki.radar import BandFrames
from qiki.wire import encode_frame_rows
from qiki.wire.generated import q_sim_api_pb2 as messages
from qiki.wire.generated.q_sim_api_pb2_grpc import QSimAPIServiceServicer
from qiki.wire.generated.radar.v1.radar_pb2 import RadarFrame

NewestFrame = Callable[[], BandFrames | None]
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class SimulatorApi(QSimAPIServiceServicer):  # type: ignore[misc] # generated, untyped
    """Answers from what the running simulator holds.

    Parameters
    ----------
    newest : returns the newest frame, None before the first.
    """

    def __init__(self, newest: NewestFrame) -> None:
        self._newest = newest

    async def HealthCheck(  # noqa: N802 - the contract's name
        self, _request: messages.HealthCheckRequest, _context: Context
    ) -> messages.HealthCheckResponse:
        """Say that the simulator runs."""
        return messages.HealthCheckResponse(status="SERVING", timestamp=int(time.time()))

    async def GetRadarFrame(  # noqa: N802
        self, _request: messages.GetRadarFrameRequest, context: Context
    ) -> messages.GetRadarFrameResponse:
        """Return the newest frame of the first radar; long-range detections have no identity."""
        frames = self._newest()
        if frames is None:
            await _refuse(
                context,
                grpc.StatusCode.UNAVAILABLE,
                "no frame yet: the radar has just started, ask again",
            )
        rows = encode_frame_rows(frames.all)
        return messages.GetRadarFrameResponse(frame=RadarFrame.FromString(rows))

    async def GetSensorData(  # noqa: N802
        self, _request: messages.GetSensorDataRequest, context: Context
    ) -> messages.GetSensorDataResponse:
        """Refuse: there is no vehicle yet."""
        await _not_served(context, "GetSensorData")

    async def SendActuatorCommand(  # noqa: N802
        self, _request: messages.SendActuatorCommandRequest, context: Context
    ) -> messages.SendActuatorCommandResponse:
        """Refuse: there is no vehicle yet."""
        await _not_served(context, "SendActuatorCommand")


async def _not_served(context: Context, name: str) -> NoReturn:
    await _refuse(
        context,
        grpc.StatusCode.UNIMPLEMENTED,
        f"{name} is not served: this simulator has radars and no vehicle; use GetRadarFrame",
    )


async def _refuse(context: Context, code: grpc.StatusCode, text: str) -> NoReturn:
    await context.abort(code, text)
    raise RuntimeError("abort() ends the call")  # it does; this line is for the type checker
