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
@click.option(
    "--origin", "by_origin", is_flag=True, help="Only what is set, by where it comes from."
)
@json_option
def show(config: str | None, *, by_origin: bool, as_json: bool) -> None:
    """Print every setting, its value and its source.

    Set one by QIKI_SECTION__KEY in the environment, or in a file given by --config.
    """
    loaded = load_settings(config, {})
    values = shown(loaded)
    if by_origin:
        values = {key: it for key, it in values.items() if loaded.origins[key] != "default"}
    if as_json:
        rows = {k: {"value": v, "origin": loaded.origins[k]} for k, v in values.items()}
        click.echo(json.dumps(rows))
        return
    if by_origin:
        rows_of = sorted((loaded.origins[key], key, value) for key, value in values.items())
        for origin, key, value in rows_of:
            click.echo(f"{origin}: {key} = {json.dumps(value)}")
        return
    descriptions = {key: leaf.description for key, leaf in leaves().items()}
    for key, value in values.items():
        click.echo(f"{key} = {json.dumps(value)}  # {loaded.origins[key]}: {descriptions[key]}")
