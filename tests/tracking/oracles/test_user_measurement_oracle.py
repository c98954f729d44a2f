"""Users' measurement models against the built-in ones and filterpy's extended Kalman filter."""

import numpy as np
import pytest
from filterpy.kalman import ExtendedKalmanFilter

from qiki.radar import Coverage, Present, RadarFrame, empty_detections
from qiki.tracking import ConstantVelocity, CoordinatedTurn, Tracker, TrackerConfig
from tests.tracking.oracles.constant_velocity import process_noise, transition
from tests.tracking.user_measurements import place, place_and_rate, polar

DT_NS = 1_000_000_000
COVARIANCE_M2 = np.array([[90.0, 20.0, -15.0], [20.0, 160.0, 30.0], [-15.0, 30.0, 250.0]])
VOLUME_M3 = 1e13
BANK = (
    ConstantVelocity(initial_probability=0.7),
    CoordinatedTurn(initial_probability=0.3),
)
WAYS = [("gnn", ()), ("jpda", ()), ("gnn", BANK), ("jpda", BANK)]


def scene(seconds=25, count=12, seed=11):
    """Positions of targets with gaps, and of false alarms, a scan a second."""
    random = np.random.default_rng(seed)
    starts, velocities = random.uniform(-8e3, 8e3, (count, 3)), random.normal(size=(count, 3)) * 80
    starts[:, 2] = random.uniform(500.0, 4e3, count)
    velocities[:, 2] *= 0.1
    for second in range(seconds):
        truth = (starts + velocities * second)[random.random(count) < 0.9]
        yield second * DT_NS, truth, random.uniform(-1e4, 1e4, (4, 3)) * [1.0, 1.0, 0.2]


def assert_same_tracks(found, expected, rtol):
    for field in ("number", "status", "event", "detection_index"):
        np.testing.assert_array_equal(found[field], expected[field])
    for field in ("position_m", "velocity_m_s", "quality"):
        np.testing.assert_allclose(found[field], expected[field], rtol=rtol, atol=1e-6)
    size = np.abs(expected["position_covariance_m2"]).max(axis=1, keepdims=True)
    np.testing.assert_allclose(
        found["position_covariance_m2"] / size,
        expected["position_covariance_m2"] / size,
        atol=rtol * 10.0,
    )


@pytest.mark.parametrize(("association", "models"), WAYS)
@pytest.mark.parametrize("each", [False, True], ids=["shared noise", "noise of each"])
def test_a_users_position_is_the_built_in_one(association, models, each):
    config = TrackerConfig(association=association, motion_models=models)
    found, expected = Tracker(config), Tracker(config)
    random = np.random.default_rng(1)
    for time_ns, truth, clutter in scene():
        noise = random.multivariate_normal(np.zeros(3), COVARIANCE_M2, size=len(truth))
        scan = np.vstack([truth + noise, clutter])
        covariance = COVARIANCE_M2
        if each:
            size = random.uniform(0.5, 2.0, (len(scan), 1, 1))
            covariance = COVARIANCE_M2 * size
        own = found.step_measurements(place, scan, covariance, time_ns, volume=VOLUME_M3)
        built_in = expected.step_positions(scan, covariance, time_ns, volume_m3=VOLUME_M3)
        assert_same_tracks(own.tracks, built_in.tracks, rtol=1e-8)
        np.testing.assert_array_equal(own.detection_track, built_in.detection_track)
    assert len(found.tracks()) >= 12


SENSOR_M = (300.0, -200.0, 15.0)
MAX_RANGE_M = 50e3
STD = (25.0, 0.2, 0.3)  # m, deg, deg


def polar_frame(time_ns, number, measured):
    detections = empty_detections(len(measured))
    detections["time_ns"] = time_ns
    for name, values, std in zip(("range", "bearing", "elevation"), measured.T, STD, strict=True):
        unit = "m" if name == "range" else "deg"
        detections[f"{name}_{unit}"], detections[f"{name}_std_{unit}"] = values, std
    detections["present"] = Present.RANGE | Present.BEARING | Present.ELEVATION
    coverage = Coverage(max_range_m=MAX_RANGE_M, min_elevation_deg=-90.0, max_elevation_deg=90.0)
    return RadarFrame(
        detections,
        time_ns=time_ns,
        number=number,
        sensor_position_m=SENSOR_M,
        coverage=coverage,
    )


