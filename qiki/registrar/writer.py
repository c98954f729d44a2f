"""Batches of what arrives: filled on the event loop, stored by one thread, in turn."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import NamedTuple, TypeVar

import structlog

from qiki.registrar.database import DatabaseWaitError, RegistrarDatabase
from qiki.registrar.interpret import Interpreter
from qiki.registrar.record import Arrival, Batch, Record
from qiki.settings import RegistrarSettings

RETRY_WAIT_S = 0.2
POLL_S = 0.02
GAPS_TOLD = 16  # each time; they are counted all
RETAIN_EVERY_S = 5.0
LAST_CHANCE_S = 0.7  # for the last batch, once the service is asked to end

Result = TypeVar("Result")

log = structlog.get_logger()


class Stored(NamedTuple):
    """What was stored since it was last asked for: counts by the first word of the type."""

    counts: Counter[str]
    gaps: list[Record]  # the first of them


class BatchWriter:
    """Takes arrivals and stores them in batches.

    Parameters
    ----------
    database : open; from here on only this object uses it.
    settings : sizes and times.
    stop : when it is set, nothing is waited for any longer.
    """

    def __init__(
        self, database: RegistrarDatabase, settings: RegistrarSettings, stop: asyncio.Event
    ) -> None:
        self._database = database
        self._settings = settings
        self._stop = stop
        self._interpreter = Interpreter(
            database.memory(), database.confirmed_tracks(), tentative=settings.tentative_tracks
        )
        self._batch = Batch()
        self._taken = self._kept = 0  # arrivals, of all time
        self._room = asyncio.Event()
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "registrar")
        self._stored = Stored(Counter(), [])

    def stand(self, stream_id: int, sequence: int) -> None:
        """Learn behind which message of a stream the next arrival comes."""
        self._interpreter.stand(stream_id, sequence)

    async def take(self, arrival: Arrival) -> None:
        """Put a message into the batch; wait while that is full."""
        while self._batch.is_full(self._settings.batch_rows):
            self._room.clear()
            await self._room.wait()
        self._interpreter.add(arrival, self._batch)
        self._taken += 1
        self.wake()

    async def flushed(self) -> None:
        """Wait until all that was taken by now is stored."""
        taken = self._taken
        while self._kept < taken:  # noqa: ASYNC110 - for a count, not an event
            await asyncio.sleep(POLL_S)

    def wake(self) -> None:
        """Let `run` look whether it is to end."""
        self._arrived.set()

    async def run(self, ended: Callable[[], bool]) -> None:
        """Store what arrives until `ended` and all is stored.

        Raises
        ------
        DatabaseError : the database cannot be written, and waiting does not help.
        """
        retain_s = 0.0
        while not (ended() and self._batch.arrivals == 0):
            await self._due(ended, retain_s)
            await self._store_batch()
            if time.monotonic() >= retain_s:
                await self._retain()
                retain_s = time.monotonic() + RETAIN_EVERY_S

    async def ask(self, work: Callable[..., Result], *arguments: object) -> Result:
        """Do something with the database, in the thread that owns it; wait while it is locked.

        Raises
        ------
        DatabaseWaitError : it still is, and the service is asked to end.
        DatabaseError : it cannot be used, and waiting does not help.
        """
        loop = asyncio.get_running_loop()
        waiting = False
        last_s = None
        while True:
            try:
                result = await loop.run_in_executor(self._thread, work, *arguments)
            except DatabaseWaitError as error:
                if not waiting:
                    log.warning("database_waited_for", reason=str(error))
                waiting = True
                if self._stop.is_set():
                    last_s = last_s or loop.time() + LAST_CHANCE_S
                    if loop.time() >= last_s:
                        raise
                await asyncio.sleep(RETRY_WAIT_S)
            else:
                if waiting:
                    log.info("database_back")
                return result

    def stored(self) -> Stored:
        """Return what was stored since this was last called."""
        stored, self._stored = self._stored, Stored(Counter(), [])
        return stored

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    async def _due(self, ended: Callable[[], bool], retain_s: float) -> None:
        """Wait until the batch is full, or old enough since its first arrival, or `retain_s`."""
        due_s, has_begun = retain_s, False
        while not ended():
            batch, now_s = self._batch, time.monotonic()
            if batch.arrivals and not has_begun:
                due_s, has_begun = min(due_s, now_s + self._settings.batch_s), True
            if batch.is_full(self._settings.batch_rows) or now_s >= due_s:
                return
            self._arrived.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(due_s - now_s):
                    await self._arrived.wait()

    async def _store_batch(self) -> None:
        batch, self._batch = self._batch, Batch()
        taken = self._taken
        self._room.set()
        if batch.arrivals == 0:
            return
        self._interpreter.remember(batch)
        await self.ask(self._database.store, batch)
        self._kept = taken
        while not self._stop.is_set() and await self.ask(self._database.remove_surplus) > 0:
            pass
        self._stored.counts.update(batch.counts)
        self._stored.gaps.extend(batch.gaps[: GAPS_TOLD - len(self._stored.gaps)])

    async def _retain(self) -> None:
        """Remove what is too old, and give the room back, unless the service is asked to end."""
        if self._stop.is_set():
            return
        oldest_us = int((time.time() - self._settings.retention_s) * 1e6)
        while not self._stop.is_set() and await self.ask(self._database.remove_old, oldest_us) > 0:
            pass
        await self.ask(self._database.give_back)
