"""Draw how often a code is garbled over the difference of two ranges, for docs/transponder.md."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from qiki.radar import Radar, Scenario

FIRST_M = 1500.0
STEP_M = 10.0
FARTHEST_M = 3300.0
PAIRS = 40
"""Pairs of codes at each difference, in beams of their own."""


def main(file: Path) -> None:
    """Draw the figure into `file`."""
    differences_m = np.arange(0.0, FARTHEST_M, STEP_M)
    share = [wrong_share(difference_m) for difference_m in differences_m]
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(differences_m, share, linewidth=1.0)
    axes.set_xlabel("difference of the slant ranges [m]")
    axes.set_ylabel("share of codes read wrong")
    axes.set_xlim(0.0, FARTHEST_M)
    axes.set_ylim(0.0, 1.05)
    axes.grid(alpha=0.3)
    figure.savefig(file, dpi=110, metadata={"Software": None})


def wrong_share(difference_m: float) -> float:
    """Share of the nearer codes of all pairs that are read wrong."""
    codes = np.random.default_rng(1).integers(0, 0o10000, (PAIRS, 2)).tolist()
    targets = [
        target(f"{pair}-{place}", FIRST_M + place * difference_m, 360.0 * pair / PAIRS, code)
        for pair, both in enumerate(codes)
        for place, code in enumerate(both)
    ]
    frame = Radar(scenario(targets)).frame(0)
    nearer = frame.truth % 2 == 0
    sent = np.array(codes)[frame.truth[nearer] // 2, 0]
    return float(np.mean(frame.detections["mode_3a"][nearer] != sent))


def target(name: str, range_m: float, bearing_deg: float, code: int) -> dict[str, Any]:
    """Give a body whose every echo is seen."""
    angle = np.radians(bearing_deg)
    position_m = [float(range_m * np.sin(angle)), float(range_m * np.cos(angle)), 0.0]
    return {
        "id": name,
        "rcs_dbsm": 60,
        "transponder": {"mode": "on", "mode_3a": f"{code:04o}"},
        "motion": {"constant_velocity": {"position_m": position_m}},
    }


def scenario(targets: list[dict[str, Any]]) -> Scenario:
    """Give a scenario with a radar that garbles."""
    radar = {
        "name": "main",
        "scan": {"staring": {"period_s": 1.0}},
        "coverage": {"max_range_m": 20_000},
        "sr_threshold_m": 10_000,
        "detection": {
            "reference_range_m": 10_000,
            "detection_probability": 0.9,
            "false_alarm_probability": 1e-6,
        },
        "range": {"resolution_m": 15},
        "bearing": {"beamwidth_deg": 1.5},
        "interrogator": {"garble": True},
    }
    document = {"scenario_version": 1, "name": "garble", "sensors": [radar], "targets": targets}
    return Scenario(json.dumps(document))
