"""The measure of growth tells a leak from a start, a saw and a peak."""

import os

import numpy as np
import pytest

from tests.endurance.memory import MemoryLog, growth, resident_mib

TIMES = np.arange(0.0, 100.0)


def of(sizes):
    return growth(np.stack([TIMES, sizes], axis=1), skipped=0.2)


def test_a_leak_is_what_it_grows_by():
    noise = np.random.default_rng(2).normal(0.0, 0.5, len(TIMES))
    assert of(50.0 + 0.1 * TIMES + noise) == pytest.approx(0.1 * 79.0, abs=0.5)


def test_a_start_a_saw_and_a_peak_are_none():
    start = 50.0 + 30.0 * np.minimum(TIMES, 15.0)
    saw = 5.0 * (TIMES % 7)
    peak = np.where(TIMES == 60.0, 500.0, 0.0)
    assert abs(of(start + saw + peak)) < 1.0


def test_memory_that_is_held_is_seen():
    before_mib = resident_mib(os.getpid())
    held = bytearray(os.urandom(1 << 20) * 64)
    assert resident_mib(os.getpid()) - before_mib > 50
    log = MemoryLog({os.getpid(): "this"})
    for _ in range(3):
        log.sample()
    assert log.growth_mib(0.0).keys() == {"this"}
    del held


def test_a_process_that_has_ended_holds_none():
    assert resident_mib(2**22 + 1) is None
