"""Which frames never came: each radar numbers its frames from 0, without holes."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

from qiki.bus import headers

RADARS_MAX = 64  # a bound on memory: whoever may publish may also invent sensors

RadarNumber = tuple[str, str, int, int]  # sensor, epoch, newest number, its stream sequence


class Gap(NamedTuple):
    """So many frames of a radar are missing, behind the one at a stream sequence."""

    missing: int
    behind_sequence: int


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

    def gap_before(self, header: Mapping[str, str], sequence: int) -> Gap:
        """Take note of the frame at a stream sequence; return what is missing before it."""
        number = headers.integer(header, headers.NUMBER)
        if number is None:
            return Gap(0, sequence)
        radar = (header.get(headers.SENSOR_ID, ""), header.get(headers.EPOCH, ""))
        newest, behind = self._newest.pop(radar, (number, sequence))
        self._newest[radar] = (max(number, newest), sequence)  # now the last
        if len(self._newest) > RADARS_MAX:
            del self._newest[next(iter(self._newest))]
        return Gap(max(0, number - newest - 1), behind)
