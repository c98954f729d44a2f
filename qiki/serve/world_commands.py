"""The commands that the simulator knows: what each takes and what it does to the world."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from qiki.bus.command_message import CommandMessage, CommandRefused, Scalar
from qiki.errors import CapacityError, ScenarioError, SettingError
from qiki.serve.command_values import Parameters, invalid, number_of, shown
from qiki.serve.lockstep import Lockstep
from qiki.serve.own_ship import OwnShip
from qiki.serve.vehicle_commands import VEHICLE_COMMANDS, VehicleCommand

MAX_SPEED = 1e6
MAX_STEP_S = 3600.0
TICK = "tick"  # every command takes it
RESET = "sim.reset"


class Reset(NamedTuple):
    """A reset that a command has asked for: in whose account it was stored, and when.

    Attributes
    ----------
    bot : from which it came.
    stored_s : when the broker stored it, by its clock, seconds since 1970.
    """

    bot: object
    stored_s: float


class World(Protocol):
    """What commands to the world act on.

    Attributes
    ----------
    last_reset : the command by which this world began, None where no command began it.
    """

    last_reset: Reset | None

    @property
    def time_ns(self) -> int:
        """World time [ns]."""

    @property
    def state(self) -> str:
        """``RUNNING``, ``PAUSED`` or ``STOPPED``."""

    @property
    def why_ended(self) -> str | None:
        """Why this world cannot go on, None while it can."""

    def start(self, speed: float) -> None:
        """Let the world's clock run, so many times as fast as real time."""

    def pause(self) -> None:
        """Let the world's clock stand still."""

    def end(self) -> None:
        """Let it stand still, and call the world stopped."""

    def reset(self) -> None:
        """Begin a new world, stopped."""

    def step(self, duration_ns: int) -> None:
        """Let a world that stands go on for so long, and stand again."""


class CommandedBot(Protocol):
    """What the commands of one bot act on: itself, and the world that it shares with others."""

    @property
    def world(self) -> World:
        """The world that it is in."""

    @property
    def sensor_names(self) -> tuple[str, ...]:
        """Names of its radars."""

    @property
    def own_ship(self) -> OwnShip | None:
        """Its vehicle, None for a world without one."""

    @property
    def lockstep(self) -> Lockstep:
        """Holds the world at each of its ticks, where the settings say so."""

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
    act: Callable[[CommandedBot, Parameters], None]


def carry_out(command: CommandMessage, bot: CommandedBot) -> None:
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
        if parameter not in (*known.parameters, TICK):
            allowed = ", ".join(known.parameters) or "tick"
            raise invalid(
                f"{name} has the parameter {parameter}, must have none but {allowed}: remove "
                f"{parameter}, or correct its name"
            )
    if TICK in command.parameters:
        _require_tick(bot, command.parameters)
    known.act(bot, command.parameters)


def _require_tick(bot: CommandedBot, parameters: Parameters) -> None:
    """Refuse a command that names another tick than that at which the world is held."""
    tick = parameters[TICK]
    if isinstance(tick, bool) or not isinstance(tick, int):
        raise invalid(f"tick is {tick}, must be the number of a frame of the first radar")
    try:
        bot.lockstep.require(tick)
    except SettingError as error:
        raise CommandRefused("wrong_tick", str(error)) from error


def _tick(bot: CommandedBot, parameters: Parameters) -> None:
    if TICK not in parameters:
        raise invalid("tick is missing, must be the number of a frame of the first radar")
    bot.lockstep.go_on()


def _start(bot: CommandedBot, parameters: Parameters) -> None:
    speed = 1.0
    if "speed" in parameters:
        limit = f"above 0, at most {MAX_SPEED:g}"
        speed = number_of(parameters, ("speed",), limit)
        if not 0.0 < speed <= MAX_SPEED:
            raise invalid(f"speed is {speed:g}, must be {limit}: 1 is that of real time")
    _require_open(bot)
    bot.world.start(speed)


def _pause(bot: CommandedBot, _parameters: Parameters) -> None:
    if bot.world.state == "STOPPED":
        raise CommandRefused("rejected", "the world is STOPPED, must be RUNNING: sim.start first")
    bot.world.pause()


