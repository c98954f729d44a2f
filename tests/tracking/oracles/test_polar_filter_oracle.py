"""The polar update against filterpy's extended Kalman filter and against Gauss-Newton.

The oracle's Jacobian is taken by complex step from the measurement equations alone.
"""

import numpy as np
import pytest
from filterpy.kalman import ExtendedKalmanFilter

from qiki.tracking import predict, update_polar
from tests.tracking.oracles.constant_velocity import (
    DT_S,
    NOISE_M2_S3,
    assert_same,
    process_noise,
    random_states,
    transition,
)
from tests.tracking.oracles.polar_sensor import ELEVATION, HEIGHT, SENSORS, PolarSensor

STEPS = 1000


@pytest.fixture(params=SENSORS.values(), ids=SENSORS)
def sensor(request):
    return PolarSensor(request.param)


def polar_update(sensor, states, covariances, detections):
    return update_polar(
        states,
        covariances,
        detections,
        sensor_position_m=sensor.position_m,
        sensor_velocity_m_s=sensor.velocity_m_s,
    )


def extended_kalman_filter(sensor, state, covariance):
    oracle = ExtendedKalmanFilter(dim_x=6, dim_z=len(sensor.channels))
    oracle.x, oracle.P = state.copy(), covariance.copy()
    oracle.F, oracle.Q = transition(DT_S), process_noise(DT_S, NOISE_M2_S3)
    oracle.R = sensor.covariance()
    return oracle


def run_oracle(oracle, sensor, measured):
    oracle.predict()
    oracle.update(measured, sensor.jacobian, sensor.measure, residual=sensor.residual)
    return oracle.x, oracle.P


def passing_targets(sensor):
    """A thousand steps of two targets, one of which passes close to the sensor and south of it."""
    random = np.random.default_rng(3)
    states = np.array(
        [[9e3, 2e4, 1500.0, -150.0, 40.0, 3.0], [-6e3, -8e3, 900.0, 60.0, -90.0, 0.0]]
    )
    truth = states + random.normal(size=(2, 6)) * [20.0, 20.0, 30.0, 30.0, 30.0, 10.0]
    covariances = np.array([np.diag([400.0, 400.0, 900.0, 900.0, 900.0, 100.0])] * 2)
    for _ in range(STEPS):
        truth = truth @ transition(DT_S).T
        detections, measured = sensor.detect(truth, random)
        before = states, covariances
        states, covariances = predict(states, covariances, DT_S, NOISE_M2_S3)
        states, covariances = polar_update(sensor, states, covariances, detections)
        yield measured, before, (states, covariances)


def test_each_of_a_thousand_polar_updates_agrees_with_filterpy(sensor):
    for measured, (states, covariances), after in passing_targets(sensor):
        for k in range(2):
            oracle = extended_kalman_filter(sensor, states[k], covariances[k])
            assert_same(after[0][k], after[1][k], *run_oracle(oracle, sensor, measured[k]))


def test_a_thousand_polar_updates_in_a_row_agree_with_filterpy(sensor):
    # Without a vertical measurement the height is only guessed from the curve of the path, and
    # rounding in either filter moves the point of linearisation of the next step: it grows.
    vertical = {ELEVATION, HEIGHT} & set(sensor.channels)
    relative = 1e-12 if vertical else 1e-10
    oracles = []
    for measured, (states, covariances), after in passing_targets(sensor):
        if not oracles:
            pairs = zip(states, covariances, strict=True)
            oracles = [extended_kalman_filter(sensor, *pair) for pair in pairs]
        for k, oracle in enumerate(oracles):
            expected = run_oracle(oracle, sensor, measured[k])
            assert_same(after[0][k], after[1][k], *expected, relative)


def test_information_gained_is_that_of_the_complex_step_jacobian(sensor):
    """P₊⁻¹ - P₋⁻¹ = Hᵀ R⁻¹ H: the core's Jacobian by itself, whatever the innovation."""
    random = np.random.default_rng(4)
    means, _ = random_states(random, 200)
    covariances = np.broadcast_to(np.diag([400.0] * 3 + [100.0] * 3), (200, 6, 6)).copy()
    detections, _ = sensor.detect(means, random)
    _, updated = polar_update(sensor, means, covariances, detections)
    gained = np.linalg.inv(updated) - np.linalg.inv(covariances)
    for mean, information in zip(means, gained, strict=True):
        jacobian = sensor.jacobian(mean)
        expected = jacobian.T @ np.linalg.inv(sensor.covariance()) @ jacobian
        np.testing.assert_allclose(information, expected, atol=1e-7 * np.abs(expected).max())


def test_a_polar_update_is_the_first_gauss_newton_step_to_the_map_estimate(sensor):
    random = np.random.default_rng(5)
    means, covariances = random_states(random, 50)
    truth = means + random.normal(size=(50, 6)) * [5.0, 5.0, 5.0, 2.0, 2.0, 1.0]
    detections, measured = sensor.detect(truth, random)
    states, spreads = polar_update(sensor, means, covariances, detections)
    whiten = np.linalg.inv(np.linalg.cholesky(sensor.covariance()))
    for k in range(50):
        prior = np.linalg.inv(np.linalg.cholesky(covariances[k]))
        residual = sensor.residual(measured[k], sensor.measure(means[k]))
        rows = np.vstack([prior, whiten @ sensor.jacobian(means[k])])
        step, *_ = np.linalg.lstsq(rows, np.concatenate([np.zeros(6), whiten @ residual]))
        assert_same(states[k], spreads[k], means[k] + step, np.linalg.inv(rows.T @ rows), 1e-8)


def test_covariances_stay_positive_definite_over_many_accurate_updates():
    random = np.random.default_rng(7)
    sensor = PolarSensor(SENSORS["range, bearing, elevation, rate"])
    means, _ = random_states(random, 20)
    covariances = np.broadcast_to(np.diag([1e6] * 3 + [1e4] * 3), (20, 6, 6)).copy()
    for _ in range(200):
        detections, _ = sensor.detect(means, random)
        detections["range_std_m"] = 0.1
        detections["bearing_std_deg"] = 0.001
        means, covariances = predict(means, covariances, 0.01, 0.01)
        means, covariances = polar_update(sensor, means, covariances, detections)
    deviation = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    correlation = covariances / deviation[:, :, None] / deviation[:, None, :]
    assert np.linalg.eigvalsh(correlation).min() > 0.0
