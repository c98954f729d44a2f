"""What an operator says to the agent, and a reader of other words, on a real broker."""

import asyncio
import contextlib
import json
import uuid
from pathlib import Path

import pytest

from qiki.agent.contained import AgentLimits
from qiki.agent.contained_reader import ContainedReader
from qiki.agent.loop import AgentLoop
from qiki.agent.machines import ShipState
from qiki.agent.sample_view import sample_vehicle, sample_view
from qiki.bus import subjects
from qiki.errors import SettingError
from qiki.serve.agent_intents import Operator

READERS = Path(__file__).parent / "readers_of_tests.py"
PATIENT = AgentLimits(answer_s=30.0)


@contextlib.asynccontextmanager
async def operator(client, reader=None, limits=PATIENT):
    """Give an operator that listens, and what says something to it and returns the answer."""
    async with contextlib.AsyncExitStack() as stack:
        started = None
        if reader is not None:
            running = ContainedReader.started(f"{READERS}:{reader}", limits)
            started = await stack.enter_async_context(running)
        yield await stack.enter_async_context(listening_to(client, started))


@contextlib.asynccontextmanager
async def listening_to(client, reader):
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

    try:
        yield listening, say
    finally:
        await listening.close()
    await intents.unsubscribe()
    await answers.unsubscribe()


async def test_missions_modes_and_states_are_what_is_said(client):
    async with operator(client) as (it, say):
        assert (await say("dock"))["ok"]
        assert it.mission == "dock"
        assert (await say("режим миссия"))["ok"]
        assert it.mode == "MISSION"
        assert (await say("go on"))["error"] == "rejected"
        told = (await say("stop"))["reply"]["text"]
        assert told.startswith("Thrusters are off; how fast the vehicle drifts is not known.")
        it.view = sample_view(vehicle=sample_vehicle(velocity_m_s=(0.0, 1.2, 0.5)))
        told = (await say("stop"))["reply"]["text"]
        assert told == (
            "Thrusters are off; the vehicle drifts on at 1.3 m/s. `go on` ends that, `hold` brakes "
            "then."
        )
        assert it._loop.conduct.ship is ShipState.EMERGENCY_STOP
        status = (await say("status"))["reply"]["text"]
        assert "ship EMERGENCY_STOP, mission dock, mode MISSION; situations: none" in status
        it._loop.conduct.last_safe_mode = "blind"
        assert "Last safe mode: blind." in (await say("status"))["reply"]["text"]
        it._loop.conduct.last_safe_mode = ""
        it.done = "reference/dock: TRANSIT: station 500 m away"
        status = (await say("status"))["reply"]["text"]
        assert "Speed 1.30 m/s, propellant 12.0 kg. Last done: reference/dock: TRANSIT: " in status
        it.how_far = "catching up, 3 of 9 messages read"
        told = (await say("status"))["reply"]["text"]
        assert "EMERGENCY_STOP (catching up, 3 of 9 messages read), mission" in told
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
    async with operator(client, "Reader") as (it, say):
        it.view = sample_view(tick=7)
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
        assert accepted.justification.endswith("at tick 7")


async def test_what_waits_ends_with_its_world(client):
    async with operator(client, "Reader") as (it, say):
        it.view = sample_view()
        await say("please rest")
        await say("please go-there")
        assert (await say("accept rest"))["ok"]
        assert [accepted.name for _, accepted in it.begin_anew()] == ["rest"]
        refused = await say("accept go-there")
        assert "the world is another one than" in refused["reply"]["text"]
        assert it.take_accepted() == []


async def test_in_the_mode_mission_nothing_that_docks_is_accepted(client):
    async with operator(client, "Reader") as (it, say):
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
    async with operator(client, "Reader") as (it, say):
        it.view = sample_view()
        refused = await say("nonsense")
        assert refused["error"] == "rejected"
        assert "priority is 3.0, must be 0 to 1" in refused["reply"]["text"]
        assert (await say("accept bad"))["error"] == "rejected"
        assert (await say("nothing of that"))["error"] == "not_understood"


def asked(text):
    """Return an intent of which no answer is waited for."""
    request = {"version": 1, "request_id": str(uuid.uuid4()), "ts_epoch_ms": 0}
    return json.dumps(request | {"input": {"text": text}}).encode()


async def test_a_reader_that_blocks_holds_up_nobody(client):
    async with operator(client, "Hanging") as (it, say):
        it.view = sample_view()
        await client.publish(subjects.INTENTS, asked("please think"))
        assert (await say("status"))["ok"]


async def test_a_reader_that_hangs_is_told_killed_and_started_anew(client):
    limits = AgentLimits(answer_s=0.2, first_pause_s=30.0)
    async with operator(client, "Hanging", limits) as (it, say):
        it.view = sample_view()
        late = await say("please think")
        assert late["error"] == "rejected"
        assert "the reader of intents took longer than 0.2 s" in late["reply"]["text"]
        told = [(await say("please think"))["reply"]["text"] for _ in range(4)]
        assert any("hangs and was killed; starts anew in 30 s" in text for text in told)


@pytest.mark.parametrize(
    ("words", "reason"),
    [("please think", "ConnectionError: no line to the model"), ("please end", "exit code 3")],
)
async def test_a_reader_that_fails_is_told_and_the_next_word_is_heard(client, words, reason):
    async with operator(client, "Broken") as (it, say):
        it.view = sample_view()
        failed = await say(words)
        assert failed["error"] == "rejected"
        assert reason in failed["reply"]["text"]
        assert (await say("hold"))["ok"]


async def test_no_more_is_read_at_once_than_is_allowed(client):
    async with operator(client, "Hanging") as (it, say):
        it.view = sample_view()
        for _ in range(4):
            await client.publish(subjects.INTENTS, asked("please think"))
        refused = await say("please think, too")
        assert (refused["error"], "ask again" in refused["reply"]["text"]) == ("rejected", True)


async def test_what_is_read_for_a_world_that_is_gone_waits_for_nobody(client):
    async with operator(client, "Thinking") as (it, say):
        it.view = sample_view()
        thinking = asyncio.create_task(say("please think"))
        async with asyncio.timeout(10):
            while not it._reading:  # noqa: ASYNC110 - until it has begun
                await asyncio.sleep(0.01)
        it.begin_anew()
        told = await thinking
        assert told["error"] == "rejected"
        assert "the world is another one than" in told["reply"]["text"]


async def test_a_reader_that_is_none_is_refused_at_the_start(client):
    with pytest.raises(SettingError, match=r"agent\.intent_reader is .*:Nobody"):
        async with operator(client, "Nobody"):
            pass


async def test_a_proposal_is_accepted_in_whatever_letters_it_is_said(client):
    async with operator(client, "Reader") as (it, say):
        it.view = sample_view()
        await say("please Evade-1")
        assert (await say("ACCEPT EVADE-1"))["ok"]
        ((_, accepted),) = it.take_accepted()
        assert accepted.name == "Evade-1"
