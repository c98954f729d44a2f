"""The vehicle: a body that thrusters move, power, heat, docking, drive, communications, files."""

from qiki._core import (
    Comms,
    Docking,
    Drive,
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
    "Drive",
    "LinkQuality",
    "LoadStatus",
    "PowerStatus",
    "ThermalStatus",
    "ThrusterAllocation",
    "Vehicle",
    "VehicleConfig",
    "VehicleEvent",
]
