"""Frames that come late: those that are used are those that `FrameTracker` uses."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiki.evaluation.frame_order import FrameOrder
from qiki.radar import Coverage, RadarFrame, empty_detections
from qiki.tracking import FrameTracker, SensorConfig, TrackerConfig
from qiki.wire import encode_frame

SENSORS = tuple(f"00000000-0000-0000-0000-00000000000{k}" for k in (1, 2))


def clock_frames(times_ds):
    """Frames at tenths of a second, of two sensors in turn."""
    return [
        RadarFrame(
            empty_detections(0),
            time_ns=time_ds * 100_000_000,
            sensor_id=SENSORS[number % 2],
            number=number,
            coverage=Coverage.empty(),
        )
        for number, time_ds in enumerate(times_ds)
    ]


arrivals = st.lists(st.integers(0, 60), max_size=30).map(clock_frames)
windows_s = st.sampled_from([0.0, 0.3, 1.0, 2.5])
biases_s = st.sampled_from([0.0, -0.2, 0.7])


@given(arriving=arrivals, late_window_s=windows_s, time_bias_s=biases_s)
def test_the_frames_used_are_those_of_the_tracker(arriving, late_window_s, time_bias_s):
    biases_of_sensors = zip(SENSORS, (0.0, time_bias_s), strict=True)
    sensors = tuple(SensorConfig(sensor_id=s, time_bias_s=b) for s, b in biases_of_sensors)
    config = TrackerConfig(late_window_s=late_window_s, sensors=sensors)
    tracker = FrameTracker(config)
    verdicts = {frame.number: tracker.answer(encode_frame(frame)).verdict for frame in arriving}
    order = FrameOrder(config)
    used = list(order.of(arriving))
    accepted = [frame for frame in arriving if verdicts[frame.number] == "accepted"]
    assert set(verdicts.values()) <= {"accepted", "late"}
    # Python sorts stably: frames of one time stay in the order in which they came.
    assert used == sorted(accepted, key=order.true_ns)
    late = Counter(frame.sensor_id for frame in arriving if verdicts[frame.number] == "late")
    assert order.late == late


@pytest.mark.parametrize(("late_window_s", "held"), [(0.0, 1), (1.0, 11)])
def test_no_more_waits_than_the_window_holds(late_window_s, held):
    """A frame comes out once none that is older could be used any more."""
    came = []

    def coming():
        for frame in clock_frames(range(40)):
            came.append(frame.number)
            yield frame

    order = FrameOrder(TrackerConfig(late_window_s=late_window_s))
    waiting = [len(came) - number for number, _ in enumerate(order.of(coming()), start=1)]
    assert max(waiting[:-held]) == held
