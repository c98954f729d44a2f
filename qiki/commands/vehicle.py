"""``qiki vehicle``: check and show vehicle files."""

import json
import sys

import click

from qiki.cli import EXIT_SETTING
from qiki.commands.documents import (
    echo_described,
    problem_dict,
    problem_lines,
    require_built_in,
)
from qiki.commands.options import json_option
from qiki.errors import VehicleError
from qiki.vehicle import Vehicle, VehicleConfig


@click.group()
def command() -> None:
    """Check and show vehicle files.

    A FILE is a YAML file or the name of a vehicle that comes with QIKI (docs/vehicle.md).
    """


@command.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@json_option
def check(files: tuple[str, ...], *, as_json: bool) -> None:
    """Say what vehicles are made of, or everything that is wrong with their files.

    A problem is a line FILE:LINE: PLACE: what is wrong; with one the exit code is 78.
    """
    found = [(file, _loaded(file)) for file in files]
    if as_json:
        told = [
            problem_dict(file, it) if isinstance(it, VehicleError) else _summary(file, it)
            for file, it in found
        ]
        click.echo(json.dumps({"files": told}))
    else:
        for file, it in found:
            lines = problem_lines(file, it) if isinstance(it, VehicleError) else _lines(file, it)
            click.echo("\n".join(lines))
    if any(isinstance(it, VehicleError) for _, it in found):
        sys.exit(EXIT_SETTING)


@command.command("list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List the vehicles that come with QIKI."""
    described = {name: VehicleConfig.load(name).description for name in VehicleConfig.built_in()}
    echo_described(described, as_json=as_json)


@command.command()
@click.argument("name")
def show(name: str) -> None:
    """Print a vehicle that comes with QIKI, to start one of your own from."""
    require_built_in(name, VehicleConfig.built_in(), "vehicle")
    click.echo(VehicleConfig.built_in_text(name), nl=False)


@command.command()
def schema() -> None:
    """Print the JSON Schema of vehicle files, for editors."""
    click.echo(json.dumps(VehicleConfig.schema(), indent=2, ensure_ascii=False))


def _loaded(file: str) -> VehicleConfig | VehicleError:
    try:
        return VehicleConfig.load(file)
    except VehicleError as error:
        return error


def _summary(file: str, config: VehicleConfig) -> dict[str, object]:
    vehicle = Vehicle(config)
    loads = {} if vehicle.power is None else vehicle.power.loads
    return {
        "file": file,
        "ok": True,
        "name": config.name,
        "dry_mass_kg": config.dry_mass_kg,
        "propellant_kg": config.propellant_kg,
        "thrusters": len(config.thrust_n),
        "loads_w": {name: load.demand_w for name, load in loads.items()},
        "nodes": [] if vehicle.thermal is None else list(vehicle.thermal.names),
        "ports": list(config.port_names),
        "drive": vehicle.drive is not None,
        "comms": vehicle.comms is not None,
    }


def _lines(file: str, config: VehicleConfig) -> list[str]:
    vehicle = Vehicle(config)
    loads = {} if vehicle.power is None else vehicle.power.loads
    has = {"drive": vehicle.drive is not None, "comms": vehicle.comms is not None}
    lists = {
        "loads": [f"{name} {load.demand_w:g} W" for name, load in loads.items()],
        "nodes of heat": () if vehicle.thermal is None else vehicle.thermal.names,
        "ports": config.port_names,
        "besides": [name for name, is_there in has.items() if is_there],
    }
    first = (
        f"{file}: OK: {config.dry_mass_kg:g} kg and {config.propellant_kg:g} kg of propellant, "
        f"{len(config.thrust_n)} thrusters"
    )
    return [first, *(f"  {name}: {', '.join(words)}" for name, words in lists.items() if words)]
