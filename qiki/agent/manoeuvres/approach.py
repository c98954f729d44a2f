"""The way to a station: to the gate before its port, and along the port's axis.

All velocities are those past the station. With d the distance that is left and a the braking, the
speed on a straight way is

    s(d) = min(cruise, √(2 a d), κ d)

so that it comes to rest where the way ends. The cruise is what the propellant allows: what is left
must bring it to that speed and to rest again, with a reserve for the rest of the way; and so is the
corridor's. Along the port's axis the speed is

    s(d) = min(corridor, √(c² + 2 a (d - d₀)))

with the creep c from d₀ before the end on, as the brakes act a little late; what the port is beside
the axis it comes back in proportion.
"""

from typing import NamedTuple

import numpy as np

from qiki.agent.craft import Vector

SLOWEST_M_S = 0.3  # with whatever propellant
ASIDE_M_S = 0.5  # less beside the way ends by itself, as the way is found anew at each tick
EASE_PER_S = 0.3  # κ, of a way that ends at rest


class ApproachLimits(NamedTuple):
    """How a station is approached; all distances are those from port to port.

    Attributes
    ----------
    cruise_m_s : highest speed of the way to the gate [m/s].
    reserve_m_s, spare_m_s : of the propellant that much is kept for the gate and the corridor, and
        in the corridor [m/s].
    braking_m_s2 : at most so hard it brakes there [m/s²].
    gate_m : where the gate is, out on the port's axis: beyond the radar's least range [m].
    keep_out_m : the way to the gate leaves the station so far aside [m].
    corridor_m_s, pace_m_s, corridor_m_s2 : speed along the axis at most and at least, far from its
        end [m/s], and braking there [m/s²]. A slower way costs more than it saves.
    creep_m_s, creep_m : c and d₀ [m/s], [m]; the creep is within what a port captures.
    aside_per_s, aside_m_s : speed back to the axis, as part of the way and at most.
    cone_deg, narrow_m : off the axis by more than both it is out of the corridor.
    fast_m_s : it is, too, by so much more speed.
    """

    cruise_m_s: float = 6.0
    reserve_m_s: float = 2.8
    spare_m_s: float = 1.0
    braking_m_s2: float = 0.25
    gate_m: float = 58.0
    keep_out_m: float = 50.0
    corridor_m_s: float = 1.0
    pace_m_s: float = 0.45
    corridor_m_s2: float = 0.15
    creep_m_s: float = 0.06
    creep_m: float = 0.5
    aside_per_s: float = 0.3
    aside_m_s: float = 0.4
    cone_deg: float = 12.0
    narrow_m: float = 0.4
    fast_m_s: float = 0.6


def affordable_m_s(
    left_m_s: float, along_m_s: float, aside_m_s: float, limits: ApproachLimits
) -> float:
    """Return the cruise that the propellant allows [m/s]; one that is reached is kept.

    With V what is left, p the speed along the way and q that beside it, which has to end,
    √((c - p)² + q²) + c + reserve = V. A small q is within what is left as it is.

    Parameters
    ----------
    left_m_s : change of velocity that the propellant can give [m/s].
    along_m_s, aside_m_s : p and q now [m/s].
    limits : highest cruise and reserve.
    """
    free_m_s = left_m_s - limits.reserve_m_s
    if aside_m_s < ASIDE_M_S:
        cruise_m_s = max(0.5 * (free_m_s + along_m_s), along_m_s)
    elif free_m_s <= (along_m_s**2 + aside_m_s**2) ** 0.5:
        cruise_m_s = SLOWEST_M_S
    else:
        rest_m2_s2 = free_m_s**2 - along_m_s**2 - aside_m_s**2
        cruise_m_s = 0.5 * rest_m2_s2 / (free_m_s - along_m_s)
    return min(max(cruise_m_s, SLOWEST_M_S), limits.cruise_m_s)


def paced(left_m_s: float, speed_m_s: float, limits: ApproachLimits) -> ApproachLimits:
    """Return limits with the speed along the axis that the propellant allows.

    With V what is left and v the speed, (c - v) + c + spare = V: less makes the way slower, so that
    it does not end with an empty tank in front of the station. What is reached is kept.

    Parameters
    ----------
    left_m_s : change of velocity that the propellant can give [m/s].
    speed_m_s : along the axis now [m/s].
    limits : highest speed along the axis, and what is spared.
    """
    affordable_m_s = max(
        0.5 * (left_m_s - limits.spare_m_s + speed_m_s), speed_m_s, limits.pace_m_s
    )
    return limits._replace(corridor_m_s=min(affordable_m_s, limits.corridor_m_s))


