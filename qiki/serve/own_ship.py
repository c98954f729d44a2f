"""The simulated vehicle in the running world: which step it takes next, and when."""

from qiki._core import CheckedVehicle
from qiki.errors import VehicleError
from qiki.radar import OwnShipState
from qiki.serve.actuator_names import RESERVED
from qiki.vehicle import LoadStatus, Vehicle, VehicleConfig, VehicleEvent

RADAR = "radar"  # the load that all radars of the world take their power from


class OwnShip:
    """A vehicle that goes on step by step with the world's clock.

    The steps only say how often it is looked at and how soon a command acts: the core counts its
    own steps from time 0, so that the vehicle's way is the same at any rate.

    Parameters
    ----------
    config : what it is made of.
    rate_hz : steps per second of world time.
    start : where it begins; at rest in the origin, its bow to the north, unless told otherwise.

    Attributes
    ----------
    vehicle : as it is after the newest step.
    config : what it is made of.
    has_station : whether it was told of a station to dock to.
    """

    def __init__(
        self, config: CheckedVehicle, rate_hz: int, start: OwnShipState | None = None
    ) -> None:
        self.config = config
        self.vehicle = Vehicle(config) if start is None else _begun(config, start)
        self.has_station = False
        self._rate_hz = rate_hz
        self._steps = 0
        self._dropped = 0

    @property
    def due_ns(self) -> int:
        """When `step` is to be called next, counted from the start of the world [ns]."""
        return self._time_of(self._steps)

    def step(self) -> None:
        """Go on to the time that is due."""
        # The core keeps what is left of its own step, so its time is not what was told it.
        self.vehicle.advance(self.due_ns - self._time_of(max(self._steps - 1, 0)))
        self._steps += 1

    def take_events(self) -> tuple[list[VehicleEvent], int]:
        """Return what changed since it was last asked, and how much before it the core dropped."""
        events, before = self.vehicle.take_events(), self._dropped
        self._dropped = self.vehicle.dropped_events
        return events, self._dropped - before

    def _time_of(self, step: int) -> int:
        return step * 1_000_000_000 // self._rate_hz

    @property
    def powers_radar(self) -> bool:
        """Whether radars have power; where the vehicle has no load of that name they need none."""
        load = self._load()
        if load is None:
            return True
        # Before its first step nothing has got power yet.
        return load.is_powered or (self.vehicle.time_ns == 0 and load.is_on)

    @property
    def why_unpowered(self) -> str:
        """Why radars have no power, as the core names it: ``off`` where nothing sheds the load."""
        load = self._load()
        return "off" if load is None or load.shed is None else load.shed

    def switch_radar(self, *, on: bool) -> None:
        """Switch the load of the radars, where there is one."""
        if self._load() is not None:
            self.vehicle.set_load(RADAR, is_on=on)

    def _load(self) -> LoadStatus | None:
        power = self.vehicle.power
        return None if power is None else power.loads.get(RADAR)


def _begun(config: CheckedVehicle, start: OwnShipState) -> Vehicle:
    return Vehicle(
        config,
        position_m=start.position_m,
        velocity_m_s=start.velocity_m_s,
        heading_deg=start.heading_deg,
    )


def vehicle_config(name: str) -> VehicleConfig | None:
    """Return what the vehicle that the settings name is made of, None for ``none``.

    Raises
    ------
    VehicleError : the file cannot be used, or calls a load as an actuator is called.
    """
    if name == "none":
        return None
    config = VehicleConfig.load(name)
    power = Vehicle(config).power
    loads = () if power is None else power.loads
    problems = [
        (f"power.loads[{n}].name", None, _taken(it)) for n, it in enumerate(loads) if it in RESERVED
    ]
    if problems:
        raise VehicleError(problems, file=name)
    return config


def _taken(load: str) -> str:
    return (
        f"is {load!r}, must be none of {', '.join(RESERVED)}, which are actuators of their own, "
        "so that nobody could switch the load: give it another name"
    )
