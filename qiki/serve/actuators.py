"""Actuator commands of the gRPC interface: what is checked before one acts on the vehicle."""

import math
import uuid

from qiki.bus.command_message import CommandRefused
from qiki.serve.actuator_names import DOCK, MOTORS, RCS, THRUSTERS
from qiki.serve.command_values import Parameters
from qiki.serve.own_ship import OwnShip
from qiki.serve.vehicle_commands import MAX_DURATION_S, VEHICLE_COMMANDS, drive_of
from qiki.wire.generated.actuator_raw_out_pb2 import ActuatorCommand
from qiki.wire.generated.common_types_pb2 import Unit

DEFAULT_BURN_MS = 1000  # where timeout_ms is 0
CommandType = ActuatorCommand.CommandType


def actuator_id(name: str) -> str:
    """Return the UUID of an actuator of the vehicle, the same in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:qiki:actuator:{name}"))


def actuator_names(ship: OwnShip) -> list[str]:
    """Return what can be commanded: thrusters, also by axis, motors, loads, the dock's power."""
    power = ship.vehicle.power
    names = [*THRUSTERS]
    names += [] if ship.vehicle.drive is None else MOTORS
    if power is not None:
        names += power.loads
        names += [DOCK] if power.is_dock_on is not None and DOCK not in power.loads else []
    return names


def actuate(command: ActuatorCommand, ship: OwnShip) -> None:
    """Do what the command says, wholly or not at all.

    Raises
    ------
    CommandRefused : an unknown actuator, a command type, unit or value that it does not take, or
        something that the vehicle cannot do.
    """
    _require_finite(command)
    name = _named(command.actuator_id.value, ship)
    if name == RCS:
        _push(command, ship)
    elif name in THRUSTERS:
        _thrust(command, name, ship)
    elif name in MOTORS:
        _drive(command, name, ship)
    else:
        _switch(command, name, ship)


def _named(value: str, ship: OwnShip) -> str:
    names = actuator_names(ship)
    known = {name: name for name in (*names, *MOTORS)}
    known |= {actuator_id(name): name for name in known}
    if value not in known:
        raise _refused(
            f"actuator_id is {value!r:.80}, must be one of {', '.join(names)}, or its UUID"
        )
    return known[value]


def _require_finite(command: ActuatorCommand) -> None:
    vector = command.vector_value
    numbers = {
        "float_value": command.float_value,
        "vector_value.x": vector.x,
        "vector_value.y": vector.y,
        "vector_value.z": vector.z,
        "confidence": command.confidence,
    }
    for name, value in numbers.items():
        if not math.isfinite(value):
            raise _refused(f"{name} is {value}, must be finite")
    if not 0.0 <= command.confidence <= 1.0:
        raise _refused(f"confidence is {command.confidence:g}, must be 0 to 1")
    if command.timeout_ms < 0:
        raise _refused(f"timeout_ms is {command.timeout_ms}, must be 0 or more")


def _push(command: ActuatorCommand, ship: OwnShip) -> None:
    """Push and turn with all thrusters for the time of the command, or stop."""
    _require_type(command, RCS, CommandType.SET_WRENCH, CommandType.DISABLE)
    if command.command_type == CommandType.DISABLE:
        VEHICLE_COMMANDS["sim.rcs.stop"].act(ship, {})
        return
    kind = command.WhichOneof("command_value")
    if kind != "wrench_value":
        raise _refused(f"{RCS} has {kind}, takes wrench_value: a force and a torque")
    it = command.wrench_value
    if ship.vehicle.propellant_kg <= 0:
        raise _refused("propellant is 0 kg, must be above 0 for thrusters to fire")
    ship.vehicle.command(
        [it.force_x_n, it.force_y_n, it.force_z_n],
        [it.torque_x_n_m, it.torque_y_n_m, it.torque_z_n_m],
        duration_ns=round(_burn_s(command) * 1e9),
    )


