"""Settings of a tracker from files, the environment and presets."""

import re

import msgspec
import pytest

from qiki.serve.tracker_config import tracker_config
from qiki.setting_layers import load
from qiki.tracking import ConstantVelocity, FrameTracker, SensorConfig, Tracker, TrackerConfig
from tests.source_tree import ROOT

PAGE = (ROOT / "docs/tracking-models.md").read_text()


def example(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[0]


def test_the_settings_file_of_the_page_says_what_its_first_example_does(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(example("yaml"))
    settings = load({}, environment={}, file=str(file)).settings
    found = tracker_config(settings.tracker)
    names: dict[str, object] = {}
    exec(compile(example("python"), "docs/tracking-models.md", "exec"), names)
    assert found.motion_models == names["config"].motion_models
    (sensor,) = found.sensors
    assert sensor == SensorConfig(
        sensor_id=sensor.sensor_id, clutter_per_frame=40.0, time_bias_s=-0.3
    )
    Tracker(found)


def test_the_environment_of_the_page_is_taken():
    ((name, value),) = re.findall(r"`(QIKI_TRACKER__PARAMETERS)='(.*?)'`", PAGE)
    settings = load({}, environment={name: value}, file=None).settings
    assert tracker_config(settings.tracker).motion_models == (ConstantVelocity(),)


def test_a_preset_takes_changes():
    plain = TrackerConfig.air_surveillance()
    changed = TrackerConfig.air_surveillance(friendly_ids=("N1",), max_coast_s=60.0)
    assert changed == msgspec.structs.replace(plain, friendly_ids=("N1",), max_coast_s=60.0)
    assert changed.motion_models == plain.motion_models
    with pytest.raises(TypeError, match="no field 'friends'"):
        TrackerConfig.air_surveillance(friends=("N1",))


@pytest.mark.parametrize("kind", [Tracker, FrameTracker])
def test_settings_that_are_none_are_refused_by_their_type(kind):
    with pytest.raises(
        TypeError, match=r"config is a dict, must be a qiki\.tracking\.TrackerConfig"
    ):
        kind({"association": "gnn"})
