"""``qiki evaluate --scenario``: score the tracker on simulated radars."""

import json
from contextlib import closing
from pathlib import Path
from typing import TypedDict, cast

import click
import msgspec

from qiki.evaluation import ScenarioEvaluation, evaluate_scenario
from qiki.models import models_for
from qiki.radar import Scenario
from qiki.serve.live_line import LiveLine
from qiki.serve.tracker_config import (
    registration_config,
    require_sensors_of,
    tracker_config,
    with_parameters_of,
)
from qiki.settings import Settings


class RunArguments(TypedDict, total=False):
    """Those arguments of `evaluate_scenario` that the command line may give."""

    runs: int
    duration_s: float
    settle_s: float
    cutoff_m: float
    p: float
    plane: bool


class ScenarioOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options that only a scenario takes; None where they were not given."""

    runs: int | None
    duration: float | None
    settle: float | None
    cutoff: float | None
    p: float | None
    plane: bool | None
    plot: Path | None

    def arguments(self) -> RunArguments:
        """Return those that were given, as arguments of `evaluate_scenario`."""
        given = {
            "runs": self.runs,
            "duration_s": self.duration,
            "settle_s": self.settle,
            "cutoff_m": self.cutoff,
            "p": self.p,
            "plane": self.plane,
        }
        return cast("RunArguments", {k: value for k, value in given.items() if value is not None})


def run(settings: Settings, options: ScenarioOptions, *, as_json: bool) -> None:
    """Score the tracker on the scenario of the settings, and print the result."""
    scenario = Scenario.load(settings.radar.scenario)
    if options.plot is not None:
        # Imported here, so that the others do without matplotlib; before the runs, so that none
        # is made in vain.
        from qiki.evaluation.plot import check_plot_file, save_evaluation  # noqa: PLC0415

        check_plot_file(options.plot)
    evaluation = _evaluated(scenario, settings, options)
    click.echo(json.dumps(evaluation.to_dict(), allow_nan=False) if as_json else evaluation.table())
    if options.plot is not None:
        save_evaluation(evaluation, options.plot)


def _evaluated(
    scenario: Scenario, settings: Settings, options: ScenarioOptions
) -> ScenarioEvaluation:
    require_sensors_of(scenario, settings.tracker)
    config = tracker_config(with_parameters_of(scenario, settings.tracker))
    with closing(LiveLine()) as screen:
        return evaluate_scenario(
            scenario,
            seed=settings.radar.seed,
            config=config,
            registration=registration_config(settings.tracker),
            models=models_for(scenario, settings.radar.models),
            sr_threshold_m=settings.radar.sr_threshold_m,
            progress=lambda run, time_s: screen.show(f"run {run + 1}, {time_s:.1f} s"),
            **options.arguments(),
        )
