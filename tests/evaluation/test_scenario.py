"""Runs of scenarios: reproducible, and scored as they are."""

import math
from dataclasses import replace

import numpy as np
import pytest

from qiki.errors import SettingError
from qiki.evaluation import evaluate_scenario
from qiki.radar import Scenario
from qiki.tracking import SensorConfig, TrackerConfig

# A target that each of its three frames a second sees, in front of two radars.
PLAIN = """
scenario_version: 1
name: plain
{platforms}
sensors:
{sensors}
targets:
  - id: ship
    object_type: ship
    rcs_dbsm: 40
    motion:
      constant_velocity: {{position_m: [{x_m}, 0, 0], velocity_m_s: [10, 0, 0]}}
"""
SENSOR = """
  - name: {name}
    scan: {{staring: {{period_s: 0.25}}}}
    coverage: {{min_range_m: 100, max_range_m: 5000, elevation_deg: [-30, 30]}}
    sr_threshold_m: 100
    detection:
      reference_range_m: 5000
      reference_rcs_dbsm: 10
      detection_probability: 0.95
      false_alarm_probability: 1e-6
      false_alarms_per_frame: 0
    range: {{resolution_m: 15, floor_m: 5}}
    bearing: {{beamwidth_deg: 1.0, floor_deg: 0.1}}
    elevation: {{beamwidth_deg: 1.0, floor_deg: 0.1}}
    {more}
"""


THIRD_HIT = TrackerConfig(confirm_by="hits")


def plain(*, x_m=2000.0, names=("mast",), more=""):
    sensors = "".join(SENSOR.format(name=name, more=more) for name in names)
    return Scenario.from_yaml(PLAIN.format(platforms="", sensors=sensors, x_m=x_m))


def means(evaluation):
    """Everything but the time that it took."""
    found = {name: interval.mean for name, interval in evaluation.metrics.items()}
    del found["ms_per_frame"]
    return found


def test_the_same_seeds_give_the_same_figures():
    one, other = (evaluate_scenario(Scenario.load("default"), runs=2, duration_s=4.0) for _ in "ab")
    assert means(one) == means(other)
    np.testing.assert_array_equal(one.series["gospa_m"], other.series["gospa_m"])
    assert one.per_run["gospa_m"].mean() == pytest.approx(one.metrics["gospa_m"].mean)
    second = evaluate_scenario(Scenario.load("default"), runs=1, duration_s=4.0, seed=one.seed + 1)
    np.testing.assert_array_equal(one.series["gospa_m"][1], second.series["gospa_m"][0])


def test_a_target_that_is_always_seen_is_missed_until_its_track_is_confirmed():
    evaluation = evaluate_scenario(
        plain(), runs=3, duration_s=10.0, cutoff_m=100.0, config=THIRD_HIT
    )
    frames = evaluation.frames_per_run
    assert frames == 41
    assert evaluation.metrics["missed_targets"].mean == pytest.approx(2 / frames)
    assert evaluation.metrics["completeness"].mean == pytest.approx(39 / frames)
    assert evaluation.metrics["number_changes"].mean == 0.0
    assert evaluation.metrics["tracks_per_target"].mean == 1.0
    gospa_m = evaluation.series["gospa_m"]
    assert gospa_m[:, :2] == pytest.approx(math.sqrt(0.5) * 100.0)
    assert (gospa_m[:, 2:] < 40.0).all()


def test_parts_add_up_whatever_the_order_is():
    for p in (1.0, 2.0, 3.0):
        evaluation = evaluate_scenario(Scenario.load("crossing"), runs=1, duration_s=2.0, p=p)
        found = means(evaluation)
        parts = [found[f"gospa_{part}_m"] for part in ("localisation", "missed", "false")]
        assert sum(part**p for part in parts) == pytest.approx(found["gospa_m"] ** p)


def test_nothing_is_asked_for_beyond_the_coverage():
    evaluation = evaluate_scenario(plain(x_m=20_000.0), runs=1, duration_s=2.0)
    found = means(evaluation)
    assert (found["gospa_m"], found["ospa_m"], found["missed_targets"]) == (0.0, 0.0, 0.0)
    assert math.isnan(found["completeness"])


