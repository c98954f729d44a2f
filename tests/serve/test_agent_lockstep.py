"""The services in lock-step and the same world in one process: what an agent sees is the same."""

import asyncio
import json
from contextlib import ExitStack

from qiki.agent.env import QikiEnv, world_settings
from qiki.bus import subjects
from qiki.radar import Scenario
from tests.agent.closed_loop import World, ticks
from tests.serve.agents_of_tests import Policy, Witness
from tests.serve.qiki_command import started
from tests.serve.test_agent import AGENTS

TICKS = 40
EPOCH = 1


def said_in_process():
    """Return what the agent says at each tick of the world in one process."""
    world, said = World(Scenario.load("default"), Scenario.load("default").seed), []
    for tick in ticks(world, Witness(), "watch"):
        said += [verdict.proposal.justification for verdict in tick.decision.accepted]
        if len(said) == TICKS:
            return said
    return said


def seen_in_the_environment():
    """Return what a policy sees at each step of the environment, and which ports it has then."""
    scenario, policy, seen, ports = Scenario.load("default"), Policy(), [], set()
    env = QikiEnv(settings=world_settings(scenario))
    observation, _ = env.reset(seed=scenario.seed)
    while len(seen) < TICKS:
        answer = policy.act(observation)
        seen.append(policy.seen)
        observation, *_ = env.step(answer)
        ports.add(env.batch.vehicle(0).docking.port)
    return seen, ports


async def said_by_services(client, broker, agent):
    """Return what an agent of the services says, which wait for each other at each tick."""
    variables = {
        "NATS_URL": broker.url,
        "QIKI_BIOS__PORT": "0",
        "QIKI_RADAR__EPOCH": str(EPOCH),
        "QIKI_SIM__START_TIME_NS": "0",
        "QIKI_TRACKER__GUARD_RULES": "default",
        "QIKI_UP__REGISTRAR": "false",
    }
    words = ("up", "--lockstep", "--agent", f"{AGENTS}:{agent}", "--grpc-port", "0")
    decisions = await client.subscribe(subjects.AGENT_DECISION)
    said = []
    with ExitStack() as stack:
        stack.enter_context(started(*words, **variables))
        async with asyncio.timeout(110):
            async for message in decisions.messages:
                told = json.loads(message.data)["proposals"]
                said += [
                    it["justification"] for it in told if it["metadata"]["name"] == agent.lower()
                ]
                if len(said) >= TICKS:
                    break
    await decisions.unsubscribe()
    return said[:TICKS]


async def test_services_in_lockstep_show_what_one_process_does(client, broker):
    found = await said_by_services(client, broker, "Witness")
    wanted = await asyncio.to_thread(said_in_process)
    assert [line.split()[0] for line in found] == [str(n * 100_000_000) for n in range(TICKS)]
    assert int(found[-1].split()[1]) >= 5  # it sees tracks, and flies by them
    assert found == wanted


async def test_a_policy_behind_the_services_flies_as_it_was_trained_to(client, broker):
    """To the last bit: by what it saw at each tick, of which all that it did is part."""
    found = await said_by_services(client, broker, "Policy")
    wanted, ports = await asyncio.to_thread(seen_in_the_environment)
    assert ports == {None, "A"}
    assert len(set(wanted)) == TICKS
    assert found == wanted
