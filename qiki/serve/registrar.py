"""The registrar's service: what the bus carries, into a database."""

import asyncio
import json
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from qiki.bus import subjects
from qiki.bus.connection import connected
from qiki.bus.durability import require_durable
from qiki.bus.stream_apply import require
from qiki.bus.stream_reader import StreamReader
from qiki.bus.tracks_log import tracks_log
from qiki.figures import FIGURES
from qiki.registrar.database import DatabaseWaitError, RegistrarDatabase
from qiki.registrar.interpret import SOURCE
from qiki.registrar.record import Arrival
from qiki.registrar.stream_desk import StreamDesk
from qiki.registrar.writer import BatchWriter, Stored
from qiki.serve.audit_records import AuditRecords
from qiki.serve.consumer_lag import ConsumerName
from qiki.serve.observed import observed
from qiki.serve.settle import settle
from qiki.serve.stop_signal import stop_signal
from qiki.serve.watched import end_task
from qiki.settings import Settings

OPEN_RETRY_S = 0.2
LOOK_S = 0.2  # for gaps to tell

log = structlog.get_logger()


class Registrar:
    """Stores what the streams hold and what is answered to commands.

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : names of streams and durable, sizes and times.
    database : open.
    stop : when it is set, what has come is stored, and `run` ends.

    Raises
    ------
    DatabaseError : the database cannot be read.
    """

    def __init__(
        self, client: Client, settings: Settings, database: RegistrarDatabase, stop: asyncio.Event
    ) -> None:
        self._client = client
        self._settings = settings
        self._stop = stop
        self._database = database
        self._writer = BatchWriter(database, settings.registrar, stop)
        self._audit = AuditRecords(client, SOURCE)
        self._counts: Counter[str] = Counter()  # of what no report has told yet

    def facts(self) -> dict[str, object]:
        """Return where it stores."""
        return {"database": str(self._database.path)}

    async def run(self) -> None:
        """Store until `stop` is set.

        Raises
        ------
        BrokerError : a stream or consumer is gone, or the broker refuses to let it be read.
        DatabaseError : the database cannot be written, and waiting does not help.
        """
        answers = await self._client.subscribe(subjects.COMMAND_RESPONSES, cb=self._take_answer)
        working = asyncio.create_task(self._work())
        working.add_done_callback(lambda _: self._writer.wake())
        try:
            await self._writer.run(working.done)
            working.result()
        except DatabaseWaitError as error:
            log.warning("batch_given_up", reason=str(error), streams="are read again next time")
        finally:
            await end_task(working)
            if self._client.is_connected:
                await answers.unsubscribe()
            self._count(self._writer.stored())
            await self._report("REGISTRAR_STOPPED")
            self._writer.close()
            log.info("registrar_ended")

    async def _work(self) -> None:
        """Read all streams, and tell of it, until `stop` is set; a failure of one ends all."""
        tasks = [asyncio.create_task(self._read(name)) for name in streams_read(self._settings)]
        tasks.append(asyncio.create_task(self._tell()))
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                await end_task(task)

    async def _read(self, stream: str) -> None:
        are_recorded = stream != self._settings.streams.radar
        desk = StreamDesk(self._client, self._database, self._writer, are_recorded=are_recorded)
        durable = self._settings.streams.registrar_durable
        await StreamReader(self._client, stream, durable, desk.stand, desk.take).run(self._stop)

    async def _take_answer(self, message: Msg) -> None:
        time_us = time.time_ns() // 1000
        arrival = Arrival(message.subject, message.data, message.headers or {}, time_us)
        await self._writer.take(arrival)

    async def _tell(self) -> None:
        """Publish what was found and stored: gaps at once, counts now and then."""
        begun = {"path": str(self._database.path), "streams": streams_read(self._settings)}
        log.info("registrar_started", **begun)
        await self._audit.publish("REGISTRAR_STARTED", begun)
        due_s = time.monotonic() + self._settings.registrar.report_s
        while not self._stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), LOOK_S)
            stored = self._writer.stored()
            self._count(stored)
            if stored.gaps:
                await self._tell_gaps(stored)
            if time.monotonic() >= due_s and self._counts:
                await self._report("REGISTRAR_STORED")
                due_s = time.monotonic() + self._settings.registrar.report_s

    def _count(self, stored: Stored) -> None:
        self._counts.update(stored.counts)
        if stored.counts:
            FIGURES.records.update(stored.counts)
            FIGURES.worked()

    async def _tell_gaps(self, stored: Stored) -> None:
        told = [
            {"type": gap.type, "subject": gap.subject, **json.loads(gap.payload)}
            for gap in stored.gaps
        ]
        payload = {"count": stored.counts["gap"], "first": told}
        await self._audit.publish("REGISTRAR_GAPS", payload, "WARNING")

    async def _report(self, event_type: str) -> None:
        counts, self._counts = self._counts, Counter()
        await self._audit.publish(event_type, {"stored": dict(sorted(counts.items()))})


def streams_read(settings: Settings) -> list[str]:
    """Return the names of the streams that the registrar reads."""
    streams = settings.streams
    return [streams.radar, tracks_log(settings).stream, streams.events, streams.commands]


def _reads(settings: Settings) -> list[ConsumerName]:
    durable = settings.streams.registrar_durable
    return [ConsumerName(stream, durable) for stream in streams_read(settings)]


async def serve_registrar(settings: Settings, path: Path) -> None:
    """Run the registrar until SIGTERM or SIGINT.

    Parameters
    ----------
    settings : the whole tree.
    path : of the database.

    Raises
    ------
    SettingError : the database is none, the broker is not as durable as asked, or metrics cannot be
        served as asked.
    ListenError : the port of the metrics is taken.
    DatabaseError : the database cannot be written, and waiting does not help.
    BrokerError : the broker is missing, lacks a stream, or refuses to let it be read.
    """
    stop = stop_signal()
    async with connected(settings.nats, "qiki-registrar") as client:
        needed = streams_read(settings)
        await require(client.jetstream(), needed, settings.nats.publish_timeout_s)
        await require_durable(client, settings, needed)
        database = await _opened(path, settings.registrar.max_bytes, stop)
        if database is None:
            return
        try:
            registrar = Registrar(client, settings, database, stop)
            async with observed(client, settings, "registrar", _reads(settings), registrar.facts):
                settle()
                await registrar.run()
        finally:
            database.close()


async def _opened(path: Path, max_bytes: int, stop: asyncio.Event) -> RegistrarDatabase | None:
    """Return the database, once it is free; None when `stop` is set before."""
    waiting = False
    while not stop.is_set():
        try:
            return RegistrarDatabase(path, max_bytes)
        except DatabaseWaitError as error:
            if not waiting:
                log.warning("database_waited_for", reason=str(error))
            waiting = True
            await asyncio.sleep(OPEN_RETRY_S)
    return None
