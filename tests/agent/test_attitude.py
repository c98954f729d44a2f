"""Turning: the error against scipy, the torque against the damped oscillator in closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.spatial.transform import Rotation

from qiki.agent.manoeuvres.attitude import AttitudeGains, attitude_error, turning_torque
from qiki.agent.manoeuvres.sight import turned

INERTIA_KG_M2 = np.array([[125.0, 3.0, -4.0], [3.0, 61.0, 2.0], [-4.0, 2.0, 136.0]])
PART = st.floats(-3.0, 3.0)
FREE = AttitudeGains(0.4, 1.0, 100.0)  # so high a rate that nothing is shortened


@settings(max_examples=200, deadline=None)
@given(st.tuples(PART, PART, PART), st.tuples(PART, PART, PART))
def test_the_error_turns_the_attitude_into_the_wanted_one(first, second):
    attitude, wanted = (Rotation.from_rotvec(it) for it in (first, second))
    error_rad = attitude_error(attitude.as_matrix(), wanted.as_matrix())
    assert np.linalg.norm(error_rad) <= np.pi + 1e-9
    reached = attitude * Rotation.from_rotvec(error_rad)
    assert (reached.inv() * wanted).magnitude() < 1e-6


@pytest.mark.parametrize("axis", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.6, 0.0, -0.8), (1, 1, 1)])
@pytest.mark.parametrize("left_rad", [0.0, 1e-9, 1e-5])
def test_half_a_turn_has_an_error_of_half_a_turn(axis, left_rad):
    unit = np.array(axis) / np.linalg.norm(axis)
    wanted = Rotation.from_rotvec((np.pi - left_rad) * unit)
    error_rad = attitude_error(np.eye(3), wanted.as_matrix())
    assert np.linalg.norm(error_rad) == pytest.approx(np.pi, abs=2e-5)
    assert (Rotation.from_rotvec(error_rad).inv() * wanted).magnitude() < 2e-5


@given(st.tuples(PART, PART, PART))
def test_a_rotation_vector_turns_as_scipy_says(vector):
    made = turned(np.array(vector))
    assert made == pytest.approx(Rotation.from_rotvec(vector).as_matrix(), abs=1e-12)


def flown(start_rad, gains, seconds):
    """Turn a free body from rest to no turn by the torque; return times, errors and rates."""

    def change(_time_s, state):
        attitude = Rotation.from_quat(state[:4])
        rate_rad_s = state[4:]
        error_rad = attitude_error(attitude.as_matrix(), np.eye(3))
        torque = turning_torque(error_rad, rate_rad_s, INERTIA_KG_M2, gains)
        gyro = np.cross(rate_rad_s, INERTIA_KG_M2 @ rate_rad_s)
        x, y, z, w = state[:4]
        p, q, r = rate_rad_s
        turning = 0.5 * np.array(
            [
                w * p + y * r - z * q,
                w * q + z * p - x * r,
                w * r + x * q - y * p,
                -x * p - y * q - z * r,
            ]
        )
        return [*turning, *np.linalg.solve(INERTIA_KG_M2, torque - gyro)]

    start = [*Rotation.from_rotvec(start_rad).as_quat(), 0.0, 0.0, 0.0]
    found = solve_ivp(change, (0.0, seconds), start, rtol=1e-10, atol=1e-12, dense_output=True)
    times_s = np.linspace(0.0, seconds, 200)
    states = found.sol(times_s).T
    errors = np.array(
        [attitude_error(Rotation.from_quat(it[:4]).as_matrix(), np.eye(3)) for it in states]
    )
    return times_s, errors, states[:, 4:]


@pytest.mark.parametrize("damping", [0.5, 1.0])
def test_about_one_axis_the_turn_is_the_damped_oscillation(damping):
    frequency, begin_rad = 0.4, 0.3
    gains = AttitudeGains(frequency, damping, 100.0)
    times_s, errors, _ = flown([0.0, 0.0, begin_rad], gains, 25.0)
    if damping == 1.0:
        expected = begin_rad * (1.0 + frequency * times_s) * np.exp(-frequency * times_s)
    else:
        damped = frequency * np.sqrt(1.0 - damping**2)
        part = damping * frequency / damped
        wave = np.cos(damped * times_s) + part * np.sin(damped * times_s)
        expected = begin_rad * np.exp(-damping * frequency * times_s) * wave
    assert errors[:, 2] == pytest.approx(-expected, abs=1e-7)
    assert np.abs(errors[:, :2]).max() < 1e-9


def test_a_large_turn_about_any_axis_settles_below_the_highest_rate():
    gains = AttitudeGains()
    _, errors, rates = flown([1.7, -1.2, 1.5], gains, 120.0)
    fastest = np.linalg.norm(rates, axis=1).max()
    assert 0.9 * gains.rate_rad_s < fastest < 1.02 * gains.rate_rad_s
    assert np.linalg.norm(errors[-1]) < 1e-5
