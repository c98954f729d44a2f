"""Quiet surroundings for every benchmark: pinned, without garbage collection, release build."""

import gc
import os
import sys
from collections.abc import Iterator
from typing import Any

# One thread for the BLAS of the numpy peers, as for the core. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest
import scipy

import qiki._core
from bench.gate import Figure, Gate, load_budgets
from bench.results import table

FIGURES = pytest.StashKey[list[Figure]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = []
    config.addinivalue_line(
        "markers", "all_cpus: not pinned to one CPU (several processes at work)"
    )


def _timed(config: pytest.Config) -> bool:
    return bool(config.getoption("benchmark_enable"))


def pytest_itemcollected(item: pytest.Item) -> None:
    # Without --benchmark-enable a gate only checks its answer and leaves the benchmark unused.
    if not _timed(item.config):
        item.add_marker(pytest.mark.filterwarnings("ignore:Benchmark fixture was not used"))


@pytest.fixture(scope="session", autouse=True)
def release_build(request: pytest.FixtureRequest) -> None:
    """Times of a debug build mean nothing."""
    profile = qiki._core.build_info()["profile"]
    if _timed(request.config) and profile != "release":
        pytest.exit(f"qiki._core is a {profile} build, benchmarks need release: make install", 4)


@pytest.fixture(autouse=True)
def quiet(request: pytest.FixtureRequest) -> Iterator[None]:
    """Pin the process to one CPU and keep the garbage collector out while a benchmark runs."""
    if not _timed(request.config):
        yield
        return
    pinned = hasattr(os, "sched_setaffinity") and not request.node.get_closest_marker("all_cpus")
    allowed = os.sched_getaffinity(0) if pinned else set()
    if pinned:
        # The last one: interrupts and everyone else's work tend to sit on the first.
        os.sched_setaffinity(0, {max(allowed)})
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
        if pinned:
            os.sched_setaffinity(0, allowed)


@pytest.fixture
def gate(benchmark: Any, request: pytest.FixtureRequest) -> Iterator[Gate]:
    """Hold the figures of one benchmark against latency_budgets.toml."""
    gate = Gate(benchmark, load_budgets())
    yield gate
    request.config.stash[FIGURES].extend(gate.figures)


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Everything besides the hardware that a figure depends on."""
    build = qiki._core.build_info()
    machine_info["qiki"] = {**build, "simd_level": qiki._core.simd_level()}
    machine_info["numpy"] = np.__version__
    machine_info["scipy"] = scipy.__version__
    machine_info["blas_threads"] = os.environ["OPENBLAS_NUM_THREADS"]
    machine_info["cpu_count"] = os.cpu_count()
    machine_info["load_average"] = os.getloadavg() if sys.platform != "win32" else None


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    figures = config.stash[FIGURES]
    if figures:
        terminalreporter.section("gates")
        terminalreporter.write_line(table(figures))
