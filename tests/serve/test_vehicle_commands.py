"""Commands to the vehicle: what each does to it, and what is refused without touching it."""

import numpy as np
import pytest

from qiki.bus.command_message import CommandRefused
from qiki.serve.own_ship import OwnShip
from qiki.serve.vehicle_commands import AXES, VEHICLE_COMMANDS
from qiki.vehicle import VehicleConfig
from tests.serve.test_own_ship import document, ship_of

CONFIG = VehicleConfig.load("default")


@pytest.fixture
def ship():
    return OwnShip(CONFIG, 10)


def act(ship, name, **parameters):
    VEHICLE_COMMANDS[name].act(ship, parameters)


def advance(ship, seconds):
    for _ in range(round(seconds * 10) + 1):
        ship.step()


@pytest.mark.parametrize("axis", AXES)
def test_it_moves_along_the_axis_and_turns_about_none(ship, axis):
    act(ship, "sim.rcs.fire", axis=axis, pct=50, duration_s=0.5)
    advance(ship, 1.0)
    vehicle, direction = ship.vehicle, np.array(AXES[axis])
    speed = vehicle.velocity_m_s @ direction
    assert speed > 0.3
    assert np.linalg.norm(vehicle.velocity_m_s - speed * direction) < 0.01 * speed
    assert np.linalg.norm(vehicle.angular_velocity_rad_s) < 1e-3
    assert not vehicle.firing.any()


def test_percent_is_of_the_most_there_is_and_clamped(ship):
    speeds = {}
    for percent in (25, 100, 400):
        fresh = OwnShip(CONFIG, 10)
        act(fresh, "sim.rcs.fire", axis="up", percent=percent, duration=1)
        advance(fresh, 1.5)
        speeds[percent] = fresh.vehicle.velocity_m_s[2]
    assert speeds[25] == pytest.approx(speeds[100] / 4, rel=0.05)
    assert speeds[400] == speeds[100]
    # 622.3 N on 312 kg for a second, by docs/vehicle.md.
    assert speeds[100] == pytest.approx(622.3 / 312, rel=0.02)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("sim.rcs.stop", {}),
        ("sim.rcs.fire", {"axis": "aft", "pct": 0, "duration_s": 1}),
        ("sim.rcs.fire", {"axis": "aft", "pct": 50, "duration_s": -1}),
    ],
)
def test_thrusters_stop(ship, name, parameters):
    act(ship, "sim.rcs.fire", axis="forward", pct=50, duration_s=60)
    advance(ship, 0.4)
    fired_kg = CONFIG.propellant_kg - ship.vehicle.propellant_kg
    assert fired_kg > 0
    act(ship, name, **parameters)
    advance(ship, 0.2)
    left_kg = ship.vehicle.propellant_kg
    advance(ship, 1.0)
    assert ship.vehicle.propellant_kg == left_kg


def test_the_dock_gives_power_to_a_vehicle_without_ports():
    changed = document()
    del changed["docking"]
    ship = ship_of(changed)
    act(ship, "power.dock.on")
    advance(ship, 3.0)
    assert ship.vehicle.power.dock_w > 100
    act(ship, "power.dock.off")
    advance(ship, 0.1)
    assert ship.vehicle.power.dock_w == 0


def test_the_nbl_is_switched_and_limited(ship):
    act(ship, "power.nbl.set_max", max_power_w=7)
    advance(ship, 0.2)
    assert ship.vehicle.power.loads["nbl"].power_w == pytest.approx(7)
    act(ship, "power.nbl.off")
    advance(ship, 0.2)
    assert ship.vehicle.power.loads["nbl"].power_w == 0
    act(ship, "power.nbl.on")
    advance(ship, 0.2)
    assert ship.vehicle.power.loads["nbl"].power_w == pytest.approx(7)


def test_the_transponder_replies_by_its_mode_and_has_no_identity_else(ship):
    """The original's rule: ON and SPOOF reply, each with its identity, OFF and SILENT do not."""
    part, comms = document()["comms"]["transponder"], ship.vehicle.comms
    spoof = part["spoof_id"]
    identities = {"ON": part["id"], "silent": None, "SPOOF": spoof, "off": None, "Spoof": spoof}
    for mode, identity in identities.items():
        act(ship, "sim.xpdr.mode", mode=mode)
        advance(ship, 0.1)
        assert (comms.is_transponder_active, comms.transponder_id) == (bool(identity), identity)
        assert comms.transponder_mode == mode.lower()
        assert ship.vehicle.power.loads["transponder"].power_w == (6 if identity else 0)


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        (lambda file: file.pop("comms"), "comms_disabled", "are absent, must be on"),
        (lambda file: file["comms"].update(is_on=False), "comms_disabled", "are off, must be on"),
        (lambda file: file["comms"].pop("transponder"), "rejected", "comms.transponder"),
    ],
)
def test_without_comms_no_transponder_is_told_its_mode(change, code, text):
    changed = document()
    change(changed)
    ship = ship_of(changed)
    before = ship.vehicle.snapshot()
    with pytest.raises(CommandRefused, match=text) as refused:
        act(ship, "sim.xpdr.mode", mode="ON")
    assert refused.value.code == code
    assert ship.vehicle.snapshot() == before


