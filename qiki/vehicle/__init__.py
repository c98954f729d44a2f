"""The vehicle: a rigid body that thrusters move, its power, heat and docking, and its files."""

from qiki._core import (
    Docking,
    LoadStatus,
    PowerStatus,
    ThermalStatus,
    ThrusterAllocation,
    Vehicle,
    VehicleEvent,
)
from qiki.vehicle.config import VehicleConfig

__all__ = [
    "Docking",
    "LoadStatus",
    "PowerStatus",
    "ThermalStatus",
    "ThrusterAllocation",
    "Vehicle",
    "VehicleConfig",
    "VehicleEvent",
]
