"""Means over runs: against scipy, and how often the interval holds the mean."""

import numpy as np
import pytest
from scipy import stats

from qiki.evaluation import CONFIDENCE, confidence_interval
from qiki.evaluation.interval import mean_and_half_width


def test_it_is_students_interval():
    values = np.random.default_rng(1).normal(5.0, 2.0, size=12)
    found = confidence_interval(values)
    expected = stats.t.interval(0.95, 11, loc=values.mean(), scale=stats.sem(values))
    assert (found.low, found.high) == pytest.approx(expected)
    assert (found.mean, found.runs) == (pytest.approx(values.mean()), 12)


def test_it_holds_the_mean_as_often_as_told():
    samples = np.random.default_rng(2).normal(3.0, 1.0, size=(4, 20_000))
    mean, half_width, _ = mean_and_half_width(samples)
    held = np.sum(np.abs(mean - 3.0) <= half_width)
    # Binomial: outside these with a probability of 1e-6.
    low, high = stats.binom.interval(1 - 1e-6, 20_000, CONFIDENCE)
    assert low <= held <= high


def test_runs_without_a_value_are_left_out():
    found = confidence_interval([1.0, float("nan"), 3.0])
    assert (found.mean, found.runs) == (2.0, 2)
    assert found.high - 2.0 == pytest.approx(stats.t.ppf(0.975, 1))


def test_what_is_not_there_is_none_in_json():
    assert confidence_interval([4.0]).to_dict() == {
        "mean": 4.0,
        "low": None,
        "high": None,
        "runs": 1,
    }
    assert confidence_interval([]).to_dict()["mean"] is None
    assert confidence_interval([float("nan")]).to_dict()["runs"] == 0


def test_columns_are_taken_one_by_one():
    values = np.array([[1.0, 2.0, np.nan], [3.0, np.nan, np.nan], [8.0, 4.0, np.nan]])
    mean, half_width, count = mean_and_half_width(values)
    np.testing.assert_array_equal(mean, [4.0, 3.0, np.nan])
    np.testing.assert_array_equal(count, [3, 2, 0])
    assert half_width[0] == pytest.approx(confidence_interval(values[:, 0]).high - 4.0)
    assert np.isnan(half_width[2])


def test_it_is_cut_to_what_is_possible():
    free = confidence_interval([0.9, 0.95, 1.0])
    cut = confidence_interval([0.9, 0.95, 1.0], least=0.0, most=1.0)
    assert free.high > 1.0
    assert (cut.mean, cut.low, cut.high) == (free.mean, free.low, 1.0)
    assert confidence_interval([0.0, 0.3], least=0.0).low == 0.0
    assert np.isnan(confidence_interval([0.3], least=0.0, most=1.0).low)
