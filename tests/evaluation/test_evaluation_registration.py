"""What a registration finds in runs of a scenario is compared with the scenario's biases."""

import numpy as np
import pytest
from scipy.stats import chi2

from qiki.errors import SettingError
from qiki.evaluation import evaluate_scenario
from qiki.radar import Scenario
from qiki.tracking import AlignedSensor, RegistrationConfig, TrackerConfig
from tests.two_radars import REFERENCE, SHIFTED, two_radars

SCENARIO = Scenario.from_yaml(two_radars(period_s=1))
SEEKING = RegistrationConfig(
    reference_ids=(REFERENCE,),
    sensors=(AlignedSensor(sensor_id=SHIFTED, range_std_m=0.0, bearing_std_deg=0.0),),
)
CONFIG = TrackerConfig(process_noise_m2_s3=0.1, clutter_per_frame=1.0)
RUNS = 8


@pytest.fixture(scope="module")
def evaluation():
    return evaluate_scenario(
        SCENARIO, runs=RUNS, duration_s=40.0, config=CONFIG, registration=SEEKING
    )


def test_errors_are_as_large_as_is_told(evaluation):
    (name,) = evaluation.registration
    found = evaluation.registration[name]
    assert (name, found["runs"], found["aligned_runs"]) == ("shifted", RUNS, RUNS)
    assert set(found["rms_error"]) == {"east_m", "north_m", "time_s"}
    low, high = np.sqrt(chi2.ppf([0.0005, 0.9995], RUNS) / RUNS)
    for bias, error in found["rms_error"].items():
        assert low < error / found["rms_std"][bias] < high
    assert found["rms_std"]["east_m"] < 20.0


def test_it_is_told_in_the_table_and_in_json(evaluation):
    assert evaluation.to_dict()["registration"] == evaluation.registration
    line = evaluation.table().splitlines()[-1]
    assert line.startswith("registration of shifted: aligned in 8 of 8 runs; rms error east_m ")


def test_what_is_scored_does_not_change(evaluation):
    without = evaluate_scenario(SCENARIO, runs=1, duration_s=40.0, config=CONFIG)
    assert "registration" not in without.to_dict()
    for name, values in without.per_run.items():
        if name != "ms_per_frame":
            assert evaluation.per_run[name][0] == values[0]


def test_a_sensor_that_is_never_aligned_is_told_as_such():
    short = evaluate_scenario(SCENARIO, runs=2, duration_s=1.0, registration=SEEKING)
    expected = {"runs": 2, "aligned_runs": 0, "rms_error": {}, "rms_std": {}}
    assert short.registration == {"shifted": expected}
    assert short.table().endswith("registration of shifted: aligned in 0 of 2 runs")


def test_what_is_applied_is_refused():
    applied = RegistrationConfig(
        reference_ids=SEEKING.reference_ids, sensors=SEEKING.sensors, apply=True
    )
    with pytest.raises(SettingError, match=r"registration\.apply is true, must be false"):
        evaluate_scenario(SCENARIO, runs=1, duration_s=1.0, registration=applied)
