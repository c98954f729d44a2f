"""Events of the vehicle's power and heat, under the original's names, each to its subject."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from qiki.bus import subjects
from qiki.serve.own_ship import OwnShip
from qiki.serve.telemetry_snapshot import CORE_NODE
from qiki.vehicle import PowerStatus, ThermalStatus

SCHEMA_VERSION = 1


class Event(NamedTuple):
    """What happened: the subject says what kind it is."""

    subject: str
    payload: dict[str, Any]


class VehicleEvents:
    """Reads a vehicle each time it is asked to; the trips are those since it was asked before."""

    def __init__(self) -> None:
        self._tripped: dict[str, bool] = {}

    def read(self, ship: OwnShip, ts_epoch: float) -> list[Event]:
        """Return the events of now.

        Parameters
        ----------
        ship : the vehicle as its newest step left it.
        ts_epoch : wall clock, seconds since 1970.
        """
        power, thermal = ship.vehicle.power, ship.vehicle.thermal
        found = [] if power is None else [_bus(power), _pdu(power)]
        if thermal is not None:
            found += [*_readings(thermal), *self._trips(thermal)]
        constant = {"schema_version": SCHEMA_VERSION, "ts_epoch": ts_epoch}
        return [Event(subject, constant | payload) for subject, payload in found]

    def _trips(self, thermal: ThermalStatus) -> Iterator[Event]:
        rows = zip(
            thermal.names,
            thermal.tripped.tolist(),
            thermal.temperature_c.tolist(),
            thermal.trip_c.tolist(),
            thermal.hysteresis_k.tolist(),
            strict=True,
        )
        for name, tripped, celsius, trip_c, hysteresis_k in rows:
            if tripped == self._tripped.get(name, False):
                continue
            self._tripped[name] = tripped
            payload = {
                "category": "sensor",
                "kind": "thermal_trip" if tripped else "thermal_clear",
                "source": "thermal",
                "subject": name,
                "tripped": int(tripped),
                "temp": celsius,
                "trip_c": trip_c,
                "hys_c": hysteresis_k,
                "unit": "C",
            }
            yield Event(subjects.SENSOR_TRIP, payload)


def _readings(thermal: ThermalStatus) -> Iterator[Event]:
    """Give the core's temperature, the only one that the original tells."""
    for name, celsius in zip(thermal.names, thermal.temperature_c.tolist(), strict=True):
        if name == CORE_NODE:
            payload = {"category": "sensor", "source": "thermal", "subject": name}
            yield Event(subjects.SENSOR_THERMAL, payload | {"temp": celsius, "unit": "C"})


def _bus(power: PowerStatus) -> Event:
    payload = {"category": "power", "source": "bus", "subject": "main"}
    values = {"current": power.bus_a, "bus_v": power.bus_v, "unit": "A"}
    return Event(subjects.POWER_BUS, payload | values)


def _pdu(power: PowerStatus) -> Event:
    payload = {
        "category": "power",
        "source": "pdu",
        "subject": "main",
        "overcurrent": int("PDU_OVERCURRENT" in power.faults),
        "pdu_limit_w": power.limit_w,
        "power_out_w": power.load_w,
        "bus_a": power.bus_a,
        "bus_v": power.bus_v,
    }
    return Event(subjects.POWER_PDU, payload)
