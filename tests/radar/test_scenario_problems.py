"""Every problem of a scenario is told at once, each with its place, line, value and limit."""

import copy
import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki.errors import DocumentProblem, ScenarioError
from qiki.radar import Scenario
from tests.radar.scenario_document import DOCUMENT, inside, parts, path_of
from tests.radar.test_scenario import SENSOR, scenario_text, target_text

SEVEN_WRONG = """\
scenario_version: 1
name: seven
sensors:
  - name: main
    scan: {staring: {period_s: 0}}
    coverage:
      min_range_m: -1
      max_range_m: 20000
    detection:
      reference_range_m: 10000
      detection_probability: 2
      false_alarm_probability: 1e-6
    range: {resolution_m: .nan}
    bearing: {beamwidth_deg: 90}
targets:
  - id: a
    rcs_dbsm: 900
    motion: {constant_velocity: {position_m: [0, 1e9, 2]}}
"""


def problems_of(text):
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_yaml(text)
    return caught.value.problems


def test_seven_wrong_numbers_are_seven_problems():
    found = problems_of(SEVEN_WRONG)
    assert [(problem.line, problem.path) for problem in found] == [
        (5, "sensors[0].scan.staring.period_s"),
        (7, "sensors[0].coverage.min_range_m"),
        (11, "sensors[0].detection.detection_probability"),
        (13, "sensors[0].range.resolution_m"),
        (14, "sensors[0].bearing.beamwidth_deg"),
        (17, "targets[0].rcs_dbsm"),
        (18, "targets[0].motion.constant_velocity.position_m[1]"),
    ]
    assert found[3].reason.startswith("is .nan, must be a finite number")
    assert found[6].reason == "is 1000000000, must be -100000000 to 100000000"


NUMBERS = [place for place, value in parts() if isinstance(value, float)]


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(NUMBERS),
        st.floats(1e13, 1.7e308).flatmap(lambda size: st.sampled_from([size, -size])),
        min_size=1,
        max_size=len(NUMBERS),
    )
)
def test_as_many_problems_as_wrong_numbers(wrong):
    """Whatever else is wrong, and whatever is computed of it."""
    document = copy.deepcopy(DOCUMENT)
    for place, value in wrong.items():
        inside(document, place[:-1])[place[-1]] = value
    with pytest.raises(ScenarioError) as caught:
        Scenario(json.dumps(document))
    told = [problem.path for problem in caught.value.problems]
    assert sorted(path for path in told if ".points[" not in path) == sorted(
        path_of(place) for place in wrong if "points" not in place
    )
    # Waypoints are compared with each other as well.
    assert {path_of(place) for place in wrong} <= set(told)


def test_the_message_has_a_line_for_each():
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_yaml(SEVEN_WRONG)
    lines = str(caught.value).splitlines()
    assert len(lines) == 7
    assert lines[5] == "scenario: line 17: targets[0].rcs_dbsm: is 900, must be -100 to 100"


def test_a_limit_that_is_wrong_itself_limits_nothing():
    wrong = SENSOR.replace("max_range_m: 20000", "min_range_m: 1e12, max_range_m: 20000")
    assert [p.path for p in problems_of(scenario_text(sensors=wrong))] == [
        "sensors[0].coverage.min_range_m"
    ]
    presence = target_text(present_from_s=-3, present_until_s=2)
    assert [p.path for p in problems_of(scenario_text(presence))] == ["targets[0].present_from_s"]


def test_a_hundred_are_listed_and_the_others_counted():
    text = scenario_text("".join(target_text(f"t{k}", rcs_dbsm=-101 - k) for k in range(250)))
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_yaml(text)
    assert (len(caught.value.problems), caught.value.unlisted) == (100, 150)
    assert str(caught.value).endswith("\nscenario: and 150 more")


@pytest.mark.parametrize("value", [".nan", ".inf", "-.Inf", "1e999", "9" * 5000, "0x" + "f" * 900])
def test_numbers_that_are_not_finite(value):
    (problem,) = problems_of(scenario_text(target_text(rcs_dbsm=value)))
    assert (problem.line, problem.path) == (6, "targets[0].rcs_dbsm")
    assert problem.reason.startswith(f"is {value[:40]}")
    assert "must be a finite number" in problem.reason


def test_a_thousand_numbers_that_are_not_finite():
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_yaml(scenario_text("[" + ".nan, " * 1000 + "1]"))
    assert len(caught.value.problems) == 100
    assert caught.value.unlisted >= 900


def test_two_targets_with_one_id_and_a_group_with_the_ids_of_another():
    group = (
        "{id_prefix: g, count: 3, rcs_dbsm: [0, 1], ground_range_m: [5, 9], height_m: [0, 1],"
        " speed_m_s: [1, 2]}"
    )
    text = scenario_text(target_text() * 3, rest=f"groups: [{group}, {group}]")
    assert [(p.path, p.reason) for p in problems_of(text)] == [
        ("groups[1].id_prefix", 'makes "g-0000", already an id of groups[0]'),
        ("targets[1].id", 'is "a", already the id of targets[0]'),
        ("targets[2].id", 'is "a", already the id of targets[1]'),
    ]


def test_what_goes_wrong_in_the_text_is_told_with_the_rest():
    text = scenario_text(target_text(rcs_dbsm="!!str 4\n    id: b\n    present_from_s: -1"))
    assert [(p.line, p.path, p.reason.split(":")[0]) for p in problems_of(text)] == [
        (6, "targets[0].rcs_dbsm", "has the tag 'tag"),
        (7, "targets[0].id", "'id' stands twice in one mapping"),
        (8, "targets[0].present_from_s", "is -1, must be 0 to 1000000000"),
    ]


def test_a_name_with_points_and_brackets_has_its_line():
    text = scenario_text(rest="a.b: 1\nc[0]: 2")
    (problem, *_) = problems_of(text)
    assert problem.line == 3


def test_an_error_can_cross_a_process():
    error = ScenarioError([DocumentProblem("a", 3, "is 1")], 2, "file.yaml")
    other = pickle.loads(pickle.dumps(error))
    assert (str(other), other.problems, other.unlisted) == (str(error), error.problems, 2)
    assert str(other) == "file.yaml: scenario: line 3: a: is 1\nfile.yaml: scenario: and 2 more"


@pytest.mark.parametrize("text", ["", "# nothing"])
def test_an_empty_file(text):
    (problem,) = problems_of(text)
    assert problem.line == 1
