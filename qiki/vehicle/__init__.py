"""The vehicle: a body that thrusters move, power, heat, docking, communications, and its files."""

from qiki._core import (
    Comms,
    Docking,
    LinkQuality,
    LoadStatus,
    PowerStatus,
    ThermalStatus,
    ThrusterAllocation,
    Vehicle,
    VehicleEvent,
)
from qiki.vehicle.config import VehicleConfig

__all__ = [
    "Comms",
    "Docking",
    "LinkQuality",
    "LoadStatus",
    "PowerStatus",
    "ThermalStatus",
    "ThrusterAllocation",
    "Vehicle",
    "VehicleConfig",
    "VehicleEvent",
]
