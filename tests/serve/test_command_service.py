"""Commands on a real broker: stored first, acted on once, answered with their sequence."""

import asyncio
import contextlib
import json
import uuid

import pytest

from qiki.bus import subjects
from qiki.bus.broker import EmbeddedBroker
from qiki.bus.command_message import CommandRefused
from qiki.bus.command_request import new_command, request
from qiki.bus.connection import connected
from qiki.bus.stream_apply import apply
from qiki.bus.streams import stream_plans
from qiki.errors import BrokerError
from qiki.serve.command_service import CommandService, newest_command
from qiki.serve.watched import end_task
from qiki.settings import BrokerSettings, CommandSettings, NatsSettings, Settings
from tests.conftest import TRAFFIC
from tests.serve.test_command_interpreter import World, payload

STREAM = "QIKI_COMMANDS_V1"


@contextlib.asynccontextmanager
async def serving(client, settings, world, begin_sequence=None):
    """Answer commands on `world` meanwhile."""
    begin = await newest_command(client, settings) if begin_sequence is None else begin_sequence
    running = asyncio.create_task(CommandService(client, settings, world, begin).run())
    try:
        yield
        assert not running.done(), running.result()
    finally:
        await end_task(running)


@contextlib.asynccontextmanager
async def answers_to(client):
    """Collect what is answered meanwhile."""
    found = asyncio.Queue()

    async def take(message):
        await found.put(json.loads(message.data))

    subscription = await client.subscribe(subjects.COMMAND_RESPONSES, cb=take)
    await client.flush()
    yield found
    await subscription.unsubscribe()


async def ask(client, settings, name, **parameters):
    return await request(client, settings, new_command(name, parameters, "test"))


async def unacknowledged(client):
    info = await client.jetstream().consumer_info(STREAM, "sim_commands")
    return info.num_pending + info.num_ack_pending


async def test_a_command_is_stored_then_acted_on_and_its_answer_names_the_sequence(
    client, settings
):
    world = World()
    async with serving(client, settings, world):
        first = await ask(client, settings, "sim.pause")
        second = await ask(client, settings, "sim.radar.off", sensor="mast")
    assert world.done == ["pause", ("mast", False)]
    assert (first.sequence, second.sequence) == (1, 2)
    stored = await client.jetstream().get_msg(STREAM, 2, direct=True)
    assert stored.subject == subjects.COMMANDS
    document = json.loads(stored.data)
    assert document["command_name"] == "sim.radar.off"
    assert second.message["payload"] == {
        "command_name": "sim.radar.off",
        "status": "applied",
        "sequence": 2,
        "time_ns": 77,
    }
    assert second.message["request_id"] == document["metadata"]["message_id"]


async def test_refusals_are_answered_too(client, settings):
    world = World()
    async with serving(client, settings, world), answers_to(client) as answers:
        unknown = await ask(client, settings, "sim.nope")
        assert "command_name is sim.nope, must be one of" in unknown.refusal
        await answers.get()
        await client.jetstream().publish(subjects.COMMANDS, b'{"command_name": NaN}')
        answer = await asyncio.wait_for(answers.get(), 5)
    assert (answer["success"], answer["error"], answer["payload"]["sequence"]) == (
        False,
        "invalid_message",
        2,
    )
    assert world.done == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_cannot_say_is_refused_before_it_is_sent(value):
    with pytest.raises(CommandRefused) as refused:
        new_command("sim.radar.off", {"sensor": "mast", "gain": value}, "test")
    assert str(refused.value) == f"parameter gain is {value}, must be finite: give a number"
    assert refused.value.code == "invalid_message"


async def test_what_was_stored_before_the_world_began_does_not_act_on_it(client, settings):
    jetstream = client.jetstream()
    for _ in range(3):
        await jetstream.publish(subjects.COMMANDS, payload("sim.pause"))
    world = World()
    async with answers_to(client) as answers, serving(client, settings, world):
        old = [await asyncio.wait_for(answers.get(), 5) for _ in range(3)]
        new = await ask(client, settings, "sim.start")
    assert [(a["payload"]["sequence"], a["error"]) for a in old] == [
        (n, "too_old") for n in (1, 2, 3)
    ]
    assert (new.sequence, new.refusal, world.done) == (4, None, ["start"])
    assert await unacknowledged(client) == 0


async def test_a_second_run_neither_acts_nor_answers_what_the_first_did(client, settings):
    first, second = World(), World()
    async with serving(client, settings, first):
        await ask(client, settings, "sim.pause")
    async with answers_to(client) as answers, serving(client, settings, second):
        await ask(client, settings, "sim.start")
        assert (await answers.get())["payload"]["sequence"] == 2
    assert answers.empty()
    assert (first.done, second.done) == (["pause"], ["start"])


