"""What an operator says to the agent, and a reader of other words, on a real broker."""

import asyncio
import contextlib
import json
import uuid

import msgspec

from qiki.agent.loop import AgentLoop
from qiki.agent.machines import ShipState
from qiki.agent.proposal import Command, Proposal, ProposalType
from qiki.agent.sample_view import sample_view
from qiki.bus import subjects
from qiki.serve.agent_intents import Operator


def proposal(name, command):
    return Proposal(
        name=name,
        type=ProposalType.PLANNING,
        justification="the operator's words",
        actions=(Command(command),),
    )


class Reader:
    """Reads "please NAME" as a proposal of that name; on "nonsense" it has none that is sound."""

    def __init__(self):
        self.views = []

    async def read(self, text, view):
        self.views.append(view)
        if text == "nonsense":
            return [msgspec.structs.replace(proposal("bad", "sim.dock.engage"), priority=3.0)]
        word = text.removeprefix("please ")
        if word == text:
            return []
        return [proposal(word, "sim.dock.engage" if word == "dock-now" else "sim.rcs.stop")]


@contextlib.asynccontextmanager
async def operator(client, reader=None):
    """Give an operator that listens, and what says something to it and returns the answer."""
    listening = Operator(client, AgentLoop(), "watch", reader)
    intents = await client.subscribe(subjects.INTENTS, cb=listening.answer)
    answers = await client.subscribe(subjects.INTENT_RESPONSES)

    async def say(text, payload=None):
        request_id = str(uuid.uuid4())
        asked = {"version": 1, "request_id": request_id, "ts_epoch_ms": 0, "input": {"text": text}}
        await client.publish(subjects.INTENTS, payload or json.dumps(asked).encode())
        answer = json.loads((await answers.next_msg(timeout=10)).data)
        assert payload is not None or answer["request_id"] == request_id
        return answer

    yield listening, say
    await intents.unsubscribe()
    await answers.unsubscribe()
    await listening.close()


async def test_missions_modes_and_states_are_what_is_said(client):
    async with operator(client) as (it, say):
        assert (await say("dock"))["ok"]
        assert it.mission == "dock"
        assert (await say("режим миссия"))["ok"]
        assert it.mode == "MISSION"
        assert (await say("go on"))["error"] == "rejected"
        assert (await say("stop"))["ok"]
        assert it._loop.conduct.ship is ShipState.EMERGENCY_STOP
        status = (await say("status"))["reply"]["text"]
        assert "ship EMERGENCY_STOP, mission dock, mode MISSION; situations: none" in status
        assert (await say("go on"))["ok"]
        assert it._loop.conduct.ship is ShipState.SHIP_IDLE
        assert (await say("safe mode"))["ok"]
        assert it._loop.conduct.safe_mode_reason == "the operator says so"


async def test_what_is_not_understood_and_what_is_no_intent_are_answered(client):
    async with operator(client) as (it, say):
        unknown = await say("make coffee")
        assert unknown["error"] == "not_understood"
        assert "must be one of: dock, hold" in unknown["reply"]["text"]
        broken = await say("", payload=b'{"request_id": "abc"}')
        assert (broken["error"], broken["request_id"]) == ("invalid_message", "abc")
        assert (await say("ack 3"))["reply"]["text"].startswith("there was no tick yet")
        assert it.mission == "watch"


async def test_what_a_reader_proposes_waits_for_the_word(client):
    reader = Reader()
    async with operator(client, reader) as (it, say):
        it.view = sample_view()
        told = await say("please rest")
        assert told["ok"]
        assert [each["metadata"]["name"] for each in told["proposals"]] == ["rest"]
        assert it.take_accepted() == []
        assert (await say("accept other"))["error"] == "rejected"
        assert (await say("accept rest"))["ok"]
        ((agent, accepted),) = it.take_accepted()
        assert (agent, accepted.name) == ("operator", "rest")
        assert it.take_accepted() == []
        assert (await say("accept rest"))["error"] == "rejected"
        assert reader.views == [it.view]


async def test_what_waits_ends_with_its_world(client):
    async with operator(client, Reader()) as (it, say):
        it.view = sample_view()
        await say("please rest")
        await say("please go-there")
        assert (await say("accept rest"))["ok"]
        assert [accepted.name for _, accepted in it.begin_anew()] == ["rest"]
        refused = await say("accept go-there")
        assert "the world is another one than" in refused["reply"]["text"]
        assert it.take_accepted() == []


async def test_in_the_mode_mission_nothing_that_docks_is_accepted(client):
    async with operator(client, Reader()) as (it, say):
        it.view = sample_view()
        await say("please dock-now")
        await say("mode mission")
        refused = await say("accept dock-now")
        assert (refused["error"], "mode factory first" in refused["reply"]["text"]) == (
            "rejected",
            True,
        )
        await say("mode factory")
        assert (await say("accept dock-now"))["ok"]


async def test_nonsense_of_a_reader_is_told_and_waits_for_nobody(client):
    async with operator(client, Reader()) as (it, say):
        it.view = sample_view()
        refused = await say("nonsense")
        assert refused["error"] == "rejected"
        assert "priority is 3.0, must be 0 to 1" in refused["reply"]["text"]
        assert (await say("accept bad"))["error"] == "rejected"
        assert (await say("nothing of that"))["error"] == "not_understood"


async def test_a_reader_that_thinks_holds_up_nobody(client):
    class Slow(Reader):
        async def read(self, text, view):
            await asyncio.sleep(3600)

    async with operator(client, Slow()) as (it, say):
        it.view = sample_view()
        asked = {"version": 1, "request_id": str(uuid.uuid4()), "ts_epoch_ms": 0}
        payload = json.dumps(asked | {"input": {"text": "please think"}}).encode()
        await client.publish(subjects.INTENTS, payload)
        assert (await say("status"))["ok"]


async def test_a_reader_that_fails_is_told_and_the_next_word_is_heard(client):
    class Broken(Reader):
        async def read(self, text, view):
            raise ConnectionError("no line to the model")

    async with operator(client, Broken()) as (it, say):
        it.view = sample_view()
        failed = await say("please think")
        assert failed["error"] == "rejected"
        assert "ConnectionError: no line to the model" in failed["reply"]["text"]
        assert (await say("hold"))["ok"]


async def test_no_more_is_read_at_once_than_is_allowed(client):
    class Slow(Reader):
        async def read(self, text, view):
            await asyncio.sleep(3600)

    async with operator(client, Slow()) as (it, say):
        it.view = sample_view()
        for _ in range(4):
            asked = {"version": 1, "request_id": str(uuid.uuid4()), "ts_epoch_ms": 0}
            payload = json.dumps(asked | {"input": {"text": "please think"}}).encode()
            await client.publish(subjects.INTENTS, payload)
        refused = await say("please think, too")
        assert (refused["error"], "ask again" in refused["reply"]["text"]) == ("rejected", True)


async def test_a_proposal_is_accepted_in_whatever_letters_it_is_said(client):
    async with operator(client, Reader()) as (it, say):
        it.view = sample_view()
        await say("please Evade-1")
        assert (await say("ACCEPT EVADE-1"))["ok"]
        ((_, accepted),) = it.take_accepted()
        assert accepted.name == "Evade-1"
