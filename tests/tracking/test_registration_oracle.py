"""The estimate is that of one least squares over all detections of all targets."""

import numpy as np
import pytest
from scipy.optimize import least_squares

from qiki.tracking import Tracker, TrackerConfig
from tests.tracking.registration_scene import (
    REFERENCE_ID,
    SENSOR_ID,
    Scene,
    numbers,
    registration,
)

TARGETS = 12
SCANS = 60
PRIOR_STD = np.array([50.0, 50.0, 100.0, 0.3, 0.5])
STRAIGHT = TrackerConfig(process_noise_m2_s3=0.0, vertical_process_noise_m2_s3=0.0)


def columns(frame, indices, is_biased):
    """Target, whether biased, time [s], detection and reported place [m] of each that was used."""
    detections = frame.detections[indices]
    targets = frame.truth[indices]
    place_m = frame.sensor_position_m
    pairs = zip(targets, detections, strict=True)
    return [(int(t), is_biased, d["time_ns"] * 1e-9, d, place_m) for t, d in pairs]


def used_detections(found, scene):
    """Add scans, and return the detections that told of the biases or of the targets."""
    tracker, used = Tracker(STRAIGHT), []
    for number in range(SCANS):
        frame = scene.frame(REFERENCE_ID, number, float(number))
        tracks = tracker.step(frame).tracks
        found.add_reference(frame, tracks)
        confirmed = tracks[(tracks["status"] == 2) & (tracks["event"] == 2)]
        used += columns(frame, confirmed["detection_index"], False)
        frame = scene.frame(SENSOR_ID, number, number + 0.5)
        pairs = found.add(frame)
        assert pairs in (0, TARGETS)
        used += columns(frame, np.arange(pairs), True)
    return used


def batch(used):
    """Least squares for the biases and each target's position and velocity at time 0."""
    target = np.array([row[0] for row in used])
    is_biased = np.array([row[1] for row in used])
    time_s = np.array([row[2] for row in used])
    plots = np.array([row[3] for row in used])
    place_m = np.array([row[4] for row in used])

    def residuals(unknown):
        bias, states = unknown[:5] * PRIOR_STD, unknown[5:].reshape(TARGETS, 2, 3) * 100.0
        east_m, north_m, range_m, bearing_deg, clock_s = np.outer(bias, is_biased)
        at_s = time_s - clock_s
        position_m = states[target, 0] + states[target, 1] * at_s[:, None]
        relative_m = position_m - place_m + np.stack([east_m, north_m, 0.0 * at_s], -1)
        ground_m = np.hypot(relative_m[:, 0], relative_m[:, 1])
        seen_deg = np.degrees(np.arctan2(relative_m[:, 0], relative_m[:, 1]))
        turned_deg = (plots["bearing_deg"] - bearing_deg - seen_deg + 180.0) % 360.0 - 180.0
        return np.concatenate(
            [
                (plots["range_m"] - range_m - np.hypot(ground_m, relative_m[:, 2]))
                / plots["range_std_m"],
                turned_deg / plots["bearing_std_deg"],
                (plots["height_m"] - relative_m[:, 2]) / plots["height_std_m"],
                unknown[:5],
            ]
        )

    start = np.zeros((TARGETS, 2, 3))
    for number in range(TARGETS):
        mine = np.flatnonzero((target == number) & ~is_biased)
        bearing, ground_m = np.radians(plots["bearing_deg"][mine]), plots["range_m"][mine]
        east_north = ground_m * [np.sin(bearing), np.cos(bearing)]
        for axis in range(2):
            start[number, ::-1, axis] = np.polyfit(time_s[mine], east_north[axis], 1)
        start[number, 0, 2] = np.mean(plots["height_m"][mine])
    solved = least_squares(residuals, np.concatenate([np.zeros(5), start.ravel() / 100.0]))
    covariance = np.linalg.inv(solved.jac.T @ solved.jac)[:5, :5]
    return solved.x[:5] * PRIOR_STD, np.sqrt(np.diag(covariance)) * PRIOR_STD


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_batch_least_squares(seed):
    bias = np.array([30.0, -60.0, 80.0, 0.2, -0.3])
    scene = Scene(seed, bias, target_count=TARGETS)
    found = registration(
        config=STRAIGHT,
        position_std_m=50.0,
        range_std_m=100.0,
        bearing_std_deg=0.3,
        time_std_s=0.5,
        search_m=0.0,
    )
    expected, std = batch(used_detections(found, scene))
    assert (np.abs(numbers(found.bias) - expected) < 0.1 * std).all()
    assert numbers(found.std) == pytest.approx(std, rel=0.02)
