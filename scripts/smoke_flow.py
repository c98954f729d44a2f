"""Two steps of smoke_test.sh: one frame with its tracks, and the simulator's gRPC health."""

import asyncio
import os
import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from nats.aio.client import Client
from nats.aio.msg import Msg

from qiki.bus import subjects
from qiki.bus.connection import connected
from qiki.serve.grpc_server import SERVICE
from qiki.setting_layers import FILE_VARIABLE, load
from qiki.settings import Settings
from qiki.wire import decode_frame, decode_tracks

PATIENCE_S = 10.0


class StepError(Exception):
    """What is wrong, in one line."""


async def follow_a_frame(settings: Settings) -> str:
    """Wait for a frame that comes now, and for the tracks message that names it."""
    async with connected(settings.nats, "qiki-smoke-test") as client:
        tracks = await _queue(client, subjects.TRACKS)
        frames = await _queue(client, subjects.FRAMES)
        frame = decode_frame((await frames.get()).data)
        name = (frame.sensor_id, frame.epoch, frame.number)
        while True:
            answer = decode_tracks((await tracks.get()).data)
            if (answer.sensor_id, answer.epoch, answer.number) == name:
                return f"frame {frame.number}: {answer.verdict}, {len(answer.tracks)} tracks"


async def _queue(client: Client, subject: str) -> asyncio.Queue[Msg]:
    queue: asyncio.Queue[Msg] = asyncio.Queue()
    await client.subscribe(subject, cb=queue.put)
    await client.flush()
    return queue


async def ask_health(settings: Settings) -> str:
    """Ask the standard health service for the simulator's API."""
    address = f"{settings.grpc.host}:{settings.grpc.port}"
    async with grpc.aio.insecure_channel(address) as channel:
        request = health_pb2.HealthCheckRequest(service=SERVICE)
        try:
            answer = await health_pb2_grpc.HealthStub(channel).Check(request)
        except grpc.aio.AioRpcError as error:
            raise StepError(
                f"gRPC at {address} answers {error.code().name}, must serve {SERVICE}: name the "
                "simulator's port with QIKI_GRPC__PORT (`qiki status --json` has grpc_address)"
            ) from error
    if answer.status != health_pb2.HealthCheckResponse.SERVING:
        raise StepError(f"{SERVICE} at {address} has status {answer.status}, must be SERVING")
    return f"{SERVICE} serves"


STEPS = {"tracks": follow_a_frame, "grpc": ask_health}


def main() -> None:
    """Run the step that is named."""
    settings = load(environment=os.environ, file=os.environ.get(FILE_VARIABLE)).settings
    step = STEPS[sys.argv[1]]
    try:
        print(asyncio.run(asyncio.wait_for(step(settings), PATIENCE_S)))
    except StepError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
