"""``qiki status``."""

import asyncio
import json
import sys
from typing import Any

import click

from qiki import logs
from qiki.bus.connection import connected
from qiki.bus.streams import stream_plans
from qiki.commands.options import (
    FiniteRange,
    bot_option,
    config_option,
    json_option,
    load_settings,
    of_bot,
    setting_option,
)
from qiki.commands.text_table import text_table
from qiki.serve.bot_run import services_of
from qiki.serve.registration_watch import text_of
from qiki.serve.system_status import ServiceState, StreamHealth, SystemStatus, read_status
from qiki.serve.traffic import expected_traffic
from qiki.settings import Settings

DEVICES_SHOWN = 8


@click.command()
@config_option
@setting_option("nats.url", "--nats", metavar="URL", help="Broker of the system.")
@click.option(
    "--expect",
    "expected",
    multiple=True,
    metavar="NAME",
    help="A service that must run, whose faults and consumers' alone count; repeat it. Default: "
    "the whole system, with the services that `qiki up` runs with the same settings.",
)
@click.option(
    "--interval",
    "interval_s",
    type=FiniteRange(min=0.1, max=60),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="Time over which rates are taken.",
)
@bot_option
@json_option
def command(
    config: str | None,
    bot: int | None,
    expected: tuple[str, ...],
    interval_s: float,
    *,
    as_json: bool,
    **flags: object,
) -> None:
    """Show each service's health, its rates, and how far readers are behind.

    Exit code 1 when one that must run does not answer or works no more, or a stream or consumer
    is missing.
    """
    settings = of_bot(load_settings(config, flags).settings, bot)
    logs.configure(settings.log)
    status = asyncio.run(_read(settings, expected, interval_s))
    click.echo(json.dumps(_document(status)) if as_json else _text(status))
    for fault in status.faults:
        click.echo(f"fault: {fault}", err=True)
    if status.faults:
        sys.exit(1)


async def _read(settings: Settings, expected: tuple[str, ...], interval_s: float) -> SystemStatus:
    plans = stream_plans(settings.streams, settings.bridge, expected_traffic(settings))
    readers = _readers(settings)
    # An idle simulator is one that is paused, so it has no place among the readers that must work.
    durable_of = {"sim": settings.streams.commands_durable, **readers}
    durables = {durable_of[name] for name in expected if name in durable_of} if expected else None
    services = expected or services_of(settings)
    async with connected(settings.nats, "qiki-status") as client:
        return await read_status(client, plans, services, readers, interval_s, durables=durables)


def _readers(settings: Settings) -> dict[str, str]:
    streams = settings.streams
    return {
        "bridge": settings.bridge.durable,
        "registrar": streams.registrar_durable,
        "guard": streams.guard_durable,
        "agent": streams.agent_durable,
    }


def _document(status: SystemStatus) -> dict[str, object]:
    return {
        "healthy": not status.faults,
        "services": [
            {
                "name": service.name,
                "state": _state(service),
                "frames_per_s": service.frames_per_s,
                "detections_per_s": service.detections_per_s,
                **(service.figures or {}),
            }
            for service in status.services
        ],
        "streams": [stream._asdict() for stream in status.streams],
        "faults": status.faults,
    }


def _state(service: ServiceState) -> str:
    return "down" if service.figures is None else "up"


def _text(status: SystemStatus) -> str:
    services = text_table(
        ("service", "state", "up s", "idle s", "frames", "frames/s", "det/s", "refused", "p99 ms"),
        [_service_row(service) for service in status.services],
    )
    streams = text_table(
        ("stream", "messages", "MB", "of MB", "oldest s", "behind"),
        [_stream_row(stream) for stream in status.streams],
    )
    lines = (
        _world_lines(status),
        _device_lines(status),
        _agent_lines(status),
        _registration_lines(status),
    )
    return "\n\n".join(filter(None, (services, *lines, streams)))


