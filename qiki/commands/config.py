"""``qiki config show``."""

import json

import click

from qiki.commands.options import config_option, json_option, load_settings
from qiki.setting_layers import leaves, shown


@click.group()
def command() -> None:
    """Show the settings and where they come from."""


@command.command()
@config_option
@json_option
def show(config: str | None, *, as_json: bool) -> None:
    """Print every setting, its value and its source.

    Set one by QIKI_SECTION__KEY in the environment, or in a file given by --config.
    """
    loaded = load_settings(config, {})
    values = shown(loaded)
    if as_json:
        rows = {k: {"value": v, "origin": loaded.origins[k]} for k, v in values.items()}
        click.echo(json.dumps(rows))
        return
    descriptions = {key: leaf.description for key, leaf in leaves().items()}
    for key, value in values.items():
        click.echo(f"{key} = {json.dumps(value)}  # {loaded.origins[key]}: {descriptions[key]}")
