"""Predict and update of 1000 tracks: interacting models against the single filter.

The hot path is the update of `FilterSet`, which is the tracker's own: of the single filter one
prediction and one update, of two models twice that, the mixing and the probabilities. Both meet the
same positions with the same covariance, in turn.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bench.gate import CLOCK, Gate, percentiles
from qiki.tracking import ConstantVelocity, CoordinatedTurn, FilterSet, TrackerConfig

TARGETS = 1000
ROUNDS = 300
PERIOD_NS = 100_000_000
COVARIANCE_M2 = np.array([[400.0, 30.0, 0.0], [30.0, 400.0, -20.0], [0.0, -20.0, 400.0]])

CALM = ConstantVelocity(initial_probability=0.8, mean_sojourn_s=60.0)
LIVELY = ConstantVelocity(process_noise_m2_s3=100.0, initial_probability=0.2, mean_sojourn_s=10.0)
TURN = CoordinatedTurn(initial_probability=0.2)


class Targets:
    """The filters of targets that move straight on; notes how long each update took."""

    def __init__(self, **settings: Any) -> None:
        random = np.random.default_rng(3)
        self.state = random.normal(size=(TARGETS, 6)) * [1e4, 1e4, 1e3, 150.0, 150.0, 5.0]
        covariance = np.tile(np.diag([400.0] * 3 + [1e4] * 3), (TARGETS, 1, 1))
        self.filters = FilterSet(self.state, covariance, TrackerConfig(**settings))
        self.time_ns = 0
        self.took_s: list[float] = []

    def update(self, noise_m: npt.NDArray[np.float64]) -> None:
        """Take in the next positions."""
        self.time_ns += PERIOD_NS
        moved_m = self.state[:, :3] + self.state[:, 3:] * (self.time_ns * 1e-9)
        position_m = np.ascontiguousarray(moved_m + noise_m)
        start_s = CLOCK()
        self.filters.update_position(position_m, COVARIANCE_M2, self.time_ns)
        self.took_s.append(CLOCK() - start_s)

    def error_m(self) -> float:
        """RMS error of all positions."""
        found, _ = self.filters.states_at(self.time_ns)
        true_m = self.state[:, :3] + self.state[:, 3:] * (self.time_ns * 1e-9)
        return float(np.sqrt(np.mean((found[:, :3] - true_m) ** 2)))

    def p50_us(self) -> float:
        """Median of an update [µs]."""
        return percentiles(self.took_s)[0] * 1e6


@pytest.mark.benchmark(group="filter-bank", timer=CLOCK)
def test_filter_bank(benchmark: Any, gate: Gate) -> None:
    """Time all on the same positions in turn."""
    random = np.random.default_rng(5)
    single = Targets()
    two, turn = Targets(motion_models=(CALM, LIVELY)), Targets(motion_models=(CALM, TURN))
    rounds = 30 if benchmark.disabled else ROUNDS

    def next_noise() -> tuple[tuple[npt.NDArray[np.float64]], dict[str, Any]]:
        """Give the next noise; the other two take it first."""
        noise_m = random.normal(size=(TARGETS, 3)) * 20.0
        single.update(noise_m)
        turn.update(noise_m)
        return (noise_m,), {}

    benchmark.pedantic(two.update, setup=next_noise, rounds=rounds)
    while len(two.took_s) < rounds:  # a bench that is switched off runs once
        two.update(next_noise()[0][0])
    assert two.error_m() < 1.3 * single.error_m() < 10.0
    if benchmark.disabled:
        return
    gate.check(
        "filter-bank",
        ratio=two.p50_us() / single.p50_us(),
        turn_ratio=turn.p50_us() / single.p50_us(),
        single_us=single.p50_us(),
        two_us=two.p50_us(),
    )
