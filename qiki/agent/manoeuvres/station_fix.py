"""Where the station is, from its track over time: nearer than the radar sees it, too.

The station is taken to go on with its velocity: x(t) = x₀ + v (t - t₀). Each new state of its track
is a measurement of x(t) with the covariance P that the tracker tells. Since the tracker smooths,
states that follow each other say nearly the same: one that comes dt after the last counts for
dt / `MEMORY_S` of a measurement. The estimate is the weighted least squares one,

    N = Σ w Hᵀ P⁻¹ H,   b = Σ w Hᵀ P⁻¹ x,   H = [1, (t - t₀) 1],   N [x₀, v] = b

with a prior of v of `PRIOR_M_S` about none; old sums fade with the time constant `FADE_S`, so that
a station that does turn is followed late, but followed. N⁻¹ is the covariance of the estimate.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qiki.agent.craft import Vector
from qiki.agent.picture import Tracks
from qiki.agent.view import View
from qiki.tracking import ObjectType, TrackAlarm, position_covariance

MEMORY_S = 2.0
FADE_S = 150.0
PRIOR_M_S = 0.05
STATION_PREFIX = b"STN-"  # of the transponder ids of stations
NEAR_M = 30.0  # a new track so near to the estimate is that of the same station
LOST_S = 240.0  # after that without a track it may be anywhere


class Place(NamedTuple):
    """Where something is, and how well that is known.

    Attributes
    ----------
    position_m, velocity_m_s : (3,) world frame [m], [m/s].
    error_m : standard deviation of the position along its worst axis [m].
    """

    position_m: Vector
    velocity_m_s: Vector
    error_m: float


class StationFix:
    """The place of one station.

    Attributes
    ----------
    number : of the track that is taken for it; None before one was.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._begin_ns = self._seen_ns = 0
        self._information = np.zeros((6, 6))
        self._sums = np.zeros(6)

    def look(self, view: View) -> None:
        """Take what the tracks of a tick say of the station."""
        if self.number is not None and view.time_ns - self._seen_ns > LOST_S * 1e9:
            self.number = None
        row = self._row(view)
        if row is None:
            return
        track = view.tracks[row]
        if self.number is None:
            self._start(int(track["update_time_ns"]))
        self.number = int(track["number"])
        if track["update_time_ns"] > self._seen_ns:
            self._take(track)

    def at(self, time_ns: int) -> Place | None:
        """Return the place at a time [ns]; None where no station was seen."""
        if self.number is None or self._information[0, 0] <= 0.0:
            return None
        covariance = np.linalg.inv(self._information)
        state = covariance @ self._sums
        step = self._step(time_ns)
        worst = np.linalg.eigvalsh(step @ covariance @ step.T)[-1]
        return Place(step @ state, state[3:], float(max(worst, 0.0) ** 0.5))

    def _row(self, view: View) -> int | None:
        """Return the row of the station's track, None where none may be taken for it."""
        rows = np.flatnonzero(_are_stations(view.tracks))
        if self.number is None:
            # The one that is nearest: the others are as good.
            vehicle = view.vehicle
            if not len(rows) or vehicle is None:
                return None
            away_m = np.linalg.norm(view.tracks["position_m"][rows] - vehicle.position_m, axis=1)
            return int(rows[np.argmin(away_m)])
        same = rows[view.tracks["number"][rows] == self.number]
        if len(same):
            return int(same[0])
        place = self.at(view.time_ns)
        if place is None or not len(rows):
            return None
        away_m = np.linalg.norm(view.tracks["position_m"][rows] - place.position_m, axis=1)
        return int(rows[np.argmin(away_m)]) if away_m.min() < NEAR_M else None

    def _start(self, time_ns: int) -> None:
        self._begin_ns = time_ns
        self._seen_ns = time_ns - round(MEMORY_S * 1e9)  # the first state counts in full
        self._information = np.diag([0.0] * 3 + [PRIOR_M_S**-2] * 3)
        self._sums = np.zeros(6)

    def _take(self, track: np.void) -> None:
        covariance_m2 = position_covariance(np.atleast_1d(track))[0]
        passed_s = (int(track["update_time_ns"]) - self._seen_ns) * 1e-9
        self._seen_ns = int(track["update_time_ns"])
        weight = min(max(passed_s, 1e-3) / MEMORY_S, 1.0)
        fade = float(np.exp(-passed_s / FADE_S))
        prior = np.diag([0.0] * 3 + [PRIOR_M_S**-2] * 3)
        step = self._step(int(track["time_ns"]))
        known = step.T @ np.linalg.inv(covariance_m2) * weight
        self._information = prior + fade * (self._information - prior) + known @ step
        self._sums = fade * self._sums + known @ track["position_m"]

    def _step(self, time_ns: int) -> npt.NDArray[np.float64]:
        passed_s = (time_ns - self._begin_ns) * 1e-9
        return np.hstack([np.eye(3), passed_s * np.eye(3)])


def _are_stations(tracks: Tracks) -> npt.NDArray[np.bool_]:
    """Return which tracks are those of stations, by their kind or by their transponders."""
    said = np.char.startswith(tracks["transponder_id"].astype("S32"), STATION_PREFIX)
    refuted = (tracks["alarms"] & TrackAlarm.IDENTITY_REFUTED) != 0
    are: npt.NDArray[np.bool_] = (tracks["object_type"] == ObjectType.STATION) | (said & ~refuted)
    return are
