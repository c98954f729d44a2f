"""`qiki up --bots`: everything together, as an operator and an observer meet it."""

import asyncio
import json
import signal
import time
from pathlib import Path

import pytest

from qiki.bus.connection import connected
from qiki.serve.bot_run import services_of
from qiki.settings import NatsSettings, Settings
from qiki.tracking import is_confirmed
from qiki.wire import decode_tracks
from tests.serve.qiki_command import (
    last_json,
    one_line_error,
    processes_with,
    run,
    started,
)

WAIT_S = 60.0
BOTS = 3


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """A running fleet; gives its folder, its URL and what it logged at the start."""
    folder = tmp_path_factory.mktemp("fleet")
    words = ("up", "--bots", BOTS, "--port", 0, "--grpc-port", 0, "--data-dir", folder, "--json")
    with started(*words, QIKI_LOG__LEVEL="debug") as process:
        logged = []
        while not logged or logged[-1]["event"] != "starting":
            logged.append(json.loads(process.stderr.readline()))
        yield folder, logged[-1]["broker"]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    summary = json.loads(out.splitlines()[-1])
    assert [bot["bot"] for bot in summary["bots"]] == [1, 2, 3]
    assert summary["frames_lost"] == 0
    assert summary["frames"] == sum(bot["frames"] for bot in summary["bots"]) > 30
    assert not (folder / "bots.json").exists()
    assert {json.loads(line).get("bot") for line in err.splitlines()} >= {1, 2, 3}


def of_bot(folder, *words, **variables):
    return run(*words, QIKI_UP__DATA_DIR=str(folder), **variables)


async def heard(url, subject, condition):
    """Wait for a message that meets a condition, as the observer sees it; return its payload."""
    async with connected(NatsSettings(url=url), "observer") as client:
        messages = await client.subscribe(subject)
        async with asyncio.timeout(WAIT_S):
            async for message in messages.messages:
                if condition(message.data):
                    return message.data
    return None


async def test_the_observer_sees_each_bot_track_the_others(fleet):
    _, url = fleet

    def has_others(payload):
        tracks = decode_tracks(payload).tracks
        ids = {bytes(it).rstrip(b"\0") for it in tracks["transponder_id"][is_confirmed(tracks)]}
        return len([it for it in ids if it.startswith(b"BOT-")]) == BOTS - 1

    for number in range(1, BOTS + 1):
        assert await heard(url, f"bot{number}.qiki.radar.v1.tracks", has_others)


async def telemetry(url, number):
    payload = await heard(url, f"bot{number}.qiki.telemetry", lambda _: True)
    return json.loads(payload)


async def test_a_command_to_one_bot_reaches_that_one_alone(fleet):
    folder, url = fleet
    sent = await asyncio.to_thread(
        of_bot, folder, "command", "--bot", 2, "sim.xpdr.mode", "mode=SILENT", "--json"
    )
    assert sent.returncode == 0, sent.stderr
    assert last_json(sent)["payload"]["status"] == "applied"
    modes = [(await telemetry(url, number))["comms"]["xpdr"]["mode"] for number in (1, 2, 3)]
    assert modes == ["ON", "SILENT", "ON"]
    shown = await asyncio.to_thread(of_bot, folder, "events", "--bot", 2, "--type", "command")
    other = await asyncio.to_thread(of_bot, folder, "events", "--bot", 3, "--type", "command")
    assert "sim.xpdr.mode" in shown.stdout
    assert "sim.xpdr.mode" not in other.stdout


async def test_the_observer_commands_a_bot_and_pauses_the_world_of_all(fleet):
    _, url = fleet
    async with connected(NatsSettings(url=url), "observer") as client:
        for name, state in (("sim.pause", "PAUSED"), ("sim.start", "RUNNING")):
            command = {
                "command_name": name,
                "parameters": {},
                "metadata": {
                    "message_id": "8f14e45f-ceea-467f-a8d4-0f2e0d7f6b21",
                    "source": "test",
                },
            }
            stored = await client.request(
                "bot3.qiki.commands.control", json.dumps(command).encode(), timeout=10
            )
            assert json.loads(stored.data)["stream"] == "QIKI_COMMANDS_V1"

            def is_so(payload, state=state):
                return json.loads(payload)["sim_state"]["fsm_state"] == state

            for number in range(1, BOTS + 1):
                assert await heard(url, f"bot{number}.qiki.telemetry", is_so)


