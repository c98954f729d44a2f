"""The devices that are tested: the vehicle's, the scenario's radars, the simulator."""

import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from typing import NamedTuple

from qiki.radar import Scenario
from qiki.vehicle import Vehicle, VehicleConfig
from qiki.vehicle.config import WHEELS
from qiki.wire.generated.bios_status_pb2 import DeviceStatus as DeviceMessage

DeviceType = DeviceMessage.DeviceType

# Files do not say what a load is; these have the names that the original's loads have.
_TYPE_OF_LOAD = {
    "computer": DeviceType.CONTROLLER,
    "drive": DeviceType.ACTUATOR,
    "radar": DeviceType.SENSOR,
    "transponder": DeviceType.COMMUNICATION,
}


class Kind(Enum):
    """By what a device is tested."""

    SIMULATOR = auto()
    RADAR = auto()
    SENSOR = auto()
    THRUSTERS = auto()
    MOTOR = auto()
    BATTERY = auto()
    SUPERCAPACITOR = auto()
    PDU = auto()
    DOCK = auto()
    LOAD = auto()
    THERMAL_NODE = auto()
    COMMS = auto()
    TRANSPONDER = auto()
    DOCKING = auto()
    DOSIMETER = auto()


class Device(NamedTuple):
    """One device.

    Attributes
    ----------
    id : UUID, the same in every run; that of its frames or readings where it has any.
    name : unique among the devices.
    part : what the simulator calls it; of a radar the id of its frames.
    period_ns : of a radar between two of its frames, else 0 [ns].
    """

    id: str
    name: str
    kind: Kind
    type: DeviceType
    part: str = ""
    period_ns: int = 0


SIMULATOR_NAME = "simulator"
VEHICLE_SENSORS = ("imu", "gps", "thermal")  # as the simulator names those that every vehicle has


def all_devices(scenario: Scenario, vehicle: VehicleConfig | None) -> tuple[Device, ...]:
    """Return every device, the simulator first.

    Parameters
    ----------
    scenario : has the radars.
    vehicle : its file as it was read; None: there is no vehicle.
    """
    simulator = _device(SIMULATOR_NAME, Kind.SIMULATOR, DeviceType.CONTROLLER)
    found = [simulator, *_radars(scenario)]
    if vehicle is not None:
        found += _of_vehicle(Vehicle(vehicle))
    return tuple(found)


def profile_hash(devices: Sequence[Device]) -> str:
    """Return a hash that changes when the list of devices does, as the original writes it."""
    rows = [[device.id, device.name, device.type] for device in devices]
    text = json.dumps(rows, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _radars(scenario: Scenario) -> Iterator[Device]:
    for sensor in scenario.sensors:
        yield Device(
            sensor.sensor_id,
            f"radar.{sensor.name}",
            Kind.RADAR,
            DeviceType.SENSOR,
            sensor.sensor_id,
            sensor.period_ns,
        )


def _of_vehicle(vehicle: Vehicle) -> Iterator[Device]:
    for name in VEHICLE_SENSORS:
        yield _sensor(name)
    yield _device("rcs", Kind.THRUSTERS, DeviceType.ACTUATOR)
    if vehicle.drive is not None:
        for name in WHEELS:
            yield _device(f"motor.{name}", Kind.MOTOR, DeviceType.ACTUATOR, name)
    power, thermal = vehicle.power, vehicle.thermal
    if power is not None:
        yield _device("battery", Kind.BATTERY, DeviceType.POWER_UNIT)
        if power.supercapacitor_charge is not None:
            yield _device("supercapacitor", Kind.SUPERCAPACITOR, DeviceType.POWER_UNIT)
        yield _device("pdu", Kind.PDU, DeviceType.POWER_UNIT)
        if power.is_dock_on is not None:
            yield _device("dock", Kind.DOCK, DeviceType.POWER_UNIT)
        for name in power.loads:
            kind = _TYPE_OF_LOAD.get(name, DeviceType.DEVICE_TYPE_UNSPECIFIED)
            yield _device(f"load.{name}", Kind.LOAD, kind, name)
    if thermal is not None:
        for name in thermal.names:
            yield _device(f"thermal.{name}", Kind.THERMAL_NODE, DeviceType.SENSOR, name)
    yield from _towards_others(vehicle)


def _towards_others(vehicle: Vehicle) -> Iterator[Device]:
    """Give what talks to a station, docks there, or feels what is around."""
    if vehicle.comms is not None:
        yield _device("comms", Kind.COMMS, DeviceType.COMMUNICATION)
        if vehicle.comms.transponder_mode is not None:
            yield _device("comms.transponder", Kind.TRANSPONDER, DeviceType.COMMUNICATION)
    if vehicle.docking is not None:
        yield _device("docking", Kind.DOCKING, DeviceType.ACTUATOR)
    if vehicle.radiation_usv_h is not None:
        yield _device("dosimeter", Kind.DOSIMETER, DeviceType.SENSOR)


def _sensor(name: str) -> Device:
    id = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:qiki:sensor:{name}")  # that of its readings
    return Device(str(id), f"sensor.{name}", Kind.SENSOR, DeviceType.SENSOR, name)


def _device(name: str, kind: Kind, type: DeviceType, part: str = "") -> Device:
    id = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:qiki:device:{name}")
    return Device(str(id), name, kind, type, part)
