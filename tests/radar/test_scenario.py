"""Scenarios: what they say, and errors that name the line, the value and the limit."""

import numpy as np
import pytest
from scipy import constants

from qiki.errors import ScenarioError
from qiki.radar import Scenario, TransponderMode, detection_probability

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


BUILT_IN = ("clutter", "crossing", "default", "dense", "guard", "registration", "rotating")


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_built_in_scenarios_load(name):
    scenario = Scenario.load(name)
    assert scenario.name == name
    assert name in Scenario.built_in()
    period_s = 0.5 if name == "registration" else 0.1
    assert {sensor.period_ns for sensor in scenario.sensors} == {round(period_s * 1e9)}


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


def test_targets_and_groups_say_how_they_fluctuate():
    group = (
        "groups: [{id_prefix: g, count: 1, rcs_dbsm: [0, 0], ground_range_m: [5, 9],"
        " height_m: [0, 1], speed_m_s: [1, 2], fluctuation: swerling_4}]"
    )
    text = target_text("a") + target_text("b", fluctuation="swerling_0")
    scenario = Scenario.from_yaml(scenario_text(text, rest=group))
    found = [target.fluctuation for target in scenario.targets]
    assert found == ["swerling_1", "swerling_0", "swerling_4"]


def test_the_reference_target_has_its_fluctuation_and_the_pulses():
    more = "reference_fluctuation: swerling_3\n      pulses: 10\n      false_alarm"
    radar = Scenario.from_yaml(scenario_text(sensors=SENSOR.replace("false_alarm", more, 1)))
    (sensor,) = radar.sensors
    assert (sensor.pulses, sensor.false_alarm_probability) == (10, 1e-6)
    given = {"false_alarm_probability": 1e-6, "pulses": 10, "swerling": 3}
    snr_db = sensor.mean_snr_db(10_000.0)
    assert detection_probability(snr_db, **given) == pytest.approx(0.9, rel=1e-9)
    expected = snr_db + 5.0 - 40.0 * np.log10([0.5, 2.0])
    np.testing.assert_allclose(sensor.mean_snr_db([5e3, 2e4], rcs_dbsm=5.0), expected)


def test_the_radar_equation_is_worked_from_its_terms():
    """Richards 2014, section 2.2, with other units: 1 MW, 45 dB, 5.6 GHz, 1 m² at 100 km."""
    budget = (
        "radar_equation: {power_w: 1e6, antenna_gain_db: 45, frequency_hz: 5.6e9,"
        " system_losses_db: 6, noise_figure_db: 3, pulse_width_s: 2e-7}"
    )
    reference = "reference_range_m: 10000\n      detection_probability: 0.9"
    (sensor,) = Scenario.from_yaml(scenario_text(sensors=SENSOR.replace(reference, budget))).sensors
    wavelength_m = constants.c / 5.6e9
    noise_w = constants.k * 290.0 / 2e-7
    signal_w = 1e6 * 10.0**9.0 * wavelength_m**2 / ((4.0 * np.pi) ** 3 * 1e5**4)
    expected = 10.0 * np.log10(signal_w / noise_w) - 9.0
    assert sensor.mean_snr_db(1e5) == pytest.approx(expected, abs=1e-9)


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
        (
            target_text(fluctuation="swerling_5"),
            8,
            'fluctuation: is "swerling_5", must be one of swerling_0, swerling_1',
        ),
        (target_text(rcs_dbsm="x"), 6, r'rcs_dbsm: is "x", must be a number'),
        (
            target_text(rcs_dbm=1),
            8,
            "rcs_dbm: is not a known name, must be one of id, object_type, rcs_dbsm",
        ),
        (
            target_text(transponder="{mode: loud}"),
            8,
            'mode: is "loud", must be one of off, on, silent, spoof',
        ),
        (target_text(transponder="{mode: spoof}"), 8, r"transponder\.id: is missing"),
        (target_text("'a\\b'", rcs_dbsm=".nan"), 6, "is .nan, must be a finite number"),
        (target_text() + target_text(), 8, r'targets\[1\]\.id: is "a", already the id of'),
        (target_text(present_from_s=5, present_until_s=4), 9, "present_until_s: is 4, must be 5"),
        (
            target_text(motion="{hover: {}}"),
            7,
            "motion.hover: is not a known kind, must be one of constant_velocity",
        ),
        (
            target_text(motion="{constant_velocity: {position_m: [0, 1]}}"),
            7,
            "position_m: has 2 entries, must have 3",
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
        (target_text(rcs_dbsm="[1"), 7, "line 7: column 11: "),
        (target_text() + "\n---\nname: b", 8, "begins a second document"),
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
        ("false_alarm", "pulses: 0\n      false_alarm", "pulses: is 0, must be 1 to 10000"),
        ("reference_range_m: 10000", "pulses: 1", "must have reference_range_m and detection_prob"),
        (
            "reference_range_m: 10000",
            "reference_range_m: 10000\n      radar_equation: {power_w: 1, noise_figure_db: 0}",
            "radar_equation: stands beside a reference target: give either",
        ),
        (
            "reference_range_m: 10000\n      detection_probability: 0.9",
            "radar_equation: {power_w: 1, noise_figure_db: 0, antenna_gain_db: 9, wavelength_m: 1}",
            "radar_equation: must have bandwidth_hz or pulse_width_s: give exactly one",
        ),
        (
            "reference_range_m: 10000\n      detection_probability: 0.9",
            "radar_equation: {power_w: 0, noise_figure_db: 0}",
            "radar_equation.power_w: is 0, must be 1e-6 to 1e12",
        ),
        ("period_s: 0.1", "period_s: 0", "is 0, must be 0.001 to 3600"),
        ("max_range_m: 20000", "max_range_m: -1", "is -1, must be 0 to"),
        ("beamwidth_deg: 1.5", "beamwidth_deg: 90", "is 90, must be 0.001 to 30"),
        ("name: main", "name: main\n    sensor_id: radar", 'is "radar", must be a UUID'),
        (
            "scan: {staring: {period_s: 0.1}}",
            "scan: {nodding: {}}",
            "nodding: is not a known kind, must be one of staring",
        ),
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
    with pytest.raises(ScenarioError, match=r"line 1: \*me stands for nothing before it"):
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
        ScenarioError,
        match=r"'nowhere' cannot be read .*crossing, default, dense, guard, registration",
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
