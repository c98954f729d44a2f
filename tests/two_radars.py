"""A world that two radars see, of which one is in a wrong place and has a wrong clock."""

from qiki.radar import Scenario

AIRCRAFT = """
groups:
  - id_prefix: aircraft
    count: 60
    rcs_dbsm: [5, 10]
    ground_range_m: [2000, 40000]
    height_m: [3000, 9000]
    speed_m_s: [150, 250]
"""


def radar(scan, false_alarms=1):
    """Return what a sensor that looks as `scan` says has besides its name, as text."""
    return f"""
    scan: {scan}
    coverage: {{max_range_m: 60000, elevation_deg: [-5, 80]}}
    detection:
      reference_range_m: 60000
      detection_probability: 0.9
      false_alarm_probability: 1.0e-6
      false_alarms_per_frame: {false_alarms}
    range: {{resolution_m: 100, floor_m: 30}}
    bearing: {{beamwidth_deg: 1.0, floor_deg: 0.1}}
    elevation: {{beamwidth_deg: 1.0, floor_deg: 0.1}}"""


def two_radars(period_s):
    """Return the scenario as text."""
    staring = radar(f"{{staring: {{period_s: {period_s}}}}}")
    return f"""
scenario_version: 1
name: two-radars
sensors:
  - name: reference{staring}
  - name: shifted{staring}
    registration_bias: {{position_m: [1400, -200, 0], clock_offset_ns: 400000000}}{AIRCRAFT}"""


BIAS = {"east_m": 1400.0, "north_m": -200.0, "range_m": 0.0, "bearing_deg": 0.0, "time_s": 0.4}
REFERENCE, SHIFTED = (sensor.sensor_id for sensor in Scenario.from_yaml(two_radars(1)).sensors)
