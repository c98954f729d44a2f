"""The recipe of docs/registration.md, typed as it stands there, on a real system."""

import json
import re
import shlex
from urllib.request import urlopen

import pytest

from qiki.radar import Scenario
from qiki.setting_layers import load
from qiki.tracking.registration_config import BIASES
from tests.serve.qiki_command import clean_environment, last_json, run
from tests.serve.running_system import running_system
from tests.serve.shell import typed
from tests.source_tree import ROOT, blocks_of

SETTINGS_AND_START, READING = blocks_of((ROOT / "docs/registration.md").read_text(), "sh")
HARBOUR, RIDGE = Scenario.load("registration").sensors
TRUTH = {"range_m": 120.0, "bearing_deg": -0.6, "time_s": 0.15}
SIGMAS = 4.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the reader stands: the settings file is there, and the examples."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "examples").symlink_to(ROOT / "examples")
    settings, end, _ = SETTINGS_AND_START.partition("\nEND\n")
    result = typed(settings + end, clean_environment(), folder)
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture(scope="module")
def system(folder):
    start = shlex.split(SETTINGS_AND_START.splitlines()[-1])
    assert start[:2] == ["qiki", "up"]
    file = start.index("two-radars.yaml")
    words = [*start[2:file], folder / start[file], *start[file + 1 :]]
    with running_system(folder / "data" / "qiki", *words, metrics=True) as running:
        yield running


@pytest.fixture(scope="module")
def result(system, folder):
    variables = {"XDG_DATA_HOME": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    environment = clean_environment(QIKI_NATS_URL=system.url, **variables)
    result = typed(READING, environment, folder)
    assert result.returncode == 0, result.stderr
    return result


def test_the_settings_name_the_sensors_of_the_scenario(folder):
    settings = load({}, environment={}, file=str(folder / "two-radars.yaml")).settings
    registration = settings.tracker.registration
    assert registration["reference_ids"] == [HARBOUR.sensor_id]
    assert [it["sensor_id"] for it in registration["sensors"]] == [RIDGE.sensor_id]


def test_the_estimate_is_the_truth_of_the_scenario(result):
    bias = RIDGE.registration_bias
    assert (bias.range_m, bias.bearing_deg) == (TRUTH["range_m"], TRUTH["bearing_deg"])
    assert bias.clock_offset_ns * 1e-9 == pytest.approx(TRUTH["time_s"])
    pattern = r"^ridge applied: (\w+) (\S+), true (\S+), ([+-]\S+) sigma$"
    found = re.findall(pattern, result.stdout, re.MULTILINE)
    assert [name for name, *_ in found] == list(TRUTH)
    for name, _, true, sigmas in found:
        assert float(true) == pytest.approx(TRUTH[name])
        assert abs(float(sigmas)) <= SIGMAS


def test_the_status_has_a_line_of_it(result):
    (line,) = (it for it in result.stdout.splitlines() if it.startswith("registration of"))
    assert line.startswith(f"registration of {RIDGE.sensor_id}  applied, ")
    shown = re.findall(r"(\w+) (-?[\d.]+) ± ([\d.e-]+)", line)
    assert [name for name, *_ in shown] == list(TRUTH)
    for name, bias, std in shown:
        assert float(bias) == pytest.approx(TRUTH[name], abs=(SIGMAS + 0.5) * float(std))


def test_the_events_tell_when_it_was_found_and_applied(result):
    lines = [it for it in result.stdout.splitlines() if "  event.radar.registration  " in it]
    told = [json.loads(line[line.index("{") :]) for line in lines]
    assert told[-1]["applied"]
    assert {"aligned", "applied"} & {it["change"] for it in told}
    assert {it["subject"] for it in told} == {RIDGE.sensor_id}
    assert len({it["frame"] for it in told}) == len(told)
    times_ns = [it["time_ns"] for it in told]
    for before_ns, time_ns, it in zip(times_ns, times_ns[1:], told[1:], strict=False):
        assert time_ns - before_ns >= (10_000_000_000 if it["change"] == "moved" else 1)


def test_the_truth_is_shown_beside_it(result):
    shown = result.stdout.partition("registration_bias:")[2]
    for name in ("range_m: 120", "bearing_deg: -0.6", "clock_offset_ns: 150000000"):
        assert name in shown


def test_metrics_and_status_say_the_same(system, result):
    status = last_json(run("status", "--nats", system.url, "--json"))
    (bridge,) = (it for it in status["services"] if it["name"] == "bridge")
    ((sensor_id, estimate),) = bridge["registration"].items()
    assert sensor_id == RIDGE.sensor_id
    with urlopen(system.metrics["bridge"]) as answer:
        text = answer.read().decode()
    pattern = r'^qiki_registration_(\w+)\{(?:bias="(\w+)",)?sensor_id="([^"]+)"\} (\S+)$'
    shown = {
        (what, name): float(value)
        for what, name, of, value in re.findall(pattern, text, re.MULTILINE)
        if of == RIDGE.sensor_id
    }
    assert shown["aligned", ""] == shown["applied", ""] == 1
    keys = {(what, name) for what in ("bias", "bias_std") for name in BIASES}
    assert shown.keys() == keys | {("aligned", ""), ("applied", "")}
    for name in TRUTH:
        std = estimate["std"][name]
        assert 0 < shown["bias_std", name] <= std  # scraped later
        assert abs(shown["bias", name] - estimate["bias"][name]) <= std
