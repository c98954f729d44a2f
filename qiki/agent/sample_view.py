"""Views made by hand, to try an agent without a system around it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from qiki.agent.machines import ShipState, SystemState
from qiki.agent.picture import Tracks
from qiki.agent.trust import Trust, Verdict
from qiki.agent.vehicle_view import VehicleView, quaternion, rotation
from qiki.agent.view import View
from qiki.tracking import TRACK_DTYPE, FriendFoe, TrackStatus

ALL_IS_WELL: Mapping[str, Trust] = MappingProxyType(
    {name: Trust(Verdict.OK, 0.0) for name in ("tracks", "vehicle", "bios")}
)


def sample_tracks(
    positions_m: Sequence[Sequence[float]],
    velocities_m_s: Sequence[Sequence[float]] | None = None,
    **columns: Any,
) -> Tracks:
    """Return confirmed tracks of unknown contacts.

    Parameters
    ----------
    positions_m : (n, 3) east, north, up [m].
    velocities_m_s : (n, 3) [m/s]; at rest by default.
    columns : (n,) or one value for all: other fields of TRACK_DTYPE.

    Returns
    -------
    (n,) TRACK_DTYPE
        With numbers from 1.
    """
    tracks = np.zeros(len(positions_m), TRACK_DTYPE)
    numbers = np.arange(1, len(tracks) + 1, dtype=np.uint64)
    tracks["number"] = numbers
    tracks["track_id"] = [int(number).to_bytes(16, "big") for number in numbers]
    tracks["status"], tracks["friend_foe"] = TrackStatus.TRACKED, FriendFoe.UNKNOWN
    tracks["quality"] = 1.0
    if len(tracks):
        tracks["position_m"] = positions_m
        tracks["velocity_m_s"] = 0.0 if velocities_m_s is None else velocities_m_s
    for name, values in columns.items():
        tracks[name] = values
    return tracks


def sample_vehicle(**changes: Any) -> VehicleView:
    """Return a vehicle at rest in the origin, its bow to the north.

    Parameters
    ----------
    changes : other values of `VehicleView`; ``heading_rad``, ``pitch_rad`` and ``roll_rad`` instead
        of ``attitude`` and ``quaternion``, where those are handier [rad].
    """
    angles_rad = [changes.pop(f"{name}_rad", 0.0) for name in ("heading", "pitch", "roll")]
    values: dict[str, Any] = {
        "time_ns": 0,
        "position_m": np.zeros(3),
        "velocity_m_s": np.zeros(3),
        "attitude": rotation(*angles_rad),
        "quaternion": quaternion(*angles_rad),
        "angular_velocity_rad_s": np.zeros(3),
        "propellant_kg": 12.0,
        "charge_pct": 100.0,
        "docking": None,
        "transponder_mode": "ON",
        "faults": (),
        "world_state": "RUNNING",
    }
    return VehicleView(**values | changes)


def sample_view(**changes: Any) -> View:
    """Return a view in which all is well and nothing is to be seen.

    Parameters
    ----------
    changes : other values of `View`.
    """
    values: dict[str, Any] = {
        "tick": 0,
        "time_ns": 0,
        "period_s": 0.5,
        "tracks": np.zeros(0, TRACK_DTYPE),
        "vehicle": sample_vehicle(),
        "alerts": (),
        "situations": (),
        "system": SystemState.IDLE,
        "ship": ShipState.SHIP_IDLE,
        "trust": dict(ALL_IS_WELL),
        "mission": "hold",
    }
    return View(**values | changes)
