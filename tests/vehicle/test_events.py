"""Events: each edge once, with the time of its step, in a queue that counts what it drops."""

import json

import pytest

from qiki.errors import VehicleError
from qiki.vehicle import Vehicle, VehicleConfig
from qiki.yaml_document import YamlDocument

DOCUMENT = YamlDocument(VehicleConfig.built_in_text("default"), VehicleError).values
# Without ports the dock bridge needs none.
del DOCUMENT["docking"]
SECOND_NS = 1_000_000_000
STEP_NS = 1_000_000
BUS_V = 22 + 6 * 0.8


def changed(nodes=None, *, is_coupled=True, **sections):
    """Give the default bot with other values in the sections of its power and in its nodes."""
    document = json.loads(json.dumps(DOCUMENT))
    for name, values in sections.items():
        document["power"][name].update(values)
    for node in document["thermal"]["nodes"]:
        node.update((nodes or {}).get(node["name"], {}))
    if not is_coupled:
        document["thermal"]["couplings"] = []
    return VehicleConfig(json.dumps(document))


def told(events):
    return [(event.kind, event.subject) for event in events]


def levels(vehicle):
    """Give what has edges: shed reasons, throttled loads, overload, empty store, faults, nodes."""
    power, thermal = vehicle.power, vehicle.thermal
    found = {("load", name): load.shed for name, load in power.loads.items()}
    found |= {("throttle", name): load.is_throttled for name, load in power.loads.items()}
    found["overload", "pdu"] = power.is_overloaded
    found["supercapacitor", "supercapacitor"] = power.supercapacitor_energy_j < 0.2 / 0.97
    found |= {("fault", fault): True for fault in power.faults if "THERMAL" not in fault}
    found["reply", "transponder"] = vehicle.comms.is_transponder_active
    for index, name in enumerate(thermal.names):
        found["trip", name] = bool(thermal.tripped[index])
        found["warning", name] = bool(thermal.warned[index])
    return {key: level for key, level in found.items() if level}


KINDS = {
    "load": ("load_shed", "load_restored"),
    "throttle": ("load_throttled", "load_throttle_ended"),
    "overload": ("overload_began", "overload_ended"),
    "supercapacitor": ("supercapacitor_emptied", "supercapacitor_recharged"),
    "fault": ("fault_raised", "fault_cleared"),
    "reply": ("transponder_activated", "transponder_deactivated"),
    "trip": ("node_tripped", "node_cleared"),
    "warning": ("node_warned", "node_warning_ended"),
}


def edges(before, after, time_ns):
    """Give the events between two sets of levels, the oracle."""
    for what, subject in before.keys() | after.keys():
        level = after.get((what, subject))
        if level != before.get((what, subject)):
            rise, fall = KINDS[what]
            reason = level if what == "load" else None
            yield time_ns, rise if level else fall, subject, reason


def test_events_are_the_edges_of_all_levels_of_all_steps():
    """A busy run in one piece gives what the levels of a run in single steps tell."""
    hot = {"pdu": {"initial_c": 95.01, "ambient_w_per_k": 100}}
    hot["battery"] = {"initial_c": 59.998, "ambient_w_per_k": 0}
    bot = changed(
        hot,
        is_coupled=False,
        bus={"maximum_a": 130 / BUS_V},
        battery={"capacity_wh": 0.15, "initial_charge": 0.9},
        supercapacitor={"capacity_wh": 0.001},
        shedding={"hold_s": 0.05},
    )
    whole, stepped = Vehicle(bot), Vehicle(bot)
    expected = []
    for second in range(8):
        for vehicle in (whole, stepped):
            vehicle.set_load("drive", demand_w=40.0 if second % 3 == 1 else 0.0)
            vehicle.set_load("base", is_on=second % 4 != 1)
            vehicle.set_dock_power(second == 5)
        whole.advance(SECOND_NS)
        for _ in range(1000):
            before = levels(stepped)
            stepped.advance(STEP_NS)
            expected.extend(edges(before, levels(stepped), stepped.time_ns))
    events = whole.take_events()
    found = [(event.time_ns, event.kind, event.subject, event.reason) for event in events]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert [event.time_ns for event in events] == sorted(event.time_ns for event in events)
    both = ("load", "throttle", "overload", "fault")
    expected_kinds = {kind for name in both for kind in KINDS[name]}
    expected_kinds |= {"supercapacitor_emptied", "node_cleared", "node_warned"}
    assert {event.kind for event in events} >= expected_kinds
    assert (whole.take_events(), whole.dropped_events) == ([], 0)


