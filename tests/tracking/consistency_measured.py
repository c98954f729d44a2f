"""Errors of tracks by a user's measurement model, with right derivatives and with a wrong sign.

A tracker for each run, which sees one target by range, bearing and elevation and begins with the
velocity's own prior. So its position errors follow the chi-squared law nearly.
"""

import numba
import numpy as np

from qiki.metrics import consistency, nees
from qiki.models import measurement_model
from qiki.tracking import Tracker, TrackerConfig
from tests.tracking.consistency_runs import DT_S, NOISE_M2_S3, SIGNIFICANCE, moved
from tests.tracking.user_measurements import begin_polar, polar_measurement

PLACE_M = np.array([9e3, 2e4, 1500.0])
PLACE_STD_M = 1000.0
SPEED_STD_M_S = 40.0
NOISE = np.diag(np.square([12.0, 1e-3, 1e-3]))
SENSOR_M = (0.0, 0.0, 0.0)
CONFIG = TrackerConfig(
    process_noise_m2_s3=NOISE_M2_S3,
    vertical_process_noise_m2_s3=NOISE_M2_S3,
    initial_speed_std_m_s=SPEED_STD_M_S,
    initial_vertical_speed_std_m_s=SPEED_STD_M_S,
    detection_probability=0.99,
    clutter_per_frame=1e-3,
    gate_probability=1.0 - 1e-9,
)

_right = numba.njit(polar_measurement)
PERIODS = (0.0, 2.0 * np.pi, 0.0)


@measurement_model(periods=PERIODS, start=begin_polar, parameter_count=3)
def wrong_sign(state, parameters, predicted, jacobian):
    """A polar radar whose author mistook the sign of the bearing's derivatives."""
    _right(state, parameters, predicted, jacobian)
    for i in range(3):
        jacobian[1, i] = -jacobian[1, i]


def measured_errors(model, runs=100, steps=30, seed=1):
    """NEES of the first track's position, (steps, runs); infinite where the track was lost."""
    found = [_one(model, np.random.default_rng([seed, run]), steps) for run in range(runs)]
    return np.array(found).T


def steps_outside(errors):
    """Steps whose mean over the runs leaves its band; a lost track is far outside."""
    finite = np.minimum(errors, 1e12)
    return consistency(finite, dimensions=3, significance=SIGNIFICANCE).steps_outside


def _one(model, random, steps):
    tracker, state = Tracker(CONFIG), np.empty((1, 6))
    state[:, :3] = PLACE_M + random.normal(size=3) * PLACE_STD_M
    state[:, 3:] = random.normal(size=3) * SPEED_STD_M_S
    found = []
    for step in range(steps):
        values = _polar(state[0]) + random.normal(size=3) * np.sqrt(np.diag(NOISE))
        tracker.step_measurements(
            model, values[None], NOISE, round(step * DT_S * 1e9), volume=1e6, parameters=SENSOR_M
        )
        found.append(_error_of_first(tracker.tracks(), state[0, :3]))
        state = moved(random, state, NOISE_M2_S3)
    return found


def _polar(state):
    x, y, z = state[:3]
    ground_m = np.hypot(x, y)
    return np.array([np.hypot(ground_m, z), np.arctan2(x, y), np.arctan2(z, ground_m)])


def _error_of_first(tracks, true_m):
    first = tracks[tracks["number"] == 1]
    if len(first) == 0:
        return np.inf
    track = first[0]
    xx, xy, xz, yy, yz, zz = track["position_covariance_m2"].astype(float)
    covariance_m2 = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    return float(nees((track["position_m"] - true_m)[None], covariance_m2[None])[0])