def straight_velocity(way_m: Vector, cruise_m_s: float, limits: ApproachLimits) -> Vector:
    """Return the velocity along a straight way that ends at rest, (3,) [m/s].

    Parameters
    ----------
    way_m : (3,) to its end [m].
    cruise_m_s : speed far from it [m/s].
    limits : how hard it brakes.
    """
    far_m = float(np.linalg.norm(way_m))
    if far_m == 0.0:
        return np.zeros(3)
    braked_m_s = min((2.0 * limits.braking_m_s2 * far_m) ** 0.5, EASE_PER_S * far_m)
    velocity_m_s: Vector = way_m / far_m * min(cruise_m_s, braked_m_s)
    return velocity_m_s


def way_round(way_m: Vector, centre_m: Vector, radius_m: float) -> Vector:
    """Return the next straight part of a way that keeps out of a sphere, (3,) [m].

    Where the straight way meets the sphere, it is the way to the point where the plane of both,
    seen from the sphere, is at right angles to the way: `radius_m` and a fifth beside the centre.

    Parameters
    ----------
    way_m : (3,) to the end [m].
    centre_m : (3,) to the sphere's centre [m].
    radius_m : of the sphere [m]; the end is outside of it.
    """
    length_m = float(np.linalg.norm(way_m))
    if length_m == 0.0:
        return way_m
    along = way_m / length_m
    reached_m = float(np.clip(centre_m @ along, 0.0, length_m))
    aside_m = reached_m * along - centre_m
    if np.linalg.norm(aside_m) >= radius_m or reached_m in (0.0, length_m):
        return way_m
    if np.linalg.norm(aside_m) < 1e-3:  # straight through the centre: any side will do
        aside_m = np.cross(along, [0.0, 0.0, 1.0] if abs(along[2]) < 0.9 else [1.0, 0.0, 0.0])
    round_m: Vector = centre_m + aside_m / np.linalg.norm(aside_m) * (1.2 * radius_m)
    return round_m


def corridor_speed_m_s(ahead_m: float, limits: ApproachLimits) -> float:
    """Return the speed of the formula above [m/s], so far before the station's port [m]."""
    left_m = max(ahead_m - limits.creep_m, 0.0)
    braked_m_s = float((limits.creep_m_s**2 + 2.0 * limits.corridor_m_s2 * left_m) ** 0.5)
    return min(limits.corridor_m_s, braked_m_s)


def corridor_velocity(offset_m: Vector, axis: Vector, limits: ApproachLimits) -> Vector:
    """Return the velocity of the port on its way along the station's axis, (3,) [m/s].

    Parameters
    ----------
    offset_m : (3,) from the station's port to the vehicle's [m].
    axis : (3,) unit vector out of the station's port.
    limits : how fast.
    """
    ahead_m = float(offset_m @ axis)
    speed_m_s = corridor_speed_m_s(ahead_m, limits)
    velocity_m_s: Vector = -speed_m_s * axis + _back(offset_m - ahead_m * axis, limits)
    return velocity_m_s


def retreat_velocity(offset_m: Vector, axis: Vector, limits: ApproachLimits) -> Vector:
    """Return the velocity back out along the axis to the gate, (3,) [m/s]; as above."""
    ahead_m = float(offset_m @ axis)
    left_m = limits.gate_m - ahead_m
    speed_m_s = float(np.clip(EASE_PER_S * left_m, 0.0, limits.corridor_m_s))
    velocity_m_s: Vector = speed_m_s * axis + _back(offset_m - ahead_m * axis, limits)
    return velocity_m_s


def why_outside(
    offset_m: Vector, speed_m_s: float, axis: Vector, limits: ApproachLimits
) -> str | None:
    """Return why a port is outside the corridor; None where it is in it.

    Parameters
    ----------
    offset_m : (3,) from the station's port to the vehicle's [m].
    speed_m_s : of one past the other [m/s].
    axis : (3,) unit vector out of the station's port.
    limits : of the corridor.
    """
    ahead_m = float(offset_m @ axis)
    aside_m = float(np.linalg.norm(offset_m - ahead_m * axis))
    most_m = max(limits.narrow_m, ahead_m * float(np.tan(np.radians(limits.cone_deg))))
    if aside_m > most_m:
        return f"{aside_m:.2f} m beside the axis, must be at most {most_m:.2f} m"
    if ahead_m < -limits.narrow_m:
        return f"{-ahead_m:.2f} m behind the station's port, must be before it"
    planned_m_s = corridor_speed_m_s(ahead_m, limits)
    if speed_m_s > planned_m_s + limits.fast_m_s:
        return (
            f"speed is {speed_m_s:.2f} m/s, must be at most {planned_m_s + limits.fast_m_s:.2f} m/s"
        )
    return None


def _back(aside_m: Vector, limits: ApproachLimits) -> Vector:
    far_m = float(np.linalg.norm(aside_m))
    if far_m == 0.0:
        return aside_m
    back_m_s: Vector = -aside_m / far_m * min(limits.aside_per_s * far_m, limits.aside_m_s)
    return back_m_s
