"""Many runs of a scenario, their means and how sure these are."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from qiki._core import CompiledModel
from qiki.errors import SettingError
from qiki.evaluation.interval import CONFIDENCE, ROUGH_BELOW, Interval, confidence_interval
from qiki.evaluation.registration import lines_of, over_runs
from qiki.evaluation.scenario_run import SERIES, RunScore, Scoring, score_run
from qiki.radar import Scenario
from qiki.tracking import RegistrationConfig, TrackerConfig, object_types_for

MAX_RUNS = 100_000
MAX_DURATION_S = 1e8
_SEEDS = 1 << 64

# What a figure may be where that is not 0 to infinity.
_POSSIBLE = {
    "completeness": (0.0, 1.0),
    "spuriousness": (0.0, 1.0),
    "longest_segment": (0.0, 1.0),
    "ambiguity": (1.0, math.inf),
    "tracks_per_target": (1.0, math.inf),
}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ScenarioEvaluation:
    """Score of a tracker on a scenario.

    Attributes
    ----------
    scenario : str
        Its name.
    seed, runs : int
        Run k has the seed ``seed + k``.
    duration_s, settle_s, cutoff_m, p : float
        As in `Scoring`.
    plane : bool
        Whether heights were left out, as of `evaluate_scenario`.
    frames_per_run : int
        Frames of each run.
    late_frames_per_run : dict of int
        Those of them that came too late for the tracker, by the name of each sensor.
    metrics : dict of Interval
        Means over the runs with 95 % confidence intervals (Student t). ``docs/evaluation.md`` says
        what each is.
    per_run : dict of (runs,) float64
        The same figures run by run, to compare settings of the tracker on the same draws; NaN where
        a run has none.
    time_s : (k,) float64
        Times of the pictures [s].
    series : dict of (runs, k) float64
        GOSPA, its parts and OSPA at these times [m].
    registration : dict
        By the name of each sensor whose biases were sought: ``runs``, ``aligned_runs``, and over
        these ``rms_error`` and ``rms_std`` by the name of each bias.
    """

    scenario: str
    seed: int
    runs: int
    duration_s: float
    settle_s: float
    cutoff_m: float
    p: float
    plane: bool
    frames_per_run: int
    late_frames_per_run: dict[str, int]
    metrics: dict[str, Interval]
    per_run: dict[str, Floats]
    time_s: Floats
    series: dict[str, Floats]
    registration: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the series, ready for JSON."""
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "runs": self.runs,
            "duration_s": self.duration_s,
            "settle_s": self.settle_s,
            "cutoff_m": self.cutoff_m,
            "p": self.p,
            "plane": self.plane,
            "frames_per_run": self.frames_per_run,
            "late_frames_per_run": self.late_frames_per_run,
            "confidence": CONFIDENCE,
            "interval": "Student t over runs",
            "metrics": {name: interval.to_dict() for name, interval in self.metrics.items()},
            "per_run": {name: _known(values) for name, values in self.per_run.items()},
            **({"registration": self.registration} if self.registration else {}),
        }

    def table(self) -> str:
        """Return a line on the runs and one for each metric."""
        width = max(map(len, self.metrics))
        lines = [
            f"{self.scenario}: {self.runs} runs of {self.duration_s:g} s from seed {self.seed}, "
            f"{self.frames_per_run} frames each, {self._late()}; "
            f"cutoff {self.cutoff_m:g} m, p {self.p:g}",
            *([f"scored from {self.settle_s:g} s on"] if self.settle_s else []),
            *(["in the horizontal plane: heights are left out"] if self.plane else []),
            f"{'':{width}}  {'mean':>10}  {100 * CONFIDENCE:g} % confidence (Student t over runs"
            + (f"; rough: fewer than {ROUGH_BELOW})" if self.runs < ROUGH_BELOW else ")"),
        ]
        for name, it in self.metrics.items():
            limits = "-" if np.isnan(it.low) else f"{it.low:.4g} to {it.high:.4g}"
            mean = "-" if np.isnan(it.mean) else f"{it.mean:.4g}"
            lines.append(f"{name:{width}}  {mean:>10}  {limits}")
        return "\n".join(lines + lines_of(self.registration))

    def _late(self) -> str:
        late = {name: frames for name, frames in self.late_frames_per_run.items() if frames}
        return (
            ", ".join(f"{frames} of {name} too late" for name, frames in late.items()) or "0 late"
        )


