"""The drive: against an integrator from outside, its power, docking, failures and refusals."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from qiki.errors import SettingError, SnapshotError, VehicleError
from qiki.vehicle import Vehicle, VehicleConfig
from qiki.yaml_document import YamlDocument
from tests.vehicle.test_docking import before_a_station

BOT = VehicleConfig.load("default")
DOCUMENT = YamlDocument(VehicleConfig.built_in_text("default"), VehicleError).values
SECOND_NS = 1_000_000_000
FILE = DOCUMENT["drive"]


def changed(**sections):
    """Return the default vehicle with some values of some sections changed."""
    document = json.loads(json.dumps(DOCUMENT))
    for name, values in sections.items():
        document[name].update(values)
    return VehicleConfig(json.dumps(document))


def angle_between(one_deg, other_deg):
    return (one_deg - other_deg + 180.0) % 360.0 - 180.0


def planar(mass_kg, inertia_kg_m2, told_m_s):
    """Return the rate of (x, y, clockwise heading and their rates) of a body on two wheels."""

    def force_n(damper, speed_m_s):
        most_n = damper["maximum_force_n"]
        return np.clip(damper["gain_n_s_per_m"] * speed_m_s, -most_n, most_n)

    def rate(_time_s, state):
        _, _, heading, east, north, turn = state
        bow = np.array([np.sin(heading), np.cos(heading)])
        starboard = np.array([np.cos(heading), -np.sin(heading)])
        velocity = np.array([east, north])
        pushes, torque = np.zeros(2), 0.0
        for side, told in zip(("left", "right"), told_m_s, strict=True):
            across_m = FILE[side]["position_m"][0]
            along_n = force_n(FILE["servo"], told - (velocity @ bow - across_m * turn))
            across_n = -force_n(FILE["grip"], velocity @ starboard)
            pushes += along_n * bow + across_n * starboard
            torque -= across_m * along_n
        return [east, north, turn, *(pushes / mass_kg), torque / inertia_kg_m2]

    return rate


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.floats(-1, 1), min_size=2, max_size=2),
    st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=2),
    st.floats(-0.5, 0.5),
    st.floats(-180, 180),
)
def test_it_moves_as_an_integrator_from_outside_says(told, velocity, turn_rad_s, heading_deg):
    vehicle = Vehicle(
        BOT,
        heading_deg=heading_deg,
        velocity_m_s=[*velocity, 0.0],
        angular_velocity_rad_s=[0.0, 0.0, -turn_rad_s],
    )
    vehicle.drive.set(*told)
    vehicle.advance(6 * SECOND_NS)
    start = [0.0, 0.0, np.deg2rad(heading_deg), *velocity, turn_rad_s]
    law = planar(vehicle.mass_kg, vehicle.inertia_kg_m2[2, 2], told)
    found = solve_ivp(law, (0.0, 6.0), start, rtol=1e-9, atol=1e-10, max_step=0.01).y[:, -1]
    np.testing.assert_allclose(vehicle.position_m, [*found[:2], 0.0], atol=1e-4)
    np.testing.assert_allclose(vehicle.velocity_m_s, [*found[3:5], 0.0], atol=1e-4)
    assert abs(angle_between(vehicle.heading_deg, np.rad2deg(found[2]))) < 0.01
    assert vehicle.drive.told_m_s.tolist() == told


@pytest.mark.parametrize("angle_deg", [90, -90, 180, -200.5, 359, 3, 0.2])
def test_it_turns_by_the_angle_where_it_stands(angle_deg):
    vehicle = Vehicle(BOT, heading_deg=77)
    drive = vehicle.drive
    drive.turn(angle_deg)
    assert (drive.task, drive.left_deg) == ("turn", angle_deg)
    for _ in range(400):
        vehicle.advance(SECOND_NS // 10)
    assert abs(angle_between(vehicle.heading_deg, 77 + angle_deg)) <= FILE["turn"]["tolerance_deg"]
    assert (drive.task, drive.ended, drive.left_deg) == ("idle", "turned", None)
    assert np.abs(drive.wheels_m_s).max() <= FILE["rest_m_s"]
    np.testing.assert_allclose(vehicle.position_m, 0.0, atol=1e-9)


def test_it_takes_forty_watts_for_each_metre_per_second_and_less_power_is_less_force():
    vehicle = Vehicle(BOT)
    vehicle.drive.set(1, 1)
    vehicle.advance(5 * SECOND_NS)
    assert vehicle.power.loads["drive"].power_w == pytest.approx(40.0)
    assert vehicle.drive.power_part == 1.0
    assert vehicle.drive.wheels_m_s == pytest.approx([1, 1], abs=1e-3)
    vehicle.drive.set(0.5, 0)
    vehicle.advance(SECOND_NS // 100)
    assert vehicle.power.loads["drive"].power_w == pytest.approx(10.0)
    # What the bus carries, 110 W, leaves the drive 15 W of 40: computer and base need 95 W.
    bus = {"minimum_v": 20, "nominal_v": 20, "maximum_a": 5.5}
    poor = Vehicle(changed(power={"bus": bus}))
    poor.drive.set(1, 1)
    poor.advance(SECOND_NS // 100)
    part = poor.power.loads["drive"].power_w / 40.0
    assert 0.1 < part < 0.9
    assert poor.drive.power_part == pytest.approx(part)
    expected_m_s = 0.01 * part * 2 * FILE["servo"]["maximum_force_n"] / poor.mass_kg
    assert poor.velocity_m_s[1] == pytest.approx(expected_m_s, rel=1e-3)


def test_told_to_stop_it_brakes_rests_and_lets_go():
    vehicle = Vehicle(BOT, velocity_m_s=[0.2, 0.7, 0])
    drive = vehicle.drive
    drive.set(0.7, 0.7)
    vehicle.advance(SECOND_NS)
    drive.stop()
    assert (drive.task, drive.ended) == ("brake", "told")
    vehicle.advance(30 * SECOND_NS)
    assert (drive.task, drive.power_part) == ("idle", None)
    assert np.abs(vehicle.velocity_m_s).max() <= FILE["rest_m_s"]
    assert vehicle.power.loads["drive"].demand_w == 0.0
    vehicle.set_load("drive", demand_w=3.0)  # it is told nothing: the load is anyone's
    drive.stop()
    vehicle.advance(SECOND_NS)
    assert vehicle.power.loads["drive"].demand_w == 3.0


def test_a_captured_port_lifts_the_wheels():
    vehicle = before_a_station()
    drive = vehicle.drive
    drive.set(0.05, 0.05)
    while vehicle.docking.phase != "captured":
        vehicle.advance(SECOND_NS // 100)
        assert vehicle.time_ns < 60 * SECOND_NS
    vehicle.advance(SECOND_NS // 100)
    assert (drive.task, drive.ended) == ("idle", "docked")
    before = vehicle.snapshot()
    for refused in (lambda: drive.set(0, 0), lambda: drive.turn(1)):
        with pytest.raises(SettingError, match="port is held, must be free: release the port"):
            refused()
    assert vehicle.snapshot() == before


def test_a_motor_fails_and_is_repaired():
    vehicle = Vehicle(BOT)
    drive = vehicle.drive
    assert drive.conditions == ("working", "working")
    drive.set_condition("right", "free")
    drive.set(0.5, 0.5)
    vehicle.advance(3 * SECOND_NS)
    assert vehicle.angular_velocity_rad_s[2] < -0.1  # to starboard, where nothing pushes
    assert drive.conditions == ("working", "free")
    drive.set_condition("right", "working")
    vehicle.advance(10 * SECOND_NS)
    assert vehicle.angular_velocity_rad_s[2] == pytest.approx(0.0, abs=1e-6)
    for motor, condition in (("both", "free"), ("left", "stuck_open")):
        with pytest.raises(SettingError, match="give one of these words"):
            drive.set_condition(motor, condition)


def test_what_is_refused_says_why_and_changes_nothing():
    vehicle = Vehicle(BOT)
    vehicle.set_load("drive", is_on=False)
    before, drive = vehicle.snapshot(), vehicle.drive
    for refused, message in [
        (lambda: drive.set(1.5, 0), r"left is 1.5, must be -1 to 1: give a part"),
        (lambda: drive.set(0, np.nan), r"right is NaN, must be -1 to 1"),
        (lambda: drive.set(0, 0, duration_ns=-1), r"duration_ns is -1, must be 0 to"),
        (lambda: drive.turn(np.inf), r"angle_deg is inf, must be -360 to 360: turn by less"),
        (lambda: drive.turn(5), "the drive's load is off, must be on: switch it on"),
        (lambda: drive.set(1, 1), "the drive's load is off, must be on: switch it on"),
    ]:
        with pytest.raises(SettingError, match=message):
            refused()
        assert vehicle.snapshot() == before
    vehicle.set_load("drive", is_on=True)
    drive.set(1, 1)
    with pytest.raises(SettingError, match="which is the drive at work: stop it"):
        vehicle.set_load("drive", demand_w=3.0)
    document = json.loads(json.dumps(DOCUMENT))
    del document["drive"]
    assert Vehicle(VehicleConfig(json.dumps(document))).drive is None


@settings(max_examples=20, deadline=None)
@given(
    st.floats(-360, 360),
    st.floats(-1, 1),
    st.lists(st.floats(-0.3, 0.3), min_size=3, max_size=3),
    st.integers(1, 999_999_999),
)
def test_a_run_is_the_same_at_any_rate_and_from_any_snapshot(angle_deg, part, rate, piece_ns):
    def begun():
        vehicle = Vehicle(BOT, velocity_m_s=[0.2, -0.3, 0.1], angular_velocity_rad_s=rate)
        vehicle.drive.set(part, -0.2, duration_ns=700_000_123)
        return vehicle

    whole, pieces = begun(), begun()
    for vehicle in (whole, pieces):
        vehicle.advance(SECOND_NS)
        vehicle.drive.turn(angle_deg)
    whole.advance(6 * SECOND_NS)
    left_ns = 6 * SECOND_NS
    for _ in range(20):
        pieces.advance(min(piece_ns, left_ns))
        left_ns -= min(piece_ns, left_ns)
        pieces = Vehicle.restore(BOT, pieces.snapshot())
    pieces.advance(left_ns)
    assert pieces.snapshot() == whole.snapshot()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "right: {position_m: [0.6",
            "right: {position_m: [-0.7",
            r"drive.right.position_m\[0\]: is -0.7, must be 0.001 to",
        ),
        (
            "left: {position_m: [-0.6",
            "left: {position_m: [0.5",
            r"drive.left.position_m\[0\]: is 0.5, must be -1000? to -0.001",
        ),
        ("{gain_n_s_per_m: 1000", "{gain_n_s_per_m: 1e6", "servo.gain_n_s_per_m: is 1000000"),
        ("{gain_n_s_per_m: 2000", "{gain_n_s_per_m: 1e6", "grip.gain_n_s_per_m: is 1000000"),
        ("closing_per_s: 1,", "closing_per_s: 3,", "turn.closing_per_s: is 3, must be 0 to 1.3"),
        ("{speed_m_s: 0.25", "{speed_m_s: 1", "turn.speed_m_s: is 1, must be 0 to 0.31"),
        ("maximum_m_s: 1\n", "maximum_m_s: 0.2\n", "turn.speed_m_s: is 0.25, must be 0.001 to 0.2"),
        ("maximum_m_s: 1\n", "maximum_m_s: 2\n", "power_w_per_m_s: is 40, must be 0 to 20"),
        ("load: drive", "load: wheels", 'load: is "wheels", must be one of nbl, radar'),
        ("load: drive", "load: transponder", "already the transponder's"),
    ],
)
def test_a_bad_drive_section_is_refused_where_it_is_bad(old, new, message):
    text = VehicleConfig.built_in_text("default")
    assert text.count(old) == 1
    with pytest.raises(VehicleError, match=message):
        VehicleConfig.from_yaml(text.replace(old, new))


def test_a_snapshot_of_another_drive_is_refused():
    snapshot = Vehicle(BOT).snapshot()
    with pytest.raises(SnapshotError, match="another configuration"):
        Vehicle.restore(changed(drive={"rest_m_s": 1e-5}), snapshot)
