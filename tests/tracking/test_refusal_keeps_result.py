"""What was accepted last can be read, unchanged, after every kind of refusal."""

import numpy as np
import pytest

from qiki.errors import CapacityError, FrameError, FutureFrameError, LateFrameError, ModelError
from qiki.tracking import Tracker, TrackerConfig, UserMotion
from tests.tracking.frames import frame_at
from tests.tracking.user_measurements import place
from tests.tracking.user_models import only_above

SEEN = [(1000.0 * k, 60.0 * k, 20.0) for k in range(1, 6)]
NEXT_NS = 200_000_000
FAR_M = np.array([[5e4, 0.0, 9e3], [-5e4, 0.0, 9e3], [0.0, 5e4, 9e3], [0.0, -5e4, 9e3]])
"""Where no track is: too many births for the room there is."""


def frame(number, polar, **other):
    return lambda tracker: tracker.step(frame_at(number, polar, **other))


def scan(positions_m, covariance_m2, time_ns=NEXT_NS):
    return lambda tracker: tracker.step_positions(positions_m, covariance_m2, time_ns)


def measurements(values):
    noise_m2 = np.eye(3)
    return lambda tracker: tracker.step_measurements(place, values, noise_m2, NEXT_NS, volume=1e12)


NO_ROOM = "tracks holds 6 entries"
REFUSALS = {
    "late": (frame(0, SEEN), LateFrameError, "is late"),
    "again": (frame(1, SEEN), FrameError, "send each frame once"),
    "future": (frame(2, SEEN[:1], period_ns=10**11), FutureFrameError, "max_ahead_s"),
    "shorter frame": (frame(2, [(9e3, 0.0, 5.0), (9e3, 90.0, 5.0)]), CapacityError, NO_ROOM),
    "longer frame": (frame(2, [(9e3, 9.0 * k, 5.0) for k in range(12)]), CapacityError, NO_ROOM),
    "long frame": (frame(2, SEEN * 4), CapacityError, "detections of a frame holds 12"),
    "shorter scan": (scan(FAR_M[:2], np.eye(3)), CapacityError, NO_ROOM),
    "longer scan": (scan(np.tile(FAR_M, (3, 1)), np.eye(3)), CapacityError, NO_ROOM),
    "bad scan": (scan(FAR_M[:1], -np.eye(3)), FrameError, "positive definite"),
    "plane scan": (scan(FAR_M[:2, :2].copy(), np.eye(2)), CapacityError, NO_ROOM),
    "late scan": (scan(FAR_M[:2], np.eye(3), 0), LateFrameError, "is late"),
    "shorter measurements": (measurements(FAR_M[:2]), CapacityError, NO_ROOM),
    "longer measurements": (measurements(np.tile(FAR_M, (3, 1))), CapacityError, NO_ROOM),
    "bad measurements": (measurements(FAR_M[:2] * np.nan), FrameError, "values"),
}


@pytest.mark.parametrize(("refused", "error", "message"), REFUSALS.values(), ids=REFUSALS)
def test_the_last_result_is_as_if_nothing_had_been_refused(refused, error, message):
    disturbed, calm = (Tracker(TrackerConfig(max_tracks=6, max_detections=12)) for _ in range(2))
    for number in range(2):
        result, expected = (tracker.step(frame_at(number, SEEN)) for tracker in (disturbed, calm))
    before = disturbed.snapshot()
    with pytest.raises(error, match=message):
        refused(disturbed)
    assert result.detection_track.tolist() == expected.detection_track.tolist() == [1, 2, 3, 4, 5]
    assert result.tracks.tobytes() == expected.tracks.tobytes()
    assert disturbed.tracks().tobytes() == calm.tracks().tobytes()
    assert disturbed.snapshot() == before == calm.snapshot()


def test_a_motion_model_that_cannot_go_on_spoils_no_result():
    """It is asked last, when all else has acted and must go back."""
    model = UserMotion(model=only_above, parameters=(0.0,))
    tracker = Tracker(TrackerConfig(motion_models=(model,), initial_vertical_speed_std_m_s=200.0))
    for second in range(3):
        positions_m = np.array([[0.0, 0.0, 300.0 - 100.0 * second], [5e4, 0.0, 900.0]])
        result = tracker.step_positions(positions_m, np.eye(3), second * 10**9)
    with pytest.raises(ModelError, match="only_above"):
        tracker.step_positions(np.array([[5e4, 0.0, 900.0]]), np.eye(3), 6 * 10**9)
    assert result.detection_track.tolist() == [1, 2]
    assert result.tracks["number"].tolist() == [1, 2]


def test_a_track_that_has_ended_is_of_no_later_detection():
    tracker = Tracker(TrackerConfig(confirm_by="hits", delete_misses=1))
    tracker.step(frame_at(0, SEEN))
    for number in range(1, 12):
        result = tracker.step(frame_at(number, [(9000.0, 30.0 * number, 1.0)]))
        assert result.detection_track.tolist() == result.tracks["number"][-1:].tolist()
