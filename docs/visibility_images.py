"""Draw the pictures of docs/radar-visibility.md with QIKI's own answers (extra `plot`)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from qiki.radar import Radar, Scenario

_SENSOR: dict[str, Any] = {
    "name": "main",
    "scan": {"staring": {"period_s": 0.1}},
    "coverage": {"max_range_m": 200_000.0},
    "detection": {
        "reference_range_m": 60_000.0,
        "detection_probability": 0.9,
        "false_alarm_probability": 1e-6,
    },
    "range": {"resolution_m": 15.0, "floor_m": 1.0},
    "bearing": {"beamwidth_deg": 1.5},
}
_WAVEFORM = {"prf_hz": 700.0, "wavelength_m": 0.1}


def write_images(folder: Path) -> None:
    """Write all pictures into a folder."""
    for name, figure in [
        ("blind_speeds", blind_speeds()),
        ("horizon", horizon()),
        ("bias_fraction", bias_fraction()),
    ]:
        figure.savefig(folder / f"{name}.png", dpi=100)


def blind_speeds() -> Figure:
    """Gain of the canceller, and the probability of detection with it, over range rate."""
    speed_m_s = np.linspace(-80.0, 80.0, 1601)
    targets = [
        _target(f"v{index}", (0.0, 60_000.0, 0.0), (0.0, speed, 0.0))
        for index, speed in enumerate(speed_m_s)
    ]
    figure = Figure(figsize=(8, 6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    for delays in range(4):
        waveform = _WAVEFORM | {"canceller_delays": delays}
        radar = Radar(_scenario(targets, waveform=waveform))
        style = {"color": f"C{delays}", "label": f"n = {delays}"}
        found = radar.sensor.waveform
        if delays and found is not None:
            above.plot(speed_m_s, found.canceller_gain_db(speed_m_s), **style)
        below.plot(speed_m_s, radar.truth(0).detection_probability, **style)
    above.set(ylabel="gain [dB]", ylim=(-40.0, 10.0), title="0.1 m, 700 Hz: blind every 35 m/s")
    below.set(xlabel="range rate [m/s]", ylabel="probability of detection")
    for axes in (above, below):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, loc="lower right")
    return figure


def horizon() -> Figure:
    """Probability of detection over range, for heights of the target."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    range_m = np.linspace(2_000.0, 100_000.0, 2000)
    for index, height_m in enumerate((5.0, 20.0, 100.0, 200.0)):
        targets = [_target(f"r{k}", _above_ground(height_m, r)) for k, r in enumerate(range_m)]
        own_ship = {"motion": {"constant_velocity": {"position_m": [0.0, 0.0, 20.0]}}}
        for ground, style in [({}, "-"), (None, ":")]:
            radar = Radar(_scenario(targets, own_ship=own_ship, horizon=ground))
            probability = radar.truth(0).detection_probability
            label = f"{height_m:g} m over the ground" if ground is not None else None
            axes.plot(range_m * 1e-3, probability, style, color=f"C{index}", label=label)
    axes.set(xlabel="range [km]", ylabel="probability of detection")
    axes.set_title("radar 20 m over the origin; dotted: without a horizon")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return figure


def bias_fraction() -> Figure:
    """Errors of a few targets, frame by frame."""
    accuracy = {"resolution_m": 15.0, "floor_m": 1.0, "bias_fraction": 0.2}
    targets = [_target(f"t{k}", (0.0, 20_000.0 + 1000.0 * k, 0.0)) for k in range(4)]
    radar = Radar(_scenario(targets, range=accuracy))
    range_m = radar.truth(0).range_m
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    frames = [radar.frame(number) for number in range(60)]
    for target, name in enumerate(radar.target_names):
        plots = [frame.detections["range_m"][frame.truth == target] for frame in frames]
        points = [(k, plot[0] - range_m[target]) for k, plot in enumerate(plots) if len(plot)]
        axes.plot(*zip(*points, strict=True), ".-", lw=0.6, label=name)
    axes.set(xlabel="frame", ylabel="range error [m]", title="bias_fraction 0.2 of 15 m")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return figure


def _above_ground(height_m: float, arc_m: float) -> tuple[float, float, float]:
    radius_m = 6_371_000.0 * 4.0 / 3.0
    angle, from_centre_m = arc_m / radius_m, radius_m + height_m
    return 0.0, from_centre_m * np.sin(angle), from_centre_m * np.cos(angle) - radius_m


def _target(
    name: str, position_m: tuple[float, ...], velocity_m_s: tuple[float, ...] = (0.0, 0.0, 0.0)
) -> dict[str, Any]:
    motion = {"position_m": list(position_m), "velocity_m_s": list(velocity_m_s)}
    return {"id": name, "rcs_dbsm": 0.0, "motion": {"constant_velocity": motion}}


def _scenario(
    targets: list[dict[str, Any]], *, own_ship: Any = None, horizon: Any = None, **sensor: Any
) -> Scenario:
    document = {"scenario_version": 1, "name": "docs", "seed": 1, "targets": targets}
    document |= {"sensors": [_SENSOR | sensor], "horizon": horizon, "own_ship": own_ship or {}}
    return Scenario(json.dumps(document))
