"""`qiki.api.QSimAPIService`, the original's gRPC interface to the simulator, and its streams."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple, NoReturn, Protocol, TypeAlias

import grpc
import msgspec
from nats.aio.msg import Msg

from qiki.bus import headers, subjects
from qiki.errors import BrokerError, QikiError
from qiki.radar import BandFrames
from qiki.serve.actuators import actuate
from qiki.serve.latest_feed import LatestFeed, Reader
from qiki.serve.own_ship import OwnShip
from qiki.serve.sensor_readings import SERVED, VEHICLE_SENSORS, radar_reading
from qiki.serve.telemetry_snapshot import Snapshot
from qiki.wire import decode_tracks, encode_frame_rows, encode_track_rows
from qiki.wire.generated import q_sim_api_pb2 as messages
from qiki.wire.generated.common_types_pb2 import SensorType
from qiki.wire.generated.q_sim_api_pb2_grpc import QSimAPIServiceServicer
from qiki.wire.generated.radar.v1.radar_pb2 import RadarFrame, RadarTrack
from qiki.wire.generated.sensor_raw_in_pb2 import SensorReading

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Precondition = grpc.StatusCode.FAILED_PRECONDITION
NO_VEHICLE = "vehicle.config is none, must name a vehicle: this world has none"


class ShownWorld(Protocol):
    """What the interface shows of a bot and its world, and acts on."""

    newest: BandFrames | None
    own_ship: OwnShip | None
    frames: LatestFeed[BandFrames]
    steps: LatestFeed[OwnShip]

    @property
    def why_no_frames(self) -> str | None:
        """Why the first radar makes no frames now, None where it does."""

    @property
    def start_time_ns(self) -> int:
        """World time at which this world began [ns]."""


class Feeds(NamedTuple):
    """What the streams give besides what the world itself has."""

    telemetry: LatestFeed[bytes]  # what is published on `qiki.telemetry`
    snapshot: Callable[[int], Snapshot | None]  # that of now, at a time of the wall clock [ns]
    tracks: Callable[[], AbstractAsyncContextManager[Reader[Msg]]]  # messages of the bridge


class SimulatorApi(QSimAPIServiceServicer):  # type: ignore[misc] # generated, untyped
    """Answers from what the running simulator holds.

    Parameters
    ----------
    world : the simulator.
    feeds : what others publish.
    """

    def __init__(self, world: ShownWorld, feeds: Feeds) -> None:
        self._world = world
        self._feeds = feeds

    async def HealthCheck(  # noqa: N802 - the contract's name
        self, _request: messages.HealthCheckRequest, _context: Context
    ) -> messages.HealthCheckResponse:
        """Say that the simulator runs."""
        return messages.HealthCheckResponse(status="SERVING", timestamp=int(time.time()))

    async def GetRadarFrame(  # noqa: N802
        self, _request: messages.GetRadarFrameRequest, context: Context
    ) -> messages.GetRadarFrameResponse:
        """Return the newest frame of the first radar; long-range detections have no identity."""
        frames = await self._newest_frame(context)
        return messages.GetRadarFrameResponse(frame=_rows(frames))

    async def GetTelemetry(  # noqa: N802
        self, _request: messages.GetTelemetryRequest, context: Context
    ) -> messages.GetTelemetryResponse:
        """Return the telemetry of now, however seldom it is published."""
        snapshot = self._feeds.snapshot(time.time_ns())
        if snapshot is None:
            await _refuse(context, Precondition, NO_VEHICLE)
        return messages.GetTelemetryResponse(telemetry_json=msgspec.json.encode(snapshot))

    async def GetSensorData(  # noqa: N802
        self, request: messages.GetSensorDataRequest, context: Context
    ) -> messages.GetSensorDataResponse:
        """Return the newest reading of the sensor asked for, of any where none is."""
        if request.HasField("sensor_type"):
            await _require_served(request.sensor_type, context)
            reading = await self._reading(request.sensor_type, context)
        else:
            reading = await self._newest_reading(context)
        return messages.GetSensorDataResponse(reading=reading)

    async def SendActuatorCommand(  # noqa: N802
        self, request: messages.SendActuatorCommandRequest, _context: Context
    ) -> messages.SendActuatorCommandResponse:
        """Act on the vehicle, or say why not; nothing else is told of what is not accepted."""
        ship = self._world.own_ship
        if ship is None:
            return messages.SendActuatorCommandResponse(accepted=False, message=NO_VEHICLE)
        try:
            actuate(request.command, ship)
        except QikiError as refused:  # ours or the core's
            return messages.SendActuatorCommandResponse(accepted=False, message=str(refused))
        return messages.SendActuatorCommandResponse(accepted=True, message="ok")

    async def StreamSensorData(  # noqa: N802
        self, request: messages.StreamSensorDataRequest, context: Context
    ) -> AsyncIterator[messages.StreamSensorDataResponse]:
        """Give the readings of one sensor from now on, those of all radars for RADAR."""
        kind = request.sensor_type
        await _require_served(kind, context)
        if kind == SensorType.RADAR:
            with self._world.frames.reading() as frames:
                while True:
                    frame, skipped = await frames.next()
                    yield _streamed(radar_reading(frame), skipped)
        await self._ship(context)
        with self._world.steps.reading() as steps:
            while True:
                ship, skipped = await steps.next()
                yield _streamed(self._vehicle_reading(kind, ship), skipped)

    async def StreamRadarFrames(  # noqa: N802
        self, _request: messages.StreamRadarFramesRequest, _context: Context
    ) -> AsyncIterator[messages.StreamRadarFramesResponse]:
        """Give the frames of all radars from now on, but no clock frames."""
        with self._world.frames.reading() as frames:
            while True:
                frame, skipped = await frames.next()
                yield messages.StreamRadarFramesResponse(frame=_rows(frame), skipped=skipped)

    async def StreamRadarTracks(  # noqa: N802
        self, _request: messages.StreamRadarTracksRequest, context: Context
    ) -> AsyncIterator[messages.StreamRadarTracksResponse]:
        """Give what each frame does to the tracks from now on, as the bridge says."""
        try:
            async with self._feeds.tracks() as tracks:
                while True:
                    message, skipped = await tracks.next()
                    found = await _track_rows(message, context)
                    yield messages.StreamRadarTracksResponse(tracks=found, skipped=skipped)
        except BrokerError as error:
            await _refuse(context, grpc.StatusCode.UNAVAILABLE, str(error))

    async def StreamTelemetry(  # noqa: N802
        self, _request: messages.StreamTelemetryRequest, context: Context
    ) -> AsyncIterator[messages.StreamTelemetryResponse]:
        """Give the telemetry from now on."""
        await self._ship(context)
        with self._feeds.telemetry.reading() as telemetry:
            while True:
                payload, skipped = await telemetry.next()
                yield messages.StreamTelemetryResponse(telemetry_json=payload, skipped=skipped)

    async def _newest_frame(self, context: Context) -> BandFrames:
        if (reason := self._world.why_no_frames) is not None:
            await _refuse(context, Precondition, reason)
        if (frames := self._world.newest) is None:
            await _refuse(
                context,
                grpc.StatusCode.UNAVAILABLE,
                "no frame yet: the radar has just started, ask again",
            )
        return frames

    async def _reading(self, kind: int, context: Context) -> SensorReading:
        if kind == SensorType.RADAR:
            return radar_reading(await self._newest_frame(context))
        return self._vehicle_reading(kind, await self._ship(context))

    async def _newest_reading(self, context: Context) -> SensorReading:
        """Return the frame unless the vehicle has gone on since."""
        ship, frames = self._world.own_ship, self._world.newest
        if ship is None:
            return radar_reading(await self._newest_frame(context))
        vehicle_time_ns = self._world.start_time_ns + ship.vehicle.time_ns
        if frames is not None and frames.all.time_ns >= vehicle_time_ns:
            return radar_reading(frames)
        return self._vehicle_reading(SensorType.IMU, ship)

    def _vehicle_reading(self, kind: int, ship: OwnShip) -> SensorReading:
        read: Callable[[OwnShip, int], SensorReading] = VEHICLE_SENSORS[SensorType.ValueType(kind)]
        return read(ship, self._world.start_time_ns + ship.vehicle.time_ns)

    async def _ship(self, context: Context) -> OwnShip:
        if (ship := self._world.own_ship) is None:
            await _refuse(context, Precondition, NO_VEHICLE)
        return ship


def _rows(frames: BandFrames) -> RadarFrame:
    rows: RadarFrame = RadarFrame.FromString(encode_frame_rows(frames.all))
    return rows


async def _track_rows(message: Msg, context: Context) -> list[RadarTrack]:
    try:
        checksum = headers.expected_checksum(message.headers or {}, message.data)
        rows = encode_track_rows(decode_tracks(message.data, checksum).tracks)
    except QikiError as error:
        await _refuse(context, grpc.StatusCode.DATA_LOSS, f"{subjects.TRACKS}: {error}")
    return [RadarTrack.FromString(row) for row in rows]


def _streamed(reading: SensorReading, skipped: int) -> messages.StreamSensorDataResponse:
    return messages.StreamSensorDataResponse(reading=reading, skipped=skipped)


async def _require_served(kind: int, context: Context) -> None:
    """Refuse what is no sensor, and sensors that nobody simulates."""
    if kind in SERVED:
        return
    served = ", ".join(SensorType.Name(number) for number in SERVED)
    known = {number: name for name, number in SensorType.items() if number}
    if kind in known:
        code, text = grpc.StatusCode.UNIMPLEMENTED, f"{known[kind]} is not simulated"
    else:
        code, text = grpc.StatusCode.INVALID_ARGUMENT, f"sensor_type is {kind}"
    await _refuse(context, code, f"{text}, must be one of {served}")


async def _refuse(context: Context, code: grpc.StatusCode, text: str) -> NoReturn:
    await context.abort(code, text)
    raise RuntimeError("abort() ends the call")  # it does; this line is for the type checker
