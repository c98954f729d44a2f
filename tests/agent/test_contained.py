"""Agents that raise, hang, end, lie and print: each is told of, and harms nobody else."""

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from qiki.agent.agent_message import MAX_PROPOSALS
from qiki.agent.contained import AgentError, AgentFacts, AgentLimits, ContainedAgent
from qiki.agent.sample_view import sample_view
from qiki.agent.team import Team
from qiki.errors import SettingError

SPEC = f"{Path(__file__).with_name('odd_agents.py')}:Odd"
LONG = AgentLimits(answer_s=60.0, first_pause_s=0.01)
SHORT = AgentLimits(answer_s=0.5, first_pause_s=0.01)


def view(mission, reason=""):
    return sample_view(mission=mission, safe_mode_reason=str(reason))


@asynccontextmanager
async def running(limits=LONG, spec=SPEC, said=None):
    agent = ContainedAgent("odd", spec, limits, said)
    await agent.start()
    try:
        yield agent
    finally:
        await agent.stop()


async def good_answer(agent):
    """Ask until it answers again."""
    deadline_s = time.monotonic() + 60
    while (answer := await agent.decide(view("good"))).fault is not None:
        assert time.monotonic() < deadline_s, answer
        await asyncio.sleep(0.01)
    (proposal,) = answer.proposals
    return proposal.justification.split()


async def fault_with(agent, mission, said, reason=""):
    """Ask until a fault begins so: a machine that is slow may make it late before."""
    deadline_s = time.monotonic() + 60
    while not (fault := (await agent.decide(view(mission, reason))).fault or "").startswith(said):
        assert time.monotonic() < deadline_s, fault
        await asyncio.sleep(0.01)
    return fault


def wait_until_free(lock):
    """Return when nobody holds a lock any more."""
    assert lock.with_suffix(".held").exists()
    deadline_s = time.monotonic() + 60
    while is_held(lock):
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def is_held(lock):
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


async def test_an_agent_is_asked_and_keeps_what_it_knows():
    async with running() as agent:
        answers = [await good_answer(agent) for _ in range(3)]
        assert [asked for _, asked in answers] == ["1", "2", "3"]
        assert len({pid for pid, _ in answers}) == 1
        assert int(answers[0][0]) != os.getpid()
        assert await agent.decide(view("quiet")) == ([], None)
        assert (await agent.decide(view("as_a_tuple"))).proposals[0].justification == "as a tuple"
        assert agent.facts == AgentFacts(asked=5)


async def test_its_process_is_gone_when_it_is_stopped():
    async with running() as agent:
        pid, _ = await good_answer(agent)
        os.kill(int(pid), 0)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
    with pytest.raises(RuntimeError, match="odd must be started"):
        await agent.decide(view("good"))
    await agent.stop()


async def test_one_that_raises_is_told_and_goes_on():
    async with running() as agent:
        before = await good_answer(agent)
        answer = await agent.decide(view("raises"))
        assert answer.proposals == []
        lines = answer.fault.splitlines()
        assert lines[0].startswith("raised: ")
        assert lines[-1] == "ValueError: no engine"
        assert any("odd_agents.py" in line and "in raises" in line for line in lines)
        long = await agent.decide(view("raises", "y" * 10_000 + "end"))
        assert long.fault.endswith("end")
        assert len(long.fault) < 3000
        half = await agent.decide(view("raises_half_a_character"))
        assert half.fault.endswith("ValueError: ?")
        after = await good_answer(agent)
        assert (before[0], after[1]) == (after[0], "5")
        assert agent.facts == AgentFacts(asked=5, raised=3)


@pytest.mark.parametrize(
    ("mission", "with_what", "said"),
    [
        ("none", "", "decide returned NoneType, must return a list of Proposal"),
        ("text", "", "decide returned str, must return a list of Proposal"),
        ("mixed", "", "decide returned a list with int, must be of Proposal alone"),
        ("many", MAX_PROPOSALS + 1, "decide returned 65 proposals, must be at most 64"),
        ("large", "", "bytes, must be at most 262144"),
        ("unsendable", "", "object is no type of a proposal's field"),
        ("of_a_wrong_type", "", "Expected `float`, got `str` - at `$.proposals[0].priority`"),
    ],
)
async def test_nonsense_is_told_and_it_goes_on(mission, with_what, said):
    async with running() as agent:
        answer = await agent.decide(view(mission, with_what))
        assert answer.proposals == []
        assert said in answer.fault
        assert (await good_answer(agent))[1] == "2"
        assert agent.facts == AgentFacts(asked=2, nonsense=1)


