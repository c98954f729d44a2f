"""Telemetry has the original's fields, the vehicle's values, and null for what nobody simulates."""

import json
import math

import msgspec
import pytest

from qiki.serve.own_ship import OwnShip
from qiki.serve.telemetry_snapshot import sim_state, telemetry_snapshot
from qiki.vehicle import VehicleConfig
from tests.serve.test_own_ship import document, ship_of

TIME_NS = 1_800_000_000_123_456_789

# Section 4.5 of the original's contract.
REQUIRED = {
    *("schema_version", "source", "timestamp", "ts_unix_ms", "position", "velocity", "heading"),
    *("attitude", "battery", "hull", "power", "thermal", "radiation_usvh", "temp_external_c"),
    "temp_core_c",
}
POWER = {
    *("soc_pct", "sources_w", "loads_w", "power_in_w", "power_out_w", "bus_v", "bus_a", "faults"),
    *("load_shedding", "shed_loads", "shed_reasons", "pdu_limit_w", "pdu_throttled"),
    *("throttled_loads", "supercap_soc_pct", "supercap_charge_w", "supercap_discharge_w"),
    *("battery_charge_w", "battery_discharge_w", "battery_spill_w", "battery_unserved_w"),
    *("dock_connected", "dock_soft_start_pct", "dock_power_w", "dock_v", "dock_a", "dock_temp_c"),
    *("nbl_active", "nbl_allowed", "nbl_power_w", "nbl_budget_w"),
}
NODE = {"id", "temp_c", "tripped", "warned", "warn_c", "trip_c", "hys_c"}
NOT_SIMULATED = {"battery_spill_w", "battery_unserved_w", "dock_soft_start_pct", "dock_v", "dock_a"}


def told(ship, state="RUNNING"):
    """Return a snapshot as a consumer reads it."""
    snapshot = telemetry_snapshot(ship, sim_state(state, 2.0, 1.5), TIME_NS - 5, TIME_NS)
    return json.loads(msgspec.json.encode(snapshot))


@pytest.fixture
def ship():
    ship = OwnShip(VehicleConfig.load("default"), 10)
    ship.vehicle.command([0.0, 400.0, 0.0], [0.0, 5.0, 20.0], duration_ns=10**9)
    for _ in range(21):
        ship.step()
    return ship


def test_the_fields_are_the_originals(ship):
    found = told(ship)
    assert set(found) >= REQUIRED
    assert set(found["position"]) == {"x", "y", "z"}
    assert set(found["attitude"]) == {"roll_rad", "pitch_rad", "yaw_rad"}
    assert set(found["hull"]) == {"integrity"}
    assert set(found["power"]) == POWER
    assert all(set(node) == NODE for node in found["thermal"]["nodes"])
    assert set(found["sim_state"]) == {"running", "paused", "speed", "achieved_speed", "fsm_state"}


def test_what_is_not_simulated_is_null_and_nothing_else(ship):
    found = told(ship)
    assert found["hull"]["integrity"] is None
    assert {key for key, value in found.items() if value is None} == set()
    assert {key for key, value in found["comms"].items() if value is None} == {"link"}
    assert {key for key, value in found["power"].items() if value is None} == NOT_SIMULATED


