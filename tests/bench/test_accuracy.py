"""The accuracy page says what the results give, and the results hold every bar."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from bench.accuracy import crossing, page
from bench.accuracy.__main__ import CASES, main
from bench.accuracy.bars import BARS, ELSEWHERE
from bench.accuracy.beside import beside_stored
from bench.accuracy.case import PEERS, Case
from bench.accuracy.crossing_scene import APART_M, POINT_M, SETTLE_S
from bench.accuracy.statistics import mean_interval, ratio_bound, share_bound
from bench.accuracy.store import collect, forget, read_results, run_missing, write_results
from tests.source_tree import ROOT

STORED = read_results()
RESULTS = STORED.results


@pytest.mark.parametrize("bar", BARS, ids=lambda bar: bar.what)
def test_the_results_hold_the_bar(bar):
    assert bar.holds(RESULTS), (bar.value(RESULTS), bar.limit)


def test_the_page_is_that_of_the_results():
    written = page.PAGE.read_text("utf-8")
    assert page.page_with(written, STORED) == written, "run `make accuracy`"


def test_a_broken_bar_shows_on_the_page():
    recording = RESULTS["real-radar"] | {"qiki_gnn_withheld_purity": [0.9994]}
    meeting = {"qiki_gnn_m2": [25.0, 26.0], "qiki_jpda_m2": [16.0, 17.0]}
    worse = RESULTS | {"meeting": meeting, "real-radar": recording}
    assert [bar.what for bar in BARS if not bar.holds(worse)] == [
        "Meeting, `gnn`: RMS GOSPA [m]",
        "Real radar, identity withheld: purity",
    ]
    shown = page.page_with(page.PAGE.read_text("utf-8"), replace(STORED, results=worse))
    assert "| 0.99940 | ≥ 0.99950 | **broken** |" in shown
    with pytest.raises(ValueError, match="has marks for"):
        page.page_with("no marks", STORED)


def test_every_case_has_all_its_seeds():
    assert RESULTS.keys() == {case.name for case in CASES}
    for case in CASES:
        figures = RESULTS[case.name].values()
        assert np.isfinite(list(figures)).all(), case.name
        assert {len(values) for values in figures} == {case.seeds}, case.name


@pytest.mark.parametrize(("what", "where"), ELSEWHERE)
def test_what_is_held_elsewhere_is_there(what, where):
    assert (ROOT / where).is_file(), what


# Those of the consistency are the functions that tests/tracking/test_consistency.py runs.
RERUN = [case.name for case in CASES if case.name != "consistency" and PEERS not in case.name]
TOLERANCES = {
    "_missed": {"abs": 0.1},  # targets or tracks of a scan
    "_false": {"abs": 0.1},
    "_swapped": {"abs": 1.0},  # of ten pairs
    "_lost": {"abs": 1.0},  # of ten pairs, of two hundred targets
    "_coverage": {"abs": 1e-3},
    "_purity": {"abs": 1e-4},
    "_extra_ids": {"abs": 0.01},  # a share; whole numbers of the real radar must be the same
    "_mixed_tracks": {"abs": 0.0},
    "_never_tracked": {"abs": 0.0},
    "_honest_foes": {"abs": 0.0},
    "_hand_offs_lost": {"abs": 0.0},
    "_s": {"abs": 2.0},  # scans of a second that tell a forged identity
    "_m": {"rel": 0.02},
    "_m2": {"rel": 0.1},  # a mean square of one draw, where one track more or less shows
    "_ms": {"rel": 0.02},
    "garbled": {"rel": 1e-5},  # drawn, whatever the tracker does
    "exchanged": {"rel": 1e-5},
}
"""How far a figure may move before the page must be made anew, by the end of its name."""


def tolerance(figure):
    return TOLERANCES[max((end for end in TOLERANCES if figure.endswith(end)), key=len)]


@pytest.mark.parametrize("name", RERUN)
def test_the_results_are_those_of_this_tracker(name):
    """Of one seed, nearly; after a change of the tracker run `make accuracy ARGS=--ours`."""
    (case,) = (case for case in CASES if case.name == name)
    if not case.is_there():
        pytest.skip(case.needs)
    for figure, value in case.run(0).items():
        assert value == pytest.approx(RESULTS[name][figure][0], **tolerance(figure)), figure


def test_intervals_are_those_of_scipy():
    values = np.random.default_rng(1).normal(3.0, 2.0, size=12)
    mean, half_width = mean_interval(values)
    low, high = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert (mean - half_width, mean + half_width) == pytest.approx((low, high))
    of = np.random.default_rng(2).uniform(1.0, 2.0, size=12)
    upper = stats.ttest_1samp(values / of, 0.0, alternative="less").confidence_interval(0.95).high
    assert ratio_bound(values, of) == pytest.approx((np.mean(values / of), upper))
    for count in (0, 3, 200):
        exact = stats.binomtest(count, 200, alternative="less").proportion_ci(0.95, "exact").high
        assert share_bound(count, 200) == pytest.approx(exact)


@pytest.mark.parametrize("angle_deg", crossing.ANGLES_DEG)
def test_a_pair_meets_at_the_angle_and_is_apart_before(angle_deg):
    pair = crossing.crossing(angle_deg, 4)
    step_m = np.diff(pair.truth_m, axis=0)[0]
    cosine = step_m[0] @ step_m[1] / np.prod(np.linalg.norm(step_m, axis=1))
    assert np.degrees(np.arccos(cosine)) == pytest.approx(angle_deg, abs=1e-6)
    apart_m = np.linalg.norm(pair.truth_m[:, 0] - pair.truth_m[:, 1], axis=1)
    assert apart_m[SETTLE_S] >= APART_M - 200.0 * np.radians(angle_deg)
    assert apart_m[-1] >= APART_M
    # Both are on straight lines through the point.
    for track_m in pair.truth_m.transpose(1, 0, 2):
        normal = np.cross(track_m[0] - POINT_M, track_m[-1] - POINT_M)
        assert np.linalg.norm(normal) == pytest.approx(0.0, abs=1e-3)


def test_what_became_of_a_pair():
    truth_m = np.array([[[0.0, 0.0, 0.0], [500.0, 0.0, 0.0]]] * (SETTLE_S + 2))
    one, other = truth_m[0] + 1.0
    before = [{"a": one, "b": other}] * (SETTLE_S + 1)

    def became(after):
        return crossing.outcome(truth_m, [*before, after])

    assert became({"a": one, "b": other, "far": other + 1e4}) == "kept"
    assert became({"b": one, "a": other}) == "swapped"
    assert became({"a": one, "new": other}) == "lost"
    assert became({"a": one}) == "lost"
    assert became({}) == "lost"


def test_a_run_goes_on_where_it_was(tmp_path):
    ran = []

    def run(seed):
        ran.append(seed)
        return {"value": seed / 3.0}

    case = Case("one", 4, run)
    folder = tmp_path / case.made_by / "one"
    run_missing([case], 2, tmp_path)
    (folder / "2.part").write_text("half a fi")
    run_missing([case], None, tmp_path)
    assert ran == [0, 1, 2, 3]
    results = collect([case], tmp_path)
    assert results == {"one": {"value": [0.0, 0.333333, 0.666667, 1.0]}}
    write_results({"one": "core"}, results, tmp_path / "results.json")
    assert read_results(tmp_path / "results.json").results == results
    assert json.loads((tmp_path / "results.json").read_text())["versions"].keys() >= {"stonesoup"}
    (folder / "1.json").unlink()
    with pytest.raises(ValueError, match="has 1 seeds"):
        collect([case], tmp_path)
    forget([case], tmp_path)
    assert not list(folder.glob("*.json"))


def test_figures_of_another_core_are_not_taken_for_those_of_this_one(tmp_path, monkeypatch):
    case = Case("one", 2, lambda seed: {"value": float(seed)})
    peer = Case("one" + PEERS, 2, lambda seed: {"value": float(seed)})
    run_missing([case, peer], None, tmp_path)
    monkeypatch.setattr("bench.accuracy.case.core", lambda: "core-another")
    with pytest.raises(ValueError, match="one has 0 seeds, needs 2"):
        collect([case], tmp_path)
    assert collect([peer], tmp_path) == {"one" + PEERS: {"value": [0.0, 1.0]}}


def test_a_case_whose_data_are_not_there_keeps_its_figures_and_the_page_says_so(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(page, "write", lambda *_: None)
    there = True
    cases = [Case(name, 2, lambda seed: {"value": 1.0 + seed}) for name in ("one", "two")]
    cases.append(
        Case("away", 1, lambda seed: {"value": 5.0}, needs="no file", is_there=lambda: there)
    )
    results = tmp_path / "results.json"
    main([], cases, tmp_path, results)
    there = False
    monkeypatch.setattr("bench.accuracy.case.core", lambda: "core-another")
    main([], cases, tmp_path, results)
    assert "away: left as it was, no file" in capsys.readouterr().out
    stored = read_results(results)
    assert stored.results["away"] == {"value": [5.0]}
    assert stored.made_by["one"] == "core-another" != stored.made_by["away"]
    shown = page.page_with(page.PAGE.read_text("utf-8"), replace(stored, results=RESULTS))
    assert f"kept from before: `away` (`{stored.made_by['away']}`)" in shown


def test_peers_stay_as_they_are_when_ours_run_anew(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(page, "write", lambda *_: None)
    factor = 1.0
    cases = [
        Case("one", 2, lambda seed: {"value": factor * (seed + 1)}),
        Case("one" + PEERS, 2, lambda seed: {"value": factor * (seed + 10)}),
    ]
    results = tmp_path / "results.json"
    main([], cases, tmp_path, results)
    factor = 2.0
    main([], cases, tmp_path, results)
    assert read_results(results).results["one"] == {"value": [1.0, 2.0]}
    main(["--ours"], cases, tmp_path, results)
    expected = {"one": {"value": [2.0, 4.0]}, "one" + PEERS: {"value": [10.0, 11.0]}}
    assert read_results(results).results == expected
    factor = 3.0
    main(["--case", "one", "--seeds", "1", "--ours"], cases, tmp_path, results)
    assert "| value | 3 | 2 | differs |" in capsys.readouterr().out
    assert read_results(results).results == expected


def test_new_figures_stand_beside_those_of_the_page():
    new = [{"a": 1.0, "b": 2.0, "c": 5.0}, {"a": 3.0, "b": 2.0, "c": 5.0}]
    shown = beside_stored(new, {"a": [1.0, 3.0, 9.0], "b": [3.0, 1.0, 9.0], "c": [5.0]}).split("\n")
    assert shown[0] == "| mean of 2 seeds | new | docs/accuracy.json |  |"
    # The same mean of other seeds is not the same.
    assert shown[2:] == [
        "| a | 2 | 2 | same |",
        "| b | 2 | 2 | differs |",
        "| c | 5 | none |  |",
    ]
