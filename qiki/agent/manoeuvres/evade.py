"""Evading: of all directions in which the thrusters push, the one that misses everybody best.

A push of Δv along u is taken as one step of the velocity, at the middle of the time that it takes,
Δv m / (2 F) with F the force along u, and `LAG_S` later than it is told. For a track at r with the
velocity v as the vehicle sees it, up to the horizon H,

    d(u) = min over 0 ≤ t ≤ H of |r + v t - Δv u max(t - t₁, 0)|

which is reached at an end of one of the two straight parts or where (r + v t) · v = 0 in it. Of all
u and all Δv that are to be had, the least Δv is taken for which every d is `SAFE_M`, and the u with
the largest least d; where none is safe, the largest least d of all. What is then still equal goes
by the distance at the horizon, then by the order of the directions. A push after which the
propellant could not stop the vehicle, with `RESERVE_M_S` left, is taken only where every push is
such a one.

What is evaded comes within `NEAR_M` up to the horizon, going straight as now; either its least
distance is known well enough, or somebody warns of it: a critical alert, or the situation CPA_RISK.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qiki.agent.craft import Vector
from qiki.agent.manoeuvres.push import Deadbands, Pusher
from qiki.agent.picture import Tracks, places_at
from qiki.agent.proposal import Wrench
from qiki.agent.situation import SituationKind
from qiki.agent.view import View
from qiki.tracking import position_covariance, velocity_covariance

SAFE_M = 50.0  # what a push must reach
NEAR_M = 40.0  # what comes nearer is evaded,
STILL_NEAR_M = 25.0  # and once more while it is evaded
MOST_TRACKS = 128  # of which the nearest are looked at for a push
HORIZON_S = 60.0
SURE_M = 20.0  # a closest approach is known by that standard deviation before somebody warns of it,
STILL_SURE_M = 8.0  # and while it is evaded
STEPS_M_S = (0.5, 1.0, 1.5, 2.0, 3.0)
RESERVE_M_S = 2.8  # so much is left where the vehicle is brought to rest behind a push
LAG_S = 0.35
SETTLE_S = 2.0  # an evasion lasts that much longer than to the closest approach,
LEAST_S = 4.0  # and so long at least before it is thought over
BANDS = Deadbands(speed_m_s=0.1, angle_rad=0.2, rate_rad_s=0.02, share=0.8)


class Escape(NamedTuple):
    """What is chosen.

    Attributes
    ----------
    push_m_s : (3,) change of velocity, world frame [m/s].
    miss_m : least distance to all up to the horizon [m].
    approach_s : when that is [s].
    """

    push_m_s: Vector
    miss_m: float
    approach_s: float


class Own(NamedTuple):
    """What the vehicle does, and what it can.

    Attributes
    ----------
    directions : (k, 3) in which its thrusters push, unit vectors, world frame.
    accelerations_m_s2 : (k,) what they give along each [m/s²].
    velocity_m_s : (3,) world frame [m/s].
    left_m_s : change of velocity that its propellant can give [m/s].
    """

    directions: Vector
    accelerations_m_s2: Vector
    velocity_m_s: Vector
    left_m_s: float


def misses(
    place_m: Vector, velocity_m_s: Vector, pushes_m_s: Vector, begins_s: Vector, horizon_s: float
) -> tuple[Vector, Vector, Vector]:
    """Return least distances, their times, and least distances at the horizon, each (k,).

    Parameters
    ----------
    place_m, velocity_m_s : (n, 3) of the tracks as seen from the vehicle [m], [m/s].
    pushes_m_s : (k, 3) changes of the vehicle's velocity [m/s].
    begins_s : (k,) when each is made, at most the horizon [s].
    horizon_s : how far ahead it is looked [s].
    """
    before_m, before_s = nearest(place_m, velocity_m_s, begins_s[:, None])
    at_push_m = place_m + velocity_m_s * begins_s[:, None, None]
    pushed_m_s = velocity_m_s - pushes_m_s[:, None, :]
    left_s = (horizon_s - begins_s)[:, None]
    after_m, after_s = nearest(at_push_m, pushed_m_s, left_s)
    is_after = after_m < before_m
    least_m = np.where(is_after, after_m, before_m)
    time_s = np.where(is_after, after_s + begins_s[:, None], before_s)
    closest = least_m.argmin(axis=1)
    each = np.arange(len(begins_s))
    end_m = np.linalg.norm(at_push_m + pushed_m_s * left_s[..., None], axis=-1).min(axis=1)
    return least_m[each, closest], time_s[each, closest], end_m


def escape(
    place_m: Vector,
    velocity_m_s: Vector,
    own: Own,
    horizon_s: float = HORIZON_S,
) -> Escape:
    """Return the push of the rule above.

    Parameters
    ----------
    place_m, velocity_m_s : (n, 3) of the tracks as seen from the vehicle, n ≥ 1 [m], [m/s].
    own : what the vehicle does and can.
    horizon_s : how far ahead it is looked [s].
    """
    sizes = np.repeat(STEPS_M_S, len(own.directions))
    pushes_m_s = np.tile(own.directions, (len(STEPS_M_S), 1)) * sizes[:, None]
    takes_s = sizes / np.tile(own.accelerations_m_s2, len(STEPS_M_S))
    begins_s = np.minimum(LAG_S + 0.5 * takes_s, horizon_s)
    miss_m, time_s, end_m = misses(place_m, velocity_m_s, pushes_m_s, begins_s, horizon_s)
    cost = np.where(miss_m >= SAFE_M, sizes, np.inf)
    speed_m_s = np.linalg.norm(own.velocity_m_s + pushes_m_s, axis=1)
    no_stop = speed_m_s > own.left_m_s - sizes - RESERVE_M_S
    # The last key counts first; a millimetre is no difference.
    order = np.lexsort((-end_m.round(3), -miss_m.round(3), cost, no_stop))
    best = int(order[0])
    return Escape(pushes_m_s[best], float(miss_m[best]), float(time_s[best]))


class Evade:
    """Evades what comes too near, and says for how long."""

    def __init__(self) -> None:
        self._velocity_m_s: Vector | None = None
        self._until_ns = self._begun_ns = 0
        self.reason = ""

    def look(self, view: View, own: frozenset[int]) -> bool:
        """Look whether to evade; True while it is to be done.

        Parameters
        ----------
        view : of the tick, with a vehicle and its craft.
        own : numbers of the tracks to which the vehicle goes, and which it does not evade.
        """
        is_young = view.time_ns < self._begun_ns + round(LEAST_S * 1e9)
        if self._velocity_m_s is not None and is_young:
            return True
        if self._choose(view, own):
            return True
        if self._velocity_m_s is not None and view.time_ns >= self._until_ns:
            self._velocity_m_s = None
        return self._velocity_m_s is not None

    def wrench(self, view: View, pusher: Pusher) -> Wrench | None:
        """Return what brings the vehicle to the velocity of the evasion."""
        if self._velocity_m_s is None:
            raise ValueError("nothing is evaded: look() says whether to")
        return pusher.wrench(view, self._velocity_m_s, None, BANDS)

    def _choose(self, view: View, own: frozenset[int]) -> bool:
        """Choose a velocity where a threat stands; False where none does."""
        vehicle, craft = view.vehicle, view.craft
        others = view.tracks[~np.isin(view.tracks["number"], list(own))]
        if vehicle is None or craft is None or not len(others):
            return False
        place_m = places_at(others, vehicle.time_ns) - vehicle.position_m
        velocity_m_s = others["velocity_m_s"] - vehicle.velocity_m_s
        within_s = np.full(len(others), HORIZON_S)
        seen_m, seen_s = nearest(place_m, velocity_m_s, within_s)
        is_first = self._velocity_m_s is None
        near_m, sure_m = (NEAR_M, SURE_M) if is_first else (STILL_NEAR_M, STILL_SURE_M)
        is_sure = _miss_errors_m(others, seen_s) < sure_m
        is_named = np.isin(others["number"], list(_threats(view)))
        # What is nearest now keeps clear, or goes away.
        comes = (seen_m < near_m) & (seen_s > 0.0) & (is_sure | is_named)
        if not comes.any():
            return False
        # Who stays far off whatever is done costs time that a tick does not have.
        close = seen_m.argsort(kind="stable")[:MOST_TRACKS]
        chosen = escape(
            place_m[close],
            velocity_m_s[close],
            Own(
                craft.directions @ vehicle.attitude.T,
                craft.reach_n / craft.mass_kg(vehicle.propellant_kg),
                vehicle.velocity_m_s,
                craft.speed_left_m_s(vehicle.propellant_kg),
            ),
        )
        self._velocity_m_s = vehicle.velocity_m_s + chosen.push_m_s
        self._begun_ns = view.time_ns
        self._until_ns = view.time_ns + round((chosen.approach_s + SETTLE_S) * 1e9)
        first = int(np.where(comes, seen_s, np.inf).argmin())
        self.reason = (
            f"track {others['number'][first]} comes within {seen_m[first]:.0f} m in "
            f"{seen_s[first]:.0f} s, must keep {NEAR_M:g} m off: a push of "
            f"{np.linalg.norm(chosen.push_m_s):.1f} m/s makes it {chosen.miss_m:.0f} m"
        )
        return True


def _threats(view: View) -> frozenset[int]:
    """Return the numbers of the tracks of which somebody warns."""
    alerts = {it.track_number for it in view.alerts if it.severity == "critical"}
    risks = {it.track_number for it in view.situations if it.kind is SituationKind.CPA_RISK}
    return frozenset(alerts | risks)


def _miss_errors_m(tracks: Tracks, approach_s: Vector) -> Vector:
    """Return how well the distance of each at its closest approach is known, (n,) [m]."""
    place_m2 = np.trace(position_covariance(tracks), axis1=1, axis2=2) / 3.0
    speed_m2_s2 = np.trace(velocity_covariance(tracks), axis1=1, axis2=2) / 3.0
    errors_m: Vector = np.sqrt(place_m2 + speed_m2_s2 * approach_s**2)
    return errors_m


def nearest(
    place_m: Vector, velocity_m_s: Vector, within_s: Vector
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the least distance in 0 to `within_s` of bodies that go straight, and its time."""
    along = np.sum(place_m * velocity_m_s, axis=-1)
    speed_squared = np.sum(velocity_m_s * velocity_m_s, axis=-1)
    time_s = np.where(speed_squared > 0.0, -along / np.maximum(speed_squared, 1e-300), 0.0)
    time_s = np.clip(time_s, 0.0, within_s)
    distance_m = np.linalg.norm(place_m + velocity_m_s * time_s[..., None], axis=-1)
    return distance_m, time_s
