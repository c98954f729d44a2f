"""One frame of a radar that integrates ten pulses, against the same radar with one.

The echoes of N pulses are drawn exactly at a cost that does not grow with N; Swerling 4 takes the
most draws.
"""

from typing import Any

import numpy as np
import pytest

from bench.gate import CLOCK, Gate, percentiles
from qiki.radar import Radar, Scenario

ROUNDS = 100
CHECKED = 40
"""Frames whose detections are counted."""
TARGETS = 1000

SCENARIO = """
scenario_version: 1
name: integration
seed: 7
sensors:
  - name: main
    scan: {{staring: {{period_s: 0.1}}}}
    coverage: {{min_range_m: 100, max_range_m: 24000}}
    detection:
      reference_range_m: 20000
      reference_fluctuation: {fluctuation}
      detection_probability: 0.8
      pulses: {pulses}
      false_alarm_probability: 1e-6
      false_alarms_per_frame: 100
    range: {{resolution_m: 15, floor_m: 2}}
    bearing: {{beamwidth_deg: 1.2, floor_deg: 0.03}}
    elevation: {{beamwidth_deg: 1.2, floor_deg: 0.03}}
groups:
  - id_prefix: target
    count: {count}
    fluctuation: {fluctuation}
    rcs_dbsm: [-3, 3]
    ground_range_m: [500, 20000]
    height_m: [200, 4000]
    speed_m_s: [20, 120]
    turn_rate_deg_s: [-4, 4]
"""


def make(fluctuation: str, pulses: int) -> Radar:
    """Make a radar whose targets all fluctuate in one way."""
    text = SCENARIO.format(fluctuation=fluctuation, pulses=pulses, count=TARGETS)
    return Radar(Scenario.from_yaml(text))


def assert_detects_as_told(radar: Radar) -> None:
    """The mean number of echoes is that of the closed form, within five standard errors."""
    seen, mean, variance = 0, 0.0, 0.0
    for number in range(CHECKED):
        seen += int(np.count_nonzero(radar.frame(number).truth >= 0))
        probability = radar.truth(number * 100_000_000).detection_probability
        mean += probability.sum()
        variance += (probability * (1.0 - probability)).sum()
    assert abs(seen - mean) < 5.0 * np.sqrt(variance)


@pytest.mark.benchmark(group="generation", timer=CLOCK)
def test_integration(benchmark: Any, gate: Gate) -> None:
    """Time both in turn."""
    integrating, single = make("swerling_4", 10), make("swerling_1", 1)
    assert_detects_as_told(integrating)
    if benchmark.disabled:
        return
    numbers = iter(range(ROUNDS))
    single_s: list[float] = []

    def single_turn() -> tuple[tuple[int], dict[str, Any]]:
        number = next(numbers)
        start_s = CLOCK()
        single.frame(number)
        single_s.append(CLOCK() - start_s)
        return (number,), {}

    benchmark.pedantic(integrating.frame, setup=single_turn, rounds=ROUNDS)
    p50_us, p99_us = gate.p50_p99_us()
    gate.check(
        "generation-integrated-1000",
        ratio=p50_us / (percentiles(single_s)[0] * 1e6),
        ns_per_target=p50_us * 1e3 / TARGETS,
        p50_us=p50_us,
        p99_us=p99_us,
    )
