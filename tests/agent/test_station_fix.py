"""The station's place: the same as the whole least squares problem, nearer than the radar sees."""

import numpy as np
import pytest

from qiki.agent.manoeuvres import station_fix
from qiki.agent.manoeuvres.station_fix import StationFix
from tests.agent.made_view import made_station, made_tracks, made_vehicle, made_view

PLACE_M = np.array([1200.0, 2600.0, 80.0])
TICK_NS = 100_000_000


def at(time_ns, tracks):
    return made_view(made_vehicle(), tracks, time_ns)


def seen(fix, count, velocity_m_s=(0, 0, 0), sigma_m=2.0, begin=0, seed=4):
    """Let a fix see a station for so many ticks; return what it was told."""
    random, told = np.random.default_rng(seed), []
    for tick in range(begin, begin + count):
        time_ns = tick * TICK_NS
        true_m = PLACE_M + np.array(velocity_m_s) * time_ns * 1e-9
        place_m = true_m + random.normal(0.0, sigma_m, 3)
        told.append((time_ns * 1e-9, place_m))
        fix.look(at(time_ns, made_station(place_m, time_ns, sigma_m=sigma_m)))
    return told


def test_it_is_the_least_squares_estimate_of_place_and_velocity():
    fix = StationFix()
    told = seen(fix, 300, (0.02, -0.03, 0.01))
    rows, values = [], []
    for number, (time_s, place_m) in enumerate(told):
        part = 1.0 if number == 0 else 0.1 / station_fix.MEMORY_S
        weight = part / 2.0**2
        weight *= np.exp(-(told[-1][0] - time_s) / station_fix.FADE_S)
        for axis in range(3):
            row = np.zeros(6)
            row[axis], row[axis + 3] = 1.0, time_s - told[0][0]
            rows.append(row * weight**0.5)
            values.append(place_m[axis] * weight**0.5)
    for axis in range(3):  # the prior
        row = np.zeros(6)
        row[axis + 3] = 1.0 / station_fix.PRIOR_M_S
        rows.append(row)
        values.append(0.0)
    expected = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    place = fix.at(round(told[-1][0] * 1e9))
    passed_s = told[-1][0] - told[0][0]
    assert place.position_m == pytest.approx(expected[:3] + passed_s * expected[3:], abs=1e-6)
    assert place.velocity_m_s == pytest.approx(expected[3:], abs=1e-6)


def test_it_stands_while_the_radar_does_not_see_it_and_says_how_well_it_is_known():
    fix = StationFix()
    seen(fix, 1200)
    end_ns = 1200 * TICK_NS
    for tick in range(1200, 1800):
        fix.look(at(tick * TICK_NS, made_tracks()))
    near, later = fix.at(end_ns), fix.at(end_ns + 600 * TICK_NS)
    assert np.linalg.norm(near.position_m - PLACE_M) < 4.0 * near.error_m < 4.0
    assert later.error_m > near.error_m
    assert np.linalg.norm(later.position_m - PLACE_M) < 4.0 * later.error_m


def test_it_is_lost_after_long_and_found_anew():
    fix = StationFix()
    seen(fix, 20)
    late_ns = 20 * TICK_NS + round((station_fix.LOST_S + 1.0) * 1e9)
    fix.look(at(late_ns, made_tracks()))
    assert fix.number is None
    assert fix.at(late_ns) is None
    seen(fix, 5, begin=late_ns // TICK_NS + 1)
    assert fix.number == 1


def test_a_new_number_near_by_is_the_same_station_and_one_far_off_is_not():
    fix = StationFix()
    seen(fix, 50)
    far = made_station(PLACE_M + 500.0, 50 * TICK_NS)
    far["number"] = 8
    fix.look(at(50 * TICK_NS, far))
    assert fix.number == 1
    near = made_station(PLACE_M + 2.0, 51 * TICK_NS)
    near["number"] = 9
    fix.look(at(51 * TICK_NS, near))
    assert fix.number == 9


def test_a_station_in_the_origin_is_one():
    fix = StationFix()
    fix.look(at(0, made_station((0, 0, 0))))
    assert fix.at(0).position_m == pytest.approx(np.zeros(3))


def test_others_are_not_taken_for_a_station():
    fix = StationFix()
    fix.look(at(0, made_tracks((PLACE_M, (0, 0, 0)))))
    assert fix.number is None
    forged = made_station(PLACE_M)
    forged["object_type"], forged["alarms"] = 0, 1  # its identity is refuted
    fix.look(at(0, forged))
    assert fix.number is None
