"""`qiki events` on a database as the registrar writes it."""

import json
import re
import signal
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from qiki.bus.bots_file import BOTS_FILE, BotsFile, new_users
from qiki.registrar.database import RegistrarDatabase
from qiki.registrar.record import Arrival
from qiki.registrar.schema import VERSION
from tests.registrar.messages import TIME_US, answer, begin, command, interpreted
from tests.serve.qiki_command import one_line_error, run, started

LIMIT = 64 << 20


class Writer:
    """Stores events as if they had come now, or some time ago."""

    def __init__(self, path):
        self._database = RegistrarDatabase(path, LIMIT)
        place = self._database.place("EVENTS")
        place = place or begin(self._database, "EVENTS")
        self._database.remove_old(TIME_US << 1)
        self._sequence = place.sequence

    def store(self, payload, subject="qiki.events.v1.radar.guard", ago_s=0.0, headers=None):
        self._sequence += 1
        time_us = int((time.time() - ago_s) * 1e6)
        payload = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        arrival = Arrival(subject, payload, headers or {}, time_us, 1, self._sequence)
        self._database.store(interpreted(arrival, stands=self._sequence - 1))

    def close(self):
        self._database.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "r.sqlite3"


@pytest.fixture
def writer(path):
    with closing(Writer(path)) as opened:
        yield opened


def shown(path, *words):
    """Return the objects that the command prints, one a line."""
    result = run("events", "--database", path, "--json", *words)
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def numbers(path, *words):
    return [record["payload"]["number"] for record in shown(path, *words)]


def test_everything_is_shown_in_order_while_the_registrar_has_it_open(path, writer):
    for number in range(3):
        writer.store({"number": number, "big": 10**30}, headers={"ce-id": "7"})
    first = shown(path)[0]
    assert [record["payload"]["number"] for record in shown(path)] == [0, 1, 2]
    assert first["payload"]["big"] == 10**30
    assert (first["type"], first["subject"]) == ("event.radar.guard", "qiki.events.v1.radar.guard")
    assert (first["stream"], first["sequence"]) == ("EVENTS", 1)
    assert (first["headers"], first["reason"], first["about"]) == ({"ce-id": "7"}, None, None)
    age = datetime.now(UTC) - datetime.fromisoformat(first["time"])
    assert timedelta(0) <= age < timedelta(minutes=1)


def test_it_reads_when_no_registrar_runs(path, writer):
    writer.store({"number": 1})
    writer.close()
    assert numbers(path) == [1]


def test_the_folder_of_a_system_will_do(tmp_path):
    with closing(Writer(tmp_path / "registrar.sqlite3")) as writer:
        writer.store({"number": 1})
    by_flag = run("events", "--data-dir", tmp_path)
    by_setting = run("events", QIKI_UP__DATA_DIR=str(tmp_path))
    assert by_flag.returncode == by_setting.returncode == 0, by_flag.stderr
    assert "event.radar.guard" in by_flag.stdout
    assert by_flag.stdout == by_setting.stdout


def test_since_takes_a_span_or_a_time(path, writer):
    for number, ago_s in enumerate((90_000, 5000, 200, 10, 0)):
        writer.store({"number": number}, ago_s=ago_s)
    assert numbers(path, "--since", "2d") == [0, 1, 2, 3, 4]
    assert numbers(path, "--since", "2h") == [1, 2, 3, 4]
    assert numbers(path, "--since", "10m") == [2, 3, 4]
    assert numbers(path, "--since", "100.5s") == [3, 4]
    moment = datetime.now(UTC) - timedelta(minutes=10)
    east = moment.astimezone(tz=datetime.strptime("+0500", "%z").tzinfo)
    for text in (f"{moment:%Y-%m-%dT%H:%M:%SZ}", f"{moment:%Y-%m-%d %H:%M:%S}", east.isoformat()):
        assert numbers(path, "--since", text) == [2, 3, 4]


@pytest.mark.parametrize("text", ["yesterday", "10", "m", "-5m", "2026-13-01", "1e3s"])
def test_a_time_that_is_none_is_wrong_usage(path, writer, text):
    result = run("events", "--database", path, f"--since={text}")
    assert result.returncode == 2
    assert "must be a time span as 90s" in result.stderr