def test_a_target_that_leaves_takes_its_track_out_of_the_score():
    # It passes 5000 m after five seconds; its track goes on for a while.
    evaluation = evaluate_scenario(plain(x_m=4950.0), runs=1, duration_s=8.0)
    assert means(evaluation)["false_tracks"] == 0.0
    assert (evaluation.series["gospa_m"][0, -8:] == 0.0).all()


def test_frames_of_two_radars_at_one_time_make_one_picture():
    one = evaluate_scenario(plain(), runs=1, duration_s=5.0)
    both = evaluate_scenario(plain(names=("mast", "stern")), runs=1, duration_s=5.0)
    assert (one.frames_per_run, both.frames_per_run) == (21, 42)
    np.testing.assert_array_equal(one.time_s, both.time_s)
    assert both.metrics["position_accuracy_m"].mean < one.metrics["position_accuracy_m"].mean


def test_a_radar_that_is_off_sends_clock_frames_and_its_track_coasts():
    off = "faults: [{from_s: 3, until_s: 5, fault: 'off'}]"
    evaluation = evaluate_scenario(plain(more=off), runs=1, duration_s=6.0, config=THIRD_HIT)
    assert (evaluation.frames_per_run, evaluation.late_frames_per_run) == (25, {"mast": 0})
    assert (evaluation.series["missed_m"][0, 3:] == 0.0).all()


def test_frames_of_a_clock_that_jumps_beyond_the_window_are_late():
    jump = "faults: [{from_s: 3, until_s: 4, fault: {clock_jump: {jump_s: -2}}}]"
    evaluation = evaluate_scenario(plain(more=jump), runs=2, duration_s=6.0)
    # Those of 3 to 3.75 s say 1 to 1.75 s, and 2.75 s was the newest: the window takes the last.
    assert evaluation.late_frames_per_run == {"mast": 3}
    assert "25 frames each, 3 of mast too late" in evaluation.table()
    assert not ((evaluation.time_s > 2.75) & (evaluation.time_s < 4.0)).any()
    assert len(evaluation.time_s) == 25 - 4


def test_frames_of_a_slow_clock_are_used():
    """A third of a second is within the window, so all of that radar's frames count."""
    shift = "registration_bias: {{clock_offset_ns: {}}}"
    alone = evaluate_scenario(plain(), runs=1, duration_s=6.0)
    one = SENSOR.format(name="mast", more="")
    found = {}
    for offset_ns in (-300_000_000, 0):
        other = SENSOR.format(name="slow", more=shift.format(offset_ns))
        both = Scenario.from_yaml(PLAIN.format(platforms="", sensors=one + other, x_m=2000.0))
        found[offset_ns] = evaluate_scenario(both, runs=1, duration_s=6.0, config=told(both))
        assert found[offset_ns].late_frames_per_run == {"mast": 0, "slow": 0}
    # Its measurements of the target tell the tracker as much as those of a right clock.
    right, slow = (found[ns].metrics["position_accuracy_m"].mean for ns in (0, -300_000_000))
    assert slow == pytest.approx(right, rel=0.2)
    assert slow < 0.85 * alone.metrics["position_accuracy_m"].mean


def told(scenario):
    """Settings that know how far each clock is off."""
    sensors = [
        SensorConfig(
            sensor_id=sensor.sensor_id,
            time_bias_s=sensor.registration_bias.clock_offset_ns * 1e-9
            if sensor.registration_bias
            else 0.0,
        )
        for sensor in scenario.sensors
    ]
    return TrackerConfig(sensors=tuple(sensors))


def test_the_tracker_gets_its_settings():
    slow = TrackerConfig(confirm_by="hits", confirm_hits=6, confirm_window=6)
    evaluation = evaluate_scenario(plain(), runs=1, duration_s=5.0, config=slow)
    assert evaluation.metrics["missed_targets"].mean == pytest.approx(5 / 21)


