"""Events of the vehicle, under the original's names where it has them, each to its subject."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from qiki.bus import subjects
from qiki.serve.own_ship import OwnShip
from qiki.serve.telemetry_snapshot import CORE_NODE
from qiki.serve.vehicle_changes import Change
from qiki.vehicle import PowerStatus, ThermalStatus, VehicleEvent

SCHEMA_VERSION = 1
TRIPS = {"node_tripped": "thermal_trip", "node_cleared": "thermal_clear"}
# Subject, category and source by the first word of the core's kind.
CHANGES = {
    "load": (subjects.POWER_CHANGE, "power", "pdu"),
    "overload": (subjects.POWER_CHANGE, "power", "pdu"),
    "supercapacitor": (subjects.POWER_CHANGE, "power", "supercapacitor"),
    "fault": (subjects.POWER_CHANGE, "power", "power"),
    "node": (subjects.SENSOR_CHANGE, "sensor", "thermal"),
    "transponder": (subjects.COMMS_CHANGE, "comms", "xpdr"),
    "port": (subjects.DOCKING_CHANGE, "docking", "port"),
}


class Event(NamedTuple):
    """What happened: the subject says what kind it is."""

    subject: str
    payload: dict[str, Any]


def readings(ship: OwnShip, ts_epoch: float) -> list[Event]:
    """Return what the vehicle's power and heat are now.

    Parameters
    ----------
    ship : the vehicle as its newest step left it.
    ts_epoch : wall clock, seconds since 1970.
    """
    power, thermal = ship.vehicle.power, ship.vehicle.thermal
    found = [] if power is None else [_bus(power), _pdu(power)]
    if thermal is not None:
        found += _readings(thermal)
    constant = {"schema_version": SCHEMA_VERSION, "ts_epoch": ts_epoch}
    return [Event(subject, constant | payload) for subject, payload in found]


def told(change: Change, ts_epoch: float) -> Event:
    """Return what changed as an event; `ts_epoch` is the wall clock's, seconds since 1970."""
    event = change.event
    constant = {
        "schema_version": SCHEMA_VERSION,
        "ts_epoch": ts_epoch,
        "sim_time_ns": change.time_ns,
        "dropped_before": change.dropped,
    }
    if event.kind in TRIPS:
        return Event(subjects.SENSOR_TRIP, constant | _trip(event, change.ship))
    subject, category, source = CHANGES[event.kind.partition("_")[0]]
    payload = {"category": category, "kind": event.kind, "source": source, "subject": event.subject}
    if event.reason is not None:
        payload["reason"] = event.reason
    values = {} if event.temperature_c is None else {"temp": event.temperature_c, "unit": "C"}
    return Event(subject, constant | payload | values)


def _trip(event: VehicleEvent, ship: OwnShip) -> dict[str, Any]:
    payload = {
        "category": "sensor",
        "kind": TRIPS[event.kind],
        "source": "thermal",
        "subject": event.subject,
        "tripped": int(event.kind == "node_tripped"),
        "temp": event.temperature_c,
        "unit": "C",
    }
    thermal = ship.vehicle.thermal
    if thermal is not None:
        node = thermal.names.index(event.subject)
        limits = (thermal.trip_c, thermal.hysteresis_k)
        trip_c, hysteresis_k = (float(column[node]) for column in limits)
        payload |= {"trip_c": trip_c, "hys_c": hysteresis_k}
    return payload


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
