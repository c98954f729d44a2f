"""``qiki scenario`` in a process of its own: what it prints, its exit codes, and what refuses."""

import json

import pytest

from qiki.radar import Scenario
from tests.radar.test_scenario_problems import SEVEN_WRONG
from tests.serve.qiki_command import last_json, run


@pytest.fixture
def wrong_file(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text(SEVEN_WRONG)
    return path


def test_check_says_what_is_in_a_scenario():
    result = run("scenario", "check", "default", "dense")
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("default: OK: 1 sensor, 5 targets, scripted until 140.5")
    assert lines[1] == (
        "  main: every 0.1 s, 50 to 20000 m, bearings 0 to 360 deg, elevations -60 to 60 deg, "
        "SR to 5000 m, 2 false alarms per frame"
    )
    assert lines[2] == "dense: OK: 1 sensor, 1000 targets, nothing scripted"
    assert result.stderr == ""


def test_check_and_show_tell_of_clutter_and_of_false_alarms_from_cells():
    lines = run("scenario", "check", "clutter").stdout.splitlines()
    assert lines[1].endswith("SR to 6000 m, 0.395 false alarms per frame")
    assert lines[2:4] == [
        "  clutter sea: disc, up to 0.4 plots per km2, 15.4 in all of it",
        "  clutter rain: polygon, up to 0.6 plots per km2, 13.6 in all of it",
    ]
    assert run("scenario", "show", "clutter").stderr.splitlines()[:2] == [
        "tower: 0.395 false alarms per frame in the mean",
        lines[2].strip(),
    ]
    (told,) = last_json(run("scenario", "check", "clutter", "--json"))["files"]
    sea, _, shore = told["clutter"]
    assert sea["bounds_m"] == {"west": -3500, "south": -3500, "east": 3500, "north": 3500}
    assert (shore["kind"], shore["mean_count"]) == ("map", pytest.approx(40.0))


def test_check_tells_of_replies_to_others_and_of_the_most_that_a_model_makes(tmp_path):
    path = tmp_path / "mine.yaml"
    asks = "interrogator: {secondary_plots: true, fruit_per_frame: 3}\n    sr_threshold_m"
    text = run("scenario", "show", "clutter").stdout.replace("sr_threshold_m", asks, 1)
    model = "model: {south_west_m: [0, 0], north_east_m: [4000, 2000], density_model: sea, "
    squall = (
        f"  - {{name: squall, shape: {{{model}largest_density_per_km2: 3}}}}, mean_snr_db: 20}}"
    )
    text = text.replace("\nclutter:\n", f"\nclutter:\n{squall}\n")
    path.write_text(text)
    lines = run("scenario", "check", path).stdout.splitlines()
    assert lines[1].endswith("0.395 false alarms per frame, 3 plots of replies to others")
    assert "  clutter squall: model, up to 3 plots per km2, at most 24 in all of it" in lines
    told = last_json(run("scenario", "check", path, "--json"))["files"][0]
    assert told["sensors"][0]["fruit_plots_per_frame"] == 3.0


@pytest.mark.parametrize("duration", ["nan", "inf"])
def test_a_duration_is_a_finite_number(duration):
    for command in (("scenario", "plot", "default"), ("up",)):
        result = run(*command, "--duration", duration)
        assert result.returncode == 2
        assert f"Invalid value for '--duration': {duration}" in result.stderr


def test_check_names_every_problem_as_an_editor_reads_it(wrong_file):
    result = run("scenario", "check", "crossing", wrong_file)
    assert result.returncode == 78
    lines = result.stdout.splitlines()
    assert lines[0].startswith("crossing: OK: 1 sensor, 11 targets")
    assert lines[0].endswith(", with paths that repeat")
    assert len(lines) == 2 + 7
    assert lines[2] == (
        f"{wrong_file}:5: sensors[0].scan.staring.period_s: is 0, must be 0.001 to 3600"
    )
    assert lines[-1].startswith(f"{wrong_file}:18: targets[0].motion.constant_velocity.position")


def test_check_as_json(wrong_file):
    result = run("scenario", "check", "default", wrong_file, "nowhere.yaml", "--json")
    assert result.returncode == 78
    good, wrong, nowhere = last_json(result)["files"]
    assert (good["ok"], good["name"], good["targets"]) == (True, "default", 5)
    assert good["sensors"][0]["coverage"]["max_range_m"] == 20000.0
    assert good["sensors"][0]["period_s"] == 0.1
    assert (wrong["ok"], len(wrong["problems"]), wrong["unlisted"]) == (False, 7, 0)
    assert wrong["problems"][5] == {
        "path": "targets[0].rcs_dbsm",
        "line": 17,
        "reason": "is 900, must be -100 to 100",
    }
    assert nowhere["problems"][0]["line"] is None
    assert "'nowhere.yaml' cannot be read" in nowhere["problems"][0]["reason"]


@pytest.mark.parametrize("command", ["up", "sim"])
def test_nothing_starts_with_a_bad_scenario(command, wrong_file, tmp_path):
    """Not even a broker: its folder is not made, and one that is not there is not looked for."""
    data = tmp_path / "data"
    broker = {"QIKI_UP__DATA_DIR": str(data)} if command == "up" else {"QIKI_NATS_URL": "nats://x"}
    result = run(command, "--scenario", wrong_file, **broker)
    assert result.returncode == 78
    lines = result.stderr.splitlines()
    assert len(lines) == 7
    assert all(line.startswith(f"qiki: {wrong_file}: scenario: line ") for line in lines)
    assert result.stdout == ""
    assert not data.exists()


def test_list_and_show_give_a_scenario_to_start_from():
    listed = last_json(run("scenario", "list", "--json"))
    assert tuple(listed) == Scenario.built_in()
    text = run("scenario", "list").stdout
    assert all(description in text for description in listed.values())
    shown = run("scenario", "show", "crossing")
    assert shown.stdout == Scenario.built_in_text("crossing")
    assert shown.stderr == "main: 10 false alarms per frame in the mean\n"
    result = run("scenario", "show", "crosing")
    assert result.returncode == 78
    assert "NAME is 'crosing', must be one of clutter, crossing, default, dense" in result.stderr


def test_schema_prints_the_schema():
    assert json.loads(run("scenario", "schema").stdout) == Scenario.schema()


def test_plot_writes_a_picture(tmp_path, wrong_file):
    picture = tmp_path / "scene.svg"
    result = run("scenario", "plot", "crossing", "--output", picture, "--duration", "30")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{picture}: crossing, 11 targets\n"
    assert "<svg" in picture.read_text()
    assert run("scenario", "plot", wrong_file, "--output", picture).returncode == 78