def test_the_interval_takes_two_runs():
    single = evaluate_scenario(plain(), runs=1, duration_s=2.0)
    assert single.metrics["gospa_m"].to_dict()["low"] is None
    assert single.to_dict()["per_run"]["velocity_accuracy_m_s"][0] > 0.0
    assert "  -" in single.table()
    both = evaluate_scenario(plain(), runs=2, duration_s=2.0)
    interval = both.metrics["gospa_m"]
    assert interval.low < interval.mean < interval.high
    assert both.to_dict()["interval"] == "Student t over runs"


def test_intervals_hold_what_is_possible_and_few_runs_are_called_rough():
    few = evaluate_scenario(Scenario.load("default"), runs=2, duration_s=2.0)
    assert few.metrics["completeness"].high <= 1.0
    assert few.metrics["ambiguity"].low >= 1.0
    assert min(it.low for it in few.metrics.values() if it.runs > 1) >= 0.0
    assert "rough: fewer than 5" in few.table()
    assert "rough" not in evaluate_scenario(plain(), runs=5, duration_s=0.5).table()


def test_what_comes_before_a_run_has_settled_counts_for_nothing():
    whole, settled = (
        evaluate_scenario(
            plain(), runs=2, duration_s=10.0, cutoff_m=100.0, config=THIRD_HIT, settle_s=settle_s
        )
        for settle_s in (0.0, 0.5)
    )
    # The third frame, at 0.5 s, confirms the track: two pictures are left out.
    assert settled.metrics["missed_targets"].mean == 0.0
    assert settled.metrics["completeness"].mean == 1.0
    np.testing.assert_array_equal(settled.series["gospa_m"], whole.series["gospa_m"])
    expected = np.sqrt(np.mean(whole.series["gospa_m"][:, 2:] ** 2, axis=1))
    assert settled.per_run["gospa_m"] == pytest.approx(expected)
    assert "scored from 0.5 s on" in settled.table()
    assert settled.to_dict()["settle_s"] == 0.5


def test_progress_is_told():
    told = []
    evaluate_scenario(plain(), runs=2, duration_s=0.5, progress=lambda *at: told.append(at))
    assert told == [(run, time_s) for run in (0, 1) for time_s in (0.0, 0.25, 0.5)]


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("runs", 0),
        ("duration_s", -1.0),
        ("duration_s", math.nan),
        ("settle_s", 2.0),
        ("settle_s", math.nan),
        ("cutoff_m", 0.0),
        ("p", 0.5),
    ],
)
def test_bad_arguments_are_named(name, bad):
    with pytest.raises(SettingError, match=f"^{name} is {bad:g}"):
        evaluate_scenario(plain(), **{"runs": 1, "duration_s": 1.0, name: bad})


def test_the_figure_has_a_line_and_a_band_for_each_part():
    plot = pytest.importorskip("qiki.evaluation.plot")
    evaluation = evaluate_scenario(plain(), runs=2, duration_s=2.0)
    (axes,) = plot.draw_evaluation(evaluation).axes
    names = {artist.get_gid() for artist in (*axes.lines, *axes.collections)}
    parts = {"gospa_m", "localisation_m", "missed_m", "false_m"}
    assert names == parts | {f"{part}:band" for part in parts}
    (line,) = (line for line in axes.lines if line.get_gid() == "gospa_m")
    np.testing.assert_allclose(line.get_ydata(), evaluation.series["gospa_m"].mean(axis=0))
    single = replace(evaluation, series={n: s[:1] for n, s in evaluation.series.items()})
    assert len(plot.draw_evaluation(single).axes[0].collections) == 0


def test_the_axis_of_the_figure_has_room_for_what_has_settled():
    plot = pytest.importorskip("qiki.evaluation.plot")
    tops_m = {}
    for settle_s in (0.0, 1.0):
        found = evaluate_scenario(plain(), runs=2, duration_s=4.0, settle_s=settle_s)
        (axes,) = plot.draw_evaluation(found).axes
        tops_m[settle_s] = axes.get_ylim()[1]
    assert tops_m[0.0] > math.sqrt(0.5) * found.cutoff_m > 2.0 * tops_m[1.0] > 0.0
