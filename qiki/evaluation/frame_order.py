"""Frames in the order of their true times, as a tracker with a late window uses them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from qiki._core import RadarFrame
from qiki.tracking import TrackerConfig


class FrameOrder:
    """Puts frames that come late in their place, and leaves out those that come too late.

    What comes out is what `qiki.tracking.FrameTracker` has used once all have come: a frame is too
    late when it is older than the newest one that came, by more than the window.

    Parameters
    ----------
    config : TrackerConfig
        Its `late_window_s`, and the `time_bias_s` of its sensors, which is taken out first.

    Attributes
    ----------
    late : Counter of str
        Frames that were left out, by the id of their sensor.
    """

    def __init__(self, config: TrackerConfig) -> None:
        self._window_ns = round(config.late_window_s * 1e9)
        self._bias_ns = {
            sensor.sensor_id: round(sensor.time_bias_s * 1e9) for sensor in config.sensors
        }
        self._waiting: list[tuple[int, int, RadarFrame]] = []
        self.late: Counter[str] = Counter()

    def true_ns(self, frame: RadarFrame) -> int:
        """Time of a frame without the bias of its sensor's clock [ns]."""
        return frame.time_ns - self._bias_ns.get(frame.sensor_id, 0)

    def of(self, arriving: Iterable[RadarFrame]) -> Iterator[RadarFrame]:
        """Give frames, in the order in which they come, in that of their true times.

        Frames of one time keep the order in which they came.
        """
        newest_ns = None
        for arrival, frame in enumerate(arriving):
            time_ns = self.true_ns(frame)
            newest_ns = time_ns if newest_ns is None else max(newest_ns, time_ns)
            oldest_ns = newest_ns - self._window_ns
            if time_ns < oldest_ns:
                self.late[frame.sensor_id] += 1
                continue
            heappush(self._waiting, (time_ns, arrival, frame))
            yield from self._before(oldest_ns)
        while self._waiting:
            yield heappop(self._waiting)[-1]

    def _before(self, time_ns: int) -> Iterator[RadarFrame]:
        while self._waiting and self._waiting[0][0] < time_ns:
            yield heappop(self._waiting)[-1]
