import re
import uuid

import pytest

from qiki.bios.devices import VEHICLE_SENSORS, all_devices, profile_hash
from qiki.radar import Scenario
from qiki.serve.sensor_readings import sensor_id
from qiki.vehicle import VehicleConfig
from tests.bios.telemetry_messages import LOADS, NODES, names_of_the_default_vehicle

SCENARIO = Scenario.load("default")
DEVICES = all_devices(SCENARIO, VehicleConfig.load("default"))


def test_devices_are_those_of_file_and_scenario():
    assert names_of_the_default_vehicle() == (LOADS, NODES)
    names = [device.name for device in DEVICES]
    assert names == [
        "simulator",
        "radar.main",
        *(f"sensor.{name}" for name in ("imu", "gps", "thermal")),
        "rcs",
        *(f"motor.{side}" for side in ("left", "right")),
        "battery",
        "supercapacitor",
        "pdu",
        "dock",
        *(f"load.{name}" for name in LOADS),
        *(f"thermal.{name}" for name in NODES),
        "comms",
        "comms.transponder",
        "docking",
        "dosimeter",
    ]


def test_ids_are_uuids_one_for_each_and_the_same_in_each_run():
    ids = [device.id for device in DEVICES]
    assert [str(uuid.UUID(id)) for id in ids] == ids
    assert len(set(ids)) == len(ids)
    assert DEVICES[0].id == str(uuid.uuid5(uuid.NAMESPACE_URL, "urn:qiki:device:simulator"))


def test_a_radar_has_the_id_of_its_frames():
    (sensor,) = SCENARIO.sensors
    assert [device.id for device in DEVICES if device.name == "radar.main"] == [sensor.sensor_id]


@pytest.mark.parametrize("name", VEHICLE_SENSORS)
def test_a_sensor_has_the_id_of_its_readings(name):
    (found,) = [device for device in DEVICES if device.name == f"sensor.{name}"]
    assert found.id == sensor_id(name)


def test_every_radar_of_a_scenario_is_a_device():
    scenario = Scenario.load("rotating")
    radars = [device.part for device in all_devices(scenario, None) if device.period_ns]
    assert radars == [sensor.sensor_id for sensor in scenario.sensors]


@pytest.mark.parametrize(
    ("section", "gone"),
    [
        ("power", ("battery", "supercapacitor", "pdu", "load.")),
        ("thermal", ("thermal.",)),
        ("docking", ("docking",)),
        ("comms", ("comms",)),
        ("radiation", ("dosimeter",)),
        ("drive", ("motor.",)),
    ],
)
def test_what_a_file_leaves_out_is_no_device(section, gone):
    text = VehicleConfig.built_in_text("default")
    names = {"power": ("power", "thermal", "comms")}.get(section, (section,))  # what needs it, too
    for name in names:
        text = re.sub(rf"^{name}:\n(?:[ #].*\n|\n)*", "", text, flags=re.MULTILINE)
    left = {it.name for it in all_devices(SCENARIO, VehicleConfig.from_yaml(text))}
    missing = {device.name for device in DEVICES} - left
    assert {name for name in missing if name.startswith(gone)} == {
        device.name for device in DEVICES if device.name.startswith(gone)
    }
    assert left - {device.name for device in DEVICES} == set()
    assert section == "power" or all(name.startswith(gone) for name in missing)


def test_without_a_vehicle_there_are_simulator_and_radars():
    assert [it.name for it in all_devices(SCENARIO, None)] == ["simulator", "radar.main"]


def test_the_hash_is_that_of_the_devices():
    again = all_devices(SCENARIO, VehicleConfig.load("default"))
    assert profile_hash(again) == profile_hash(DEVICES)
    assert profile_hash(DEVICES[:-1]) != profile_hash(DEVICES)
    assert len(profile_hash(DEVICES)) == len("sha256:") + 64


@pytest.mark.parametrize("name", LOADS)
def test_types_are_those_of_the_contract(name):
    types = {"radar": 1, "drive": 2, "transponder": 4, "computer": 5}
    (load,) = [device for device in DEVICES if device.name == f"load.{name}"]
    assert load.type == types.get(name, 0)
