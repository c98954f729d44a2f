"""Thrusters in time: pulses, propellant, failures, and closed forms of what they do to the body."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import fresnel

from qiki.vehicle import Vehicle, VehicleConfig

BOT = VehicleConfig.load("default")
SECOND_NS = 1_000_000_000
EXHAUST_M_S = BOT.specific_impulse_s * 9.80665


def one_thruster(position_m, direction):
    """Give a vehicle with one thruster of 50 N, hardly any of whose mass is propellant."""
    return VehicleConfig.from_yaml(f"""
vehicle_version: 1
name: one
body: {{dry_mass_kg: 100, dry_inertia_kg_m2: [[20, 0, 0], [0, 30, 0], [0, 0, 40]]}}
propellant: {{mass_kg: 1e-3, tank_radius_m: 0, specific_impulse_s: 100000}}
rcs:
  pulse_window_s: 0.25
  minimum_on_time_s: 0.01
  clusters:
    - name: A
      thrust_n: 50
      thrusters: [{{position_m: {position_m}, force_direction: {direction}}}]
""")


def test_a_push_beside_the_centre_follows_fresnel_s_integrals():
    """A force and a torque about Z that stay the same in the body: v' = F / m R(a t² / 2) y.

    The propellant is 1e-5 of the mass, half of which is burnt.
    """
    vehicle = Vehicle(one_thruster([0.4, 0.0, 0.0], [0, 1, 0]))
    vehicle.set_condition(0, "stuck_open")
    vehicle.advance(10 * SECOND_NS)
    acceleration, turn = 50 / 100, 50 * 0.4 / 40
    unit = np.sqrt(np.pi / turn)
    sine, cosine = fresnel(10.0 / unit)
    expected = [-acceleration * unit * sine, acceleration * unit * cosine, 0.0]
    np.testing.assert_allclose(vehicle.velocity_m_s, expected, rtol=2e-5)
    assert vehicle.angular_velocity_rad_s[2] == pytest.approx(turn * 10, rel=1e-12)
    assert vehicle.propellant_kg == pytest.approx(1e-3 - 10 * 50 / (100000 * 9.80665), rel=1e-9)


def test_a_whole_tank_becomes_the_speed_of_the_rocket_equation():
    vehicle = Vehicle(BOT)
    vehicle.command([0.0, 700.0, 0.0])
    left_kg = [vehicle.propellant_kg]
    for _ in range(3000):
        vehicle.advance(7_000_000)
        left_kg.append(vehicle.propellant_kg)
    assert left_kg[-1] == 0.0
    assert (np.diff(left_kg) <= 0).all()
    assert not vehicle.firing.any()
    speed_m_s = EXHAUST_M_S * np.cos(np.pi / 4) * np.log(312 / 300)
    np.testing.assert_allclose(vehicle.velocity_m_s, [0, speed_m_s, 0], atol=1e-9)
    assert vehicle.mass_kg == 300.0
    burnt_kg = vehicle.on_time_s @ BOT.thrust_n / EXHAUST_M_S
    assert burnt_kg == pytest.approx(12.0, rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(-60, 60), st.integers(1, 1500)), min_size=1, max_size=12))
def test_the_impulse_asked_for_is_given_but_for_one_pulse(commands):
    """Whatever is asked for, however long: forces along X of any size for whole windows of time."""
    vehicle = Vehicle(BOT)
    asked = np.zeros(16)
    for force_n, milliseconds in commands:
        allocation = vehicle.command([float(force_n), 0.0, 0.0])
        windows = 1 + milliseconds // 250
        asked += allocation.fractions * 0.25 * windows
        vehicle.advance(windows * 250_000_000)
        # The minimum on-time, which is longer than half a step.
        assert (np.abs(asked - vehicle.on_time_s) <= 0.01 + 1e-9).all()


def test_pulses_are_whole_steps_not_below_the_minimum():
    vehicle = Vehicle(BOT)
    vehicle.command([30.0, 55.0, -4.0], [2.0, 0.0, 3.0])
    fired = []
    for _ in range(40 * 250):
        vehicle.advance(1_000_000)
        fired.append(vehicle.firing)
    windows = np.array(fired).reshape(40, 250, 16).sum(axis=1)
    assert windows[windows > 0].min() >= 10
    # Too short to be fired in each window, but fired all the same.
    assert ((windows == 0).any(axis=0) & (windows > 0).any(axis=0)).any()


def test_a_command_ends_when_it_was_told_to():
    vehicle = Vehicle(BOT)
    vehicle.command([0.0, 735.0, 0.0], duration_ns=1_100_000_000)
    fired = []
    for _ in range(2000):
        vehicle.advance(1_000_000)
        fired.append(vehicle.firing.any())
    # The last pulse is that of the fifth window, from 1 s to 1.25 s.
    assert 1000 <= np.flatnonzero(fired)[-1] < 1250
    # Four windows and 100 of 250 ms of the fifth.
    impulse = BOT.thrust_n @ vehicle.on_time_s * np.cos(np.pi / 4)
    assert impulse == pytest.approx(735.0 * 1.1, abs=0.01 * 8 * 260)


def test_a_later_command_takes_the_place_of_an_earlier_one_at_the_next_window():
    vehicle = Vehicle(BOT)
    vehicle.command([0.0, 700.0, 0.0])
    vehicle.advance(300_000_000)
    vehicle.command([0.0, -700.0, 0.0])
    before = vehicle.velocity_m_s[1]
    vehicle.advance(200_000_000)
    assert vehicle.velocity_m_s[1] > before
    vehicle.advance(500_000_000)
    assert abs(vehicle.velocity_m_s[1]) < 0.01


def test_the_configuration_s_numbers_are_what_the_vehicle_is():
    other = VehicleConfig.from_yaml(
        VehicleConfig.built_in_text("default")
        .replace("tank_radius_m: 0.25", "tank_radius_m: 1.0")
        .replace("mass_kg: 12 ", "mass_kg: 50 ")
    )
    vehicle = Vehicle(other)
    assert (vehicle.mass_kg, vehicle.propellant_kg) == (350.0, 50.0)
    np.testing.assert_allclose(vehicle.inertia_kg_m2, np.diag([145.0, 81.0, 156.0]))
    assert (other.pulse_window_ns, other.minimum_on_time_ns) == (250_000_000, 10_000_000)
