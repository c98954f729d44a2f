"""What an agent knows of its vehicle before it flies: mass, thrusters, ports, whither it docks."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import numpy.typing as npt

from qiki.agent.vehicle_view import rotation
from qiki.vehicle import Vehicle, VehicleConfig

Vector = npt.NDArray[np.float64]
FACING = np.diag([-1.0, -1.0, 1.0])  # half a turn about a port's up
EXACT = 0.01  # of a force: so far may the thrusters miss it
HALVINGS = 20
EFFICIENCY = 0.68  # of canted thrusters, along the worst direction of the default vehicle


@dataclass(frozen=True, eq=False)
class Port:
    """A port of the vehicle.

    Attributes
    ----------
    position_m : (3,) in the body frame [m].
    attitude : (3, 3) from the port's frame, Y outwards and Z up, to the body frame.
    """

    position_m: Vector
    attitude: Vector


@dataclass(frozen=True, eq=False)
class Craft:
    """What a vehicle is made of, as its file says, and how the station's port stands.

    Attributes
    ----------
    dry_mass_kg : without propellant [kg].
    full_propellant_kg : of a full tank [kg].
    exhaust_m_s : specific impulse times standard gravity [m/s].
    inertia_kg_m2 : (3, 3) with a full tank, in the body frame [kg m²].
    directions : (26, 3) unit vectors in the body frame: along, between and amidst the axes.
    reach_n : (26,) the most force that the thrusters give along each without a torque [N].
    largest_wrench : (6,) force [N] and torque [N m] in the body frame, of all thrusters that push
        that way; 1 where none does.
    ports : by name.
    station_heading_deg : where the station's port points, out of it, clockwise from north [deg].
    """

    dry_mass_kg: float
    full_propellant_kg: float
    exhaust_m_s: float
    inertia_kg_m2: Vector
    directions: Vector
    reach_n: Vector
    largest_wrench: Vector
    ports: dict[str, Port]
    station_heading_deg: float

    @cached_property
    def station_axis(self) -> Vector:
        """Where the station's port points, a unit vector in the world frame."""
        axis: Vector = self._station[:, 1]
        return axis

    @property
    def _station(self) -> Vector:
        return rotation(float(np.radians(self.station_heading_deg)), 0.0, 0.0)

    def docked_attitude(self, port: str) -> Vector:
        """Return the attitude in which a vehicle is docked with this port, (3, 3) body to world."""
        attitude: Vector = self._station @ FACING @ self.ports[port].attitude.T
        return attitude

    def mass_kg(self, propellant_kg: float) -> float:
        """Return its mass with so much propellant [kg]."""
        return self.dry_mass_kg + propellant_kg

    def speed_left_m_s(self, propellant_kg: float) -> float:
        """Return the change of velocity that so much propellant gives, by the rocket equation.

        A vehicle whose thrusters are canted gives away part of it; `EFFICIENCY` is that of a
        worst direction of the vehicle that comes with QIKI [m/s].
        """
        ratio = self.mass_kg(propellant_kg) / self.dry_mass_kg
        return EFFICIENCY * self.exhaust_m_s * float(np.log(ratio))


def craft_of(config: VehicleConfig, station_heading_deg: float) -> Craft:
    """Return what an agent may know of a vehicle.

    Parameters
    ----------
    config : its checked file.
    station_heading_deg : as the setting ``vehicle.station_heading_deg`` says [deg].
    """
    vehicle = Vehicle(config)
    directions = np.array([it for it in product((-1.0, 0.0, 1.0), repeat=3) if any(it)])
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    places, axes, ups = config.port_position_m, config.port_axis, config.port_up
    return Craft(
        dry_mass_kg=config.dry_mass_kg,
        full_propellant_kg=config.propellant_kg,
        exhaust_m_s=config.specific_impulse_s * 9.80665,
        inertia_kg_m2=vehicle.inertia_kg_m2,
        directions=directions,
        reach_n=np.array([_reach_n(vehicle, it, config.thrust_n.sum()) for it in directions]),
        largest_wrench=np.where((most := _most(config)) > 0.0, most, 1.0),
        ports={
            name: Port(place_m, np.column_stack([np.cross(axis, up), axis, up]))
            for name, place_m, axis, up in zip(config.port_names, places, axes, ups, strict=True)
        },
        station_heading_deg=station_heading_deg,
    )


def _most(config: VehicleConfig) -> Vector:
    most: Vector = np.maximum(config.thruster_wrenches, 0.0).sum(axis=0)
    return most


def _reach_n(vehicle: Vehicle, direction: Vector, most_n: float) -> float:
    """Return the largest force along a direction that the thrusters give, by halving [N]."""
    low_n, high_n = 0.0, float(most_n)
    for _ in range(HALVINGS):
        middle_n = 0.5 * (low_n + high_n)
        given = vehicle.allocate((direction * middle_n).tolist())
        missing_n = np.abs(given.force_n - direction * middle_n).max()
        if max(missing_n, np.abs(given.torque_n_m).max()) <= EXACT * middle_n:
            low_n = middle_n
        else:
            high_n = middle_n
    return low_n
