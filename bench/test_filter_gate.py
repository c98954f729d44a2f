"""Predict and update of 1000 filters by positions: the core's against a C loop of the same formula.

The hot path is `FilterSet.update_position`, which is the tracker's own filter. The loop is compiled
for this machine, has its filters in vectors already, and is called with the same arrays.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bench.gate import CLOCK, Gate, percentiles
from bench.peers.filter_loop import FilterLoop, compile_loop
from qiki.tracking import FilterSet, TrackerConfig

FILTERS = 1000
ROUNDS = 400
PERIOD_NS = 100_000_000
COVARIANCE_M2 = np.array([[400.0, 30.0, 0.0], [30.0, 400.0, -20.0], [0.0, -20.0, 400.0]])
DENSITY_M2_S3 = (2.0, 2.0, 0.5)


@pytest.mark.benchmark(group="filter", timer=CLOCK)
def test_filter_beside_a_c_loop(benchmark: Any, gate: Gate, tmp_path: Path) -> None:
    """Time both on the same positions in turn."""
    random = np.random.default_rng(4)
    state = random.normal(size=(FILTERS, 6)) * [1e4, 1e4, 1e3, 150.0, 150.0, 5.0]
    covariance = np.tile(np.diag([400.0] * 3 + [1e4] * 3), (FILTERS, 1, 1))
    config = TrackerConfig(
        process_noise_m2_s3=DENSITY_M2_S3[0], vertical_process_noise_m2_s3=DENSITY_M2_S3[2]
    )
    ours = FilterSet(state, covariance, config)
    loop = FilterLoop(compile_loop(tmp_path), state, covariance, np.array(DENSITY_M2_S3))
    loop_s: list[float] = []
    rounds = 5 if benchmark.disabled else ROUNDS

    def next_positions() -> tuple[tuple[npt.NDArray[np.float64], int], dict[str, Any]]:
        """Give the next positions and their time; the loop takes them first."""
        time_ns = (len(loop_s) + 1) * PERIOD_NS
        truth_m = state[:, :3] + state[:, 3:] * (time_ns * 1e-9)
        position_m = np.ascontiguousarray(truth_m + random.normal(size=(FILTERS, 3)) * 20.0)
        start_s = CLOCK()
        loop.update(position_m, COVARIANCE_M2, PERIOD_NS * 1e-9)
        loop_s.append(CLOCK() - start_s)
        return (position_m, time_ns), {}

    def update(position_m: npt.NDArray[np.float64], time_ns: int) -> None:
        ours.update_position(position_m, COVARIANCE_M2, time_ns)

    benchmark.pedantic(update, setup=next_positions, rounds=rounds)
    while len(loop_s) < rounds:  # a bench that is switched off runs once
        update(*next_positions()[0])
    found, expected = ours.states_at(len(loop_s) * PERIOD_NS), loop.states()
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-9, atol=1e-6)
    if benchmark.disabled:
        return
    ours_us, loop_us = gate.p50_p99_us()[0], percentiles(loop_s)[0] * 1e6
    gate.check(
        "filter",
        ratio=ours_us / loop_us,
        ns_per_filter=ours_us * 1e3 / FILTERS,
        loop_ns_per_filter=loop_us * 1e3 / FILTERS,
    )
