"""The C loop that the filter is timed against has the textbook's answers."""

import numpy as np

from bench.peers.filter_loop import FilterLoop, compile_loop
from tests.tracking.oracles.constant_velocity import transition

DT_S = 0.3
DENSITY = np.array([2.0, 3.0, 0.5])
NOISE_M2 = np.array([[400.0, 60.0, -40.0], [60.0, 900.0, 90.0], [-40.0, 90.0, 1600.0]])


def by_matrices(state, covariance, position_m):
    """Predict, and update in the short form with an inverse (Bar-Shalom et al. 2001, sec. 5.2)."""
    step = np.block(
        [
            [np.eye(3) * DT_S**3 / 3, np.eye(3) * DT_S**2 / 2],
            [np.eye(3) * DT_S**2 / 2, np.eye(3) * DT_S],
        ]
    )
    ahead = transition(DT_S) @ state
    spread = transition(DT_S) @ covariance @ transition(DT_S).T + step * np.tile(DENSITY, 2)
    gain = spread[:, :3] @ np.linalg.inv(spread[:3, :3] + NOISE_M2)
    return ahead + gain @ (position_m - ahead[:3]), spread - gain @ spread[:3]


def test_the_loop_is_the_filter_by_matrices(tmp_path):
    random = np.random.default_rng(6)
    states = random.normal(size=(16, 6)) * [1e4, 1e4, 1e3, 150.0, 150.0, 5.0]
    root = random.normal(size=(16, 6, 6)) * np.repeat([30.0, 5.0], 3)
    covariances = root.transpose(0, 2, 1) @ root
    loop = FilterLoop(compile_loop(tmp_path), states, covariances, DENSITY)
    for _ in range(3):
        positions_m = states[:, :3] + random.normal(size=(16, 3)) * 30.0
        loop.update(positions_m, NOISE_M2, DT_S)
        found = zip(states, covariances, positions_m, strict=True)
        pairs = [by_matrices(*each) for each in found]
        states, covariances = (np.array(part) for part in zip(*pairs, strict=True))
    np.testing.assert_allclose(loop.states()[0], states, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(loop.states()[1], covariances, rtol=1e-9, atol=1e-9)
