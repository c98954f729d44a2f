"""``qiki command``."""

import asyncio
import json

import click
import msgspec

from qiki.bus.command_message import CommandRefused, Scalar
from qiki.bus.command_request import CommandAnswer, new_command, request
from qiki.bus.connection import connected
from qiki.commands.options import (
    bot_option,
    config_option,
    json_option,
    of_bot,
    setting_option,
    started_with,
)
from qiki.settings import Settings


def _parameters(
    _ctx: click.Context, parameter: click.Parameter, words: tuple[str, ...]
) -> dict[str, Scalar]:
    """Return KEY=VALUE words by key; values are JSON where they can be, else text."""
    found: dict[str, Scalar] = {}
    for word in words:
        key, sign, text = word.partition("=")
        if not (key and sign) or key in found:
            raise click.BadParameter(f"{word} must be KEY=VALUE, each key once", param=parameter)
        found[key] = _value(text)
    return found


def _value(text: str) -> Scalar:
    try:
        return msgspec.json.decode(text.encode(), type=str | int | float | bool | None)
    except msgspec.DecodeError:
        return text


@click.command()
@click.argument("name")
@click.argument("parameters", nargs=-1, metavar="[KEY=VALUE]...", callback=_parameters)
@config_option
@setting_option("nats.url", "--nats", metavar="URL", help="Broker to store the command on.")
@bot_option
@json_option
def command(
    name: str,
    parameters: dict[str, Scalar],
    config: str | None,
    bot: int | None,
    *,
    as_json: bool,
    **flags: object,
) -> None:
    """Ask the running simulator for something.

    The command is stored, acted on, and answered with the sequence it is stored under.

    \b
    sim.pause                    the world's clock stands still
    sim.start [speed=1]          it goes on
    sim.stop, sim.reset          it ends, begins anew
    sim.step duration_s=SECONDS  it goes on for so long
    sim.rcs.fire axis=AXIS pct=PERCENT duration_s=SECONDS
                                 the vehicle's thrusters push; sim.rcs.stop ends it
    sim.drive.set left_pct=PERCENT right_pct=PERCENT [duration_s=SECONDS]
                                 its wheels turn; sim.drive.stop ends it
    sim.drive.turn angle_deg=DEGREES
                                 it turns by an angle
    sim.dock.engage port=PORT    that port docks at the scenario's station; sim.dock.release ends it
    sim.xpdr.mode mode=MODE      the transponder is ON, OFF, SILENT or SPOOF
    power.dock.on, .off          a station's power, while docked
    sim.radar.off [sensor=NAME]  a radar falls silent
    sim.radar.on [sensor=NAME]   it looks again
    sim.radar.fault fault=KIND   something goes wrong with it: stuck, off, bias, noisy, clock_jump,
                                 late, duplicated or reordered, with the values that
                                 docs/radar-faults.md lists; duration_s=SECONDS ends it
    sim.radar.repair             its faults end

    docs/control.md has all of them.
    """  # noqa: D301 - click's mark for lines that are not to be joined
    settings = of_bot(started_with(config, flags).settings, bot)
    answer = asyncio.run(_ask(settings, name, parameters))
    if as_json:
        click.echo(json.dumps(answer.message, allow_nan=False))
    if answer.refusal is not None:
        raise CommandRefused(
            str(answer.message.get("error")),
            f"{name}, stored as sequence {answer.sequence}, was not carried out: {answer.refusal}",
        )
    if not as_json:
        but = "" if answer.note is None else f", but {answer.note}"
        click.echo(f"{name}: carried out{but}, stored as sequence {answer.sequence}")


async def _ask(settings: Settings, name: str, parameters: dict[str, Scalar]) -> CommandAnswer:
    command = new_command(name, parameters, source="qiki command")
    async with connected(settings.nats, "qiki-command") as client:
        return await request(client, settings, command)
