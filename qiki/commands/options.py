"""Options that commands share, and how they become settings."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import click

from qiki.setting_layers import LoadedSettings, load

Command = Callable[..., Any]

config_option = click.option(
    "--config", metavar="FILE", envvar="QIKI_CONFIG", help="Settings file, YAML or TOML."
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object as the last line."
)


def setting_option(key: str, flag: str, **attributes: Any) -> Callable[[Command], Command]:
    """Return a click option that sets `key`; its value reaches the command under that name."""
    return click.option(flag, _parameter(key), default=None, **attributes)


def load_settings(config: str | None, flags: Mapping[str, object]) -> LoadedSettings:
    """Build the settings of a command from its options, the environment and the file."""
    by_key = {name.replace("__", "."): value for name, value in flags.items()}
    return load(by_key, environment=os.environ, file=config)


def _parameter(key: str) -> str:
    return key.replace(".", "__")
