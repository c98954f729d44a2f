"""Radars that measure no height are scored in the plane, unless the user says otherwise."""

import pytest

from qiki.evaluation import evaluate_scenario
from qiki.radar import Scenario
from qiki.tracking import TrackerConfig

# Far away for their heights, so that the slant range hardly depends on these.
SCENE = """
scenario_version: 1
name: height
seed: 5
sensors:
  - name: radar
    scan: {{staring: {{period_s: 1}}}}
    coverage: {{max_range_m: 80000, elevation_deg: [0, 50]}}
    detection:
      reference_range_m: 80000
      detection_probability: 0.95
      false_alarm_probability: 1.0e-6
      false_alarms_per_frame: 0.2
    range: {{resolution_m: 100, floor_m: 30}}
    bearing: {{beamwidth_deg: 1.4, floor_deg: 0.08}}
    {elevation}
groups:
  - id_prefix: aircraft
    count: 30
    rcs_dbsm: [8, 12]
    ground_range_m: [20000, 60000]
    height_m: [1000, 2000]
    speed_m_s: [150, 240]
"""
ELEVATION = "elevation: {beamwidth_deg: 2.0, floor_deg: 0.05}"
CONFIG = TrackerConfig(assumed_height_m=1500.0, assumed_height_std_m=300.0)


def evaluated(elevation="", *, plane=None):
    return evaluate_scenario(
        Scenario.from_yaml(SCENE.format(elevation=elevation)),
        runs=2,
        duration_s=40.0,
        config=CONFIG,
        plane=plane,
    )


@pytest.fixture(scope="module")
def flat():
    return evaluated()


@pytest.fixture(scope="module")
def with_height():
    return evaluated(ELEVATION)


def test_a_radar_without_elevation_is_scored_as_well_as_one_with_it(flat, with_height):
    assert (flat.plane, with_height.plane) == (True, False)
    completeness, in_space = (e.metrics["completeness"].mean for e in (flat, with_height))
    assert in_space > 0.85
    assert completeness == pytest.approx(in_space, abs=0.05)


def test_what_is_compared_is_told(flat, with_height):
    assert flat.to_dict()["plane"] is True
    assert "in the horizontal plane: heights are left out" in flat.table()
    assert "horizontal plane" not in with_height.table()


def test_the_user_may_say_otherwise(flat, with_height):
    in_space = evaluated(plane=False)
    assert in_space.metrics["completeness"].mean < 0.5 < flat.metrics["completeness"].mean
    plane = evaluated(ELEVATION, plane=True)
    assert plane.plane
    errors_m = (e.metrics["position_accuracy_m"].mean for e in (plane, with_height))
    assert next(errors_m) < next(errors_m)
    # Of two numbers, where those in space are three.
    assert 1.0 < flat.metrics["position_nees"].mean < 2.3
    assert 1.6 < plane.metrics["position_nees"].mean < 2.3
    assert 2.4 < with_height.metrics["position_nees"].mean < 3.4
