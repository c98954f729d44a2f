import json

import pytest

from qiki.cli import main
from qiki.commands import evaluate


class Result:
    def to_dict(self):
        return {"plots": 2, "coverage": float("nan"), "purity": 0.5}


def test_share_of_nothing_is_null(monkeypatch, capsys):
    monkeypatch.setattr(evaluate, "read_recording", lambda *_, **__: None)
    monkeypatch.setattr(evaluate, "evaluate_recording", lambda *_, **__: Result())
    assert main(["evaluate", "file", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"plots": 2, "coverage": None, "purity": 0.5}


def evaluated(capsys, *words):
    code = main(["evaluate", *words])
    return code, capsys.readouterr()


SHORT = ("--scenario", "default", "--runs", "2", "--duration", "2")


def test_a_scenario_is_scored_as_json(capsys):
    code, shown = evaluated(capsys, *SHORT, "--seed", "5", "--cutoff", "50", "--p", "1", "--json")
    result = json.loads(shown.out)
    assert code == 0
    assert (result["scenario"], result["seed"], result["runs"]) == ("default", 5, 2)
    assert (result["cutoff_m"], result["p"], result["duration_s"]) == (50.0, 1.0, 2.0)
    gospa_m = result["metrics"]["gospa_m"]
    assert gospa_m["low"] <= gospa_m["mean"] <= gospa_m["high"]
    assert shown.err == ""  # progress is for terminals


def test_a_scenario_is_scored_as_a_table(capsys):
    code, shown = evaluated(capsys, *SHORT)
    lines = shown.out.splitlines()
    assert code == 0
    assert lines[0].startswith("default: 2 runs of 2 s from seed 20261124, 21 frames each, 0 late")
    assert "Student t" in lines[1]
    assert any(line.split()[0] == "position_nees" for line in lines[2:])


def test_the_settings_of_the_tracker_reach_it(capsys, monkeypatch):
    # Nothing is confirmed within two seconds of ten frames each.
    parameters = {"confirm_by": "hits", "confirm_hits": 30, "confirm_window": 30}
    monkeypatch.setenv("QIKI_TRACKER__PARAMETERS", json.dumps(parameters))
    _, shown = evaluated(capsys, *SHORT, "--json")
    assert json.loads(shown.out)["metrics"]["completeness"]["mean"] == 0.0


def test_a_picture_is_drawn(capsys, tmp_path):
    pytest.importorskip("matplotlib")
    file = tmp_path / "gospa.svg"
    assert evaluated(capsys, *SHORT, "--plot", str(file))[0] == 0
    assert file.read_text().count('id="gospa_m') == 2


def test_a_picture_that_cannot_be_written_is_refused_before_the_runs(capsys, tmp_path):
    pytest.importorskip("matplotlib")
    for file in (tmp_path / "gospa.doc", tmp_path / "nowhere" / "gospa.png"):
        code, shown = evaluated(capsys, *SHORT, "--plot", str(file))
        assert (code, shown.out) == (78, "")
        assert f"--plot is {file}" in shown.err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "FILE is missing"),
        (("file", "--scenario", "default"), "give one"),
        (("--identity", "used", "--scenario", "default"), "give one"),
        (("--source", "1/2", "--scenario", "default"), "give one"),
        (("--rotation-period", "4", "--scenario", "default"), "give one"),
        (("file", "--runs", "3"), "need --scenario"),
        (("file", "--plot", "x.png"), "need --scenario"),
        (("file", "--seed", "3"), "need --scenario"),
        (("file", "--plane"), "need --scenario"),
        ((*SHORT, "--cutoff", "nan"), "no finite number"),
        ((*SHORT, "--p", "0.5"), "0.5 is not in the range"),
        (("--scenario", "default", "--runs", "0"), "0 is not in the range"),
    ],
)
def test_wrong_usage_is_told(words, reason, capsys):
    code, shown = evaluated(capsys, *words)
    assert code == 2
    assert reason in shown.err


def test_a_scenario_that_does_not_exist_is_named(capsys):
    code, shown = evaluated(capsys, "--scenario", "nowhere.yaml")
    assert code == 78
    assert "nowhere.yaml" in shown.err


def test_a_wrong_parameter_is_told_without_what_the_scenario_adds(capsys, monkeypatch):
    monkeypatch.setenv("QIKI_TRACKER__PARAMETERS", '{"max_coast_s": "long"}')
    code, shown = evaluated(capsys, *SHORT)
    assert code == 78
    assert "tracker.parameters is {'max_coast_s': 'long'}, must fit" in shown.err
