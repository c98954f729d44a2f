"""The database: whole batches or nothing, one writer, and what becomes of an unusable file."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from qiki.errors import SettingError
from qiki.registrar.database import DatabaseError, DatabaseWaitError, RegistrarDatabase
from qiki.registrar.interpret import Interpreter
from qiki.registrar.query import RecordQuery
from qiki.registrar.record import Batch, FrameCount, Minute
from qiki.registrar.schema import VERSION
from tests.registrar.messages import TIME_US, arrival, begin, event, interpreted, rows

LIMIT = 64 << 20
MINUTE = Minute("radar", "1", 1_800_000_000)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder of müller?#%20" / "r.sqlite3"


@pytest.fixture
def database(path):
    opened = RegistrarDatabase(path, LIMIT)
    begin(opened, "EVENTS")
    yield opened
    opened.close()


def batch_of(first, last):
    return interpreted(*[arrival(*event(n), n) for n in range(first, last + 1)], stands=first - 1)


def numbers(path):
    return [
        n
        for (n,) in rows(
            path, "SELECT payload ->> 'number' FROM records WHERE sequence ORDER BY id"
        )
    ]


def test_what_is_stored_stands_there_for_others_and_after_a_restart(path, database):
    batch = batch_of(1, 3)
    batch.frame_counts[MINUTE] = FrameCount(2, 7, 1, 1, 5)
    batch.confirmed = {b"a" * 16: True, b"b" * 16: True, b"c" * 16: False}
    database.store(batch)
    more = batch_of(4, 4)
    more.frame_counts[MINUTE] = FrameCount(1, 1, 0, 0, 0)
    more.confirmed = {b"a" * 16: False}
    database.store(more)
    database.close()
    assert numbers(path) == [1, 2, 3, 4]
    assert rows(path, "SELECT * FROM frame_minutes") == [
        (MINUTE.minute_s, "radar", "1", 3, 8, 1, 1, 5, 0, 0, 0)
    ]
    again = RegistrarDatabase(path, LIMIT)
    assert again.place("EVENTS") == (1, "today", 4, TIME_US)
    assert again.place("OTHERS") is None
    assert again.confirmed_tracks() == [b"b" * 16]
    assert again.memory() == more.memory
    again.close()


def test_another_writer_is_noticed_and_nothing_of_the_batch_is_stored(path, database):
    rival = RegistrarDatabase(path, LIMIT)
    rival.store(batch_of(1, 2))
    batch = batch_of(1, 3)
    batch.frame_counts[MINUTE] = FrameCount(1)
    with pytest.raises(DatabaseError, match="another registrar writes it, must be one alone"):
        database.store(batch)
    rival.close()
    assert numbers(path) == [1, 2]
    assert rows(path, "SELECT * FROM frame_minutes") == []


def test_a_locked_database_is_waited_for(path, database):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseWaitError, match="locked"):
            database.store(batch_of(1, 2))
        other.execute("ROLLBACK")
    database.store(batch_of(1, 2))
    assert numbers(path) == [1, 2]


def test_a_full_disk_is_waited_for(path, database):
    """SQLite's own limit of pages gives its own SQLITE_FULL."""
    limit = database._connection.execute("PRAGMA max_page_count").fetchone()[0]
    pages = database._connection.execute("PRAGMA page_count").fetchone()[0]
    database._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DatabaseWaitError, match="full"):
        database.store(batch_of(1, 2000))
    assert numbers(path) == []
    database._connection.execute(f"PRAGMA max_page_count = {limit}")
    database.store(batch_of(1, 2000))
    assert numbers(path) == list(range(1, 2001))


def test_a_database_that_has_become_read_only_is_one_sentence(database):
    database._connection.execute("PRAGMA query_only = 1")
    with pytest.raises(
        DatabaseError, match=r"must be a sound database that can be written \(.*readonly"
    ):
        database.store(batch_of(1, 2))


def test_a_damaged_database_is_one_sentence(path, database):
    database.store(batch_of(1, 2000))
    database.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    with pytest.raises((DatabaseError, SettingError), match=str(path.name)):
        RegistrarDatabase(path, LIMIT).store(batch_of(2001, 2100))


@pytest.mark.parametrize("opened", [lambda path: RegistrarDatabase(path, LIMIT), RecordQuery])
def test_a_newer_schema_is_refused_and_left_alone(path, database, opened):
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(SettingError, match=f"schema has version {VERSION + 1}, must be {VERSION}"):
        opened(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("opened", [lambda path: RegistrarDatabase(path, LIMIT), RecordQuery])
@pytest.mark.parametrize("content", ["text", "sqlite", "tables"])
def test_a_file_that_is_no_such_database_is_refused_and_left_alone(tmp_path, opened, content):
    file = tmp_path / "other"
    if content == "text":
        file.write_bytes(b"no database " * 1000)
    else:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE mine (a)")
            if content == "tables":
                connection.execute("PRAGMA application_id = 5")
                connection.execute(f"PRAGMA user_version = {VERSION}")
    before = file.read_bytes()
    with pytest.raises(SettingError, match="no database of `qiki registrar`"):
        opened(file)
    assert file.read_bytes() == before


def test_an_empty_file_becomes_a_database_but_is_none_to_read(tmp_path):
    file = tmp_path / "empty"
    file.touch()
    with pytest.raises(SettingError, match="no database of `qiki registrar`"):
        RecordQuery(file)
    RegistrarDatabase(file, LIMIT).close()
    RecordQuery(file).last_id()


def test_a_place_that_cannot_be_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "r", tmp_path):
        with pytest.raises(SettingError, match="must be a file that can be opened and written"):
            RegistrarDatabase(path, LIMIT)


@pytest.mark.skipif(os.getuid() == 0, reason="whoever may do anything may write a read-only file")
def test_a_read_only_file_is_one_sentence(path, database):
    database.close()
    path.chmod(0o444)
    with pytest.raises(SettingError, match="must be a file that can be opened and written"):
        RegistrarDatabase(path, LIMIT)


def test_each_message_with_records_is_named_once_with_its_own_time(database):
    batch = batch_of(1, 3)
    born = batch.records[1]._replace(type="track.born", part=1, time_us=TIME_US - 5)
    batch.records.insert(1, born)
    database.store(batch)
    assert database.messages_of(1) == [(1, TIME_US), (2, TIME_US), (3, TIME_US)]


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.registrar.test_database import LIMIT, batch_of
from qiki.registrar.database import RegistrarDatabase
database = RegistrarDatabase(Path(sys.argv[1]), LIMIT)
database.store(batch_of(1, 500))
writes = 0
def die(statement):
    global writes
    writes += statement.startswith("INSERT INTO records")
    if writes == 250:
        os.kill(os.getpid(), signal.SIGKILL)
database._connection.set_trace_callback(die)
database.store(batch_of(501, 1000))
"""


def test_killed_amid_a_batch_nothing_of_it_is_there(path, database):
    database.close()
    process = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert process.returncode == -9
    assert numbers(path) == list(range(1, 501))
    again = RegistrarDatabase(path, LIMIT)
    assert again.place("EVENTS").sequence == 500
    again.store(batch_of(501, 1000))
    again.close()
    assert numbers(path) == list(range(1, 1001))


def test_an_empty_batch_changes_nothing(path, database):
    database.store(Batch())
    Interpreter(database.memory(), database.confirmed_tracks())
    assert numbers(path) == []
