"""The simulator's clock: world time at any speed beside real time, without drift, with stands."""

import asyncio
import time

from qiki.serve.watched import first_of


class WorldClock:
    """Maps world time, counted from the start of the world, to real time.

    The clock runs at a speed, or it stands. While it runs every instant is computed from where it
    last began to run and never from the one before, so that late wake-ups do not add up. While it
    stands no instant comes, not even one that is past, but for those before the end of its steps:
    the end itself is the first of the next step.

    Parameters
    ----------
    runs : whether it runs at once, at the speed of real time; else it stands at 0.
    start_time_ns : world time at the start, since 1970 [ns]; None: that of the machine.

    Attributes
    ----------
    start_time_ns : world time at the start, nanoseconds since 1970.
    speed : world time over real time while it runs.
    """

    def __init__(self, *, runs: bool = True, start_time_ns: int | None = None) -> None:
        self._is_told = start_time_ns is not None
        self.start_time_ns = time.time_ns() if start_time_ns is None else start_time_ns
        self.speed = 1.0
        self._begin_ns = 0  # world time where it stands, or where it began to run
        self._begin_monotonic_ns = time.monotonic_ns() if runs else None
        self._stepped_ns: int | None = None  # end of the steps since it stands
        self._changed = asyncio.Event()

    @property
    def runs(self) -> bool:
        """Whether world time goes on by itself."""
        return self._begin_monotonic_ns is not None

    @property
    def elapsed_ns(self) -> int:
        """World time since the start [ns]."""
        if self._begin_monotonic_ns is None:
            return self._begin_ns
        return self._begin_ns + int((time.monotonic_ns() - self._begin_monotonic_ns) * self.speed)

    def behind_ns(self, elapsed_ns: int) -> int:
        """Return how long ago in world time the instant `elapsed_ns` after the start was [ns]."""
        return self.elapsed_ns - elapsed_ns

    def pause(self, latest_ns: int | None = None) -> None:
        """Let world time stand still where it is, at `latest_ns` at the latest.

        What is left of a step does not come either.
        """
        if self.runs or self._stepped_ns is not None:
            self._set(self._elapsed_to(latest_ns), runs=False)

    def resume(self, speed: float = 1.0, latest_ns: int | None = None) -> None:
        """Let world time go on from where it is, or from `latest_ns`, at `speed` above 0."""
        self._set(self._elapsed_to(latest_ns), runs=True)
        self.speed = speed

    def step(self, duration_ns: int) -> None:
        """Move a clock that stands on by `duration_ns`, to stand there."""
        stepped_ns = self._begin_ns + duration_ns
        self._set(stepped_ns, runs=False)
        self._stepped_ns = stepped_ns

    def restart(self) -> None:
        """Begin a new world, which stands at 0; its time is later than all of the old one's."""
        behind_ns = self.start_time_ns + self.elapsed_ns + 1
        self.start_time_ns = behind_ns if self._is_told else max(time.time_ns(), behind_ns)
        self.speed = 1.0
        self._set(0, runs=False)

    def has_come(self, elapsed_ns: int) -> bool:
        """Tell whether the instant `elapsed_ns` after the start has come."""
        if self.runs:
            return self.behind_ns(elapsed_ns) >= 0
        return self._stepped_ns is not None and elapsed_ns < self._stepped_ns

    async def reach(self, elapsed_ns: int, stop: asyncio.Event) -> bool:
        """Wait for an instant to come; return False as soon as `stop` is set.

        It returns as well when a new world begins meanwhile, to which the instant means nothing:
        ask `has_come`. Other tasks get their turn even when the instant has come long ago.
        """
        start_time_ns = self.start_time_ns  # before others get their turn, who may reset it
        await asyncio.sleep(0)
        while not stop.is_set():
            if self.has_come(elapsed_ns) or self.start_time_ns != start_time_ns:
                return True
            self._changed.clear()
            wait_s = -self.behind_ns(elapsed_ns) / self.speed / 1e9 if self.runs else None
            await first_of(self._changed, stop, timeout_s=wait_s)
        return False

    def _elapsed_to(self, latest_ns: int | None) -> int:
        return self.elapsed_ns if latest_ns is None else min(self.elapsed_ns, latest_ns)

    def _set(self, begin_ns: int, *, runs: bool) -> None:
        self._begin_ns = begin_ns
        self._begin_monotonic_ns = time.monotonic_ns() if runs else None
        self._stepped_ns = None
        self._changed.set()
