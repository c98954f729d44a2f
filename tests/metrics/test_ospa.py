"""OSPA: cases with a closed form, a dense oracle, and bad input."""

import numpy as np
import pytest

from qiki.errors import SettingError
from qiki.metrics import ospa
from tests.metrics.set_oracle import dense_ospa


def test_one_set_without_points_is_at_the_cutoff():
    nobody, somebody = np.empty((0, 2)), np.zeros((3, 2))
    assert ospa(nobody, nobody).distance_m == 0.0
    for pair in [(nobody, somebody), (somebody, nobody)]:
        found = ospa(*pair, cutoff_m=7.0)
        assert (found.distance_m, found.localisation_m, found.cardinality_m) == (7.0, 0.0, 7.0)


def test_the_distance_of_a_pair_is_cut_off():
    origin = np.zeros((1, 2))
    assert ospa(origin, [[3.0, 4.0]], cutoff_m=10.0).distance_m == pytest.approx(5.0)
    far = ospa(origin, [[30.0, 40.0]], cutoff_m=10.0)
    assert (far.distance_m, far.localisation_m) == (10.0, 10.0)
    assert len(far.target) == 0


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("p", [1.0, 2.0, 4.0])
def test_it_agrees_with_the_dense_assignment(p, dimensions):
    random = np.random.default_rng(5)
    for _ in range(200):
        counts = random.integers(0, 12, size=2)
        truth_m, estimates_m = (random.random((n, dimensions)) * 100.0 for n in counts)
        found = ospa(truth_m, estimates_m, cutoff_m=30.0, p=p)
        expected = dense_ospa(truth_m, estimates_m, cutoff_m=30.0, p=p)
        parts = (found.distance_m, found.localisation_m, found.cardinality_m)
        assert parts == pytest.approx(expected, rel=1e-12)


def test_bad_input_is_named():
    with pytest.raises(SettingError, match=r"truth_m\[0, 0\] is NaN"):
        ospa([[np.nan]], [[0.0]])
    with pytest.raises(SettingError, match="cutoff_m is -1, must be"):
        ospa([[0.0]], [[0.0]], cutoff_m=-1.0)
    with pytest.raises(SettingError, match="p is inf, must be 1 to 100"):
        ospa([[0.0]], [[0.0]], p=np.inf)
    with pytest.raises(ValueError, match="must be"):
        ospa([0.0], [[0.0]])
