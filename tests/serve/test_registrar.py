"""The registrar on a real broker with a real database: every message once, whatever happens."""

import asyncio
import json
import sqlite3
import time
import uuid
from contextlib import asynccontextmanager, closing

import pytest
from structlog.testing import capture_logs

from qiki.bus import subjects
from qiki.bus.publish import Message, Publisher
from qiki.bus.stream_apply import apply
from qiki.bus.streams import stream_plans
from qiki.errors import BrokerError
from qiki.radar import Radar, Scenario
from qiki.registrar import writer
from qiki.registrar.database import DatabaseError, RegistrarDatabase
from qiki.serve.registrar import Registrar
from qiki.settings import RegistrarSettings, Settings
from qiki.tracking import FrameTracker
from qiki.wire import encode_frame
from tests.conftest import TRAFFIC
from tests.registrar.messages import answer, command, event, rows

STREAM = "QIKI_EVENTS_V1"
QUICK = RegistrarSettings(batch_s=0.02, report_s=0.3)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "r.sqlite3"


@asynccontextmanager
async def registrar_running(client, settings, path, registrar=QUICK):
    """Run a registrar meanwhile, and stop it in order."""
    settings = Settings(nats=settings.nats, registrar=registrar)
    stop = asyncio.Event()
    with closing(RegistrarDatabase(path, registrar.max_bytes)) as database:
        running = asyncio.create_task(Registrar(client, settings, database, stop).run())
        try:
            yield running
        finally:
            stop.set()
            await asyncio.wait_for(running, 10)


async def publish(client, first, last, **more):
    publisher = Publisher(client, 20)
    for number in range(first, last + 1):
        header = {"Nats-Msg-Id": str(uuid.uuid4())}
        await publisher.publish(Message(*event(number, **more), header))


def stored(path, type="event.radar.guard"):
    found = rows(path, "SELECT payload ->> 'number' FROM records WHERE type = ? ORDER BY id", type)
    return [number for (number,) in found]


def types(path):
    found = rows(path, "SELECT type FROM records WHERE type != 'stream.began' ORDER BY id")
    return [type for (type,) in found]


async def until(condition, timeout_s=20):
    """Wait until a condition holds, and return what it gave."""
    deadline_s = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < deadline_s, condition
        await asyncio.sleep(0.02)
    return found


async def test_every_event_is_stored_in_order_with_its_subject_and_place(client, settings, path):
    await publish(client, 1, 50)
    async with registrar_running(client, settings, path):
        await publish(client, 51, 100)
        await client.jetstream().publish("qiki.events.v1.power", b'{"volts": 28}')
        await until(lambda: "event.power" in types(path))
    assert stored(path) == list(range(1, 101))
    statement = "SELECT subject, sequence FROM records WHERE type = 'event.radar.guard' LIMIT 1"
    assert rows(path, statement) == [("qiki.events.v1.radar.guard", 1)]


async def test_what_came_while_it_was_down_is_stored(client, settings, path):
    for first in (1, 101, 201):
        await publish(client, first, first + 99)
        async with registrar_running(client, settings, path):
            await until(lambda last=first + 99: stored(path)[-1:] == [last])
    assert stored(path) == list(range(1, 301))


async def test_a_stop_stores_what_has_come_however_long_a_batch_may_take(client, settings, path):
    slow = RegistrarSettings(batch_s=60)
    async with registrar_running(client, settings, path, slow):
        await asyncio.sleep(0.5)
        await client.publish(subjects.COMMAND_RESPONSES, answer("me"))
        await client.flush()
        await asyncio.sleep(0.3)
        assert "acknowledgement.applied" not in types(path)
    assert types(path).count("acknowledgement.applied") == 1


async def test_commands_and_their_answers(client, settings, path):
    request_id = str(uuid.uuid4())
    async with registrar_running(client, settings, path):
        await until(lambda: "event.audit" in types(path))
        await client.jetstream().publish(subjects.COMMANDS, command("sim.pause", request_id))
        await client.publish(subjects.COMMAND_RESPONSES, answer(request_id))
        await until(lambda: "acknowledgement.applied" in types(path))
        await until(lambda: "command.sim.pause" in types(path))
    found = rows(path, "SELECT type FROM records WHERE about = ?", request_id)
    assert {type for (type,) in found} == {"command.sim.pause", "acknowledgement.applied"}


