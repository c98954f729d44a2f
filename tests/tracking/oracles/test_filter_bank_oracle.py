"""Interacting models against filterpy, a dense second writing, and the single filter."""

import numpy as np
import pytest
from filterpy.kalman import IMMEstimator, KalmanFilter
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from qiki.tracking import (
    ConstantAcceleration,
    ConstantVelocity,
    CoordinatedTurn,
    FilterSet,
    TrackerConfig,
)
from tests.tracking.oracles.constant_velocity import (
    assert_same,
    process_noise,
    random_states,
    transition,
)
from tests.tracking.oracles.interacting_models import DenseBank, dense_model, generator

COVARIANCE_M2 = np.array([[90.0, 20.0, -15.0], [20.0, 160.0, 30.0], [-15.0, 30.0, 250.0]])
DT_NS = 1_000_000_000
CALM = ConstantVelocity(
    process_noise_m2_s3=0.5,
    vertical_process_noise_m2_s3=0.5,
    mean_sojourn_s=40.0,
    initial_probability=0.7,
)
LIVELY = ConstantVelocity(
    process_noise_m2_s3=300.0,
    vertical_process_noise_m2_s3=300.0,
    mean_sojourn_s=8.0,
    initial_probability=0.2,
)
WILD = ConstantVelocity(
    process_noise_m2_s3=5000.0,
    vertical_process_noise_m2_s3=5000.0,
    mean_sojourn_s=3.0,
    initial_probability=0.1,
)
TURN = CoordinatedTurn(mean_sojourn_s=15.0, initial_probability=0.2)
ACCELERATION = ConstantAcceleration(mean_sojourn_s=5.0, initial_probability=0.1)


def targets(count=10, seed=3):
    """States, and the way of targets that turn, with measurements of it."""
    random = np.random.default_rng(seed)
    means, covariances = random_states(random, count)
    velocity, turn = means[:, 3:].copy(), random.normal(size=count) * 0.1
    position, scans = means[:, :3].copy(), []
    for step in range(40):
        angle = turn * (15 < step < 30)
        x, y = velocity[:, 0].copy(), velocity[:, 1].copy()
        velocity[:, 0] = np.cos(angle) * x - np.sin(angle) * y
        velocity[:, 1] = np.sin(angle) * x + np.cos(angle) * y
        position = position + velocity
        noise = random.multivariate_normal(np.zeros(3), COVARIANCE_M2, size=count)
        scans.append(position + noise)
    return means, covariances, scans


@pytest.mark.parametrize("models", [(CALM, LIVELY, WILD)], ids=["three"])
def test_models_of_one_dimension_agree_with_filterpy(models):
    means, covariances, scans = targets()
    found = FilterSet(means, covariances, TrackerConfig(motion_models=models))
    chain = expm(generator([model.mean_sojourn_s for model in models]))
    oracles = []
    for mean, covariance in zip(means, covariances, strict=True):
        filters = []
        for model in models:
            oracle = KalmanFilter(dim_x=6, dim_z=3)
            oracle.x, oracle.P = mean[:, None].copy(), covariance.copy()
            oracle.F, oracle.Q = transition(1.0), process_noise(1.0, model.process_noise_m2_s3)
            oracle.H, oracle.R = np.eye(3, 6), COVARIANCE_M2
            filters.append(oracle)
        oracles.append(IMMEstimator(filters, [m.initial_probability for m in models], chain))
    for step, scan in enumerate(scans, 1):
        found.update_position(scan, COVARIANCE_M2, step * DT_NS)
        for oracle, position_m in zip(oracles, scan, strict=True):
            oracle.predict()
            oracle.update(position_m[:, None])
        expected = np.array([oracle.mu for oracle in oracles])
        np.testing.assert_allclose(found.model_probability, expected, rtol=1e-9, atol=1e-12)
        for index in range(len(models)):
            filters = [oracle.filters[index] for oracle in oracles]
            mean = np.array([oracle.x[:, 0] for oracle in filters])
            covariance = np.array([oracle.P for oracle in filters])
            assert_same(*found.model_state(index), mean, covariance, relative=1e-9)


