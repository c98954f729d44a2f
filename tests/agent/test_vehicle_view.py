"""The vehicle as agents see it: what telemetry says of a real one, or refused by name."""

import json

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki.agent.vehicle_view import VehicleViewError, rotation, vehicle_view
from qiki.serve.own_ship import OwnShip
from qiki.serve.telemetry_snapshot import sim_state, telemetry_snapshot
from qiki.vehicle import VehicleConfig
from tests.serve.test_own_ship import document, ship_of

WORLD_NS = 1_800_000_000_123_456_789


def snapshot_of(ship):
    return telemetry_snapshot(ship, sim_state("RUNNING", 2.0), WORLD_NS, WORLD_NS + 7)


@pytest.fixture(scope="module")
def ship():
    """A vehicle that has flown and turned about all of its axes."""
    ship = OwnShip(VehicleConfig.load("default"), 10)
    ship.vehicle.command([30.0, 400.0, -50.0], [20.0, 5.0, 20.0], duration_ns=2 * 10**9)
    for _ in range(50):
        ship.step()
    assert min(abs(ship.vehicle.angular_velocity_rad_s)) > 1e-3
    return ship


@pytest.fixture
def told(ship):
    return json.loads(msgspec.json.encode(snapshot_of(ship)))


def matrix(quaternion):
    """Return the rotation of a quaternion (w, x, y, z), by its formula."""
    w, *v = quaternion
    cross = np.array([[0.0, -v[2], v[1]], [v[2], 0.0, -v[0]], [-v[1], v[0], 0.0]])
    return np.eye(3) + 2.0 * w * cross + 2.0 * cross @ cross


@pytest.mark.parametrize("as_json", [False, True])
def test_the_values_are_the_vehicles(ship, as_json):
    snapshot = snapshot_of(ship)
    view = vehicle_view(msgspec.json.encode(snapshot) if as_json else snapshot)
    vehicle = ship.vehicle
    np.testing.assert_array_equal(view.position_m, vehicle.position_m)
    np.testing.assert_array_equal(view.velocity_m_s, vehicle.velocity_m_s)
    np.testing.assert_array_equal(view.angular_velocity_rad_s, vehicle.angular_velocity_rad_s)
    np.testing.assert_allclose(view.attitude, matrix(vehicle.attitude), atol=1e-12)
    np.testing.assert_array_equal(view.bow, view.attitude[:, 1])
    assert view.propellant_kg == vehicle.propellant_kg
    assert view.charge_pct == vehicle.power.charge * 100.0
    assert view.quaternion.tobytes() == vehicle.attitude.tobytes()
    assert (view.time_ns, view.world_state) == (WORLD_NS, "RUNNING")
    assert (view.transponder_mode, view.docking.phase) == ("ON", "free")


def test_what_a_vehicle_has_not_is_none():
    values = document()
    for name in ("power", "thermal", "docking", "comms"):
        values.pop(name, None)
    view = vehicle_view(snapshot_of(ship_of(values)))
    assert (view.charge_pct, view.docking, view.transponder_mode, view.faults) == (
        None,
        None,
        None,
        (),
    )


@settings(deadline=None)
@given(*[st.floats(-3.2, 3.2)] * 3)
def test_an_attitude_is_a_rotation_with_the_bow_where_heading_and_pitch_say(heading, pitch, roll):
    turned = rotation(heading, pitch, roll)
    np.testing.assert_allclose(turned @ turned.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(turned) == pytest.approx(1.0)
    bow = [np.sin(heading) * np.cos(pitch), np.cos(heading) * np.cos(pitch), np.sin(pitch)]
    np.testing.assert_allclose(turned[:, 1], bow, atol=1e-12)
    assert turned[2, 0] == pytest.approx(-np.cos(pitch) * np.sin(roll))  # starboard goes down


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("sim_time_ns",), None, "Expected `int`, got `null` - at `$.sim_time_ns`"),
        (("sim_time_ns",), 1.5, "Expected `int`, got `float`"),
        (("position", "x"), "far", "Expected `float`, got `str` - at `$.position.x`"),
        (("velocity_xyz_m_s",), [1.0, 2.0], "Expected `array` of length 3"),
        (("attitude",), {}, "missing required field `roll_rad`"),
        (("docking", "phase"), None, "$.docking.phase"),
        (("sim_state",), [], "Expected `object`, got `array`"),
    ],
)
def test_what_is_missing_or_wrong_is_refused_by_name(told, path, value, said):
    *way, last = path
    place = told
    for name in way:
        place = place[name]
    place[last] = value
    with pytest.raises(VehicleViewError) as refusal:
        vehicle_view(json.dumps(told).encode())
    assert str(refusal.value).startswith("telemetry breaks its contract: ")
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    "said", [b"", b"{", b"[]", b"\xff", b'{"sim_time_ns": "\xff"}', b"[" * 100_000, b"NaN"]
)
def test_what_is_no_telemetry_is_refused(said):
    with pytest.raises(VehicleViewError, match="telemetry breaks its contract"):
        vehicle_view(said)