def test_the_values_are_the_vehicles(ship):
    found, vehicle = told(ship), ship.vehicle
    assert list(found["position"].values()) == vehicle.position_m.tolist()
    assert found["position"]["y"] > 0.5
    assert found["velocity"] == pytest.approx(math.dist((0, 0, 0), vehicle.velocity_m_s))
    assert found["heading"] == vehicle.heading_deg != 0
    assert found["attitude"]["roll_rad"] == pytest.approx(math.radians(vehicle.roll_deg))
    assert found["propulsion"]["rcs"]["propellant_kg"] == vehicle.propellant_kg
    assert found["timestamp"] == "2027-01-15T08:00:00.123457Z"
    assert (found["ts_unix_ms"], found["sim_time_ns"]) == (TIME_NS // 10**6, TIME_NS - 5)


def test_what_the_bus_takes_is_what_it_gives(ship):
    power = told(ship)["power"]
    assert sum(power["loads_w"].values()) == pytest.approx(power["power_out_w"])
    charging_w = power["battery_charge_w"] + power["supercap_charge_w"]
    assert sum(power["sources_w"].values()) == pytest.approx(power["power_out_w"] + charging_w)
    assert power["bus_v"] * power["bus_a"] == pytest.approx(power["power_out_w"] + charging_w)


def test_a_load_that_is_shed_is_named_with_its_reason():
    changed = document()
    changed["power"]["battery"]["initial_charge"] = 0.1
    ship = ship_of(changed)
    ship.step()
    ship.step()
    power = told(ship)["power"]
    assert power["load_shedding"]
    assert {"radar", "transponder"} <= set(power["shed_loads"])
    assert "low_charge" in power["shed_reasons"]


def test_the_dose_rate_is_that_of_the_place(ship):
    """By the law of docs/vehicle.md, from the file and the place that the message itself tells."""
    found, section = told(ship), document()["radiation"]
    place_m, expected = tuple(found["position"].values()), section["background_usv_h"]
    for source in section["sources"]:
        distance_m = math.dist(place_m, source["position_m"])
        expected += source["at_one_metre_usv_h"] / distance_m**2
    assert found["radiation_usvh"] == pytest.approx(expected, rel=1e-12)
    assert found["radiation_usvh"] > told(OwnShip(ship.config, 10))["radiation_usvh"] > 1.0


def test_the_transponder_is_told_as_the_power_lets_it(ship):
    part, vehicle = document()["comms"]["transponder"], ship.vehicle
    assert told(ship)["comms"] == {
        "enabled": True,
        "xpdr": {"mode": "ON", "active": True, "allowed": True, "id": part["id"]},
        "link": None,
    }
    vehicle.comms.set_transponder_mode("spoof")
    assert told(ship)["comms"]["xpdr"]["id"] == part["spoof_id"]
    vehicle.comms.switch(False)
    xpdr = {"mode": "OFF", "active": False, "allowed": True, "id": None}
    assert told(ship)["comms"] == {"enabled": False, "xpdr": xpdr, "link": None}
    changed = document()
    changed["power"]["battery"]["initial_charge"] = 0.1
    shed = ship_of(changed)
    for _ in range(3):
        shed.step()
    xpdr = {"mode": "ON", "active": False, "allowed": False, "id": None}
    assert told(shed)["comms"]["xpdr"] == xpdr
    del changed["comms"]["transponder"]
    assert told(ship_of(changed))["comms"]["xpdr"] is None


@pytest.mark.parametrize(("distance_m", "status"), [(5e3, "online"), (5e7, "offline")])
def test_the_link_is_told_where_a_station_is_known(ship, distance_m, status):
    vehicle, file = ship.vehicle, document()["comms"]["link"]
    vehicle.comms.set_station([vehicle.position_m[0], vehicle.position_m[1] + distance_m, 0.0])
    link = told(ship)["comms"]["link"]
    assert link["status"] == status
    distance_m = math.hypot(distance_m, vehicle.position_m[2])
    wavelength_m = 299_792_458 / file["frequency_hz"]
    assert link["distance_m"] == pytest.approx(distance_m)
    loss_db = 20 * math.log10(4 * math.pi * distance_m / wavelength_m)
    assert link["path_loss_db"] == pytest.approx(loss_db)
    gains_db = file["antenna_dbi"] + file["station_antenna_dbi"]
    received_dbm = 10 * math.log10(file["transmit_w"] * 1e3) + gains_db - loss_db
    assert link["rssi_dbm"] == pytest.approx(received_dbm)
    assert (link["snr_db"] >= file["required_snr_db"]) == (status == "online")


def test_the_way_to_the_station_s_port_is_told():
    ship = ship_of(document())
    names = ("distance_m", "speed_m_s", "angle_deg", "rate_deg_s")
    free = {"state": "undocked", "port": None, "phase": "free"}
    camera = ("offset_m", "velocity_m_s", "turn_deg")
    assert told(ship)["docking"] == free | dict.fromkeys((*names, *camera))
    docking = ship.vehicle.docking
    docking.set_station_port([3.0, 5.0, 0.0], [0.0, -0.5, 0.0], heading_deg=170)
    docking.engage("A")
    found = told(ship)["docking"]
    assert [found[name] for name in names] == pytest.approx([5.0, 0.5, 10.0, 0.0])
    assert (found["state"], found["port"], found["phase"]) == ("undocked", "A", "free")
    assert {found[name] for name in camera} == {None}
    docking.set_station_port([0.5, 6.0, 0.0], [0.0, -0.5, 0.0], heading_deg=180)
    ship.vehicle.advance(1_000_000)
    found = told(ship)["docking"]
    assert found["phase"] == "approach"
    assert found["offset_m"] == pytest.approx([0.5, 4.9995, 0.0])
    assert found["velocity_m_s"] == pytest.approx([0.0, 0.5, 0.0])
    assert found["turn_deg"] == pytest.approx([0.0, 0.0, 0.0])


def test_the_drive_is_told_with_its_motors(ship):
    drive = ship.vehicle.drive
    working = {"condition": "working", "told_m_s": 0.0}
    speeds_m_s = drive.wheels_m_s.tolist()
    assert speeds_m_s[1] > speeds_m_s[0] + 0.01  # it turns to port
    assert told(ship)["propulsion"]["drive"] == {
        **{"task": "idle", "ended": None, "left_deg": None, "power_part": None},
        "motors": {
            "left": working | {"speed_m_s": speeds_m_s[0]},
            "right": working | {"speed_m_s": speeds_m_s[1]},
        },
    }
    drive.set_condition("left", "blocked")
    drive.turn(45)
    ship.step()
    found = told(ship)["propulsion"]["drive"]
    assert (found["task"], found["power_part"]) == ("turn", 1.0)
    assert found["left_deg"] == drive.left_deg
    assert found["motors"]["left"]["condition"] == "blocked"
    assert found["motors"]["left"]["told_m_s"] == -found["motors"]["right"]["told_m_s"] == 0.25


def test_a_vehicle_without_parts_has_none_of_their_values():
    changed = document()
    for section in ("power", "thermal", "radiation", "comms", "docking", "drive"):
        del changed[section]
    found = told(ship_of(changed))
    names = ("power", "battery", "thermal", "temp_core_c", "temp_external_c", "radiation_usvh")
    assert {found[name] for name in (*names, "comms", "docking")} == {None}
    assert found["propulsion"]["drive"] is None


@pytest.mark.parametrize(
    ("state", "running", "paused"),
    [("RUNNING", True, False), ("PAUSED", True, True), ("STOPPED", False, False)],
)
def test_the_state_of_the_world_in_the_originals_words(ship, state, running, paused):
    found = told(ship, state)["sim_state"]
    words = {"running": running, "paused": paused, "fsm_state": state}
    assert found == words | {"speed": 2.0, "achieved_speed": 1.5}
