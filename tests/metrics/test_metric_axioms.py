"""GOSPA and OSPA are metrics: laws that hold for all sets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qiki.metrics import gospa, ospa

CUTOFF_M = 10.0
# Sets are compared as sets: two points in one place would be one.
COORDINATE = st.integers(-40, 40).map(lambda k: k * 0.5)


@st.composite
def sets(draw, dimensions=2):
    count = draw(st.integers(0, 6))
    return draw(arrays(np.float64, (count, dimensions), elements=COORDINATE))


def gospa_m(p, alpha):
    return lambda a, b: gospa(a, b, cutoff_m=CUTOFF_M, p=p, alpha=alpha).distance_m


def ospa_m(p):
    return lambda a, b: ospa(a, b, cutoff_m=CUTOFF_M, p=p).distance_m


METRICS = {
    "gospa-p1": gospa_m(1.0, 2.0),
    "gospa-p2": gospa_m(2.0, 2.0),
    "gospa-p3-alpha1": gospa_m(3.0, 1.0),
    "gospa-p2-alpha0.4": gospa_m(2.0, 0.4),
    "ospa-p1": ospa_m(1.0),
    "ospa-p2": ospa_m(2.0),
    "ospa-p3": ospa_m(3.0),
}


each_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)

SLACK_M = 1e-9


@each_metric
@settings(max_examples=60)
@given(a=sets(), b=sets(), data=st.data())
def test_identity_symmetry_and_order(metric, a, b, data):
    assert metric(a, a) == 0.0
    there_m = metric(a, b)
    assert there_m == pytest.approx(metric(b, a), abs=SLACK_M)
    assert (there_m <= SLACK_M) == (sorted(map(tuple, a)) == sorted(map(tuple, b)))
    shuffled = data.draw(st.permutations(range(len(a))))
    assert metric(a[shuffled], b) == pytest.approx(there_m, abs=SLACK_M)


@each_metric
@settings(max_examples=60)
@given(a=sets(), b=sets(), c=sets())
def test_the_way_round_is_not_shorter(metric, a, b, c):
    assert metric(a, c) <= metric(a, b) + metric(b, c) + SLACK_M


@each_metric
@settings(max_examples=60)
@given(a=sets(dimensions=3), b=sets(dimensions=3), shift=arrays(np.float64, 3, elements=COORDINATE))
def test_moving_both_sets_changes_nothing(metric, a, b, shift):
    assert metric(a + shift, b + shift) == pytest.approx(metric(a, b), abs=SLACK_M)


@given(a=sets(), b=sets())
def test_parts_of_gospa_count_everything_once(a, b):
    found = gospa(a, b, cutoff_m=CUTOFF_M)
    assert found.missed + len(found.target) == len(a)
    assert found.false + len(found.estimate) == len(b)
    assert len(set(found.estimate)) == len(found.estimate)
    apart_m = np.linalg.norm(a[found.target] - b[found.estimate], axis=1)
    assert (apart_m < CUTOFF_M).all()
    assert found.localisation_m == pytest.approx(np.linalg.norm(apart_m), abs=SLACK_M)


@given(a=sets(), b=sets())
def test_ospa_stays_below_its_cutoff(a, b):
    assert ospa(a, b, cutoff_m=CUTOFF_M).distance_m <= CUTOFF_M + SLACK_M
