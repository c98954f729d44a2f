"""``qiki curve``: table, JSON, picture, and what it refuses."""

import json
import sys

import numpy as np
import pytest

from qiki.cli import EXIT_SETTING, main
from qiki.radar import Radar, Scenario, detection_probability
from tests.radar.scenes import sensor, target
from tests.radar.test_scenario import SENSOR, scenario_text, target_text

PNG = b"\x89PNG\r\n\x1a\n"


def printed(capsys, line="", *words):
    assert main(["curve", *line.split(), *words]) == 0
    return capsys.readouterr().out


def test_the_table_has_the_probability_at_each_snr(capsys):
    line = "--pfa 1e-6 --swerling 1 --pulses 10 --from 0 --to 10 --points 6"
    lines = printed(capsys, line).splitlines()
    assert lines[0].split() == ["snr_db", "swerling_1"]
    rows = np.array([line.split() for line in lines[1:]], float)
    assert rows[:, 0].tolist() == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    expected = detection_probability(rows[:, 0], false_alarm_probability=1e-6, pulses=10)
    np.testing.assert_allclose(rows[:, 1], expected, atol=5e-7)


def test_the_defaults_are_one_pulse_of_swerling_1(capsys):
    found = json.loads(printed(capsys, "--json"))
    assert (found["pulses"], found["false_alarm_probability"]) == (1, 1e-6)
    assert (found["snr_db"][0], found["snr_db"][-1], found["range_m"]) == (-5.0, 20.0, None)
    at_13_db = found["detection_probability"]["swerling_1"][found["snr_db"].index(13.0)]
    assert at_13_db == pytest.approx(0.517178, abs=5e-7)


def test_over_range_it_is_what_the_radar_of_the_scenario_sees(capsys, tmp_path):
    body = target_text(rcs_dbsm=3, fluctuation="swerling_4").replace("[0, 1, 2]", "[0, 9000, 0]")
    text = scenario_text(body, SENSOR.replace("false_alarm", "pulses: 10\n      false_alarm", 1))
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    line = f"--scenario {path} --sensor main --rcs-dbsm 3 --swerling 4 --swerling 0 --json"
    found = json.loads(printed(capsys, f"{line} --from 9000 --to 20000"))
    assert list(found["detection_probability"]) == ["swerling_4", "swerling_0"]
    radar = Radar(Scenario.load(path))
    assert found["range_m"][0] == 9000.0
    assert found["detection_probability"]["swerling_4"][0] == pytest.approx(
        radar.truth(0).detection_probability[0], rel=1e-12
    )
    over_coverage = json.loads(printed(capsys, line))
    assert (over_coverage["range_m"][0], over_coverage["range_m"][-1]) == (1.0, 20_000.0)


def test_the_only_radar_need_not_be_named(capsys):
    lines = printed(capsys, "--scenario default").splitlines()
    assert lines[0].split() == ["range_m", "snr_db", "swerling_1"]


@pytest.mark.parametrize("line", ["", "--scenario default"])
def test_the_plot_is_a_picture(capsys, tmp_path, line):
    path = tmp_path / "curve.png"
    printed(capsys, line, "--plot", str(path))
    assert path.read_bytes().startswith(PNG)


