"""Scenario documents for the tests, small and in one place."""

import json
from copy import deepcopy

from qiki.radar import Scenario

SENSOR = {
    "name": "main",
    "scan": {"staring": {"period_s": 0.1}},
    "coverage": {"min_range_m": 100.0, "max_range_m": 20_000.0, "elevation_deg": [-30.0, 60.0]},
    "sr_threshold_m": 5000.0,
    "detection": {
        "reference_range_m": 10_000.0,
        "reference_rcs_dbsm": 0.0,
        "detection_probability": 0.8,
        "false_alarm_probability": 1e-6,
        "false_alarms_per_frame": 0.0,
    },
    "range": {"resolution_m": 15.0, "floor_m": 1.5},
    "bearing": {"beamwidth_deg": 1.5, "floor_deg": 0.03},
    "elevation": {"beamwidth_deg": 2.0, "floor_deg": 0.04},
    "range_rate": {"resolution_m_s": 3.0, "floor_m_s": 0.1, "limit_m_s": 600.0},
}


def target(name, position_m, velocity_m_s=(0.0, 0.0, 0.0), rcs_dbsm=0.0, **fields):
    """One target at constant velocity."""
    motion = {"position_m": list(position_m), "velocity_m_s": list(velocity_m_s)}
    return {
        "id": name,
        "rcs_dbsm": rcs_dbsm,
        "motion": {"constant_velocity": motion},
        **fields,
    }


def sensor(**changes):
    """The sensor with some entries changed; dicts are merged, None leaves an entry out."""
    changed = deepcopy(SENSOR)
    for key, value in changes.items():
        if value is None:
            del changed[key]
        elif isinstance(value, dict):
            changed[key] = changed.get(key, {}) | value
        else:
            changed[key] = value
    return changed


def scenario(targets=(), sensors=None, **fields):
    """A checked scenario."""
    document = {
        "scenario_version": 1,
        "name": "test",
        "seed": 5,
        "sensors": list(sensors or [sensor()]),
        "targets": list(targets),
        **fields,
    }
    return Scenario(json.dumps(document))
