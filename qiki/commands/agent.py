"""``qiki agent``."""

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
from qiki.serve.agent import serve_agent


@click.command()
@config_option
@setting_option(
    "agent.names",
    "--agent",
    metavar="NAME",
    help="Who proposes: an entry point, module:Class or FILE.py:Class; more by commas.",
)
@setting_option("agent.mission", "--mission", metavar="NAME", help="watch, hold or dock.")
@setting_option("radar.scenario", "--scenario", metavar="NAME|FILE", help="As the simulator's.")
@setting_option("nats.url", "--nats", metavar="URL", help="Broker with the streams.")
@monitoring_option
@durable_option
@setting_option(
    "grpc.port", "--grpc-port", type=int, help="The simulator's; unless set it is asked."
)
def command(config: str | None, **flags: object) -> None:
    """Run agents on the vehicle of a running simulator, until SIGTERM or Ctrl-C.

    Each looks at tracks, alerts and vehicle at every frame of the first radar and says what is to
    be done; what is carried out, and why the rest is not, becomes events (docs/agent.md).
    """
    asyncio.run(serve_agent(asking_the_simulator(started_with(config, flags))))
