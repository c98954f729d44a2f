"""Pushing: from wanted velocity and attitude to a wrench, with rests in which nothing fires.

With m the mass, v the velocity and w the wanted one the force is

    F = m (w - v) / T,   at most the part `share` of what the thrusters give the worst way

What is smaller than a deadband is left as it is: the least pulse of a thruster changes the velocity
by some centimetres per second and the rate by some tenths of a degree, so to answer every small
error would burn propellant for nothing. A correction that has begun goes on down to a part of the
deadband.
"""

from typing import NamedTuple

import numpy as np

from qiki.agent.craft import Craft, Vector
from qiki.agent.manoeuvres.attitude import attitude_error, turning_torque
from qiki.agent.proposal import Wrench
from qiki.agent.vehicle_view import VehicleView
from qiki.agent.view import View

TIME_S = 1.0  # T
PULSE_S = 0.25  # at least so long: a pulse window, else part of it is left out
TICKS = 2.0  # a wrench lasts so many
UNTIL = 0.4  # of the deadband a correction goes on
FINE = 0.1  # of the deadbands of a turn while it pushes
NOTHING = np.zeros(3)


class Deadbands(NamedTuple):
    """What is left as it is.

    Attributes
    ----------
    speed_m_s : between wanted and own velocity [m/s].
    angle_rad : between wanted and own attitude [rad].
    rate_rad_s : of the turn, while the angle is left, too [rad/s].
    share : of what the thrusters give the worst way, the most that is asked for.
    """

    speed_m_s: float
    angle_rad: float
    rate_rad_s: float
    share: float = 0.3


class Pusher:
    """Makes wrenches, and knows of the one before.

    A wrench ends by itself soon after the next tick, so that the thrust of an agent that is no more
    ends, too. The first tick that wants none says so, as the last one may not have begun.
    """

    def __init__(self) -> None:
        self._moves = self._turns = self._pushed = False

    def rest(self) -> None:
        """Forget what was begun."""
        self._moves = self._turns = False

    def wrench(
        self, view: View, velocity_m_s: Vector, attitude: Vector | None, bands: Deadbands
    ) -> Wrench | None:
        """Return what brings the vehicle to that velocity and attitude; None: nothing, as before.

        Parameters
        ----------
        view : with a vehicle and its craft.
        velocity_m_s : (3,) wanted, world frame [m/s].
        attitude : (3, 3) wanted, body to world; None: any that does not turn.
        bands : what is left as it is.
        """
        vehicle, craft = view.vehicle, view.craft
        if vehicle is None or craft is None:
            raise ValueError("vehicle and craft are None, must be known to push")
        force_n = self._force(vehicle, craft, velocity_m_s, bands)
        torque_n_m = self._torque(vehicle, craft, attitude, bands)
        pushes = bool(force_n.any() or torque_n_m.any())
        pushed, self._pushed = self._pushed, pushes
        if not pushes and not pushed:
            return None
        duration_s = max(TICKS * view.period_s, PULSE_S)
        return Wrench(_triple(force_n), _triple(torque_n_m), duration_s)

    def _force(
        self, vehicle: VehicleView, craft: Craft, velocity_m_s: Vector, bands: Deadbands
    ) -> Vector:
        missing_m_s = velocity_m_s - vehicle.velocity_m_s
        speed_m_s = float(np.linalg.norm(missing_m_s))
        self._moves = speed_m_s > bands.speed_m_s * (UNTIL if self._moves else 1.0)
        if not self._moves:
            return NOTHING
        force_n = missing_m_s * (craft.mass_kg(vehicle.propellant_kg) / TIME_S)
        most_n = bands.share * float(craft.reach_n.min())
        force_n *= min(1.0, most_n / float(np.linalg.norm(force_n)))
        in_body: Vector = vehicle.attitude.T @ force_n
        return in_body

    def _torque(
        self, vehicle: VehicleView, craft: Craft, attitude: Vector | None, bands: Deadbands
    ) -> Vector:
        rate_rad_s = vehicle.angular_velocity_rad_s
        error_rad = NOTHING if attitude is None else attitude_error(vehicle.attitude, attitude)
        # While the thrusters push anyway they turn by the lengths of their pulses, which is exact.
        part = FINE if self._moves else 1.0
        until = UNTIL if self._turns else 1.0
        self._turns = bool(
            np.linalg.norm(error_rad) > part * until * bands.angle_rad
            or np.linalg.norm(rate_rad_s) > part * bands.rate_rad_s
        )
        if not self._turns:
            return NOTHING
        return turning_torque(error_rad, rate_rad_s, craft.inertia_kg_m2)


def _triple(vector: Vector) -> tuple[float, float, float]:
    x, y, z = vector.tolist()
    return x, y, z
