"""Draw the regions of the scenario clutter and the plots in them, for docs/radar-clutter.md."""

from pathlib import Path

import numpy as np

from qiki.radar import Radar, Scenario
from qiki.radar.scenario_plot import draw_scenario

TURNS = 20
SECTORS = 24


def main(path: Path) -> None:
    """Draw the picture into a file."""
    scenario = Scenario.load("clutter")
    radar = Radar(scenario)
    frames = [radar.frame(number) for number in range(TURNS * SECTORS)]
    plots = np.concatenate([frame.detections[frame.truth < 0] for frame in frames])
    bearing = np.radians(plots["bearing_deg"])
    # It measures no elevation: the ground range of what is high is taken for the slant range.
    places_km = plots["range_m"] * 1e-3 * np.stack([np.sin(bearing), np.cos(bearing)])
    figure = draw_scenario(scenario, duration_s=TURNS * SECTORS * radar.period_ns * 1e-9)
    above = figure.axes[0]
    label = f"noise and clutter, {TURNS} turns"
    above.plot(*places_km, ".", color="k", markersize=1.5, label=label)
    above.legend(loc="upper right", fontsize=8)
    figure.savefig(path, dpi=90)
