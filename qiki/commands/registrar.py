"""``qiki registrar``."""

import asyncio

import click

from qiki.commands.options import (
    config_option,
    database_option,
    durable_option,
    monitoring_option,
    registrar_path,
    setting_option,
    started_with,
)
from qiki.serve.registrar import serve_registrar


@click.command()
@config_option
@setting_option("nats.url", "--nats", metavar="URL", help="Broker with the streams.")
@monitoring_option
@durable_option
@database_option
def command(config: str | None, **flags: object) -> None:
    """Store events, commands and the lives of tracks in a database, until SIGTERM or Ctrl-C.

    Frames are counted. `qiki events` shows what is stored (docs/registrar.md).
    """
    settings = started_with(config, flags).settings
    asyncio.run(serve_registrar(settings, registrar_path(settings)))