def test_the_wheels_hold_a_speed_for_a_time_and_brake(ship):
    drive = ship.vehicle.drive
    act(ship, "sim.drive.set", left_pct=50, right_pct=50, duration_s=4)
    advance(ship, 4.0)
    assert ship.vehicle.velocity_m_s == pytest.approx([0, 0.5, 0], abs=1e-3)
    advance(ship, 10.0)
    assert (drive.task, drive.ended) == ("idle", "time_over")
    assert np.linalg.norm(ship.vehicle.velocity_m_s) < 1e-5
    act(ship, "sim.drive.set", left_pct=-100, right_pct=100)
    advance(ship, 60.0)
    assert drive.task == "speeds"
    act(ship, "sim.drive.stop")
    assert (drive.task, drive.ended) == ("brake", "told")


@pytest.mark.parametrize("angle_deg", [30, -120.5])
def test_the_vehicle_turns_by_the_angle(ship, angle_deg):
    act(ship, "sim.drive.turn", angle_deg=angle_deg)
    advance(ship, 40.0)
    assert ship.vehicle.drive.ended == "turned"
    assert ship.vehicle.heading_deg == pytest.approx(angle_deg % 360, abs=0.5)


WHEELS = {"left_pct": 10, "right_pct": 20}
FIRE = {"axis": "up", "pct": 10, "duration_s": 1}


@pytest.mark.parametrize(
    ("name", "parameters", "code", "text"),
    [
        ("sim.rcs.fire", {}, "invalid_parameters", "axis is missing, must be one of forward"),
        ("sim.rcs.fire", FIRE | {"axis": "left"}, "invalid_parameters", 'axis is "left", must be'),
        ("sim.rcs.fire", FIRE | {"pct": "x"}, "invalid_parameters", 'pct is "x", must be 0 to'),
        ("sim.rcs.fire", FIRE | {"pct": True}, "invalid_parameters", "pct is true, must be"),
        ("sim.rcs.fire", FIRE | {"percent": 1}, "invalid_parameters", "pct and percent are given"),
        ("sim.rcs.fire", {"axis": "up", "pct": 9}, "invalid_parameters", "duration_s is missing"),
        ("sim.rcs.fire", FIRE | {"duration_s": 1e5}, "invalid_parameters", "must be at most 3600"),
        ("power.nbl.set_max", {"max_power_w": 1e3}, "invalid_parameters", "max_power_w: "),
        ("power.nbl.set_max", {}, "invalid_parameters", "max_power_w is missing, must be"),
        ("sim.xpdr.mode", {"mode": "LOUD"}, "invalid_mode", 'mode is "LOUD", must be one of ON'),
        ("sim.xpdr.mode", {}, "invalid_mode", "mode is missing, must be one of ON"),
        ("power.dock.on", {}, "rejected", "dock power is on, must be off while no port is latched"),
        ("sim.dock.engage", {"port": "C"}, "rejected", 'port is "C", must be A, B: give the name'),
        ("sim.dock.engage", {"port": 1}, "invalid_parameters", "port is 1, must be one of A, B"),
        ("sim.drive.set", {"left_pct": 1}, "invalid_parameters", "right_pct is missing, must be"),
        ("sim.drive.set", WHEELS | {"left_pct": 101}, "invalid_parameters", "left_pct is 101"),
        ("sim.drive.set", WHEELS | {"right_pct": "x"}, "invalid_parameters", 'right_pct is "x",'),
        ("sim.drive.set", WHEELS | {"duration_s": -1}, "invalid_parameters", "is -1, must be 0 to"),
        ("sim.drive.set", WHEELS | {"duration_s": 1e5}, "invalid_parameters", "must be 0 to 3600"),
        ("sim.drive.set", WHEELS, "rejected", "the drive's load is off, must be on: switch it on"),
        ("sim.drive.turn", {}, "invalid_parameters", "angle_deg is missing, must be -360"),
        ("sim.drive.turn", {"angle_deg": 400}, "invalid_parameters", "angle_deg is 400, must be"),
        ("sim.drive.turn", {"angle_deg": 9}, "rejected", "the drive's load is off, must be on"),
        ("sim.dock.release", {}, "rejected", "port is none, must be engaged: engage a port before"),
    ],
)
def test_what_is_refused_changes_nothing(ship, name, parameters, code, text):
    ship.has_station = True
    ship.vehicle.set_load("drive", is_on=False)
    act(ship, "sim.rcs.fire", axis="up", pct=10, duration_s=1)
    before = ship.vehicle.snapshot()
    with pytest.raises(CommandRefused) as refused:
        act(ship, name, **parameters)
    assert refused.value.code == code
    assert text in str(refused.value)
    assert ship.vehicle.snapshot() == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("power.dock.on", "has no power.dock in its file"),
        ("power.nbl.on", "has no load nbl"),
        ("sim.dock.engage", "docking is disabled: .* has no docking in its file"),
        ("sim.dock.release", "docking is disabled: .* has no docking in its file"),
        ("sim.drive.set", "default has no drive in its file: add one"),
        ("sim.drive.turn", "default has no drive in its file: add one"),
        ("sim.drive.stop", "default has no drive in its file: add one"),
    ],
)
def test_what_the_vehicle_lacks_is_refused(name, text):
    changed = document()
    for section in ("power", "thermal", "docking", "drive"):
        del changed[section]
    with pytest.raises(CommandRefused, match=text):
        act(ship_of(changed), name)


def test_without_propellant_nothing_fires():
    changed = document()
    changed["propellant"]["mass_kg"] = 0
    with pytest.raises(CommandRefused, match="propellant is 0 kg"):
        act(ship_of(changed), "sim.rcs.fire", **FIRE)
