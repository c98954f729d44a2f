"""The services in lock-step and the same world in one process: what an agent sees is the same."""

import asyncio
import json
from contextlib import ExitStack

from qiki.bus import subjects
from qiki.radar import Scenario
from tests.agent.closed_loop import World, ticks
from tests.serve.agents_of_tests import Witness
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


async def said_by_services(client, broker):
    """Return the same of the services, which wait for each other at each tick."""
    variables = {
        "NATS_URL": broker.url,
        "QIKI_BIOS__PORT": "0",
        "QIKI_RADAR__EPOCH": str(EPOCH),
        "QIKI_SIM__START_TIME_NS": "0",
        "QIKI_TRACKER__GUARD_RULES": "default",
        "QIKI_UP__REGISTRAR": "false",
    }
    words = ("up", "--lockstep", "--agent", f"{AGENTS}:Witness", "--grpc-port", "0")
    decisions = await client.subscribe(subjects.AGENT_DECISION)
    said = []
    with ExitStack() as stack:
        stack.enter_context(started(*words, **variables))
        async with asyncio.timeout(110):
            async for message in decisions.messages:
                told = json.loads(message.data)["proposals"]
                said += [it["justification"] for it in told if it["metadata"]["name"] == "witness"]
                if len(said) >= TICKS:
                    break
    await decisions.unsubscribe()
    return said[:TICKS]


async def test_services_in_lockstep_show_what_one_process_does(client, broker):
    found = await said_by_services(client, broker)
    wanted = await asyncio.to_thread(said_in_process)
    assert [line.split()[0] for line in found] == [str(n * 100_000_000) for n in range(TICKS)]
    assert int(found[-1].split()[1]) >= 5  # it sees tracks, and flies by them
    assert found == wanted
