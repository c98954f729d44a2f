"""Docking: from wherever the vehicle is to a station's latches, and away when it goes wrong.

SEEK      no station is known well enough: the vehicle is held
TRANSIT   to the gate before the station's port, in the docked attitude
ALIGN     at rest at the gate, until place, velocity and attitude are right; the port is engaged
CORRIDOR  along the port's axis, by the track, which the radar loses nearer than its least range
FINAL     the same by the camera at the port
RETREAT   out of the corridor, or late: back to the gate
HELD      soft capture and latches do the rest: nothing fires
GIVEN_UP  too many retreats: the vehicle is held at the gate, for good
"""

from typing import NamedTuple

import numpy as np

from qiki.agent.conduct import HELD
from qiki.agent.craft import Craft, Vector
from qiki.agent.manoeuvres.approach import (
    ApproachLimits,
    affordable_m_s,
    corridor_velocity,
    paced,
    retreat_velocity,
    straight_velocity,
    way_round,
    why_outside,
)
from qiki.agent.manoeuvres.attitude import attitude_error
from qiki.agent.manoeuvres.docking_phases import DOCK, DockEvent, DockPhase
from qiki.agent.manoeuvres.push import Deadbands
from qiki.agent.manoeuvres.sight import Sight, by_camera, by_track
from qiki.agent.manoeuvres.station_fix import Place, StationFix
from qiki.agent.vehicle_view import VehicleView
from qiki.agent.view import View

FAR = Deadbands(speed_m_s=0.12, angle_rad=0.1, rate_rad_s=0.02)
NEAR = Deadbands(speed_m_s=0.04, angle_rad=0.05, rate_rad_s=0.015)
CLOSE = Deadbands(speed_m_s=0.025, angle_rad=0.05, rate_rad_s=0.015)
COAST = Deadbands(speed_m_s=0.12, angle_rad=1.0, rate_rad_s=0.02)
# So far from the gate the attitude matters for a long push only; a slow way has fewer metres of it,
# as keeping the attitude costs propellant by the second.
COAST_M, COAST_S = 300.0, 50.0
DRIFT_S = 100.0  # before that it may turn as it likes, as long as that is slow
LONG_M_S = 0.5  # which is one of so much, and before which it turns


class DockLimits(NamedTuple):
    """When a phase ends.

    Attributes
    ----------
    found_error_m, aligned_error_m : so well the station's place is known to go there, and to go on
        from the gate [m].
    gate_far_m, gate_near_m : from the gate; where it is reached, and where it is left again [m].
    rest_m_s, angle_deg, rate_deg_s : it is aligned at less [m/s], [deg], [deg/s].
    blind_m : nearer by the track the camera must see the station's port [m].
    retreated_m : the retreat ends beyond that [m].
    phase_s : longest time of ALIGN, CORRIDOR, FINAL and RETREAT [s].
    retreats : so many, and no more.
    corridor_m_s, stop_m_s : the propellant must give so much to enter the corridor; and on the way
        to the gate so much above the speed, else the vehicle stops while it can [m/s].
    """

    found_error_m: float = 30.0
    aligned_error_m: float = 0.7
    gate_far_m: float = 3.0
    gate_near_m: float = 8.0
    rest_m_s: float = 0.25
    angle_deg: float = 4.0
    rate_deg_s: float = 1.0
    blind_m: float = 14.0
    retreated_m: float = 50.0
    phase_s: float = 180.0
    retreats: int = 3
    corridor_m_s: float = 1.6
    stop_m_s: float = 0.5


class Course(NamedTuple):
    """What the vehicle is to do.

    Attributes
    ----------
    velocity_m_s : (3,) world frame [m/s].
    attitude : (3, 3) body to world; None: any that does not turn.
    bands : what is left as it is.
    """

    velocity_m_s: Vector
    attitude: Vector | None
    bands: Deadbands