@pytest.mark.parametrize(("association", "models"), WAYS)
def test_a_users_polar_measurement_is_the_built_in_one(association, models):
    config = TrackerConfig(association=association, motion_models=models)
    found, expected = Tracker(config), Tracker(config)
    random = np.random.default_rng(2)
    noise = np.diag(np.float32(STD).astype(float) * [1.0, np.pi / 180.0, np.pi / 180.0]) ** 2
    volume = MAX_RANGE_M * 2.0 * np.pi * np.pi
    for number, (time_ns, truth, clutter) in enumerate(scene()):
        x, y, z = (np.vstack([truth, clutter]) - SENSOR_M).T
        measured = np.stack(
            [
                np.sqrt(x**2 + y**2 + z**2),
                np.degrees(np.arctan2(x, y)),
                np.degrees(np.arctan2(z, np.hypot(x, y))),
            ],
            axis=1,
        )
        measured += random.normal(size=measured.shape) * STD
        measured[:, 1] %= 360.0
        values = np.ascontiguousarray(measured * [1.0, np.pi / 180.0, np.pi / 180.0])
        own = found.step_measurements(
            polar,
            values,
            noise,
            time_ns,
            volume=volume,
            parameters=SENSOR_M,
            sensor_position_m=SENSOR_M,
        )
        built_in = expected.step(polar_frame(time_ns, number, measured))
        assert_same_tracks(own.tracks, built_in.tracks, rtol=1e-6)
    assert len(found.tracks()) >= 10


@pytest.mark.parametrize("models", [(), (ConstantVelocity(),)], ids=["one filter", "a bank"])
def test_a_measured_velocity_updates_as_in_filterpys_extended_filter(models):
    """The fourth number depends on all of the state; its noise is that of the others, too."""
    root = np.random.default_rng(3).normal(size=(4, 4)) * [9.0, 9.0, 9.0, 1.0]
    noise = root.T @ root + np.diag([50.0, 50.0, 50.0, 1.0])
    tracker, random = Tracker(TrackerConfig(motion_models=models)), np.random.default_rng(4)
    truth, oracle = np.array([4e3, -3e3, 2e3, -90.0, 70.0, 5.0]), None
    for second in range(30):
        measured = place_and_rate.answers(truth[None])[0][0]
        measured += random.multivariate_normal(np.zeros(4), noise)
        result = tracker.step_measurements(
            place_and_rate, measured[None], noise, second * DT_NS, volume=1e16
        )
        if oracle is None:
            oracle = ExtendedKalmanFilter(dim_x=6, dim_z=4)
            oracle.x = np.array([[*measured[:3], 0.0, 0.0, 0.0]]).T
            oracle.P = np.diag([0.0] * 3 + [1e4, 1e4, 900.0])
            oracle.P[:3, :3] = noise[:3, :3]
            oracle.F, oracle.Q, oracle.R = transition(1.0), process_noise(1.0, 1.0), noise
        else:
            oracle.predict()
            oracle.update(
                measured[:, None],
                lambda x: place_and_rate.answers(np.ascontiguousarray(x.T))[1][0],
                lambda x: place_and_rate.answers(np.ascontiguousarray(x.T))[0].T,
            )
        (track,) = result.tracks
        state = np.concatenate([track["position_m"], track["velocity_m_s"]])
        np.testing.assert_allclose(state, oracle.x[:, 0], rtol=1e-8, atol=1e-6)
        rows, columns = np.triu_indices(3)
        np.testing.assert_allclose(
            track["position_covariance_m2"], oracle.P[rows, columns], rtol=1e-7, atol=1e-7
        )
        truth = transition(1.0) @ truth
