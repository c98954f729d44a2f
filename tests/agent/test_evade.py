"""Evading: closest approaches against time stepped finely, the choice against all there are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki.agent.alert import Alert
from qiki.agent.manoeuvres import evade
from qiki.agent.manoeuvres.evade import Evade, Own, escape, misses
from qiki.agent.manoeuvres.push import Pusher
from tests.agent.made_view import CRAFT, made_tracks, made_vehicle, made_view

HORIZON_S = 40.0
MASS_KG = CRAFT.mass_kg(12.0)
PLACE = st.tuples(*[st.floats(-800.0, 800.0)] * 3)
SPEED = st.tuples(*[st.floats(-30.0, 30.0)] * 3)
SCENE = st.lists(st.tuples(PLACE, SPEED), min_size=1, max_size=5)


def own(velocity_m_s=(0.0, 0.0, 0.0), left_m_s=16.0):
    return Own(CRAFT.directions, CRAFT.reach_n / MASS_KG, np.array(velocity_m_s), left_m_s)


def stepped_m(place_m, velocity_m_s, push_m_s, begin_s):
    """Return the least distance of many moments up to the horizon, and how far it may be off."""
    times_s = np.linspace(0.0, HORIZON_S, 1601)
    moved = np.maximum(times_s - begin_s, 0.0)[:, None, None] * push_m_s
    way_m = place_m + velocity_m_s * times_s[:, None, None] - moved
    fastest_m_s = np.linalg.norm(velocity_m_s, axis=1).max() + np.linalg.norm(push_m_s)
    return np.linalg.norm(way_m, axis=-1).min(), fastest_m_s * (times_s[1] - times_s[0])


@settings(max_examples=50, deadline=None)
@given(SCENE, st.tuples(*[st.floats(-3.0, 3.0)] * 3), st.floats(0.0, HORIZON_S))
def test_the_closed_form_is_what_small_steps_find(scene, push, begin_s):
    place_m, velocity_m_s = (np.array(part) for part in zip(*scene, strict=True))
    push_m_s = np.array(push)
    found_m, time_s, _ = misses(
        place_m, velocity_m_s, push_m_s[None], np.array([begin_s]), HORIZON_S
    )
    expected_m, error_m = stepped_m(place_m, velocity_m_s, push_m_s, begin_s)
    assert expected_m - error_m <= found_m[0] <= expected_m + 1e-6
    assert 0.0 <= time_s[0] <= HORIZON_S


@settings(max_examples=6, deadline=None)
@given(SCENE)
def test_no_other_push_of_its_size_misses_by_more_and_no_smaller_one_is_safe(scene):
    place_m, velocity_m_s = (np.array(part) for part in zip(*scene, strict=True))
    chosen = escape(place_m, velocity_m_s, own(), HORIZON_S)
    size_m_s = np.linalg.norm(chosen.push_m_s)
    for step_m_s in evade.STEPS_M_S:
        takes_s = step_m_s / (CRAFT.reach_n / MASS_KG)
        for direction, take_s in zip(CRAFT.directions, takes_s, strict=True):
            begin_s = evade.LAG_S + 0.5 * take_s
            other_m, error_m = stepped_m(place_m, velocity_m_s, direction * step_m_s, begin_s)
            if chosen.miss_m < evade.SAFE_M:  # then nothing is safe, and this is the best of all
                assert other_m - error_m <= chosen.miss_m + 1e-3
            elif step_m_s < size_m_s - 1e-9:
                assert other_m - error_m < evade.SAFE_M
            elif step_m_s == pytest.approx(size_m_s):
                assert other_m - error_m <= chosen.miss_m + 1e-3


def test_the_crafts_directions_are_all_26_and_its_thrusters_reach_them():
    assert CRAFT.directions.shape == (26, 3)
    assert np.linalg.norm(CRAFT.directions, axis=1) == pytest.approx(1.0)
    assert len(np.unique(CRAFT.directions.round(6), axis=0)) == 26
    by_axis = {
        tuple(it.round(6)): reach for it, reach in zip(CRAFT.directions, CRAFT.reach_n, strict=True)
    }
    # docs/vehicle.md, the most without torque.
    assert by_axis[0.0, 1.0, 0.0] == pytest.approx(1357.6, rel=0.02)
    assert by_axis[1.0, 0.0, 0.0] == pytest.approx(735.4, rel=0.02)
    assert by_axis[0.0, 0.0, -1.0] == pytest.approx(622.3, rel=0.02)


def test_a_push_that_leaves_nothing_to_stop_with_is_the_last_resort():
    place_m, velocity_m_s = np.array([[0.0, 400.0, 0.0]]), np.array([[0.0, -16.0, 0.0]])
    free = escape(place_m, velocity_m_s, own((0.0, 6.0, 0.0)))
    scarce = escape(place_m, velocity_m_s, own((0.0, 6.0, 0.0), left_m_s=9.0))
    spent = escape(place_m, velocity_m_s, own((0.0, 6.0, 0.0), left_m_s=1.0))
    assert free.push_m_s == pytest.approx(spent.push_m_s)
    after_m_s = np.linalg.norm(np.array([0.0, 6.0, 0.0]) + scarce.push_m_s)
    left_m_s = 9.0 - np.linalg.norm(scarce.push_m_s)
    assert after_m_s <= left_m_s - evade.RESERVE_M_S
    assert scarce.miss_m < free.miss_m


def looked(tracks, own_numbers=frozenset(), **vehicle):
    view = made_view(made_vehicle(**vehicle), tracks)
    it = Evade()
    return it, view, it.look(view, own_numbers)


@pytest.mark.parametrize(
    ("place_m", "velocity_m_s", "evades"),
    [
        ((0, 500, 10), (0, -20, 0), True),
        ((0, 500, 45), (0, -20, 0), False),  # passes far enough
        ((0, 500, 10), (0, 20, 0), False),  # goes away
        ((0, 30, 0), (0, 0, 0), False),  # near, but keeps its distance
        ((0, 1500, 10), (0, -20, 0), False),  # beyond the horizon
    ],
)
def test_it_evades_what_comes_near(place_m, velocity_m_s, evades):
    assert looked(made_tracks((place_m, velocity_m_s)))[2] is evades


def test_what_is_not_known_well_is_evaded_only_when_somebody_warns():
    vague = made_tracks(((0, 500, 10), (0, -20, 0)), sigma_m_s=2.0)
    assert looked(vague)[2] is False
    it, view, _ = looked(vague)
    alert = Alert("R", "", "critical", "", "", 1, 0, 0, 0.0)
    assert it.look(made_view(view.vehicle, vague, alerts=(alert,)), frozenset())


def test_it_does_not_evade_where_it_goes_to():
    tracks = made_tracks(((0, 500, 10), (0, -20, 0)))
    assert looked(tracks, frozenset({1}))[2] is False


def test_an_evasion_lasts_until_the_closest_approach_is_past():
    tracks = made_tracks(((0, 400, 10), (0, -20, 0)))
    it, view, evades = looked(tracks)
    assert evades
    wrench = it.wrench(view, Pusher())
    assert np.linalg.norm(wrench.force_n) > 100.0
    nobody = tracks[:0]
    later = [made_view(view.vehicle, nobody, time_ns=round(s * 1e9)) for s in (15.0, 30.0)]
    assert [it.look(at, frozenset()) for at in later] == [True, False]
