"""One radar of the running world: which frame it sends next, and when."""

import heapq
from typing import NamedTuple

from qiki.bus.frame_messages import FrameSender
from qiki.errors import ModelError
from qiki.radar import Radar, RadarFrame


class Arrival(NamedTuple):
    """A frame on its way out."""

    frame: RadarFrame
    copy: int  # 0, and more where a fault repeats it
    fault: ModelError | None = None  # of a user's model: why a clock frame stands for the frame


class Station:
    """A radar with its way to the broker, on or off.

    A frame is due when it ends. When the radar is off or has no power then, a clock frame takes the
    number, half way to the next frame: one and a half periods after the last frame for the first of
    them, where frames come on a grid. So the numbers have no hole, and behind a silence each frame
    is the one that the radar would have made anyway. A frame that a fault delays or repeats is held
    until it is due. For a frame that a user's model spoils a clock frame of its time goes out: it
    says that time passes, and no track is missed by it.

    Parameters
    ----------
    radar : the radar.
    sender : publishes its frames.
    start_time_ns : time of frame 0 [ns].

    Attributes
    ----------
    is_on : whether the radar is switched on; may be changed at any time and acts on the next frame.
    has_power : whether it could look if it were; likewise.
    radar : may be replaced by the same radar with other faults, which acts on the next frame.
    number : of the next frame.
    """

    def __init__(self, radar: Radar, sender: FrameSender, start_time_ns: int) -> None:
        self.radar = radar
        self.sender = sender
        self.is_on = True
        self.has_power = True
        self.number = 0
        self._look_ns = 0
        self._held: list[tuple[int, int, int, Radar]] = []  # when due, number, copy
        self._start_time_ns = start_time_ns
        self._is_missing = False  # the frame of this number: its clock frame is due

    @property
    def due_ns(self) -> int:
        """When `take` is to be called next, counted from the start [ns]."""
        return min(self._look_ns, self._held[0][0]) if self._held else self._look_ns

    @property
    def held(self) -> int:
        """How many frames are on their way."""
        return len(self._held)

    def take(self) -> Arrival | None:
        """Return what is due now; None where nothing is: a look, and its frame comes later."""
        now_ns = self.due_ns
        if now_ns == self._look_ns and (frame := self._look(now_ns)) is not None:
            return Arrival(frame, 0)
        if not self._held or self._held[0][0] > now_ns:
            return None
        _, number, copy, radar = heapq.heappop(self._held)
        try:
            return Arrival(radar.frame(number), copy)
        except ModelError as fault:
            clock_frame = radar.clock_frame(number, radar.frame_time_ns(number))
            return Arrival(clock_frame, copy, fault)

    def _look(self, now_ns: int) -> RadarFrame | None:
        """Look, and hold the frame; return the clock frame where that is due instead."""
        number, clock_frame = self.number, None
        if self._is_missing:
            clock_frame = self.radar.clock_frame(number, self._start_time_ns + now_ns)
        elif self.is_on and self.has_power and not self.radar.is_off(number):
            self._hold(number, now_ns)
        else:
            self._is_missing = True
            self._look_ns = (now_ns + self._frame_due_ns(number + 1)) // 2
            return None
        self._is_missing = False
        self.number += 1
        self._look_ns = self._frame_due_ns(self.number)
        return clock_frame

    def _frame_due_ns(self, number: int) -> int:
        return self.radar.frame_time_ns(number) - self._start_time_ns

    def _hold(self, number: int, now_ns: int) -> None:
        """Hold what the frame is made of, not the frame: thousands may be on their way."""
        delay_ns, copies = self.radar.delivery(number)
        for copy in range(copies):
            heapq.heappush(self._held, (now_ns + delay_ns, number, copy, self.radar))