async def test_as_many_proposals_as_may_be_are_none_too_many():
    async with running() as agent:
        answer = await agent.decide(view("many", MAX_PROPOSALS))
        assert (len(answer.proposals), answer.fault) == (MAX_PROPOSALS, None)


@pytest.mark.parametrize("mission", ["hangs", "hangs_busily", "prints_without_end"])
async def test_one_that_hangs_misses_the_tick_and_is_started_anew(mission, tmp_path):
    async with running(SHORT, said=lambda line: None) as agent:
        await good_answer(agent)
        told = await fault_with(agent, mission, "took longer", tmp_path / "lock")
        assert told == "took longer than 0.5 s: nobody waits for it"
        first, late = agent.facts.restarts, agent.facts.late
        assert late >= 1
        await fault_with(agent, "good", "hangs and was killed; starts anew in ")
        _, asked = await good_answer(agent)
        assert asked == "1"
        assert agent.facts.restarts > first


async def test_an_answer_that_comes_too_late_is_thrown_away(tmp_path):
    async with running(AgentLimits(answer_s=3.0)) as agent:
        await good_answer(agent)
        late = await agent.decide(view("waits_for", tmp_path / "go"))
        assert "took longer" in late.fault
        (tmp_path / "go").touch()
        assert (await good_answer(agent))[1] == "3"
        assert (agent.facts.late, agent.facts.restarts) == (1, 0)


@pytest.mark.parametrize(
    ("mission", "said"),
    [
        ("exits", "ended with exit code 3"),
        ("exits_politely", "ended with exit code 4"),
        ("is_killed", "was killed by SIGKILL"),
        ("announces_a_flood", "sent 4294967295 bytes at once, must be at most 264144"),
        ("answers_what_nobody_asked", "spoke out of turn"),
    ],
)
async def test_one_that_ends_or_breaks_the_protocol_is_started_anew(mission, said):
    async with running() as agent:
        first, _ = await good_answer(agent)
        answer = await agent.decide(view(mission))
        assert answer == ([], f"{said}; starts anew in 0.01 s")
        second, asked = await good_answer(agent)
        assert first != second
        assert asked == "1"
        assert agent.facts.restarts == 1


async def test_a_pickle_is_not_unpickled(tmp_path):
    async with running() as agent:
        answer = await agent.decide(view("pickles", tmp_path / "evil"))
        assert answer.proposals == []
        assert answer.fault.startswith("sent what is no")
        await good_answer(agent)
        assert not (tmp_path / "evil").exists()


async def test_what_it_prints_goes_to_the_log_and_nowhere_else():
    lines = []
    async with running(said=lines.append) as agent:
        assert (await agent.decide(view("prints"))).proposals[0].justification == "printed"
    assert lines[:2] == ["on standard output", "past Python"]
    assert lines[2] == "\N{REPLACEMENT CHARACTER}"
    assert lines[3] == "on standard error"
    assert lines[4] == "x" * 1000
    assert len(lines) == 5


async def test_pauses_before_a_restart_grow_up_to_a_limit():
    limits = AgentLimits(answer_s=60.0, first_pause_s=0.01, longest_pause_s=0.04)
    async with running(limits) as agent:
        said = []
        for _ in range(4):
            await good_answer(agent)
            said.append((await agent.decide(view("exits"))).fault.rpartition(" in ")[2])
        assert said == ["0.01 s", "0.02 s", "0.04 s", "0.04 s"]
        await good_answer(agent)
        assert agent.facts.restarts == 4


async def test_pauses_begin_anew_after_good_work():
    async with running() as agent:
        assert "starts anew in 0.01 s" in (await agent.decide(view("exits"))).fault
        for _ in range(100):
            await good_answer(agent)
        assert "starts anew in 0.01 s" in (await agent.decide(view("exits"))).fault


