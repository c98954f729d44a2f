"""Every seeded bug of the protocol is found; a simulator that misses one proves nothing."""

import pytest

from tests.protocol import mutants_of_start  # noqa: F401 - adds to the list
from tests.protocol.mutants import MUTANTS
from tests.protocol.oracle import ViolationError
from tests.protocol.simulation import World

SCHEDULES_MAX = 2000


def found_after(name):
    """Return how many schedules it takes, None when they do not find it."""
    with MUTANTS[name]():
        for seed in range(SCHEDULES_MAX):
            try:
                World(seed).run()
            except ViolationError:
                return seed + 1
    return None


@pytest.mark.parametrize("name", MUTANTS)
def test_the_bug_is_found(name, bar):
    found = found_after(name) is not None
    bar("bugs put into the worker are found", found, {"bugs": 1, "found": int(found)})
    assert found, f"{name} lives through {SCHEDULES_MAX} schedules"


def test_there_are_enough_bugs():
    assert len(MUTANTS) >= 12
