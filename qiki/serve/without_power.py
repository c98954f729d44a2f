"""What was asked of a load that has no power: it is carried out, and nothing comes of it yet."""

from qiki.serve.own_ship import RADAR, OwnShip
from qiki.serve.station_telemetry import TRANSPONDER
from qiki.serve.telemetry_snapshot import NBL

DRIVE = "drive"
# Commands that want something of a load, which has its usual name.
LOADS = {
    "sim.radar.on": RADAR,
    "sim.xpdr.mode": TRANSPONDER,
    "sim.drive.set": DRIVE,
    "sim.drive.turn": DRIVE,
    "power.nbl.on": NBL,
    "power.nbl.set_max": NBL,
}


def why_without_effect(command_name: str, ship: OwnShip | None) -> str | None:
    """Return why a command that was carried out does nothing yet; None where it does.

    Parameters
    ----------
    command_name : of the command.
    ship : the vehicle, None for a world without one.
    """
    name = LOADS.get(command_name)
    if name is None or ship is None or ship.vehicle.power is None:
        return None
    load = ship.vehicle.power.loads.get(name)
    if load is None or load.shed is None:
        return None
    return f"the load {name} has no power ({load.shed})"
