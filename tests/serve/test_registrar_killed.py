"""The registrar's process killed at any instant, stopped, and beside what does not work."""

import asyncio
import random
import shutil
import signal
import sqlite3
import sys
import time
from contextlib import asynccontextmanager, closing

from qiki.bus.broker import EmbeddedBroker
from qiki.bus.connection import connected
from qiki.bus.stream_apply import apply
from qiki.bus.streams import stream_plans
from qiki.settings import BrokerSettings, NatsSettings, Settings
from tests.conftest import TRAFFIC
from tests.serve.qiki_command import clean_environment, one_line_error, run
from tests.serve.test_registrar import publish, registrar_running, stored, types, until

KILLS = 8
FEW_AT_ONCE = {"QIKI_REGISTRAR__BATCH_ROWS": "20", "QIKI_REGISTRAR__BATCH_S": "0.05"}


@asynccontextmanager
async def registrar_process(url, path, log, **variables):
    """Give a process of `qiki registrar`; kill it at the end where it still runs."""
    with log.open("ab") as lines:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "qiki", "registrar", "--database", path),
            env=clean_environment(NATS_URL=url, **variables),
            stderr=lines,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_killed_at_any_instant_every_event_is_stored_once(broker, client, tmp_path):
    path, log = tmp_path / "r.sqlite3", tmp_path / "log"
    rng = random.Random(1)
    last = 0
    publishing = True

    async def publish_all():
        nonlocal last
        while publishing:
            await publish(client, last + 1, last + 5)
            last += 5
            await asyncio.sleep(0.005)

    task = asyncio.create_task(publish_all())
    reached = []
    for _ in range(KILLS):
        async with registrar_process(broker.url, path, log, **FEW_AT_ONCE) as process:
            before = len(stored(path)) if path.exists() else 0
            await until(lambda n=before: path.exists() and len(stored_or_none(path)) > n)
            await asyncio.sleep(rng.uniform(0, 0.2))
            process.kill()
            assert await process.wait() == -signal.SIGKILL, log.read_text()
        reached.append((len(stored(path)), last))
    publishing = False
    await task
    async with registrar_process(broker.url, path, log, **FEW_AT_ONCE) as process:
        await until(lambda: stored(path)[-1:] == [last])
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 2) == 0, log.read_text()
    assert stored(path) == list(range(1, last + 1))
    # The kills fell into its work: something was stored before each, and something was not.
    assert any(count < published for count, published in reached)


def stored_or_none(path):
    """Return what is stored, nothing before the tables are made."""
    try:
        return stored(path)
    except sqlite3.OperationalError:
        return []


@asynccontextmanager
async def declared(broker):
    """Give a connection to a broker of the test's own, with the streams, and its settings."""
    settings = Settings(nats=NatsSettings(url=broker.url))
    async with connected(settings.nats, "test") as client:
        await apply(client.jetstream(), stream_plans(settings.streams, settings.bridge, TRAFFIC))
        yield client, settings


@asynccontextmanager
async def recorded(broker, path):
    """Give such a connection, with a registrar beside it."""
    async with declared(broker) as (client, settings), registrar_running(client, settings, path):
        yield client


def port_of(broker):
    return int(broker.url.rsplit(":", 1)[1])


async def test_a_broker_that_comes_back_with_less_than_was_read(tmp_path):
    """As after a power cut: sequences that were stored come again, with other events."""
    path, store, copy = tmp_path / "r.sqlite3", tmp_path / "store", tmp_path / "copy"
    with EmbeddedBroker(store, BrokerSettings(port=0)) as first:
        port = BrokerSettings(port=port_of(first))
        async with declared(first) as (client, _):
            await publish(client, 1, 5)
    shutil.copytree(store, copy)
    with EmbeddedBroker(store, port) as second:
        async with (
            declared(second) as (client, settings),
            registrar_running(client, settings, path),
        ):
            await publish(client, 6, 10)
            await until(lambda: stored(path)[-1:] == [10])
            second.stop()
            with EmbeddedBroker(copy, port):
                # Perhaps before the registrar looks, so that its sequence is there again.
                await publish(client, 11, 30)
                await until(lambda: stored(path)[-1:] == [30])
    assert stored(path) == list(range(1, 31))


