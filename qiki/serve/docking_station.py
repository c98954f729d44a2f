"""The scenario's station: where the vehicle may dock, and who hears it."""

from qiki._core import CheckedScenario
from qiki.errors import ModelError, SettingError
from qiki.radar import Radar
from qiki.serve.own_ship import OwnShip
from qiki.tracking import ObjectType
from qiki.vehicle import Vehicle

HELD = ("captured", "latched")  # phases in which the core keeps the station's port


class DockingStation:
    """Tells a vehicle where the station is, and how it moves, as the scenario has it.

    A target of a scenario is a point without an attitude, so the station's port is there and points
    where it is said to.

    Parameters
    ----------
    radar : of the scenario; it knows where the targets are.
    target : number of the station among them.
    heading_deg : where the port points, out of the station, clockwise from north [deg].
    """

    def __init__(self, radar: Radar, target: int, heading_deg: float) -> None:
        self._radar = radar
        self._target = target
        self._heading_deg = heading_deg

    @staticmethod
    def holds(ship: OwnShip) -> bool:
        """Tell whether the vehicle has the station's port."""
        docking = ship.vehicle.docking
        return docking is not None and docking.phase in HELD

    @staticmethod
    def forget_port(ship: OwnShip) -> None:
        """Let a vehicle know of no port, unless it has it."""
        docking = ship.vehicle.docking
        if docking is not None and docking.phase not in HELD:
            docking.forget_station_port()

    def tell(self, ship: OwnShip, time_ns: int, *, is_port_free: bool = True) -> None:
        """Tell the vehicle of the station at that time, nanoseconds since 1970.

        It goes on with its velocity until it is told anew. One that ends while it holds the vehicle
        holds it still, and so does one that leaves the space in which the core keeps places. Of a
        port that is not free, because another vehicle has it, this one is told nothing.
        """
        try:
            truth = self._radar.truth(time_ns)
        except ModelError:  # the frames that the model spoils are told of, the station goes on
            return
        ship.has_station = bool(truth.is_present[self._target])
        place_m, velocity_m_s = truth.position_m[self._target], truth.velocity_m_s[self._target]
        if ship.has_station:
            try:
                place, velocity = place_m.tolist(), velocity_m_s.tolist()
                self._tell_place(ship.vehicle, place, velocity, is_port_free=is_port_free)
            except SettingError:  # it has left the core's limits of places and speeds
                ship.has_station = False
        if not ship.has_station:
            self.forget_port(ship)
            if (comms := ship.vehicle.comms) is not None:
                comms.forget_station()

    def _tell_place(
        self,
        vehicle: Vehicle,
        place_m: list[float],
        velocity_m_s: list[float],
        *,
        is_port_free: bool,
    ) -> None:
        docking, comms = vehicle.docking, vehicle.comms
        if docking is not None and is_port_free:
            docking.set_station_port(place_m, velocity_m_s, heading_deg=self._heading_deg)
        if comms is not None:
            comms.set_station(place_m, velocity_m_s)


def docking_station(
    scenario: CheckedScenario, radar: Radar, heading_deg: float
) -> DockingStation | None:
    """Return the first target of the scenario that is a station, None where none is."""
    for number, target in enumerate(scenario.targets):
        if target.object_type == ObjectType.STATION:
            return DockingStation(radar, number, heading_deg)
    return None