def test_a_trip_is_an_event_and_a_fault_and_sheds():
    bot = changed({"core": {"initial_c": 89.99, "ambient_w_per_k": 0}}, is_coupled=False)
    vehicle = Vehicle(bot)
    assert vehicle.power.faults == ()
    vehicle.advance(STEP_NS)
    assert told(vehicle.take_events()) == [("transponder_activated", "transponder")]
    while not (events := vehicle.take_events()):
        vehicle.advance(STEP_NS)
    (event,) = events
    assert (event.kind, event.subject, event.reason) == ("node_tripped", "core", None)
    assert event.time_ns == vehicle.time_ns
    assert event.temperature_c == vehicle.thermal.temperature_c[0]
    assert 90.0 <= event.temperature_c < 90.001
    assert vehicle.power.faults == ("THERMAL_TRIP:core",)
    assert vehicle.power.loads["nbl"].is_powered
    vehicle.advance(STEP_NS)
    (event,) = vehicle.take_events()
    assert (event.kind, event.subject, event.reason) == ("load_shed", "nbl", "heat")
    assert event.temperature_c is None
    assert 'kind="load_shed", subject="nbl"' in repr(event)


def test_the_battery_s_end_is_told():
    vehicle = Vehicle(
        changed(battery={"initial_charge": 1e-4}, supercapacitor={"initial_charge": 0})
    )
    vehicle.advance(5 * SECOND_NS)
    events = vehicle.take_events()
    empty = [event for event in events if event.subject == "BATTERY_EMPTY"]
    assert told(empty) == [("fault_raised", "BATTERY_EMPTY")]
    # 180 J at (139 - 24 - 30) / 0.98 W; radar and transponder are shed from the first step on.
    assert empty[0].time_ns == pytest.approx(180 * 0.98 / 85 * SECOND_NS, abs=2 * STEP_NS)
    sheds = {event.subject: event for event in events if event.kind == "load_shed"}
    assert sheds["radar"].reason == "low_charge"
    assert sheds["base"].reason == "undersupply"


def flicker(vehicle, count):
    """Let an overload begin and end so often: two events each time."""
    for _ in range(count):
        for demand_w in (40.0, 0.0):
            vehicle.set_load("drive", demand_w=demand_w)
            vehicle.advance(STEP_NS)


def test_what_is_not_taken_in_time_is_dropped_and_counted():
    bot = changed(bus={"maximum_a": 150 / BUS_V})
    vehicle = Vehicle(bot)
    for name in ("nbl", "radar", "transponder"):
        vehicle.set_load(name, is_on=False)
    vehicle.set_load("base", demand_w=60.0)
    vehicle.set_load("computer", demand_w=35.0)
    vehicle.advance(STEP_NS)
    assert vehicle.take_events() == []
    tight = changed(bus={"maximum_a": 110 / BUS_V})
    vehicle = Vehicle(tight)
    for name in ("nbl", "radar", "transponder"):
        vehicle.set_load(name, is_on=False)
    flicker(vehicle, 100)
    assert vehicle.dropped_events == 4 * 100 - 256
    events = vehicle.take_events()
    assert len(events) == 256
    assert events[-1].time_ns == vehicle.time_ns
    assert events[0].time_ns == (200 - 127) * STEP_NS
    flicker(vehicle, 1)
    assert told(vehicle.take_events()) == [
        ("load_throttled", "drive"),
        ("overload_began", "pdu"),
        ("load_throttle_ended", "drive"),
        ("overload_ended", "pdu"),
    ]
    assert vehicle.dropped_events == 4 * 100 - 256


def test_events_that_wait_are_in_the_snapshot():
    bot = changed(bus={"maximum_a": 110 / BUS_V})
    vehicle = Vehicle(bot)
    vehicle.set_load("drive", demand_w=40.0)
    vehicle.advance(SECOND_NS)
    other = Vehicle.restore(bot, vehicle.snapshot())
    assert other.snapshot() == vehicle.snapshot()
    seen = [[repr(event) for event in one.take_events()] for one in (vehicle, other)]
    assert seen[0] == seen[1]
    assert len(seen[0]) >= 4
