"""One frame with 10 000 targets, merging and clutter, against the same radar without clutter.

The clutter is a disc, a polygon of a thousand corners and a map of ten thousand cells; half of its
candidates are thinned away or lie outside the coverage.
"""

from typing import Any

import numpy as np
import pytest

from bench.gate import CLOCK, Gate, percentiles
from bench.test_generation_gate import FULL_LINES, FULL_SENSOR, PERIOD_S, SCENARIO
from qiki.radar import Radar, Scenario

ROUNDS = 100
CHECKED = 40
"""Frames whose plots are counted."""
TARGETS = 10_000
DENSITY_PER_KM2 = 0.4
RADIUS_M = 20_000.0


def clutter() -> str:
    """Write the sources: plots lie even within the discs, a checkerboard in the map."""
    angle = np.arange(1000) * 2.0 * np.pi / 1000.0
    corners = RADIUS_M * np.stack([np.sin(angle), np.cos(angle)], axis=-1)
    cells = np.add.outer(np.arange(100), np.arange(100)) % 2 * DENSITY_PER_KM2
    disc = f"{{centre_m: [0, 0], radius_m: {RADIUS_M}, density_per_km2: {DENSITY_PER_KM2}}}"
    polygon = f"{{corners_m: {corners.tolist()}, density_per_km2: {DENSITY_PER_KM2}}}"
    grid = f"{{south_west_m: [0, 0], cell_m: 400, density_per_km2: {cells.tolist()}}}"
    common = "height_m: [0, 500], mean_snr_db: 15, range_rate_std_m_s: 1"
    return f"""
clutter:
  - {{name: disc, shape: {{disc: {disc}}}, {common}}}
  - {{name: polygon, shape: {{polygon: {polygon}}}, {common}}}
  - {{name: map, shape: {{map: {grid}}}, {common}}}
"""


def make(sources: str) -> Radar:
    """Make the radar of the full generation gate with these sources."""
    text = SCENARIO.format(
        sensor=FULL_SENSOR, period_s=PERIOD_S, count=TARGETS, more_lines=FULL_LINES
    )
    return Radar(Scenario.from_yaml(text + sources))


def assert_as_dense_as_told(radar: Radar) -> None:
    """Plots of no target: the discs, the quarter of the map that is covered, and noise."""
    found = sum(int(np.count_nonzero(radar.frame(k).truth < 0)) for k in range(CHECKED))
    reach_km, near_km = FULL_SENSOR.max_range_m / 1e3, FULL_SENSOR.min_range_m / 1e3
    discs = 2.0 * DENSITY_PER_KM2 * np.pi * (RADIUS_M / 1e3) ** 2
    board = 0.5 * DENSITY_PER_KM2 * 0.25 * np.pi * (reach_km**2 - near_km**2)
    mean = CHECKED * (FULL_SENSOR.false_alarms_per_frame + discs + board)
    # The heights and the squares at the edge of the coverage are not in the mean: 1 %.
    assert abs(found - mean) < 5.0 * np.sqrt(mean) + 0.01 * mean


@pytest.mark.benchmark(group="generation", timer=CLOCK)
def test_clutter(benchmark: Any, gate: Gate) -> None:
    """Time both in turn."""
    cluttered, clear = make(clutter()), make("")
    assert_as_dense_as_told(cluttered)
    if benchmark.disabled:
        return
    numbers = iter(range(ROUNDS))
    clear_s: list[float] = []

    def clear_turn() -> tuple[tuple[int], dict[str, Any]]:
        number = next(numbers)
        start_s = CLOCK()
        clear.frame(number)
        clear_s.append(CLOCK() - start_s)
        return (number,), {}

    benchmark.pedantic(cluttered.frame, setup=clear_turn, rounds=ROUNDS)
    p50_us, p99_us = gate.p50_p99_us()
    gate.check(
        "generation-clutter-10000",
        ratio=p50_us / (percentiles(clear_s)[0] * 1e6),
        p50_ms=p50_us * 1e-3,
        p99_us=p99_us,
    )
