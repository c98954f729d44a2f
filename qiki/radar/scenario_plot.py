"""A picture of a scenario: the scene from above and from the side. Needs the extra ``plot``."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qiki._core import CompiledModel, Coverage, Radar, ScenarioSensor
from qiki.errors import SettingError
from qiki.radar.scenario import Scenario

MAX_IDS = 30
"""Most targets whose ids are written."""

_KM = 1e-3
_MAX_POINTS = 2_000_000
_MAX_TIMES = 241
_DEFAULT_DURATION_S = 60.0
_CLUTTER_PIXELS = 300
_OBJECT_TYPES = ("unspecified", "drone", "ship", "station", "asteroid", "debris")

Floats = npt.NDArray[np.float64]

try:
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure
    from matplotlib.patches import Circle, Polygon, Wedge
except ModuleNotFoundError as missing:
    raise SettingError(
        f"{missing.name} is missing, must be there to draw: pip install 'qiki[plot]'"
    ) from None


def draw_scenario(
    scenario: Scenario,
    *,
    duration_s: float | None = None,
    models: Sequence[CompiledModel] = (),
) -> Figure:
    """Draw a scenario from above, and its heights over the distance from its first radar.

    Parameters
    ----------
    scenario : Scenario
        What to draw.
    duration_s : float, optional
        How much of the paths, from time 0 [s]; None takes the time of the last scripted change,
        or a minute where nothing is scripted.
    models : sequence of UserModel
        Those that the scenario names.

    Returns
    -------
    matplotlib.figure.Figure
        Two axes in kilometres: east and north; ground distance and height. The artists have
        group ids: ``coverage:NAME``, ``sr_threshold:NAME`` and ``horizon:NAME`` of a radar,
        ``paths:TYPE`` and ``starts:TYPE`` of the targets of one object type, ``occluding:ID`` of a
        body that hides others, where it starts, ``clutter:NAME`` of a clutter source, the darker
        the denser.

    Raises
    ------
    qiki.errors.SettingError
        `models` are not those that the scenario names.
    qiki.errors.ModelError
        One answers what it must not.
    """
    sensors = range(len(scenario.sensors))
    radars = [Radar(scenario, sensor=index, models=models) for index in sensors]
    time_s = _times(scenario, duration_s)
    paths_m = _paths(radars[0], time_s)
    figure = Figure(figsize=(9, 11), layout="constrained")
    above, side = figure.subplots(2, 1, height_ratios=(3, 1))
    figure.suptitle(f"{scenario.name}, 0 to {time_s[-1]:g} s")
    _draw_clutter(above, scenario, models)
    _draw_above(above, scenario, radars, paths_m)
    _draw_side(side, scenario, _sensor_positions(radars[0], time_s), paths_m)
    return figure


def write_picture(figure: Figure, path: Path) -> None:
    """Write a figure to a file; the suffix says in which format.

    Raises
    ------
    qiki.errors.SettingError
        A suffix that is no format of a picture, or a place that cannot be written.
    """
    formats = sorted(figure.canvas.get_supported_filetypes())
    if path.suffix.lower().removeprefix(".") not in formats:
        raise SettingError(
            f"--output is {path}, must end with one of {', '.join(f'.{name}' for name in formats)}"
        )
    try:
        figure.savefig(path, dpi=120)
    except OSError as error:
        raise SettingError(
            f"--output is {path}, must be a file that can be written: {error.strerror}"
        ) from error


def _times(scenario: Scenario, duration_s: float | None) -> Floats:
    if duration_s is None:
        ends_s = (target.scripted_until_s for target in scenario.targets)
        duration_s = max((end_s for end_s in ends_s if math.isfinite(end_s)), default=0.0)
        duration_s = duration_s or _DEFAULT_DURATION_S
    per_target = _MAX_POINTS // max(1, len(scenario.targets))
    return np.linspace(0.0, duration_s, min(_MAX_TIMES, max(2, per_target)))


def _paths(radar: Radar, time_s: Floats) -> Floats:
    """Positions in the world, (times, targets, 3) [m]; NaN while a target is not there."""
    paths_m = np.empty((len(time_s), len(radar.target_names), 3))
    for row, time in zip(paths_m, time_s, strict=True):
        truth = radar.truth(round(time * 1e9))
        row[:] = np.where(truth.is_present[:, np.newaxis], truth.position_m, np.nan)
    return paths_m


def _sensor_positions(radar: Radar, time_s: Floats) -> Floats:
    """Positions of a radar in the world, (times, 3) [m]."""
    frames = (radar.clock_frame(0, round(time * 1e9)) for time in time_s)
    return np.array([frame.sensor_position_m for frame in frames])


def _draw_above(axes: Any, scenario: Scenario, radars: Sequence[Radar], paths_m: Floats) -> None:
    for index, sensor in enumerate(scenario.sensors):
        position_m = _sensor_positions(radars[index], np.zeros(1))[0]
        _draw_coverage(axes, sensor, position_m * _KM, f"C{index}")
        _draw_horizon(axes, scenario.horizon_radius_m, sensor.name, position_m, f"C{index}")
    for name, color, chosen in _by_type(scenario):
        _draw_paths(axes, paths_m[:, chosen, :2] * _KM, name, color)
    _draw_occluding(axes, scenario, _starts(paths_m))
    if len(scenario.targets) <= MAX_IDS:
        for target, start_m in zip(scenario.targets, _starts(paths_m), strict=True):
            if np.isfinite(start_m).all():
                place = (start_m[0] * _KM, start_m[1] * _KM)
                axes.annotate(target.id, place, (4, 4), textcoords="offset points", fontsize=7)
    axes.set(xlabel="east [km]", ylabel="north [km]", aspect="equal")
    axes.autoscale_view()
    axes.grid(alpha=0.3)
    axes.legend(loc="upper right", fontsize=8)


def _draw_clutter(axes: Any, scenario: Scenario, models: Sequence[CompiledModel]) -> None:
    """Draw the densities of all sources at time 0 as pictures with one scale."""
    by_name = {model.name: model for model in models}
    largest = max((source.largest_density_per_km2 for source in scenario.clutter), default=0.0)
    for source in scenario.clutter:
        west_m, south_m, east_m, north_m = source.bounds_m
        edges_m = [
            np.linspace(*ends, _CLUTTER_PIXELS + 1)
            for ends in ((west_m, east_m), (south_m, north_m))
        ]
        east, north = np.meshgrid(*(0.5 * (edge[:-1] + edge[1:]) for edge in edges_m))
        name = source.density_model
        model = None if name is None else by_name[name]
        density = source.density_per_km2(east, north, model=model)
        picture = axes.imshow(
            np.ma.masked_equal(density, 0.0),
            extent=np.multiply((west_m, east_m, south_m, north_m), _KM),
            origin="lower",
            cmap="Blues",
            vmin=-0.3 * largest,
            vmax=largest,
            alpha=0.6,
        )
        picture.set_gid(f"clutter:{source.name}")
        axes.annotate(
            source.name,
            (west_m * _KM, north_m * _KM),
            (2, 2),
            textcoords="offset points",
            fontsize=7,
            color="C0",
        )


def _draw_coverage(axes: Any, sensor: ScenarioSensor, position_km: Floats, color: str) -> None:
    volume = sensor.coverage
    center = (float(position_km[0]), float(position_km[1]))
    # Bearings run clockwise from north, matplotlib's angles counter-clockwise from east.
    last_deg = 90.0 - volume.bearing_start_deg
    first_deg = last_deg - volume.bearing_extent_deg
    reach_km, depth_km = volume.max_range_m * _KM, (volume.max_range_m - volume.min_range_m) * _KM
    wedge = Wedge(center, reach_km, first_deg, last_deg, width=depth_km, color=color, alpha=0.08)
    wedge.set(gid=f"coverage:{sensor.name}", label=f"coverage of {sensor.name}")
    axes.add_patch(wedge)
    axes.plot(*center, marker="^", color=color, linestyle="none", gid=f"radar:{sensor.name}")
    bearing = np.radians(
        np.linspace(0.0, volume.bearing_extent_deg, 181) + volume.bearing_start_deg
    )
    sr_km = min(sensor.sr_threshold_m, volume.max_range_m) * _KM
    arc_km = position_km[:2] + sr_km * np.stack([np.sin(bearing), np.cos(bearing)], axis=-1)
    label = f"SR threshold of {sensor.name}"
    axes.plot(*arc_km.T, "--", color=color, gid=f"sr_threshold:{sensor.name}", label=label)


def _draw_occluding(axes: Any, scenario: Scenario, starts_m: Floats) -> None:
    """Draw the spheres that hide what is behind them, where their bodies start."""
    for target, start_m in zip(scenario.targets, starts_m, strict=True):
        if target.occluding_radius_m is not None and np.isfinite(start_m).all():
            center = (float(start_m[0]) * _KM, float(start_m[1]) * _KM)
            body = Circle(center, target.occluding_radius_m * _KM, color="0.4", alpha=0.4)
            body.set_gid(f"occluding:{target.id}")
            axes.add_patch(body)


def _draw_horizon(
    axes: Any, radius_m: float | None, name: str, position_m: Floats, color: str
) -> None:
    """Draw where rays from a radar touch the ground."""
    if radius_m is None:
        return
    tangent_m2 = position_m @ position_m + 2.0 * radius_m * position_m[2]
    if tangent_m2 > 0.0:
        center = (float(position_m[0]) * _KM, float(position_m[1]) * _KM)
        ring = Circle(center, math.sqrt(tangent_m2) * _KM, fill=False, color=color, ls=":")
        ring.set(gid=f"horizon:{name}", label=f"horizon of {name} on the ground")
        axes.add_patch(ring)


def _draw_side(axes: Any, scenario: Scenario, own_m: Floats, paths_m: Floats) -> None:
    """Height over ground distance, both from the first radar as it moves."""
    away_m = paths_m - own_m[:, np.newaxis, :]
    side_m = np.stack([np.hypot(away_m[..., 0], away_m[..., 1]), away_m[..., 2]], axis=-1)
    for name, color, chosen in _by_type(scenario):
        _draw_paths(axes, side_m[:, chosen] * _KM, name, color)
    heights_km = side_m[..., 1][np.isfinite(side_m[..., 1])] * _KM
    sensor = scenario.sensors[0]
    outline = Polygon(_outline(sensor.coverage) * _KM, color="C0", alpha=0.08)
    outline.set_gid(f"coverage:{sensor.name}")
    axes.add_patch(outline)
    axes.set_xlim(0.0, 1.02 * sensor.coverage.max_range_m * _KM)
    if heights_km.size:
        # The coverage reaches far higher than most targets: show these.
        low_km, high_km = float(heights_km.min()), float(heights_km.max())
        margin_km = max(0.1, 0.1 * (high_km - low_km))
        axes.set_ylim(min(low_km, 0.0) - margin_km, max(high_km, 0.0) + margin_km)
    axes.set(
        xlabel=f"ground distance from {sensor.name} [km]", ylabel=f"height above {sensor.name} [km]"
    )
    axes.grid(alpha=0.3)


def _outline(volume: Coverage) -> Floats:
    """Give the searched volume in the vertical plane, (n, 2): distance and height [m]."""
    rise = np.radians(np.linspace(volume.min_elevation_deg, volume.max_elevation_deg, 91))
    unit = np.stack([np.cos(rise), np.sin(rise)], axis=-1)
    return np.concatenate([unit * volume.max_range_m, unit[::-1] * volume.min_range_m])


def _draw_paths(axes: Any, paths_km: Floats, name: str, color: str) -> None:
    """Draw the paths of one object type, (times, targets, 2), and where they start."""
    lines = LineCollection(list(np.swapaxes(paths_km, 0, 1)), colors=color, linewidths=0.8)
    lines.set_gid(f"paths:{name}")
    axes.add_collection(lines)
    starts = _starts(paths_km)
    axes.plot(*starts.T, ".", color=color, markersize=5, gid=f"starts:{name}", label=name)


def _starts(paths: Floats) -> Floats:
    """Give the first position at which each target is there, (targets, n); NaN without one."""
    first = np.isfinite(paths[..., 0]).argmax(axis=0)
    starts: Floats = paths[first, np.arange(paths.shape[1])]
    return starts


def _by_type(scenario: Scenario) -> Iterator[tuple[str, str, npt.NDArray[np.intp]]]:
    """Name, colour and indices of the targets of each object type that the scene has."""
    types = np.array([target.object_type for target in scenario.targets], dtype=np.intp)
    for number in np.unique(types):
        yield _OBJECT_TYPES[number], f"C{number + 3}", np.flatnonzero(types == number)