class Dock:
    """Takes a vehicle to a station's port.

    Parameters
    ----------
    limits : when a phase ends.
    approach : how the station is approached.

    Attributes
    ----------
    phase : how far it is.
    reason : why it last came to another.
    fix : where the station is.
    """

    def __init__(
        self, limits: DockLimits | None = None, approach: ApproachLimits | None = None
    ) -> None:
        self._limits = limits or DockLimits()
        self._approach = approach or ApproachLimits()
        self.phase: DockPhase = DOCK.start
        self.reason = ""
        self.fix = StationFix()
        self._since_ns = 0
        self._retreats = 0

    def begin(self) -> None:
        """Begin anew, as after the vehicle did something else; what the station is, is kept.

        One that was near the station's port goes back to the gate first.
        """
        if self.phase in (DockPhase.CORRIDOR, DockPhase.FINAL):
            self.phase = DockPhase.RETREAT
        elif self.phase in (DockPhase.TRANSIT, DockPhase.ALIGN):
            self.phase = DOCK.start

    def look(self, view: View, port: str) -> Course | None:
        """Look at a tick, move on, and return what to do; None: hold the vehicle where it is.

        Parameters
        ----------
        view : with a vehicle that can dock, and its craft.
        port : the vehicle's that is to dock.
        """
        vehicle, craft = view.vehicle, view.craft
        if vehicle is None or craft is None or vehicle.docking is None:
            raise ValueError("vehicle, craft or docking is None, must be known to dock")
        place = self.fix.at(view.time_ns)
        camera = by_camera(vehicle, port, craft)
        seen = camera or (None if place is None else by_track(vehicle, place, port, craft))
        for event, reason in self._events(
            view, vehicle, craft, seen, port, sees=camera is not None
        ):
            if self._move(view, event, reason):
                break
        return None if seen is None else self._course(seen, place, vehicle, craft)

    def _move(self, view: View, event: DockEvent, reason: str) -> bool:
        before, self.phase = self.phase, DOCK.next(self.phase, event)
        if before is self.phase:
            return False
        if self.phase is DockPhase.RETREAT:
            self._retreats += 1
        self.reason = f"{event}: {reason}" if reason else str(event)
        self._since_ns = view.time_ns
        return True

    def _events(
        self,
        view: View,
        vehicle: VehicleView,
        craft: Craft,
        seen: Sight | None,
        port: str,
        *,
        sees: bool,
    ) -> list[tuple[DockEvent, str]]:
        """Return what holds now, the most urgent first; what does not matter moves nothing."""
        limits, docking = self._limits, vehicle.docking
        is_held = docking is not None and docking.phase in HELD
        found: list[tuple[DockEvent, str]] = [
            (DockEvent.CAPTURED if is_held else DockEvent.FREE, "")
        ]
        if seen is None or seen.error_m > limits.found_error_m:
            return [*found, (DockEvent.LOST, "the station's place is not known")]
        if (why := self._why_hopeless(vehicle, craft)) is not None:
            found.append((DockEvent.HOPELESS, why))
        found.append((DockEvent.FOUND, f"known within {seen.error_m:.1f} m"))
        passed_s = (view.time_ns - self._since_ns) * 1e-9
        if passed_s > limits.phase_s:
            found.append((DockEvent.LATE, f"{self.phase} lasts {passed_s:.0f} s"))
        if (why := self._why_outside(seen, vehicle, sees=sees)) is not None:
            found.append((DockEvent.OUTSIDE, why))
        if sees:
            found.append((DockEvent.IN_SIGHT, ""))
        off_m = float(np.linalg.norm(seen.offset_m - self._approach.gate_m * seen.axis))
        if off_m < limits.gate_far_m:
            found.append((DockEvent.AT_GATE, ""))
        if seen.offset_m @ seen.axis > limits.retreated_m:
            found.append((DockEvent.CLEAR, ""))
        if self._is_aligned(seen, vehicle, port):
            found.append((DockEvent.ALIGNED, ""))
        return found

    def _why_hopeless(self, vehicle: VehicleView, craft: Craft) -> str | None:
        """Return why the corridor is not to be flown any more."""
        limits = self._limits
        if self._retreats > limits.retreats:
            return f"{self._retreats} retreats, must be at most {limits.retreats}"
        left_m_s = craft.speed_left_m_s(vehicle.propellant_kg)
        speed_m_s = float(np.linalg.norm(vehicle.velocity_m_s))
        least_m_s = limits.corridor_m_s
        if self.phase is DockPhase.TRANSIT:  # it must be able to stop there
            least_m_s = max(least_m_s, speed_m_s + limits.stop_m_s)
        if left_m_s < least_m_s:
            return f"propellant is left for {left_m_s:.1f} m/s, must be for {least_m_s:.1f} m/s"
        return None

    def _why_outside(self, seen: Sight, vehicle: VehicleView, *, sees: bool) -> str | None:
        """Return why the port is not where the phase wants it to be."""
        gate_m = self._approach.gate_m
        if self.phase is DockPhase.ALIGN:
            off_m = float(np.linalg.norm(seen.offset_m - gate_m * seen.axis))
            is_off = off_m > self._limits.gate_near_m
            return f"{off_m:.1f} m from the gate" if is_off else None
        far_m = float(np.linalg.norm(seen.offset_m))
        if self.phase is DockPhase.FINAL and not sees:
            return "the camera does not see the station's port"
        if self.phase is DockPhase.CORRIDOR and not sees and far_m < self._limits.blind_m:
            return f"{far_m:.1f} m by the track, and the camera does not see the station's port"
        speed_m_s = float(np.linalg.norm(vehicle.velocity_m_s - seen.station_m_s))
        return why_outside(seen.offset_m, speed_m_s, seen.axis, self._approach)

    def _is_aligned(self, seen: Sight, vehicle: VehicleView, port: str) -> bool:
        limits = self._limits
        speed_m_s = np.linalg.norm(vehicle.velocity_m_s - seen.station_m_s)
        error_rad = attitude_error(vehicle.attitude, seen.docked)
        rate_rad_s = np.linalg.norm(vehicle.angular_velocity_rad_s)
        engaged = vehicle.docking is not None and vehicle.docking.port == port
        return bool(
            engaged
            and seen.error_m < limits.aligned_error_m
            and speed_m_s < limits.rest_m_s
            and np.degrees(np.linalg.norm(error_rad)) < limits.angle_deg
            and np.degrees(rate_rad_s) < limits.rate_deg_s
        )

    def _transit(self, way_m: Vector, seen: Sight, vehicle: VehicleView, craft: Craft) -> Course:
        """Return what to do on the way to the gate: a long push waits for the attitude."""
        approach = self._approach
        own_m_s = vehicle.velocity_m_s - seen.station_m_s
        far_m = float(np.linalg.norm(way_m))
        towards_m_s = float(own_m_s @ way_m) / max(far_m, 1e-9)
        left_m_s = craft.speed_left_m_s(vehicle.propellant_kg)
        aside_m_s = float(np.linalg.norm(own_m_s - towards_m_s * way_m / max(far_m, 1e-9)))
        cruise_m_s = affordable_m_s(left_m_s, towards_m_s, aside_m_s, approach)
        velocity_m_s = straight_velocity(way_m, cruise_m_s, approach)
        bands = FAR
        attitude: Vector | None = seen.docked
        if far_m > min(COAST_M, COAST_S * cruise_m_s):
            is_turned = (
                np.linalg.norm(attitude_error(vehicle.attitude, seen.docked)) < FAR.angle_rad
            )
            is_long = np.linalg.norm(velocity_m_s - own_m_s) > LONG_M_S
            bands = FAR if is_long else COAST
            if is_long and not is_turned:
                velocity_m_s = own_m_s
            elif not is_long and far_m > DRIFT_S * cruise_m_s:
                attitude = None
        return Course(seen.station_m_s + velocity_m_s, attitude, bands)

    def _course(
        self, seen: Sight, place: Place | None, vehicle: VehicleView, craft: Craft
    ) -> Course | None:
        approach = self._approach
        to_gate_m = approach.gate_m * seen.axis - seen.offset_m
        if self.phase is DockPhase.TRANSIT:
            way_m = to_gate_m
            if place is not None:
                centre_m = place.position_m - vehicle.position_m
                way_m = way_round(to_gate_m, centre_m, approach.keep_out_m)
            return self._transit(way_m, seen, vehicle, craft)
        own_m_s = seen.station_m_s - vehicle.velocity_m_s
        left_m_s = craft.speed_left_m_s(vehicle.propellant_kg)
        approach = paced(left_m_s, float(own_m_s @ seen.axis), approach)
        if self.phase is DockPhase.ALIGN:
            velocity_m_s, bands = straight_velocity(to_gate_m, approach.cruise_m_s, approach), NEAR
        elif self.phase is DockPhase.CORRIDOR:
            velocity_m_s, bands = corridor_velocity(seen.offset_m, seen.axis, approach), NEAR
        elif self.phase is DockPhase.FINAL:
            velocity_m_s, bands = corridor_velocity(seen.offset_m, seen.axis, approach), CLOSE
        elif self.phase is DockPhase.RETREAT:
            velocity_m_s, bands = retreat_velocity(seen.offset_m, seen.axis, approach), NEAR
        else:
            return None
        return Course(seen.station_m_s + velocity_m_s, seen.docked, bands)
