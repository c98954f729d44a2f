"""Situations: what the tracks around the vehicle mean to it, and when that has lasted long enough.

Each is raised when its condition holds at several ticks in a row, stands while it holds, and is
resolved when it is gone for a while. Conditions of all tracks are computed at once; closest
approach is that of two bodies that go on as they do:

    t = -(r . v) / (v . v),   d = |r + v t|

with r and v the place and velocity of the track as seen from the vehicle.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt

from qiki.agent.picture import Tracks, places_at
from qiki.agent.vehicle_view import VehicleView
from qiki.tracking import FriendFoe, TrackAlarm

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class SituationKind(StrEnum):
    """What may be the matter with a track."""

    CPA_RISK = "CPA_RISK"
    CLOSING_FAST = "CLOSING_FAST"
    UNKNOWN_NEARBY = "UNKNOWN_NEARBY"
    IDENTITY_MISMATCH = "IDENTITY_MISMATCH"
    CONTACT_LOST = "CONTACT_LOST"


class SituationLimits(NamedTuple):
    """When something is a situation; the numbers are the original's where it has any.

    Attributes
    ----------
    risk_time_s, risk_distance_m : a closest approach so soon and so near is a risk.
    critical_time_s, critical_distance_m : and so soon and so near is critical.
    fast_m_s, fast_range_m : closing at least so fast, from nearer than that.
    nearby_m : an unknown contact so near.
    lost_range_m : a track that ends nearer than that is a contact lost.
    confirm_ticks : a condition holds at so many ticks in a row before it is raised.
    resolve_s : and is gone for so long before it is resolved.
    cooldown_s : after that it is not raised again of the same track for so long.
    snooze_s : once acknowledged, an agent is not shown it for so long.
    """

    risk_time_s: float = 20.0
    risk_distance_m: float = 300.0
    critical_time_s: float = 8.0
    critical_distance_m: float = 150.0
    fast_m_s: float = 5.0
    fast_range_m: float = 2000.0
    nearby_m: float = 300.0
    lost_range_m: float = 2000.0
    confirm_ticks: int = 3
    resolve_s: float = 2.0
    cooldown_s: float = 5.0
    snooze_s: float = 10.0


@dataclass(frozen=True)
class Situation:
    """One situation that stands.

    Attributes
    ----------
    kind : what is the matter.
    severity : ``warning`` or ``critical``.
    track_id, track_number : with whom.
    since_ns, time_ns : when it was raised, and when it was last seen [ns].
    range_m, closing_m_s : to the track, and how fast that falls [m], [m/s].
    approach_time_s, approach_distance_m : of the closest approach; 0 s where it is past [s], [m].
    acknowledged_until_ns : up to when somebody has it in hand; 0: nobody [ns].
    """

    kind: SituationKind
    severity: str
    track_id: str
    track_number: int
    since_ns: int
    time_ns: int
    range_m: float
    closing_m_s: float
    approach_time_s: float
    approach_distance_m: float
    acknowledged_until_ns: int = 0


class SituationChange(NamedTuple):
    """What happened to a situation: ``created``, ``updated`` (its severity) or ``resolved``."""

    what: str
    situation: Situation


class _Geometry(NamedTuple):
    """The tracks as seen from the vehicle, one row each."""

    range_m: Floats
    closing_m_s: Floats
    approach_time_s: Floats
    approach_distance_m: Floats

    def of(self, row: int) -> tuple[float, float, float, float]:
        return (
            float(self.range_m[row]),
            float(self.closing_m_s[row]),
            float(self.approach_time_s[row]),
            float(self.approach_distance_m[row]),
        )


@dataclass
class _Watch:
    """One pair of a kind and a track."""

    ticks: int = 0
    standing: Situation | None = None
    held_ns: int = 0  # when its condition held last
    quiet_until_ns: int = 0


class Situations:
    """The situations around one vehicle.

    Parameters
    ----------
    limits : when something is one.
    """

    def __init__(self, limits: SituationLimits | None = None) -> None:
        self._limits = limits or SituationLimits()
        self._watches: dict[tuple[SituationKind, int], _Watch] = {}
        self._last: dict[int, tuple[str, float]] = {}  # id and range of the tracks seen last

    @property
    def standing(self) -> tuple[Situation, ...]:
        """All that stand, the critical ones first, then by kind and track."""
        found = [watch.standing for watch in self._watches.values() if watch.standing is not None]
        return tuple(sorted(found, key=lambda it: (it.severity, it.kind, it.track_number)))

    def forget(self) -> None:
        """Forget all, untold: the tracks are others, and none of these is lost."""
        self._watches.clear()
        self._last = {}

    def shown(self, time_ns: int) -> tuple[Situation, ...]:
        """Those that stand and that nobody has in hand."""
        return tuple(it for it in self.standing if it.acknowledged_until_ns <= time_ns)

    def acknowledge(self, kind: SituationKind, track_number: int, time_ns: int) -> bool:
        """Note that somebody has a situation in hand; False where it does not stand."""
        watch = self._watches.get((kind, track_number))
        if watch is None or watch.standing is None:
            return False
        until_ns = time_ns + round(self._limits.snooze_s * 1e9)
        watch.standing = replace(watch.standing, acknowledged_until_ns=until_ns)
        return True

    def look(self, tracks: Tracks, vehicle: VehicleView, time_ns: int) -> list[SituationChange]:
        """Look at the tracks of a tick; return what has changed.

        Parameters
        ----------
        tracks : (n,) TRACK_DTYPE that may be acted on.
        vehicle : of the same time.
        time_ns : world time [ns].
        """
        geometry = _geometry(tracks, vehicle)
        held = {}
        for kind, holds, critical in self._conditions(tracks, geometry):
            for row in holds.nonzero()[0].tolist():
                severity = "critical" if critical[row] else "warning"
                number, track_id = int(tracks["number"][row]), _uuid(tracks["track_id"][row])
                held[kind, number] = Situation(
                    kind, severity, track_id, number, time_ns, time_ns, *geometry.of(row)
                )
        held |= self._lost(tracks, geometry, time_ns)
        changes = [change for key, seen in held.items() for change in self._hold(key, seen)]
        return changes + list(self._release(held, time_ns))

    def _conditions(
        self, tracks: Tracks, seen: _Geometry
    ) -> Iterator[tuple[SituationKind, Bools, Bools]]:
        """Yield each kind, of which tracks it holds, and of which it is critical."""
        limits = self._limits
        never = np.zeros(len(tracks), bool)
        ahead = seen.approach_time_s > 0.0
        soon = ahead & (seen.approach_time_s < limits.risk_time_s)
        very_soon = ahead & (seen.approach_time_s < limits.critical_time_s)
        yield (
            SituationKind.CPA_RISK,
            soon & (seen.approach_distance_m < limits.risk_distance_m),
            very_soon & (seen.approach_distance_m < limits.critical_distance_m),
        )
        fast = (seen.closing_m_s > limits.fast_m_s) & (seen.range_m < limits.fast_range_m)
        yield SituationKind.CLOSING_FAST, fast, never
        unknown = tracks["friend_foe"] == FriendFoe.UNKNOWN
        yield SituationKind.UNKNOWN_NEARBY, unknown & (seen.range_m < limits.nearby_m), never
        refuted = (tracks["alarms"] & TrackAlarm.IDENTITY_REFUTED) != 0
        yield SituationKind.IDENTITY_MISMATCH, refuted, never

    def _lost(
        self, tracks: Tracks, seen: _Geometry, time_ns: int
    ) -> dict[tuple[SituationKind, int], Situation]:
        """Return the tracks that were near and are no more: told once, so confirmed at once."""
        numbers = tracks["number"].tolist()
        now = {
            number: (_uuid(track_id), range_m)
            for number, track_id, range_m in zip(
                numbers, tracks["track_id"], seen.range_m.tolist(), strict=True
            )
        }
        gone = {number: it for number, it in self._last.items() if number not in now}
        self._last = now
        found = {}
        for number, (track_id, range_m) in gone.items():
            if range_m < self._limits.lost_range_m:
                kind = SituationKind.CONTACT_LOST
                self._watches.setdefault(
                    (kind, number), _Watch()
                ).ticks = self._limits.confirm_ticks
                found[kind, number] = Situation(
                    kind, "warning", track_id, number, time_ns, time_ns, range_m, 0.0, 0.0, range_m
                )
        return found

    def _hold(self, key: tuple[SituationKind, int], seen: Situation) -> Iterator[SituationChange]:
        watch = self._watches.setdefault(key, _Watch())
        watch.ticks += 1
        watch.held_ns = seen.time_ns
        before = watch.standing
        if before is None:
            is_quiet = seen.time_ns < watch.quiet_until_ns
            if watch.ticks >= self._limits.confirm_ticks and not is_quiet:
                watch.standing = seen
                yield SituationChange("created", seen)
            return
        until_ns = before.acknowledged_until_ns if before.severity == seen.severity else 0
        watch.standing = replace(seen, since_ns=before.since_ns, acknowledged_until_ns=until_ns)
        if before.severity != seen.severity:
            yield SituationChange("updated", watch.standing)

    def _release(
        self, held: dict[tuple[SituationKind, int], Situation], time_ns: int
    ) -> Iterator[SituationChange]:
        """Resolve what is gone for long enough, and forget what is of no use any more."""
        resolve_ns = round(self._limits.resolve_s * 1e9)
        for key in [key for key in self._watches if key not in held]:
            watch = self._watches[key]
            watch.ticks = 0
            if watch.standing is not None and time_ns - watch.held_ns > resolve_ns:
                yield SituationChange("resolved", watch.standing)
                watch.standing = None
                watch.quiet_until_ns = time_ns + round(self._limits.cooldown_s * 1e9)
            if watch.standing is None and time_ns >= watch.quiet_until_ns:
                del self._watches[key]


def _geometry(tracks: Tracks, vehicle: VehicleView) -> _Geometry:
    place_m = places_at(tracks, vehicle.time_ns) - vehicle.position_m
    velocity_m_s = tracks["velocity_m_s"] - vehicle.velocity_m_s
    range_m = np.linalg.norm(place_m, axis=1)
    along = np.einsum("ij,ij->i", place_m, velocity_m_s)
    speed_squared = np.einsum("ij,ij->i", velocity_m_s, velocity_m_s)
    # A body that keeps its distance is nearest now.
    time_s = np.where(speed_squared > 0.0, -along / np.maximum(speed_squared, 1e-300), 0.0)
    time_s = np.maximum(time_s, 0.0)
    distance_m = np.linalg.norm(place_m + velocity_m_s * time_s[:, None], axis=1)
    closing_m_s = -along / np.maximum(range_m, 1e-9)
    return _Geometry(range_m, closing_m_s, time_s, distance_m)


def _uuid(track_id: np.void | npt.NDArray[np.void]) -> str:
    return str(UUID(bytes=track_id.tobytes()))
