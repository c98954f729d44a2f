"""Options of the commands that read a recording, and how they read it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from qiki.commands.options import Command, FiniteRange
from qiki.errors import SettingError
from qiki.recording import AsterixRecording, read_asterix

Source = tuple[int, int]


def _source(_ctx: click.Context, parameter: click.Parameter, value: str | None) -> Source | None:
    """Read the system area code and the system identification code of a radar, a byte each."""
    if value is None:
        return None
    codes = re.fullmatch(r"([0-9]{1,3})/([0-9]{1,3})", value)
    if codes is None or max(map(int, codes.groups())) > 255:
        raise click.BadParameter(
            f"{value} is no SAC/SIC, two numbers from 0 to 255 as 20/160", param=parameter
        )
    return int(codes[1]), int(codes[2])


def recording_options(command: Command) -> Callable[..., Any]:
    """Give a command ``source`` and ``rotation_period``, for `read_recording`."""
    source = click.option(
        "--source",
        callback=_source,
        metavar="SAC/SIC",
        help="Radar of the recording; needed where it holds the plots of several.",
    )
    rotation_period = click.option(
        "--rotation-period",
        type=FiniteRange(min=0, min_open=True),
        metavar="SECONDS",
        help="Time of the radar's turn; needed where neither messages nor plots tell it.",
    )
    return source(rotation_period(command))


def read_recording(
    file: str, *, source: Source | None, rotation_period_s: float | None
) -> AsterixRecording:
    """Read a recording that the command line names.

    Raises
    ------
    SettingError : a file that cannot be read, or an option that it makes necessary.
    DecodeError : bytes that are no ASTERIX.
    """
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise SettingError(
            f"FILE is {file}, must be a recording that can be read: {error.strerror}"
        ) from error
    try:
        return read_asterix(data, source=source, rotation_period_s=rotation_period_s)
    except SettingError as error:
        raise SettingError(
            f"{error}; options are --source SAC/SIC and --rotation-period SECONDS"
        ) from error
