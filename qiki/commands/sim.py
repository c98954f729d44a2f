"""``qiki sim``."""

import asyncio

import click

from qiki.commands.options import (
    config_option,
    durable_option,
    monitoring_option,
    radar_models_option,
    setting_option,
    started_with,
)
from qiki.serve.sim import serve_simulator


@click.command()
@config_option
@setting_option("radar.scenario", "--scenario", metavar="NAME|FILE", help="World to simulate.")
@radar_models_option
@setting_option("nats.url", "--nats", metavar="URL", help="Broker to publish to.")
@monitoring_option
@durable_option
@setting_option("grpc.port", "--grpc-port", type=int, help="Port of the gRPC API; 0: any.")
def command(config: str | None, **flags: object) -> None:
    """Run the world and its radars until SIGTERM or Ctrl-C.

    Publishes frames to JetStream and answers qiki.api.QSimAPIService on loopback.
    """
    settings = started_with(config, flags).settings
    asyncio.run(serve_simulator(settings))
