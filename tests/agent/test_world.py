"""The world in process has the bytes of the services: frames, tracks and the vehicle's state."""

import numpy as np
import pytest

from qiki.agent.env import World, WorldSettings
from qiki.errors import SettingError
from qiki.radar import Scenario
from qiki.tracking import GuardRules
from qiki.vehicle import VehicleConfig
from qiki.wire import decode_frame, decode_tracks
from tests.agent.lockstep import HEADING_DEG, START_NS, Lockstep
from tests.agent.scenes import (
    changed,
    document,
    faulty,
    made,
    near_station,
    outwards,
    with_second_radar,
)

FRAMES = 300


def both(scenario, *, seed=5, epoch=3, vehicle=None, rate_hz=100, guard_rules=None, keeps=True):
    """Return the world and the services of the same settings."""
    vehicle = vehicle or VehicleConfig.load("default")
    settings = WorldSettings(
        scenario,
        vehicle,
        guard_rules=guard_rules,
        start_time_ns=START_NS,
        rate_hz=rate_hz,
        station_heading_deg=HEADING_DEG,
        keeps_messages=keeps,
    )
    services = Lockstep(
        scenario, vehicle, seed=seed, epoch=epoch, rate_hz=rate_hz, guard_rules=guard_rules
    )
    return World(settings, seed=seed, epoch=epoch), services


def thrusts(seed, frames=FRAMES):
    """Return what is asked in each frame: nothing first, then something else each half second."""
    random = np.random.default_rng(seed)
    asked = [None] * 7
    while len(asked) < frames:
        force_n, torque_n_m = random.normal(0.0, 120.0, 3), random.normal(0.0, 15.0, 3)
        asked += [(force_n.tolist(), torque_n_m.tolist())] * 5
    return asked[:frames]


def assert_same(world, services, asked):
    """Step both and compare all bytes; return the tracks and alerts that were told of."""
    tracks = alerts = 0
    for wrench in asked:
        world.step(*(wrench or ()))
        expected = services.step(*(wrench or ()))
        assert world.messages == expected
        assert world.vehicle.snapshot() == services.ship.vehicle.snapshot()
        assert world.time_ns == START_NS + services.ship.vehicle.time_ns
        told = decode_tracks(expected[-1][1])
        tracks, alerts = tracks + len(told.tracks), alerts + len(told.alerts)
    return tracks, alerts


@pytest.mark.parametrize("name", ["default", "rotating", "guard", "crossing", "clutter"])
def test_a_run_has_the_bytes_of_the_services(name):
    rules = GuardRules.load("default") if name == "guard" else None
    world, services = both(Scenario.load(name), guard_rules=rules)
    tracks, alerts = assert_same(world, services, thrusts(len(name)))
    assert tracks > 100
    assert (alerts > 0) == (name == "guard")
    assert world.vehicle.propellant_kg < 11.0


@pytest.mark.parametrize("rate_hz", [1, 7, 1000])
def test_the_vehicle_may_step_at_any_rate(rate_hz):
    world, services = both(Scenario.load("rotating"), rate_hz=rate_hz)
    assert_same(world, services, thrusts(2, 60))


def test_a_radar_that_is_faulty_sends_what_the_services_send():
    world, services = both(faulty())
    assert_same(world, services, thrusts(3, 150))
    late = [decode_frame(frame).number for frame, _ in world.messages]
    assert late[-1] == max(late)


def test_a_frame_that_comes_late_or_again_ends_no_step():
    world, _ = both(faulty())
    ticks, late = [], 0
    for _ in range(150):
        world.step()
        ticks.append(world.frame.number)
        late += len(world.messages) - 1
    assert ticks == sorted(set(ticks))
    assert late > 20


def test_frames_of_several_radars_come_in_the_order_of_their_times():
    world, services = both(with_second_radar())
    assert_same(world, services, thrusts(7, 60))
    sensors = [decode_frame(frame).sensor_id for frame, _ in world.messages]
    assert len(sensors) > 1
    assert len(set(sensors)) == 2


def test_a_radar_without_power_sends_clock_frames():
    vehicle = changed(VehicleConfig, ["power", "battery", "initial_charge"], 0.1)
    world, services = both(Scenario.load("default"), vehicle=vehicle)
    assert_same(world, services, thrusts(4, 60))
    assert decode_frame(world.messages[-1][0]).coverage.is_empty


