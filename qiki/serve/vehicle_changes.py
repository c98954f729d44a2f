"""What changes in the vehicle, step by step, until it is told."""

from typing import NamedTuple

from qiki.serve.latest_feed import Reader
from qiki.serve.own_ship import OwnShip
from qiki.vehicle import VehicleEvent

KEPT = 4096


class Change(NamedTuple):
    """One event of the core.

    Attributes
    ----------
    event : by the core.
    time_ns : world time at which it happened, nanoseconds since 1970.
    dropped : how many there were between the one before and this one that nobody is told of.
    ship : whose it is.
    """

    event: VehicleEvent
    time_ns: int
    dropped: int
    ship: OwnShip


class VehicleChanges:
    """Keeps the events of a vehicle in their order; of more than `KEPT` the oldest are dropped.

    They are taken from the core at each step of the vehicle, since there only 256 wait.
    """

    def __init__(self) -> None:
        self._waiting: Reader[tuple[int, Change]] = Reader(KEPT)
        self._count = 0  # of all, with those that the core dropped
        self._told = 0

    def __len__(self) -> int:
        """Return how many wait to be told."""
        return len(self._waiting)

    def take(self, ship: OwnShip, begin_ns: int) -> None:
        """Take what changed since it was last taken, in a world that began at that time [ns]."""
        events, dropped = ship.take_events()
        self._count += dropped
        for event in events:
            self._count += 1
            change = Change(event, begin_ns + event.time_ns, 0, ship)
            self._waiting.put((self._count, change))

    async def next(self) -> Change:
        """Return the oldest that waits; wait where there is none."""
        number, change = (await self._waiting.next()).item
        dropped = number - self._told - 1
        self._told = number
        return change._replace(dropped=dropped)
