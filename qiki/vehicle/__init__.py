"""The vehicle: a rigid body that thrusters move, its power and heat, and its files."""

from qiki._core import (
    LoadStatus,
    PowerStatus,
    ThermalStatus,
    ThrusterAllocation,
    Vehicle,
    VehicleEvent,
)
from qiki.vehicle.config import VehicleConfig

__all__ = [
    "LoadStatus",
    "PowerStatus",
    "ThermalStatus",
    "ThrusterAllocation",
    "Vehicle",
    "VehicleConfig",
    "VehicleEvent",
]
