"""Options that commands share, and how they become settings."""

import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import msgspec
import structlog

from qiki import logs
from qiki.bus.bots_file import nats_of_bot, numbered, require_no_bots
from qiki.data_folder import up_data_dir
from qiki.original_names import original_names
from qiki.setting_layers import FILE_VARIABLE, LoadedSettings, load
from qiki.settings import Settings, TrackerSettings

REGISTRAR_FILE = "registrar.sqlite3"

Command = Callable[..., Any]


class FiniteRange(click.FloatRange):
    """A number within limits that is one: click's own range lets NaN through."""

    name = "finite number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read a number, refuse NaN and infinity."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is no finite number.", param, ctx)
        return number


config_option = click.option(
    "--config", metavar="FILE", envvar=FILE_VARIABLE, help="Settings file, YAML or TOML."
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object as the last line."
)


def setting_option(key: str, flag: str, **attributes: Any) -> Callable[[Command], Command]:
    """Return a click option that sets `key`; its value reaches the command under that name."""
    return click.option(flag, key.replace(".", "__"), default=None, **attributes)


durable_option = setting_option(
    "broker.durable",
    "--durable",
    is_flag=True,
    help="Each message is on the broker's disk before it is acknowledged.",
)
monitoring_option = setting_option(
    "nats.monitoring_url",
    "--monitoring-url",
    metavar="URL",
    help="Where that broker's HTTP monitoring answers; --durable asks it.",
)


bot_option = click.option(
    "--bot",
    type=click.IntRange(min=1),
    metavar="K",
    help="Of several bots (`qiki up --bots N`) the one meant.",
)
database_option = setting_option(
    "registrar.path",
    "--database",
    metavar="FILE",
    help="Database of the registrar; of `qiki up --data-dir FOLDER` it is "
    f"FOLDER/{REGISTRAR_FILE}.",
)
_models_help = "Module or .py file with the models that the scenario names."
models_option = click.option("--models", metavar="MODULE|FILE.py", help=_models_help)
radar_models_option = setting_option(
    "radar.models", "--models", metavar="MODULE|FILE.py", help=_models_help
)


def load_settings(config: str | None, flags: Mapping[str, object]) -> LoadedSettings:
    """Build the settings of a command from its options, the environment and the file."""
    by_key = {name.replace("__", "."): value for name, value in flags.items()}
    return load(by_key, environment=os.environ, file=config)


def started_with(config: str | None, flags: Mapping[str, object]) -> LoadedSettings:
    """Build the settings of a command that logs, and let the log begin.

    It begins with the names of the original system that were used, and those that do nothing here.
    """
    loaded = load_settings(config, flags)
    logs.configure(loaded.settings.log)
    for note in original_names(os.environ, loaded.origins):
        log = structlog.get_logger()
        if note.setting is None:
            log.warning("original_name_without_effect", name=note.name, reason=note.words)
        else:
            log.info("original_name_used", name=note.name, setting=note.setting, now=note.words)
    return loaded


def registrar_path(settings: Settings) -> Path:
    """Return the file of the registrar's database, beside the broker's store unless it is named."""
    if settings.registrar.path is not None:
        return Path(settings.registrar.path).expanduser()
    return up_data_dir(settings.up) / REGISTRAR_FILE


def of_bot(settings: Settings, number: int | None) -> Settings:
    """Return settings with the broker's account of one of several bots that run.

    Raises
    ------
    SettingError : there is no such bot, or none at all; or none is named where several run.
    """
    if number is None:
        require_no_bots(settings)
        return settings
    return msgspec.structs.replace(settings, nats=nats_of_bot(settings, number))


def registrar_path_of(settings: Settings, number: int | None) -> Path:
    """Return the file of a registrar's database, of several bots that of one of them."""
    whole = registrar_path(settings)
    return whole if number is None else numbered(whole, number)


def aircraft_tracker(loaded: LoadedSettings) -> TrackerSettings:
    """Return the tracker for a recorded radar: ``air_surveillance`` unless a preset was chosen."""
    tracker = loaded.settings.tracker
    if loaded.origins["tracker.preset"] != "default":
        return tracker
    return msgspec.structs.replace(tracker, preset="air_surveillance")


def asking_the_simulator(loaded: LoadedSettings) -> Settings:
    """Return settings with which the simulator is asked for its port unless one was given.

    Another system of this machine may have the port that is the default.
    """
    settings = loaded.settings
    if loaded.origins["grpc.port"] != "default":
        return settings
    replace = msgspec.structs.replace
    return replace(settings, grpc=replace(settings.grpc, port=0))
