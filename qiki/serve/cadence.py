"""Real time at a fixed interval, without drift."""

import asyncio
import time

import structlog

log = structlog.get_logger()


class Cadence:
    """Instants at a fixed interval of real time, each counted from the first.

    One that is past when it is asked for is left out, so that whoever is late once does not hurry
    for ever. The log says how many were, each time that it is twice as many.

    Parameters
    ----------
    name : what happens then, for the log.
    interval_s : from one to the next.

    Attributes
    ----------
    skipped : how many were left out.
    """

    def __init__(self, name: str, interval_s: float) -> None:
        self.skipped = 0
        self._name = name
        self._interval_ns = max(1, round(interval_s * 1e9))
        self._begin_ns = time.monotonic_ns()
        self._number = 0

    async def next(self) -> None:
        """Wait for the next instant."""
        past = (time.monotonic_ns() - self._begin_ns) // self._interval_ns
        self._skip(max(0, past - self._number))
        self._number = max(self._number, past) + 1
        due_ns = self._begin_ns + self._number * self._interval_ns
        await asyncio.sleep((due_ns - time.monotonic_ns()) / 1e9)

    def _skip(self, count: int) -> None:
        told = self.skipped.bit_length()
        self.skipped += count
        if self.skipped.bit_length() > told:
            log.warning("instants_skipped", of=self._name, skipped=self.skipped)
