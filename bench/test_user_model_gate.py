"""Calls of a user's model by the core: what the call costs beside the function itself.

The hot path is one call per target or clutter plot in the middle of a frame. The floor is the same
function where the compiler may put it into the loop.
"""

from typing import Any

import numba
import numpy as np
import pytest

from bench.gate import CLOCK, Gate, percentiles
from qiki.models import rcs_model

CALLS = 100_000
ROUNDS = 100


def parabola(azimuth_deg: float, elevation_deg: float, time_s: float) -> float:
    """Three numbers in, one out, at almost no cost of its own."""
    return azimuth_deg * azimuth_deg + elevation_deg + time_s


@numba.njit
def inlined(
    first: np.ndarray[Any, Any], second: np.ndarray[Any, Any], third: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """The same loop with the function in it, and a check of each value."""
    values = np.empty_like(first)
    for index in range(len(first)):
        value = first[index] * first[index] + second[index] + third[index]
        if not 0.0 <= value <= 1e10:
            raise ValueError
        values[index] = value
    return values


@pytest.mark.benchmark(group="user-model", timer=CLOCK)
def test_user_model(benchmark: Any, gate: Gate) -> None:
    """Time the core's loop and the compiler's in turn."""
    model = rcs_model(parabola)
    rng = np.random.default_rng(7)
    columns = tuple(rng.uniform(0.0, 360.0, CALLS) for _ in range(3))
    np.testing.assert_array_equal(model.values(*columns), inlined(*columns))
    if benchmark.disabled:
        return
    floor_s: list[float] = []

    def floor_turn() -> tuple[tuple[Any, ...], dict[str, Any]]:
        start_s = CLOCK()
        inlined(*columns)
        floor_s.append(CLOCK() - start_s)
        return columns, {}

    benchmark.pedantic(model.values, setup=floor_turn, rounds=ROUNDS)
    p50_us, _ = gate.p50_p99_us()
    floor_p50_us = percentiles(floor_s)[0] * 1e6
    gate.check(
        "user-model",
        overhead_ns=(p50_us - floor_p50_us) * 1e3 / CALLS,
        call_ns=p50_us * 1e3 / CALLS,
        floor_ns=floor_p50_us * 1e3 / CALLS,
    )