def evaluate_scenario(
    scenario: Scenario,
    *,
    runs: int = 10,
    seed: int | None = None,
    duration_s: float = 60.0,
    settle_s: float = 0.0,
    cutoff_m: float = 200.0,
    p: float = 2.0,
    config: TrackerConfig | None = None,
    models: Sequence[CompiledModel] = (),
    sr_threshold_m: float | None = None,
    plane: bool | None = None,
    registration: RegistrationConfig | None = None,
    progress: Callable[[int, float], None] = lambda _run, _time_s: None,
) -> ScenarioEvaluation:
    """Run a scenario several times and score the tracker against the truth.

    Parameters
    ----------
    scenario : Scenario
    runs : int
        How many, 1 to 100000; an interval takes two.
    seed : int, optional
        Of the first run, the next ones count on from it; None takes the scenario's.
    duration_s : float
        Length of each run [s], 0 to 1e8.
    settle_s : float
        Time at the begin of each run that the metrics leave out [s], up to its length: no track
        can be confirmed in the first frame. The series have it.
    cutoff_m, p : float
        Distance from which a track is not that of a target [m], and the order of the metrics; as of
        `qiki.metrics.gospa`.
    config : TrackerConfig, optional
        None takes the defaults with the scenario's friendly and hostile identities and its object
        types, else the standard ones.
    models : sequence of UserModel
        Those that the scenario names.
    sr_threshold_m : float, optional
        As of `qiki.radar.Radar`.
    plane : bool, optional
        Compare positions and velocities in the horizontal plane; None does where no sensor measures
        elevation, for the heights of the tracks are then assumed.
    registration : RegistrationConfig, optional
        Sensors whose biases are sought in the same frames, to be compared with the scenario's;
        the tracks are scored without what is found, so `apply` must be false.
    progress : callable
        Is told the number of the run, from 0, and the time of each picture [s].

    Returns
    -------
    ScenarioEvaluation

    Raises
    ------
    qiki.errors.SettingError
        An argument outside its limits.
    qiki.errors.ModelError
        A user's model answered what it must not.
    """
    if not 1 <= runs <= MAX_RUNS:
        raise SettingError(f"runs is {runs}, must be 1 to {MAX_RUNS}: give another number")
    if not 0.0 <= duration_s <= MAX_DURATION_S:
        raise SettingError(
            f"duration_s is {duration_s}, must be 0 to {MAX_DURATION_S:g}: give the length of a run"
        )
    if not 0.0 <= settle_s <= duration_s:
        raise SettingError(
            f"settle_s is {settle_s}, must be 0 to duration_s, {duration_s:g}: leave out less, or "
            "make the runs longer"
        )
    if registration is not None and registration.apply:
        raise SettingError(
            "registration.apply is true, must be false: the tracks are scored without what is found"
        )
    scoring = Scoring(
        duration_s=duration_s,
        settle_s=settle_s,
        cutoff_m=cutoff_m,
        p=p,
        config=config or _config_for(scenario),
        models=models,
        sr_threshold_m=sr_threshold_m,
        plane=_is_flat(scenario) if plane is None else plane,
        registration=registration,
    )
    first = scenario.seed if seed is None else seed
    scores = [
        score_run(scenario, (first + run) % _SEEDS, scoring, partial(progress, run))
        for run in range(runs)
    ]
    return _evaluation(scenario.name, first, scoring, scores)


def _known(values: Floats) -> list[float | None]:
    """Numbers for JSON, which has no NaN."""
    return [None if np.isnan(value) else float(value) for value in values]


def _config_for(scenario: Scenario) -> TrackerConfig:
    return TrackerConfig(
        friendly_ids=scenario.friendly_ids,
        hostile_ids=scenario.hostile_ids,
        object_types=object_types_for(scenario),
    )


def _is_flat(scenario: Scenario) -> bool:
    return not any(sensor.measures_elevation for sensor in scenario.sensors)


def _interval(name: str, values: Floats) -> Interval:
    least, most = _POSSIBLE.get(name, (0.0, math.inf))
    return confidence_interval(values, least=least, most=most)


def _evaluation(
    name: str, seed: int, scoring: Scoring, scores: Sequence[RunScore]
) -> ScenarioEvaluation:
    per_run = {n: np.array([score.metrics[n] for score in scores]) for n in scores[0].metrics}
    return ScenarioEvaluation(
        scenario=name,
        seed=seed,
        runs=len(scores),
        duration_s=scoring.duration_s,
        settle_s=scoring.settle_s,
        cutoff_m=scoring.cutoff_m,
        p=scoring.p,
        plane=scoring.plane,
        frames_per_run=scores[0].frames,
        late_frames_per_run=scores[0].late_frames,
        metrics={n: _interval(n, values) for n, values in per_run.items()},
        per_run=per_run,
        time_s=scores[0].time_s,
        series={n: np.array([score.series[n] for score in scores]) for n in SERIES},
        registration=over_runs([score.registration for score in scores]),
    )
