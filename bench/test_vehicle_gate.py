"""One internal step of a vehicle at work, with the truth of the scene's bodies at its end.

The hot path is what `qiki sim` asks of the core while the world goes on: `Vehicle.advance` by the
vehicle's own step of a millisecond, and `Radar.truth` of 100 circling targets at that time. The
vehicle fires its thrusters and drives, so that no part of it rests. The truth alone is timed in
turn.
"""

from typing import Any

import numpy as np
import pytest

from bench.gate import CLOCK, Gate, percentiles
from bench.test_generation_gate import SENSOR, make_scenario
from qiki.radar import Radar, TargetTruth
from qiki.vehicle import Vehicle, VehicleConfig

ROUNDS = 4000
BODIES = 100
STEP_NS = 1_000_000
START = {"heading_deg": 20.0, "angular_velocity_rad_s": [0.02, -0.03, 0.1]}


def begun(config: VehicleConfig) -> Vehicle:
    """Give a vehicle all of whose parts have something to do."""
    vehicle = Vehicle(config, **START)
    vehicle.command([20.0, 200.0, -15.0], [5.0, -3.0, 12.0])
    vehicle.drive.set(0.8, -0.3)
    vehicle.comms.set_station([0.0, 20_000.0, 0.0])
    vehicle.docking.set_station_port([0.0, 500.0, 0.0], heading_deg=180)
    vehicle.docking.engage("A")
    return vehicle


def assert_moves_as_told(truth: TargetTruth, before: TargetTruth) -> None:
    """Between two neighbouring steps a body moves by the mean of its velocities."""
    moved_m = truth.position_m - before.position_m
    mean_m_s = (truth.velocity_m_s + before.velocity_m_s) / 2
    assert len(moved_m) == BODIES
    np.testing.assert_allclose(moved_m, mean_m_s * STEP_NS * 1e-9, atol=1e-6)
    assert (np.linalg.norm(mean_m_s, axis=1) > 10.0).all()


@pytest.mark.benchmark(group="vehicle", timer=CLOCK)
def test_vehicle_step(benchmark: Any, gate: Gate) -> None:
    """Time both, step by step."""
    config = VehicleConfig.load("default")
    assert config.step_ns == STEP_NS
    vehicle, radar = begun(config), Radar(make_scenario(BODIES, SENSOR))
    rounds = 5 if benchmark.disabled else ROUNDS
    truth_s: list[float] = []
    seen: list[TargetTruth] = []

    def truth_turn() -> tuple[tuple[()], dict[str, Any]]:
        time_ns = len(truth_s) * STEP_NS
        start_s = CLOCK()
        radar.truth(time_ns)
        truth_s.append(CLOCK() - start_s)
        return (), {}

    def step() -> None:
        vehicle.advance(STEP_NS)
        seen[:] = [*seen[-1:], radar.truth(vehicle.time_ns)]

    benchmark.pedantic(step, setup=truth_turn, rounds=rounds)
    while len(truth_s) < rounds:  # a bench that is switched off runs once
        truth_turn()
        step()
    alone = begun(config)
    alone.advance(vehicle.time_ns)
    assert vehicle.time_ns == rounds * STEP_NS
    assert vehicle.snapshot() == alone.snapshot()
    assert_moves_as_told(seen[1], seen[0])
    if benchmark.disabled:
        return
    p50_us, p99_us = gate.p50_p99_us()
    truth_p50_us = percentiles(truth_s)[0] * 1e6
    gate.check(
        "vehicle-step-100",
        p50_us=p50_us,
        p99_us=p99_us,
        truth_p50_us=truth_p50_us,
        vehicle_p50_us=p50_us - truth_p50_us,
    )