def _agent_lines(status: SystemStatus) -> str:
    """Return what the service of agents is up to, and a line for each agent."""
    found = [it.figures for it in status.services if it.figures and "agents" in it.figures]
    return "\n".join(line for figures in found for line in _lines_of_agents(figures))


def _lines_of_agents(figures: dict[str, Any]) -> list[str]:
    reason = figures.get("catching_up") or figures["safe_mode_reason"]
    why = f" ({reason})" if reason else ""
    head = (
        f"ship {figures['ship_state']}{why}, mission {figures['mission']}; "
        f"ticks {figures['ticks']}, skipped frames {figures['skipped_frames']}, "
        f"executed {figures['executed']}, failed {figures['failed']}"
    )
    agents = [
        f"agent {name}  {', '.join(f'{what} {count}' for what, count in counts.items())}"
        for name, counts in figures["agents"].items()
    ]
    return [head, *agents]


def _world_lines(status: SystemStatus) -> str:
    """Return a line for each simulator: how its world goes on, and how fast."""
    worlds = [it.figures for it in status.services if it.figures and "speed" in it.figures]
    return "\n".join(
        _world_line(it["world_state"], it["speed"], it["achieved_speed"]) for it in worlds
    )


def _world_line(state: str, speed: float, achieved: float | None) -> str:
    if state != "RUNNING":
        return f"world  {state}"
    return f"world  {state} at {_number(achieved, 2)} times real time of {speed:g} asked for"


def _device_lines(status: SystemStatus) -> str:
    """Return how many of the vehicle's devices are OK, and a line for each that is not."""
    tests = [it.figures for it in status.services if it.figures and "not_ok" in it.figures]
    return "\n".join(
        line for it in tests for line in _lines_of_devices(it["devices"], it["not_ok"])
    )


def _lines_of_devices(states: dict[str, int], not_ok: dict[str, str]) -> list[str]:
    counts = f"devices  {states['OK']} of {sum(states.values())} are OK"
    shown = list(not_ok.items())[:DEVICES_SHOWN]
    more = ["  and others: see `qiki status --json`"] if len(not_ok) > DEVICES_SHOWN else []
    return [counts, *(f"  {name}: {message}" for name, message in shown), *more]


def _registration_lines(status: SystemStatus) -> str:
    """Return a line for each sensor whose biases are sought, and for each that never came."""
    tables = [(it.figures or {}).get("registration") or {} for it in status.services]
    found = [pair for table in tables for pair in table.items()]
    lines = [f"registration of {id}  {text_of(table)}" for id, table in found]
    unseen = [(it.figures or {}).get("unseen_sensors") or {} for it in status.services]
    named = [pair for table in unseen for pair in table.items()]
    lines += [f"sensor {id}  no frame is from it, though {name} names it" for id, name in named]
    return "\n".join(lines)


def _service_row(service: ServiceState) -> tuple[str, ...]:
    figures = service.figures or {}
    refusals = figures.get("not_accepted")
    return (
        service.name,
        _state(service),
        _number(figures.get("uptime_s"), 0),
        _number(figures.get("idle_s"), 1),
        _number(figures.get("frames"), 0),
        _number(service.frames_per_s, 1),
        _number(service.detections_per_s, 1),
        "-" if refusals is None else str(sum(entry["count"] for entry in refusals)),
        _number(figures.get("latency_ms", {}).get("p99"), 1),
    )


def _stream_row(stream: StreamHealth) -> tuple[str, ...]:
    behind = [
        f"{name} {'missing' if lag is None else lag}" for name, lag in stream.consumers.items()
    ]
    return (
        stream.name,
        str(stream.messages),
        f"{stream.bytes / 1e6:.1f}",
        "-" if stream.max_bytes < 0 else f"{stream.max_bytes / 1e6:.0f}",
        _number(stream.oldest_s, 0),
        ", ".join(behind) or "-",
    )


def _number(value: float | None, decimals: int) -> str:
    return "-" if value is None else f"{value:.{decimals}f}"
