"""Positions in the plane: the literature's scenes run as they are."""

import numpy as np
import pytest

from qiki.metrics import gospa
from qiki.tracking import Tracker, TrackerConfig, TrackStatus
from tests.tracking.meeting_scene import (
    AREA_M2,
    CUTOFF_M,
    DENSITY_M2_S3,
    NOISE_M2,
    four_meeting,
)

CONFIG = {
    "process_noise_m2_s3": DENSITY_M2_S3,
    "initial_speed_std_m_s": 1.0,
    "births_per_frame": 0.1,
    "clutter_per_frame": 10.0,
    "mean_lifetime_s": 100.0,
}


@pytest.mark.parametrize("association", ["gnn", "jpda"])
def test_four_targets_that_meet(association):
    """RMS GOSPA (p 2, c 10 m) over steps and seeds at most 4.5 m."""
    config = TrackerConfig(association=association, **CONFIG)
    squares_m2 = []
    for seed in range(100):
        tracker = Tracker(config)
        for step, (truth_m, measured_m) in enumerate(four_meeting(seed)):
            tracker.step_positions(measured_m, NOISE_M2, step * 10**9, area_m2=AREA_M2)
            tracks = tracker.tracks()
            told = tracks[np.isin(tracks["status"], (TrackStatus.TRACKED, TrackStatus.COASTING))]
            found_m = np.ascontiguousarray(told["position_m"][:, :2])
            squares_m2.append(gospa(truth_m, found_m, cutoff_m=CUTOFF_M).distance_m ** 2)
    assert np.sqrt(np.mean(squares_m2)) <= 4.5


def test_the_filter_is_that_of_the_plane():
    """Against a dense filter of the four states of the plane."""
    random = np.random.default_rng(2)
    noise_m2 = np.array([[9.0, 2.0], [2.0, 4.0]])
    config = TrackerConfig(process_noise_m2_s3=0.7, initial_speed_std_m_s=20.0)
    tracker, observe = Tracker(config), np.eye(2, 4)
    step_1s = np.eye(4) + np.eye(4, k=2)
    added = 0.7 * np.kron([[1 / 3, 1 / 2], [1 / 2, 1.0]], np.eye(2))
    for step in range(20):
        measured_m = np.array([3.0 * step, 100.0 - 2.0 * step]) + random.multivariate_normal(
            np.zeros(2), noise_m2
        )
        tracker.step_positions(measured_m[None], noise_m2, step * 10**9, area_m2=1e6)
        if step == 0:
            mean = np.concatenate([measured_m, np.zeros(2)])
            covariance = np.zeros((4, 4))
            covariance[:2, :2], covariance[2:, 2:] = noise_m2, 400.0 * np.eye(2)
            continue
        mean, covariance = step_1s @ mean, step_1s @ covariance @ step_1s.T + added
        spread = covariance[:2, :2] + noise_m2
        gain = covariance @ observe.T @ np.linalg.inv(spread)
        mean = mean + gain @ (measured_m - mean[:2])
        covariance = covariance - gain @ spread @ gain.T
    (track,) = tracker.tracks()
    assert track["position_m"] == pytest.approx([*mean[:2], 0.0], rel=1e-9, abs=1e-9)
    assert track["velocity_m_s"] == pytest.approx([*mean[2:], 0.0], rel=1e-9, abs=1e-9)
    upper = np.array([covariance[0, 0], covariance[0, 1], covariance[1, 1]])
    assert track["position_covariance_m2"][[0, 1, 3]] == pytest.approx(upper, rel=1e-9)
