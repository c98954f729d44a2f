"""What an agent sees at one tick: one picture, all of it checked."""

from collections.abc import Mapping
from dataclasses import dataclass

from qiki.agent.alert import Alert
from qiki.agent.craft import Craft
from qiki.agent.machines import ShipState, SystemState
from qiki.agent.picture import Tracks
from qiki.agent.situation import Situation
from qiki.agent.trust import Trust
from qiki.agent.vehicle_view import VehicleView


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """What an agent sees at one tick.

    Attributes
    ----------
    tick : its number, from 0.
    time_ns : world time since 1970 [ns].
    period_s : world time from one tick to the next [s].
    tracks : (n,) TRACK_DTYPE: the confirmed ones of sufficient quality; none where they are not to
        be trusted. Their ids are those of the bridge. Each is as its last frame told of it, at its
        own ``time_ns``: `qiki.agent.picture.places_at` tells where they are at another.
    vehicle : None where there is none, or what is known of it is not to be trusted.
    alerts : those that stand.
    situations : those that stand and that nobody has in hand.
    system, ship : states of the two machines.
    trust : what is thought of ``tracks``, ``vehicle`` and ``bios``, and why.
    mission : what the ship is for now, as ``hold`` or ``dock``.
    craft : what the vehicle is made of; None where nobody tells.
    epoch : of the world, another after it began anew: what was known of the old one is of no use.
    safe_mode_reason : why the ship is in safe mode; empty where it is not.
    """

    tick: int
    time_ns: int
    period_s: float
    tracks: Tracks
    vehicle: VehicleView | None
    alerts: tuple[Alert, ...]
    situations: tuple[Situation, ...]
    system: SystemState
    ship: ShipState
    trust: Mapping[str, Trust]
    mission: str
    craft: Craft | None = None
    epoch: int = 0
    safe_mode_reason: str = ""
