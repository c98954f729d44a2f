"""What a tracker is told of a scenario's clutter, and what that does."""

import itertools
import math

import pytest

from qiki.evaluation import evaluate_scenario
from qiki.radar import Radar, Scenario
from qiki.tracking import SensorConfig, TrackerConfig

SENSOR = """
scenario_version: 1
name: widest
sensors:
  - name: radar
    scan: {scan}
    coverage: {{max_range_m: 10000, elevation_deg: [-5, 30], {bearings}}}
    detection:
      reference_range_m: 9000
      detection_probability: 0.9
      false_alarm_probability: 1.0e-6
      false_alarms_per_frame: 2
    range: {{resolution_m: 15, floor_m: 5}}
    bearing: {{beamwidth_deg: 4, floor_deg: 0.1}}
    elevation: {{beamwidth_deg: 4, floor_deg: 0.1}}
clutter:
  - name: sea
    shape: {{disc: {{centre_m: [0, 0], radius_m: 9000, density_per_km2: 0.25}}}}
    mean_snr_db: 15
  - name: rain
    shape: {{disc: {{centre_m: [3000, 0], radius_m: 1000, density_per_km2: 0.5}}}}
    mean_snr_db: 15
"""
SECTOR = "bearing_start_deg: 300, bearing_extent_deg: 90"
STEERED = """{steered: {beams: [
      {bearing_deg: 310, elevation_deg: 5, dwell_s: 0.02},
      {bearing_deg: 330, elevation_deg: 5, dwell_s: 0.02}]}}"""
SCANS = [
    ("{staring: {period_s: 1}}", "", 360.0),
    ("{staring: {period_s: 1}}", SECTOR, 90.0),
    ("{rotating: {rotation_period_s: 4, sectors: 16}}", "", 22.5),
    (STEERED, SECTOR, 4.0),
]


@pytest.mark.parametrize(("scan", "bearings", "widest_deg"), SCANS)
def test_clutter_counts_as_if_everywhere_were_as_dense_as_the_densest_place(
    scan, bearings, widest_deg
):
    scenario = Scenario.from_yaml(SENSOR.format(scan=scan, bearings=bearings))
    (sensor,) = scenario.sensors
    frames = [Radar(scenario).frame(number) for number in range(8)]
    assert sensor.widest_frame_deg == pytest.approx(widest_deg)
    assert max(frame.coverage.bearing_extent_deg for frame in frames) == pytest.approx(widest_deg)
    area_km2 = widest_deg / 360.0 * math.pi * 10.0**2
    config = SensorConfig.of_scenario(sensor, scenario)
    assert config.clutter_per_frame == pytest.approx(2.0 + 0.75 * area_km2, rel=1e-3)
    assert SensorConfig.of_scenario(sensor).clutter_per_frame == 2.0


def test_what_is_told_of_clutter_keeps_false_tracks_away():
    scenario = Scenario.load("clutter")
    (sensor,) = scenario.sensors
    told = SensorConfig.of_scenario(sensor, scenario)
    configs = {
        "alarms alone": TrackerConfig(sensors=(SensorConfig.of_scenario(sensor),)),
        "default": TrackerConfig(),
        "told": TrackerConfig(sensors=(told,)),
        "told, births": TrackerConfig(sensors=(told,), births_per_frame=0.05),
    }
    found = {
        name: evaluate_scenario(scenario, runs=2, duration_s=30.0, config=config).metrics
        for name, config in configs.items()
    }
    false = [metrics["false_tracks"].mean for metrics in found.values()]
    assert all(more > 2.0 * fewer for more, fewer in itertools.pairwise(false))
    # At the price of some time until a track is confirmed.
    lost = [found[name]["completeness"].mean for name in ("default", "told")]
    assert lost[1] > lost[0] - 0.05
