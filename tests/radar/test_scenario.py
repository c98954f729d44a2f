"""Scenarios: what they say, and errors that name the line, the value and the limit."""

import pytest

from qiki.errors import ScenarioError
from qiki.radar import Scenario, TransponderMode

SENSOR = """
  - name: main
    scan: {staring: {period_s: 0.1}}
    coverage: {max_range_m: 20000}
    detection:
      reference_range_m: 10000
      detection_probability: 0.9
      false_alarm_probability: 1e-6
    range: {resolution_m: 15}
    bearing: {beamwidth_deg: 1.5}
"""


def scenario_text(targets="[]", sensors=SENSOR, rest=""):
    return f"scenario_version: 1\nname: test\n{rest}\ntargets: {targets}\nsensors:{sensors}"


def target_text(name="a", **fields):
    given = {"rcs_dbsm": 0, "motion": "{constant_velocity: {position_m: [0, 1, 2]}}", **fields}
    return f"\n  - id: {name}" + "".join(f"\n    {key}: {value}" for key, value in given.items())


@pytest.mark.parametrize("name", ["crossing", "default", "dense", "rotating"])
def test_the_built_in_scenarios_load(name):
    scenario = Scenario.load(name)
    assert scenario.name == name
    assert name in Scenario.built_in()
    assert scenario.sensors[0].period_ns == 100_000_000


def test_the_default_scene_is_who_it_should_be():
    scenario = Scenario.load("default")
    modes = {target.id: target.transponder_mode for target in scenario.targets}
    assert modes == {
        "station": TransponderMode.ON,
        "debris": TransponderMode.OFF,
        "unknown-contact": TransponderMode.SILENT,
        "friendly-drone": TransponderMode.ON,
        "spoofer": TransponderMode.SPOOF,
    }
    replies = {target.transponder_id for target in scenario.targets} - {None}
    assert replies <= set(scenario.friendly_ids)
    assert scenario.sensors[0].sr_threshold_m == 5000.0


def test_scalars_follow_yaml_1_2():
    text = scenario_text(
        target_text(transponder="{mode: on, id: yes}"), rest="seed: 0x1f\ndescription: off"
    )
    scenario = Scenario.from_yaml(text)
    assert scenario.targets[0].transponder_mode == TransponderMode.ON
    assert scenario.targets[0].transponder_id == "yes"
    assert (scenario.seed, scenario.description) == (31, "off")


def test_groups_are_drawn_from_the_seed_and_independent_of_each_other():
    group = (
        "groups:\n  - {{id_prefix: {0}, count: {1}, rcs_dbsm: [0, 9], ground_range_m: [5, 9],"
        " height_m: [0, 1], speed_m_s: [1, 2]}}"
    )
    few = Scenario.from_yaml(scenario_text(rest=group.format("g", 3)))
    many = Scenario.from_yaml(scenario_text(rest=group.format("g", 5)))
    other = Scenario.from_yaml(scenario_text(rest=group.format("h", 3)))
    rcs = [[target.rcs_dbsm for target in scene.targets] for scene in (few, many, other)]
    assert rcs[0] == rcs[1][:3]
    assert not set(rcs[0]) & set(rcs[2])
    assert [target.id for target in few.targets] == ["g-0000", "g-0001", "g-0002"]
    assert all(0 <= value <= 9 for value in rcs[1])


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (target_text(rcs_dbsm=900), 6, r"targets\[0\]\.rcs_dbsm: is 900, must be -100 to 100"),
        (target_text(rcs_dbsm="x"), 6, r"rcs_dbsm: invalid type: string .*expected a number"),
        (target_text(rcs_dbm=1), 8, "unknown field `rcs_dbm`, expected one of `id`"),
        (target_text(transponder="{mode: loud}"), 8, "mode: unknown variant `loud`"),
        (target_text(transponder="{mode: spoof}"), 8, r"transponder\.id: is missing"),
        (target_text("'a\\b'", rcs_dbsm=".nan"), 6, "is .nan, must be a finite number"),
        (target_text() + target_text(), 8, r'targets\[1\]\.id: is "a", already the id of'),
        (target_text(present_from_s=5, present_until_s=4), 9, "present_until_s: is 4, must be 5"),
        (target_text(motion="{hover: {}}"), 7, "unknown variant `hover`"),
        (
            target_text(motion="{constant_velocity: {position_m: [0, 1]}}"),
            7,
            r"position_m: invalid length 2, expected an array of length 3",
        ),
        (
            target_text(
                motion="\n      waypoints:\n        points:"
                "\n          - {position_m: [0, 0, 0], speed_m_s: 1}"
                "\n          - {position_m: [0, 0, 0], speed_m_s: 1}"
            ),
            11,
            r"points\[1\]\.position_m: is the point before it",
        ),
        (target_text(rcs_dbsm="1\n    rcs_dbsm: 2"), 7, "'rcs_dbsm' stands twice"),
        (target_text(rcs_dbsm="!!python/name:os.system x"), 6, "has the tag"),
        (target_text(rcs_dbsm="[1"), 7, "line 7, column"),
    ],
)
def test_errors_name_the_line(text, line, message):
    with pytest.raises(ScenarioError, match=message) as caught:
        Scenario.from_yaml(scenario_text(text))
    assert f"line {line}" in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("false_alarm_probability: 1e-6", "false_alarm_probability: 1e-60", "must be 1e-15 to 0.1"),
        ("detection_probability: 0.9", "detection_probability: 1", "is 1, must be"),
        ("period_s: 0.1", "period_s: 0", "is 0, must be 0.001 to 3600"),
        ("max_range_m: 20000", "max_range_m: -1", "is -1, must be 0 to"),
        ("beamwidth_deg: 1.5", "beamwidth_deg: 90", "is 90, must be 0.001 to 30"),
        ("name: main", "name: main\n    sensor_id: radar", 'is "radar", must be a UUID'),
        ("scan: {staring: {period_s: 0.1}}", "scan: {nodding: {}}", "unknown variant `nodding`"),
    ],
)
def test_sensors_are_checked(field, value, message):
    with pytest.raises(ScenarioError, match=message) as caught:
        Scenario.from_yaml(scenario_text(sensors=SENSOR.replace(field, value)))
    assert "scenario: line " in str(caught.value)
    assert "sensors[0]" in str(caught.value)


