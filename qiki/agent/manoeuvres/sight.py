"""The station's port as one tick knows it: by the camera at the own port, or by the track."""

from typing import NamedTuple

import numpy as np

from qiki.agent.craft import Craft, Vector
from qiki.agent.manoeuvres.station_fix import Place
from qiki.agent.vehicle_view import VehicleView


class Sight(NamedTuple):
    """The station's port as one tick knows it; by the camera where it sees it, else by the track.

    Attributes
    ----------
    offset_m : (3,) from it to the vehicle's port, world frame [m].
    station_m_s : (3,) its velocity, world frame [m/s].
    docked : (3, 3) attitude of the docked vehicle, body to world.
    axis : (3,) where it points, world frame.
    error_m : how well its place is known [m].
    """

    offset_m: Vector
    station_m_s: Vector
    docked: Vector
    axis: Vector
    error_m: float


def by_camera(vehicle: VehicleView, port: str, craft: Craft) -> Sight | None:
    """Return what the camera sees; None where it sees nothing, or is that of another port."""
    docking = vehicle.docking
    if docking is None or docking.port != port:
        return None
    offset_m, past_m_s, turn_deg = docking.offset_m, docking.velocity_m_s, docking.turn_deg
    if offset_m is None or past_m_s is None or turn_deg is None:
        return None
    docked = vehicle.attitude @ turned(np.radians(turn_deg))
    arm_m = craft.ports[port].position_m
    sweep_m_s = np.cross(vehicle.angular_velocity_rad_s, arm_m)
    own_m_s = vehicle.velocity_m_s + vehicle.attitude @ sweep_m_s
    return Sight(
        offset_m=-(vehicle.attitude @ offset_m),
        station_m_s=own_m_s - vehicle.attitude @ past_m_s,
        docked=docked,
        axis=-(docked @ craft.ports[port].attitude[:, 1]),
        error_m=0.0,
    )


def by_track(vehicle: VehicleView, place: Place, port: str, craft: Craft) -> Sight:
    """Return what the place of its track tells; the setting tells whither the port points."""
    port_m = vehicle.position_m + vehicle.attitude @ craft.ports[port].position_m
    return Sight(
        offset_m=port_m - place.position_m,
        station_m_s=place.velocity_m_s,
        docked=craft.docked_attitude(port),
        axis=craft.station_axis,
        error_m=place.error_m,
    )


def turned(turn_rad: Vector) -> Vector:
    """Return the rotation of a rotation vector by the formula of Rodrigues, (3, 3)."""
    angle = float(np.linalg.norm(turn_rad))
    x, y, z = turn_rad.tolist()
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    # sin(a) / a and (1 - cos(a)) / a², also where a is nothing.
    first, half = np.sinc(angle / np.pi), np.sinc(0.5 * angle / np.pi)
    made: Vector = np.eye(3) + first * cross + 0.5 * half**2 * (cross @ cross)
    return made
