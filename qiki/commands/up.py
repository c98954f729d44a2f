"""``qiki up``."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager

import click
import msgspec

from qiki.agent.loading import require_files
from qiki.bus.addresses import without_credentials
from qiki.bus.bots_file import BotsFile, BotUser, bots_file, new_users
from qiki.bus.broker import EmbeddedBroker
from qiki.commands.options import (
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
from qiki.commands.own_broker import require_own_broker_where_flags_ask
from qiki.data_folder import up_data_dir
from qiki.errors import SettingError
from qiki.models import models_for
from qiki.radar import Scenario
from qiki.serve.bot_plan import bot_plans
from qiki.serve.epoch import drawn
from qiki.serve.flow_summary import summary_of, text_of_bots
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
@setting_option("sim.bots", "--bots", type=int, help="Vehicles in the one world.")
@setting_option("agent.names", "--agent", metavar="NAME", help="Run agents, too (qiki agent).")
@setting_option("agent.mission", "--mission", metavar="NAME", help="Of the agents; runs them, too.")
@setting_option(
    "sim.lockstep", "--lockstep", is_flag=True, help="The world waits at each frame for the agents."
)
@json_option
def command(config: str | None, duration: float | None, *, as_json: bool, **flags: object) -> None:
    """Run everything on this machine, from radar to tracks.

    Starts a broker (or uses the one of QIKI_NATS_URL), simulator, bridge, registrar and self test,
    with guard rules the guard, with --agent or --mission the agents, shows what flows, and stops
    what it started at Ctrl-C. With --bots each bot has all of it but broker and simulator for
    itself, in an account of its own (docs/fleet.md).
    """
    if flags["agent__names"] is not None or flags["agent__mission"] is not None:
        flags["up__agent"] = True
    loaded = started_with(config, flags)
    require_own_broker_where_flags_ask(loaded)
    settings = loaded.settings
    if settings.up.agent:
        require_files(settings.agent.names.split(","))  # before anything starts
    if settings.sim.lockstep and not settings.up.agent:
        raise SettingError(
            "sim.lockstep is on, so the world waits for agents, but up.agent is off: name some by "
            "--agent, or run `qiki sim` with your own that sends sim.tick"
        )
    scenario = Scenario.load(settings.radar.scenario)
    models_for(scenario, settings.radar.models)  # before anything starts
    require_sensors_of(scenario, settings.tracker)
    tracker_core(settings)
    bot_plans(settings, scenario)
    watch = RegistrationWatch() if settings.tracker.registration else None
    users = _users(settings)
    with _broker(settings, users) as (broker, nats):
        launch = Launch(
            _resolved(settings, nats, scenario),
            scenario,
            broker,
            duration,
            on_tracks=watch.take if watch else None,
            users=users,
        )
        audits = asyncio.run(run_launch(launch))
    summary = summary_of(audits, scenario.name, without_credentials(nats.url or ""))
    text = text_of_bots(summary, audits)
    text |= {"not_accepted": sum(audit.not_accepted for audit in audits)}
    if watch is not None:
        found = watch.by_name(scenario)  # of several bots that of the first
        tables = {name: table_of(it) for name, it in found.items()}
        summary["registration"] = tables
        text |= {f"registration of {name}": text_of(it) for name, it in tables.items()}
    click.echo(json.dumps(summary, allow_nan=False) if as_json else _text(text))
    require_all_used(
        sum(audit.frames for audit in audits),
        lost=sum(audit.frames_lost for audit in audits),
        not_accepted=sum(audit.not_accepted for audit in audits),
    )


def _users(settings: Settings) -> tuple[BotUser, ...]:
    """Return the users of several bots: those that somebody else's broker knows, else new ones."""
    count = settings.sim.bots
    if count == 1:
        return ()
    if settings.nats.url is None:
        if settings.nats.bots_file is not None:  # it is the user's: a run would replace it
            raise SettingError(
                f"nats.bots_file is {settings.nats.bots_file}, must be left out where nats.url is "
                "unset: then `qiki up` starts a broker with users of its own. Set nats.url to that "
                "of the file, or leave nats.bots_file out"
            )
        return new_users(count)
    if settings.nats.bots_file is None:
        raise SettingError(
            f"sim.bots is {count}, so nats.bots_file must name the users that the broker of "
            "nats.url has for them: set it, or leave nats.url out"
        )
    users = BotsFile.read(bots_file(settings)).bots
    if len(users) < count:
        raise SettingError(
            f"sim.bots is {count}, must be at most {len(users)}, as many as {bots_file(settings)} "
            "has users: add some to it, and to the broker"
        )
    return users[:count]


@contextmanager
def _broker(
    settings: Settings, users: tuple[BotUser, ...]
) -> Iterator[tuple[EmbeddedBroker | None, NatsSettings]]:
    """Give the broker and how to reach it: the one that the settings name, else our own."""
    if settings.nats.url is not None:
        yield None, settings.nats
        return
    with EmbeddedBroker(up_data_dir(settings.up), settings.broker, bots=users) as broker:
        nats = broker.addressed(settings.nats)
        file = bots_file(settings)
        if not users:
            if settings.nats.bots_file is None:
                file.unlink(missing_ok=True)  # of a fleet that was killed
            yield broker, nats
            return
        BotsFile(broker.url, users).write(file)
        try:
            yield broker, msgspec.structs.replace(nats, bots_file=str(file))
        finally:
            file.unlink(missing_ok=True)  # nobody knows these users any more


def _resolved(settings: Settings, nats: NatsSettings, scenario: Scenario) -> Settings:
    """Fill in what is only known now, so that the services share it."""
    replace = msgspec.structs.replace
    return replace(
        settings,
        nats=nats,
        tracker=with_parameters_of(scenario, settings.tracker),
        radar=replace(settings.radar, epoch=drawn(settings.radar.epoch)),
        registrar=replace(settings.registrar, path=str(registrar_path(settings))),
        # A new world begins, with friends and foes of its own: the tracks of the last one do not go
        # on in it.
        bridge=replace(settings.bridge, new_epoch=True),
    )


def _text(summary: dict[str, object]) -> str:
    width = max(map(len, summary))
    return "\n".join(f"{name:{width}}  {_value(value)}" for name, value in summary.items())


def _value(value: object) -> str:
    if not isinstance(value, dict):
        return str(value)
    return ", ".join(f"{k} {v:.2f}" for k, v in value.items() if v is not None) or "-"
