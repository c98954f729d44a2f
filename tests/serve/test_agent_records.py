"""Events of an agent: stored in order, bounded, and never blocked by one that no broker takes."""

import asyncio
import json
from datetime import datetime

import nats.errors
import pytest

from qiki.agent.decision import Key, Status, Verdict
from qiki.agent.loop import Changes, Decision, Failure
from qiki.agent.proposal import Proposal, ProposalType, Switch
from qiki.bus import subjects
from qiki.bus.publish import Publisher
from qiki.serve import agent_records
from qiki.serve.agent_records import AgentRecords
from qiki.serve.watched import end_task

NOTHING = Changes([], [])


def verdict(name="p", justification="why", status=Status.ACCEPTED, **metadata):
    proposal = Proposal(
        name=name,
        type=ProposalType.PLANNING,
        justification=justification,
        actions=(Switch("nbl", is_on=True),),
        metadata=metadata,
    )
    return Verdict(Key("pilot", name), proposal, 5, status)


def decision(*verdicts, tick=1):
    return Decision(tick, 7_000_000_000, list(verdicts), [])


async def stored(client):
    jetstream = client.jetstream()
    last = (await jetstream.stream_info("QIKI_EVENTS_V1")).state.last_seq
    found = [await jetstream.get_msg("QIKI_EVENTS_V1", n, direct=True) for n in range(1, last + 1)]
    return [(it.subject, json.loads(it.data)) for it in found]


def records_of(client):
    return AgentRecords(client, Publisher(client, 5.0))


async def run_until_stored(records):
    task = asyncio.create_task(records.run())
    async with asyncio.timeout(20):
        while records._waiting:  # noqa: ASYNC110 - what waits
            await asyncio.sleep(0.01)
    await end_task(task)


async def test_what_became_of_each_is_stored_in_order_what_waits_is_not(client):
    records = records_of(client)
    failures = {Key("pilot", "b"): Failure("no such load", is_refused=True)}
    waits = verdict("c", status=Status.PENDING)
    records.tick(decision(verdict("a"), verdict("b"), waits), failures, NOTHING)
    records.tick(decision(waits, tick=2), {}, NOTHING)
    await run_until_stored(records)
    (subject, said), (fault_subject, fault) = await stored(client)
    assert subject == subjects.AGENT_DECISION
    found = [(it["metadata"]["name"], it["status"], it["reason"]) for it in said["proposals"]]
    assert found == [("a", "EXECUTED", ""), ("b", "FAILED", "no such load")]
    assert (said["subject"], said["sim_time_ns"]) == ("executed", 7_000_000_000)
    assert fault_subject == subjects.AGENT_FAULT
    assert (fault["subject"], fault["kind"], fault["reason"]) == (
        "pilot",
        "refused",
        "b: no such load",
    )


async def test_one_that_no_broker_takes_is_counted_and_does_not_block_the_others(client):
    records = records_of(client)
    large = [
        verdict(f"p{n}", "x" * 1024, **{str(k): "\x01" * 256 for k in range(32)}) for n in range(64)
    ]
    records.tick(decision(*large), {}, NOTHING)
    records.tick(decision(verdict("small"), tick=2), {}, NOTHING)
    await run_until_stored(records)
    ((_, said),) = await stored(client)
    assert said["tick"] == 2
    assert records.dropped == 1


async def test_the_mode_is_told_in_the_fields_of_the_original(client):
    records = records_of(client)
    records.mode("MISSION")
    await run_until_stored(records)
    ((subject, said),) = await stored(client)
    assert subject == "qiki.events.v1.system_mode"
    told_s = said.pop("ts_epoch")
    assert datetime.fromisoformat(said.pop("timestamp")).timestamp() == pytest.approx(told_s)
    assert said == {
        "event_schema_version": 1,
        "source": "agent",
        "subject": "system_mode",
        "mode": "MISSION",
    }


async def test_too_many_that_wait_lose_the_oldest(client, monkeypatch):
    monkeypatch.setattr(agent_records, "WAITING_MAX", 3)
    records = records_of(client)
    for tick in range(5):
        records.tick(decision(verdict("a"), tick=tick), {}, NOTHING)
    await run_until_stored(records)
    assert [said["tick"] for _, said in await stored(client)] == [2, 3, 4]
    assert records.dropped == 2


async def test_what_waits_at_the_end_is_stored(client):
    records = records_of(client)
    records.tick(decision(verdict("a")), {}, NOTHING)
    await records.rest()
    assert len(await stored(client)) == 1


async def test_without_a_broker_the_end_is_not_waited_for_long(client):
    class Away:
        async def publish(self, *_, **__):
            await asyncio.sleep(3600)
            raise nats.errors.TimeoutError

    records = AgentRecords(client, Away())
    records.tick(decision(verdict("a")), {}, NOTHING)
    async with asyncio.timeout(3):
        await records.rest()
