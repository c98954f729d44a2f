"""What ``qiki scenario check`` says of one scenario."""

import math
from dataclasses import dataclass

from qiki.commands.documents import problem_dict, problem_lines
from qiki.errors import ScenarioError, SettingError
from qiki.models import models_for
from qiki.radar import Scenario, ScenarioClutter, ScenarioSensor


@dataclass(frozen=True)
class Report:
    """A scenario that can be used, or what is wrong with one.

    Attributes
    ----------
    file : as the command line names it.
    scenario : None where it cannot be used.
    error : None where it can.
    """

    file: str
    scenario: Scenario | None
    error: ScenarioError | None

    @property
    def is_ok(self) -> bool:
        """Whether the scenario can be used."""
        return self.error is None

    def to_text(self) -> str:
        """Give it as lines for people and editors."""
        if self.error is not None:
            return "\n".join(problem_lines(self.file, self.error))
        return "\n".join(self._summary_lines())

    def to_dict(self) -> dict[str, object]:
        """Give it as a JSON object."""
        if self.error is not None:
            return problem_dict(self.file, self.error)
        scenario = self._usable()
        return {
            "file": self.file,
            "ok": True,
            "name": scenario.name,
            "sensors": [_sensor_dict(sensor) for sensor in scenario.sensors],
            "targets": len(scenario.targets),
            "clutter": [_clutter_dict(source) for source in scenario.clutter],
            "scripted_until_s": scripted_until_s(scenario),
            "repeats": _repeats(scenario),
            "models": [{"kind": kind, "name": name} for kind, name in scenario.needed_models],
        }

    def _usable(self) -> Scenario:
        assert self.scenario is not None  # noqa: S101 - there is no error
        return self.scenario

    def _summary_lines(self) -> list[str]:
        scenario = self._usable()
        until_s = scripted_until_s(scenario)
        script = f"scripted until {until_s:g} s" if until_s else "nothing scripted"
        repeats = ", with paths that repeat" if _repeats(scenario) else ""
        counts = f"{_count(scenario.sensors, 'sensor')}, {_count(scenario.targets, 'target')}"
        lines = [f"{self.file}: OK: {counts}, {script}{repeats}"]
        lines += [f"  {_sensor_text(sensor)}" for sensor in scenario.sensors]
        lines += [f"  {clutter_text(source)}" for source in scenario.clutter]
        return lines + ([f"  {text}"] if (text := needed_text(scenario)) else [])


def report_of(file: str, models: str | None = None) -> Report:
    """Check one scenario, by path or built-in name; with a module its models, too."""
    try:
        scenario = Scenario.load(file)
        if models is not None:
            models_for(scenario, models)
    except ScenarioError as error:
        return Report(file, None, error)
    except SettingError as error:
        return Report(file, None, ScenarioError([("", None, str(error))], 0, file))
    return Report(file, scenario, None)


def needed_text(scenario: Scenario) -> str:
    """Say which models a scenario needs; nothing where it needs none."""
    needed = ", ".join(f"{name} ({kind})" for kind, name in scenario.needed_models)
    return f"needs models: {needed}" if needed else ""


def scripted_until_s(scenario: Scenario) -> float:
    """Time of the last scripted change, but for paths that repeat for ever; 0 without one [s]."""
    times_s = (target.scripted_until_s for target in scenario.targets)
    return max((time_s for time_s in times_s if math.isfinite(time_s)), default=0.0)


def _repeats(scenario: Scenario) -> bool:
    return any(math.isinf(target.scripted_until_s) for target in scenario.targets)


def _count(things: tuple[object, ...], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def _sensor_text(sensor: ScenarioSensor) -> str:
    volume = sensor.coverage
    end_deg = volume.bearing_start_deg + volume.bearing_extent_deg
    return (
        f"{sensor.name}: every {sensor.period_ns / 1e9:g} s, "
        f"{volume.min_range_m:g} to {volume.max_range_m:g} m, "
        f"bearings {volume.bearing_start_deg:g} to {end_deg:g} deg, "
        f"elevations {volume.min_elevation_deg:g} to {volume.max_elevation_deg:g} deg, "
        f"SR to {sensor.sr_threshold_m:g} m, {false_alarms_text(sensor)}"
    )


def false_alarms_text(sensor: ScenarioSensor) -> str:
    """Say how many false alarms a radar has."""
    text = f"{sensor.false_alarms_per_frame:.3g} false alarms per frame"
    if sensor.fruit_plots_per_frame:
        text += f", {sensor.fruit_plots_per_frame:.3g} plots of replies to others"
    return text


def clutter_text(source: ScenarioClutter) -> str:
    """Say how much clutter a source makes."""
    # What a model gives is known only to the model.
    most = "at most " if source.density_model is not None else ""
    return (
        f"clutter {source.name}: {source.kind}, up to {source.largest_density_per_km2:g} plots "
        f"per km2, {most}{source.mean_count:.3g} in all of it"
    )


def _clutter_dict(source: ScenarioClutter) -> dict[str, object]:
    west_m, south_m, east_m, north_m = source.bounds_m
    return {
        "name": source.name,
        "kind": source.kind,
        "bounds_m": {"west": west_m, "south": south_m, "east": east_m, "north": north_m},
        "largest_density_per_km2": source.largest_density_per_km2,
        "mean_count": source.mean_count,
    }


def _sensor_dict(sensor: ScenarioSensor) -> dict[str, object]:
    volume = sensor.coverage
    return {
        "name": sensor.name,
        "sensor_id": sensor.sensor_id,
        "period_s": sensor.period_ns / 1e9,
        "coverage": {
            "min_range_m": volume.min_range_m,
            "max_range_m": volume.max_range_m,
            "bearing_start_deg": volume.bearing_start_deg,
            "bearing_extent_deg": volume.bearing_extent_deg,
            "min_elevation_deg": volume.min_elevation_deg,
            "max_elevation_deg": volume.max_elevation_deg,
        },
        "sr_threshold_m": sensor.sr_threshold_m,
        "false_alarms_per_frame": sensor.false_alarms_per_frame,
        "fruit_plots_per_frame": sensor.fruit_plots_per_frame,
    }
