"""Echoes of N pulses are drawn from the laws that the closed forms integrate.

Seeds are fixed, so each test gives the same verdict every time. The rates lie inside the joint
99.9 % interval of all cells (Sidak); other limits are probabilities of 1e-4 for a right model.
"""

import numpy as np
import pytest
from scipy import special, stats

from qiki.radar import Radar, detection_probability
from tests.radar import detection_oracle
from tests.radar.scenes import scenario, sensor, target

TARGETS, FRAMES = 100_000, 10
RANGE_M = 10_000.0
P_VALUE = 1e-4

# swerling, pulses, Pfa, SNR of a pulse [dB]
CELLS = [
    (0, 1, 1e-6, 10.5),
    (0, 4, 1e-4, 4.0),
    (0, 10, 1e-6, 2.0),
    (0, 1000, 1e-8, -8.0),
    (1, 1, 1e-6, 13.0),
    (1, 4, 1e-8, 10.0),
    (1, 10, 1e-4, 0.0),
    (1, 100, 1e-6, -5.0),
    (1, 1000, 1e-6, -9.0),
    (2, 2, 1e-4, 8.0),
    (2, 4, 1e-6, 6.0),
    (2, 10, 1e-6, 3.0),
    (2, 30, 1e-8, 0.0),
    (3, 1, 1e-6, 13.0),
    (3, 10, 1e-6, 3.0),
    (3, 100, 1e-4, -6.0),
    (4, 1, 1e-4, 8.0),
    (4, 4, 1e-6, 6.0),
    (4, 30, 1e-8, 0.0),
    (4, 1000, 1e-6, -10.0),
]


def detection(pulses, pfa, snr_db):
    """A sensor that sees 0 dBsm at RANGE_M with this SNR, whatever the targets do."""
    law = {"false_alarm_probability": pfa, "pulses": pulses}
    return sensor(
        detection={
            "reference_range_m": RANGE_M,
            "detection_probability": detection_probability(snr_db, **law),
            **law,
        }
    )


def crowd(swerling, pulses, pfa, snr_db, count=TARGETS):
    """A radar and many targets at one range, all alike."""
    group = {
        "id_prefix": "g",
        "count": count,
        "rcs_dbsm": [0.0, 0.0],
        "fluctuation": f"swerling_{swerling}",
        "ground_range_m": [RANGE_M, RANGE_M],
        "height_m": [0.0, 0.0],
        "speed_m_s": [0.0, 0.0],
    }
    return Radar(scenario([], [detection(pulses, pfa, snr_db)], groups=[group]))


def power_of(plots, pulses):
    """Sum of the pulses' powers, signal and noise."""
    return 10.0 ** (0.1 * plots["snr_db"].astype(float)) + pulses


@pytest.mark.parametrize(("swerling", "pulses", "pfa", "snr_db"), CELLS)
def test_a_million_echoes_are_detected_as_often_as_the_quadrature_says(
    swerling, pulses, pfa, snr_db
):
    radar = crowd(swerling, pulses, pfa, snr_db)
    expected = detection_oracle.probability(snr_db, pfa, pulses, swerling)
    assert 0.05 < expected < 0.95
    level = 0.999 ** (1.0 / len(CELLS))
    low, high = stats.binom.interval(level, TARGETS * FRAMES, expected)
    detected = sum(len(radar.frame(number)) for number in range(FRAMES))
    assert low <= detected <= high
    assert radar.truth(0).detection_probability[0] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("swerling", [0, 1, 2, 3, 4])
