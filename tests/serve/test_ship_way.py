"""The vehicle carries the radars: where it flies and turns, they do."""

import numpy as np
import pytest

from qiki.radar import Scenario
from qiki.tracking import Tracker, is_confirmed
from tests.radar.scenes import scenario, sensor, target
from tests.serve.test_simulated_vehicle import until, world

SECOND_NS = 1_000_000_000
STILL_M = [(3000.0, 4000.0, 200.0), (-2500.0, 1500.0, 50.0), (800.0, -3500.0, 400.0)]


def still_scene():
    """Targets that stand, round a vehicle that begins on its way, its bow to the east."""
    targets = [target(f"t{k}", place_m, rcs_dbsm=30.0) for k, place_m in enumerate(STILL_M)]
    start = {"position_m": [100.0, 50.0, 10.0], "velocity_m_s": [2.0, 0.0, 0.0]}
    return scenario(targets, [sensor()], own_ship={"motion": {"constant_velocity": start}})


async def test_the_vehicle_begins_where_the_scenario_says(client, settings):
    async with world(client, settings, scenario=still_scene()) as (simulator, _):
        vehicle = simulator.own_ship.vehicle
        assert vehicle.position_m.tolist() == [100.0, 50.0, 10.0]
        assert vehicle.velocity_m_s.tolist() == [2.0, 0.0, 0.0]
        assert vehicle.heading_deg == pytest.approx(90.0)


async def test_the_radar_goes_with_the_vehicle_and_what_stands_stays(client, settings):
    async with world(client, settings, scenario=still_scene()) as (simulator, frames):
        vehicle = simulator.own_ship.vehicle
        vehicle.command([0.0, 700.0, 0.0], [0.0, 0.0, 3.0], duration_ns=8 * SECOND_NS)
        simulator.step(20 * SECOND_NS)
        await until(lambda: len(frames) == 200)
        await until(lambda: vehicle.time_ns == 19_990_000_000)
        flown_m = float(np.linalg.norm(vehicle.position_m - np.array([140.0, 50.0, 10.0])))
        assert flown_m > 100.0
        assert abs(vehicle.heading_deg - 90.0) > 5.0
    # The last frame is at 19.9 s, the vehicle at 19.99 s: it flies straight since 8 s.
    back_s = 19.99 - 19.9
    expected_m = vehicle.position_m - vehicle.velocity_m_s * back_s
    np.testing.assert_allclose(frames[-1].sensor_position_m, expected_m, atol=1e-3)
    np.testing.assert_allclose(frames[-1].sensor_velocity_m_s, vehicle.velocity_m_s, atol=1e-6)
    tracker = Tracker()
    for frame in frames:
        result = tracker.step(frame)
    tracks = result.tracks[is_confirmed(result.tracks)]
    assert len(tracks) == len(STILL_M)
    for track in tracks:
        off_m = np.min(np.linalg.norm(np.array(STILL_M) - track["position_m"], axis=1))
        assert off_m < 15.0
        assert np.linalg.norm(track["velocity_m_s"]) < 1.0


async def test_how_often_the_vehicle_steps_hardly_changes_the_frames(client, settings):
    """Between two steps the way is interpolated: 2.4 m/s² make 3 mm at 10 Hz."""
    found = []
    for rate_hz in (10, 1000):
        async with world(client, settings, rate_hz=rate_hz, scenario=still_scene()) as (
            simulator,
            frames,
        ):
            simulator.own_ship.vehicle.command([0.0, 700.0, 0.0], duration_ns=2 * SECOND_NS)
            simulator.step(3 * SECOND_NS)
            await until(lambda frames=frames: len(frames) == 30)
        found.append(np.array([frame.sensor_position_m for frame in frames]))
    assert np.abs(found[0] - found[1]).max() < 0.05


async def test_a_world_without_a_vehicle_plays_the_scenario(client, settings):
    async with world(client, settings, config="none", scenario=Scenario.load("default")) as (
        simulator,
        frames,
    ):
        simulator.step(SECOND_NS)
        await until(lambda: len(frames) == 10)
    np.testing.assert_allclose(frames[-1].sensor_position_m, [0.54, 0.18, 0.0], atol=1e-9)
