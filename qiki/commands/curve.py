"""``qiki curve``."""

import json
from typing import NamedTuple

import click
import numpy as np
import numpy.typing as npt

from qiki._core import CompiledModel
from qiki.commands.options import FiniteRange, json_option, models_option
from qiki.errors import SettingError
from qiki.models import models_for
from qiki.radar import Scenario, ScenarioSensor, detection_probability
from qiki.radar.detection_plot import DetectionCurves, save_plot

_POINTS_LIMIT = 100_000
_SNR_LIMITS_DB = (-5.0, 20.0)
_LEAST_ASKED_DB = -200.0  # as the radar asks
_RCS_LIMITS_DBSM = (-100.0, 100.0)  # as in scenarios


class _Detector(NamedTuple):
    """What decides whether there is a target."""

    false_alarm_probability: float
    pulses: int


@click.command()
@click.option(
    "--pfa", type=FiniteRange(), metavar="P", help="Probability of a false alarm. [default: 1e-6]"
)
@click.option(
    "--pulses", type=int, metavar="N", help="Pulses integrated non-coherently. [default: 1]"
)
@click.option(
    "--swerling",
    type=click.IntRange(0, 4),
    multiple=True,
    default=(1,),
    show_default=True,
    help="Swerling case; may be given several times, for one column each.",
)
@click.option(
    "--scenario",
    metavar="FILE",
    help="Take a radar of this scenario (name or file), its --pfa and --pulses: Pd over range.",
)
@click.option("--sensor", metavar="NAME", help="That radar; with one radar it may be left out.")
@click.option(
    "--rcs-dbsm",
    type=FiniteRange(*_RCS_LIMITS_DBSM),
    metavar="X",
    help="Mean radar cross section there. [default: 0]",
)
@models_option
@click.option(
    "--range-rate",
    "range_rate_m_s",
    type=FiniteRange(),
    metavar="X",
    help="Of the target [m/s], for the canceller and a model of the detection probability. Without "
    "it the canceller's mean gain, 1, counts, and the model is asked for 0. The limit of the "
    "radar's range rate is left out.",
)
@click.option(
    "--from", "start", type=FiniteRange(), metavar="X", help="First SNR [dB] or range [m]."
)
@click.option("--to", "end", type=FiniteRange(), metavar="X", help="Last SNR [dB] or range [m].")
@click.option(
    "--points",
    type=click.IntRange(2, _POINTS_LIMIT),
    default=26,
    show_default=True,
    help="Rows of the table.",
)
@click.option(
    "--plot", metavar="FILE.png", help="Draw it as well; needs the extra plot (matplotlib)."
)
@json_option
def command(
    *,
    pfa: float | None,
    pulses: int | None,
    swerling: tuple[int, ...],
    scenario: str | None,
    sensor: str | None,
    rcs_dbsm: float | None,
    models: str | None,
    range_rate_m_s: float | None,
    start: float | None,
    end: float | None,
    points: int,
    plot: str | None,
    as_json: bool,
) -> None:
    """Print the probability of detection over the SNR of a pulse, or over range.

    The SNR is the mean one of a single pulse. docs/radar.md has the equations. Where a model of
    yours gives the probability (docs/models.md), it is shown beside the detector's own curve. The
    curve is the detector's: it goes on where coverage, horizon and filter bank would end it.
    """
    if scenario is None:
        if (sensor, rcs_dbsm, models, range_rate_m_s) != (None,) * 4:
            raise click.UsageError(
                "--sensor, --rcs-dbsm, --models and --range-rate need --scenario"
            )
        detector = _Detector(1e-6 if pfa is None else pfa, 1 if pulses is None else pulses)
        snr_db = _grid(start, end, points, _SNR_LIMITS_DB)
        curves = _curves(detector, swerling, snr_db, None)
    else:
        if pfa is not None or pulses is not None:
            raise click.UsageError("--pfa and --pulses are the scenario's: leave them out")
        scene = Scenario.load(scenario)
        radar = _sensor_of(scene, sensor)
        limits_m = (max(radar.coverage.min_range_m, 1.0), radar.coverage.max_range_m)
        range_m = _grid(start, end, points, limits_m)
        if range_m[0] < 0.0:
            raise SettingError(f"--from is {range_m[0]}, must be at least 0 m: give a range")
        snr_db = radar.mean_snr_db(range_m, rcs_dbsm=0.0 if rcs_dbsm is None else rcs_dbsm)
        if radar.waveform is not None and range_rate_m_s is not None:
            gain_db = radar.waveform.canceller_gain_db(range_rate_m_s)
            snr_db = np.maximum(snr_db + gain_db, _LEAST_ASKED_DB)
        detector = _Detector(radar.false_alarm_probability, radar.pulses)
        curves = _curves(detector, swerling, snr_db, range_m)
        model = _detection_model(scene, radar, models)
        if model is not None:
            asked_db = np.maximum(snr_db, _LEAST_ASKED_DB)
            columns = (asked_db, range_m, np.full(points, range_rate_m_s or 0.0))
            curves.detection_probability[model.name] = model.values(*columns)
    if plot is not None:
        save_plot(curves, plot)
    click.echo(json.dumps(curves.to_dict()) if as_json else curves.table())


def _grid(
    start: float | None, end: float | None, points: int, limits: tuple[float, float]
) -> npt.NDArray[np.float64]:
    first, last = limits[0] if start is None else start, limits[1] if end is None else end
    if not first < last:
        raise SettingError(f"--to is {last}, must be above --from {first}: give a larger end")
    return np.linspace(first, last, points)


def _detection_model(
    scenario: Scenario, sensor: ScenarioSensor, module: str | None
) -> CompiledModel | None:
    """Give the model of the sensor's probability of detection, None where it has none."""
    models = {model.name: model for model in models_for(scenario, module)}
    name = sensor.detection_probability_model
    return None if name is None else models[name]


def _sensor_of(scenario: Scenario, name: str | None) -> ScenarioSensor:
    sensors = scenario.sensors
    names = [sensor.name for sensor in sensors]
    if name is None and len(names) > 1:
        raise click.UsageError(f"--sensor is missing: give one of {', '.join(names)}")
    if name is not None and name not in names:
        raise SettingError(f"--sensor is {name}, must be one of {', '.join(names)}: give that name")
    return sensors[0 if name is None else names.index(name)]


def _curves(
    detector: _Detector,
    swerling: tuple[int, ...],
    snr_db: npt.NDArray[np.float64],
    range_m: npt.NDArray[np.float64] | None,
) -> DetectionCurves:
    found = {
        f"swerling_{case}": detection_probability(snr_db, swerling=case, **detector._asdict())
        for case in swerling
    }
    return DetectionCurves(*detector, snr_db, range_m, found)
