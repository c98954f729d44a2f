"""Faults on request: what each does to frames and their arrival, and that it does nothing else."""

import json

import numpy as np
import pytest
from scipy import stats

from qiki.errors import CapacityError, ScenarioError
from qiki.radar import Radar, RangeBand, Scenario

FRAMES = 60
TEXT = """
scenario_version: 1
name: faults
seed: 3
sensors:
  - name: main
    scan: {staring: {period_s: 0.1}}
    coverage: {max_range_m: 20000, elevation_deg: [-20, 80]}
    sr_threshold_m: 6000
    detection:
      reference_range_m: 15000
      detection_probability: 0.95
      false_alarm_probability: 1e-6
      false_alarms_per_frame: 5
    range: {resolution_m: 15, floor_m: 2}
    bearing: {beamwidth_deg: 1.5, floor_deg: 0.1}
    elevation: {beamwidth_deg: 1.5, floor_deg: 0.1}
    range_rate: {resolution_m_s: 3, floor_m_s: 0.2, limit_m_s: 600}
%s
groups:
  - {id_prefix: t, count: 60, rcs_dbsm: [3, 3], ground_range_m: [2000, 12000],
     height_m: [200, 3000], speed_m_s: [20, 120], transponder_mode: "on"}
"""
MEASURED = ("range_m", "bearing_deg", "elevation_deg", "range_rate_m_s")


def radar(*faults):
    lines = "".join(f"      - {json.dumps(fault)}\n" for fault in faults)
    return Radar(Scenario.from_yaml(TEXT % (f"    faults:\n{lines}" if faults else "")))


SOUND = radar()


@pytest.mark.parametrize(
    "fault",
    [
        "off",
        "stuck",
        {"bias": {"range_m": 9}},
        {"noisy": {"factor": 3}},
        {"clock_jump": {"jump_s": 1}},
    ],
    ids=str,
)
def test_frames_outside_the_fault_are_the_sound_radars(fault):
    faulty = radar({"from_s": 1.0, "until_s": 2.0, "fault": fault})
    differ = []
    for number in range(30):
        ours, sound = faulty.frame(number), SOUND.frame(number)
        same = ours.time_ns == sound.time_ns and np.array_equal(
            ours.detections.tobytes(), sound.detections.tobytes()
        )
        if not same:
            differ.append(number)
    assert differ == list(range(10, 20))


def test_a_bias_shifts_every_measurement_and_bands_follow():
    bias = {"range_m": -700.0, "bearing_deg": 2.0, "elevation_deg": -0.5, "range_rate_m_s": 3.0}
    faulty, crossed = radar({"fault": {"bias": bias}}), 0
    for number in range(FRAMES):
        ours, sound = faulty.frame(number), SOUND.frame(number)
        order = np.argsort((sound.detections["bearing_deg"] + 2.0) % 360.0, kind="stable")
        shifted = sound.detections[order]
        np.testing.assert_array_equal(ours.truth, sound.truth[order])
        np.testing.assert_allclose(
            ours.detections["range_m"], np.maximum(shifted["range_m"] - 700.0, 0.0)
        )
        np.testing.assert_allclose(
            ours.detections["bearing_deg"], (shifted["bearing_deg"] + 2.0) % 360.0
        )
        for column, shift in (("elevation_deg", -0.5), ("range_rate_m_s", 3.0)):
            np.testing.assert_allclose(ours.detections[column], shifted[column] + shift)
        near = ours.detections["range_m"] <= 6000.0
        np.testing.assert_array_equal(ours.detections["range_band"] == RangeBand.SHORT, near)
        # What came near by the bias gave no reply: it was not asked.
        was_far = shifted["range_m"] > 6000.0
        crossed += np.count_nonzero(near & was_far)
        assert not ours.detections["transponder_id"][was_far | ~near].any()
    assert crossed > 20


def test_a_bias_beyond_the_limits_of_a_frame_still_gives_a_frame():
    faulty = radar(
        {"fault": {"bias": {"range_m": -1e6, "bearing_deg": -359, "elevation_deg": 170}}}
    )
    frame = faulty.frame(0)
    assert (frame.detections["range_m"] == 0.0).all()
    assert (frame.detections["elevation_deg"] <= 90.0).all()
    frame.split(6000.0)  # which checks it


def test_noise_has_the_variance_asked_for_and_says_the_old_one():
    factor = 3.0
    faulty, errors = radar({"fault": {"noisy": {"factor": factor}}}), []
    for number in range(FRAMES):
        frame = faulty.frame(number)
        truth = SOUND.truth(frame.time_ns)
        real = frame.truth >= 0
        seen, index = frame.detections[real], frame.truth[real]
        errors.append((seen["range_m"] - truth.range_m[index]) / seen["range_std_m"])
        errors.append(
            (seen["range_rate_m_s"] - truth.range_rate_m_s[index]) / seen["range_rate_std_m_s"]
        )
        assert set(seen["range_std_m"]) <= set(SOUND.frame(number).detections["range_std_m"])
    errors = np.concatenate(errors)
    # Sum of squares over the variance asked for is chi-squared: two-sided 99.9 %, seed fixed.
    low, high = stats.chi2.ppf([0.0005, 0.9995], len(errors))
    assert low < (errors**2).sum() / factor**2 < high
    assert len(errors) > 5000


