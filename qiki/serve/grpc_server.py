"""The simulator's gRPC server: the original's API, and the standard health and reflection."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection

from qiki.errors import ListenError
from qiki.serve.loopback import require_loopback
from qiki.serve.simulator_api import Feeds, ShownWorld, SimulatorApi
from qiki.settings import GrpcSettings
from qiki.wire.generated import q_sim_api_pb2, q_sim_api_pb2_grpc

SERVICE = q_sim_api_pb2.DESCRIPTOR.services_by_name["QSimAPIService"].full_name
STOP_GRACE_S = 1.0
# Two servers on one port would each get half of the calls.
OPTIONS = [("grpc.so_reuseport", 0)]


@asynccontextmanager
async def serve_grpc(settings: GrpcSettings, world: ShownWorld, feeds: Feeds) -> AsyncIterator[str]:
    """Serve the simulator's API; gives the address it listens on.

    Parameters
    ----------
    settings : where to listen.
    world : the simulator.
    feeds : what others publish.

    Raises
    ------
    SettingError : the address is not loopback.
    ListenError : the port is taken.
    """
    server = grpc.aio.server(options=OPTIONS)
    q_sim_api_pb2_grpc.add_QSimAPIServiceServicer_to_server(SimulatorApi(world, feeds), server)
    health = HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    names = (SERVICE, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name)
    reflection.enable_server_reflection((*names, reflection.SERVICE_NAME), server)
    address = _bind(server, settings)
    await server.start()
    for name in ("", *names):
        await health.set(name, health_pb2.HealthCheckResponse.SERVING)
    try:
        yield address
    finally:
        await health.enter_graceful_shutdown()
        await server.stop(STOP_GRACE_S)


def _bind(server: grpc.aio.Server, settings: GrpcSettings) -> str:
    require_loopback("grpc.host", settings.host)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        _require_free(settings)
        port = server.add_insecure_port(f"{host}:{settings.port}")
    except (OSError, RuntimeError) as error:
        raise ListenError(
            f"grpc.port is {settings.port}, must be free on {settings.host}: stop what listens "
            "there, or pick another with QIKI_GRPC__PORT (0: any free one)"
        ) from error
    return f"{host}:{port}"


def _require_free(settings: GrpcSettings) -> None:
    """Raise OSError where the port is taken; gRPC itself would log it in its own words too."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((settings.host, settings.port))
