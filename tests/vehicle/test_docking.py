"""Docking: to the latches and back, against an integrator from outside, limits and refusals."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.spatial.transform import Rotation

from qiki.errors import SettingError, SnapshotError, VehicleError
from qiki.vehicle import Vehicle, VehicleConfig
from qiki.yaml_document import YamlDocument

BOT = VehicleConfig.load("default")
DOCUMENT = YamlDocument(VehicleConfig.built_in_text("default"), VehicleError).values
SECOND_NS = 1_000_000_000
STEP_NS = 1_000_000


def changed(**docking):
    document = json.loads(json.dumps(DOCUMENT))
    for name, values in docking.items():
        document["docking"][name].update(values)
    return VehicleConfig(json.dumps(document))


def before_a_station(bot=BOT, distance_m=0.5, speed_m_s=0.05, port="A", **start):
    """Give a vehicle that comes from the south to a port at the origin, which faces it."""
    heading_deg = 0.0 if port == "A" else 180.0
    place = {"position_m": [0, -1.0 - distance_m, 0], "velocity_m_s": [0, speed_m_s, 0]}
    vehicle = Vehicle(bot, **{**place, "heading_deg": heading_deg, **start})
    vehicle.docking.set_station_port([0, 0, 0], heading_deg=180)
    vehicle.docking.engage(port)
    return vehicle


def told(vehicle):
    events = [(event.kind, event.subject) for event in vehicle.take_events()]
    return [event for event in events if event[0].startswith("port_")]


@pytest.mark.parametrize("port", ["A", "B"])
def test_a_port_comes_in_is_captured_latched_powered_and_released(port):
    vehicle = before_a_station(port=port, angular_velocity_rad_s=[0.001, 0.002, -0.001])
    docking = vehicle.docking
    assert (docking.ports, docking.port, docking.phase) == (("A", "B"), port, "free")
    assert docking.distance_m == pytest.approx(0.5)
    phases = []
    while docking.phase != "latched":
        if docking.phase not in phases:
            phases.append(docking.phase)
        with pytest.raises(SettingError, match="dock power is on, must be off while no port"):
            vehicle.set_dock_power(True)
        vehicle.advance(20 * STEP_NS)
        assert vehicle.time_ns < 60 * SECOND_NS
    assert phases == ["free", "approach", "captured"]
    kinds = ["port_approached", "port_captured", "port_latched"]
    assert told(vehicle) == [(kind, port) for kind in kinds]
    assert (docking.distance_m, docking.speed_m_s, docking.rate_deg_s) == (0.0, 0.0, 0.0)
    assert docking.angle_deg == pytest.approx(0.0, abs=1e-6)
    np.testing.assert_allclose(vehicle.position_m, [0, -1.0, 0], atol=1e-12)
    vehicle.set_dock_power(True)
    vehicle.advance(3 * SECOND_NS)
    assert vehicle.power.dock_w > 100.0
    docking.release()
    assert (docking.phase, docking.port, docking.distance_m) == ("free", None, None)
    assert not vehicle.power.is_dock_on
    np.testing.assert_allclose(vehicle.velocity_m_s, [0, -15 / 312, 0], rtol=0, atol=1e-12)
    vehicle.advance(SECOND_NS)
    assert vehicle.power.dock_w == 0.0
    assert not vehicle.angular_velocity_rad_s.any()
    assert told(vehicle) == [("port_released", port)]


def oracle(soft, body, time_s, port_m):
    """Integrate a captured vehicle in scipy, with its Rotation for the attitude's turn."""
    mass_kg, inertia = 312.0, np.diag([125.0, 61.0, 136.0]) + np.eye(3) * 0.4 * 0.25**2 * 12

    def rate(_, state):
        x, v, q, momentum = state[:3], state[3:6], state[6:10], state[10:]
        turn = Rotation.from_quat(q)
        omega = turn.apply(np.linalg.solve(inertia, turn.inv().apply(momentum)))
        arm = turn.apply(port_m)
        force = -soft["stiffness_n_per_m"] * (x + arm)
        force -= soft["damping_n_s_per_m"] * (v + np.cross(omega, arm))
        torque = -soft["angular_stiffness_n_m_per_rad"] * turn.as_rotvec()
        torque -= soft["angular_damping_n_m_s_per_rad"] * omega
        q_rate = 0.5 * np.append(q[3] * omega + np.cross(omega, q[:3]), -omega @ q[:3])
        return np.concatenate([v, force / mass_kg, q_rate, np.cross(arm, force) + torque])

    answer = solve_ivp(rate, (0.0, time_s), body, method="DOP853", rtol=1e-12, atol=1e-13)
    return answer.y[:, -1]


