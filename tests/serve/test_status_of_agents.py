"""`qiki status` tells what the agents do, and that one of them fails."""

from contextlib import ExitStack

import pytest

from qiki.bus import subjects
from qiki.serve.system_status import failing_agents
from tests.serve.test_agent import started_all, system

__all__ = ["system"]  # the fixture

WELL = {"asked": 10, "late": 0, "raised": 0, "nonsense": 0, "refused": 0, "restarts": 0}


@pytest.mark.parametrize(
    ("passed", "is_failing"),
    [
        ({}, False),
        ({"refused": 10}, False),
        ({"late": 5}, False),
        ({"late": 6}, True),
        ({"raised": 3, "nonsense": 3}, True),
        ({"asked": 4}, True),
    ],
)
def test_an_agent_fails_that_answers_less_than_half_of_the_ticks_as_it_should(passed, is_failing):
    earlier = {"ticks": 100, "agents": {"a": WELL | {"late": 100}}}
    now = {name: WELL[name] + count for name, count in (WELL | passed).items()}
    now["late"] += 100
    found = failing_agents({"ticks": 110, "agents": {"a": now}}, earlier)
    assert bool(found) == is_failing
    assert failing_agents(earlier, earlier) == ()  # there was no tick
    assert failing_agents({"frames": 3}, {}) == ()


async def test_an_agent_that_never_answers_is_a_fault_and_the_others_are_none(system):
    with ExitStack() as stack:
        await started_all(system, stack, "Sleeper,Pusher")
        await system.wait_for(subjects.AGENT_FAULT, lambda event: event["subject"] == "Sleeper")
        status = await system.command("status", "--expect", "agent")
        assert status.returncode == 1
        assert "fault: agent Sleeper answered 0 of " in status.stderr
        assert "agent Pusher answered" not in status.stderr
        assert "ship " in status.stdout
        assert "mission watch; ticks " in status.stdout
        assert "agent Sleeper  asked " in status.stdout
