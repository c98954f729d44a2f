"""The guard once more, slowly: rules as dicts, tracks from decoded messages."""

import json

import numpy as np

from qiki.tracking import TrackPresent, TrackStatus

IFF = {"friend": 1, "foe": 2, "unknown": 3}
MODES = {"off": 0, "on": 1, "silent": 2, "spoof": 3}
JUDGED = (TrackStatus.TRACKED, TrackStatus.COASTING)


class GuardReference:
    """Gives (kind, rule, track number, time, since) of each alert of each message."""

    def __init__(self, rules):
        self.rules = json.loads(rules.to_json())["rules"]
        self.known = {}  # (track, rule): [standing, met since, raised]

    def alerts_of(self, message, sensor_velocity_m_s=(0.0, 0.0, 0.0)):
        if message.verdict != "accepted":
            return []
        found = []
        for track in message.tracks:
            number = int(track["number"])
            for rule in self.rules:
                key = (number, rule["id"])
                if track["status"] == TrackStatus.LOST:
                    standing, since_ns, _ = self.known.pop(key, (False, None, None))
                    told = ("lost", since_ns) if standing else None
                else:
                    told = self._judge(key, rule, track, sensor_velocity_m_s)
                if told:
                    kind, since_ns = told
                    found.append((kind, rule["id"], number, int(track["time_ns"]), since_ns))
        return found

    def _judge(self, key, rule, track, sensor_velocity_m_s):
        now_ns = int(track["time_ns"])
        standing, since_ns, raised_ns = self.known.get(key, (False, None, None))
        if not meets(rule, track, standing, sensor_velocity_m_s):
            self.known[key] = (False, None, raised_ns)
            return ("cleared", raised_ns) if standing else None
        since_ns = now_ns if since_ns is None else since_ns
        has_lasted = now_ns - since_ns >= round(rule["min_duration_s"] * 1e9)
        is_cool = raised_ns is None or now_ns - raised_ns >= round(rule["cooldown_s"] * 1e9)
        raises = not standing and has_lasted and is_cool
        self.known[key] = (standing or raises, since_ns, now_ns if raises else raised_ns)
        return ("raised", since_ns) if raises else None


def meets(rule, track, standing, sensor_velocity_m_s):
    slack_m = rule["hysteresis_m"] if standing else 0.0
    replied = bool(track["present"] & TrackPresent.TRANSPONDER_REPLY)
    wanted, modes, cpa = (
        rule["require_transponder_on"],
        rule["allowed_transponder_modes"],
        rule["cpa"],
    )
    most_m = np.inf if rule["max_range_m"] is None else rule["max_range_m"]
    fastest_m_s = rule["max_radial_velocity_mps"]
    return (
        track["status"] in JUDGED
        and (rule["iff"] is None or IFF[rule["iff"]] == track["friend_foe"])
        and (wanted is None or wanted == replied)
        and (modes is None or track["transponder_mode"] in [MODES[mode] for mode in modes])
        and rule["min_range_m"] - slack_m <= track["range_m"] <= most_m + slack_m
        and track["quality"] >= rule["min_quality"]
        and (fastest_m_s is None or abs(track["range_rate_m_s"]) <= fastest_m_s)
        and (cpa is None or approaches(cpa, track, slack_m, sensor_velocity_m_s))
    )


def approaches(cpa, track, slack_m, sensor_velocity_m_s):
    """Whether the mean comes so near; the probability is tested elsewhere."""
    assert cpa["probability"] is None
    bearing, elevation = np.radians([track["bearing_deg"], track["elevation_deg"]])
    flat = np.cos(elevation)
    towards = np.array([flat * np.sin(bearing), flat * np.cos(bearing), np.sin(elevation)])
    position_m = track["range_m"] * towards
    velocity_m_s = track["velocity_m_s"] - np.array(sensor_velocity_m_s)
    time_s = -(position_m @ velocity_m_s) / (velocity_m_s @ velocity_m_s)
    distance_m = np.linalg.norm(position_m + time_s * velocity_m_s)
    return 0 <= time_s <= cpa["within_s"] and distance_m <= cpa["distance_m"] + slack_m