def test_a_stuck_radar_repeats_the_last_frame_before():
    faulty = radar({"from_s": 1.0, "until_s": 1.5, "fault": "stuck"})
    shown = SOUND.frame(9)
    for number in range(10, 15):
        frame = faulty.frame(number)
        assert (frame.number, frame.time_ns) == (number, SOUND.frame(number).time_ns)
        for column in MEASURED:
            np.testing.assert_array_equal(frame.detections[column], shown.detections[column])
        later_ns = (number - 9) * SOUND.period_ns
        np.testing.assert_array_equal(
            frame.detections["time_ns"], shown.detections["time_ns"] + later_ns
        )
    stuck_at_once = radar({"fault": "stuck"})
    assert (
        stuck_at_once.frame(5).detections["range_m"].tolist()
        == SOUND.frame(0).detections["range_m"].tolist()
    )


def test_a_radar_that_is_off_looks_nowhere():
    faulty = radar({"from_s": 0.5, "until_s": 0.7, "fault": "off"})
    assert [faulty.is_off(number) for number in range(4, 8)] == [False, True, True, False]
    frame = faulty.frame(5)
    assert frame.coverage.is_empty
    assert (len(frame), frame.number, frame.time_ns) == (0, 5, SOUND.frame(5).time_ns)


def test_a_clock_jump_moves_frame_and_detections():
    faulty = radar({"fault": {"clock_jump": {"jump_s": -0.25}}})
    frame, sound = faulty.frame(7), SOUND.frame(7)
    assert frame.time_ns == sound.time_ns - 250_000_000
    np.testing.assert_array_equal(
        frame.detections["time_ns"], sound.detections["time_ns"] - 250_000_000
    )


def test_deliveries_have_the_probabilities_asked_for():
    count = 4000
    faulty = radar(
        {"fault": {"late": {"probability": 0.2, "delay_s": 0.4}}},
        {"fault": {"duplicated": {"probability": 0.1}}},
        {"fault": {"reordered": {"probability": 0.05}}},
    )
    deliveries = [faulty.delivery(number) for number in range(count)]
    assert deliveries == [faulty.delivery(number) for number in range(count)]
    delay_ns = np.array([delay for delay, _ in deliveries])
    is_late, is_reordered = delay_ns >= 400_000_000, delay_ns % 400_000_000 == 150_000_000
    assert set(delay_ns) == {0, 150_000_000, 400_000_000, 550_000_000}
    is_twice = np.array([copies for _, copies in deliveries]) == 2
    for seen, chance in ((is_late, 0.2), (is_twice, 0.1), (is_reordered, 0.05)):
        low, high = stats.binom.ppf([0.0005, 0.9995], count, chance)
        assert low <= seen.sum() <= high
    # Independent of each other: 20 % of those that come twice are late, too.
    low, high = stats.binom.ppf([0.0005, 0.9995], is_twice.sum(), 0.2)
    assert low <= (is_twice & is_late).sum() <= high
    assert SOUND.delivery(3) == (0, 1)


def test_faults_join_and_are_repaired():
    one = SOUND.with_fault('{"fault": {"bias": {"range_m": 50}}}')
    both = one.with_fault('{"from_s": 1, "fault": {"bias": {"range_m": 7}}}')
    assert (SOUND.fault_count, one.fault_count, both.fault_count) == (0, 1, 2)
    for number, shift_m in ((9, 50.0), (10, 57.0)):
        np.testing.assert_allclose(
            both.frame(number).detections["range_m"],
            SOUND.frame(number).detections["range_m"] + shift_m,
        )
    repaired = both.repaired()
    assert repaired.frame(10).detections.tobytes() == SOUND.frame(10).detections.tobytes()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ('{"fault": {"bias": {"range": 5}}}', "unknown field `range`"),
        ('{"fault": "tired"}', "unknown variant `tired`"),
        ('{"fault": {"noisy": {"factor": 0.5}}}', "fault.noisy.factor: is 0.5, must be 1 to 1000"),
        ('{"fault": {"late": {"probability": 2, "delay_s": -1}}}', "fault.late.delay_s: is -1"),
        ('{"from_s": 5, "until_s": 4, "fault": "off"}', "until_s: is 4, must be 5 to"),
        ('{"from_s": 5}', "missing field `fault`"),
    ],
)
def test_a_bad_fault_is_refused_by_name(fault, message):
    with pytest.raises(ScenarioError, match=message):
        SOUND.with_fault(fault)


def test_a_bad_fault_of_the_scenario_names_its_line():
    with pytest.raises(
        ScenarioError, match=r"line 20.*sensors\[0\].faults\[0\].fault.noisy.factor"
    ):
        radar({"fault": {"noisy": {"factor": 0.5}}})


def test_faults_have_a_limit():
    faulty = SOUND
    for _ in range(1000):
        faulty = faulty.with_fault('{"fault": "stuck"}')
    with pytest.raises(CapacityError, match="holds 1000 entries, 1001 wanted: repair the radar"):
        faulty.with_fault('{"fault": "stuck"}')