def test_status_is_that_of_one_bot(fleet):
    folder, _ = fleet
    deadline_s = time.monotonic() + WAIT_S
    while (status := of_bot(folder, "status", "--bot", 3, "--json")).returncode:
        assert time.monotonic() < deadline_s, status.stdout + status.stderr
    services = {it["name"]: it for it in last_json(status)["services"]}
    assert set(services) == set(services_of(Settings()))
    assert services["bridge"]["frames"] > 0
    refused = of_bot(folder, "status", "--bot", 4)
    assert "bot is 4, must be 1 to 3" in one_line_error(refused)
    unnamed = of_bot(folder, "status", QIKI_NATS_URL=fleet[1])
    assert "one of 1 to 3 must be meant: name it by --bot" in one_line_error(unnamed)
    nobody = run("status", "--bot", 1, QIKI_UP__DATA_DIR=str(folder / "elsewhere"))
    assert "must be readable" in one_line_error(nobody)
    assert nobody.returncode == 78


def test_no_password_is_on_a_command_line_or_in_a_log(fleet):
    folder, _ = fleet
    bots = json.loads((folder / "bots.json").read_text())["bots"]
    passwords = [bot["password"].encode() for bot in bots]
    assert len(set(passwords)) == BOTS
    ours = processes_with(f"QIKI_UP__DATA_DIR={folder}")
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in ours]
    assert len(lines) >= 1 + 3 * BOTS
    texts = [*lines, (folder / "nats-server.log").read_bytes()]
    assert not any(password in text for password in passwords for text in texts)


def test_two_bots_of_agents_in_lockstep(tmp_path):
    """Both agents decide each tick, else the world would stand at its first."""
    words = ("up", "--bots", 2, "--lockstep", "--agent", "reference", "--duration", 4, "--json")
    ports = ("--port", 0, "--grpc-port", 0, "--data-dir", tmp_path)
    result = run(*words, *ports, QIKI_UP__REGISTRAR="false", timeout_s=120)
    assert result.returncode == 0, result.stderr
    summary = last_json(result)
    frames = [bot["frames"] for bot in summary["bots"]]
    assert min(frames) > 1
    assert max(frames) - min(frames) <= 1
    assert summary["frames_lost"] == 0


def test_another_broker_needs_to_know_the_bots(broker):
    result = run("up", "--bots", 2, QIKI_NATS_URL=broker.url)
    assert result.returncode == 78
    assert "nats.bots_file must name the users" in one_line_error(result)
    assert "sim.bots is 17 (from --bots), must be int <= 16" in one_line_error(
        run("up", "--bots", 17)
    )


def test_a_bots_file_of_the_user_is_left_as_it_is(tmp_path):
    users = tmp_path / "users.json"
    users.write_text("of the user's own broker")
    words = ("up", "--bots", 2, "--port", 0, "--grpc-port", 0, "--duration", 1)
    own = {"QIKI_NATS__BOTS_FILE": str(users), "QIKI_UP__DATA_DIR": str(tmp_path / "data")}
    result = run(*words, **own)
    assert result.returncode == 78
    error = one_line_error(result)
    assert f"nats.bots_file is {users}, must be left out where nats.url is unset" in error
    assert users.read_text() == "of the user's own broker"


def test_room_that_is_too_little_for_all_is_refused(tmp_path):
    variables = {"QIKI_STREAMS__MAX_BYTES": "20000000", "QIKI_UP__DATA_DIR": str(tmp_path)}
    result = run("up", "--bots", 4, "--port", 0, **variables)
    assert result.returncode == 78
    error = one_line_error(result)
    assert "streams.max_bytes is 5000000, which holds" in error
    assert error.endswith("for each bot, 4 times that in all")
