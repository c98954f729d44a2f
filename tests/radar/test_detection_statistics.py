"""The simulated radar follows its model: closed forms against many draws.

Seeds are fixed, so each test gives the same verdict every time. Limits are 4.5 standard errors
(one in 150 000 for a right model) or a Kolmogorov-Smirnov probability of 1e-4.
"""

import numpy as np
import pytest
from scipy import stats

from qiki.radar import Radar
from tests.radar.scenes import SENSOR, scenario, sensor, target

FRAMES = 4000
SIGMAS = 4.5
P_VALUE = 1e-4

PFA = SENSOR["detection"]["false_alarm_probability"]
THRESHOLD = -np.log(PFA)
REFERENCE_SNR = THRESHOLD / -np.log(0.8) - 1.0


def mean_snr(range_m, rcs_dbsm=0.0):
    """Radar equation from the reference target of the test's sensor."""
    return REFERENCE_SNR * (10_000.0 / range_m) ** 4 * 10.0 ** (0.1 * rcs_dbsm)


def plots_of_one(position_m, velocity_m_s=(0.0, 0.0, 0.0), **changes):
    """Detections of a single target, over all frames, and its radar."""
    scene = scenario([target("one", position_m, velocity_m_s)], [sensor(**changes)])
    radar = Radar(scene)
    return np.concatenate([radar.frame(number).detections for number in range(FRAMES)]), radar


@pytest.mark.parametrize("range_m", [4000.0, 9000.0, 12_000.0, 15_000.0, 19_000.0])
@pytest.mark.parametrize("rcs_dbsm", [-3.0, 2.0])
def test_detection_probability_is_swerling_1(range_m, rcs_dbsm):
    radar = Radar(scenario([target("one", (0.0, range_m, 0.0), rcs_dbsm=rcs_dbsm)]))
    expected = PFA ** (1.0 / (1.0 + mean_snr(range_m, rcs_dbsm)))
    assert radar.truth(0).detection_probability[0] == pytest.approx(expected, rel=1e-12)
    detected = sum(len(radar.frame(number)) for number in range(FRAMES))
    error = np.sqrt(expected * (1.0 - expected) / FRAMES)
    assert abs(detected / FRAMES - expected) < SIGMAS * error


def test_detections_of_successive_frames_are_independent():
    radar = Radar(scenario([target("one", (0.0, 13_000.0, 0.0))]))
    seen = np.array([len(radar.frame(number)) for number in range(FRAMES)])
    assert 0.3 < seen.mean() < 0.7
    correlation = np.corrcoef(seen[:-1], seen[1:])[0, 1]
    assert abs(correlation) < SIGMAS / np.sqrt(FRAMES)


def test_echo_power_over_the_threshold_is_exponential():
    range_m = 11_000.0
    plots, _ = plots_of_one((0.0, range_m, 0.0))
    excess = 10.0 ** (0.1 * plots["snr_db"].astype(float)) + 1.0 - THRESHOLD
    assert stats.kstest(excess / (1.0 + mean_snr(range_m)), "expon").pvalue > P_VALUE


def test_noise_is_normal_with_the_standard_deviation_reported():
    plots, radar = plots_of_one((3000.0, 6000.0, 900.0), (30.0, -40.0, 5.0))
    truth = [radar.truth(time_ns) for time_ns in plots["time_ns"].tolist()]
    normalised = []
    for name, std in [
        ("range_m", "range_std_m"),
        ("bearing_deg", "bearing_std_deg"),
        ("elevation_deg", "elevation_std_deg"),
        ("range_rate_m_s", "range_rate_std_m_s"),
    ]:
        true_value = np.array([getattr(entry, name)[0] for entry in truth])
        normalised.append((plots[name] - true_value) / plots[std])
        assert stats.kstest(normalised[-1], "norm").pvalue > P_VALUE, name
    correlation = np.corrcoef(normalised)[np.triu_indices(4, 1)]
    assert np.abs(correlation).max() < SIGMAS / np.sqrt(len(plots))


@pytest.mark.parametrize(
    ("std", "resolution", "slope", "floor"),
    [
        ("range_std_m", 15.0, 1.0, 1.5),
        ("bearing_std_deg", 1.5, 1.6, 0.03),
        ("elevation_std_deg", 2.0, 1.6, 0.04),
        ("range_rate_std_m_s", 3.0, 1.0, 0.1),
    ],
)
def test_standard_deviations_follow_each_echo(std, resolution, slope, floor):
    plots, _ = plots_of_one((0.0, 8000.0, 0.0))
    snr = 10.0 ** (0.1 * plots["snr_db"].astype(float))
    expected = np.sqrt(floor**2 + (resolution / slope) ** 2 / (2.0 * snr))
    np.testing.assert_allclose(plots[std], expected, rtol=1e-5)
    assert plots[std].max() > 1.5 * plots[std].min()


def test_radar_cross_section_is_estimated_not_told():
    plots, _ = plots_of_one((0.0, 8000.0, 0.0))
    rcs_m2 = 10.0 ** (0.1 * plots["rcs_dbsm"].astype(float))
    # Swerling 1: exponential with the mean cross section, of which weak echoes are not seen.
    assert rcs_m2.std() > 0.8
    assert abs(rcs_m2.mean() - 1.0) < 0.2


ALARMS = {"false_alarms_per_frame": 40.0}


@pytest.fixture(scope="module")
def false_alarms():
    radar = Radar(scenario([], [sensor(detection=ALARMS)]))
    return [radar.frame(number) for number in range(1000)]


def test_the_number_of_false_alarms_is_poisson(false_alarms):
    counts = np.array([len(frame) for frame in false_alarms])
    mean, n = ALARMS["false_alarms_per_frame"], len(counts)
    assert abs(counts.mean() - mean) < SIGMAS * np.sqrt(mean / n)
    # The variance of a Poisson sample's variance is about 2 mean² / n.
    assert abs(counts.var() - mean) < SIGMAS * mean * np.sqrt(2.0 / n)
    assert all((frame.truth == -1).all() for frame in false_alarms)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("range_m", 100.0, 20_000.0),
        ("bearing_deg", 0.0, 360.0),
        ("elevation_deg", -30.0, 60.0),
        ("range_rate_m_s", -600.0, 600.0),
    ],
)
def test_false_alarms_fill_the_volume_evenly(false_alarms, name, low, high):
    values = np.concatenate([frame.detections[name] for frame in false_alarms])
    assert stats.kstest(values, "uniform", args=(low, high - low)).pvalue > P_VALUE


def test_false_alarms_have_the_power_of_noise_that_passed(false_alarms):
    snr_db = np.concatenate([frame.detections["snr_db"] for frame in false_alarms])
    excess = 10.0 ** (0.1 * snr_db.astype(float)) + 1.0 - THRESHOLD
    assert stats.kstest(excess, "expon").pvalue > P_VALUE
