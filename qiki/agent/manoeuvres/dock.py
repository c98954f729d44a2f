"""Docking: from wherever the vehicle is to a station's latches, and away when it goes wrong.

The phases are those of `qiki.agent.manoeuvres.dock_phases`.
"""

from typing import NamedTuple

import numpy as np

from qiki.agent.conduct import HELD
from qiki.agent.craft import Craft, Vector
from qiki.agent.manoeuvres.approach import (
    ApproachLimits,
    affordable_m_s,
    corridor_velocity,
    retreat_velocity,
    straight_velocity,
    way_round,
    why_outside,
)
from qiki.agent.manoeuvres.attitude import attitude_error
from qiki.agent.manoeuvres.dock_phases import DOCK, DockEvent, DockPhase
from qiki.agent.manoeuvres.push import Deadbands
from qiki.agent.manoeuvres.station_fix import Place, StationFix
from qiki.agent.vehicle_view import VehicleView
from qiki.agent.view import View

FAR = Deadbands(speed_m_s=0.12, angle_rad=0.1, rate_rad_s=0.02)
NEAR = Deadbands(speed_m_s=0.04, angle_rad=0.05, rate_rad_s=0.015)
CLOSE = Deadbands(speed_m_s=0.025, angle_rad=0.05, rate_rad_s=0.015)
COAST = Deadbands(speed_m_s=0.12, angle_rad=1.0, rate_rad_s=0.02)
COAST_M = 300.0  # so far from the gate the attitude matters for a long push only,
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
    corridor_m_s : the propellant must give so much to enter the corridor [m/s].
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


class _Seen(NamedTuple):
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
        camera = _by_camera(vehicle, port, craft)
        seen = camera or (None if place is None else _by_track(vehicle, place, port, craft))
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
        seen: _Seen | None,
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
        least_m_s = limits.corridor_m_s + (speed_m_s if self.phase is DockPhase.TRANSIT else 0.0)
        if left_m_s < least_m_s:
            return f"propellant is left for {left_m_s:.1f} m/s, must be for {least_m_s:.1f} m/s"
        return None

    def _why_outside(self, seen: _Seen, vehicle: VehicleView, *, sees: bool) -> str | None:
        """Return why the port is not where the phase wants it to be."""
        gate_m = self._approach.gate_m
        if self.phase is DockPhase.ALIGN:
            off_m = float(np.linalg.norm(seen.offset_m - gate_m * seen.axis))
            is_off = off_m > self._limits.gate_near_m
            return f"{off_m:.1f} m from the gate" if is_off else None
        far_m = float(np.linalg.norm(seen.offset_m))
        if self.phase is DockPhase.FINAL and not sees:
            return "the camera does not see the station's port"
        if self.phase is DockPhase.CORRIDOR and far_m < self._limits.blind_m:
            return f"{far_m:.1f} m by the track, and the camera does not see the station's port"
        speed_m_s = float(np.linalg.norm(vehicle.velocity_m_s - seen.station_m_s))
        return why_outside(seen.offset_m, speed_m_s, seen.axis, self._approach)

    def _is_aligned(self, seen: _Seen, vehicle: VehicleView, port: str) -> bool:
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

    def _transit(self, way_m: Vector, seen: _Seen, vehicle: VehicleView, craft: Craft) -> Course:
        """Return what to do on the way to the gate: a long push waits for the attitude."""
        approach = self._approach
        own_m_s = vehicle.velocity_m_s - seen.station_m_s
        far_m = float(np.linalg.norm(way_m))
        towards_m_s = float(own_m_s @ way_m) / max(far_m, 1e-9)
        left_m_s = craft.speed_left_m_s(vehicle.propellant_kg)
        cruise_m_s = affordable_m_s(left_m_s, towards_m_s, approach)
        velocity_m_s = straight_velocity(way_m, cruise_m_s, approach)
        bands = FAR
        if far_m > COAST_M:
            is_turned = (
                np.linalg.norm(attitude_error(vehicle.attitude, seen.docked)) < FAR.angle_rad
            )
            is_long = np.linalg.norm(velocity_m_s - own_m_s) > LONG_M_S
            bands = FAR if is_long else COAST
            if is_long and not is_turned:
                velocity_m_s = own_m_s
        return Course(seen.station_m_s + velocity_m_s, seen.docked, bands)

    def _course(
        self, seen: _Seen, place: Place | None, vehicle: VehicleView, craft: Craft
    ) -> Course | None:
        approach = self._approach
        to_gate_m = approach.gate_m * seen.axis - seen.offset_m
        if self.phase is DockPhase.TRANSIT:
            way_m = to_gate_m
            if place is not None:
                centre_m = place.position_m - vehicle.position_m
                way_m = way_round(to_gate_m, centre_m, approach.keep_out_m)
            return self._transit(way_m, seen, vehicle, craft)
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


def _by_camera(vehicle: VehicleView, port: str, craft: Craft) -> _Seen | None:
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
    return _Seen(
        offset_m=-(vehicle.attitude @ offset_m),
        station_m_s=own_m_s - vehicle.attitude @ past_m_s,
        docked=docked,
        axis=-(docked @ craft.ports[port].attitude[:, 1]),
        error_m=0.0,
    )


def _by_track(vehicle: VehicleView, place: Place, port: str, craft: Craft) -> _Seen:
    port_m = vehicle.position_m + vehicle.attitude @ craft.ports[port].position_m
    return _Seen(
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
