"""The production worker in thousands of seeded schedules of faults; the oracle is never wrong.

One schedule again: ``make test ARGS="tests/protocol --first-seed 1234 --schedules 1"``.
"""

import time
from collections import Counter

from tests.protocol.faults import AT_EFFECT, AT_TURN
from tests.protocol.oracle import ViolationError
from tests.protocol.simulation import World

BLOCK = 500  # schedules in one test, so that a long run shows where it is
SHOWN_MAX = 10


def pytest_generate_tests(metafunc):
    if "seeds" in metafunc.fixturenames:
        first = metafunc.config.getoption("--first-seed")
        end = first + metafunc.config.getoption("--schedules")
        blocks = [range(at, min(at + BLOCK, end)) for at in range(first, end, BLOCK)]
        metafunc.parametrize("seeds", blocks, ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")


def replay(seed):
    return f'make test ARGS="tests/protocol/test_schedules.py --first-seed {seed} --schedules 1"'


def test_outputs_are_those_of_the_undisturbed_run(seeds, bar):
    failures, events, begun_s = [], Counter(), time.monotonic()
    for seed in seeds:
        world = World(seed)
        try:
            world.run()
        except ViolationError as violation:
            failures.append(f"seed {seed}: {violation}; again: {replay(seed)}")
        except Exception as error:
            error.add_note(f"seed {seed}; again: {replay(seed)}")
            raise
        events += world.events
    bar(
        "simulated schedules of faults: none fails",
        not failures,
        {"schedules": len(seeds), "faults": sum(events[name] for name in AT_EFFECT + AT_TURN)}
        | {"failures": len(failures), "s": time.monotonic() - begun_s},
    )
    assert not failures, "\n".join([f"{len(failures)} schedules failed", *failures[:SHOWN_MAX]])


def test_the_schedules_are_not_idle():
    """Every fault and every way to end comes up, and most of the work gets done."""
    events, answers, frames = Counter(), 0, 0
    for seed in range(150):
        world = World(seed)
        world.run()
        events += world.events
        answers += len(world.oracle.answers)
        frames += world.sent
    assert set(AT_EFFECT + AT_TURN) <= set(events)
    ends = {name for name in events if name.startswith("stop ")}
    assert ends == {
        "stop asked",
        "stop fenced",
        "stop gap",
        "stop lost tail",
        "stop refused",
        "stop rejected",
        "stop unanswered",
    }
    assert answers > 0.8 * frames
    assert sum(events[name] for name in AT_EFFECT + AT_TURN) > 10 * 150


def test_a_seed_is_the_whole_schedule():
    one, other = World(7), World(7)
    one.run()
    other.run()
    assert one.events == other.events
    assert one.oracle.answers == other.oracle.answers
