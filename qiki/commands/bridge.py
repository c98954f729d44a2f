"""``qiki bridge``."""

import asyncio

import click

from qiki.commands.options import (
    config_option,
    durable_option,
    monitoring_option,
    setting_option,
    started_with,
)
from qiki.serve.bridge import serve_bridge


@click.command()
@config_option
@setting_option("nats.url", "--nats", metavar="URL", help="Broker with the streams.")
@monitoring_option
@durable_option
@setting_option("tracker.preset", "--preset", metavar="NAME", help="Named tracker parameters.")
@setting_option(
    "bridge.new_epoch",
    "--new-epoch",
    is_flag=True,
    help="Once: begin an empty tracker behind the last answered frame, with new track ids.",
)
def command(config: str | None, **flags: object) -> None:
    """Turn frames into tracks, one message each, until SIGTERM or Ctrl-C.

    The setting tracker.parameters has the tracker's own, as motion models of yours by
    MODULE:FUNCTION (docs/tracking-models.md).
    """
    settings = started_with(config, flags).settings
    asyncio.run(serve_bridge(settings))
