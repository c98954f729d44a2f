"""A scenario document with every field of the format, and its numbers by place."""

import copy

DOCUMENT = {
    "scenario_version": 1,
    "name": "all",
    "description": "Every field.",
    "seed": 5,
    "horizon": {"effective_radius_m": 8.5e6},
    "own_ship": {
        "motion": {
            "constant_velocity": {"position_m": [1.0, 2.0, 3.0], "velocity_m_s": [4.0, 5.0, 6.0]}
        },
        "attitude": {"given": {"heading_deg": 20.0, "turn_rate_deg_s": 0.5}},
        "visible_as": {
            "object_type": "ship",
            "rcs_dbsm": 20.0,
            "fluctuation": "swerling_0",
            "occluding_radius_m": 20.0,
            "transponder": {"mode": "on", "id": "OWN"},
        },
    },
    "platforms": [
        {
            "name": "tender",
            "motion": {"constant_velocity": {"position_m": [9.0, 9.0, 0.0]}},
            "attitude": "follows_velocity",
            "visible_as": {"rcs_dbsm": 5.0},
        }
    ],
    "identities": {"friendly": ["A"], "hostile": ["B"]},
    "object_types": [
        {
            "object_type": "ship",
            "prior_probability": 0.5,
            "rcs_dbsm": 12.0,
            "rcs_std_db": 6.0,
            "speed_m_s": [0.0, 20.0],
            "transponder_probability": 0.5,
            "ids": ["S"],
        }
    ],
    "sensors": [
        {
            "name": "main",
            "sensor_id": "6f1c8e62-97a9-4d0e-b15c-6d8dbf4bd8b8",
            "platform": "own_ship",
            "mount": {
                "offset_m": [1.0, 2.0, 3.0],
                "boresight_bearing_deg": 5.0,
                "boresight_elevation_deg": 0.0,
                "relative_to": "bow",
            },
            "registration_bias": {
                "enabled": True,
                "range_m": 30.0,
                "bearing_deg": 0.2,
                "elevation_deg": -0.1,
                "position_m": [5.0, -5.0, 1.0],
                "clock_offset_ns": 1000,
                "clock_drift_ppm": 2.0,
            },
            "faults": [
                {"from_s": 1.0, "until_s": 2.0, "fault": "stuck"},
                {
                    "fault": {
                        "bias": {
                            "range_m": 50.0,
                            "bearing_deg": 1.0,
                            "elevation_deg": 1.0,
                            "range_rate_m_s": 1.0,
                        }
                    }
                },
                {"fault": {"noisy": {"factor": 3.0}}},
                {"fault": {"clock_jump": {"jump_s": -1.0}}},
                {"fault": {"late": {"probability": 0.1, "delay_s": 0.3}}},
                {"fault": {"duplicated": {"probability": 0.1}}},
                {"fault": {"reordered": {"probability": 0.1}}},
            ],
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
                "reference_fluctuation": "swerling_3",
                "detection_probability": 0.9,
                "pulses": 10,
                "false_alarm_probability": 1e-6,
                "false_alarms_per_frame": 1.0,
                "detection_probability_model": "filter",
            },
            "waveform": {
                "prf_hz": 16_000.0,
                "wavelength_m": 0.15,
                "range_rate_ambiguity": "folded",
                "range_ambiguity": "resolved",
                "canceller_delays": 2,
            },
            "range": {"resolution_m": 15.0, "floor_m": 2.0, "bias_fraction": 0.1},
            "bearing": {"beamwidth_deg": 1.5, "floor_deg": 0.05, "bias_fraction": 0.05},
            "elevation": {"beamwidth_deg": 3.0, "floor_deg": 0.1, "bias_fraction": 0.05},
            "range_rate": {
                "resolution_m_s": 3.0,
                "floor_m_s": 0.1,
                "bias_fraction": 0.1,
                "limit_m_s": 600.0,
            },
            "merges_unresolved": True,
            "interrogator": {
                "reply_probability": 0.95,
                "secondary_plots": True,
                "range_std_m": 30.0,
                "bearing_std_deg": 0.1,
                "beamwidth_deg": 2.4,
                "garble": True,
                "pulse_error_probability": 0.01,
                "fruit_per_frame": 2.0,
                "defruiter": False,
                "identity_swap_probability": 0.01,
            },
            "spoof_recognition_probability": 0.25,
        },
        {
            "name": "turning",
            "scan": {
                "rotating": {
                    "rotation_period_s": 4.0,
                    "sectors": 32,
                    "start_bearing_deg": 10.0,
                    "clockwise": False,
                }
            },
            "coverage": {"max_range_m": 8000.0},
            "detection": {
                "radar_equation": {
                    "power_w": 1e4,
                    "antenna_gain_db": 33.0,
                    "frequency_hz": 9.4e9,
                    "system_losses_db": 4.0,
                    "noise_figure_db": 5.0,
                    "bandwidth_hz": 1e7,
                },
                "false_alarm_probability": 1e-6,
                "false_alarms_per_frame": "from_cells",
            },
            "range": {"resolution_m": 15.0},
            "bearing": {"beamwidth_deg": 1.5},
        },
        {
            "name": "steered",
            "scan": {
                "steered": {
                    "beams": [
                        {
                            "bearing_deg": 20.0,
                            "elevation_deg": 5.0,
                            "bearing_width_deg": 2.0,
                            "elevation_width_deg": 2.0,
                            "dwell_s": 0.1,
                        }
                    ]
                }
            },
            "coverage": {"max_range_m": 8000.0},
            "detection": {
                "radar_equation": {
                    "power_w": 1e4,
                    "transmit_gain_db": 33.0,
                    "receive_gain_db": 34.0,
                    "wavelength_m": 0.03,
                    "noise_figure_db": 5.0,
                    "pulse_width_s": 1e-6,
                },
                "false_alarm_probability": 1e-6,
            },
            "range": {"resolution_m": 15.0},
            "bearing": {"beamwidth_deg": 1.5},
        },
    ],
    "targets": [
        {
            "id": "turn",
            "object_type": "ship",
            "rcs_by_aspect": {
                "azimuth_deg": [0.0, 90.0, 180.0],
                "elevation_deg": [-10.0, 10.0],
                "rcs_dbsm": [[10.0, 30.0, 12.0], [11.0, 31.0, 13.0]],
                "symmetric": True,
            },
            "fluctuation": "swerling_4",
            "occluding_radius_m": 30.0,
            "transponder": {
                "mode": "on",
                "id": "T-1",
                "mode_3a": "0421",
                "address": "4B1A2C",
                "reports_height": "in_25_ft",
            },
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
            "id": "model",
            "rcs_model": "plate",
            "motion": {"constant_velocity": {"position_m": [5.0, 5.0, 0.0]}},
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
            "fluctuation": "swerling_2",
            "ground_range_m": [300.0, 6000.0],
            "height_m": [0.0, 100.0],
            "speed_m_s": [0.0, 6.0],
            "turn_rate_deg_s": [-1.0, 1.0],
            "transponder_mode": "silent",
            "transponder_codes": True,
            "reports_height": "in_100_ft",
        },
        {
            "id_prefix": "m",
            "count": 2,
            "rcs_model": "plate",
            "ground_range_m": [300.0, 6000.0],
            "height_m": [0.0, 100.0],
            "speed_m_s": [0.0, 6.0],
        },
    ],
    "clutter": [
        {
            "name": "sea",
            "shape": {"disc": {"centre_m": [1.0, 2.0], "radius_m": 900.0, "density_per_km2": 2.0}},
            "height_m": [0.0, 3.0],
            "mean_snr_db": 40.0,
            "drift_velocity_m_s": [1.0, 2.0, 0.5],
            "range_rate_std_m_s": 0.5,
        },
        {
            "name": "land",
            "shape": {
                "polygon": {
                    "corners_m": [[0.0, 0.0], [500.0, 0.0], [0.0, 500.0]],
                    "density_per_km2": 2.0,
                }
            },
            "mean_snr_db": 40.0,
        },
        {
            "name": "rain",
            "shape": {
                "map": {
                    "south_west_m": [0.0, 0.0],
                    "cell_m": 100.0,
                    "density_per_km2": [[1.0, 2.0], [0.0, 3.0]],
                }
            },
            "mean_snr_db": 40.0,
        },
        {
            "name": "dust",
            "shape": {
                "model": {
                    "south_west_m": [0.0, 0.0],
                    "north_east_m": [900.0, 800.0],
                    "density_model": "dust",
                    "largest_density_per_km2": 3.0,
                }
            },
            "mean_snr_db": 40.0,
        },
    ],
    "task": {
        "goal": "keep_clear",
        "collision_distance_m": 3.0,
        "time_limit_s": 60.0,
        "weights": {
            "progress_per_m": 0.01,
            "propellant_per_kg": 0.2,
            "collision": 4.0,
            "success": 5.0,
        },
    },
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