async def test_a_stream_that_went_back_and_beyond_while_the_registrar_was_down(tmp_path):
    path, store, copy = tmp_path / "r.sqlite3", tmp_path / "store", tmp_path / "copy"
    with EmbeddedBroker(store, BrokerSettings(port=0)) as first:
        async with recorded(first, path) as client:
            await publish(client, 1, 50)
            await until(lambda: stored(path)[-1:] == [50])
    shutil.copytree(store, copy)
    with EmbeddedBroker(store, BrokerSettings(port=0)) as second:
        async with (
            declared(second) as (client, settings),
            registrar_running(client, settings, path),
        ):
            await publish(client, 51, 70)
            await until(lambda: stored(path)[-1:] == [70])
    with EmbeddedBroker(copy, BrokerSettings(port=0)) as third:
        async with declared(third) as (client, _):
            await publish(client, 71, 200)
        async with recorded(third, path):
            await until(lambda: stored(path)[-1:] == [200])
    assert stored(path) == list(range(1, 201))


async def test_a_broker_that_is_away_for_a_while(tmp_path):
    path, store = tmp_path / "r.sqlite3", tmp_path / "store"
    with EmbeddedBroker(store, BrokerSettings(port=0)) as first:
        async with recorded(first, path) as client:
            await publish(client, 1, 5)
            await until(lambda: stored(path)[-1:] == [5])
            first.stop()
            await asyncio.sleep(1)
            with EmbeddedBroker(store, BrokerSettings(port=port_of(first))):
                await until(lambda: client.is_connected)
                await publish(client, 6, 10)
                await until(lambda: stored(path)[-1:] == [10])
    assert stored(path) == list(range(1, 11))


async def test_asked_to_stop_it_ends_within_two_seconds(broker, client, tmp_path):
    path, log = tmp_path / "r.sqlite3", tmp_path / "log"
    slow = {"QIKI_REGISTRAR__BATCH_S": "60"}
    async with registrar_process(broker.url, path, log, **slow) as process:
        await until(lambda: log.exists() and "registrar_started" in log.read_text())
        await publish(client, 1, 200)
        await asyncio.sleep(0.5)
        start_s = time.monotonic()
        process.terminate()
        assert await process.wait() == 0
        assert time.monotonic() - start_s < 2, log.read_text()
    assert stored(path) == list(range(1, 201))


async def test_a_database_that_is_locked_at_the_start_is_waited_for(broker, client, tmp_path):
    path, log = tmp_path / "r.sqlite3", tmp_path / "log"
    await publish(client, 1, 3)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        async with registrar_process(broker.url, path, log) as process:
            await until(lambda: "database_waited_for" in log.read_text())
            await asyncio.sleep(1)
            assert process.returncode is None
            assert log.read_text().count("database_waited_for") == 1
            other.execute("ROLLBACK")
            await until(lambda: "event.radar.guard" in types_or_none(path))
            process.terminate()
            assert await process.wait() == 0


def types_or_none(path):
    try:
        return types(path)
    except sqlite3.OperationalError:
        return []


async def test_a_file_that_cannot_be_used_is_one_line(broker, client, tmp_path):
    file = tmp_path / "text"
    file.write_text("no database " * 100)
    result = run("registrar", "--database", file, NATS_URL=broker.url)
    assert result.returncode == 78
    assert "which is no database of `qiki registrar`" in one_line_error(result)
    assert file.read_text().startswith("no database ")


async def test_asked_to_stop_while_the_broker_is_away_it_ends_within_two_seconds(tmp_path):
    path, log = tmp_path / "r.sqlite3", tmp_path / "log"
    with EmbeddedBroker(tmp_path / "store", BrokerSettings(port=0)) as broker:
        async with declared(broker), registrar_process(broker.url, path, log) as process:
            await until(lambda: "registrar_started" in log.read_text())
            await until(lambda: types_or_none(path))
            broker.stop()
            await asyncio.sleep(1.5)
            start_s = time.monotonic()
            process.terminate()
            assert await process.wait() == 0, log.read_text()
            assert time.monotonic() - start_s < 2, log.read_text()
    assert "audit_not_published" in log.read_text()


async def test_a_missing_consumer_is_one_line(broker, client, tmp_path):
    await client.jetstream().delete_consumer("QIKI_EVENTS_V1", "registrar")
    result = run("registrar", "--database", tmp_path / "r.sqlite3", NATS_URL=broker.url)
    assert result.returncode == 1
    line = one_line_error(result)
    assert "read QIKI_EVENTS_V1 as registrar: refused" in line
    assert "run `qiki js apply`" in line
