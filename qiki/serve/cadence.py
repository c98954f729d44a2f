"""Real time at a fixed interval, without drift."""

import asyncio
import time


class Cadence:
    """Instants at a fixed interval of real time, each counted from the first.

    One that is past when it is asked for is left out, so that whoever is late once does not hurry
    for ever.

    Attributes
    ----------
    skipped : how many were left out.
    """

    def __init__(self, interval_s: float) -> None:
        self.skipped = 0
        self._interval_ns = max(1, round(interval_s * 1e9))
        self._begin_ns = time.monotonic_ns()
        self._number = 0

    async def next(self) -> None:
        """Wait for the next instant."""
        past = (time.monotonic_ns() - self._begin_ns) // self._interval_ns
        self.skipped += max(0, past - self._number)
        self._number = max(self._number, past) + 1
        due_ns = self._begin_ns + self._number * self._interval_ns
        await asyncio.sleep((due_ns - time.monotonic_ns()) / 1e9)
