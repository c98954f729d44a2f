"""How fast the world really goes on, and whether that is worth a line in the log."""

import structlog

WINDOW_NS = 1_000_000_000  # of real time at least, over which the speed is taken
LATE_NS = 500_000_000  # of real time
SLOW, FAST_ENOUGH = 0.9, 0.97  # of the speed asked for
QUIET_NS = 10_000_000_000  # of real time between two lines

log = structlog.get_logger()


class WorldPace:
    """Compares the world's way through its time with real time.

    A world at real time or slower has fallen behind when an instant comes late; a faster one, whose
    clock waits for it, when it goes on slower than asked for. All thresholds are in real time, and
    at most one line comes in `QUIET_NS`: what the world is like then.
    """

    def __init__(self) -> None:
        self._marks: tuple[tuple[int, int], tuple[int, int]] | None = None
        self._late = False
        self._told_ns: int | None = None

    def begin(self, world_ns: int, now_ns: int) -> None:
        """Measure anew, from a world time and a real time on [ns]."""
        self._marks = ((world_ns, now_ns), (world_ns, now_ns))

    def speed(self, world_ns: int, now_ns: int) -> float | None:
        """Return world time over real time of the last second or two.

        None before there is a window. A world that hangs slows down with each moment.
        """
        if self._marks is None or now_ns - self._marks[0][1] < WINDOW_NS:
            return None
        (world_then_ns, then_ns), newer = self._marks
        if now_ns - newer[1] >= WINDOW_NS:
            self._marks = (newer, (world_ns, now_ns))
        return (world_ns - world_then_ns) / (now_ns - then_ns)

    def judge(self, late_ns: int, allowed_ns: int, speed: float, achieved: float | None) -> bool:
        """Return whether the world is behind, given whether it was.

        Parameters
        ----------
        late_ns : how long ago, in real time, what happens now was due [ns].
        allowed_ns : how late it may be [ns]; half as much once it was later.
        speed : asked for.
        achieved : that of `speed`.
        """
        if late_ns > (allowed_ns // 2 if self._late else allowed_ns):
            return True
        if speed <= 1.0 or achieved is None:
            return self._late and speed > 1.0
        return achieved < (FAST_ENOUGH if self._late else SLOW) * speed

    def tell(self, world_ns: int, now_ns: int, late_ns: int, allowed_ns: int, speed: float) -> None:
        """Say when the world falls behind, and when it has caught up.

        Parameters
        ----------
        world_ns, now_ns : world time and real time of what happens now [ns].
        late_ns, allowed_ns, speed : as of `judge`.
        """
        achieved = self.speed(world_ns, now_ns)
        late = self.judge(late_ns, allowed_ns, speed, achieved)
        is_quiet = self._told_ns is not None and now_ns - self._told_ns < QUIET_NS
        if late == self._late or is_quiet:
            return
        self._late, self._told_ns = late, now_ns
        log.warning(
            "behind" if late else "caught_up",
            seconds=late_ns / 1e9,
            speed=speed,
            achieved_speed=achieved,
        )
