"""The simulator's clock: world time at the speed of real time, without drift."""

import asyncio
import time


class WorldClock:
    """Maps world time, counted from the start of the run, to real time.

    Every instant is computed from the start and never from the one before, so that late wake-ups
    do not add up.

    Attributes
    ----------
    start_time_ns : world time at the start, nanoseconds since 1970.
    """

    def __init__(self) -> None:
        self.start_time_ns = time.time_ns()
        self._start_monotonic_ns = time.monotonic_ns()

    def behind_ns(self, elapsed_ns: int) -> int:
        """Return how long ago the instant `elapsed_ns` after the start was [ns]."""
        return time.monotonic_ns() - self._start_monotonic_ns - elapsed_ns

    async def reach(self, elapsed_ns: int, stop: asyncio.Event) -> bool:
        """Wait for an instant; return False as soon as `stop` is set."""
        wait_s = -self.behind_ns(elapsed_ns) / 1e9
        if wait_s > 0 and not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), wait_s)
            except TimeoutError:
                return True
        return not stop.is_set()