async def test_a_lost_acknowledgement_makes_it_answer_again_and_not_act_again(
    client, settings, monkeypatch
):
    """The broker delivers the command again once it has waited for the acknowledgement."""
    monkeypatch.setattr("qiki.bus.streams.COMMAND_ACK_WAIT_S", 0.5)
    await apply(client.jetstream(), stream_plans(settings.streams, settings.bridge, TRAFFIC))
    publish, lost = client.publish, []

    async def lose_the_first_acknowledgement(subject, *args, **kwargs):
        if subject.startswith("$JS.ACK.") and not lost:
            lost.append(subject)
            return
        await publish(subject, *args, **kwargs)

    monkeypatch.setattr(client, "publish", lose_the_first_acknowledgement)
    world = World()
    async with answers_to(client) as answers, serving(client, settings, world):
        await client.jetstream().publish(subjects.COMMANDS, payload("sim.pause"))
        first, again = [await asyncio.wait_for(answers.get(), 5) for _ in range(2)]
        await ask(client, settings, "sim.start")
    assert lost
    assert first["payload"] == again["payload"]
    assert first["metadata"]["message_id"] != again["metadata"]["message_id"]
    assert (first["success"], again["success"]) == (True, True)
    assert world.done == ["pause", "start"]
    assert await unacknowledged(client) == 0


async def test_a_command_that_comes_too_late_does_not_act(client, settings):
    hasty = Settings(nats=settings.nats, commands=CommandSettings(timeout_s=0.2))
    world = World()
    begin = await newest_command(client, hasty)
    with pytest.raises(BrokerError, match=r"sequence 1, but no simulator answered within 0.2 s"):
        await ask(client, hasty, "sim.pause")
    async with answers_to(client) as answers, serving(client, hasty, world, begin):
        answer = await asyncio.wait_for(answers.get(), 5)
    assert (answer["error"], world.done) == ("too_old", [])
    assert "must be at most 0.2 s (commands.timeout_s)" in answer["error_detail"]["message"]


async def test_the_answer_to_another_is_not_taken_for_ones_own(client, settings):
    worlds = World()
    async with serving(client, settings, worlds):
        names = ["sim.pause", "sim.nope", "sim.start", "sim.nope"]
        answers = await asyncio.gather(*(ask(client, settings, name) for name in names))
    assert sorted(answer.sequence for answer in answers) == [1, 2, 3, 4]
    for name, answer in zip(names, answers, strict=True):
        assert answer.message["kind"] == name
        assert (answer.refusal is None) == (name != "sim.nope")


async def test_a_missing_durable_is_named(client, settings):
    await client.jetstream().delete_consumer(STREAM, "sim_commands")
    with pytest.raises(BrokerError, match=r"QIKI_COMMANDS_V1/sim_commands is missing.*js apply"):
        await newest_command(client, settings)
    await apply(client.jetstream(), stream_plans(settings.streams, settings.bridge, TRAFFIC))


async def test_a_durable_that_goes_missing_ends_the_service(client, settings):
    service = CommandService(client, settings, World(), 0)
    running = asyncio.create_task(service.run())
    await asyncio.sleep(0.2)
    await client.jetstream().delete_consumer(STREAM, "sim_commands")
    with pytest.raises(BrokerError, match="sim_commands is missing, must be there"):
        await asyncio.wait_for(running, 15)


async def test_it_goes_on_when_the_broker_was_killed(tmp_path):
    """Nothing that was acted on before acts again; what is asked afterwards is answered."""
    broker = EmbeddedBroker(tmp_path, BrokerSettings(port=0, durable=True)).__enter__()
    settings = Settings(nats=NatsSettings(url=broker.url))
    world = World()
    try:
        async with connected(settings.nats, "test") as client:
            plans = stream_plans(settings.streams, settings.bridge, TRAFFIC)
            await apply(client.jetstream(), plans)
            async with serving(client, settings, world):
                await ask(client, settings, "sim.pause")
                broker._process.kill()
                broker.stop()
                port = int(broker.url.rsplit(":", 1)[1])
                broker = EmbeddedBroker(tmp_path, BrokerSettings(port=port)).__enter__()
                answer = await ask(client, settings, "sim.start")
        assert (answer.sequence, answer.refusal) == (2, None)
        assert world.done == ["pause", "start"]
    finally:
        broker.stop()


async def test_one_message_id_is_one_command(client, settings):
    """A publish that is repeated because its acknowledgement was lost stores no second one."""
    jetstream = client.jetstream()
    header = {"Nats-Msg-Id": str(uuid.uuid4())}
    stored = [
        await jetstream.publish(subjects.COMMANDS, payload("sim.pause"), headers=header)
        for _ in range(2)
    ]
    assert [(ack.seq, bool(ack.duplicate)) for ack in stored] == [(1, False), (1, True)]
