"""``qiki evaluate``."""

import json
from typing import cast

import click

from qiki.commands.options import (
    aircraft_tracker,
    config_option,
    json_option,
    load_settings,
    recorded_bytes,
    setting_option,
)
from qiki.recording import evaluate_recording
from qiki.recording.asterix import Identity
from qiki.serve.tracker_config import tracker_config


@click.command()
@click.argument("file")
@config_option
@click.option(
    "--identity",
    type=click.Choice(["withheld", "used"]),
    default="withheld",
    show_default=True,
    help="Whether plots keep their identity; the tracker carries it, it does not associate by it.",
)
@setting_option(
    "tracker.preset",
    "--preset",
    metavar="NAME",
    help="Named tracker parameters: air_surveillance (unless set) or default.",
)
@json_option
def command(
    file: str, config: str | None, identity: str, *, as_json: bool, **flags: object
) -> None:
    """Score the tracker on a recording, against the addresses of its plots.

    FILE is ASTERIX CAT048, as .ast or pcap. The tracker runs in this process and gets the frames of
    `qiki replay`, clock frames included.
    """
    settings = aircraft_tracker(load_settings(config, flags))
    result = evaluate_recording(
        recorded_bytes(file), identity=cast("Identity", identity), config=tracker_config(settings)
    ).to_dict()
    # No share of nothing: JSON has no NaN.
    result = {k: None if v != v else v for k, v in result.items()}  # noqa: PLR0124 - NaN differs
    if as_json:
        click.echo(json.dumps(result, allow_nan=False))
        return
    width = max(map(len, result))
    for name, value in result.items():
        click.echo(
            f"{name:{width}}  {value:.4g}"
            if isinstance(value, float)
            else f"{name:{width}}  {value}"
        )
