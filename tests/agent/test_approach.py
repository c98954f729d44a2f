"""The way to a port: speeds in closed form, the way round a station, the corridor's edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiki.agent.manoeuvres.approach import (
    SLOWEST_M_S,
    ApproachLimits,
    affordable_m_s,
    corridor_speed_m_s,
    corridor_velocity,
    paced,
    retreat_velocity,
    straight_velocity,
    way_round,
    why_outside,
)

LIMITS = ApproachLimits()
AXIS = np.array([0.0, -1.0, 0.0])
PART = st.floats(-500.0, 500.0)
POINT = st.tuples(PART, PART, PART).map(np.array)


@pytest.mark.parametrize(
    ("far_m", "speed_m_s"),
    [
        (2000.0, 6.0),
        (72.0, 6.0),  # 6² / (2 * 0.25): here it begins to brake
        (18.0, 3.0),
        (1.0, 0.3),
        (0.0, 0.0),
    ],
)
def test_a_straight_way_ends_at_rest(far_m, speed_m_s):
    velocity_m_s = straight_velocity(far_m * np.array([0.0, 0.6, 0.8]), 6.0, LIMITS)
    assert velocity_m_s == pytest.approx(speed_m_s * np.array([0.0, 0.6, 0.8]))


@given(st.floats(0.0, 30.0), st.floats(-5.0, 10.0), st.sampled_from([0.0, 0.6, 3.0, 8.0]))
def test_the_cruise_is_what_the_propellant_brings_to_speed_and_to_rest(
    left_m_s, along_m_s, aside_m_s
):
    cruise_m_s = affordable_m_s(left_m_s, along_m_s, aside_m_s, LIMITS)
    assert SLOWEST_M_S <= cruise_m_s <= LIMITS.cruise_m_s
    is_kept = aside_m_s == 0.0 and cruise_m_s == pytest.approx(along_m_s)
    if cruise_m_s > SLOWEST_M_S and not is_kept:  # it can still stop
        turned_m_s = np.hypot(cruise_m_s - along_m_s, aside_m_s)
        if cruise_m_s == LIMITS.cruise_m_s < along_m_s:
            return
        assert turned_m_s + cruise_m_s + LIMITS.reserve_m_s <= left_m_s + 1e-9


def test_a_speed_beside_the_way_is_taken_off_the_cruise():
    # What ends 3 m/s beside the way and brings to 1 m/s: √(1² + 3²) + 1 + reserve.
    left_m_s = 10.0**0.5 + 1.0 + LIMITS.reserve_m_s
    assert affordable_m_s(left_m_s, 0.0, 3.0, LIMITS) == pytest.approx(1.0)


@given(st.floats(0.0, 16.0), st.floats(-1.0, 1.5))
def test_the_pace_along_the_axis_is_what_the_propellant_allows(left_m_s, speed_m_s):
    pace_m_s = paced(left_m_s, speed_m_s, LIMITS).corridor_m_s
    assert LIMITS.pace_m_s <= pace_m_s <= LIMITS.corridor_m_s
    if pace_m_s > max(LIMITS.pace_m_s, speed_m_s):
        assert (pace_m_s - speed_m_s) + pace_m_s + LIMITS.spare_m_s <= left_m_s + 1e-9


def test_the_corridor_ends_at_the_creep_that_a_port_captures():
    assert corridor_speed_m_s(50.0, LIMITS) == LIMITS.corridor_m_s
    assert corridor_speed_m_s(LIMITS.creep_m, LIMITS) == LIMITS.creep_m_s
    assert corridor_speed_m_s(0.0, LIMITS) == LIMITS.creep_m_s < 0.1
    ahead_m = 2.5
    expected = (LIMITS.creep_m_s**2 + 2 * LIMITS.corridor_m_s2 * (ahead_m - LIMITS.creep_m)) ** 0.5
    assert corridor_speed_m_s(ahead_m, LIMITS) == pytest.approx(expected)


def test_along_the_axis_it_comes_back_to_it_and_out_again():
    offset_m = 40.0 * AXIS + np.array([0.5, 0.0, 0.0])
    back_m_s = [-LIMITS.aside_per_s * 0.5, 0.0, 0.0]
    inwards, outwards = (it(offset_m, AXIS, LIMITS) for it in (corridor_velocity, retreat_velocity))
    assert inwards == pytest.approx(-LIMITS.corridor_m_s * AXIS + back_m_s)
    assert outwards == pytest.approx(LIMITS.corridor_m_s * AXIS + back_m_s)
    assert retreat_velocity(LIMITS.gate_m * AXIS, AXIS, LIMITS) == pytest.approx(np.zeros(3))
    far = corridor_velocity(40.0 * AXIS + np.array([0.0, 0.0, 9.0]), AXIS, LIMITS)
    assert far[2] == pytest.approx(-LIMITS.aside_m_s)


@given(POINT, POINT, st.floats(1.0, 100.0))
def test_the_way_round_keeps_out_of_the_sphere_or_is_straight(way_m, centre_m, radius_m):
    part_m = way_round(way_m, centre_m, radius_m)
    along = np.linspace(0.0, 1.0, 400)[:, None]
    straight_m = np.linalg.norm(along * way_m - centre_m, axis=1)
    if part_m is way_m:
        inside_at_an_end = min(straight_m[0], straight_m[-1]) < radius_m
        assert inside_at_an_end or straight_m.min() > 0.97 * radius_m
    else:
        assert straight_m.min() < radius_m + 1.0
        assert np.linalg.norm(part_m - centre_m) == pytest.approx(1.2 * radius_m)


@pytest.mark.parametrize(
    ("offset_m", "speed_m_s", "reason"),
    [
        ((0.0, -30.0, 0.0), 1.0, None),
        ((6.0, -30.0, 0.0), 1.0, None),  # the cone: 30 m tan 12 deg = 6.38 m
        ((6.5, -30.0, 0.0), 1.0, "6.50 m beside the axis, must be at most 6.38 m"),
        ((0.0, -0.5, 0.39), 0.06, None),
        ((0.0, -0.5, 0.41), 0.06, "0.41 m beside the axis, must be at most 0.40 m"),
        ((0.0, 0.5, 0.0), 0.06, "0.50 m behind the station's port"),
        ((0.0, -0.5, 0.0), 0.67, "speed is 0.67 m/s, must be at most 0.66 m/s"),
    ],
)
def test_the_corridor_has_edges(offset_m, speed_m_s, reason):
    found = why_outside(np.array(offset_m), speed_m_s, AXIS, LIMITS)
    assert found is None if reason is None else found.startswith(reason)
