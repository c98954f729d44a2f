"""The scenario's station: the vehicle docks to it by commands, and is heard by it."""

import pytest

from qiki.bus.command_message import CommandRefused
from qiki.radar import Scenario
from qiki.serve.telemetry_snapshot import sim_state, telemetry_snapshot
from qiki.serve.world_commands import COMMANDS
from tests.serve.test_simulated_vehicle import until, world

SECOND_NS = 1_000_000_000
PLACE = "position_m: [1200, 2600, 80]"
DRIFT = "velocity_m_s: [0.6, 0.2, 0]"  # of the own ship


def scenario(station):
    """Return the default scenario, its vehicle at rest, with another motion of its station."""
    text = Scenario.built_in_text("default")
    assert (text.count(PLACE), text.count(DRIFT)) == (1, 1)
    at_rest = text.replace(DRIFT, "velocity_m_s: [0, 0, 0]")
    return Scenario.from_yaml(at_rest.replace(PLACE, station))


# 0.1 m before the port at the bow, which is a metre ahead of the vehicle's middle.
NEAR = "position_m: [0, 1.1, 0]"


def act(simulator, name, **parameters):
    COMMANDS[name].act(simulator.bots[0], parameters)


def told(simulator):
    state = sim_state(simulator.state, 1.0)
    return telemetry_snapshot(simulator.bots[0].own_ship, state, simulator.time_ns, 0)


async def goes_on(simulator, seconds):
    """Let the world go on for so long."""
    end_ns = simulator.bots[0].own_ship.vehicle.time_ns + round(seconds * SECOND_NS)
    simulator.step(round(seconds * SECOND_NS))
    await until(lambda: simulator.bots[0].own_ship.vehicle.time_ns >= end_ns - SECOND_NS // 50)


async def test_it_docks_takes_power_and_is_released_by_commands(client, settings):
    async with world(client, settings, scenario=scenario(NEAR)) as (simulator, _):
        with pytest.raises(CommandRefused, match="no port is latched"):
            act(simulator, "power.dock.on")
        act(simulator, "sim.dock.engage")
        docking = told(simulator)["docking"]
        assert (docking["state"], docking["port"]) == ("undocked", "A")
        assert docking["distance_m"] == pytest.approx(0.1)
        await goes_on(simulator, 40.0)
        assert (told(simulator)["docking"]["state"], docking["port"]) == ("docked", "A")
        with pytest.raises(CommandRefused, match='port is "B", must be "A", which is held'):
            act(simulator, "sim.dock.engage", port="B")
        act(simulator, "power.dock.on")
        await goes_on(simulator, 3.0)
        assert told(simulator)["power"]["dock_power_w"] > 100.0
        act(simulator, "sim.dock.release")
        await goes_on(simulator, 1.0)
        found = told(simulator)
        assert (found["docking"]["state"], found["docking"]["port"]) == ("undocked", None)
        assert found["power"]["dock_connected"] is False
        # 15 N s push 312 kg off the bow's side.
        assert found["velocity_xyz_m_s"] == pytest.approx([0.0, -15 / 312, 0.0], abs=1e-9)


async def test_it_moves_with_the_station_that_it_is_docked_to(client, settings):
    moving = f"{NEAR}\n        velocity_m_s: [0.01, 0.02, -0.03]"
    async with world(client, settings, scenario=scenario(moving)) as (simulator, _):
        act(simulator, "sim.dock.engage", port="A")
        await goes_on(simulator, 60.0)
        assert told(simulator)["docking"]["state"] == "docked"
        vehicle = simulator.bots[0].own_ship.vehicle
        assert vehicle.velocity_m_s == pytest.approx([0.01, 0.02, -0.03], abs=1e-9)
        time_s = vehicle.time_ns / SECOND_NS
        place_m = [0.01 * time_s, 0.1 + 0.02 * time_s, -0.03 * time_s]
        assert vehicle.position_m == pytest.approx(place_m, abs=1e-6)


async def test_the_station_hears_the_vehicle(client, settings):
    async with world(client, settings) as (simulator, _):
        link = told(simulator)["comms"]["link"]
        assert link["distance_m"] == pytest.approx((1200**2 + 2600**2 + 80**2) ** 0.5)
        assert link["status"] == "online"


async def test_a_station_that_ends_is_forgotten_unless_it_holds_the_vehicle(client, settings):
    ends = f"{NEAR}\n    present_until_s: 40"
    async with world(client, settings, scenario=scenario(ends)) as (simulator, _):
        act(simulator, "sim.dock.engage")
        await goes_on(simulator, 41.0)
        assert told(simulator)["docking"]["state"] == "docked"
        assert told(simulator)["comms"]["link"] is None
        act(simulator, "sim.dock.release")
        await goes_on(simulator, 0.1)
        with pytest.raises(CommandRefused, match="the world has no station now"):
            act(simulator, "sim.dock.engage")
        assert told(simulator)["docking"]["port"] is None


async def test_a_station_beyond_the_core_s_limits_ends_no_world(client, settings):
    leaves = "position_m: [0, 99999000, 0]\n        velocity_m_s: [0, 2000, 0]"
    async with world(client, settings, scenario=scenario(leaves)) as (simulator, _):
        assert told(simulator)["comms"]["link"]["distance_m"] == pytest.approx(99_999_000)
        await goes_on(simulator, 1.0)
        assert told(simulator)["comms"]["link"] is None
        with pytest.raises(CommandRefused, match="the world has no station now"):
            act(simulator, "sim.dock.engage")


async def test_without_a_station_no_port_is_engaged(client, settings):
    text = Scenario.built_in_text("default").replace("object_type: station", "object_type: ship")
    text = text.replace("goal: dock", "goal: none")
    async with world(client, settings, scenario=Scenario.from_yaml(text)) as (simulator, _):
        with pytest.raises(CommandRefused, match="a target of the scenario with the object_type"):
            act(simulator, "sim.dock.engage")
        assert told(simulator)["comms"]["link"] is None
