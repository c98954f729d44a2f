"""The simulator's clock: world time at the speed of real time, without drift, with pauses."""

import asyncio
import time


class WorldClock:
    """Maps world time, counted from the start of the run, to real time.

    Every instant is computed from the start and never from the one before, so that late wake-ups
    do not add up. World time stands still while the clock is paused: afterwards it is behind real
    time by as much.

    Attributes
    ----------
    start_time_ns : world time at the start, nanoseconds since 1970.
    """

    def __init__(self) -> None:
        self.start_time_ns = time.time_ns()
        self._start_monotonic_ns = time.monotonic_ns()
        self._paused_monotonic_ns: int | None = None
        self._runs = asyncio.Event()
        self._runs.set()

    @property
    def elapsed_ns(self) -> int:
        """World time since the start [ns]."""
        paused_ns = self._paused_monotonic_ns
        now_ns = time.monotonic_ns() if paused_ns is None else paused_ns
        return now_ns - self._start_monotonic_ns

    def behind_ns(self, elapsed_ns: int) -> int:
        """Return how long ago in world time the instant `elapsed_ns` after the start was [ns]."""
        return self.elapsed_ns - elapsed_ns

    def pause(self) -> None:
        """Let world time stand still; a paused clock stays as it is."""
        if self._paused_monotonic_ns is None:
            self._paused_monotonic_ns = time.monotonic_ns()
            self._runs.clear()

    def resume(self) -> None:
        """Let world time go on from where it stands; a running clock stays as it is."""
        if self._paused_monotonic_ns is not None:
            self._start_monotonic_ns += time.monotonic_ns() - self._paused_monotonic_ns
            self._paused_monotonic_ns = None
            self._runs.set()

    async def reach(self, elapsed_ns: int, stop: asyncio.Event) -> bool:
        """Wait for an instant of a clock that runs; return False as soon as `stop` is set."""
        while not stop.is_set():
            if not self._runs.is_set():
                await _either(self._runs, stop)
            elif (behind_ns := self.behind_ns(elapsed_ns)) < 0:
                await _within(-behind_ns / 1e9, stop)
            else:
                return True
        return False


async def _within(seconds: float, stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _either(one: asyncio.Event, other: asyncio.Event) -> None:
    tasks = {asyncio.create_task(event.wait()) for event in (one, other)}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
