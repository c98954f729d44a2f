"""``qiki up``."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

from qiki.bus.addresses import without_credentials
from qiki.bus.broker import EmbeddedBroker
from qiki.commands.options import (
    REGISTRAR_FILE,
    FiniteRange,
    config_option,
    durable_option,
    json_option,
    monitoring_option,
    radar_models_option,
    registrar_path,
    setting_option,
    started_with,
)
from qiki.commands.outcome import require_all_used
from qiki.data_folder import up_data_dir
from qiki.errors import SettingError
from qiki.models import models_for
from qiki.radar import Scenario
from qiki.serve.epoch import drawn
from qiki.serve.flow_audit import FlowAudit
from qiki.serve.registration_watch import RegistrationWatch, table_of, text_of
from qiki.serve.tracker_config import require_sensors_of, with_parameters_of
from qiki.serve.tracker_core import tracker_core
from qiki.serve.up import Launch, run_launch
from qiki.settings import NatsSettings, Settings


@click.command()
@config_option
@setting_option("radar.scenario", "--scenario", metavar="NAME|FILE", help="World to simulate.")
@radar_models_option
@click.option(
    "--duration",
    type=FiniteRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop after this long; without it, at Ctrl-C.",
)
@setting_option("up.data_dir", "--data-dir", metavar="FOLDER", help="Where the broker stores.")
@setting_option("broker.port", "--port", type=int, help="Port of the broker; 0: any.")
@durable_option
@monitoring_option
@setting_option("grpc.port", "--grpc-port", type=int, help="Port of the gRPC API; 0: any.")
@setting_option("agent.names", "--agent", metavar="NAME", help="Run agents, too (qiki agent).")
@setting_option("agent.mission", "--mission", metavar="NAME", help="Of the agents.")
@setting_option(
    "sim.lockstep", "--lockstep", is_flag=True, help="The world waits at each frame for the agents."
)
@json_option
def command(config: str | None, duration: float | None, *, as_json: bool, **flags: object) -> None:
    """Run everything on this machine, from radar to tracks.

    Starts a broker (or uses the one of QIKI_NATS_URL), simulator, bridge, registrar and self test,
    with guard rules the guard, with --agent the agents, shows what flows, and stops what it started
    at Ctrl-C.
    """
    if flags["agent__names"] is not None:
        flags["up__agent"] = True
    settings = started_with(config, flags).settings
    if settings.sim.lockstep and not settings.up.agent:
        raise SettingError(
            "sim.lockstep is on, so the world waits for agents, but up.agent is off: name some by "
            "--agent, or run `qiki sim` with your own that sends sim.tick"
        )
    scenario = Scenario.load(settings.radar.scenario)
    models_for(scenario, settings.radar.models)  # before anything starts
    require_sensors_of(scenario, settings.tracker)
    tracker_core(settings)
    watch = RegistrationWatch() if settings.tracker.registration else None
    with _broker(settings) as (broker, nats):
        launch = Launch(
            _resolved(settings, nats, scenario),
            scenario,
            broker,
            duration,
            on_tracks=watch.take if watch else None,
        )
        audit = asyncio.run(run_launch(launch))
    summary = _summary(audit, scenario.name, nats.url or "")
    text = summary | {"not_accepted": audit.not_accepted}
    if watch is not None:
        found = watch.by_name(scenario)
        tables = {name: table_of(it) for name, it in found.items()}
        summary["registration"] = tables
        text |= {f"registration of {name}": text_of(it) for name, it in tables.items()}
    click.echo(json.dumps(summary, allow_nan=False) if as_json else _text(text))
    require_all_used(audit.frames, lost=audit.frames_lost, not_accepted=audit.not_accepted)


@contextmanager
def _broker(settings: Settings) -> Iterator[tuple[EmbeddedBroker | None, NatsSettings]]:
    """Give the broker and how to reach it: the one that the settings name, else our own."""
    if settings.nats.url is not None:
        yield None, settings.nats
        return
    with EmbeddedBroker(up_data_dir(settings.up), settings.broker) as broker:
        yield broker, broker.addressed(settings.nats)


def _resolved(settings: Settings, nats: NatsSettings, scenario: Scenario) -> Settings:
    """Fill in what is only known now, so that the services share it."""
    replace = msgspec.structs.replace
    return replace(
        settings,
        nats=nats,
        tracker=with_parameters_of(scenario, settings.tracker),
        radar=replace(settings.radar, epoch=drawn(settings.radar.epoch)),
        registrar=replace(settings.registrar, path=str(_registrar_path(settings))),
        # A new world begins, with friends and foes of its own: the tracks of the last one do not go
        # on in it.
        bridge=replace(settings.bridge, new_epoch=True),
    )


def _registrar_path(settings: Settings) -> Path:
    if settings.registrar.path is not None:
        return registrar_path(settings.registrar)
    return up_data_dir(settings.up) / REGISTRAR_FILE


def _summary(audit: FlowAudit, scenario: str, url: str) -> dict[str, object]:
    return {
        "scenario": scenario,
        "broker": without_credentials(url),
        "frames": audit.frames,
        "detections": audit.detections,
        "tracks_confirmed": audit.tracks_confirmed,
        "tracks_messages": audit.tracks_messages,
        "frames_lost": audit.frames_lost,
        "frames_spoiled": audit.frames_spoiled,
        "latency_ms": {f"p{p}": audit.latency.percentile_ms(p) for p in (50, 99)},
    }


def _text(summary: dict[str, object]) -> str:
    width = max(map(len, summary))
    return "\n".join(f"{name:{width}}  {_value(value)}" for name, value in summary.items())


def _value(value: object) -> str:
    if not isinstance(value, dict):
        return str(value)
    return ", ".join(f"{k} {v:.2f}" for k, v in value.items() if v is not None) or "-"
