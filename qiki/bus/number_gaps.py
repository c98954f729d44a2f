"""Which frames never came: each radar numbers its frames from 0, without holes.

Only frames whose payload can be read count, and by what stands in it: whoever may publish may also
claim any number in a header.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

from qiki.bus.worker_effects import FrameName

RADARS_MAX = 64  # a bound on memory: whoever may publish may also invent sensors

RadarNumber = tuple[str, str, int, int]  # sensor, epoch, newest number, its stream sequence


class Gap(NamedTuple):
    """What lies between a frame and the one of its radar before it.

    Attributes
    ----------
    missing : numbers left out.
    behind_sequence : stream sequence of the frame before.
    back_from : its number, where this frame's is a smaller one; None where it is not.
    """

    missing: int
    behind_sequence: int
    back_from: int | None = None

    def __bool__(self) -> bool:
        """Return whether the numbers do not follow each other."""
        return self.missing > 0 or self.back_from is not None


class NumberGaps:
    """The newest frame number of each sensor and epoch, of the last `RADARS_MAX` that spoke."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], tuple[int, int]] = {}

    @classmethod
    def of(cls, newest: Sequence[RadarNumber]) -> Self:
        """Return the gaps' memory from what `newest` gave."""
        gaps = cls()
        gaps._newest = {(sensor, epoch): (number, at) for sensor, epoch, number, at in newest}
        return gaps

    def newest(self) -> list[RadarNumber]:
        """Return what is known, the radar that spoke last at the end."""
        return [(*radar, *number) for radar, number in self._newest.items()]

    def gap_before(self, frame: FrameName, sequence: int) -> Gap:
        """Take note of the frame at a stream sequence; return what is missing before it.

        A number that jumps back counts from there on: were the largest kept, one frame with a
        number out of all bounds would end the watch over its radar.
        """
        radar = (frame.sensor_id, str(frame.epoch))
        newest, behind = self._newest.pop(radar, (frame.number, sequence))
        self._newest[radar] = (frame.number, sequence)  # now the last
        if len(self._newest) > RADARS_MAX:
            del self._newest[next(iter(self._newest))]
        back_from = newest if frame.number < newest else None
        return Gap(max(0, frame.number - newest - 1), behind, back_from)
