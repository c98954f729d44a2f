"""Views made by hand: a vehicle somewhere, tracks around it, all of it to be trusted."""

from types import MappingProxyType

import numpy as np

from qiki.agent.craft import craft_of
from qiki.agent.machines import ShipState, SystemState
from qiki.agent.trust import Trust, Verdict
from qiki.agent.vehicle_view import DockingView, VehicleView
from qiki.agent.view import View
from qiki.tracking import TRACK_DTYPE, FriendFoe, ObjectType, TrackPresent, TrackStatus
from qiki.vehicle import VehicleConfig

CRAFT = craft_of(VehicleConfig.load("default"), 180.0)
WELL = MappingProxyType({name: Trust(Verdict.OK, 0.0) for name in ("tracks", "vehicle", "bios")})
FREE = DockingView(
    phase="free",
    port="A",
    distance_m=None,
    speed_m_s=None,
    angle_deg=None,
    rate_deg_s=None,
)


def made_vehicle(position_m=(0, 0, 0), velocity_m_s=(0, 0, 0), **changes):
    values = {
        "time_ns": 0,
        "position_m": np.array(position_m, float),
        "velocity_m_s": np.array(velocity_m_s, float),
        "attitude": np.eye(3),
        "quaternion": np.array([1.0, 0.0, 0.0, 0.0]),
        "angular_velocity_rad_s": np.zeros(3),
        "propellant_kg": 12.0,
        "charge_pct": 80.0,
        "docking": FREE,
        "transponder_mode": "ON",
        "faults": (),
        "world_state": "RUNNING",
    }
    return VehicleView(**values | changes)


def made_tracks(*places_and_velocities, time_ns=0, sigma_m=1.0, sigma_m_s=0.1):
    tracks = np.zeros(len(places_and_velocities), TRACK_DTYPE)
    for number, (place_m, velocity_m_s) in enumerate(places_and_velocities, 1):
        row = tracks[number - 1 : number]
        row["number"] = number
        row["track_id"] = np.void(number.to_bytes(16, "big"))
        row["position_m"], row["velocity_m_s"] = place_m, velocity_m_s
        for name, sigma in (
            ("position_covariance_m2", sigma_m),
            ("velocity_covariance_m2_s2", sigma_m_s),
        ):
            row[name] = np.array([1, 0, 0, 1, 0, 1]) * sigma**2
        row["time_ns"] = row["update_time_ns"] = time_ns
        row["status"], row["quality"] = TrackStatus.TRACKED, 0.99
        row["friend_foe"] = FriendFoe.UNKNOWN
    return tracks


def made_station(place_m, time_ns=0, velocity_m_s=(0, 0, 0), **sigmas):
    """Return the track of a station that says its name."""
    track = made_tracks((place_m, velocity_m_s), time_ns=time_ns, **sigmas)
    track["transponder_id"], track["present"] = b"STN-1", TrackPresent.TRANSPONDER_ID
    track["object_type"], track["friend_foe"] = ObjectType.STATION, FriendFoe.FRIEND
    return track


def made_view(vehicle=None, tracks=None, time_ns=0, **changes):
    values = {
        "tick": time_ns // 100_000_000,
        "time_ns": time_ns,
        "period_s": 0.1,
        "tracks": np.zeros(0, TRACK_DTYPE) if tracks is None else tracks,
        "vehicle": vehicle,
        "alerts": (),
        "situations": (),
        "system": SystemState.IDLE,
        "ship": ShipState.SHIP_IDLE,
        "trust": WELL,
        "mission": "hold",
        "craft": CRAFT,
    }
    return View(**values | changes)
