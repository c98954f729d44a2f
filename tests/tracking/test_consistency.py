"""The filters' covariances are honest, and the tests of it would notice if they were not.

Each test falls outside by chance with a probability of 1e-6 (Bar-Shalom, Li and Kirubarajan 2001,
sec. 5.4.2); seeds are fixed, so it does so always or never.
"""

import numpy as np
import pytest
from scipy.stats import norm

from qiki.tracking import update_position
from tests.tracking.consistency_measured import measured_errors, steps_outside, wrong_sign
from tests.tracking.consistency_references import (
    bank_errors,
    deviations_apart,
    polar_errors,
    reference_bank_errors,
    reference_polar_errors,
)
from tests.tracking.consistency_runs import LINEAR_FAULTS, SIGNIFICANCE, linear_errors
from tests.tracking.user_measurements import polar

DEVIATIONS = norm.isf(SIGNIFICANCE / 2.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_linear_filter_is_consistent(seed):
    errors = linear_errors(runs=400, steps=100, seed=seed)
    assert errors.of_nis.is_pooled_consistent, errors.of_nis.pooled_mean
    assert errors.of_nees.steps_outside == 0, errors.of_nees.step_mean


@pytest.mark.parametrize("fault", LINEAR_FAULTS.values(), ids=LINEAR_FAULTS)
def test_a_fault_of_the_linear_filter_is_noticed(fault):
    assert not linear_errors(runs=400, steps=100, fault=fault).consistent


def test_time_that_runs_wrong_shows_in_the_errors_alone():
    """Why both are tested: a filter whose clock is wrong sees nothing unusual itself."""
    errors = linear_errors(fault=LINEAR_FAULTS["time step +2 % at 200 m/s"])
    assert errors.of_nis.is_pooled_consistent
    assert errors.of_nees.steps_outside > 50


@pytest.fixture(scope="module")
def polar_reference():
    return reference_polar_errors(runs=200)


def test_the_extended_filter_is_as_consistent_as_the_reference(polar_reference):
    errors = polar_errors(runs=400)
    assert abs(deviations_apart(errors.nis, polar_reference.nis)) < DEVIATIONS
    assert abs(deviations_apart(errors.nees, polar_reference.nees)) < DEVIATIONS


@pytest.mark.parametrize("seed", [1, 2])
def test_a_tracker_by_a_users_measurement_is_consistent(seed):
    assert steps_outside(measured_errors(polar, seed=seed)) == 0


def test_a_wrong_sign_in_a_users_jacobian_is_noticed():
    """The core gets the derivatives from the model; from the second step on the errors leave."""
    errors = measured_errors(wrong_sign)
    assert steps_outside(errors) == len(errors) - 1


def test_on_the_same_draws_the_errors_are_the_references():
    for core, reference in (
        (polar_errors, reference_polar_errors),
        (bank_errors, reference_bank_errors),
    ):
        ours, theirs = core(runs=20, steps=20, seed=4), reference(runs=20, steps=20, seed=4)
        np.testing.assert_allclose(ours.nis, theirs.nis, rtol=1e-7)
        np.testing.assert_allclose(ours.nees, theirs.nees, rtol=1e-7)


def test_interacting_models_are_as_consistent_as_the_reference():
    errors, reference = bank_errors(runs=400), reference_bank_errors(runs=200)
    assert abs(deviations_apart(errors.nis, reference.nis)) < DEVIATIONS
    assert abs(deviations_apart(errors.nees, reference.nees)) < DEVIATIONS


def joseph(covariance, noise):
    """Covariance after a position by Joseph's form (Bucy and Joseph 1968), and by (I - KH)P."""
    observe = np.eye(3, 6)
    gain = covariance @ observe.T @ np.linalg.inv(observe @ covariance @ observe.T + noise)
    left = np.eye(6) - gain @ observe
    return left @ covariance @ left.T + gain @ noise @ gain.T, left @ covariance


def wide_priors(count):
    """Covariances of 10 km and 1 km/s with every correlation there is."""
    root = np.random.default_rng(8).normal(size=(count, 6, 6)) * np.repeat([1e4, 1e3], 3)
    return root.transpose(0, 2, 1) @ root


def least_correlation(covariance):
    deviation = np.sqrt(np.abs(np.diag(covariance)))
    return np.linalg.eigvalsh(covariance / np.outer(deviation, deviation)).min()


def test_a_sharp_update_is_that_of_josephs_form():
    """10 km before, 1 m after: eight digits go, the symmetry stays to the last bit."""
    for prior in wide_priors(100):
        noise = np.diag([1.0, 2.0, 4.0])
        _, (updated,) = update_position(np.zeros((1, 6)), prior[None], np.ones((1, 3)), noise)
        expected, _ = joseph(prior, noise)
        np.testing.assert_array_equal(updated, updated.T)
        scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
        np.testing.assert_allclose(updated / scale, expected / scale, atol=1e-5)


def test_no_measurement_is_too_sharp_for_a_positive_definite_covariance():
    """10 km before, 0.1 mm measured, time and again: (I - KH)P loses its definiteness, we do not.

    The core updates channel by channel and keeps no Joseph's form; a floor under the measurement's
    variance does what that form does.
    """
    noise, priors = 1e-8 * np.eye(3), wide_priors(100)
    means, covariances, plain_fails = np.zeros((100, 6)), priors, 0
    for _ in range(10):
        means, covariances = update_position(means, covariances, np.ones((100, 3)), noise)
        assert np.isfinite(means).all()
        for covariance in covariances:
            np.testing.assert_array_equal(covariance, covariance.T)
            assert np.diag(covariance).min() > 0.0
            assert least_correlation(covariance) > 0.0
    for prior in priors:
        _, plain = joseph(prior, noise)
        plain_fails += least_correlation(0.5 * (plain + plain.T)) <= 0.0
    assert plain_fails > 50
