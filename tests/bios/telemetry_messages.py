"""Telemetry as the simulator publishes it, with the original's names."""

import copy

from qiki.vehicle import Vehicle, VehicleConfig

LOADS = ("nbl", "radar", "transponder", "drive", "computer", "base")
NODES = ("core", "pdu", "supercapacitor", "battery", "dock_bridge", "hull")
HEALTHY = {
    "schema_version": 1,
    "source": "q_sim_service",
    "position": {"x": 0.0, "y": 0.0, "z": 0.0},
    "radiation_usvh": 0.35,
    "comms": {
        "enabled": True,
        "xpdr": {"mode": "ON", "active": True, "allowed": True, "id": "QIKI"},
        "link": {"status": "online", "distance_m": 2e4, "snr_db": 30.0},
    },
    "docking": {"state": "undocked", "port": None, "phase": "free", "distance_m": None},
    "power": {
        "soc_pct": 80.0,
        "supercap_soc_pct": 100.0,
        "bus_v": 26.8,
        "dock_connected": False,
        "loads_w": dict.fromkeys(LOADS, 10.0) | {"rcs": 0.0},
        "load_shedding": False,
        "shed_loads": [],
        "shed_reasons": [],
        "throttled_loads": [],
        "faults": [],
    },
    "thermal": {
        "nodes": [
            {"id": name, "temp_c": 20, "tripped": False, "warned": False, "trip_c": 90.0}
            for name in NODES
        ]
    },
    "propulsion": {
        "rcs": {"active": False, "firing": [], "propellant_kg": 12.0},
        "drive": {
            "task": "speeds",
            "motors": {
                side: {"condition": "working", "told_m_s": 0.5, "speed_m_s": 0.4}
                for side in ("left", "right")
            },
        },
    },
    "sim_state": {"running": True, "paused": False, "speed": 1.0, "fsm_state": "RUNNING"},
}


def message(**changes):
    """Return a healthy message with some places changed, as ``power__faults=[...]``."""
    found = copy.deepcopy(HEALTHY)
    for place, value in changes.items():
        *sections, key = place.split("__")
        section = found
        for name in sections:
            section = section[name]
        section[key] = value
    return found


def with_node(name, **changes):
    """Return a healthy message but for one thermal node."""
    found = copy.deepcopy(HEALTHY)
    (node,) = [node for node in found["thermal"]["nodes"] if node["id"] == name]
    node.update(changes)
    return found


def names_of_the_default_vehicle():
    """Return the loads and nodes that the core has of the vehicle's file."""
    vehicle = Vehicle(VehicleConfig.load("default"))
    return tuple(vehicle.power.loads), vehicle.thermal.names
