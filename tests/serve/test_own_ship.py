"""The vehicle of the world: its steps do not drift, its radar has power or has not."""

import json

import numpy as np
import pytest

from qiki.errors import VehicleError
from qiki.serve.own_ship import OwnShip, vehicle_config
from qiki.vehicle import Vehicle, VehicleConfig
from qiki.yaml_document import YamlDocument

CONFIG = VehicleConfig.load("default")


def document():
    """Return the default vehicle's file."""
    return YamlDocument(VehicleConfig.built_in_text("default"), VehicleError).values


def ship_of(changed):
    return OwnShip(VehicleConfig(json.dumps(changed)), 10)


@pytest.mark.parametrize("rate_hz", [1, 3, 7, 60, 1000])
def test_steps_do_not_drift_and_the_way_does_not_depend_on_their_rate(rate_hz):
    ship, alone = OwnShip(CONFIG, rate_hz), Vehicle(CONFIG)
    for vehicle in (ship.vehicle, alone):
        vehicle.command([20.0, 150.0, 0.0], [0.0, 0.0, 3.0])
    for step in range(2 * rate_hz + 1):
        assert ship.due_ns == step * 10**9 // rate_hz
        ship.step()
        assert 0 <= step * 10**9 // rate_hz - ship.vehicle.time_ns < CONFIG.step_ns
    alone.advance(2_000_000_000)
    assert ship.vehicle.snapshot() == alone.snapshot()
    assert np.linalg.norm(alone.position_m) > 0.5


def test_the_radars_load_is_switched_and_says_why_it_has_no_power():
    ship = OwnShip(CONFIG, 10)
    for _ in range(3):
        assert ship.powers_radar
        ship.step()
    ship.switch_radar(on=False)
    assert not ship.powers_radar
    assert ship.why_unpowered == "off"


def test_a_low_battery_sheds_the_radar():
    changed = document()
    changed["power"]["battery"]["initial_charge"] = 0.15
    ship = ship_of(changed)
    ship.step()
    ship.step()
    assert not ship.powers_radar
    assert ship.why_unpowered == ship.vehicle.power.loads["radar"].shed == "low_charge"


def test_where_nothing_needs_power_radars_need_none():
    changed = document()
    del changed["power"], changed["thermal"]
    ship = ship_of(changed)
    ship.switch_radar(on=False)
    assert ship.powers_radar


@pytest.mark.parametrize("name", ["rcs", "rcs_aft", "motor_left"])
def test_a_load_that_is_called_as_an_actuator_is_refused(name, tmp_path):
    changed = document()
    changed["power"]["loads"].append({"name": name, "power_w": 1})
    file = tmp_path / "ship.yaml"
    file.write_text(json.dumps(changed))
    with pytest.raises(VehicleError, match=rf"name: is '{name}', must be none of rcs, "):
        vehicle_config(str(file))


def test_a_world_may_have_no_vehicle():
    assert vehicle_config("none") is None
    with pytest.raises(VehicleError, match="nowhere"):
        vehicle_config("nowhere")
