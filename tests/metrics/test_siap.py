"""SIAP: cases that can be counted by hand, and bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiki.errors import FrameError, SettingError
from qiki.metrics import Siap

SECOND_NS = 1_000_000_000
NOBODY = np.empty((0, 2))


def on_a_line(*x_m):
    return np.array([[x, 0.0] for x in x_m]).reshape(-1, 2)


def follow(*pictures, cutoff_m=10.0):
    """One target at rest, in pictures a second apart with the numbers of the tracks on it."""
    siap = Siap(cutoff_m=cutoff_m)
    for second, numbers in enumerate(pictures):
        siap.add(second * SECOND_NS, [1], on_a_line(0.0), list(numbers), on_a_line(*numbers) * 0.0)
    return siap.score()


def test_attributes_at_one_time():
    siap = Siap(cutoff_m=10.0)
    truth_m, track_m = on_a_line(0.0, 100.0, 200.0), on_a_line(3.0, -1.0, 104.0, 500.0)
    found = siap.add(0, [1, 2, 3], truth_m, [7, 8, 9, 10], track_m)
    assert (found.targets, found.tracked_targets, found.tracks, found.assigned_tracks) == (
        *(3, 2),
        *(4, 3),
    )
    assert found.completeness == pytest.approx(2 / 3)
    assert found.ambiguity == pytest.approx(3 / 2)
    assert found.spuriousness == pytest.approx(1 / 4)
    assert found.position_accuracy_m == pytest.approx(8 / 3)
    assert np.isnan(found.velocity_accuracy_m_s)


def test_velocities_are_compared_where_both_are_given():
    velocity = {"truth_velocity_m_s": [[1.0, 0.0]], "track_velocity_m_s": [[4.0, 4.0]]}
    siap = Siap()
    assert siap.add(0, [1], [[0.0, 0.0]], [5], [[1.0, 0.0]], **velocity).velocity_accuracy_m_s == 5
    siap.add(1, [1], [[0.0, 0.0]], [5], [[1.0, 0.0]])
    assert siap.score().velocity_accuracy_m_s == 5.0


def test_ratios_of_nothing_are_nan():
    siap = Siap()
    picture = siap.add(0, [], NOBODY, [], NOBODY)
    score = siap.score()
    assert np.isnan([picture.completeness, picture.ambiguity, picture.spuriousness]).all()
    assert np.isnan([score.completeness, score.number_change_rate_hz, score.longest_segment]).all()
    assert score.pictures == 1


def test_a_run_is_a_ratio_of_sums_not_a_mean_of_ratios():
    siap = Siap(cutoff_m=10.0)
    siap.add(0, [1], on_a_line(0.0), [], NOBODY)
    siap.add(1, [1, 2, 3], on_a_line(0.0, 50.0, 90.0), [1, 2, 3], on_a_line(0.0, 50.0, 90.0))
    assert siap.score().completeness == 3 / 4


def test_one_track_from_beginning_to_end():
    score = follow({5}, {5}, {5})
    assert (score.number_changes, score.tracks_per_target, score.longest_segment) == (0, 1.0, 1.0)


def test_a_change_of_number_is_one_change_per_tracked_time():
    score = follow({5}, {5}, {5}, {6}, {6})
    assert (score.number_changes, score.tracks_per_target) == (1, 2.0)
    # Tracked from 0 to 2 s and from 3 to 4 s.
    assert score.number_change_rate_hz == pytest.approx(1 / 3)
    assert score.longest_segment == pytest.approx(2 / 4)


def test_a_second_track_that_goes_again_changes_no_number():
    assert follow({5}, {5, 6}, {5, 6}, {5}).number_changes == 0
    assert follow({5}, {5, 6}, {6}, {6}).number_changes == 1


def test_a_track_that_comes_back_changes_no_number():
    score = follow({5}, {5}, set(), {5}, {5}, {5})
    assert (score.number_changes, score.longest_segment) == (0, pytest.approx(2 / 5))
    assert score.completeness == pytest.approx(5 / 6)


def fewest_changes(pictures):
    """By dynamic programming over the number that is shown in each picture."""
    cost = None
    for numbers in filter(None, pictures):
        if cost is None:
            cost = dict.fromkeys(numbers, 0)
        else:
            least = min(cost.values())
            cost = {n: min(cost.get(n, least + 1), least + 1) for n in numbers}
    return min(cost.values()) if cost else 0


@given(st.lists(st.sets(st.integers(0, 4)), min_size=1, max_size=12))
def test_the_fewest_changes_are_counted(pictures):
    assert follow(*pictures).number_changes == fewest_changes(pictures)


@given(st.permutations(range(4)), st.permutations(range(5)))
def test_the_order_within_a_picture_does_not_matter(targets, tracks):
    truth_m, track_m = on_a_line(0.0, 4.0, 30.0, 90.0), on_a_line(1.0, 5.0, 6.0, 31.0, 70.0)
    here, there = Siap(cutoff_m=10.0), Siap(cutoff_m=10.0)
    for second in range(3):
        moved_m = 0.7 * second
        time_ns = second * SECOND_NS
        a = here.add(time_ns, np.arange(4), truth_m, np.arange(5), track_m + moved_m)
        order = np.array(targets), np.array(tracks)
        b = there.add(time_ns, order[0], truth_m[order[0]], order[1], track_m[order[1]] + moved_m)
        assert a.position_accuracy_m == pytest.approx(b.position_accuracy_m)
        assert (a.assigned_tracks, a.ambiguity) == (b.assigned_tracks, b.ambiguity)
    assert here.score().longest_segment == there.score().longest_segment


def test_bad_pictures_are_refused_and_change_nothing():
    siap = Siap(cutoff_m=10.0)
    siap.add(5, [1], on_a_line(0.0), [3], on_a_line(1.0))
    one = ([1], on_a_line(0.0))
    cases = [
        (SettingError, "time_ns is 5, must be above 5", (5, *one, *one)),
        (FrameError, "time_ns is 9223372036854775807", (2**63 - 1, *one, *one)),
        (SettingError, "1 twice", (6, [1, 1], on_a_line(0.0, 1.0), *one)),
        (SettingError, "numbers of track_m is 2 numbers", (6, *one, [1, 2], on_a_line(0.0))),
        (SettingError, r"truth_m\[0, 1\] is NaN", (6, [1], [[0.0, np.nan]], *one)),
        (SettingError, "track_m is points of 3 columns", (6, *one, [1], [[0.0, 1.0, 2.0]])),
        (ValueError, "truth_numbers has -1", (6, [-1], on_a_line(0.0), *one)),
        (TypeError, "truth_numbers must be", (6, np.array([1.5]), on_a_line(0.0), *one)),
    ]
    for error, text, arguments in cases:
        with pytest.raises(error, match=text):
            siap.add(*arguments)
    with pytest.raises(ValueError, match="give both or none"):
        siap.add(6, *one, *one, truth_velocity_m_s=[[0.0, 0.0]])
    assert (siap.score().pictures, siap.score().targets) == (1, 1)
