"""One frame of the simulated radar, called from Python, against the same model in numpy.

The hot path is `Radar.frame`: where every target is, its echo, whether it is detected, what is
measured of it, the false alarms, and the records in order. The full frame also merges what the
radar cannot resolve and has ten times the false alarms.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bench.gate import CLOCK, Gate, percentiles
from bench.peers.numpy_radar import MONOPULSE_SLOPE, Accuracy, NumpyRadar, Sensor
from qiki.radar import DETECTION_DTYPE, Present, Radar, Scenario

PERIOD_S = 0.1
ROUNDS = 100
CHECKED = 40
"""Frames whose statistics are compared."""

SENSOR = Sensor(
    reference_range_m=20_000.0,
    reference_rcs_dbsm=0.0,
    detection_probability=0.8,
    false_alarm_probability=1e-6,
    false_alarms_per_frame=100.0,
    min_range_m=100.0,
    max_range_m=24_000.0,
    elevation_deg=(-5.0, 70.0),
    range_rate_limit_m_s=400.0,
    sr_threshold_m=8000.0,
    range=Accuracy(15.0, 2.0),
    bearing=Accuracy(1.2, 0.03, MONOPULSE_SLOPE),
    elevation=Accuracy(1.2, 0.03, MONOPULSE_SLOPE),
    range_rate=Accuracy(3.0, 0.1),
)

FULL_SENSOR = replace(
    SENSOR,
    false_alarms_per_frame=1000.0,
    # Coarse, so that about one target in seven shares its cell.
    range=Accuracy(300.0, 2.0),
    bearing=Accuracy(5.0, 0.03, MONOPULSE_SLOPE),
    elevation=Accuracy(10.0, 0.03, MONOPULSE_SLOPE),
    range_rate=Accuracy(100.0, 0.1),
    merges_unresolved=True,
)
FULL_LINES = """
    merges_unresolved: true
"""
"""What the scenario's sensor has besides."""

SCENARIO = """
scenario_version: 1
name: generation
description: Targets that circle all over the coverage.
seed: 7
sensors:
  - name: main
    scan:
      staring: {{period_s: {period_s}}}
    coverage:
      min_range_m: {sensor.min_range_m}
      max_range_m: {sensor.max_range_m}
      elevation_deg: [{sensor.elevation_deg[0]}, {sensor.elevation_deg[1]}]
    sr_threshold_m: {sensor.sr_threshold_m}
    detection:
      reference_range_m: {sensor.reference_range_m}
      reference_rcs_dbsm: {sensor.reference_rcs_dbsm}
      detection_probability: {sensor.detection_probability}
      false_alarm_probability: {sensor.false_alarm_probability:.9f}
      false_alarms_per_frame: {sensor.false_alarms_per_frame}
    range: {{resolution_m: {sensor.range.resolution}, floor_m: {sensor.range.floor}}}
    bearing: {{beamwidth_deg: {sensor.bearing.resolution}, floor_deg: {sensor.bearing.floor}}}
    elevation: {{beamwidth_deg: {sensor.elevation.resolution}, floor_deg: {sensor.elevation.floor}}}
    range_rate:
      resolution_m_s: {sensor.range_rate.resolution}
      floor_m_s: {sensor.range_rate.floor}
      limit_m_s: {sensor.range_rate_limit_m_s}
{more_lines}
groups:
  - id_prefix: target
    count: {count}
    object_type: drone
    rcs_dbsm: [-3, 3]
    ground_range_m: [500, 20000]
    height_m: [200, 4000]
    speed_m_s: [20, 120]
    turn_rate_deg_s: [-4, 4]
    transponder_mode: "off"
"""


def make_scenario(target_count: int, sensor: Sensor) -> Scenario:
    """Give the scene of a sensor."""
    more_lines = FULL_LINES if sensor.merges_unresolved else ""
    text = SCENARIO.format(
        sensor=sensor, period_s=PERIOD_S, count=target_count, more_lines=more_lines
    )
    return Scenario.from_yaml(text)


def make_ours(target_count: int, sensor: Sensor) -> Radar:
    """Make QIKI's radar."""
    return Radar(make_scenario(target_count, sensor))


def make_theirs(target_count: int, sensor: Sensor) -> NumpyRadar:
    """Make numpy's radar, over the same targets."""
    scenario = make_scenario(target_count, sensor)
    truth, later = (Radar(scenario).truth(time_ns) for time_ns in (0, 10**9))
    headings_deg = [np.degrees(np.arctan2(*at.velocity_m_s.T[:2])) for at in (truth, later)]
    turn_rate_deg_s = (headings_deg[1] - headings_deg[0] + 180.0) % 360.0 - 180.0
    rcs_dbsm = np.array([target.rcs_dbsm for target in scenario.targets])
    present = Present.RANGE | Present.BEARING | Present.ELEVATION | Present.RANGE_RATE
    present |= Present.SNR | Present.RCS
    motion = truth.position_m, truth.velocity_m_s, turn_rate_deg_s
    return NumpyRadar(sensor, DETECTION_DTYPE, present, *motion, rcs_dbsm, seed=7)


