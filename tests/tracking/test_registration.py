"""Biases of a sensor are found from targets that another follows, as surely as is said."""

import numpy as np
import pytest
from scipy.stats import chi2

from qiki.tracking import SensorConfig, Tracker, TrackerConfig
from tests.tracking.registration_scene import (
    BIASES,
    REFERENCE_ID,
    SENSOR_ID,
    THIRD_ID,
    Scene,
    numbers,
    registration,
    run,
)

SHIFTED = np.array([1400.0, -200.0, 0.0, 0.0, 0.5])
PRIOR = {"position_std_m": 1000.0, "range_std_m": 0.0, "bearing_std_deg": 0.0, "time_std_s": 0.5}
UNKNOWN = np.array([1000.0, 1000.0, 100.0, 0.5, 0.5])
SEEDS = 30
CONFIDENCE = 0.999


def errors(scene, **settings):
    """Errors of the estimate after ten minutes."""
    found = run(registration(**settings), scene, 600)
    assert found.aligned
    return numbers(found.bias) - scene.bias


@pytest.mark.parametrize("seed", range(5))
def test_an_offset_of_place_and_time_is_found(seed):
    error = errors(Scene(seed, SHIFTED), **PRIOR)
    assert np.hypot(*error[:2]) < 5.0
    assert abs(error[4]) < 0.010


def test_all_biases_are_found_together():
    scene = Scene(7, np.array([1400.0, -200.0, 80.0, 0.4, -0.4]))
    error = errors(scene)
    assert (np.abs(error) < [5.0, 5.0, 5.0, 0.01, 0.010]).all()


def test_clutter_and_missed_targets_do_no_harm():
    scene = Scene(3, SHIFTED, detection_probability=0.8, clutter=200)
    error = errors(scene, config=TrackerConfig(clutter_per_frame=200.0), **PRIOR)
    assert np.hypot(*error[:2]) < 5.0
    assert abs(error[4]) < 0.010


def test_two_reference_sensors_tell_more_than_one():
    alone = run(registration(**PRIOR), Scene(4, SHIFTED), 100)
    both = run(registration(**PRIOR), Scene(4, SHIFTED), 100, references=(REFERENCE_ID, THIRD_ID))
    error, std = numbers(both.bias) - SHIFTED, numbers(both.std)
    assert (std[[0, 1, 4]] < numbers(alone.std)[[0, 1, 4]]).all()
    assert (np.abs(error) < 4.0 * std + 1e-9).all()


def test_a_sensor_that_is_told_its_biases_is_tracked_with_the_reference():
    scene = Scene(5, SHIFTED)
    found = run(registration(**PRIOR), scene, 200)
    sensors = (SensorConfig(sensor_id=REFERENCE_ID), found.config())
    tracker = Tracker(TrackerConfig(sensors=sensors))
    for number in range(200, 240):
        tracker.step(scene.frame(REFERENCE_ID, number, number))
        tracker.step(scene.frame(SENSOR_ID, number, number + 0.5))
    tracks = tracker.tracks()
    assert np.count_nonzero(tracks["status"] == 2) == scene.target_count
    at_s = tracks["time_ns"][0] * 1e-9
    scene.move_to(at_s)
    distance_m = np.linalg.norm(
        tracks["position_m"][:, None, :2] - scene.place_m[None], axis=-1
    ).min(axis=1)
    assert np.sqrt(np.mean(distance_m**2)) < 35.0


