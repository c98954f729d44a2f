"""A frame is used once, and none from the future is."""

import numpy as np
import pytest

from qiki.errors import CapacityError, FrameError, FutureFrameError, SettingError
from qiki.radar import Radar, RadarFrame, Scenario, empty_detections
from qiki.tracking import FrameTracker, Tracker, TrackerConfig, TrackStatus
from qiki.wire import encode_frame
from tests.tracking.frames import PERIOD_NS, frame_at

SENSORS = [f"00000000-0000-0000-0000-00000000000{digit}" for digit in "ab"]
SEEN = [(1000.0, 10.0, 0.0), (2000.0, 90.0, 0.0)]
HOUR_NS = 3600 * 10**9


def frame(time_s, number, sensor=0, epoch=0):
    return RadarFrame(
        empty_detections(0),
        time_ns=round(time_s * 1e9),
        number=number,
        epoch=epoch,
        sensor_id=SENSORS[sensor],
    )


def test_a_false_alarm_that_comes_twice_is_no_track():
    """Every false alarm of a frame that was given twice used to be confirmed."""
    radar, tracker = Radar(Scenario.load("default")), Tracker()
    first = radar.frame(0)
    expected = tracker.step(first).tracks.copy()
    before = tracker.snapshot()
    with pytest.raises(FrameError, match=r"number is 0, must be new in its epoch: .* send each"):
        tracker.step(first)
    assert tracker.snapshot() == before
    assert TrackStatus.TRACKED not in expected["status"]
    assert tracker.tracks()["quality"].tolist() == expected["quality"].tolist()
    tracker.step(radar.frame(1))


@pytest.mark.parametrize("late_window_s", [0.0, 1.0])
def test_the_same_message_is_answered_once(late_window_s):
    radar = Radar(Scenario.load("default"), epoch=4)
    tracker = FrameTracker(TrackerConfig(late_window_s=late_window_s))
    for number in range(30):
        payload = encode_frame(radar.frame(number))
        assert tracker.answer(payload).verdict == "accepted"
        # The state that remembers it goes through a snapshot.
        restarted = FrameTracker(TrackerConfig(late_window_s=late_window_s))
        restarted.restore(tracker.snapshot())
        for again in (tracker, restarted):
            before = again.snapshot()
            answer = again.answer(payload)
            assert answer.verdict == "refused"
            assert f"number is {number}" in answer.reason
            assert again.snapshot() == before


def test_a_frame_that_has_just_left_the_late_window_is_not_used_again():
    """A window of 4 frames at least: what left it at the time of its edge is known all the same."""
    tracker = FrameTracker(TrackerConfig(late_window_s=0.1))
    payloads = [encode_frame(frame_at(number, SEEN)) for number in range(40)]
    for number, payload in enumerate(payloads):
        assert tracker.answer(payload).verdict == "accepted"
        for former in payloads[max(0, number - 8) : number + 1]:
            assert tracker.answer(former).verdict in ("refused", "late")


def test_frames_of_one_time_are_others_by_sensor_epoch_or_number():
    tracker = Tracker()
    for sensor in range(2):
        for epoch in range(2):
            for number in range(3):
                tracker.step(frame(5.0, number, sensor, epoch))
    for sensor in range(2):
        with pytest.raises(FrameError, match="send each frame once"):
            tracker.step(frame(5.0, 1, sensor, 1))


def test_scans_have_no_name():
    """Two of one time are two; the frames of that time are known behind them, too."""
    tracker, position_m = Tracker(), np.array([[1000.0, 0.0, 0.0]])
    tracker.step(frame(5.0, 3))
    for _ in range(2):
        tracker.step_positions(position_m, np.eye(3), 5 * 10**9)
    assert tracker.tracks()["hit_count"].tolist() == [2]
    with pytest.raises(FrameError, match="send each frame once"):
        tracker.step(frame(5.0, 3))
    tracker.step_positions(position_m, np.eye(3), 5 * 10**9 + HOUR_NS)


def test_names_have_a_limit():
    tracker = Tracker()
    for number in range(1024):
        tracker.step(frame(1.0, number))
    before = tracker.snapshot()
    with pytest.raises(CapacityError, match="frames of one time holds 1024 entries, 1025 wanted"):
        tracker.step(frame(1.0, 1024))
    assert tracker.snapshot() == before
    tracker.step(frame(1.1, 1024))
    assert len(tracker.snapshot()) < len(before) - 40_000


def test_a_frame_from_the_future_is_refused_and_the_next_ones_are_used():
    disturbed, calm = Tracker(), Tracker()
    for number in range(6):
        for tracker in (disturbed, calm):
            tracker.step(frame_at(number, SEEN))
        for ahead_ns in (61 * 10**9, 99 * 10**9, HOUR_NS, 2**60):
            future = RadarFrame(
                empty_detections(0), time_ns=number * PERIOD_NS + ahead_ns, number=number + 1
            )
            with pytest.raises(FutureFrameError, match=r"time_ns is \d+, must be at most 60 s \("):
                disturbed.step(future)
    assert disturbed.snapshot() == calm.snapshot()


def test_the_bridge_answers_a_frame_from_the_future_with_the_reason():
    tracker = FrameTracker()
    tracker.answer(encode_frame(frame(0.0, 0)))
    before = tracker.snapshot()
    answer = tracker.answer(encode_frame(frame(61.0, 1)))
    assert answer.verdict == "refused"
    assert "max_ahead_s" in answer.reason
    assert "new epoch" in answer.reason
    assert tracker.snapshot() == before
    assert tracker.answer(encode_frame(frame(1.0, 1))).verdict == "accepted"


def test_what_is_no_future():
    """Missing numbers, another sensor's frames, a new epoch, a new sensor: time has passed."""
    tracker = Tracker()
    tracker.step(frame(0.0, 0))
    tracker.step(frame(60.0, 1))
    tracker.step(frame(3660.0, 61))  # an hour without the broker: a frame a minute is missing
    with pytest.raises(FutureFrameError, match="max_ahead_s"):
        tracker.step(frame(3721.0, 62, sensor=0))
    tracker.step(frame(10_000.0, 0, sensor=0, epoch=1))  # the source began anew
    tracker.step(frame(20_000.0, 0, sensor=1))
    tracker.step(frame(20_050.0, 1, epoch=1))  # silent for long, but the other told the time
    with pytest.raises(FutureFrameError, match="max_ahead_s"):
        tracker.step(frame(20_111.0, 1, sensor=1))
    restored = Tracker.restore(tracker.snapshot())
    with pytest.raises(FutureFrameError, match="max_ahead_s"):
        restored.step(frame(20_111.0, 1, sensor=1))
    restored.step(frame(20_110.0, 1, sensor=1))


def test_settings_say_how_far_ahead_is_the_future():
    def gap(seconds, **settings):
        tracker = Tracker(TrackerConfig(**settings))
        tracker.step(frame(0.0, 0))
        tracker.step(frame(seconds, 1))

    gap(3600.0, max_ahead_s=3600.0)
    gap(300.0, max_coast_s=300.0)  # a gap that tracks outlive
    gap(5.0, max_ahead_s=5.0, max_coast_s=5.0)
    with pytest.raises(FutureFrameError, match="at most 5 s"):
        gap(5.1, max_ahead_s=5.0, max_coast_s=5.0)
    with pytest.raises(SettingError, match=r"tracker\.max_ahead_s is 0, must be above 0"):
        gap(1.0, max_ahead_s=0.0)