def _thrust(command: ActuatorCommand, name: str, ship: OwnShip) -> None:
    """Push along an axis for the time of the command, or stop."""
    _require_type(command, name, CommandType.SET_VELOCITY, CommandType.DISABLE)
    if command.command_type == CommandType.DISABLE:
        VEHICLE_COMMANDS["sim.rcs.stop"].act(ship, {})
        return
    percent = _number(command, name, Unit.PERCENT, 0.0, 100.0)
    axis = name.removeprefix("rcs_")
    values: Parameters = {"axis": axis, "pct": percent, "duration_s": _burn_s(command)}
    VEHICLE_COMMANDS["sim.rcs.fire"].act(ship, values)


def _drive(command: ActuatorCommand, name: str, ship: OwnShip) -> None:
    """Let one wheel hold a speed beside the other's, turn the vehicle, or stop."""
    drive = drive_of(ship)
    _require_type(command, name, CommandType.SET_VELOCITY, CommandType.ROTATE, CommandType.DISABLE)
    values: Parameters
    if command.command_type == CommandType.DISABLE:
        VEHICLE_COMMANDS["sim.drive.stop"].act(ship, {})
    elif command.command_type == CommandType.ROTATE:
        if command.timeout_ms:
            raise _refused(
                f"timeout_ms is {command.timeout_ms}, must be 0 for ROTATE: drive.turn.limit_s of "
                "the vehicle's file ends it"
            )
        values = {"angle_deg": _number(command, name, Unit.DEGREES, -360.0, 360.0)}
        VEHICLE_COMMANDS["sim.drive.turn"].act(ship, values)
    else:
        is_set = drive.task == "speeds"
        told = drive.told_m_s / drive.maximum_m_s * 100.0 if is_set else (0.0, 0.0)
        values = dict(zip(MOTORS.values(), map(float, told), strict=True))
        values |= {MOTORS[name]: _number(command, name, Unit.PERCENT, -100.0, 100.0)}
        if command.timeout_ms:
            values |= {"duration_s": _duration_s(command)}
        VEHICLE_COMMANDS["sim.drive.set"].act(ship, values)


def _number(command: ActuatorCommand, name: str, unit: int, low: float, high: float) -> float:
    """Return the number of a command, in its unit and within its limits."""
    kind, word = command.WhichOneof("command_value"), _name_of(Unit, unit)
    limit = f"{low:g} to {high:g} {word.lower()}"
    if kind not in ("float_value", "int_value"):
        raise _refused(f"{name} has {kind}, takes float_value or int_value: {limit}")
    if command.unit != unit:
        raise _refused(f"unit is {_name_of(Unit, command.unit)}, must be {word} for {name}")
    number = float(getattr(command, kind))
    if not low <= number <= high:
        raise _refused(f"{kind} is {number:g}, must be {limit}")
    return number


def _burn_s(command: ActuatorCommand) -> float:
    return _duration_s(command) or DEFAULT_BURN_MS / 1000.0


def _duration_s(command: ActuatorCommand) -> float:
    duration_s = command.timeout_ms / 1000.0
    if duration_s > MAX_DURATION_S:
        raise _refused(f"timeout_ms is {command.timeout_ms}, must be at most {MAX_DURATION_S:g} s")
    return duration_s


def _switch(command: ActuatorCommand, name: str, ship: OwnShip) -> None:
    _require_type(command, name, CommandType.ENABLE, CommandType.DISABLE)
    if (kind := command.WhichOneof("command_value")) is not None:
        raise _refused(f"{name} has {kind}, takes none: ENABLE and DISABLE say all")
    is_on = command.command_type == CommandType.ENABLE
    power = ship.vehicle.power
    if power is not None and name in power.loads:
        ship.vehicle.set_load(name, is_on=is_on)
    else:
        VEHICLE_COMMANDS["power.dock.on" if is_on else "power.dock.off"].act(ship, {})


def _require_type(command: ActuatorCommand, name: str, *allowed: CommandType) -> None:
    if command.command_type not in allowed:
        names = " or ".join(CommandType.Name(kind) for kind in allowed)
        given = _name_of(CommandType, command.command_type)
        raise _refused(f"command_type is {given}, must be {names} for {name}")


def _name_of(enum: object, number: int) -> str:
    """Return the name of an enum's value; protobuf takes numbers that have none."""
    names: dict[int, str] = {value: name for name, value in enum.items()}  # type: ignore[attr-defined]
    return names.get(number, str(number))


def _refused(text: str) -> CommandRefused:
    return CommandRefused("invalid_parameters", text)
