"""How `qiki replay` ends when a signal or a failure ends it: real processes, nothing left behind.

Each process leads a session of its own, as on a terminal, and writes to files, so that no wait
here hangs on a pipe that a child holds; each wait has a deadline.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from qiki.bus import subjects
from qiki.bus.connection import connected
from qiki.settings import NatsSettings
from tests.serve.made_recording import made_recording
from tests.serve.qiki_command import clean_environment, one_line_error, processes_with

PATIENCE_S = 20
NEVER_ENDS = ("--speed", "0.01")  # 400 s between scans
SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


@pytest.fixture
def recording_file(tmp_path):
    file = tmp_path / "made.ast"
    file.write_bytes(made_recording(turns=50))
    return file


def heed_signals():
    """Run in the child: the background of a shell script, where tests may run, ignores SIGINT."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def replaying(file, folder, *words, **variables):
    """Start ``qiki replay`` with its temporary folders in `folder`; kill it if it still runs."""
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "qiki", "replay", file, *words],
            env=clean_environment(TMPDIR=str(folder), **variables),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            preexec_fn=heed_signals,  # noqa: PLW1509 - the tests have one thread
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(condition, process, folder):
    """Return what `condition` gives once it is true; the process must live until then."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert process.poll() is None, (folder / "err").read_text()
        assert time.monotonic() < deadline, (folder / "err").read_text()
        time.sleep(0.01)
    return found


def bridge_runs(folder):
    return '"event": "worker_started"' in (folder / "err").read_text()


def broker_url(folder):
    (file,) = folder.glob("qiki-broker-*/*.ports")
    return json.loads(file.read_text())["nats"][0]


def children(process, folder):
    """Return the ids of what `process` has started, which has its folder too."""
    return [pid for pid in processes_with(folder) if pid != process.pid]


def result(process, folder):
    process.wait(PATIENCE_S)
    return SimpleNamespace(returncode=process.returncode, stderr=(folder / "err").read_text())


def assert_nothing_is_left(folder):
    assert list(folder.glob("qiki-broker-*")) == []
    assert processes_with(folder) == []


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_removes_the_private_store(tmp_path, recording_file, number):
    with replaying(recording_file, tmp_path, *NEVER_ENDS) as process:
        wait_until(lambda: bridge_runs(tmp_path), process, tmp_path)
        assert len(children(process, tmp_path)) == 1
        os.killpg(process.pid, number)
        ended = result(process, tmp_path)
    assert ended.returncode == 128 + number
    assert "Traceback" not in ended.stderr
    assert_nothing_is_left(tmp_path)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_the_broker_starts(tmp_path, recording_file, number):
    """The broker of this test never says that it listens."""
    program = tmp_path / "nats-server"
    program.write_text(f'#!/bin/sh\n: > {tmp_path}/begun\nexec tail -f "$2"\n')
    program.chmod(0o755)
    with replaying(recording_file, tmp_path, QIKI_NATS_SERVER=str(program)) as process:
        wait_until((tmp_path / "begun").exists, process, tmp_path)
        os.killpg(process.pid, number)
        ended = result(process, tmp_path)
    assert ended.returncode == 128 + number
    assert ended.stderr == ""
    assert_nothing_is_left(tmp_path)


def test_more_signals_do_not_disturb_the_end(tmp_path, recording_file):
    with replaying(recording_file, tmp_path, *NEVER_ENDS) as process:
        wait_until(lambda: bridge_runs(tmp_path), process, tmp_path)
        os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_S
        while children(process, tmp_path):  # they are held back longer than the broker lives
            os.killpg(process.pid, signal.SIGINT)
            assert time.monotonic() < deadline
            time.sleep(0.005)
        ended = result(process, tmp_path)
    # The last one may come when nothing is left to take away, and ends it in Python's own way.
    assert ended.returncode in (128 + signal.SIGTERM, 128 + signal.SIGINT, -signal.SIGINT)
    assert_nothing_is_left(tmp_path)


@pytest.mark.parametrize("delay_s", [i * 0.08 for i in range(16)])
def test_a_signal_at_any_instant_leaves_nothing(tmp_path, recording_file, delay_s):
    with replaying(recording_file, tmp_path, *NEVER_ENDS) as process:
        time.sleep(delay_s)
        os.killpg(process.pid, signal.SIGTERM)
        ended = result(process, tmp_path)
    # Ended by the system as long as there is nothing to take away: a shell says 143 of both.
    assert ended.returncode in (-signal.SIGTERM, 128 + signal.SIGTERM)
    assert_nothing_is_left(tmp_path)


def test_death_of_the_broker_is_one_line(tmp_path, recording_file):
    with replaying(recording_file, tmp_path, *NEVER_ENDS) as process:
        wait_until(lambda: bridge_runs(tmp_path), process, tmp_path)
        (broker,) = children(process, tmp_path)
        os.kill(broker, signal.SIGKILL)
        ended = result(process, tmp_path)
    assert ended.returncode == 1
    line = one_line_error(ended)
    assert "the replay's own nats-server ended with exit code -9" in line
    assert "replay again" in line
    assert_nothing_is_left(tmp_path)


async def wait_until_answered(jetstream, process, folder):
    """Wait until the first scan is answered, so that the bridge has written before others do."""
    deadline = time.monotonic() + PATIENCE_S
    while (await jetstream.stream_info("QIKI_TRACKS_V1")).state.last_seq == 0:
        assert process.poll() is None, (folder / "err").read_text()
        assert time.monotonic() < deadline, (folder / "err").read_text()
        await asyncio.sleep(0.01)


async def test_end_of_the_bridge_is_one_line(tmp_path, recording_file):
    """A second writer of tracks ends it, at the next scan that it answers."""
    with replaying(recording_file, tmp_path, "--speed", "4") as process:
        wait_until(lambda: bridge_runs(tmp_path), process, tmp_path)
        settings = NatsSettings(url=broker_url(tmp_path))
        async with connected(settings, "test") as client:
            jetstream = client.jetstream()
            await wait_until_answered(jetstream, process, tmp_path)
            written = (await jetstream.publish(subjects.TRACKS, b"somebody else")).seq
        ended = result(process, tmp_path)
    assert ended.returncode == 1
    line = one_line_error(ended)
    ends = f"the output stream ends at {written}, must end at {written - 1}"
    assert f"the replay's own bridge ended: {ends}" in line
    assert "another worker writes it; stop one of the two" in line
    assert_nothing_is_left(tmp_path)
