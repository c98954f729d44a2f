"""One radar of the running world: which frame it sends next, and when."""

from qiki.bus.frame_messages import FrameSender
from qiki.radar import Radar, RadarFrame


class Station:
    """A radar with its way to the broker, on or off.

    A frame is due when it ends. When the radar is off at that time, a clock frame takes the number,
    half way to the next frame: one and a half periods after the last frame for the first of them,
    where frames come on a grid. So the numbers have no hole, and behind a silence each frame is the
    one that the radar would have made anyway.

    Parameters
    ----------
    radar : the radar.
    sender : publishes its frames.
    start_time_ns : time of frame 0 [ns].

    Attributes
    ----------
    is_on : whether the radar looks; may be changed at any time and acts on the next frame.
    due_ns : when `take` is to be called next, counted from the start [ns].
    number : of the next frame.
    """

    def __init__(self, radar: Radar, sender: FrameSender, start_time_ns: int) -> None:
        self.radar = radar
        self.sender = sender
        self.is_on = True
        self.due_ns = 0
        self.number = 0
        self._start_time_ns = start_time_ns
        self._is_missing = False  # the frame of this number: its clock frame is due

    def take(self) -> RadarFrame | None:
        """Return what is due now; None where the radar is off and the clock frame comes later."""
        if self._is_missing:
            frame = self.radar.clock_frame(self.number, self._start_time_ns + self.due_ns)
        elif self.is_on:
            frame = self.radar.frame(self.number)
        else:
            self._is_missing = True
            self.due_ns = (self.due_ns + self._frame_due_ns(self.number + 1)) // 2
            return None
        self._is_missing = False
        self.number += 1
        self.due_ns = self._frame_due_ns(self.number)
        return frame

    def _frame_due_ns(self, number: int) -> int:
        return self.radar.frame_time_ns(number) - self._start_time_ns