@pytest.mark.parametrize(("pulses", "snr_db"), [(1, 6.0), (10, 0.0), (200, -8.0)])
def test_the_power_of_echoes_has_the_whole_law(swerling, pulses, snr_db):
    """Pearson's chi-square over 12 classes; what passes is most of it."""
    everyone = 50_000
    radar = crowd(swerling, pulses, 0.1, snr_db, count=everyone)
    # The classes come from a frame that is not counted.
    pilot, power = (power_of(radar.frame(number).detections, pulses) for number in (0, 1))
    edges = np.quantile(pilot, np.linspace(0.05, 0.95, 11))
    limits = [detection_oracle.threshold(0.1, pulses), *edges]
    # An echo exceeds a power as often as it is detected with that threshold.
    tail = [
        detection_probability(
            snr_db,
            false_alarm_probability=special.gammaincc(pulses, limit),
            pulses=pulses,
            swerling=swerling,
        )
        for limit in limits
    ]
    expected = -np.diff([*tail, 0.0])
    found, _ = np.histogram(power, [0.0, *edges, np.inf])
    error = np.sqrt(tail[0] * (1.0 - tail[0]) / everyone)
    assert abs(len(power) / everyone - tail[0]) < 4.5 * error
    assert stats.chisquare(found, len(power) * expected / tail[0]).pvalue > P_VALUE


@pytest.mark.parametrize(("pulses", "pfa"), [(2, 1e-6), (10, 1e-4), (1000, 0.1)])
def test_false_alarms_have_the_power_of_noise_that_passed(pulses, pfa):
    law = {"false_alarm_probability": pfa, "pulses": pulses, "false_alarms_per_frame": 400.0}
    radar = Radar(scenario([], [sensor(detection=law)]))
    plots = np.concatenate([radar.frame(number).detections for number in range(50)])
    passed = stats.gamma(pulses)
    limit = detection_oracle.threshold(pfa, pulses)

    def below(power):
        return 1.0 - passed.sf(power) / passed.sf(limit)

    assert stats.kstest(power_of(plots, pulses), below).pvalue > P_VALUE


def test_standard_deviations_follow_the_energy_of_all_pulses():
    radar = crowd(1, 10, 1e-6, 6.0, count=2000)
    plots = radar.frame(0).detections
    snr = 10.0 ** (0.1 * plots["snr_db"].astype(float))
    np.testing.assert_allclose(plots["range_std_m"], np.sqrt(1.5**2 + 15.0**2 / (2.0 * snr)), 1e-5)
    # The mean over those detected lies above the mean of all, ten pulses of 6 dB.
    assert snr.mean() > 10.0 * 10.0**0.6
    rcs_m2 = 10.0 ** (0.1 * plots["rcs_dbsm"].astype(float))
    assert rcs_m2.mean() == pytest.approx(snr.mean() / (10.0 * 10.0**0.6), rel=0.05)


def test_errors_have_the_standard_deviation_reported():
    radar = crowd(4, 30, 1e-6, 0.0)
    frame = radar.frame(0)
    error = (frame.detections["range_m"] - RANGE_M) / frame.detections["range_std_m"]
    assert stats.kstest(error, "norm").pvalue > P_VALUE


def test_echoes_of_successive_frames_and_of_neighbours_are_independent():
    radar = crowd(3, 10, 1e-6, 4.0, count=2000)
    seen = np.zeros((200, 2000), bool)
    for number, row in enumerate(seen):
        row[radar.frame(number).truth] = True
    assert 0.3 < seen.mean() < 0.7
    for axis, size in ((0, seen[1:].size), (1, seen[:, 1:].size)):
        pairs = [np.delete(seen, end, axis).ravel() for end in (-1, 0)]
        assert abs(np.corrcoef(*pairs)[0, 1]) < 4.5 / np.sqrt(size)


def test_more_targets_do_not_change_the_echoes_of_one():
    law = detection(10, 1e-6, 4.0)
    names = [f"swerling_{case}" for case in range(5)] * 2
    bodies = [
        target(f"t{index}", (0.0, 9000.0 + 10.0 * index, 0.0), fluctuation=name)
        for index, name in enumerate(names)
    ]
    few, many = (Radar(scenario(part, [law])) for part in (bodies[3:5], bodies[::-1]))
    for number in range(50):
        one, all_of_them = few.frame(number), many.frame(number)
        of_both = np.isin([many.target_names[index] for index in all_of_them.truth], ["t3", "t4"])
        assert one.detections.tobytes() == all_of_them.detections[of_both].tobytes()