async def test_during_a_pause_the_reason_is_told():
    async with running(LONG._replace(first_pause_s=3600.0, longest_pause_s=3600.0)) as agent:
        await agent.decide(view("exits"))
        answer = await agent.decide(view("good"))
        assert answer.fault.startswith("is gone (ended with exit code 3): starts anew in 3")


async def test_others_are_not_harmed(tmp_path):
    bad = ["hangs_busily", "exits", "raises", "pickles", "prints_without_end"]
    quick = [ContainedAgent(name, SPEC, SHORT, lambda line: None) for name in bad]
    good = ContainedAgent("good", SPEC, LONG)
    await asyncio.gather(*(agent.start() for agent in [*quick, good]))
    try:
        for tick in range(3):
            asked = [agent.decide(view(agent.name, tmp_path / "x")) for agent in [*quick, good]]
            *_, answer = await asyncio.gather(*asked)
            assert answer.proposals[0].justification.endswith(f" {tick + 1}")
    finally:
        await asyncio.gather(*(agent.stop() for agent in [*quick, good]))


async def test_what_it_has_started_ends_with_it(tmp_path):
    lock = tmp_path / "lock"
    async with running() as agent:
        answer = await agent.decide(view("leaves_a_process_behind", lock))
        assert answer.fault.startswith("ended with exit code 0")
    wait_until_free(lock)


async def test_one_that_takes_too_much_memory_raises():
    async with running(LONG._replace(memory_mib=4096)) as agent:
        answer = await agent.decide(view("takes_memory", 8 * 2**30))
        assert answer.fault.endswith("MemoryError")
        assert (await good_answer(agent))[1] == "2"


async def test_a_tick_that_is_given_up_does_not_confuse_the_next(tmp_path):
    async with running() as agent:
        asked = asyncio.create_task(agent.decide(view("waits_for", tmp_path / "go")))
        await asyncio.sleep(0.1)
        with pytest.raises(RuntimeError, match="asked once at a time"):
            await agent.decide(view("good"))
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        (tmp_path / "go").touch()
        assert (await good_answer(agent))[1] == "2"


async def test_no_such_agent_is_a_wrong_setting():
    with pytest.raises(SettingError, match=r"agent is '.*:None', but .* has no None"):
        async with running(spec=SPEC.replace(":Odd", ":None")):
            pass


@pytest.mark.parametrize(
    ("name", "limits", "said"),
    [
        ("HangsWhenMade", LONG._replace(start_s=0.5), "HangsWhenMade' hangs and was killed"),
        ("EndsWhenMade", LONG, "EndsWhenMade' ended with exit code 5"),
    ],
)
async def test_one_that_cannot_be_made_is_an_error(name, limits, said):
    with pytest.raises(AgentError, match=said):
        async with running(limits, SPEC.replace("Odd", name)):
            pass


PARENT = """
import asyncio, sys
from qiki.agent.contained import AgentLimits, ContainedAgent
from qiki.agent.sample_view import sample_view
from qiki.agent.team import Team

async def main(spec, lock):
    agent = ContainedAgent("odd", spec, AgentLimits(answer_s=3600.0))
    await agent.start()
    await agent.decide(sample_view(mission="hangs_busily", safe_mode_reason=lock))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_dies_with_the_loop(how, tmp_path):
    """Even one that computes without end and ignores what it can ignore."""
    lock = tmp_path / "lock"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, SPEC, str(lock)], stderr=subprocess.DEVNULL
    )
    deadline_s = time.monotonic() + 60
    while not lock.with_suffix(".held").exists():
        assert parent.poll() is None
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
    assert is_held(lock)
    parent.send_signal(how)
    parent.wait()
    wait_until_free(lock)


def test_what_a_team_proposes_in_vain_is_counted_for_whom_it_was():
    team = Team([ContainedAgent(name, "x:Y") for name in ("one", "two")])
    team.note(nonsense=["one", "one", "operator"], refused=["two", "qiki"])
    facts = team.facts()
    assert (facts["one"]["nonsense"], facts["one"]["refused"]) == (2, 0)
    assert (facts["two"]["nonsense"], facts["two"]["refused"]) == (0, 1)
