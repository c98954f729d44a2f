"""NEES, NIS and their bands, against scipy and against filters that are wrong on purpose."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from qiki.errors import SettingError
from qiki.metrics import (
    chi_squared_band,
    chi_squared_quantile,
    consistency,
    nees,
    nis,
    student_t_quantile,
)


def covariances(random, count, dimensions):
    root = random.normal(size=(count, dimensions, dimensions))
    return root @ root.transpose(0, 2, 1) + 0.1 * np.eye(dimensions)


@pytest.mark.parametrize("dimensions", [1, 2, 3, 6, 9])
def test_normalised_errors_agree_with_solving(dimensions):
    random = np.random.default_rng(6)
    errors, matrices = random.normal(size=(50, dimensions)), covariances(random, 50, dimensions)
    expected = np.einsum("ni,ni->n", errors, np.linalg.solve(matrices, errors[..., None])[..., 0])
    np.testing.assert_allclose(nees(errors, matrices), expected, rtol=1e-9)
    np.testing.assert_array_equal(nis(errors, matrices), nees(errors, matrices))
    assert nees(np.empty((0, dimensions)), np.empty((0, dimensions, dimensions))).shape == (0,)


@given(
    ln_probability=st.floats(np.log(1e-60), np.log(0.5)),
    ln_degrees=st.floats(np.log(0.3), np.log(1e6)),
    upper=st.booleans(),
)
def test_chi_squared_quantiles_have_the_probability_that_was_asked(
    ln_probability, ln_degrees, upper
):
    probability, degrees = np.exp(ln_probability), np.exp(ln_degrees)
    found = chi_squared_quantile(probability, degrees, upper=upper)
    tail = stats.chi2.sf if upper else stats.chi2.cdf
    assert tail(found, degrees) == pytest.approx(probability, rel=1e-8)


def test_chi_squared_quantiles_agree_with_scipy():
    for degrees in (1, 2, 3, 6, 31, 32, 33, 600, 240_000):
        for probability in (1e-12, 5e-7, 0.025, 0.5, 0.975, 1 - 1e-9):
            expected = stats.chi2.ppf(probability, degrees)
            assert chi_squared_quantile(probability, degrees) == pytest.approx(expected, rel=1e-10)
            expected = stats.chi2.isf(probability, degrees)
            found = chi_squared_quantile(probability, degrees, upper=True)
            assert found == pytest.approx(expected, rel=1e-10)


def test_quantiles_of_many_degrees_are_there_and_increase():
    found = [chi_squared_quantile(5e-7, 1e9, upper=upper) for upper in (False, True)]
    # Normal with mean k and variance 2 k, to the skewness.
    width = -stats.norm.ppf(5e-7) * np.sqrt(2e9)
    assert found == pytest.approx([1e9 - width, 1e9 + width], abs=1e-3 * width)


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 9, 10, 49, 1000])
def test_student_t_quantiles_agree_with_scipy(degrees):
    for probability in (1e-6, 0.025, 0.3, 0.5, 0.7, 0.975, 0.9999):
        expected = stats.t.ppf(probability, degrees)
        assert student_t_quantile(probability, degrees) == pytest.approx(
            expected, rel=1e-8, abs=1e-9
        )


def test_the_band_is_that_of_the_chi_squared_distribution():
    low, high = chi_squared_band(3, 40, significance=1e-4)
    assert low == pytest.approx(stats.chi2.ppf(5e-5, 120) / 40)
    assert high == pytest.approx(stats.chi2.isf(5e-5, 120) / 40)


def filter_errors(scale, steps=60, runs=200):
    """NEES of errors whose covariance is told `scale` times too large."""
    random = np.random.default_rng(7)
    matrices = covariances(random, steps * runs, 3)
    white = random.normal(size=(steps * runs, 3))
    errors = np.einsum("nij,nj->ni", np.linalg.cholesky(matrices), white)
    return nees(errors, matrices * scale).reshape(steps, runs)


def test_an_honest_filter_is_consistent():
    found = consistency(filter_errors(1.0), dimensions=3, significance=1e-6)
    assert found.is_pooled_consistent
    assert found.steps_outside == 0
    assert found.step_mean.shape == (60,)
    assert found.pooled_mean == pytest.approx(found.step_mean.mean())
    assert found.step_band == pytest.approx(chi_squared_band(3, 200, significance=1e-6 / 60))


@pytest.mark.parametrize("scale", [0.9, 1.1])
def test_a_covariance_a_tenth_off_is_caught(scale):
    found = consistency(filter_errors(scale), dimensions=3, significance=1e-6)
    assert not found.is_pooled_consistent


def test_one_bad_step_is_found():
    values = filter_errors(1.0)
    values[17] *= 1.7
    found = consistency(values, dimensions=3)
    assert found.steps_outside == 1
    assert found.step_mean[17] > found.step_band[1]


def test_bad_covariances_and_errors_are_named():
    with pytest.raises(SettingError, match=r"covariances\[1\] is not positive definite"):
        nees(np.zeros((2, 2)), [np.eye(2), np.ones((2, 2))])
    with pytest.raises(SettingError, match=r"covariances\[0, 0, 1\] is 2, must be 0"):
        nees(np.zeros((1, 2)), [[[1.0, 2.0], [0.0, 1.0]]])
    with pytest.raises(SettingError, match=r"errors\[0, 1\] is NaN"):
        nees([[0.0, np.nan]], [np.eye(2)])
    with pytest.raises(ValueError, match=r"covariances has shape \[1, 3, 3\], must be \[1, 2, 2\]"):
        nees(np.zeros((1, 2)), [np.eye(3)])


def test_bad_values_and_limits_are_named():
    with pytest.raises(SettingError, match=r"values\[0, 1\] is -1"):
        consistency([[1.0, -1.0]], dimensions=3)
    with pytest.raises(SettingError, match="values is 0 numbers"):
        consistency(np.empty((0, 4)), dimensions=3)
    for bad in (0.0, 1.0, np.nan):
        with pytest.raises(SettingError, match="significance is"):
            chi_squared_band(3, 10, significance=bad)
    with pytest.raises(SettingError, match="degrees is 0"):
        chi_squared_band(3, 0)
    with pytest.raises(SettingError, match="probability is"):
        chi_squared_quantile(0.0, 3.0)
    with pytest.raises(SettingError, match="degrees is 0"):
        student_t_quantile(0.5, 0)