def _end(bot: CommandedBot, _parameters: Parameters) -> None:
    bot.world.end()


def _reset(bot: CommandedBot, _parameters: Parameters) -> None:
    bot.world.reset()


def _step(bot: CommandedBot, parameters: Parameters) -> None:
    limit = f"above 0, at most {MAX_STEP_S:g}"
    duration_s = number_of(parameters, ("duration_s",), limit)
    if not 1e-9 <= duration_s <= MAX_STEP_S:
        raise invalid(f"duration_s is {duration_s:g}, must be {limit}")
    if bot.world.state == "RUNNING":
        raise CommandRefused("rejected", "the world is RUNNING, must stand: sim.pause first")
    _require_open(bot)
    bot.world.step(round(duration_s * 1e9))


def _require_open(bot: CommandedBot) -> None:
    if bot.world.why_ended is not None:
        raise CommandRefused("rejected", bot.world.why_ended)


def _radar_on(bot: CommandedBot, parameters: Parameters) -> None:
    bot.switch_radar(_sensor(bot, parameters), on=True)


def _radar_off(bot: CommandedBot, parameters: Parameters) -> None:
    bot.switch_radar(_sensor(bot, parameters), on=False)


def _radar_fault(bot: CommandedBot, parameters: Parameters) -> None:
    """Let a radar have a fault; the core knows the kinds, what each takes, and the limits."""
    sensor, kind = _sensor(bot, parameters), parameters.get("fault")
    if not isinstance(kind, str) or kind not in FAULTS:
        given = shown(parameters, "fault")
        raise invalid(f"fault is {given}, must be one of {', '.join(FAULTS)}")
    duration_s = None
    if parameters.get("duration_s") is not None:
        duration_s = number_of(parameters, ("duration_s",), "above 0; left out: no end")
        if duration_s <= 0:
            raise invalid(
                f"duration_s is {duration_s:g}, must be above 0: left out there is no end"
            )
    values = {name: parameters[name] for name in FAULT_VALUES if name in parameters}
    try:
        bot.add_fault(sensor, {kind: values} if values else kind, duration_s)
    except (ScenarioError, CapacityError) as error:
        raise invalid(str(error).removeprefix("scenario: ")) from error


def _radar_repair(bot: CommandedBot, parameters: Parameters) -> None:
    bot.repair(_sensor(bot, parameters))


def _sensor(bot: CommandedBot, parameters: Parameters) -> str:
    """Return the name of the radar meant; where there is only one it need not be given."""
    names = bot.sensor_names
    sensor = parameters.get("sensor", names[0] if len(names) == 1 else None)
    if not isinstance(sensor, str) or sensor not in names:
        given = shown(parameters, "sensor")
        raise invalid(f"sensor is {given}, must be one of the scenario's: {', '.join(names)}")
    return sensor


def _on_ship(command: VehicleCommand) -> Command:
    """Return a command to the vehicle as one to its world."""

    def act(bot: CommandedBot, parameters: Parameters) -> None:
        if bot.own_ship is None:
            raise CommandRefused(
                "rejected", "vehicle.config is none, must name a vehicle: this world has none"
            )
        command.act(bot.own_ship, parameters)

    return Command(command.parameters, act)


FAULTS = ("off", "stuck", "bias", "noisy", "clock_jump", "late", "duplicated", "reordered")
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

# Those of the radars and sim.step are named in the original's manner, the others are its own.
COMMANDS = {
    "sim.start": Command(("speed",), _start),
    "sim.pause": Command((), _pause),
    "sim.stop": Command((), _end),
    RESET: Command((), _reset),
    "sim.tick": Command((TICK,), _tick),
    "sim.step": Command(("duration_s",), _step),
    "sim.radar.on": Command(("sensor",), _radar_on),
    "sim.radar.off": Command(("sensor",), _radar_off),
    "sim.radar.fault": Command(("sensor", "fault", "duration_s", *FAULT_VALUES), _radar_fault),
    "sim.radar.repair": Command(("sensor",), _radar_repair),
} | {name: _on_ship(command) for name, command in VEHICLE_COMMANDS.items()}
