"""The commands to the vehicle, under the original's names: what each takes and what it does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from qiki.bus.command_message import CommandRefused
from qiki.errors import SettingError
from qiki.serve.actuator_names import AXES
from qiki.serve.command_values import Parameters, invalid, number_of, shown
from qiki.serve.own_ship import OwnShip
from qiki.vehicle import Docking, Drive

TRANSPONDER_MODES = ("ON", "OFF", "SILENT", "SPOOF")
OUT_OF_REACH_N = 1e9  # no thrusters give it: the nearest to it is the most there is
MAX_DURATION_S = 3600.0
MAX_TURN_DEG = 360.0


class VehicleCommand(NamedTuple):
    """One command: its parameters and its effect, which checks their values first."""

    parameters: tuple[str, ...]
    act: Callable[[OwnShip, Parameters], None]


def _fire(ship: OwnShip, parameters: Parameters) -> None:
    """Push along an axis; as in the original, no thrust or no time stops what fires."""
    axis = parameters.get("axis")
    if not isinstance(axis, str) or axis not in AXES:
        raise invalid(f"axis is {shown(parameters, 'axis')}, must be one of {', '.join(AXES)}")
    percent = number_of(parameters, ("pct", "percent"), "0 to 100 percent of the most there is")
    duration_s = number_of(parameters, ("duration_s", "duration"), "seconds")
    if duration_s > MAX_DURATION_S:
        raise invalid(f"duration_s is {duration_s:g}, must be at most {MAX_DURATION_S:g}")
    if percent <= 0 or duration_s <= 0:
        ship.vehicle.stop()
        return
    vehicle = ship.vehicle
    if vehicle.propellant_kg <= 0:
        raise _rejected("propellant is 0 kg, must be above 0 for thrusters to fire")
    full_n = vehicle.allocate([part * OUT_OF_REACH_N for part in AXES[axis]]).force_n
    thrust_n = float(full_n @ AXES[axis]) * min(percent, 100.0) / 100.0
    if thrust_n <= 0:
        raise _rejected(f"axis is {axis}: no thruster of {ship.config.name} pushes that way")
    vehicle.command([part * thrust_n for part in AXES[axis]], duration_ns=round(duration_s * 1e9))


def _cease(ship: OwnShip, _parameters: Parameters) -> None:
    ship.vehicle.stop()


def _dock_power(*, is_on: bool) -> Callable[[OwnShip, Parameters], None]:
    def act(ship: OwnShip, _parameters: Parameters) -> None:
        power = ship.vehicle.power
        if power is None or power.is_dock_on is None:
            raise _rejected(f"{ship.config.name} has no power.dock in its file: add one")
        with _refused_by_core():
            ship.vehicle.set_dock_power(is_on)

    return act


def _nbl_switch(*, is_on: bool) -> Callable[[OwnShip, Parameters], None]:
    def act(ship: OwnShip, _parameters: Parameters) -> None:
        _require_load(ship, "nbl")
        ship.vehicle.set_load("nbl", is_on=is_on)

    return act


def _nbl_maximum(ship: OwnShip, parameters: Parameters) -> None:
    """Let the load want no more than that."""
    _require_load(ship, "nbl")
    demand_w = number_of(parameters, ("max_power_w",), "watts")
    try:
        ship.vehicle.set_load("nbl", demand_w=demand_w)
    except SettingError as error:
        raise invalid(f"max_power_w: {error}") from error


def _transponder_mode(ship: OwnShip, parameters: Parameters) -> None:
    mode = parameters.get("mode")
    if not isinstance(mode, str) or mode.upper() not in TRANSPONDER_MODES:
        modes, given = ", ".join(TRANSPONDER_MODES), shown(parameters, "mode")
        raise CommandRefused("invalid_mode", f"mode is {given}, must be one of {modes}")
    comms = ship.vehicle.comms
    if comms is None or not comms.is_on:
        are = "absent" if comms is None else "off"
        raise CommandRefused(
            "comms_disabled", f"comms of {ship.config.name} are {are}, must be on in its file"
        )
    with _refused_by_core():
        comms.set_transponder_mode(mode.lower())


def _engage(ship: OwnShip, parameters: Parameters) -> None:
    """Choose the port that docks when it comes to the station's."""
    docking = _docking(ship)
    port = parameters.get("port", "A")
    if not isinstance(port, str):
        raise invalid(
            f"port is {shown(parameters, 'port')}, must be one of {', '.join(docking.ports)}"
        )
    if not ship.has_station:
        raise _rejected(
            "the world has no station now, must have one to dock to: a target of the scenario "
            "with the object_type station"
        )
    with _refused_by_core():
        docking.engage(port)