def test_types_and_those_below_them(path, writer):
    writer.store({"number": 0}, "qiki.events.v1.radar.guard")
    writer.store({"number": 1}, "qiki.events.v1.radar")
    writer.store({"number": 2}, "qiki.events.v1.radars")
    writer.store({"number": 3}, "qiki.events.v1.power")
    writer.store(command("sim.pause"), "qiki.commands.control")
    writer.store(answer("me"), "qiki.responses.control")
    assert numbers(path, "--type", "event.radar") == [0, 1]
    assert numbers(path, "--type", "event") == [0, 1, 2, 3]
    assert numbers(path, "--type", "event.power", "--type", "event.radars") == [2, 3]
    assert [r["type"] for r in shown(path, "--type", "command", "--type", "acknowledgement")] == [
        "command.sim.pause",
        "acknowledgement.applied",
    ]
    assert shown(path, "--type", "even_") == shown(path, "--type", "nothing") == []


def test_the_limit_keeps_the_newest_and_says_so(path, writer):
    for number in range(5):
        writer.store({"number": number})
    result = run("events", "--database", path, "--limit", 2)
    assert [re.search(r'"number":(\d)', line)[1] for line in result.stdout.splitlines()] == list(
        "34"
    )
    assert result.stderr == "the newest 2 only: raise --limit, or narrow --since\n"
    assert numbers(path, "--limit", "5") == [0, 1, 2, 3, 4]
    assert run("events", "--database", path, "--limit", 5).stderr == ""
    assert numbers(path, "--limit", "0") == []


def test_text_is_one_line_each_and_nothing_reaches_the_terminal_but_text(path, writer):
    writer.store(b'{\n "a":\t"\xc2\x9b31m\x7f"}')
    writer.store(b"\x1b[31m\xff", "qiki.events.v1.power")
    result = run("events", "--database", path)
    first, second = result.stdout.splitlines()
    assert first.endswith(r'Z  event.radar.guard  {"a":"\x9b31m\x7f"}')
    assert "refused.event  must be the JSON object that its subject carries" in second
    assert second.endswith(r"b'\x1b[31m\xff'")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", result.stdout)


def test_refused_messages_have_their_bytes_in_json(path, writer):
    writer.store(b"\xff\x00", "qiki.events.v1.power")
    (record,) = shown(path)
    assert (record["type"], record["payload_base64"]) == ("refused.event", "/wA=")
    assert "payload" not in record
    assert record["reason"]


def test_follow_shows_what_is_stored_from_then_on(path, writer):
    writer.store({"number": 0})
    writer.store({"number": 1})
    words = ("events", "--database", path, "--json", "--follow", "--limit", 1, "--type", "event")
    with started(*words) as process:
        assert json.loads(process.stdout.readline())["payload"] == {"number": 1}
        writer.store(command(), "qiki.commands.control")
        for number in (2, 3):
            writer.store({"number": number})
            assert json.loads(process.stdout.readline())["payload"] == {"number": number}
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_follow_ends_with_its_reader(path, writer):
    writer.store({"number": 0})
    with started("events", "--database", path, "--follow") as process:
        process.stdout.readline()
        process.stdout.close()
        for number in range(100):
            writer.store({"number": number})
            if process.poll() is not None:
                break
            time.sleep(0.1)
        assert process.wait(10) == 1
        assert "Traceback" not in process.stderr.read()


def test_no_database_is_one_line(tmp_path):
    result = run("events", QIKI_REGISTRAR__PATH=str(tmp_path / "nothing"))
    assert result.returncode == 78
    line = one_line_error(result)
    assert f"registrar.path is {tmp_path / 'nothing'}, must be a database that `qiki reg" in line
    assert list(tmp_path.iterdir()) == []


def test_a_newer_schema_is_one_line(path, writer):
    writer.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    result = run("events", "--database", path)
    assert result.returncode == 78
    assert f"schema has version {VERSION + 1}, must be {VERSION}" in one_line_error(result)


def test_the_default_place_is_that_of_the_registrar(tmp_path):
    result = run("events", XDG_DATA_HOME=str(tmp_path))
    assert f"registrar.path is {tmp_path}/qiki/registrar.sqlite3" in one_line_error(result)


def test_where_several_bots_run_one_must_be_named_or_the_database(tmp_path, path, writer):
    writer.store({"number": 7})
    BotsFile("nats://127.0.0.1:9", new_users(2)).write(tmp_path / BOTS_FILE)
    variables = {"QIKI_UP__DATA_DIR": str(tmp_path), "QIKI_REGISTRAR__PATH": str(path)}
    unnamed = run("events", **variables)
    assert unnamed.returncode == 78
    assert "one of 1 to 2 must be meant: name it by --bot" in one_line_error(unnamed)
    named = run("events", "--database", path, **variables)
    assert (named.returncode, '"number":7' in named.stdout) == (0, True)
