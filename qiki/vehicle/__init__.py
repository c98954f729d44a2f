"""The vehicle: a rigid body that thrusters move, its power, and the files that describe it."""

from qiki._core import LoadStatus, PowerStatus, ThrusterAllocation, Vehicle
from qiki.vehicle.config import VehicleConfig

__all__ = ["LoadStatus", "PowerStatus", "ThrusterAllocation", "Vehicle", "VehicleConfig"]