def test_a_scenario_needs_a_sensor_and_its_version():
    with pytest.raises(ScenarioError, match="line 5: sensors: has 0 entries, must have 1 to 64"):
        Scenario.from_yaml(scenario_text(sensors=" []"))
    with pytest.raises(ScenarioError, match="line 1: scenario_version: is 7, must be 1"):
        Scenario.from_yaml(scenario_text().replace("scenario_version: 1", "scenario_version: 7"))
    with pytest.raises(ScenarioError, match="line 1: is empty"):
        Scenario.from_yaml("# nothing\n")


def test_few_lines_cannot_stand_for_billions():
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]\n" for k in range(1, 12)
    )
    with pytest.raises(ScenarioError, match="stands for more than 5000000 values"):
        Scenario.from_yaml(bomb)
    with pytest.raises(ScenarioError, match="line 1: stands for more than"):
        Scenario.from_yaml("name: &me [*me]")
    with pytest.raises(ScenarioError, match="is deeper than 64 levels"):
        Scenario.from_yaml("name: " + "[" * 80 + "]" * 80)


def test_aliases_may_be_used():
    motion = "&still {constant_velocity: {position_m: [0, 1, 2]}}"
    text = target_text("a", motion=motion) + target_text("b", motion="*still")
    assert [target.id for target in Scenario.from_yaml(scenario_text(text)).targets] == ["a", "b"]


def test_too_many_targets_are_refused_before_they_are_made():
    group = (
        "groups: [{id_prefix: g, count: 100001, rcs_dbsm: [0, 0], ground_range_m: [0, 1],"
        " height_m: [0, 0], speed_m_s: [0, 0]}]"
    )
    with pytest.raises(ScenarioError, match=r"groups\[0\]\.count: brings the targets to 100001"):
        Scenario.from_yaml(scenario_text(rest=group))


def test_files_and_names_that_are_not_there(tmp_path):
    with pytest.raises(
        ScenarioError, match=r"'nowhere' cannot be read .*crossing, default, dense, rotating"
    ):
        Scenario.load("nowhere")
    path = tmp_path / "mine.yaml"
    path.write_text(scenario_text(target_text(rcs_dbsm=900)))
    with pytest.raises(ScenarioError, match=r"mine\.yaml: scenario: line 6: targets\[0\]"):
        Scenario.load(path)
    path.write_bytes(b"name: \xff")
    with pytest.raises(ScenarioError, match="byte 6 is not UTF-8"):
        Scenario.load(path)
    path.write_text(scenario_text(target_text()))
    assert Scenario.load(path).targets[0].id == "a"