def test_soft_capture_is_what_an_integrator_from_outside_makes_of_it():
    soft = DOCUMENT["docking"]["soft"]
    never = dict.fromkeys(("angle_deg", "rate_deg_s"), 0.0001)
    never |= dict.fromkeys(("distance_m", "speed_m_s"), 1e-06)
    bot = changed(latch=never)
    start = {"heading_deg": 1.0, "pitch_deg": -2.0, "roll_deg": 3.0}
    vehicle = before_a_station(
        bot,
        distance_m=0.05,
        speed_m_s=0.06,
        angular_velocity_rad_s=[0.004, -0.008, 0.006],
        **start,
    )
    vehicle.advance(2 * STEP_NS)
    assert vehicle.docking.phase == "captured"
    w, *xyz = vehicle.attitude
    momentum = vehicle.angular_momentum_n_m_s
    body = np.concatenate([vehicle.position_m, vehicle.velocity_m_s, xyz, [w], momentum])
    vehicle.advance(5 * SECOND_NS)
    found = oracle(soft, body, 5.0, [0.0, 1.0, 0.0])
    np.testing.assert_allclose(vehicle.position_m, found[:3], rtol=0, atol=1e-10)
    np.testing.assert_allclose(vehicle.velocity_m_s, found[3:6], rtol=0, atol=1e-10)
    turn = Rotation.from_quat(found[6:10]).inv() * Rotation.from_quat(
        [*vehicle.attitude[1:], vehicle.attitude[0]]
    )
    assert turn.magnitude() < 1e-10
    np.testing.assert_allclose(vehicle.angular_momentum_n_m_s, found[10:], rtol=0, atol=1e-8)
    # The way it went was no trifle.
    assert np.linalg.norm(vehicle.position_m - body[:3]) > 0.01


@pytest.mark.parametrize(
    "start",
    [
        {"speed_m_s": 0.11},
        {"heading_deg": 5.5},
        {"pitch_deg": -5.5},
        {"roll_deg": 5.5},
        {"angular_velocity_rad_s": [0.0, 0.02, 0.0]},
        {"position_m": [0.16, -1.5, 0.0]},
    ],
    ids=str,
)
def test_what_is_beyond_a_limit_is_not_captured(start):
    vehicle = before_a_station(**start)
    for _ in range(200):
        vehicle.advance(100 * STEP_NS)
        assert vehicle.docking.phase in ("free", "approach")
    kinds = [kind for kind, _ in told(vehicle)]
    assert kinds[0] == "port_approached"
    assert kinds[-1] == "port_left"


def test_the_cone_has_its_half_angle_and_its_range():
    vehicle = Vehicle(BOT)
    docking = vehicle.docking
    docking.engage("A")
    for distance_m, angle_deg, is_near in [
        (19.9, 19.9, True),
        (20.1, 0.0, False),
        (19.9, 20.1, False),
        (3.0, 20.1, False),
        (0.14, 170.0, True),
    ]:
        side, ahead = np.sin(np.deg2rad(angle_deg)), np.cos(np.deg2rad(angle_deg))
        port = np.array([0.0, 1.0, 0.0]) - distance_m * np.array([side, -ahead, 0.0])
        docking.set_station_port(list(port), heading_deg=180)
        vehicle.advance(STEP_NS)
        assert (docking.phase == "approach") == is_near, (distance_m, angle_deg)


def test_a_latched_vehicle_moves_with_its_station():
    vehicle = before_a_station()
    vehicle.advance(40 * SECOND_NS)
    docking = vehicle.docking
    assert docking.phase == "latched"
    docking.set_station_port([0, 0, 0], [1.0, -2.0, 0.5], heading_deg=180, pitch_deg=10)
    vehicle.command([0.0, -700.0, 0.0])
    vehicle.advance(10 * SECOND_NS)
    assert vehicle.propellant_kg < 12.0
    np.testing.assert_allclose(vehicle.velocity_m_s, [1.0, -2.0, 0.5], atol=1e-12)
    assert vehicle.pitch_deg == pytest.approx(-10.0)
    out = np.array([0.0, -np.cos(np.deg2rad(10)), np.sin(np.deg2rad(10))])
    np.testing.assert_allclose(vehicle.position_m, np.array([10, -20, 5]) + out, atol=1e-9)


def test_what_is_refused_says_why_and_changes_nothing():
    vehicle = before_a_station()
    vehicle.advance(40 * SECOND_NS)
    before, docking = vehicle.snapshot(), vehicle.docking
    for refused, message in [
        (lambda: docking.engage("C"), r'port is "C", must be A, B: give the name of a port'),
        (lambda: docking.engage("B"), r'port is "B", must be "A", which is held: release'),
        (docking.forget_station_port, "station port is forgotten, must be known while"),
        (lambda: docking.set_station_port([0, 2e8, 0]), r"position_m\[1\] is 200000000, must"),
        (lambda: docking.set_station_port([0, 0, 0], [np.inf, 0, 0]), r"velocity_m_s\[0\] is inf"),
        (lambda: docking.set_station_port([0, 0, 0], pitch_deg=91), "pitch_deg is 91, must"),
    ]:
        with pytest.raises(SettingError, match=message):
            refused()
        assert vehicle.snapshot() == before
    docking.release()
    with pytest.raises(SettingError, match="port is none, must be engaged"):
        docking.release()
    docking.forget_station_port()
    document = json.loads(json.dumps(DOCUMENT))
    del document["docking"]
    assert Vehicle(VehicleConfig(json.dumps(document))).docking is None


