"""``qiki evaluate``."""

import json
from pathlib import Path
from typing import cast

import click

from qiki.commands import evaluate_scenario
from qiki.commands.options import (
    FiniteRange,
    aircraft_tracker,
    config_option,
    json_option,
    load_settings,
    radar_models_option,
    setting_option,
)
from qiki.commands.recording_options import Source, read_recording, recording_options
from qiki.evaluation.scenario import MAX_DURATION_S, MAX_RUNS
from qiki.recording import AsterixRecording, evaluate_recording
from qiki.recording.asterix import Identity
from qiki.serve.tracker_config import require_no_registration, tracker_config
from qiki.setting_layers import LoadedSettings


@click.command()
@click.argument("file", required=False)
@config_option
@click.option(
    "--identity",
    type=click.Choice(["withheld", "used"]),
    help="Whether a recording's plots keep their identity, by which the tracker associates, too. "
    "[default: withheld]",
)
@recording_options
@click.option("--scenario", metavar="NAME|FILE", help="Score on this world instead of a recording.")
@radar_models_option
@click.option("--runs", type=click.IntRange(1, MAX_RUNS), metavar="N", help="[default: 10]")
@setting_option(
    "radar.seed", "--seed", type=int, help="Of the first run, the next count on; the scenario's."
)
@click.option(
    "--duration",
    type=FiniteRange(min=0, min_open=True, max=MAX_DURATION_S),
    metavar="SECONDS",
    help="Length of each run. [default: 60]",
)
@click.option(
    "--settle",
    type=FiniteRange(min=0, max=MAX_DURATION_S),
    metavar="SECONDS",
    help="Begin of each run that counts for nothing: no track is confirmed there. [default: 0]",
)
@click.option(
    "--cutoff",
    type=FiniteRange(1e-12, 1e12),
    metavar="METRES",
    help="Distance from which a track is not that of a target. [default: 200]",
)
@click.option(
    "--p", type=FiniteRange(1, 100), metavar="P", help="Order of GOSPA and OSPA. [default: 2]"
)
@click.option(
    "--plane/--no-plane",
    default=None,
    help="Leave heights out of the score. [default: where no sensor measures elevation]",
)
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.png",
    help="Draw GOSPA and its parts over time; needs the extra plot (matplotlib).",
)
@setting_option(
    "tracker.preset",
    "--preset",
    metavar="NAME",
    help="Named tracker parameters: default or air_surveillance, which recordings take unless set.",
)
@json_option
def command(
    *,
    file: str | None,
    config: str | None,
    identity: str | None,
    source: Source | None,
    rotation_period: float | None,
    scenario: str | None,
    runs: int | None,
    duration: float | None,
    settle: float | None,
    cutoff: float | None,
    p: float | None,
    plane: bool | None,
    plot: Path | None,
    as_json: bool,
    **flags: object,
) -> None:
    """Score the tracker on a recording or on a scenario.

    FILE is ASTERIX CAT048, as .ast or pcap: the tracker gets the frames of `qiki replay`, clock
    frames included, and is scored against the addresses of the plots. With --scenario it gets the
    frames of simulated radars, in several runs with different draws, and is scored against the
    truth: GOSPA, OSPA, SIAP and NEES with 95 % confidence intervals over the runs (Student t).
    docs/evaluation.md says what each figure means. The tracker runs in this process.
    """
    options = evaluate_scenario.ScenarioOptions(
        runs=runs,
        duration=duration,
        settle=settle,
        cutoff=cutoff,
        p=p,
        plane=plane,
        plot=plot,
    )
    if scenario is not None:
        if any(word is not None for word in (file, identity, source, rotation_period)):
            raise click.UsageError(
                "FILE, --identity, --source and --rotation-period belong to a recording, "
                "--scenario to a simulation: give one"
            )
        settings = load_settings(config, {**flags, "radar__scenario": scenario}).settings
        evaluate_scenario.run(settings, options, as_json=as_json)
        return
    if file is None:
        raise click.UsageError("FILE is missing: give a recording, or --scenario NAME")
    given = [flags["radar__models"], flags["radar__seed"], plot, *options.arguments()]
    if any(option is not None for option in given):
        raise click.UsageError(
            "--models, --runs, --seed, --duration, --settle, --cutoff, --p, --plane and --plot "
            "need --scenario"
        )
    loaded = load_settings(config, flags)
    require_no_registration(loaded.settings.tracker)
    recording = read_recording(file, source=source, rotation_period_s=rotation_period)
    _score_recording(recording, identity or "withheld", loaded, as_json=as_json)


def _score_recording(
    recording: AsterixRecording, identity: str, loaded: LoadedSettings, *, as_json: bool
) -> None:
    result = evaluate_recording(
        recording,
        identity=cast("Identity", identity),
        config=tracker_config(aircraft_tracker(loaded)),
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
