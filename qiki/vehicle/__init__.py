"""The vehicle: a rigid body that thrusters move, and the files that describe it."""

from qiki._core import ThrusterAllocation, Vehicle
from qiki.vehicle.config import VehicleConfig

__all__ = ["ThrusterAllocation", "Vehicle", "VehicleConfig"]
