"""The broker and the ports that the services need."""

import socket

import nats.errors

from qiki.bus.addresses import without_credentials
from qiki.bus.broker_configuration import LOOPBACK
from qiki.bus.connection import connected
from qiki.doctor.finding import Finding, Level
from qiki.errors import QikiError
from qiki.serve.loopback import taken
from qiki.settings import BiosSettings, GrpcSettings, Settings

GREETING = b"INFO "  # of a nats-server
GREETING_S = 0.5


async def look_at_broker(settings: Settings) -> Finding:
    """Whether the broker that is named answers with JetStream; else whether ours finds a port."""
    if settings.nats.url is None:
        return _look_at_broker_port(settings.broker.port)
    shown = without_credentials(settings.nats.url)
    try:
        async with connected(settings.nats, "qiki-doctor") as client:
            version = client.connected_server_version
            number = f"{version.major}.{version.minor}.{version.patch}"
            await client.jetstream(timeout=2.0).account_info()
    except QikiError as error:
        return Finding("broker", Level.FAIL, f"{shown} is not reached", str(error))
    except (TimeoutError, nats.errors.Error) as error:
        remedy = "start nats-server with -js, and see that this user may use it"
        return Finding("broker", Level.FAIL, f"{shown} has no JetStream ({error!r})", remedy)
    return Finding("broker", Level.OK, f"{shown} answers, {number}, with JetStream")


def _look_at_broker_port(port: int) -> Finding:
    if port == 0:
        return Finding("broker", Level.OK, "takes a free port")
    if (reason := taken(LOOPBACK, port)) is None:
        return Finding("broker", Level.OK, f"port {port} is free for it")
    if is_nats(port):
        found = f"a broker listens on port {port} already"
        remedy = f"to use it set QIKI_NATS_URL=nats://{LOOPBACK}:{port}; else `qiki up --port 0`"
        return Finding("broker", Level.WARN, found, remedy)
    remedy = "stop what listens there, or take another with --port (broker.port; 0: any free one)"
    return Finding("broker", Level.FAIL, f"port {port}: {reason}", remedy)


def look_at_grpc_port(settings: Settings) -> Finding:
    """Whether the simulator finds its port free."""
    return _look_at_port("gRPC", "simulator", settings.grpc, "QIKI_GRPC__PORT")


def look_at_bios_port(settings: Settings) -> Finding:
    """Whether the self test of the devices finds its port free."""
    return _look_at_port("BIOS", "self test", settings.bios, "QIKI_BIOS__PORT")


def _look_at_port(
    name: str, service: str, settings: GrpcSettings | BiosSettings, variable: str
) -> Finding:
    host, port = settings.host, settings.port
    if port == 0:
        return Finding(name, Level.OK, "takes a free port")
    if (reason := taken(host, port)) is None:
        return Finding(name, Level.OK, f"port {port} is free for it")
    remedy = f"another {service} runs, or stop what listens there, or set {variable}=0"
    return Finding(name, Level.WARN, f"port {port}: {reason}", remedy)


def is_nats(port: int) -> bool:
    """Tell whether a nats-server greets there."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=GREETING_S) as connection:
            return connection.recv(len(GREETING)) == GREETING
    except OSError:
        return False
