"""The examples of docs/tracking.md, registration.md and guard.md run, and do what they say."""

import re

import pytest

from qiki.tracking import GuardRules
from tests.source_tree import ROOT


def run_examples(file):
    text, found = (ROOT / file).read_text(), {}
    for example in re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        exec(compile(example, file, "exec"), found)
    return found


@pytest.fixture(scope="module")
def names():
    return run_examples("docs/tracking.md")


def test_the_registration_example_finds_the_bias(names):
    registration = names["registration"]
    assert registration.aligned
    std = registration.std
    for name, true in [("east_m", 1400.0), ("north_m", -200.0), ("time_s", 0.4)]:
        assert abs(getattr(registration.bias, name) - true) < 4.0 * getattr(std, name)
    assert std.time_s < 0.05
    assert std.east_m < 100.0


def test_the_sensors_of_the_example_are_settings(names):
    assert len(names["both"].tracks()) > 40  # of 60 aircraft, seen by either
    assert names["sensors"][-1].sensor_id == names["shifted"].sensor.sensor_id


def test_the_running_tracker_of_the_example_finds_the_bias_and_takes_it_out():
    names = run_examples("docs/registration.md")
    told = names["told"]
    assert (told.aligned, told.applied) == (True, True)
    for name, true in [("east_m", 1400.0), ("north_m", -200.0), ("time_s", 0.4)]:
        assert abs(getattr(told.bias, name) - true) < 4.0 * getattr(told.std, name)
    assert told.std.east_m < 20.0
    assert 50 < names["answer"].confirmed < 80  # of 60 aircraft, not two of each


def test_the_guard_example_tells_each_alert_and_its_end(capsys):
    names = run_examples("docs/guard.md")
    printed = capsys.readouterr().out
    for rule_id in names["rules"].rule_ids:
        assert printed.count(f" raised {rule_id} ") == printed.count(f" cleared {rule_id} ") == 1


def test_the_collision_rule_of_the_guard_page_is_one():
    text = (ROOT / "docs/guard.md").read_text()
    (rules,) = re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert GuardRules.from_yaml(rules).rule_ids == ("COLLISION_COURSE",)
