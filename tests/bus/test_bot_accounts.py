"""Accounts of the bots of a fleet, on a real nats-server."""

import asyncio
import json
import stat

import nats.errors
import pytest

from qiki.bus import subjects
from qiki.bus.bots_file import BotsFile, BotUser, bots_file, nats_of_bot, new_users
from qiki.bus.broker import EmbeddedBroker
from qiki.bus.connection import connected
from qiki.bus.stream_apply import apply
from qiki.bus.streams import stream_plans
from qiki.errors import SettingError
from qiki.settings import BrokerSettings, NatsSettings, Settings, UpSettings
from tests.conftest import TRAFFIC

SETTINGS = Settings()


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """A broker with the accounts of three bots, each with its streams; and the users."""
    users = new_users(3)
    with EmbeddedBroker(
        tmp_path_factory.mktemp("fleet"), BrokerSettings(port=0), bots=users
    ) as broker:
        asyncio.run(make_streams(broker, users))
        yield broker, users


async def make_streams(broker, users):
    for number in range(1, len(users) + 1):
        async with bot(broker, users, number) as client:
            plans = stream_plans(SETTINGS.streams, SETTINGS.bridge, TRAFFIC)
            await apply(client.jetstream(), plans)


def bot(broker, users, number):
    user = users[number - 1]
    nats_ = NatsSettings(url=broker.url, user=user.user, password=user.password)
    return connected(nats_, f"bot-{number}")


def observer(broker):
    return connected(NatsSettings(url=broker.url), "observer")


async def stored(client, stream):
    """Return subject and payload of all that a stream holds."""
    jetstream = client.jetstream()
    state = (await jetstream.stream_info(stream)).state
    messages = [
        await jetstream.get_msg(stream, sequence, direct=True)
        for sequence in range(max(1, state.first_seq), state.last_seq + 1)
    ]
    return [(message.subject, message.data) for message in messages]


async def test_the_observer_sees_each_bot_behind_its_prefix(fleet):
    async with observer(fleet[0]) as client:
        seen = await client.subscribe("*.qiki.>")
        await client.flush()
        for number in (2, 3):
            async with bot(*fleet, number) as own:
                await own.jetstream().publish(subjects.TRACKS, b"%d" % number)
        found = [await seen.next_msg(5) for _ in range(2)]
    assert [(message.subject, message.data) for message in found] == [
        ("bot2.qiki.radar.v1.tracks", b"2"),
        ("bot3.qiki.radar.v1.tracks", b"3"),
    ]


async def test_a_command_of_the_observer_is_stored_in_that_bots_stream_alone(fleet):
    async with observer(fleet[0]) as client:
        answer = await client.request("bot2.qiki.commands.control", b"from outside", timeout=5)
    assert json.loads(answer.data)["stream"] == SETTINGS.streams.commands
    for number, expected in ((1, False), (2, True), (3, False)):
        async with bot(*fleet, number) as own:
            held = await stored(own, SETTINGS.streams.commands)
        assert ((subjects.COMMANDS, b"from outside") in held) is expected


async def test_intents_and_status_are_answered_to_the_observer(fleet):
    async with bot(*fleet, 3) as own, observer(fleet[0]) as client:

        async def answer(message):
            await message.respond(message.subject.encode())

        for subject in (subjects.INTENTS, f"{subjects.STATUS}.*"):
            await own.subscribe(subject, cb=answer)
        await own.flush()
        for subject in (subjects.INTENTS, f"{subjects.STATUS}.sim"):
            told = await client.request(f"bot3.{subject}", b"", timeout=5)
            assert told.data == subject.encode()


async def test_no_bot_reaches_another_nor_does_the_observer_beyond_commands(fleet):
    async with bot(*fleet, 1) as own, bot(*fleet, 2) as other, observer(fleet[0]) as client:
        heard = []

        async def note(message):
            heard.append(message.data)

        await other.subscribe("*.>", cb=note)
        await other.flush()
        before = await stored(other, SETTINGS.streams.radar)
        for subject in ("bot2.qiki.commands.control", "bot2.qiki.radar.v1.frames"):
            await own.publish(subject, b"not yours")
        await own.publish(subjects.FRAMES, b"my own")
        await own.flush()
        with pytest.raises(nats.errors.TimeoutError):
            await client.request("bot2.qiki.radar.v1.frames", b"forged", timeout=0.5)
        assert await stored(other, SETTINGS.streams.radar) == before
    assert not {b"not yours", b"my own", b"forged"} & set(heard)


async def test_a_wrong_password_opens_no_account(fleet):
    broker, (first, *_) = fleet
    wrong = NatsSettings(url=broker.url, user=first.user, password="guess", connect_timeout_s=2.0)
    with pytest.raises(Exception, match="Authorization Violation"):
        async with connected(wrong, "intruder"):
            pass


def test_passwords_stand_in_files_that_nobody_else_reads(tmp_path):
    users = new_users(2)
    assert len({user.password for user in (*users, *new_users(2))}) == 4
    with EmbeddedBroker(tmp_path, BrokerSettings(port=0), bots=users) as broker:
        file = tmp_path / "bots.json"
        BotsFile(broker.url, users).write(file)
        assert users[0].password not in broker.url
        holders = [
            path
            for path in tmp_path.rglob("*")
            if path.is_file() and users[0].password.encode() in path.read_bytes()
        ]
    assert {path.name for path in holders} == {"nats-server.conf", "bots.json"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in holders} == {0o600}


def test_a_bot_is_found_in_the_file_of_the_run(tmp_path):
    settings = Settings(up=UpSettings(data_dir=str(tmp_path)))
    with pytest.raises(SettingError, match=r"bots_file is .*bots\.json, must be readable"):
        nats_of_bot(settings, 1)
    users = (BotUser("bot-1", "a"), BotUser("bot-2", "b"))
    BotsFile("nats://127.0.0.1:9", users).write(bots_file(settings))
    found = nats_of_bot(settings, 2)
    assert (found.url, found.user, found.password) == ("nats://127.0.0.1:9", "bot-2", "b")
    for number in (0, 3):
        with pytest.raises(SettingError, match=f"bot is {number}, must be 1 to 2"):
            nats_of_bot(settings, number)
    bots_file(settings).write_text('{"url": "x", "bots": [{"user": "y"}]}')
    with pytest.raises(SettingError, match="must have url and bots, each with user and password"):
        nats_of_bot(settings, 1)


def test_a_password_goes_to_no_other_broker_unless_the_file_is_named(tmp_path):
    up, mine = UpSettings(data_dir=str(tmp_path)), "nats://127.0.0.1:9"
    path = bots_file(Settings(up=up))
    BotsFile(mine, (BotUser("bot-1", "a"),)).write(path)
    same = nats_of_bot(Settings(up=up, nats=NatsSettings(url=mine)), 1)
    assert (same.url, same.password) == (mine, "a")
    elsewhere = "nats://me:hidden@elsewhere:4222"
    with pytest.raises(SettingError) as refused:
        nats_of_bot(Settings(up=up, nats=NatsSettings(url=elsewhere)), 1)
    text = str(refused.value)
    assert "elsewhere:4222, must be nats://127.0.0.1:9, whose bots" in text
    assert "hidden" not in text
    named = NatsSettings(url=elsewhere, bots_file=str(path))
    assert nats_of_bot(Settings(up=up, nats=named), 1).url == elsewhere
