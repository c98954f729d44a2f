"""The simulator's service: a `Simulator` on the bus with its gRPC server beside it."""

import structlog

from qiki.bus.connection import connected
from qiki.bus.stream_apply import require
from qiki.radar import Scenario
from qiki.serve.grpc_server import serve_grpc
from qiki.serve.settle import settle
from qiki.serve.simulator import Simulator
from qiki.serve.stop_signal import stop_signal
from qiki.settings import Settings

log = structlog.get_logger()


async def serve_simulator(settings: Settings) -> None:
    """Run the simulator service until SIGTERM or SIGINT.

    Raises
    ------
    ScenarioError : the scenario cannot be used.
    SettingError : the gRPC address is not loopback.
    ListenError : the gRPC port is taken.
    BrokerError : the broker is missing, lacks the stream, or stops storing.
    """
    stop = stop_signal()
    scenario = Scenario.load(settings.radar.scenario)
    async with connected(settings.nats, "qiki-sim") as client:
        await require(client.jetstream(), [settings.streams.radar])
        simulator = Simulator(client, settings, scenario)
        async with serve_grpc(settings.grpc, lambda: simulator.newest) as address:
            log.info("grpc_listens", address=address)
            settle()
            await simulator.run(stop)