def test_the_vehicle_docks_as_in_the_services():
    world, services = both(near_station(1.0))
    for each in (world, services):
        for _ in range(5):
            each.step((0.0, 40.0, 0.0), engage="A")
    phases = []
    for _ in range(600):
        world.step()
        services.step()
        assert world.vehicle.snapshot() == services.ship.vehicle.snapshot()
        phases.append(world.vehicle.docking.phase)
    assert phases[-1] == "latched"
    assert {"approach", "captured"} <= set(phases)
    for each in (world, services):
        each.step(release=True)
    assert world.vehicle.snapshot() == services.ship.vehicle.snapshot()
    assert world.vehicle.docking.phase == "free"


def test_without_messages_the_same_happens():
    kept, _ = both(Scenario.load("guard"))
    bare, _ = both(Scenario.load("guard"), keeps=False)
    for wrench in thrusts(6, 100):
        kept.step(*(wrench or ()))
        bare.step(*(wrench or ()))
        told = decode_tracks(kept.messages[-1][1])
        assert bare.messages == []
        assert bare.told_tracks.tobytes() == told.tracks.tobytes() == kept.told_tracks.tobytes()
        assert bare.tracks.tobytes() == kept.tracks.tobytes()
        assert bare.frame.detections.tobytes() == kept.frame.detections.tobytes()
    assert len(bare.tracks) > 2


def test_the_picture_holds_tracks_that_a_sector_did_not_touch():
    world, _ = both(Scenario.load("rotating"))
    untouched = 0
    for _ in range(100):
        world.step()
        untouched += len(world.tracks) > len(world.told_tracks)
        assert np.all(np.diff(world.tracks["number"].astype(int)) > 0)
        assert set(world.told_tracks["number"][world.told_tracks["status"] != 3].tolist()) <= set(
            world.tracks["number"].tolist()
        )
    assert untouched > 50


def test_seeds_make_other_draws_and_the_same_seed_the_same():
    runs = []
    for seed in (1, 1, 2):
        world, _ = both(Scenario.load("default"), seed=seed)
        for _ in range(5):
            world.step()
        runs.append(world.messages)
    assert runs[0] == runs[1] != runs[2]


def test_a_world_ends_whose_vehicle_leaves_it():
    world, _ = both(outwards())
    world.step()
    assert world.why_ended is None
    world.step()
    assert world.why_ended.startswith("position_m[0] is 10000000")
    assert world.frame.number == 0  # it was out before the next
    before = world.vehicle.snapshot()
    with pytest.raises(SettingError, match=r"has left it, its position_m.*: begin another"):
        world.step()
    assert world.vehicle.snapshot() == before


def test_nobody_docks_where_there_is_no_station():
    whole = document(Scenario)
    whole["targets"][0]["present_from_s"] = 1.0
    world, _ = both(made(Scenario, whole))
    world.step()
    with pytest.raises(SettingError, match="while the world has no station"):
        world.step(engage="A")
    for _ in range(11):
        world.step()
    world.step(engage="A")
    assert world.vehicle.docking.port == "A"


def test_what_cannot_be_is_refused():
    world, _ = both(Scenario.load("default"))
    world.step((0.0, 100.0, 0.0))
    before = world.vehicle.snapshot()
    with pytest.raises(SettingError, match=r"force_n\[1\] is inf, must be -1e9 to 1e9"):
        world.step((0.0, float("inf"), 0.0))
    with pytest.raises(SettingError, match='port is "C", must be A, B'):
        world.step((0.0, 7.0, 0.0), engage="C")
    with pytest.raises(SettingError, match="port is none, must be engaged"):
        world.step(release=True)
    with pytest.raises(ValueError, match="leave one out"):
        world.step(engage="A", release=True)
    assert world.vehicle.snapshot() == before
    scenario, vehicle = Scenario.load("default"), VehicleConfig.load("default")
    with pytest.raises(SettingError, match="rate_hz is 0, must be 1 to 1000"):
        WorldSettings(scenario, vehicle, rate_hz=0)
    with pytest.raises(SettingError, match="station_heading_deg is 400, must be -360 to 360"):
        World(WorldSettings(scenario, vehicle, station_heading_deg=400.0))
    with pytest.raises(SettingError, match="tracker_id"):
        WorldSettings(scenario, vehicle, tracker_id="x")