@pytest.mark.parametrize(
    "models", [(CALM, LIVELY, ACCELERATION), (CALM, TURN), (CALM, TURN, ACCELERATION, WILD)]
)
def test_models_of_unequal_dimension_agree_with_a_dense_writing(models):
    total = sum(model.initial_probability for model in models)
    models = [type(m)(**fields(m, total)) for m in models]
    means, covariances, scans = targets()
    found = FilterSet(means, covariances, TrackerConfig(motion_models=tuple(models)))
    share = [model.initial_probability for model in models]
    oracles = [
        DenseBank([dense_model(model) for model in models], share, mean, covariance)
        for mean, covariance in zip(means, covariances, strict=True)
    ]
    for step, scan in enumerate(scans, 1):
        found.update_position(scan, COVARIANCE_M2, step * DT_NS)
        for oracle, position_m in zip(oracles, scan, strict=True):
            oracle.update(position_m, COVARIANCE_M2, 1.0)
        expected = np.array([oracle.probability for oracle in oracles])
        np.testing.assert_allclose(found.model_probability, expected, rtol=1e-8, atol=1e-13)
        for index in range(len(models)):
            mean, covariance = map(
                np.array, zip(*(oracle.states[index] for oracle in oracles), strict=True)
            )
            assert_same(*found.model_state(index), mean, covariance, relative=1e-8)
        mean, covariance = map(
            np.array, zip(*(oracle.matched(0.4) for oracle in oracles), strict=True)
        )
        at = found.states_at(step * DT_NS + 400_000_000)
        assert_same(*at, mean, covariance, relative=1e-8)


def fields(model, total):
    values = {name: getattr(model, name) for name in model.__struct_fields__}
    return values | {"initial_probability": model.initial_probability / total}


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_equal_models_are_the_single_filter(count):
    means, covariances, scans = targets()
    share = 1.0 / count
    same = tuple(
        ConstantVelocity(process_noise_m2_s3=7.0, mean_sojourn_s=s, initial_probability=share)
        for s in (10.0, 20.0, 3.0, 50.0)[:count]
    )
    bank = FilterSet(means, covariances, TrackerConfig(motion_models=same))
    single = FilterSet(means, covariances, TrackerConfig(process_noise_m2_s3=7.0))
    for step, scan in enumerate(scans, 1):
        for each in (bank, single):
            each.update_position(scan, COVARIANCE_M2, step * DT_NS)
        at_ns = step * DT_NS + 300_000_000
        assert_same(*bank.states_at(at_ns), *single.states_at(at_ns), relative=1e-10)
        np.testing.assert_allclose(bank.model_probability.sum(axis=1), 1.0, rtol=1e-12)


MODELS = st.lists(st.sampled_from([CALM, LIVELY, WILD, TURN, ACCELERATION]), min_size=1, max_size=4)


@given(models=MODELS, seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_covariances_stay_positive_definite_over_long_runs(models, seed):
    total = sum(model.initial_probability for model in models)
    models = tuple(type(m)(**fields(m, total)) for m in models)
    random = np.random.default_rng(seed)
    means, covariances = random_states(random, 9)
    found = FilterSet(means, covariances, TrackerConfig(motion_models=models))
    time_ns, position_m = 0, means[:, :3].copy()
    for _ in range(150):
        # Now and then no time at all, in which no target comes from another model.
        time_ns += int(random.random() < 0.9) * int(10.0 ** random.uniform(5.0, 10.0))
        position_m = found.states_at(time_ns)[0][:, :3]
        size = 10.0 ** random.uniform(-1.0, 3.0)
        scan = position_m + random.normal(size=position_m.shape) * size
        found.update_position(scan, np.eye(3) * size**2, time_ns)
    checked = [found.states_at(time_ns)]
    checked += [found.model_state(index) for index in range(len(models))]
    for mean, covariance in checked:
        assert np.isfinite(mean).all()
        np.testing.assert_array_equal(covariance, covariance.transpose(0, 2, 1))
        deviation = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
        correlation = covariance / (deviation[:, :, None] * deviation[:, None, :])
        assert np.linalg.eigvalsh(correlation).min() > 0.0
    probability = found.model_probability
    assert (probability > 0.0).all()
    np.testing.assert_allclose(probability.sum(axis=1), 1.0, rtol=1e-12)