def _release(ship: OwnShip, _parameters: Parameters) -> None:
    with _refused_by_core():
        _docking(ship).release()


def _docking(ship: OwnShip) -> Docking:
    docking = ship.vehicle.docking
    if docking is None:
        raise _rejected(f"docking is disabled: {ship.config.name} has no docking in its file")
    return docking


def _drive_set(ship: OwnShip, parameters: Parameters) -> None:
    """Hold a speed of each wheel, as a part of the highest, for a time or until told otherwise."""
    drive = drive_of(ship)
    left, right = (_percent(parameters, name) / 100.0 for name in ("left_pct", "right_pct"))
    duration_ns = None
    if "duration_s" in parameters:
        duration_s = number_of(parameters, ("duration_s",), "seconds")
        if not 0.0 <= duration_s <= MAX_DURATION_S:
            raise invalid(f"duration_s is {duration_s:g}, must be 0 to {MAX_DURATION_S:g}")
        duration_ns = round(duration_s * 1e9)
    with _refused_by_core():
        drive.set(left, right, duration_ns=duration_ns)


def _percent(parameters: Parameters, name: str) -> float:
    limit = "-100 to 100 percent of the highest speed"
    percent = number_of(parameters, (name,), limit)
    if not -100.0 <= percent <= 100.0:
        raise invalid(f"{name} is {percent:g}, must be {limit}")
    return percent


def _drive_turn(ship: OwnShip, parameters: Parameters) -> None:
    drive = drive_of(ship)
    angle_deg = number_of(parameters, ("angle_deg",), "-360 to 360 degrees, clockwise")
    if not -MAX_TURN_DEG <= angle_deg <= MAX_TURN_DEG:
        raise invalid(f"angle_deg is {angle_deg:g}, must be -360 to 360 degrees, clockwise")
    with _refused_by_core():
        drive.turn(angle_deg)


def _drive_stop(ship: OwnShip, _parameters: Parameters) -> None:
    drive_of(ship).stop()


def drive_of(ship: OwnShip) -> Drive:
    """Return the vehicle's drive.

    Raises
    ------
    CommandRefused : its file has none.
    """
    drive = ship.vehicle.drive
    if drive is None:
        raise _rejected(f"{ship.config.name} has no drive in its file: add one")
    return drive


def _require_load(ship: OwnShip, name: str) -> None:
    power = ship.vehicle.power
    if power is None or name not in power.loads:
        raise _rejected(f"{ship.config.name} has no load {name} in its file: add one")


@contextmanager
def _refused_by_core() -> Iterator[None]:
    """Reject what the core refuses, with its own reason."""
    try:
        yield
    except SettingError as error:
        raise _rejected(str(error)) from error


def _rejected(text: str) -> CommandRefused:
    return CommandRefused("rejected", text)


VEHICLE_COMMANDS = {
    "sim.rcs.fire": VehicleCommand(("axis", "pct", "percent", "duration_s", "duration"), _fire),
    "sim.rcs.stop": VehicleCommand((), _cease),
    "sim.drive.set": VehicleCommand(("left_pct", "right_pct", "duration_s"), _drive_set),
    "sim.drive.turn": VehicleCommand(("angle_deg",), _drive_turn),
    "sim.drive.stop": VehicleCommand((), _drive_stop),
    "sim.xpdr.mode": VehicleCommand(("mode",), _transponder_mode),
    "sim.dock.engage": VehicleCommand(("port",), _engage),
    "sim.dock.release": VehicleCommand((), _release),
    "power.dock.on": VehicleCommand((), _dock_power(is_on=True)),
    "power.dock.off": VehicleCommand((), _dock_power(is_on=False)),
    "power.nbl.on": VehicleCommand((), _nbl_switch(is_on=True)),
    "power.nbl.off": VehicleCommand((), _nbl_switch(is_on=False)),
    "power.nbl.set_max": VehicleCommand(("max_power_w",), _nbl_maximum),
}
