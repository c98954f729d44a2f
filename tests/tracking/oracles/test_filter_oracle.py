"""Prediction and position update against filterpy and against batch least squares.

The oracles share no formula with the core: process noise by numerical integration, covariances by
Joseph's form (filterpy) or by the normal equations.
"""

import numpy as np
import pytest
from filterpy.kalman import KalmanFilter

from qiki.tracking import predict, update_position
from tests.tracking.oracles.constant_velocity import (
    DT_S,
    NOISE_M2_S3,
    assert_same,
    process_noise,
    random_states,
    transition,
)

STEPS = 1000
COVARIANCE_M2 = np.array([[90.0, 20.0, -15.0], [20.0, 160.0, 30.0], [-15.0, 30.0, 250.0]])


@pytest.mark.parametrize("dt_s", [0.0, 1e-3, DT_S, 4.0, 60.0])
def test_prediction_agrees_with_filterpy(dt_s):
    means, covariances = random_states(np.random.default_rng(1), 50)
    predicted = predict(means, covariances, dt_s, NOISE_M2_S3)
    for mean, covariance, state, spread in zip(means, covariances, *predicted, strict=True):
        oracle = KalmanFilter(dim_x=6, dim_z=3)
        oracle.x, oracle.P = mean[:, None], covariance
        oracle.predict(F=transition(dt_s), Q=process_noise(dt_s, NOISE_M2_S3))
        assert_same(state, spread, oracle.x[:, 0], oracle.P)


def test_a_thousand_position_updates_agree_with_filterpy():
    random = np.random.default_rng(2)
    states, covariances = random_states(random, 4)
    oracles = []
    for state, covariance in zip(states, covariances, strict=True):
        oracle = KalmanFilter(dim_x=6, dim_z=3)
        oracle.x, oracle.P = state[:, None], covariance
        oracle.F, oracle.Q = transition(DT_S), process_noise(DT_S, NOISE_M2_S3)
        oracle.H, oracle.R = np.eye(3, 6), COVARIANCE_M2
        oracles.append(oracle)
    for _ in range(STEPS):
        states, covariances = predict(states, covariances, DT_S, NOISE_M2_S3)
        measured_m = states[:, :3] + random.normal(size=(4, 3)) * 12.0
        states, covariances = update_position(states, covariances, measured_m, COVARIANCE_M2)
        for oracle, position_m, state, covariance in zip(
            oracles, measured_m, states, covariances, strict=True
        ):
            oracle.predict()
            oracle.update(position_m)
            assert_same(state, covariance, oracle.x[:, 0], oracle.P)


def test_the_filter_is_batch_least_squares_over_the_whole_trajectory():
    """The last state of the MAP trajectory, all states estimated at once (Sorenson 1970)."""
    random = np.random.default_rng(6)
    steps = 25
    mean, covariance = (array[:1] for array in random_states(random, 1))
    measured_m = mean[0, :3] + random.normal(size=(steps, 3)) * 12.0
    prior = np.linalg.inv(np.linalg.cholesky(covariance[0]))
    noise = np.linalg.inv(np.linalg.cholesky(process_noise(DT_S, NOISE_M2_S3)))
    whiten = np.linalg.inv(np.linalg.cholesky(COVARIANCE_M2))
    rows, right = [_block_row(steps, {0: prior})], [prior @ mean[0]]
    state, spread = mean, covariance
    for k in range(1, steps + 1):
        rows.append(_block_row(steps, {k - 1: noise @ transition(DT_S), k: -noise}))
        rows.append(_block_row(steps, {k: whiten @ np.eye(3, 6)}))
        right += [np.zeros(6), whiten @ measured_m[k - 1]]
        state, spread = predict(state, spread, DT_S, NOISE_M2_S3)
        state, spread = update_position(state, spread, measured_m[k - 1][None], COVARIANCE_M2)
    system = np.vstack(rows)
    trajectory, *_ = np.linalg.lstsq(system, np.concatenate(right))
    # The inverse normal matrix by QR: squaring the condition number would cost the digits.
    root = np.linalg.inv(np.linalg.qr(system, mode="r"))
    assert_same(state[0], spread[0], trajectory[-6:], (root @ root.T)[-6:, -6:], 1e-9)


def _block_row(steps, blocks):
    height = len(next(iter(blocks.values())))
    row = np.zeros((height, 6 * (steps + 1)))
    for k, block in blocks.items():
        row[:, 6 * k : 6 * k + 6] = block
    return row


@pytest.mark.parametrize(
    "arguments",
    [
        (np.zeros((2, 5)), np.zeros((2, 6, 6)), DT_S, 1.0),
        (np.zeros((2, 6)), np.zeros((3, 6, 6)), DT_S, 1.0),
    ],
)
def test_shapes_that_do_not_fit_are_named(arguments):
    with pytest.raises(ValueError, match="has shape"):
        predict(*arguments)
