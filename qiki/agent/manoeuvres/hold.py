"""Holding: the velocity becomes none, the turn ends, and the place stays.

The attitude is left as it is: to keep it, too, the coarse pulses of a thruster would burn all of
the propellant within an hour or two.
"""

import numpy as np

from qiki.agent.craft import Vector
from qiki.agent.manoeuvres.push import Deadbands, Pusher
from qiki.agent.proposal import Wrench
from qiki.agent.view import View

BANDS = Deadbands(speed_m_s=0.05, angle_rad=np.inf, rate_rad_s=0.02)
NEAR_M = 5.0  # so far from its place the vehicle is left alone
BACK_PER_S = 0.02  # and beyond comes back at this part of the way each second,
MOST_M_S = 0.5  # but no faster
SLOW_M_S = 0.2  # a vehicle that rests: its place is where it is then


class Hold:
    """Holds the place where the vehicle comes to rest."""

    def __init__(self) -> None:
        self._place_m: Vector | None = None

    def begin(self) -> None:
        """Forget the place: the next one is where the vehicle comes to rest again."""
        self._place_m = None

    def wrench(self, view: View, pusher: Pusher) -> Wrench | None:
        """Return what holds the vehicle; None where nothing is needed."""
        vehicle = view.vehicle
        if vehicle is None:
            raise ValueError("vehicle is None, must be known to be held")
        if self._place_m is None and np.linalg.norm(vehicle.velocity_m_s) < SLOW_M_S:
            self._place_m = vehicle.position_m
        wanted_m_s = np.zeros(3)
        if self._place_m is not None:
            wanted_m_s = back_velocity(self._place_m - vehicle.position_m)
        return pusher.wrench(view, wanted_m_s, None, BANDS)


def back_velocity(way_m: Vector) -> Vector:
    """Return the velocity back to a place: none near it, then in proportion, up to the most.

    Parameters
    ----------
    way_m : (3,) from the vehicle to its place [m].
    """
    far_m = float(np.linalg.norm(way_m))
    if far_m <= NEAR_M:
        return np.zeros(3)
    velocity_m_s: Vector = way_m / far_m * min(BACK_PER_S * far_m, MOST_M_S)
    return velocity_m_s