def normalised(unknown, scans=100, **scene):
    """Squared errors, and errors over their standard deviations, of biases drawn from the prior."""
    unknown = np.asarray(unknown)
    sought = unknown > 0.0
    squares, ratios = [], []
    for seed in range(SEEDS):
        bias = np.random.default_rng(1000 + seed).normal(size=5) * unknown
        sizes = dict(
            zip(("range_std_m", "bearing_std_deg", "time_std_s"), unknown[2:], strict=True)
        )
        search_m = 5000.0 if unknown[0] == 1000.0 else 0.0
        found = registration(position_std_m=unknown[0], search_m=search_m, **sizes)
        run(found, Scene(seed, bias, process_noise_m2_s3=1.0, **scene), scans)
        assert found.aligned
        error = (numbers(found.bias) - bias)[sought]
        covariance = found.covariance[np.ix_(sought, sought)]
        squares.append(error @ np.linalg.solve(covariance, error))
        ratios.append(error / np.sqrt(np.diag(covariance)))
    return np.array(squares), np.array(ratios)


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param(UNKNOWN * [1, 1, 0, 0, 0], id="position"),
        pytest.param(UNKNOWN * [0, 0, 1, 0, 0], id="range"),
        pytest.param(UNKNOWN * [0, 0, 0, 1, 0], id="bearing"),
        pytest.param(UNKNOWN * [0, 0, 0, 0, 1], id="time"),
        pytest.param(UNKNOWN, id="together"),
    ],
)
def test_the_covariance_is_that_of_the_errors(unknown):
    squares, ratios = normalised(unknown)
    low, high = chi2.ppf([(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], ratios.size)
    assert low < squares.sum() < high
    assert (np.abs(ratios.mean(axis=0)) < 3.5 / np.sqrt(SEEDS)).all()


def test_on_one_heading_time_and_place_along_it_stay_as_unsure_as_they_are():
    # At one velocity the place along the way shows only less velocity times time: of two unknowns
    # of 100 m each, one that is known leaves each with 100 m / √2.
    unknown = np.array([100.0, 100.0, 0.0, 0.0, 0.5])
    squares = []
    for seed in range(SEEDS):
        bias = np.random.default_rng(2000 + seed).normal(size=5) * unknown
        settings = PRIOR | {"position_std_m": 100.0, "search_m": 0.0}
        scene = Scene(seed, bias, heading_deg=90.0, speed_m_s=200.0)
        found = run(registration(**settings), scene, 200)
        std = numbers(found.std)
        share = std[[0, 4]] / unknown[[0, 4]] * np.sqrt(2.0)
        assert (share > 0.9).all()
        assert (share < 1.001).all()
        assert std[1] < 1.0
        error = (numbers(found.bias) - bias)[[0, 1, 4]]
        squares.append(
            error @ np.linalg.solve(found.covariance[np.ix_([0, 1, 4], [0, 1, 4])], error)
        )
    low, high = chi2.ppf([(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], 3 * SEEDS)
    assert low < np.sum(squares) < high


def test_one_target_on_one_course_leaves_the_same_unsure():
    squares, _ = normalised([100.0, 100.0, 0.0, 0.0, 0.5], target_count=1)
    low, high = chi2.ppf([(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], 3 * SEEDS)
    assert low < squares.sum() < high


def test_targets_on_one_bearing_tell_no_range_from_place():
    scene = Scene(
        2,
        np.array([0.0, 40.0, 30.0, 0.0, 0.0]),
        centre_m=(30_000.0, 60_000.0),
        half_side_m=1000.0,
        speed_m_s=5.0,
        target_count=5,
    )
    settings = PRIOR | {"position_std_m": 100.0, "range_std_m": 100.0, "search_m": 0.0}
    found = run(registration(**settings), scene, 100)
    std = dict(zip(BIASES, numbers(found.std), strict=True))
    assert std["east_m"] < 20.0
    assert 65.0 < std["range_m"] < 71.0
    assert 65.0 < std["north_m"] < 71.0
    error = (numbers(found.bias) - scene.bias)[1:3]
    assert abs(error[0] - error[1]) < 20.0 or abs(error.sum()) < 20.0


def test_too_few_targets_are_not_taken_for_agreement():
    found = run(registration(**PRIOR), Scene(1, SHIFTED, target_count=3), 60)
    assert not found.aligned
    assert found.pair_count == 0
    assert numbers(found.bias) == pytest.approx(np.zeros(5))
    assert numbers(found.std) == pytest.approx(np.array([1000.0, 1000.0, 0.0, 0.0, 0.5]))


def test_other_targets_than_the_reference_sees_are_not_taken_for_an_offset():
    tracker = Tracker(TrackerConfig())
    found = registration(**PRIOR)
    near, other = Scene(1), Scene(2, SHIFTED)
    for number in range(60):
        frame = near.frame(REFERENCE_ID, number, number)
        found.add_reference(frame, tracker.step(frame).tracks)
        assert found.add(other.frame(SENSOR_ID, number, number + 0.5)) == 0
    assert not found.aligned


def test_a_bias_that_jumps_is_found_anew():
    scene = Scene(6, SHIFTED)
    found, tracker = registration(**PRIOR), Tracker()
    aligned = []
    for number in range(120):
        if number == 60:
            scene.bias = np.array([-600.0, 1500.0, 0.0, 0.0, -0.2])
        frame = scene.frame(REFERENCE_ID, number, float(number))
        found.add_reference(frame, tracker.step(frame).tracks)
        found.add(scene.frame(SENSOR_ID, number, number + 0.5))
        aligned.append(found.aligned)
    assert aligned[59]
    assert not all(aligned[60:])
    assert found.aligned
    error = (numbers(found.bias) - scene.bias)[[0, 1, 4]]
    assert (np.abs(error) < 4.0 * numbers(found.std)[[0, 1, 4]]).all()
