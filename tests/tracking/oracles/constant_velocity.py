"""The constant velocity model written a second time, and what "the same filter" means."""

import numpy as np

DT_S = 0.1
NOISE_M2_S3 = 2.0


def transition(dt_s):
    return np.eye(6) + np.eye(6, k=3) * dt_s


def process_noise(dt_s, density_m2_s3):
    """Integral of exp(Aτ) G Gᵀ exp(Aτ)ᵀ over the step; Gauss-Legendre is exact for its cubics."""
    nodes, weights = np.polynomial.legendre.leggauss(3)
    noise_enters = np.diag([0.0, 0.0, 0.0, 1.0, 1.0, 1.0]) * density_m2_s3
    total = np.zeros((6, 6))
    for node, weight in zip(nodes, weights, strict=True):
        moved = transition(0.5 * dt_s * (1.0 + node))
        total += 0.5 * dt_s * weight * moved @ noise_enters @ moved.T
    return total


def random_states(random, count):
    mean = random.normal(size=(count, 6)) * [3e4, 3e4, 3e3, 200.0, 200.0, 20.0]
    root = random.normal(size=(count, 6, 6)) * np.array([20.0, 20.0, 20.0, 8.0, 8.0, 3.0])[:, None]
    return mean, root @ root.transpose(0, 2, 1) + np.diag([50.0] * 3 + [5.0] * 3)


def assert_same(state, covariance, oracle_state, oracle_covariance, relative=1e-12):
    """Relative to the larger of value and deviation: a component may pass through zero."""
    deviation = np.sqrt(np.diagonal(oracle_covariance, axis1=-2, axis2=-1))
    scale = np.maximum(np.abs(oracle_state), deviation)
    assert np.abs((state - oracle_state) / scale).max() <= relative
    scale = deviation[..., :, None] * deviation[..., None, :]
    assert np.abs((covariance - oracle_covariance) / scale).max() <= relative
    np.testing.assert_array_equal(covariance, np.swapaxes(covariance, -1, -2))
