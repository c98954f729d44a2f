"""The examples of docs/tracking.md run, and do what the text says."""

import re

import pytest

from tests.source_tree import ROOT


def examples():
    text = (ROOT / "docs/tracking.md").read_text()
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def names():
    found: dict[str, object] = {}
    for example in examples():
        exec(compile(example, "docs/tracking.md", "exec"), found)
    return found


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
