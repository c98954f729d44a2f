"""Old records go by age and by size, the file stays within its limit, and shrinks."""

import sqlite3
from contextlib import closing

import pytest

from qiki.registrar import database as module
from qiki.registrar.database import CHUNK_ROWS, DatabaseWaitError, RegistrarDatabase
from qiki.registrar.record import Batch, FrameCount, Minute, Move, Record
from tests.registrar.messages import TIME_US, begin, rows

LIMIT = 4 << 20
SECOND = 1_000_000


@pytest.fixture
def path(tmp_path):
    return tmp_path / "r.sqlite3"


@pytest.fixture
def database(path):
    opened = RegistrarDatabase(path, LIMIT)
    begin(opened, "EVENTS")
    opened.remove_old(TIME_US + 1)
    yield opened
    opened.close()


def batch_of(first, last, *, step_us=0, payload="{}"):
    records = [
        Record(TIME_US + step_us * n, "event.x", None, "s", 1, n, 0, payload)
        for n in range(first, last + 1)
    ]
    return Batch(records=records, moves={1: Move(first - 1, last, TIME_US)}, arrivals=len(records))


def sequences(path):
    return [n for (n,) in rows(path, "SELECT sequence FROM records ORDER BY id")]


def test_what_is_too_old_goes_and_nothing_else(path, database):
    database.store(batch_of(1, 100, step_us=SECOND))
    assert database.remove_old(TIME_US + 40 * SECOND) == 39
    assert database.remove_old(TIME_US + 40 * SECOND) == 0
    assert sequences(path) == list(range(40, 101))


def test_age_is_by_the_time_of_storing_whatever_the_order(path, database):
    database.store(batch_of(1, 100, step_us=-SECOND))
    assert database.remove_old(TIME_US - 40 * SECOND) == 60
    assert sequences(path) == list(range(1, 41))


def test_removal_goes_in_chunks(database):
    database.store(batch_of(1, CHUNK_ROWS + 10))
    newer = TIME_US + 1
    assert [database.remove_old(newer) for _ in range(3)] == [CHUNK_ROWS, 10, 0]


def test_minutes_of_frames_go_with_age(path, database):
    minute_s = TIME_US // SECOND // 60 * 60
    counts = {Minute("radar", "1", minute_s + 60 * n): FrameCount(1) for n in range(10)}
    database.store(Batch(frame_counts=counts, arrivals=1))
    database.remove_old((minute_s + 300) * SECOND)
    kept = [n for (n,) in rows(path, "SELECT minute_s FROM frame_minutes")]
    # The minute that has just ended may hold frames that are young enough.
    assert kept == [minute_s + 60 * n for n in range(4, 10)]


def test_minutes_of_frames_have_a_bound_of_their_own(path, database, monkeypatch):
    monkeypatch.setattr(module, "FRAME_MINUTES_MAX", 4)
    minute_s = TIME_US // SECOND // 60 * 60
    counts = {Minute("radar", "1", minute_s + 60 * n): FrameCount(1) for n in range(10)}
    database.store(Batch(frame_counts=counts, arrivals=1))
    database.remove_old(0)
    kept = [n for (n,) in rows(path, "SELECT minute_s FROM frame_minutes")]
    assert kept[-1] == minute_s + 540
    assert len(kept) in (4, 5)


def test_the_file_never_grows_beyond_its_limit_by_more_than_a_batch(path, database):
    """Thirty times what it may hold, as the writer does it: after each batch what is too much."""
    rows_each, payload = 1000, '{"a":"' + "x" * 600 + '"}'
    stored = 0
    largest = 0
    while stored * 700 < 30 * LIMIT:
        database.store(batch_of(stored + 1, stored + rows_each, payload=payload))
        stored += rows_each
        while database.remove_surplus():
            pass
        largest = max(largest, path.stat().st_size)
    assert largest < LIMIT + 2 * rows_each * 800
    kept = sequences(path)
    assert kept == list(range(kept[0], stored + 1))  # the newest, without a hole
    assert database.place("EVENTS").sequence == stored


def test_a_smaller_limit_makes_the_file_smaller(path, database):
    database.store(batch_of(1, 20_000, payload='{"a":"' + "x" * 100 + '"}'))
    database.close()
    small = RegistrarDatabase(path, 1 << 20)
    while small.remove_surplus():
        pass
    for _ in range(5):
        small.give_back()
    small.close()
    assert path.stat().st_size <= 1 << 20
    assert sequences(path)[-1:] in ([20_000], [])


def test_what_is_given_back_is_so_at_once_however_large_a_batch_was(path, database):
    """Not only with so much more that the write-ahead log is full."""
    database.store(batch_of(1, 10_000, payload='{"a":"' + "x" * 1000 + '"}'))
    while database.remove_surplus():
        pass
    before = path.stat().st_size
    assert before > 2 * LIMIT
    for _ in range(3):
        database.give_back()
    assert path.stat().st_size <= LIMIT


def test_keys_are_never_used_again_though_all_records_have_gone(path, database):
    """A reader that follows goes on behind the last key it has seen."""
    database.store(batch_of(1, 10))
    database.remove_old(TIME_US + 1)
    database.store(batch_of(11, 11))
    assert rows(path, "SELECT id FROM records") == [(12,)]


def test_a_reader_that_never_ends_does_not_make_the_log_grow_for_ever(path, database, monkeypatch):
    monkeypatch.setattr(module, "WAL_HELD_BYTES_MAX", 1 << 20)
    log = path.with_name("r.sqlite3-wal")
    payload = '{"a":"' + "x" * 500 + '"}'
    last = 0

    def store(times):
        nonlocal last
        for _ in range(times):
            database.store(batch_of(last + 1, last + 500, payload=payload))
            last += 500

    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM records").fetchall()
        with pytest.raises(DatabaseWaitError, match="must have at most 1048576: somebody reads"):
            store(100)
        assert log.stat().st_size < 2 << 20
        reader.execute("COMMIT")
        store(1)
    assert log.stat().st_size < 1 << 20
    assert sequences(path) == list(range(1, last + 1))


def test_streams_that_are_no_more_are_forgotten_with_their_records(path, database):
    database.store(batch_of(1, 3))
    second = begin(database, "EVENTS").stream_id
    third = begin(database, "EVENTS").stream_id
    database.close()
    for removed, kept in ((0, [1, third]), (TIME_US + 1, [third])):
        again = RegistrarDatabase(path, LIMIT)
        again.remove_old(removed)
        again.close()
        RegistrarDatabase(path, LIMIT).close()
        assert rows(path, "SELECT id FROM streams") == [(id,) for id in kept]
    assert second not in kept
