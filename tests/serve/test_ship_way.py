"""The vehicle carries the radars: where it flies and turns, they do."""

import uuid

import numpy as np
import pytest
import structlog

from qiki.bus.command_message import CommandMessage, CommandRefused, MessageMetadata
from qiki.radar import Radar, Scenario
from qiki.serve.ship_way import ShipWay
from qiki.serve.world_commands import carry_out
from qiki.tracking import Tracker, is_confirmed
from qiki.vehicle import Vehicle, VehicleConfig
from tests.radar.scenes import scenario, sensor, target
from tests.serve.test_simulated_vehicle import until, world

SECOND_NS = 1_000_000_000
RARE = {"false_alarm_probability": 1e-12}
STILL_M = [(3000.0, 4000.0, 200.0), (-2500.0, 1500.0, 50.0), (800.0, -3500.0, 400.0)]


def still_scene():
    """Targets that stand, round a vehicle that begins on its way, its bow to the east."""
    targets = [target(f"t{k}", place_m, rcs_dbsm=30.0) for k, place_m in enumerate(STILL_M)]
    start = {"position_m": [100.0, 50.0, 10.0], "velocity_m_s": [2.0, 0.0, 0.0]}
    return scenario(targets, [sensor()], own_ship={"motion": {"constant_velocity": start}})


async def test_the_vehicle_begins_where_the_scenario_says(client, settings):
    async with world(client, settings, scenario=still_scene()) as (simulator, _):
        vehicle = simulator.bots[0].own_ship.vehicle
        assert vehicle.position_m.tolist() == [100.0, 50.0, 10.0]
        assert vehicle.velocity_m_s.tolist() == [2.0, 0.0, 0.0]
        assert vehicle.heading_deg == pytest.approx(90.0)


async def test_the_radar_goes_with_the_vehicle_and_what_stands_stays(client, settings):
    async with world(client, settings, scenario=still_scene()) as (simulator, frames):
        vehicle = simulator.bots[0].own_ship.vehicle
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
            simulator.bots[0].own_ship.vehicle.command([0.0, 700.0, 0.0], duration_ns=2 * SECOND_NS)
            simulator.step(3 * SECOND_NS)
            await until(lambda frames=frames: len(frames) == 30)
        found.append(np.array([frame.sensor_position_m for frame in frames]))
    assert np.abs(found[0] - found[1]).max() < 0.05


def pushed():
    vehicle = Vehicle(VehicleConfig.load("default"), velocity_m_s=[3.0, 4.0, 0.0])
    vehicle.command([0.0, 700.0, 0.0], [0.0, 0.0, 3.0], duration_ns=10 * SECOND_NS)
    return vehicle


def test_a_frame_of_1100_s_is_told_fewer_states_than_a_radar_takes():
    long = sensor(scan={"staring": {"period_s": 1100.0}}, detection=RARE)
    short = sensor(name="short", scan={"staring": {"period_s": 0.5}}, detection=RARE)
    radars = [Radar(scenario([], [one])) for one in (long, short)]
    way, vehicle = ShipWay(max(radar.longest_frame_ns for radar in radars)), pushed()
    for _ in range(110_001):  # 1100 s at 100 Hz
        way.note(vehicle, 0)
        vehicle.advance(10_000_000)
    way.note(vehicle, 0)
    for radar, number in zip(radars, (1, 2200), strict=True):
        told = way.told(radar, vehicle)
        frame = told.frame(number)
        assert frame.time_ns == 1100 * SECOND_NS
        back_s = (vehicle.time_ns - frame.time_ns) / 1e9
        expected_m = vehicle.position_m - vehicle.velocity_m_s * back_s
        np.testing.assert_allclose(frame.sensor_position_m, expected_m, atol=1e-3)


def test_states_that_are_left_out_hardly_move_the_way():
    """Every 0.36 s of a push of 2.4 m/s² is told: 4 cm at most."""
    radar = Radar(scenario([], [sensor(scan={"staring": {"period_s": 3600.0}}, detection=RARE)]))
    way, vehicle, passed = ShipWay(radar.longest_frame_ns), pushed(), []
    for _ in range(2000):
        way.note(vehicle, 0)
        passed.append((vehicle.time_ns, vehicle.position_m))
        vehicle.advance(10_000_000)
    told = way.told(radar, vehicle)
    off_m = [
        np.abs(told.clock_frame(0, time_ns).sensor_position_m - position_m).max()
        for time_ns, position_m in passed
    ]
    assert 1e-4 < max(off_m) < 0.04
    assert off_m[-1] < 1e-9


