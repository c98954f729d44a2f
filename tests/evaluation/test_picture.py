"""One picture: what counts, and what of it is compared."""

import numpy as np
import pytest

from qiki.evaluation import Picture, score_picture
from qiki.metrics import Siap
from qiki.tracking import TRACK_DTYPE

CUTOFF_M = 100.0


def tracks_at(*x_m, std_m=10.0):
    tracks = np.zeros(len(x_m), TRACK_DTYPE)
    tracks["number"] = np.arange(1, len(x_m) + 1)
    tracks["position_m"][:, 0] = x_m
    # xx, yy and zz of the upper triangle, and a correlation of x and y.
    tracks["position_covariance_m2"] = np.array([1.0, 0.5, 0.0, 1.0, 0.0, 1.0]) * std_m**2
    return tracks


def picture_of(truth_x_m, tracks, covered=None):
    count = len(truth_x_m)
    truth_m = np.zeros((count, 3))
    truth_m[:, 0] = truth_x_m
    return Picture(
        time_ns=0,
        truth_m=truth_m,
        truth_velocity_m_s=np.ones((count, 3)),
        truth_numbers=np.arange(count),
        is_covered=np.ones(count, bool) if covered is None else np.array(covered),
        tracks=tracks,
    )


def score(picture, siap=None, *, plane=False):
    siap = siap or Siap(cutoff_m=CUTOFF_M)
    return score_picture(picture, siap, cutoff_m=CUTOFF_M, p=2.0, plane=plane)


def test_targets_and_tracks_are_compared():
    siap = Siap(cutoff_m=CUTOFF_M)
    found = score(picture_of([0.0, 500.0], tracks_at(30.0, 900.0)), siap)
    assert (found.missed, found.false) == (1, 1)
    assert found.localisation_m == pytest.approx(30.0)
    assert found.gospa_m == pytest.approx(np.sqrt(30.0**2 + CUTOFF_M**2))
    assert found.ospa_m == pytest.approx(np.sqrt((30.0**2 + CUTOFF_M**2) / 2))
    assert siap.score().completeness == 0.5
    assert siap.score().velocity_accuracy_m_s == pytest.approx(np.sqrt(3.0))


def test_nees_takes_the_whole_covariance():
    # The inverse of [[1, .5], [.5, 1]] has 4 / 3 on its diagonal.
    found = score(picture_of([0.0], tracks_at(30.0)))
    assert found.position_nees == pytest.approx([4.0 / 3.0 * 9.0])


def test_in_the_plane_heights_and_vertical_velocities_count_for_nothing():
    siap = Siap(cutoff_m=CUTOFF_M)
    tracks = tracks_at(30.0, 520.0)
    tracks["position_m"][:, 2] = 4000.0
    tracks["velocity_m_s"] = (1.0, 1.0, 90.0)
    picture = picture_of([0.0, 500.0], tracks, covered=[True, False])
    found = score(picture, siap, plane=True)
    assert (found.missed, found.false) == (0, 0)
    assert found.gospa_m == found.ospa_m == pytest.approx(30.0)
    assert found.position_nees == pytest.approx([4.0 / 3.0 * 9.0])
    assert siap.score().velocity_accuracy_m_s == 0.0
    assert (score(picture).missed, score(picture).false) == (1, 2)


def test_a_target_that_is_not_covered_counts_for_nothing_and_neither_does_its_track():
    siap = Siap(cutoff_m=CUTOFF_M)
    picture = picture_of([0.0, 500.0], tracks_at(5.0, 510.0), covered=[True, False])
    found = score(picture, siap)
    assert (found.missed, found.false) == (0, 0)
    assert found.gospa_m == pytest.approx(5.0)
    assert siap.score().spuriousness == 0.0
    assert siap.score().targets == 1


def test_a_track_on_nobody_is_false_though_somebody_is_not_covered():
    picture = picture_of([0.0, 500.0], tracks_at(5.0, 5000.0), covered=[True, False])
    assert (score(picture).missed, score(picture).false) == (0, 1)


def test_a_covered_target_keeps_its_track_beside_one_that_is_not():
    picture = picture_of([0.0, 20.0], tracks_at(2.0), covered=[True, False])
    assert (score(picture).missed, score(picture).false) == (0, 0)
    assert score(picture).gospa_m == pytest.approx(2.0)


def test_an_empty_picture_is_perfect():
    found = score(picture_of([], tracks_at()))
    assert (found.gospa_m, found.ospa_m, found.missed, found.false) == (0.0, 0.0, 0, 0)
    assert found.position_nees.shape == (0,)