async def test_frames_are_counted_and_tracks_told(client, settings, path):
    radar, tracker = Radar(Scenario.load("default"), seed=2), FrameTracker()
    jetstream = client.jetstream()
    async with registrar_running(client, settings, path):
        for number in range(40):
            payload = encode_frame(radar.frame(number))
            for subject in (subjects.FRAMES, subjects.FRAMES_LR):
                await jetstream.publish(subject, payload)
            await jetstream.publish(subjects.TRACKS, tracker.answer(payload).payload)
        await until(lambda: rows(path, "SELECT sum(frames) FROM frame_minutes") == [(40,)])
        await until(lambda: types(path).count("track.confirmed") == 5)
    assert "gap.stream" not in types(path)
    detections = sum(len(radar.frame(number)) for number in range(40))
    counted = rows(path, "SELECT sum(detections), sum(missing) FROM frame_minutes")
    assert counted == [(detections, 0)]


async def test_messages_that_look_like_the_brokers_own_words_are_stored(client, settings, path):
    """A header Status means much to clients, and nothing here."""
    async with registrar_running(client, settings, path):
        for status in ("404", "408", "100", "503"):
            subject, payload = event(int(status))
            await client.jetstream().publish(subject, payload, headers={"Status": status})
        await client.jetstream().publish("qiki.events.v1.bad", b"\xff")
        await until(lambda: "refused.event" in types(path))
    assert stored(path) == [404, 408, 100, 503]


async def test_a_stream_that_was_made_anew_is_another(client, settings, path):
    jetstream = client.jetstream()
    await publish(client, 1, 20)
    async with registrar_running(client, settings, path):
        await until(lambda: len(stored(path)) == 20)
    await jetstream.delete_stream(STREAM)
    await apply(jetstream, stream_plans(settings.streams, settings.bridge, TRAFFIC))
    await publish(client, 21, 23)
    async with registrar_running(client, settings, path):
        await until(lambda: stored(path)[-1:] == [23])
        await publish(client, 24, 60)
        await until(lambda: stored(path)[-1:] == [60])
    assert stored(path) == list(range(1, 61))
    began = "SELECT payload FROM records WHERE type = 'stream.began' AND about = ?"
    assert [json.loads(told)["behind"] for (told,) in rows(path, began, STREAM)] == [0, 0]


async def test_messages_that_have_gone_before_they_were_read_are_told(client, settings, path):
    jetstream = client.jetstream()
    await publish(client, 1, 5)
    async with registrar_running(client, settings, path):
        await until(lambda: len(stored(path)) == 5)
    config = (await jetstream.stream_info(STREAM)).config
    config.max_age = 0.2
    config.duplicate_window = 0.1
    last = (await jetstream.stream_info(STREAM)).state.last_seq
    await publish(client, 6, 9)
    await jetstream.update_stream(config)
    await asyncio.sleep(1)
    assert (await jetstream.stream_info(STREAM)).state.messages == 0
    config.max_age = 100
    await jetstream.update_stream(config)
    await publish(client, 10, 10)
    async with registrar_running(client, settings, path):
        await until(lambda: stored(path)[-1:] == [10])
        # Told at once on the bus, too, and this record comes back and is stored.
        statement = "SELECT payload ->> 'event_type' FROM records WHERE type = 'event.audit'"
        await until(lambda: ("REGISTRAR_GAPS",) in rows(path, statement))
    (gap,) = rows(path, "SELECT payload FROM records WHERE type = 'gap.stream'")
    told = json.loads(gap[0])
    # Its own record of the end of the first run may have gone as well.
    assert told["last"] == last + 4
    assert told["missing"] == told["last"] - told["first"] + 1 >= 4