def assert_same_statistics(target_count: int, sensor: Sensor) -> None:
    """Both see each target as often and measure it as accurately: draws differ, laws do not."""
    ours, theirs = make_ours(target_count, sensor), make_theirs(target_count, sensor)
    seen = np.zeros((2, target_count))
    error, alarms = [[], []], np.zeros(2)
    for number in range(CHECKED):
        frame = ours.frame(number)
        pairs = [(frame.detections, frame.truth), theirs.frame(number * PERIOD_S)]
        range_m = ours.truth(round(number * PERIOD_S * 1e9)).range_m
        for side, (detections, truth) in enumerate(pairs):
            of_target = truth >= 0
            alarms[side] += np.count_nonzero(~of_target)
            np.add.at(seen[side], truth[of_target], 1)
            deviation = detections["range_m"][of_target] - range_m[truth[of_target]]
            std_m = 1.0 if sensor.merges_unresolved else detections["range_std_m"][of_target]
            error[side].append(deviation / std_m)
    ours_rate, theirs_rate = seen / CHECKED
    # A Bernoulli mean of n draws has a deviation of at most 0.5 / sqrt(n); the difference of two
    # has sqrt(2) times that. Five of them.
    overall = abs(ours_rate.mean() - theirs_rate.mean())
    assert overall < 5.0 * 0.5 * np.sqrt(2.0 / (CHECKED * target_count))
    assert np.abs(ours_rate - theirs_rate).max() < 6.0 * 0.5 * np.sqrt(2.0 / CHECKED)
    expected = sensor.false_alarms_per_frame * CHECKED
    assert np.abs(alarms - expected).max() < 5.0 * np.sqrt(expected)
    if sensor.merges_unresolved:
        assert_same_spread(*map(np.concatenate, error))
        return
    for errors in map(np.concatenate, error):
        assert abs(errors.std() - 1.0) < 5.0 / np.sqrt(2.0 * len(errors))
        assert abs(errors.mean()) < 5.0 / np.sqrt(len(errors))


def assert_same_spread(ours_m: Any, theirs_m: Any) -> None:
    """Centroids lie as far from the strongest targets: five errors of a mean, for two moments."""
    for power in (1, 2):
        ours, theirs = ours_m**power, theirs_m**power
        error = np.sqrt(ours.var() / len(ours) + theirs.var() / len(theirs))
        assert abs(ours.mean() - theirs.mean()) < 5.0 * error


@pytest.mark.benchmark(group="generation", timer=CLOCK)
@pytest.mark.parametrize("target_count", [100, 1000, 10_000])
def test_generation(target_count: int, benchmark: Any, gate: Gate) -> None:
    """Time both in turn."""
    time_both(f"generation-{target_count}", target_count, SENSOR, benchmark, gate)


@pytest.mark.benchmark(group="generation", timer=CLOCK)
def test_full_generation(benchmark: Any, gate: Gate) -> None:
    """The same for frames with merging and many false alarms."""
    time_both("generation-10000-full", 10_000, FULL_SENSOR, benchmark, gate)


def time_both(name: str, target_count: int, sensor: Sensor, benchmark: Any, gate: Gate) -> None:
    """Compare the statistics of both, then time their frames in turn."""
    assert_same_statistics(target_count, sensor)
    if benchmark.disabled:
        return
    ours, theirs = make_ours(target_count, sensor), make_theirs(target_count, sensor)
    numbers = iter(range(ROUNDS))
    peer_s: list[float] = []

    def their_turn() -> tuple[tuple[int], dict[str, Any]]:
        number = next(numbers)
        start_s = CLOCK()
        theirs.frame(number * PERIOD_S)
        peer_s.append(CLOCK() - start_s)
        return (number,), {}

    benchmark.pedantic(ours.frame, setup=their_turn, rounds=ROUNDS)
    p50_us, p99_us = gate.p50_p99_us()
    peer_p50_us = percentiles(peer_s)[0] * 1e6
    gate.check(
        name,
        ratio=peer_p50_us / p50_us,
        ns_per_target=p50_us * 1e3 / target_count,
        peer_ns_per_target=peer_p50_us * 1e3 / target_count,
        p50_us=p50_us,
        p50_ms=p50_us * 1e-3,
        p99_us=p99_us,
    )
