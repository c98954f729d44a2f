"""Draw what a radar makes of two targets that fly apart, for docs/radar-resolution.md."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from qiki.radar import Radar, Scenario

SCENARIO = """
scenario_version: 1
name: apart
description: Two targets that fly apart.
seed: 3
sensors:
  - name: main
    scan: {staring: {period_s: 0.2}}
    coverage: {max_range_m: 20000}
    detection:
      reference_range_m: 10000
      detection_probability: 0.999
      false_alarm_probability: 1e-6
      pulses: 10
    range: {resolution_m: 150}
    bearing: {beamwidth_deg: 1.5}
    merges_unresolved: true
targets:
  - id: near
    rcs_dbsm: 3
    fluctuation: swerling_4
    motion: {constant_velocity: {position_m: [50, 6010, 0], velocity_m_s: [0, 1, 0]}}
  - id: far
    rcs_dbsm: 0
    fluctuation: swerling_4
    motion: {constant_velocity: {position_m: [50, 6030, 0], velocity_m_s: [0, 8, 0]}}
"""
DURATION_S = 40.0
EDGE_M = 6150.0
"""Where the cell of both at the start ends."""


def main(path: Path) -> None:
    """Draw the picture into a file."""
    radar = Radar(Scenario.from_yaml(SCENARIO))
    numbers = range(round(DURATION_S * 1e9) // radar.period_ns)
    frames = [radar.frame(number) for number in numbers]
    truth_m = np.array([radar.truth(frame.time_ns).range_m for frame in frames])
    time_s = np.array([frame.time_ns * 1e-9 for frame in frames])
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(time_s, truth_m, color="0.5", linewidth=1, label=["true range", None])
    for index, name in enumerate(radar.target_names):
        plots = [
            (plot["time_ns"] * 1e-9, plot["range_m"])
            for frame in frames
            for plot, target in zip(frame.detections, frame.truth, strict=True)
            if target == index
        ]
        axes.plot(*np.transpose(plots), ".", markersize=4, label=f"plots, strongest: {name}")
    axes.axhline(EDGE_M, color="k", linestyle=":", linewidth=1, label="edge of a cell")
    axes.set_xlabel("time [s]")
    axes.set_ylabel("range [m]")
    axes.set_xlim(0.0, DURATION_S)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="upper left")
    figure.savefig(path, dpi=100)