def test_without_matplotlib_it_says_what_to_install(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["curve", "--plot", str(tmp_path / "curve.png")]) == EXIT_SETTING
    assert "pip install 'qiki[plot]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("--pfa 2", EXIT_SETTING, "false_alarm_probability is 2e0, must be 1e-30 to 0.5"),
        ("--pulses 0", EXIT_SETTING, "pulses is 0, must be 1 to 10000"),
        ("--swerling 5", 2, "5 is not in the range 0<=x<=4"),
        ("--from 3 --to 3", EXIT_SETTING, "--to is 3.0, must be above --from 3.0"),
        ("--from nan", 2, "Invalid value for '--from': nan is no finite number"),
        ("--to inf", 2, "Invalid value for '--to': inf is no finite number"),
        ("--pfa nan", 2, "Invalid value for '--pfa': nan is no finite number"),
        ("--scenario default --rcs-dbsm nan", 2, "'--rcs-dbsm': nan is no finite number"),
        ("--scenario default --rcs-dbsm 500", 2, "500.0 is not in the range -100.0<=x<=100.0"),
        ("--scenario default --range-rate nan", 2, "'--range-rate': nan is no finite number"),
        ("--scenario default --from -5", EXIT_SETTING, "--from is -5.0, must be at least 0 m"),
        ("--sensor main", 2, "--sensor, --rcs-dbsm, --models and --range-rate need"),
        ("--scenario default --pfa 1e-4", 2, "--pfa and --pulses are the scenario's"),
        ("--scenario default --sensor no", EXIT_SETTING, "--sensor is no, must be one of main"),
        ("--scenario nowhere", EXIT_SETTING, "scenario: 'nowhere' cannot be read"),
        ("--plot /nowhere/curve.png", EXIT_SETTING, "must be a file that can be written"),
        ("--plot curve.xyz", EXIT_SETTING, "must be a file that can be written"),
    ],
)
def test_what_makes_no_sense_is_refused(capsys, words, code, message):
    assert main(["curve", *words.split()]) == code
    assert message in " ".join(capsys.readouterr().err.split())


def test_over_range_a_moving_target_passes_the_canceller(capsys, tmp_path):
    waveform = {"prf_hz": 4000.0, "wavelength_m": 0.03, "canceller_delays": 1}
    waveform |= {"range_rate_ambiguity": "resolved"}
    moving = target("moving", (0.0, 9000.0, 0.0), (0.0, 12.0, 0.0), fluctuation="swerling_1")
    document = {"scenario_version": 1, "name": "test", "targets": [moving]}
    document["sensors"] = [sensor(waveform=waveform)]
    path = tmp_path / "canceller.yaml"
    path.write_text(json.dumps(document))
    line = f"--scenario {path} --swerling 1 --from 9000 --to 9001 --points 2 --json"
    expected = Radar(Scenario.load(path)).truth(0).detection_probability[0]
    for rate, chance in (("12", expected), ("60", 1e-6)):  # 60 m/s is a blind speed
        told = json.loads(printed(capsys, line, "--range-rate", rate))
        assert told["detection_probability"]["swerling_1"][0] == pytest.approx(chance, rel=1e-6)
    told = json.loads(printed(capsys, line))
    assert told["detection_probability"]["swerling_1"][0] != pytest.approx(expected, rel=1e-2)


def test_a_model_stands_beside_the_detectors_curve(capsys, tmp_path):
    model = tmp_path / "chance.py"
    model.write_text(
        "from qiki.models import detection_probability_model\n"
        "@detection_probability_model\n"
        "def chance(snr_db, range_m, range_rate_m_s):\n"
        "    return 0.5 - range_m * 1e-5 - range_rate_m_s * 1e-3 + 0.0 * snr_db\n"
    )
    path = tmp_path / "mine.yaml"
    named = SENSOR.replace(
        "false_alarm", "detection_probability_model: chance\n      false_alarm", 1
    )
    path.write_text(scenario_text(target_text(), named))
    line = f"--scenario {path} --models {model} --range-rate 30 --from 1000 --to 9000 --points 3"
    found = json.loads(printed(capsys, f"{line} --json"))
    expected = [0.46, 0.42, 0.38]
    assert found["detection_probability"]["chance"] == pytest.approx(expected)
    assert list(found["detection_probability"]) == ["swerling_1", "chance"]
    assert printed(capsys, line).splitlines()[0].split()[-1] == "chance"
    assert main(["curve", "--scenario", str(path)]) == EXIT_SETTING
    assert 'must be with the detection_probability model "chance"' in capsys.readouterr().err
