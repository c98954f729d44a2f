"""What the sensors of the simulated vehicle show, as the original's protobuf readings."""

import uuid
from collections.abc import Callable

from qiki.bus.command_message import SIMULATOR
from qiki.radar import BandFrames
from qiki.serve.own_ship import OwnShip
from qiki.serve.telemetry_snapshot import CORE_NODE
from qiki.wire import encode_frame_rows
from qiki.wire.generated.common_types_pb2 import SensorType, Unit, Vector3
from qiki.wire.generated.radar.v1.radar_pb2 import RadarFrame
from qiki.wire.generated.sensor_raw_in_pb2 import SensorReading

ENCODING = "qiki.radar.v1"
ZERO_C_IN_K = 273.15


def sensor_id(name: str) -> str:
    """Return the UUID of a sensor of the vehicle, the same in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:qiki:sensor:{name}"))


def radar_reading(frames: BandFrames) -> SensorReading:
    """Return a frame as a reading; long-range detections have no identity."""
    reading = _reading("radar", SensorType.RADAR, frames.all.time_ns)
    reading.sensor_id.value = frames.all.sensor_id
    reading.radar_data.CopyFrom(RadarFrame.FromString(encode_frame_rows(frames.all)))
    reading.encoding = ENCODING
    return reading


def _attitude(ship: OwnShip, time_ns: int) -> SensorReading:
    """Return roll, pitch and heading in degrees, as the original's IMU does."""
    reading = _reading("imu", SensorType.IMU, time_ns)
    vehicle = ship.vehicle
    angles = Vector3(x=vehicle.roll_deg, y=vehicle.pitch_deg, z=vehicle.heading_deg)
    reading.vector_data.CopyFrom(angles)
    reading.unit = Unit.DEGREES
    return reading


def _position(ship: OwnShip, time_ns: int) -> SensorReading:
    reading = _reading("gps", SensorType.GPS, time_ns)
    x, y, z = ship.vehicle.position_m.tolist()
    reading.vector_data.CopyFrom(Vector3(x=x, y=y, z=z))
    reading.unit = Unit.METERS
    return reading


def _core_temperature(ship: OwnShip, time_ns: int) -> SensorReading:
    """Return the temperature of the node `core`; not valid where there is no such node."""
    reading = _reading("thermal", SensorType.THERMAL, time_ns)
    reading.unit = Unit.KELVIN
    thermal = ship.vehicle.thermal
    if thermal is None or CORE_NODE not in thermal.names:
        reading.is_valid = False
    else:
        celsius = float(thermal.temperature_c[thermal.names.index(CORE_NODE)])
        reading.scalar_data = celsius + ZERO_C_IN_K
    return reading


def _reading(name: str, kind: SensorType, time_ns: int) -> SensorReading:
    reading = SensorReading(sensor_type=kind, is_valid=True, source_module=SIMULATOR)
    reading.sensor_id.value = sensor_id(name)
    reading.timestamp.FromNanoseconds(time_ns)
    return reading


# Those that are read off the vehicle, at the world time given [ns]; they have no errors.
VEHICLE_SENSORS: dict[SensorType, Callable[[OwnShip, int], SensorReading]] = {
    SensorType.IMU: _attitude,
    SensorType.GPS: _position,
    SensorType.THERMAL: _core_temperature,
}
SERVED = (*VEHICLE_SENSORS, SensorType.RADAR)
