"""``qiki js apply``, ``qiki js check`` and ``qiki js conf``."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

import click
from nats.js import JetStreamContext

from qiki.bus.broker_configuration import LOOPBACK, BrokerConfiguration, StoreLimit, store_limit
from qiki.bus.connection import connected
from qiki.bus.stream_apply import Difference, apply, check
from qiki.bus.streams import StreamPlan, stream_plans
from qiki.commands.options import (
    config_option,
    json_option,
    load_settings,
    setting_option,
    started_with,
)
from qiki.data_folder import data_home
from qiki.errors import SettingError
from qiki.serve.traffic import expected_traffic
from qiki.settings import Settings

Work = Callable[[JetStreamContext, Sequence[StreamPlan]], Awaitable[list[Difference]]]

nats_option = setting_option("nats.url", "--nats", metavar="URL", help="Broker to work on.")


@click.group()
def command() -> None:
    """Create or check the streams and durable consumers, or configure the broker for them."""


@command.command("apply")
@config_option
@nats_option
@click.option(
    "--force", is_flag=True, help="Shrink streams that hold messages, too, and lose what it takes."
)
@json_option
def apply_command(config: str | None, *, force: bool, as_json: bool, **flags: object) -> None:
    """Create what is missing and update what differs.

    Nothing stored is lost: what would make a stream smaller that holds messages is refused, and
    then nothing is changed at all.
    """
    settings = started_with(config, flags).settings
    plans, differences = asyncio.run(_run(settings, partial(apply, force=force)))
    _report(plans, differences, as_json=as_json, heading="changed")


@command.command("check")
@config_option
@nats_option
@json_option
def check_command(config: str | None, *, as_json: bool, **flags: object) -> None:
    """Compare the broker with the declaration; exit code 1 when they differ."""
    plans, differences = asyncio.run(_run(load_settings(config, flags).settings, check))
    _report(plans, differences, as_json=as_json, heading="differs")
    if differences:
        sys.exit(1)


@command.command("conf")
@config_option
@click.option(
    "--store-dir",
    metavar="DIR",
    help="Where the broker stores; default: ~/.local/share/qiki-broker.",
)
@setting_option("broker.port", "--port", type=int, metavar="N", help="Port for clients; 4222.")
@click.option(
    "--monitoring-port",
    type=click.IntRange(1, 65535),
    default=8222,
    show_default=True,
    help="Port of HTTP monitoring.",
)
@click.option(
    "--store-share",
    type=click.IntRange(1, 100),
    default=80,
    show_default=True,
    help="Percent of the room that the streams may fill: what is free for DIR, and what it holds.",
)
@click.option("--output", metavar="FILE", help="Write there instead of to standard output.")
def conf_command(
    config: str | None,
    store_dir: str | None,
    monitoring_port: int,
    store_share: int,
    output: str | None,
    **flags: object,
) -> None:
    """Write a configuration for nats-server, on which services may be --durable.

    One server on loopback that syncs each message before it acknowledges it.
    """
    settings = load_settings(config, flags).settings
    folder = Path(store_dir).expanduser() if store_dir else data_home() / "qiki-broker"
    folder = folder.absolute()
    limit = _room(settings, folder, store_share)
    chosen = _chosen(folder, limit)
    text = _configuration(settings, folder, monitoring_port, limit, chosen).text()
    _write(text, output)
    click.echo(chosen, err=True)
    click.echo(f"monitoring: http://{LOOPBACK}:{monitoring_port} (nats.monitoring_url)", err=True)


def _room(settings: Settings, folder: Path, share_percent: int) -> StoreLimit:
    limit = store_limit(folder, share_percent)
    if limit.max_bytes < (wanted := settings.streams.max_bytes):
        raise SettingError(
            f"streams.max_bytes is {wanted}, must be at most {limit.max_bytes}, {share_percent} % "
            f"of what is free for {folder} and what it holds: lower it, free some of the disk, or "
            "name another folder with --store-dir"
        )
    return limit


def _chosen(folder: Path, limit: StoreLimit) -> str:
    shown = json.dumps(str(folder), ensure_ascii=False)  # one line, whatever its name is
    return (
        f"max_file_store: {limit.max_bytes / 1e9:.1f} GB, {limit.share_percent} % of "
        f"{limit.room_bytes / 1e9:.1f} GB: {limit.free_bytes / 1e9:.1f} GB that are free now for "
        f"{shown}, and {limit.held_bytes / 1e9:.1f} GB that it holds"
    )


def _configuration(
    settings: Settings, folder: Path, monitoring_port: int, limit: StoreLimit, chosen: str
) -> BrokerConfiguration:
    if settings.broker.port == 0:
        raise SettingError(
            "broker.port is 0, must be a port that clients can be told: set it with --port"
        )
    if settings.broker.port == monitoring_port:
        raise SettingError(
            f"--monitoring-port is {monitoring_port}, must be another port than broker.port: "
            "change one of the two"
        )
    return BrokerConfiguration(
        store_dir=folder,
        port=settings.broker.port,
        monitoring_port=monitoring_port,
        max_payload_bytes=settings.broker.max_payload_bytes,
        sync_always=True,
        comment=("Written by `qiki js conf`.", chosen),
        max_file_store_bytes=limit.max_bytes,
    )


def _write(text: str, output: str | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingError(
            f"--output is {output}, must be a file that can be written ({error.strerror}): "
            "name another"
        ) from error


async def _run(settings: Settings, work: Work) -> tuple[list[StreamPlan], list[Difference]]:
    plans = stream_plans(settings.streams, settings.bridge, expected_traffic(settings))
    async with connected(settings.nats, "qiki-js") as client:
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