def test_a_beam_that_dwells_long_sees_from_where_the_vehicle_was():
    beams = [{"bearing_deg": 0.0, "dwell_s": 8.0}] + [
        {"bearing_deg": 10.0 * k, "dwell_s": 0.01} for k in range(1, 8)
    ]
    steered = sensor(
        scan={"staring": None, "steered": {"beams": beams}},
        detection=RARE | {"detection_probability": 0.99},
    )
    del steered["scan"]["staring"]
    scene = scenario([target("ahead", (0.0, 3000.0, 0.0), rcs_dbsm=30.0)], [steered])
    radar = Radar(scene)
    assert radar.longest_frame_ns == 8 * SECOND_NS > 4 * radar.period_ns
    way, vehicle = ShipWay(radar.longest_frame_ns), Vehicle(VehicleConfig.load("default"))
    number = next(n for n in range(1, 20) if _takes_ns(radar, n) == 8 * SECOND_NS)
    places_m, end_ns = {}, radar.frame_time_ns(number)
    vehicle.command([0.0, 700.0, 0.0], duration_ns=2 * SECOND_NS)
    while vehicle.time_ns <= end_ns:
        way.note(vehicle, 0)
        places_m[vehicle.time_ns] = vehicle.position_m
        vehicle.advance(10_000_000)
    frame = way.told(radar, vehicle).frame(number)
    assert len(frame) == 1
    seen_m = 3000.0 - places_m[end_ns - 4 * SECOND_NS][1]
    assert frame.detections["range_m"][0] == pytest.approx(seen_m, abs=10.0)


def _takes_ns(radar, number):
    return radar.frame_time_ns(number) - radar.frame_time_ns(number - 1)


def leaving(position_m, velocity_m_s):
    start = {"position_m": position_m, "velocity_m_s": velocity_m_s}
    return scenario([], [sensor()], own_ship={"motion": {"constant_velocity": start}})


async def test_a_vehicle_that_leaves_the_world_stops_it_once_and_a_reset_goes_on(client, settings):
    scene = leaving([1e8 - 353.0, 0.0, 0.0], [500.0, 0.0, 0.0])
    async with world(client, settings, scenario=scene) as (simulator, frames):
        with structlog.testing.capture_logs() as logged:
            simulator.step(5 * SECOND_NS)
            await until(lambda: simulator.state == "STOPPED")
            await until(lambda: len(frames) == 8)
        said = [line for line in logged if line["event"] == "vehicle_left_world"]
        assert [line["log_level"] for line in said] == ["error"]
        assert said[0]["reason"].startswith("position_m[0] is 1000000")
        assert said[0]["reason"].endswith("must be -100000000 to 100000000")
        assert simulator.bots[0].own_ship.vehicle.time_ns == 710_000_000
        assert (
            "the vehicle has left the world, its position_m[0] is"
            in simulator.bots[0].why_no_frames
        )
        for name, parameters in (("sim.start", {}), ("sim.step", {"duration_s": 1.0})):
            metadata = MessageMetadata(message_id=uuid.uuid4())
            command = CommandMessage(command_name=name, parameters=parameters, metadata=metadata)
            with pytest.raises(CommandRefused, match=r"left the world.*: send sim\.reset"):
                carry_out(command, simulator.bots[0])
        assert simulator.state == "STOPPED"
        simulator.reset()
        assert simulator.why_ended is None
        simulator.step(300_000_000)
        await until(lambda: len(frames) == 11)
    assert [frame.number for frame in frames] == [*range(8), 0, 1, 2]


async def test_a_vehicle_that_is_faster_than_the_world_allows_stops_it(client, settings):
    scene = leaving([0.0, 0.0, 0.0], [0.0, 1e5, 0.0])
    async with world(client, settings, scenario=scene) as (simulator, _):
        simulator.bots[0].own_ship.vehicle.command([0.0, 700.0, 0.0], duration_ns=SECOND_NS)
        simulator.step(5 * SECOND_NS)
        await until(lambda: simulator.state == "STOPPED")
        assert "its velocity_m_s[1] is 100000" in simulator.bots[0].why_no_frames


async def test_a_world_without_a_vehicle_plays_the_scenario(client, settings):
    async with world(client, settings, config="none", scenario=Scenario.load("default")) as (
        simulator,
        frames,
    ):
        simulator.step(SECOND_NS)
        await until(lambda: len(frames) == 10)
    np.testing.assert_allclose(frames[-1].sensor_position_m, [0.54, 0.18, 0.0], atol=1e-9)
