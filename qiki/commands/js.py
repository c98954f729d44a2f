"""``qiki js apply`` and ``qiki js check``."""

import asyncio
import json
import sys
from collections.abc import Sequence

import click

from qiki.bus.connection import connected
from qiki.bus.stream_apply import Difference, apply, check
from qiki.bus.streams import StreamPlan, stream_plans
from qiki.commands.options import config_option, json_option, load_settings, setting_option
from qiki.serve.traffic import expected_traffic
from qiki.settings import Settings

nats_option = setting_option("nats.url", "--nats", metavar="URL", help="Broker to work on.")


@click.group()
def command() -> None:
    """Create or check the JetStream streams and durable consumers."""


@command.command("apply")
@config_option
@nats_option
@json_option
def apply_command(config: str | None, *, as_json: bool, **flags: object) -> None:
    """Create what is missing and update what differs; nothing stored is lost."""
    plans, differences = asyncio.run(_run(load_settings(config, flags).settings, change=True))
    _report(plans, differences, as_json=as_json, heading="changed")


@command.command("check")
@config_option
@nats_option
@json_option
def check_command(config: str | None, *, as_json: bool, **flags: object) -> None:
    """Compare the broker with the declaration; exit code 1 when they differ."""
    plans, differences = asyncio.run(_run(load_settings(config, flags).settings, change=False))
    _report(plans, differences, as_json=as_json, heading="differs")
    if differences:
        sys.exit(1)


async def _run(settings: Settings, *, change: bool) -> tuple[list[StreamPlan], list[Difference]]:
    plans = stream_plans(settings.streams, settings.bridge, expected_traffic(settings))
    async with connected(settings.nats, "qiki-js") as client:
        work = apply if change else check
        return plans, await work(client.jetstream(), plans)


def _report(
    plans: Sequence[StreamPlan], differences: Sequence[Difference], *, as_json: bool, heading: str
) -> None:
    if as_json:
        streams = [
            {
                "name": plan.config.name,
                "subjects": plan.config.subjects,
                "max_bytes": plan.config.max_bytes,
                "max_age_s": plan.config.max_age,
                "durables": [durable.durable_name for durable in plan.durables],
            }
            for plan in plans
        ]
        found = [difference._asdict() for difference in differences]
        click.echo(json.dumps({"streams": streams, heading: found}))
        return
    for plan in plans:
        size_mb = (plan.config.max_bytes or 0) / 1e6
        click.echo(f"{plan.config.name}: keeps {plan.config.max_age:.0f} s, {size_mb:.0f} MB")
    for difference in differences:
        click.echo(f"{heading}: {difference}")
