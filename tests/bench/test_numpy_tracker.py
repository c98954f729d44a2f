"""The numpy peer is a sound tracker: it would be no measure otherwise."""

import numpy as np
import pytest
from filterpy.kalman import KalmanFilter
from scipy.optimize import linear_sum_assignment

from bench.peers.numpy_assignment import least_cost
from bench.peers.numpy_tracker import NumpyTracker, Settings
from bench.peers.numpy_tracker_tuned import TunedNumpyTracker, inverse_3x3
from bench.scenes import SPARSE, make_scene, measurement_covariance_m2
from qiki.metrics import gospa


@pytest.fixture(params=[NumpyTracker, TunedNumpyTracker])
def tracker_class(request):
    return request.param


def track(tracker_class, scene):
    density = scene.clutter_per_scan / scene.volume_m3
    tracker = tracker_class(measurement_covariance_m2(), Settings(clutter_density_per_m3=density))
    for scan in scene.scans:
        yield scan, tracker.step(scan.positions_m, scan.time_ns)


def test_it_finds_every_target_and_nothing_else(tracker_class):
    scene = make_scene(SPARSE, 200, 40)
    *_, (scan, tracks) = track(tracker_class, scene)
    found = gospa(scan.truth_m, tracks.mean[tracks.confirmed, :3])
    assert found.missed == 0
    assert found.false <= 2
    # Half the measurements' own error: the filter filters.
    assert found.localisation_m / np.sqrt(200) < 20.0


def test_track_numbers_stay_with_their_targets(tracker_class):
    scene = make_scene(SPARSE, 100, 40)
    number_of_target = {}
    for scan, tracks in track(tracker_class, scene):
        found = gospa(scan.truth_m, tracks.mean[tracks.confirmed, :3])
        numbers = tracks.number[tracks.confirmed][found.estimate]
        for target, number in zip(found.target, numbers, strict=True):
            assert number_of_target.setdefault(target, number) == number


def test_an_undetected_track_coasts_and_ends(tracker_class):
    settings = Settings(mean_lifetime_s=1e15, delete_existence=2e-3)
    tracker = tracker_class(np.eye(3) * 25.0, settings)
    place_m, nothing = np.array([[100.0, 200.0, 300.0]]), np.empty((0, 3))
    for k in range(6):
        tracks = tracker.step(place_m, k * 10**8)
    assert tracks.confirmed.tolist() == [True]
    # As sure as any, odds of a million; each miss leaves a tenth of them.
    assert tracks.existence[0] == pytest.approx(1.0 - 1e-6, rel=1e-12)
    alive = []
    for misses in range(1, 10):
        tracks = tracker.step(nothing, (5 + misses) * 10**8)
        alive.append(len(tracks))
        if len(tracks):
            odds = tracks.existence[0] / (1.0 - tracks.existence[0])
            assert odds == pytest.approx(1e6 * 0.1**misses, rel=1e-5)
    assert alive == [1] * 8 + [0]


def test_the_filter_agrees_with_filterpy(tracker_class):
    settings = Settings(process_noise_m2_s3=2.0, vertical_process_noise_m2_s3=0.5)
    tracker = tracker_class(np.diag([25.0, 30.0, 40.0]), settings)
    oracle = KalmanFilter(dim_x=6, dim_z=3)
    oracle.H = np.eye(3, 6)
    oracle.R = np.diag([25.0, 30.0, 40.0])
    oracle.P = np.diag([25.0, 30.0, 40.0, 1e4, 1e4, 900.0])
    dt_s, density = 0.1, np.array([2.0, 2.0, 0.5])
    oracle.F = np.eye(6) + np.eye(6, k=3) * dt_s
    oracle.Q = np.block(
        [
            [np.diag(density * dt_s**3 / 3), np.diag(density * dt_s**2 / 2)],
            [np.diag(density * dt_s**2 / 2), np.diag(density * dt_s)],
        ]
    )
    measured_m = np.random.default_rng(4).normal(size=(50, 3)) * 5.0
    oracle.x = np.concatenate([measured_m[0], np.zeros(3)])[:, None]
    for k, position_m in enumerate(measured_m):
        tracks = tracker.step(position_m[None], k * 10**8)
        if k:
            oracle.predict()
            oracle.update(position_m)
    np.testing.assert_allclose(tracks.mean[0], oracle.x[:, 0], rtol=1e-10)
    np.testing.assert_allclose(tracks.covariance[0], oracle.P, rtol=1e-10, atol=1e-10)


def test_its_assignment_is_optimal():
    random = np.random.default_rng(5)
    for _ in range(300):
        rows, columns = random.integers(1, 8, size=2)
        track, detection = np.nonzero(random.random((rows, columns)) < 0.4)
        cost, miss_cost = random.normal(size=len(track)), 1.0
        below = cost < miss_cost
        track, detection, cost = track[below], detection[below], cost[below]
        dense = np.zeros((rows, columns + rows))
        dense[track, detection] = cost - miss_cost
        expected = dense[linear_sum_assignment(dense)].sum()
        chosen = least_cost(track, detection, cost, miss_cost)
        assert len(set(track[chosen])) == len(set(detection[chosen])) == len(chosen)
        assert (cost[chosen] - miss_cost).sum() == pytest.approx(expected, abs=1e-12)


def test_inverses_are_inverses():
    root = np.random.default_rng(6).normal(size=(50, 3, 3))
    matrices = root @ root.transpose(0, 2, 1) + np.eye(3)
    inverse, determinant = inverse_3x3(matrices)
    np.testing.assert_allclose(
        inverse @ matrices, np.broadcast_to(np.eye(3), (50, 3, 3)), atol=1e-9
    )
    np.testing.assert_allclose(determinant, np.linalg.det(matrices), rtol=1e-12)
