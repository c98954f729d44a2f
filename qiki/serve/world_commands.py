"""The commands that the simulator knows: what each takes and what it does to the world."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from qiki.bus.command_message import CommandMessage, CommandRefused, Scalar
from qiki.errors import CapacityError, ScenarioError

Parameters = Mapping[str, Scalar]


class World(Protocol):
    """What commands act on."""

    @property
    def time_ns(self) -> int:
        """World time [ns]."""

    @property
    def sensor_names(self) -> tuple[str, ...]:
        """Names of the radars."""

    def start(self) -> None:
        """Let the world's clock run."""

    def pause(self) -> None:
        """Let the world's clock stand still."""

    def switch_radar(self, sensor: str, *, on: bool) -> None:
        """Switch the radar of that name on or off."""

    def add_fault(
        self, sensor: str, fault: str | Mapping[str, Mapping[str, Scalar]], duration_s: float | None
    ) -> None:
        """Let something go wrong with the radar of that name."""

    def repair(self, sensor: str) -> None:
        """End every fault of the radar of that name."""


class Command(NamedTuple):
    """One command: its parameters and its effect, which checks their values first."""

    parameters: tuple[str, ...]
    act: Callable[[World, Parameters], None]


def carry_out(command: CommandMessage, world: World) -> None:
    """Do what the command says, wholly or not at all.

    Raises
    ------
    CommandRefused : there is no such command (``rejected``), or a parameter is unknown, missing or
        outside its limits (``invalid_parameters``).
    """
    name = command.command_name
    known = COMMANDS.get(name)
    if known is None:
        raise CommandRefused(
            "rejected", f"command_name is {name}, must be one of {', '.join(sorted(COMMANDS))}"
        )
    for parameter in command.parameters:
        if parameter not in known.parameters:
            allowed = ", ".join(known.parameters) or "none"
            raise _invalid(f"{name} has the parameter {parameter}, takes {allowed}: leave it out")
    known.act(world, command.parameters)


def _start(world: World, parameters: Parameters) -> None:
    speed = parameters.get("speed", 1.0)
    if isinstance(speed, bool) or speed != 1.0:
        raise _invalid(
            f"speed is {speed}, must be 1: the world runs in real time; for more than that, replay "
            "what was stored"
        )
    world.start()


def _pause(world: World, _parameters: Parameters) -> None:
    world.pause()


def _radar_on(world: World, parameters: Parameters) -> None:
    world.switch_radar(_sensor(world, parameters), on=True)


def _radar_off(world: World, parameters: Parameters) -> None:
    world.switch_radar(_sensor(world, parameters), on=False)


def _radar_fault(world: World, parameters: Parameters) -> None:
    """Let a radar have a fault; the core knows the kinds, what each takes, and the limits."""
    sensor, kind = _sensor(world, parameters), parameters.get("fault")
    if not isinstance(kind, str):
        raise _invalid(f"fault is {kind}, must name what goes wrong, as bias or stuck")
    duration_s = parameters.get("duration_s")
    if duration_s is not None and (isinstance(duration_s, bool | str) or duration_s <= 0):
        raise _invalid(f"duration_s is {duration_s}, must be above 0: leave it out for no end")
    values = {name: parameters[name] for name in FAULT_VALUES if name in parameters}
    try:
        world.add_fault(sensor, {kind: values} if values else kind, duration_s)
    except (ScenarioError, CapacityError) as error:
        raise _invalid(str(error).removeprefix("scenario: ")) from error


def _radar_repair(world: World, parameters: Parameters) -> None:
    world.repair(_sensor(world, parameters))


def _sensor(world: World, parameters: Parameters) -> str:
    """Return the name of the radar meant; where there is only one it need not be given."""
    names = world.sensor_names
    sensor = parameters.get("sensor", names[0] if len(names) == 1 else None)
    if not isinstance(sensor, str) or sensor not in names:
        raise _invalid(f"sensor is {sensor}, must be one of the scenario's: {', '.join(names)}")
    return sensor


def _invalid(text: str) -> CommandRefused:
    return CommandRefused("invalid_parameters", text)


FAULT_VALUES = (
    "range_m",
    "bearing_deg",
    "elevation_deg",
    "range_rate_m_s",
    "factor",
    "jump_s",
    "probability",
    "delay_s",
)

# The first two are the original's; those of the radars are named in its manner.
COMMANDS = {
    "sim.start": Command(("speed",), _start),
    "sim.pause": Command((), _pause),
    "sim.radar.on": Command(("sensor",), _radar_on),
    "sim.radar.off": Command(("sensor",), _radar_off),
    "sim.radar.fault": Command(("sensor", "fault", "duration_s", *FAULT_VALUES), _radar_fault),
    "sim.radar.repair": Command(("sensor",), _radar_repair),
}
