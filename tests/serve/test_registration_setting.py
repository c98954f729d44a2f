"""The setting `tracker.registration`: two radars in `qiki up`, and what is refused."""

import json

import numpy as np
import pytest

from qiki.errors import SettingError
from qiki.serve.tracker_config import registration_config
from qiki.serve.tracker_core import TrackerCore
from qiki.setting_layers import load
from qiki.settings import TrackerSettings
from qiki.tracking import AlignedSensor, RegistrationConfig
from tests.serve.made_recording import made_recording
from tests.serve.qiki_command import last_json, one_line_error, run
from tests.two_radars import BIAS, REFERENCE, SHIFTED, two_radars

REGISTRATION = {
    "reference_ids": [REFERENCE],
    "sensors": [{"sensor_id": SHIFTED, "range_std_m": 0, "bearing_std_deg": 0}],
    "process_noise_m2_s3": 0.1,
}
PORTS = ("--port", 0, "--grpc-port", 0)


def variables(**changes):
    return {"QIKI_TRACKER__REGISTRATION": json.dumps(REGISTRATION | changes)}


@pytest.fixture
def world(tmp_path):
    file = tmp_path / "world.yaml"
    file.write_text(two_radars(period_s=0.25))
    return file


def test_two_radars_tell_the_biases_of_one(world, tmp_path):
    words = ("--scenario", world, "--duration", 12, "--data-dir", tmp_path / "store", *PORTS)
    result = run("up", "--json", *words, **variables(apply=True))
    assert result.returncode == 0, result.stderr
    found = last_json(result)["registration"]
    assert set(found) == {"shifted"}
    found = found["shifted"]
    assert (found["aligned"], found["applied"], found["unused_frames"]) == (True, True, 0)
    assert found["pair_count"] > 500
    assert found["target_count"] > 40
    for name, true in BIAS.items():
        assert abs(found["bias"][name] - true) <= 4.0 * found["std"][name]
    assert np.hypot(found["std"]["east_m"], found["std"]["north_m"]) < 100.0


def test_the_text_tells_of_a_sensor_in_one_line(world, tmp_path):
    words = ("--scenario", world, "--duration", 2, "--data-dir", tmp_path / "store", *PORTS)
    result = run("up", *words, **variables())
    assert result.returncode == 0, result.stderr
    (line,) = (line for line in result.stdout.splitlines() if line.startswith("registration"))
    assert line.startswith("registration of shifted  ")
    assert "pairs, east_m " in line
    assert " ± " in line
    assert "range_m" not in line  # it is known


def test_a_file_says_it_too(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(json.dumps({"tracker": {"registration": REGISTRATION}}))
    settings = load({}, environment={}, file=str(file)).settings
    assert registration_config(settings.tracker) == RegistrationConfig(
        reference_ids=(REFERENCE,),
        sensors=(AlignedSensor(sensor_id=SHIFTED, range_std_m=0, bearing_std_deg=0),),
        process_noise_m2_s3=0.1,
    )


def test_it_changes_the_hash_of_the_settings_and_nothing_does_not():
    off = TrackerCore(TrackerSettings())
    assert registration_config(TrackerSettings()) is None
    hashes = {
        TrackerCore(TrackerSettings(registration=REGISTRATION | changes)).settings_sha256
        for changes in ({}, {"apply": True}, {"min_pairs": 7})
    }
    assert len(hashes | {off.settings_sha256}) == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reference": 1}, r"must fit qiki\.tracking\.RegistrationConfig \(Object contains unk"),
        ({"min_pairs": "many"}, r"Expected `int`, got `str` - at `\$\.min_pairs`"),
        ({"sensors": [{}]}, r"Object missing required field `sensor_id` - at `\$\.sensors"),
        ({"reference_ids": []}, r"reference_ids is 0 sensors, must be 1 to 256: name"),
        ({"sensors": []}, r"sensors is 0 sensors, must be 1 to 16: name"),
        ({"reference_ids": [SHIFTED]}, "must be named once"),
    ],
)
def test_what_cannot_work_is_refused(changes, message):
    with pytest.raises(SettingError, match=message):
        TrackerCore(TrackerSettings(registration=REGISTRATION | changes))


def test_a_sensor_that_the_world_has_not_is_refused(tmp_path):
    result = run("up", "--data-dir", tmp_path, *PORTS, **variables())
    assert result.returncode == 78
    line = one_line_error(result)
    assert f"tracker.registration names the sensor {REFERENCE}, must be one of the scenario" in line


def test_a_scenario_is_evaluated_with_it(world):
    words = ("evaluate", "--scenario", world, "--runs", 1, "--duration", 5)
    result = run(*words, "--json", **variables())
    assert result.returncode == 0, result.stderr
    assert set(last_json(result)["registration"]) == {"shifted"}
    applied = run(*words, **variables(apply=True))
    assert applied.returncode == 78
    assert "registration.apply is true, must be false" in one_line_error(applied)


@pytest.mark.parametrize("command", ["evaluate", "replay"])
def test_a_recording_has_one_sensor(tmp_path, command):
    recording = tmp_path / "one.ast"
    recording.write_bytes(made_recording(2))
    result = run(command, recording, **variables())
    assert result.returncode == 78
    expected = "must be left out for a recording, which is of one sensor: remove it"
    assert expected in one_line_error(result)
