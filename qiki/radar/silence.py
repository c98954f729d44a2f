"""The silence of a sensor: when its clock frames are due, and those of a recording.

A clock frame is a frame of the sensor that looked nowhere (`Coverage.empty`). It takes the next
number and tells the tracker that time has passed: no track is missed by it, each keeps its status,
and those that were not detected for too long end.
"""

from collections.abc import Iterable, Iterator

from qiki._core import Coverage, RadarFrame
from qiki.errors import SettingError
from qiki.radar.detection import empty_detections


class Silence:
    """Says when the next clock frame of one sensor is due.

    The first is due one and a half periods after the last frame, the others a period apart. A frame
    that comes in its turn, one period after the last, is so never overtaken; and where frames come
    on a grid of periods, each clock frame stands half a period behind the place of one that is
    missing, so that numbers and grid stay together.

    Parameters
    ----------
    period_ns : from frame to frame [ns], above 0.
    last_time_ns : of the last frame [ns].

    Raises
    ------
    SettingError : the period is not above 0.
    """

    def __init__(self, period_ns: int, last_time_ns: int) -> None:
        if period_ns <= 0:
            raise SettingError(
                f"period_ns is {period_ns}, must be above 0: give the time from frame to frame"
            )
        self._period_ns = period_ns
        self.frame_came(last_time_ns)

    @property
    def due_ns(self) -> int:
        """Time at which the next clock frame is due, unless a frame comes before [ns]."""
        return self._due_ns

    def frame_came(self, time_ns: int) -> None:
        """End the silence: the sensor sent a frame of this time [ns]."""
        self._due_ns = time_ns + self._period_ns + self._period_ns // 2

    def clock_frame_sent(self) -> None:
        """Go on with the silence: the clock frame that was due went out."""
        self._due_ns += self._period_ns


def with_clock_frames(frames: Iterable[RadarFrame], period_ns: int) -> Iterator[RadarFrame]:
    """Fill the silences between the frames of one sensor with clock frames, and number all anew.

    Only the frames' own times count, so the same frames give the same result.

    Parameters
    ----------
    frames : of one sensor, in order of time.
    period_ns : from frame to frame [ns], above 0.

    Yields
    ------
    RadarFrame : numbered on from the first; those before the first silence are passed on as is.

    Raises
    ------
    SettingError : the period is not above 0.
    """
    last: RadarFrame | None = None
    number = 0
    for frame in frames:
        if last is None:
            number = frame.number
            silence = Silence(period_ns, frame.time_ns)
        else:
            while silence.due_ns < frame.time_ns:
                yield _clock_frame(last, number, silence.due_ns)
                silence.clock_frame_sent()
                number += 1
            silence.frame_came(frame.time_ns)
        yield _numbered(frame, number)
        last = frame
        number += 1


def _clock_frame(last: RadarFrame, number: int, time_ns: int) -> RadarFrame:
    """Return the clock frame of a sensor that moved on as in its last frame."""
    passed_s = (time_ns - last.time_ns) / 1e9
    moved = zip(last.sensor_position_m, last.sensor_velocity_m_s, strict=True)
    return RadarFrame(
        empty_detections(0),
        time_ns=time_ns,
        sensor_id=last.sensor_id,
        epoch=last.epoch,
        number=number,
        coverage=Coverage.empty(),
        sensor_position_m=[metres + speed * passed_s for metres, speed in moved],
        sensor_velocity_m_s=last.sensor_velocity_m_s,
    )


def _numbered(frame: RadarFrame, number: int) -> RadarFrame:
    if frame.number == number:
        return frame
    return RadarFrame(
        frame.detections,
        time_ns=frame.time_ns,
        sensor_id=frame.sensor_id,
        epoch=frame.epoch,
        number=number,
        range_band=frame.range_band,
        coverage=frame.coverage,
        sensor_position_m=frame.sensor_position_m,
        sensor_velocity_m_s=frame.sensor_velocity_m_s,
        truth=frame.truth,
    )