@settings(max_examples=20, deadline=None)
@given(
    st.floats(0.01, 0.12),
    st.lists(st.floats(-0.01, 0.01), min_size=3, max_size=3),
    st.integers(1, 999_999_999),
)
def test_a_run_is_the_same_at_any_rate_and_from_any_snapshot(speed_m_s, rate, piece_ns):
    def begun():
        return before_a_station(distance_m=0.2, speed_m_s=speed_m_s, angular_velocity_rad_s=rate)

    whole, pieces = begun(), begun()
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
        ("axis: [0, 1, 0]", "axis: [0, 0, 0]", "axis: has the length 0, must have at least"),
        ("axis: [0, 1, 0]", "axis: [0, 0, 0.5]", "up: has the length 0 across the axis"),
        ("name: B, position_m: [0, -1", "name: A, position_m: [0, -1", "already a port's name"),
        ("reach_m: 0.3", "reach_m: 0.1", "reach_m: is 0.1, must be 0.15 to 100"),
        ("{distance_m: 0.005", "{distance_m: 0.2", "latch.distance_m: is 0.2, must be .* to 0.15"),
        ("stiffness_n_per_m: 150", "stiffness_n_per_m: 1e6", "is 1000000, must be 0 to 2"),
        ("damping_n_m_s_per_rad: 170", "damping_n_m_s_per_rad: 1e5", "is 100000, must be 0 to 3"),
    ],
)
def test_a_bad_docking_section_is_refused_where_it_is_bad(old, new, message):
    text = VehicleConfig.built_in_text("default")
    assert text.count(old) == 1
    with pytest.raises(VehicleError, match=message):
        VehicleConfig.from_yaml(text.replace(old, new))


def test_a_snapshot_of_other_ports_is_refused():
    snapshot = before_a_station().snapshot()
    with pytest.raises(SnapshotError, match="another configuration"):
        Vehicle.restore(changed(soft={"reach_m": 0.4}), snapshot)


def test_the_camera_sees_from_the_approach_on_what_is_left():
    heading_deg, pitch_deg = 7.0, -4.0
    vehicle = before_a_station(
        distance_m=25.0,
        velocity_m_s=[0.1, 0.5, -0.2],
        heading_deg=heading_deg,
        pitch_deg=pitch_deg,
        angular_velocity_rad_s=[0.002, -0.001, 0.003],
    )
    docking = vehicle.docking
    vehicle.advance(STEP_NS)
    assert docking.phase == "free"
    assert (docking.offset_m, docking.velocity_m_s, docking.turn_deg) == (None, None, None)
    while docking.phase == "free":
        vehicle.advance(100 * STEP_NS)
    w, *xyz = vehicle.attitude.tolist()
    body = Rotation.from_quat([*xyz, w])
    port_m = body.apply([0.0, 1.0, 0.0])
    place_m = vehicle.position_m + port_m
    rate_rad_s = body.apply(vehicle.angular_velocity_rad_s)
    past_m_s = vehicle.velocity_m_s + np.cross(rate_rad_s, port_m)
    assert docking.offset_m == pytest.approx(body.inv().apply(-place_m), abs=1e-12)
    assert docking.velocity_m_s == pytest.approx(body.inv().apply(past_m_s), abs=1e-12)
    # The docked attitude is that of the world here, so what is left is the turn back to it.
    turned = body * Rotation.from_rotvec(docking.turn_deg, degrees=True)
    assert turned.as_matrix() == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.norm(docking.turn_deg) == pytest.approx(docking.angle_deg)
    assert np.linalg.norm(docking.offset_m) == pytest.approx(docking.distance_m)


def test_the_configuration_tells_the_ports_of_its_file():
    document = json.loads(json.dumps(DOCUMENT))
    tilted = {"name": "C", "position_m": [0.5, 0.2, 0.1], "axis": [0.6, 0.8, 0], "up": [0.5, 0, 1]}
    document["docking"]["ports"].append(tilted)
    bot = VehicleConfig(json.dumps(document))
    assert bot.port_names == ("A", "B", "C")
    assert bot.port_position_m == pytest.approx(np.array([[0, 1, 0], [0, -1, 0], [0.5, 0.2, 0.1]]))
    assert bot.port_axis == pytest.approx(np.array([[0, 1, 0], [0, -1, 0], [0.6, 0.8, 0]]))
    up = np.array([0.5, 0, 1]) - 0.3 * np.array([0.6, 0.8, 0])  # across the axis
    assert bot.port_up[2] == pytest.approx(up / np.linalg.norm(up))
    del document["docking"]
    none = VehicleConfig(json.dumps(document))
    assert (none.port_names, none.port_axis.shape) == ((), (0, 3))
