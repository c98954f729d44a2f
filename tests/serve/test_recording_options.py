"""What a recording leaves open is said on the command line."""

import json

import pytest

from qiki.cli import main
from tests.serve.made_recording import PLOTS, made_recording
from tests.serve.qiki_command import last_json, run


@pytest.fixture
def of_two_radars(tmp_path):
    file = tmp_path / "two.ast"
    file.write_bytes(made_recording(6) + made_recording(5, sic=7))
    return str(file)


@pytest.fixture
def of_one_plot(tmp_path):
    file = tmp_path / "one.ast"
    file.write_bytes(made_recording(1, plots=1))
    return str(file)


def told(capsys, *words):
    code = main(list(words))
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_a_recording_of_two_radars_needs_a_source(capsys, of_two_radars):
    code, out, err = told(capsys, "evaluate", of_two_radars, "--json")
    assert (code, out) == (78, "")
    assert "1/2 (96 plots), 1/7 (80 plots): choose one of these; options are --source" in err
    for source, scans in (("1/2", 6), ("1/7", 5)):
        code, out, _ = told(capsys, "evaluate", of_two_radars, "--source", source, "--json")
        assert code == 0
        result = json.loads(out)
        assert (result["plots"], result["scans"]) == (scans * PLOTS, scans)
    code, _, err = told(capsys, "evaluate", of_two_radars, "--source", "9/9")
    assert code == 78
    assert "source is 9/9" in err


def test_a_recording_of_one_plot_needs_a_rotation_period(capsys, of_one_plot):
    code, _, err = told(capsys, "evaluate", of_one_plot)
    assert code == 78
    assert "--rotation-period SECONDS" in err
    words = ("evaluate", of_one_plot, "--rotation-period", "4", "--json")
    assert json.loads(told(capsys, *words)[1])["plots"] == 1


def test_a_replay_takes_them_too(of_two_radars):
    words = ("--source", "1/7", "--rotation-period", "4", "--json")
    assert last_json(run("replay", of_two_radars, *words))["frames"] == 5


@pytest.mark.parametrize("source", ["1", "1/256", "1/-2", "a/b", "1/2/3"])
def test_what_is_no_source_is_wrong_usage(capsys, of_two_radars, source):
    code, _, err = told(capsys, "evaluate", of_two_radars, "--source", source)
    assert code == 2
    assert f"{source} is no SAC/SIC" in err


def test_a_file_that_cannot_be_read_is_named(capsys, tmp_path):
    code, _, err = told(capsys, "evaluate", str(tmp_path / "nowhere.ast"))
    assert code == 78
    assert "nowhere.ast, must be a recording that can be read" in err
