"""A scenario document with every field of the format, and its numbers by place."""

import copy

DOCUMENT = {
    "scenario_version": 1,
    "name": "all",
    "description": "Every field.",
    "seed": 5,
    "own_ship": {
        "motion": {
            "constant_velocity": {"position_m": [1.0, 2.0, 3.0], "velocity_m_s": [4.0, 5.0, 6.0]}
        }
    },
    "identities": {"friendly": ["A"], "hostile": ["B"]},
    "sensors": [
        {
            "name": "main",
            "sensor_id": "6f1c8e62-97a9-4d0e-b15c-6d8dbf4bd8b8",
            "scan": {"staring": {"period_s": 0.5}},
            "coverage": {
                "min_range_m": 50.0,
                "max_range_m": 8000.0,
                "bearing_start_deg": 10.0,
                "bearing_extent_deg": 90.0,
                "elevation_deg": [-10.0, 30.0],
            },
            "sr_threshold_m": 3000.0,
            "detection": {
                "reference_range_m": 8000.0,
                "reference_rcs_dbsm": 0.0,
                "detection_probability": 0.9,
                "false_alarm_probability": 1e-6,
                "false_alarms_per_frame": 1.0,
            },
            "range": {"resolution_m": 15.0, "floor_m": 2.0},
            "bearing": {"beamwidth_deg": 1.5, "floor_deg": 0.05},
            "elevation": {"beamwidth_deg": 3.0, "floor_deg": 0.1},
            "range_rate": {"resolution_m_s": 3.0, "floor_m_s": 0.1, "limit_m_s": 600.0},
            "spoof_recognition_probability": 0.25,
        }
    ],
    "targets": [
        {
            "id": "turn",
            "object_type": "ship",
            "rcs_dbsm": 30.0,
            "transponder": {"mode": "on", "id": "T-1"},
            "present_from_s": 1.0,
            "present_until_s": 90.0,
            "motion": {
                "coordinated_turn": {
                    "position_m": [1.0, 2.0, 3.0],
                    "velocity_m_s": [4.0, 5.0, 6.0],
                    "turn_rate_deg_s": 3.0,
                }
            },
        },
        {
            "id": "way",
            "rcs_dbsm": -20.0,
            "motion": {
                "waypoints": {
                    "start_s": 2.0,
                    "points": [
                        {"position_m": [0.0, 0.0, 0.0], "speed_m_s": 5.0},
                        {"position_m": [9.0, 9.0, 9.0], "speed_m_s": 6.0},
                    ],
                    "at_end": "hold",
                }
            },
        },
    ],
    "groups": [
        {
            "id_prefix": "g",
            "count": 3,
            "object_type": "drone",
            "rcs_dbsm": [-5.0, 5.0],
            "ground_range_m": [300.0, 6000.0],
            "height_m": [0.0, 100.0],
            "speed_m_s": [0.0, 6.0],
            "turn_rate_deg_s": [-1.0, 1.0],
            "transponder_mode": "silent",
        }
    ],
}


def parts(value=DOCUMENT, place=()):
    """Yield every value of a document with its place, as keys and indices."""
    yield place, value
    entries = value.items() if isinstance(value, dict) else ()
    entries = enumerate(value) if isinstance(value, list) else entries
    for step, entry in entries:
        yield from parts(entry, (*place, step))


def with_value(place, value):
    """Return the document with another value at one place."""
    document = copy.deepcopy(DOCUMENT)
    if not place:
        return value
    inside(document, place[:-1])[place[-1]] = value
    return document


def without(place):
    """Return the document without one entry."""
    document = copy.deepcopy(DOCUMENT)
    del inside(document, place[:-1])[place[-1]]
    return document


def inside(document, place):
    """Return the value at a place."""
    for step in place:
        document = document[step]
    return document


def path_of(place):
    """Write a place as errors do."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")
