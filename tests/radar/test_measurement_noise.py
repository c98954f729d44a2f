"""Errors are what the detections say of them: many draws of every fluctuation and integration.

Seeds are fixed, so each test gives the same verdict every time. Variances are within 0.02 of 1,
five standard errors of 120 000 draws; means and sums of squares lie inside two-sided intervals
of 99.9 % for a right model.
"""

import functools

import numpy as np
import pytest
from scipy import stats

from qiki.radar import Radar
from qiki.tracking import Tracker
from tests.radar.scenes import scenario, sensor

DRAWS = 120_000
CONFIDENCE = 0.999
MEASUREMENTS = ("range_m", "bearing_deg", "elevation_deg", "range_rate_m_s")
STANDARD_DEVIATIONS = ("range_std_m", "bearing_std_deg", "elevation_std_deg", "range_rate_std_m_s")
CROWD = {
    "id_prefix": "one",
    "count": 2500,
    "rcs_dbsm": [-5.0, 5.0],
    "ground_range_m": [3000.0, 9000.0],
    "height_m": [-500.0, 3000.0],
    "speed_m_s": [0.0, 200.0],
    "turn_rate_deg_s": [-3.0, 3.0],
}
CASES = [(swerling, pulses) for swerling in range(5) for pulses in (1, 10)]


def plots_of(swerling, pulses):
    """Detections of a moving crowd and the truth of each, frame by frame."""
    detection = {"pulses": pulses, "reference_fluctuation": f"swerling_{swerling}"}
    crowd = CROWD | {"fluctuation": f"swerling_{swerling}"}
    radar = Radar(scenario(sensors=[sensor(detection=detection)], groups=[crowd]))
    count, number = 0, 0
    while count < DRAWS:
        frame = radar.frame(number)
        yield frame, radar.truth(frame.time_ns)
        count, number = count + len(frame), number + 1


@functools.cache
def normalised_errors(swerling, pulses):
    """Errors of each measurement over the standard deviations reported, (4, n)."""
    errors = []
    for frame, truth in plots_of(swerling, pulses):
        row = []
        for name, std in zip(MEASUREMENTS, STANDARD_DEVIATIONS, strict=True):
            error = frame.detections[name] - getattr(truth, name)[frame.truth]
            if name == "bearing_deg":
                error = (error + 180.0) % 360.0 - 180.0
            row.append(error / frame.detections[std])
        errors.append(row)
    return np.concatenate(errors, axis=1)


@pytest.mark.parametrize(("swerling", "pulses"), CASES)
def test_errors_have_the_standard_deviation_reported(swerling, pulses):
    errors = normalised_errors(swerling, pulses)
    assert errors.shape[1] >= DRAWS
    np.testing.assert_allclose(np.var(errors, axis=1), 1.0, atol=0.02)
    limit = stats.norm.interval(CONFIDENCE)[1] / np.sqrt(errors.shape[1])
    assert np.abs(errors.mean(axis=1)).max() < limit


@pytest.mark.parametrize(("swerling", "pulses"), CASES)
def test_errors_of_one_plot_are_independent(swerling, pulses):
    """The sum of the four squares is chi-square: no correlation, no tail is missing."""
    squares = np.sum(normalised_errors(swerling, pulses) ** 2, axis=0)
    low, high = stats.chi2.interval(CONFIDENCE, 4 * len(squares))
    assert low < squares.sum() < high
    assert stats.kstest(squares, "chi2", args=(4,)).pvalue > 1.0 - CONFIDENCE


@pytest.mark.parametrize(("swerling", "pulses"), CASES)
def test_a_perfect_predictor_has_the_innovation_it_expects(swerling, pulses):
    """Positions and covariances as the tracker takes them from plots, against the truth.

    A new tracker makes a track of each plot: its position is the converted measurement. The
    conversion is of the first order; what it neglects, r sigma^2 / 2 along the beam, is here below
    2 % of the standard deviation of the range.
    """
    sum_of_squares, count = 0.0, 0
    for frame, truth in plots_of(swerling, pulses):
        tracks = Tracker().step(frame).tracks
        born = tracks[np.argsort(tracks["detection_index"])]
        assert born["detection_index"].tolist() == list(range(len(frame)))
        innovation_m = born["position_m"] - truth.position_m[frame.truth]
        covariance_m2 = born["position_covariance_m2"][:, [[0, 1, 2], [1, 3, 4], [2, 4, 5]]]
        solved = np.linalg.solve(covariance_m2, innovation_m[..., np.newaxis])[..., 0]
        sum_of_squares += np.sum(innovation_m * solved)
        count += len(frame)
    assert count >= DRAWS
    low, high = stats.chi2.interval(CONFIDENCE, 3 * count)
    assert low < sum_of_squares < high
