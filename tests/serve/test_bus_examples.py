"""The programs of examples/bus, started as docs/control.md and docs/telemetry.md say."""

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys

import pytest

from qiki.bus import subjects
from qiki.models.module import imported
from qiki.serve.watched import end_task
from tests.serve.qiki_command import clean_environment
from tests.serve.running_system import running_system
from tests.serve.shell import typed
from tests.source_tree import ROOT, blocks_of

CONTROL = (ROOT / "docs/control.md").read_text()
TELEMETRY = (ROOT / "docs/telemetry.md").read_text()
_, START, COMMANDS = blocks_of(CONTROL, "sh")
(FOLLOW,) = blocks_of(TELEMETRY, "sh")
BROKER = '"nats://127.0.0.1:4222"'


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    words = shlex.split(START, comments=True)
    assert words[:2] == ["qiki", "up"]
    scenario = ROOT / words[-1]
    with running_system(tmp_path_factory.mktemp("data"), *words[2:-1], scenario) as running:
        yield running


def printed(block, system):
    """Type a line that starts a program, with the broker of the system; return what it prints."""
    line = block.partition("#")[0].strip()
    result = typed(f"{line} {system.url}\n", clean_environment(), ROOT)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_commands_are_acknowledged_and_dock_the_vehicle(system):
    lines = printed(COMMANDS, system)
    pattern = (
        r"([\w.]+): (applied|rejected \(dock power is on, .*\)), sequence (\d+), world (\S+) s"
    )
    told = [re.fullmatch(pattern, line).groups() for line in lines]
    assert [(name, status.partition(" ")[0]) for name, status, *_ in told] == [
        ("sim.pause", "applied"),
        ("sim.step", "applied"),
        ("power.dock.on", "rejected"),
        ("sim.dock.engage", "applied"),
        ("sim.step", "applied"),
        ("power.dock.on", "applied"),
        ("sim.dock.release", "applied"),
        ("sim.reset", "applied"),
        ("sim.start", "applied"),
    ]
    sequences = [int(sequence) for _, _, sequence, _ in told]
    assert sequences == list(range(sequences[0], sequences[0] + len(told)))
    times_s = [float(time_s) for *_, time_s in told]
    assert times_s == sorted(times_s)
    assert times_s[5] - times_s[4] > 5.0  # it has taken its time to settle in the latches


async def test_answers_to_others_do_not_make_it_wait_longer(client, monkeypatch):
    program = imported(str(ROOT / "examples/bus/commands.py"), "the example")
    monkeypatch.setattr(program, "PATIENCE_S", 0.5)

    async def answer_others():
        while True:
            answer = {"request_id": "somebody else's", "success": True}
            await client.publish(subjects.COMMAND_RESPONSES, json.dumps(answer).encode())
            await asyncio.sleep(0.1)

    answering = asyncio.create_task(answer_others())
    try:
        async with asyncio.timeout(20):
            with pytest.raises(TimeoutError):
                await program.ask(client, "sim.pause")
    finally:
        await end_task(answering)


def test_where_there_is_no_berth_it_says_so(tmp_path):
    with running_system(tmp_path, "--scenario", "crossing") as elsewhere:
        result = typed(
            f"{COMMANDS.partition('#')[0].strip()} {elsewhere.url}\n", clean_environment(), ROOT
        )
    assert result.returncode == 1
    assert "sim.dock.engage: rejected (the world has no station now" in result.stdout
    assert result.stderr.startswith("The vehicle does not dock here: ")
    assert "examples/bus/berth.yaml" in result.stderr


def test_telemetry_is_followed(system):
    lines = printed(FOLLOW, system)
    pattern = r"\d+\.\d s, at (\S+) (\S+) (\S+) m, \S+ m/s, charge \d+\.\d %, undocked \(\w+\)"
    places = [re.fullmatch(pattern, line).groups() for line in lines]
    assert len(places) == 3
    assert all(abs(float(axis)) < 10.0 for place in places for axis in place)


def test_the_page_shows_what_the_program_does():
    (shown,) = blocks_of(CONTROL, "py")
    program = (ROOT / "examples/bus/commands.py").read_text()
    assert shown in program
    for name in ("commands.py", "telemetry.py"):
        assert f"URL = {BROKER}" in (ROOT / "examples/bus" / name).read_text()


def test_without_a_broker_telemetry_ends_with_one_line():
    told = subprocess.run(
        [sys.executable, ROOT / "examples/bus/telemetry.py"],
        env=os.environ | {"QIKI_NATS_URL": "nats://127.0.0.1:1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == (
        "no broker at nats://127.0.0.1:1, must be there: start `qiki up`, or name another\n"
    )
