"""``qiki guard``."""

import asyncio

import click

from qiki import logs
from qiki.commands.options import (
    config_option,
    durable_option,
    load_settings,
    monitoring_option,
    setting_option,
)
from qiki.serve.guard import serve_guard


@click.command()
@config_option
@setting_option("nats.url", "--nats", metavar="URL", help="Broker with the streams.")
@monitoring_option
@durable_option
def command(config: str | None, **flags: object) -> None:
    """Publish the alerts of the tracks messages as events, until SIGTERM or Ctrl-C.

    The bridge raises them by the rules of `tracker.guard_rules` (docs/guard.md).
    """
    settings = load_settings(config, flags).settings
    logs.configure(settings.log)
    asyncio.run(serve_guard(settings))
