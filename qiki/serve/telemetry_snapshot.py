"""The state of the vehicle under the names of the original's telemetry.

What is not simulated is null: no number stands for something that nobody computed.
"""

import math
from datetime import UTC, datetime
from typing import Any

from qiki.bus.command_message import SIMULATOR
from qiki.serve.own_ship import OwnShip
from qiki.serve.station_telemetry import comms_of, docking_of
from qiki.vehicle import LoadStatus, PowerStatus, ThermalStatus, Vehicle
from qiki.vehicle.config import WHEELS

SCHEMA_VERSION = 1
NBL = "nbl"
CORE_NODE = "core"
DOCK_NODE = "dock_bridge"
SHORT_BY_W = 1e-6  # of what it wants: more than rounding

Snapshot = dict[str, Any]


def telemetry_snapshot(
    ship: OwnShip, sim_state: Snapshot, world_time_ns: int, time_ns: int
) -> Snapshot:
    """Return one message of `qiki.telemetry`.

    Parameters
    ----------
    ship : the vehicle as its newest step left it.
    sim_state : what the original says of the world.
    world_time_ns : of that state, nanoseconds since 1970.
    time_ns : of the wall clock.
    """
    vehicle = ship.vehicle
    velocity_m_s = vehicle.velocity_m_s.tolist()
    speed_m_s = math.hypot(*velocity_m_s)
    power, thermal = vehicle.power, vehicle.thermal
    celsius = {} if thermal is None else _temperatures(thermal)
    return {
        "schema_version": SCHEMA_VERSION,
        "source": SIMULATOR,
        "timestamp": datetime.fromtimestamp(time_ns / 1e9, UTC),
        "ts_unix_ms": time_ns // 1_000_000,
        "sim_time_ns": world_time_ns,
        "position": dict(zip("xyz", vehicle.position_m.tolist(), strict=True)),
        "velocity": speed_m_s,
        "heading": vehicle.heading_deg,
        "attitude": {
            "roll_rad": math.radians(vehicle.roll_deg),
            "pitch_rad": math.radians(vehicle.pitch_deg),
            "yaw_rad": math.radians(vehicle.heading_deg),
        },
        "attitude_wxyz": vehicle.attitude.tolist(),
        "battery": None if power is None else power.charge * 100.0,
        "hull": {"integrity": None},
        "power": None if power is None else _power(power, celsius.get(DOCK_NODE)),
        "thermal": None if thermal is None else {"nodes": _nodes(thermal)},
        "radiation_usvh": vehicle.radiation_usv_h,
        "temp_external_c": None if thermal is None else thermal.ambient_c,
        "temp_core_c": celsius.get(CORE_NODE),
        "speed_m_s": speed_m_s,
        "velocity_xyz_m_s": velocity_m_s,
        "angular_velocity_rad_s": vehicle.angular_velocity_rad_s.tolist(),
        "propulsion": {"rcs": _rcs(vehicle), "drive": _drive(vehicle)},
        "comms": comms_of(vehicle),
        "docking": docking_of(vehicle),
        "sim_state": sim_state,
    }


def sim_state(state: str, speed: float, achieved_speed: float | None = None) -> Snapshot:
    """Return what the original says of the world: one that is paused runs, too, in its words.

    Parameters
    ----------
    state : of the world.
    speed : asked for, world time over real time.
    achieved_speed : measured, which the original does not tell; None where there is none.
    """
    return {
        "running": state != "STOPPED",
        "paused": state == "PAUSED",
        "speed": speed,
        "achieved_speed": achieved_speed,
        "fsm_state": state,
    }


def _rcs(vehicle: Vehicle) -> Snapshot:
    firing = vehicle.firing.nonzero()[0].tolist()
    return {
        "active": bool(firing),
        "firing": firing,
        "propellant_kg": vehicle.propellant_kg,
    }


def _drive(vehicle: Vehicle) -> Snapshot | None:
    drive = vehicle.drive
    if drive is None:
        return None
    columns = (drive.conditions, drive.told_m_s.tolist(), drive.wheels_m_s.tolist())
    return {
        "task": drive.task,
        "ended": drive.ended,
        "left_deg": drive.left_deg,
        "power_part": drive.power_part,
        "motors": {
            side: {"condition": condition, "told_m_s": told_m_s, "speed_m_s": speed_m_s}
            for side, condition, told_m_s, speed_m_s in zip(WHEELS, *columns, strict=True)
        },
    }


def _power(power: PowerStatus, dock_c: float | None) -> Snapshot:
    loads = power.loads
    shed = {name: load.shed for name, load in loads.items() if load.shed is not None}
    throttled = [name for name, load in loads.items() if _is_throttled(load)]
    battery_w, supercapacitor_w = power.battery_w, power.supercapacitor_w
    charge = power.supercapacitor_charge
    sources_w = {
        "base": power.input_w,
        "dock": power.dock_w,
        "battery": max(-battery_w, 0.0),
        "supercap": None if supercapacitor_w is None else max(-supercapacitor_w, 0.0),
    }
    loads_w = {name: load.power_w for name, load in loads.items()} | {"rcs": power.thruster_w}
    return {
        "soc_pct": power.charge * 100.0,
        "sources_w": {name: watts for name, watts in sources_w.items() if watts is not None},
        "loads_w": loads_w,
        "power_in_w": power.input_w + (power.dock_w or 0.0),
        "power_out_w": power.load_w,
        "battery_charge_w": max(battery_w, 0.0),
        "battery_discharge_w": max(-battery_w, 0.0),
        "battery_spill_w": None,
        "battery_unserved_w": None,
        "bus_v": power.bus_v,
        "bus_a": power.bus_a,
        "load_shedding": bool(shed),
        "shed_loads": list(shed),
        "shed_reasons": sorted(set(shed.values())),
        "pdu_limit_w": power.limit_w,
        "pdu_throttled": bool(throttled),
        "throttled_loads": throttled,
        "faults": power.faults,
        "supercap_soc_pct": None if charge is None else charge * 100.0,
        "supercap_charge_w": None if supercapacitor_w is None else max(supercapacitor_w, 0.0),
        "supercap_discharge_w": sources_w["supercap"],
        "dock_connected": power.is_dock_on,
        "dock_soft_start_pct": None,
        "dock_power_w": power.dock_w,
        "dock_v": None,
        "dock_a": None,
        "dock_temp_c": dock_c,
        **_nbl(loads.get(NBL)),
    }


def _nbl(load: LoadStatus | None) -> Snapshot:
    return {
        "nbl_active": None if load is None else load.is_powered,
        "nbl_allowed": None if load is None else load.shed is None,
        "nbl_power_w": None if load is None else load.power_w,
        "nbl_budget_w": None if load is None else load.demand_w,
    }


def _is_throttled(load: LoadStatus) -> bool:
    return load.is_on and load.shed is None and 0.0 < load.power_w < load.demand_w - SHORT_BY_W


def _temperatures(thermal: ThermalStatus) -> dict[str, float]:
    return dict(zip(thermal.names, thermal.temperature_c.tolist(), strict=True))


def _nodes(thermal: ThermalStatus) -> list[Snapshot]:
    keys = ("id", "temp_c", "tripped", "warned", "warn_c", "trip_c", "hys_c")
    columns = (
        thermal.temperature_c,
        thermal.tripped,
        thermal.warned,
        thermal.warn_c,
        thermal.trip_c,
        thermal.hysteresis_k,
    )
    rows = zip(thermal.names, *(column.tolist() for column in columns), strict=True)
    return [dict(zip(keys, row, strict=True)) for row in rows]
