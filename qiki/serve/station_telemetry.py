"""What telemetry tells of a vehicle's communications and docking."""

from typing import Any

import numpy as np
import numpy.typing as npt

from qiki.vehicle import Comms, LinkQuality, Vehicle

TRANSPONDER = "transponder"  # its load, under the original's name


def comms_of(vehicle: Vehicle) -> dict[str, Any] | None:
    """Return the transponder and how a station hears it, None for a vehicle without comms."""
    comms = vehicle.comms
    if comms is None:
        return None
    link = comms.link
    return {
        "enabled": comms.is_on,
        "xpdr": _transponder(comms, vehicle),
        "link": None if link is None else _link(link),
    }


def docking_of(vehicle: Vehicle) -> dict[str, Any] | None:
    """Return how the engaged port stands to the station's, None for a vehicle without ports."""
    docking = vehicle.docking
    if docking is None:
        return None
    return {
        "state": "docked" if docking.phase == "latched" else "undocked",
        "port": docking.port,
        "phase": docking.phase,
        "distance_m": docking.distance_m,
        "speed_m_s": docking.speed_m_s,
        "angle_deg": docking.angle_deg,
        "rate_deg_s": docking.rate_deg_s,
        "offset_m": _vector(docking.offset_m),
        "velocity_m_s": _vector(docking.velocity_m_s),
        "turn_deg": _vector(docking.turn_deg),
    }


def _vector(seen: npt.NDArray[np.float64] | None) -> list[float] | None:
    return None if seen is None else seen.tolist()


def _transponder(comms: Comms, vehicle: Vehicle) -> dict[str, Any] | None:
    mode, power = comms.transponder_mode, vehicle.power
    if mode is None:
        return None
    load = None if power is None else power.loads.get(TRANSPONDER)
    return {
        "mode": mode.upper(),
        "active": comms.is_transponder_active,
        "allowed": None if load is None else load.shed is None,
        "id": comms.transponder_id,
    }


def _link(link: LinkQuality) -> dict[str, Any]:
    return {
        "status": "online" if link.is_up else "offline",
        "distance_m": link.distance_m,
        "path_loss_db": link.path_loss_db,
        "rssi_dbm": link.received_dbm,
        "snr_db": link.snr_db,
    }