async def test_reports_come_only_of_what_others_sent(client, settings, path):
    """Each audit record is stored; none is the cause of the next."""
    jetstream = client.jetstream()

    async def last_sequence():
        return (await jetstream.stream_info(STREAM)).state.last_seq

    async with registrar_running(client, settings, path):
        await until(lambda: types(path) == ["event.audit"])
        await asyncio.sleep(1)  # three times what a report takes
        assert await last_sequence() == 1
        await publish(client, 1, 10)
        await until(lambda: len(types(path)) == 12)
        await asyncio.sleep(1)
        assert await last_sequence() == 12
    audit = rows(path, "SELECT payload FROM records WHERE type = 'event.audit' ORDER BY id")
    told = [json.loads(payload) for (payload,) in audit]
    assert [each["event_type"] for each in told] == ["REGISTRAR_STARTED", "REGISTRAR_STORED"]
    assert told[1]["payload"] == {"stored": {"event": 10}}
    assert {each["source"] for each in told} == {"registrar"}
    assert await last_sequence() == 13  # it said that it stopped


async def test_a_locked_database_is_waited_for_and_nothing_is_lost(client, settings, path):
    with capture_logs() as logs:
        async with registrar_running(client, settings, path):
            await until(lambda: "event.audit" in types(path))
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                await publish(client, 1, 30)
                await asyncio.sleep(1.5)
                other.execute("ROLLBACK")
            await until(lambda: stored(path) == list(range(1, 31)))
    events = [line["event"] for line in logs]
    assert events.count("database_waited_for") == events.count("database_back") == 1


async def test_a_stop_does_not_wait_for_a_locked_database(client, settings, path):
    with capture_logs() as logs, closing(sqlite3.connect(path, isolation_level=None)) as other:
        async with registrar_running(client, settings, path):
            await until(lambda: "event.audit" in types(path))
            other.execute("BEGIN IMMEDIATE")
            await publish(client, 1, 30)
            await asyncio.sleep(0.3)
            start_s = time.monotonic()
        assert time.monotonic() - start_s < 2
        other.execute("ROLLBACK")
    assert "batch_given_up" in [line["event"] for line in logs]
    async with registrar_running(client, settings, path):
        await until(lambda: stored(path) == list(range(1, 31)))


async def test_two_on_one_database_do_not_both_go_on(client, settings, path):
    """Whichever writes second ends; the other goes on."""

    async def run_both():
        async with registrar_running(client, settings, path) as first:
            await until(lambda: "event.audit" in types(path))
            async with registrar_running(client, settings, path) as second:
                number = 0
                while not (first.done() or second.done()):
                    number += 1
                    await publish(client, number, number)

    with pytest.raises(DatabaseError, match="must be one alone"):
        await run_both()
    found = stored(path)
    assert sorted(set(found)) == found


async def test_a_stream_that_goes_ends_it(client, settings, path):
    async def run():
        async with registrar_running(client, settings, path) as running:
            await until(lambda: "event.audit" in types(path))
            await client.jetstream().delete_stream(STREAM)
            await asyncio.wait({running}, timeout=30)
            assert running.done()

    with pytest.raises(BrokerError, match=STREAM):
        await run()
    # For the fixture, which takes it away.
    await apply(client.jetstream(), stream_plans(settings.streams, settings.bridge, TRAFFIC))


async def test_old_records_go_while_it_runs(client, settings, path, monkeypatch):
    """By age and by size, though nobody stops the registrar for it."""
    monkeypatch.setattr(writer, "RETAIN_EVERY_S", 0.05)
    small = RegistrarSettings(batch_s=0.02, max_bytes=1 << 20)
    async with registrar_running(client, settings, path, small):
        await publish(client, 1, 1500, text="x" * 2000)
        await until(lambda: stored(path)[-1:] == [1500])
        await until(lambda: len(stored(path)) < 600 and path.stat().st_size < 2 << 20)
    kept = stored(path)
    assert len(kept) > 100
    assert kept == list(range(kept[0], 1501))
    young = RegistrarSettings(batch_s=0.02, retention_s=0.5)
    async with registrar_running(client, settings, path, young):
        await until(lambda: stored(path) == [] and path.stat().st_size < 1 << 19)
