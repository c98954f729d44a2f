"""Which frames never came: each radar numbers its frames from 0, without holes."""

from collections.abc import Mapping

from qiki.bus import headers

RADARS_MAX = 64  # a bound on memory: whoever may publish may also invent sensors


class NumberGaps:
    """The newest frame number of each sensor and epoch, of the last `RADARS_MAX` that spoke."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], int] = {}

    def missing_before(self, header: Mapping[str, str]) -> int:
        """Take note of a frame or of its answer; return how many frames are missing before it."""
        number = headers.integer(header, headers.NUMBER)
        if number is None:
            return 0
        radar = (header.get(headers.SENSOR_ID, ""), header.get(headers.EPOCH, ""))
        newest = self._newest.pop(radar, None)
        self._newest[radar] = number if newest is None else max(number, newest)  # now the last
        if len(self._newest) > RADARS_MAX:
            del self._newest[next(iter(self._newest))]
        return 0 if newest is None else max(0, number - newest - 1)
