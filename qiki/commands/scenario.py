"""``qiki scenario``: check, draw and show scenario files."""

import json
import sys
from pathlib import Path

import click

from qiki.cli import EXIT_SETTING
from qiki.commands.documents import echo_described, require_built_in
from qiki.commands.options import FiniteRange, json_option, models_option
from qiki.commands.scenario_report import clutter_text, false_alarms_text, needed_text, report_of
from qiki.models import models_for
from qiki.radar.scenario import Scenario


@click.group()
def command() -> None:
    """Check, draw and show scenario files.

    A FILE is a YAML file or the name of a scenario that comes with QIKI.
    """


@command.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@models_option
@json_option
def check(files: tuple[str, ...], *, models: str | None, as_json: bool) -> None:
    """Say what is in scenarios, or everything that is wrong with them.

    A problem is a line FILE:LINE: PLACE: what is wrong; with one the exit code is 78. Which models
    of yours a scenario needs is told; with --models they are looked for.
    """
    reports = [report_of(file, models) for file in files]
    if as_json:
        click.echo(json.dumps({"files": [report.to_dict() for report in reports]}))
    else:
        for report in reports:
            click.echo(report.to_text())
    if not all(report.is_ok for report in reports):
        sys.exit(EXIT_SETTING)


@command.command("list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List the scenarios that come with QIKI."""
    described = {name: Scenario.load(name).description for name in Scenario.built_in()}
    echo_described(described, as_json=as_json)


@command.command()
@click.argument("name")
def show(name: str) -> None:
    """Print a scenario that comes with QIKI, to start one of your own from.

    How much noise and clutter it makes stands on the error stream, outside the file.
    """
    require_built_in(name, Scenario.built_in(), "scenario")
    click.echo(Scenario.built_in_text(name), nl=False)
    scenario = Scenario.load(name)
    for sensor in scenario.sensors:
        click.echo(f"{sensor.name}: {false_alarms_text(sensor)} in the mean", err=True)
    for source in scenario.clutter:
        click.echo(clutter_text(source), err=True)


@command.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    click.echo(json.dumps(Scenario.schema(), indent=2, ensure_ascii=False))


@command.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--output",
    metavar="FILE.png",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The picture, as PNG, SVG or PDF by its suffix; without it NAME.png in this folder.",
)
@click.option(
    "--duration",
    type=FiniteRange(min=0, max=1e9),
    metavar="SECONDS",
    help="How much of the paths to draw; without it up to the last scripted change, or a minute.",
)
@models_option
def plot(file: str, output: Path | None, duration: float | None, models: str | None) -> None:
    """Draw the scene from above and from the side: paths, coverage, SR threshold, clutter.

    Needs matplotlib: pip install 'qiki[plot]'.
    """
    # Imported here, so that the other commands do without matplotlib.
    from qiki.radar.scenario_plot import draw_scenario, write_picture  # noqa: PLC0415

    scenario = Scenario.load(file)
    target = output or Path(f"{Path(file).stem}.png")
    figure = draw_scenario(scenario, duration_s=duration, models=models_for(scenario, models))
    write_picture(figure, target)
    needed = f", {text}" if (text := needed_text(scenario)) else ""
    click.echo(f"{target}: {scenario.name}, {len(scenario.targets)} targets{needed}")
