"""The numpy radar obeys the laws that it is written from."""

import numpy as np
import pytest

from bench.peers.numpy_radar import Accuracy, NumpyRadar, Sensor, wrap_360
from qiki.radar import DETECTION_DTYPE

FRAMES, TARGETS = 200, 500
SENSOR = Sensor(
    reference_range_m=10_000.0,
    reference_rcs_dbsm=0.0,
    detection_probability=0.7,
    false_alarm_probability=1e-5,
    false_alarms_per_frame=30.0,
    min_range_m=100.0,
    max_range_m=20_000.0,
    elevation_deg=(-5.0, 70.0),
    range_rate_limit_m_s=400.0,
    sr_threshold_m=9000.0,
    range=Accuracy(15.0, 2.0),
    bearing=Accuracy(1.2, 0.03, 1.6),
    elevation=Accuracy(1.2, 0.03, 1.6),
    range_rate=Accuracy(3.0, 0.1),
)


@pytest.fixture(scope="module")
def frames():
    """Frames of targets at rest on a ring at the reference range."""
    bearing_rad = np.linspace(0.0, 2.0 * np.pi, TARGETS, endpoint=False)
    position_m = 10_000.0 * np.stack(
        [np.sin(bearing_rad), np.cos(bearing_rad), np.zeros(TARGETS)], axis=1
    )
    rest = np.zeros((TARGETS, 3)), np.ones(TARGETS)
    radar = NumpyRadar(SENSOR, DETECTION_DTYPE, 15, position_m, *rest, np.zeros(TARGETS), seed=1)
    return [radar.frame(0.1 * number) for number in range(FRAMES)]


def test_the_reference_target_is_detected_as_often_as_told(frames):
    rate = np.mean([np.count_nonzero(truth >= 0) / TARGETS for _, truth in frames])
    assert rate == pytest.approx(0.7, abs=5.0 * np.sqrt(0.21 / (FRAMES * TARGETS)))


def test_false_alarms_are_as_many_as_told(frames):
    count = sum(np.count_nonzero(truth < 0) for _, truth in frames)
    assert count == pytest.approx(30 * FRAMES, abs=5.0 * np.sqrt(30 * FRAMES))


def test_errors_are_those_reported(frames):
    detections = np.concatenate([detections[truth >= 0] for detections, truth in frames])
    truth = np.concatenate([truth[truth >= 0] for _, truth in frames])
    bearing_error_deg = detections["bearing_deg"] - truth * 360.0 / TARGETS
    bearing_error_deg = (bearing_error_deg + 180.0) % 360.0 - 180.0
    for error, std in [
        (detections["range_m"] - 10_000.0, detections["range_std_m"]),
        (bearing_error_deg, detections["bearing_std_deg"]),
        (detections["elevation_deg"], detections["elevation_std_deg"]),
        (detections["range_rate_m_s"], detections["range_rate_std_m_s"]),
    ]:
        normal = error / std
        assert normal.std() == pytest.approx(1.0, abs=5.0 / np.sqrt(2.0 * len(normal)))
        assert normal.mean() == pytest.approx(0.0, abs=5.0 / np.sqrt(len(normal)))


def test_records_are_in_the_order_of_bearing(frames):
    for detections, truth in frames:
        assert len(detections) == len(truth)
        assert (np.diff(detections["bearing_deg"]) >= 0.0).all()
        assert ((detections["bearing_deg"] >= 0.0) & (detections["bearing_deg"] < 360.0)).all()


def test_bearings_wrap():
    angles_deg = np.array([-360.0, -90.0, 0.0, 359.0, 360.0, 700.0])
    assert wrap_360(angles_deg).tolist() == [0.0, 270.0, 0.0, 359.0, 0.0, 340.0]


def test_targets_turn_clockwise_on_circles():
    start_m, velocity_m_s = np.array([[0.0, 5000.0, 0.0]]), np.array([[0.0, 50.0, 2.0]])
    rate_deg_s, strong_dbsm = np.array([4.5]), np.array([80.0])
    radar = NumpyRadar(
        SENSOR, DETECTION_DTYPE, 15, start_m, velocity_m_s, rate_deg_s, strong_dbsm, 1
    )
    radius_m = 50.0 / np.radians(4.5)
    for time_s, east_m, north_m in [(20.0, radius_m, radius_m), (40.0, 2 * radius_m, 0.0)]:
        detections, truth = radar.frame(time_s)
        found = detections[truth == 0]
        place_m = np.array([east_m, 5000.0 + north_m, 2.0 * time_s])
        assert found["range_m"] == pytest.approx(np.linalg.norm(place_m), abs=10.0)
        bearing_deg = np.degrees(np.arctan2(place_m[0], place_m[1]))
        assert found["bearing_deg"] == pytest.approx(bearing_deg, abs=0.15)
