"""``qiki bios``."""

import asyncio

import click

from qiki.commands.options import (
    asking_the_simulator,
    config_option,
    durable_option,
    monitoring_option,
    setting_option,
    started_with,
)
from qiki.serve.bios import serve_bios


@click.command()
@config_option
@setting_option("nats.url", "--nats", metavar="URL", help="Broker with the streams.")
@monitoring_option
@durable_option
@setting_option("radar.scenario", "--scenario", metavar="NAME|FILE", help="World with the radars.")
@setting_option("bios.port", "--port", type=int, help="Port of HTTP; 0: any.")
def command(config: str | None, **flags: object) -> None:
    """Test the devices against the simulator, tell it over HTTP and as events, until SIGTERM.

    The devices are those of the vehicle's file and the scenario's radars (docs/bios.md).
    """
    settings = asking_the_simulator(started_with(config, flags))
    asyncio.run(serve_bios(settings))
