"""Changes of a simulator's vehicle: each told once, when it happened, or counted as dropped."""

import asyncio
import contextlib
import json

import msgspec
import nats
import pytest
import structlog

from qiki.bus import subjects
from qiki.bus.cloudevents import attributes
from qiki.cli import main
from qiki.errors import BrokerError
from qiki.radar import Scenario
from qiki.serve import vehicle_changes
from qiki.serve.sim import serve_simulator
from qiki.serve.simulator import Simulator
from qiki.serve.vehicle_reports import VehicleReports
from qiki.serve.watched import end_task
from qiki.settings import SimSettings, VehicleSettings
from qiki.vehicle import Vehicle, VehicleConfig
from tests.serve.test_docking_station import NEAR, scenario
from tests.serve.test_own_ship import document
from tests.serve.test_vehicle_reports import next_of, reports
from tests.vehicle.test_events import flicker

STEP_NS = 1_000_000
SECOND_NS = 1_000_000_000
SELDOM_S = 3600.0


def unsteady():
    """Return a vehicle whose core trips, sheds the load that heats it, cools, and trips again."""
    changed = document()
    changed["thermal"]["couplings"] = []
    core = changed["thermal"]["nodes"][0]
    core.update(initial_c=89.99, ambient_w_per_k=0.3, hysteresis_k=0.01)
    return changed


@pytest.fixture
def file_of(tmp_path):
    def write(changed):
        file = tmp_path / "vehicle.yaml"
        file.write_text(json.dumps(changed))
        return str(file)

    return write


def trips_of(config, duration_ns):
    """Return when the core trips and clears, by looking at it after every internal step."""
    vehicle, was = Vehicle(config), False
    while vehicle.time_ns < duration_ns:
        vehicle.advance(STEP_NS)
        if (now := bool(vehicle.thermal.tripped[0])) != was:
            was = now
            yield vehicle.time_ns, int(now), float(vehicle.thermal.temperature_c[0])


async def test_every_trip_is_told_with_its_own_time_however_seldom_one_looks(
    client, settings, file_of
):
    file = file_of(unsteady())
    expected = list(trips_of(VehicleConfig.load(file), 20 * SECOND_NS))
    assert len(expected) >= 6
    async with reports(client, settings, file, SELDOM_S) as (simulator, found):
        begin_ns = simulator.start_time_ns
        simulator.step(20 * SECOND_NS)
        told = [(await next_of(found, subjects.SENSOR_TRIP))[1] for _ in expected]
    found = [(event["sim_time_ns"] - begin_ns, event["tripped"], event["temp"]) for event in told]
    assert found == expected
    for event in told:
        kind = "thermal_trip" if event["tripped"] else "thermal_clear"
        assert (event["kind"], event["subject"], event["unit"]) == (kind, "core", "C")
        assert (event["trip_c"], event["hys_c"], event["dropped_before"]) == (90.0, 0.01, 0)


@pytest.mark.parametrize(
    ("subject", "type", "told"),
    [
        (
            subjects.POWER_CHANGE,
            "PowerChange",
            {"category": "power", "kind": "load_shed", "source": "pdu", "subject": "nbl"},
        ),
        (
            subjects.SENSOR_CHANGE,
            "SensorChange",
            {"category": "sensor", "kind": "node_warned", "source": "thermal", "subject": "pdu"},
        ),
        (
            subjects.COMMS_CHANGE,
            "CommsChange",
            {"category": "comms", "kind": "transponder_activated", "subject": "transponder"},
        ),
        (
            subjects.DOCKING_CHANGE,
            "DockingChange",
            {"category": "docking", "kind": "port_approached", "subject": "A"},
        ),
    ],
)
async def test_each_kind_has_its_subject_and_is_stored(
    client, settings, file_of, subject, type, told
):
    changed = unsteady()
    changed["thermal"]["nodes"][1].update(initial_c=84.97, ambient_w_per_k=0)
    near = scenario(NEAR)
    async with reports(client, settings, file_of(changed), scenario=near) as (simulator, found):
        simulator.bots[0].own_ship.vehicle.docking.engage("A")
        simulator.step(2 * SECOND_NS)
        message, event = await next_of(found, subject)
    assert told.items() <= event.items()
    assert attributes(message.headers)["type"] == f"qiki.events.v1.{type}"
    stored = await client.jetstream().get_last_msg("QIKI_EVENTS_V1", subject, direct=True)
    assert json.loads(stored.data)["category"] == told["category"]


async def test_a_reason_and_what_a_reset_world_did_are_told(client, settings, file_of):
    file = file_of(unsteady())
    async with reports(client, settings, file) as (simulator, found):
        begin_ns = simulator.start_time_ns
        simulator.bots[0].own_ship.vehicle.advance(
            5 * SECOND_NS
        )  # no step of the world has told of it
        simulator.reset()
        while (event := (await next_of(found, subjects.POWER_CHANGE))[1])["kind"] != "load_shed":
            pass
    assert (event["subject"], event["reason"]) == ("nbl", "heat")
    trip_ns, *_ = next(trips_of(VehicleConfig.load(file), 5 * SECOND_NS))
    assert event["sim_time_ns"] == begin_ns + trip_ns + STEP_NS


def overloaded():
    """Return a vehicle that has no power for its drive."""
    changed = document()
    changed["power"]["bus"]["maximum_a"] = 110 / (22 + 6 * 0.8)
    return changed


def flickering(client, settings, file, takes):
    """Return the service of a paused world in which 400 changes were made before each take."""
    chosen = msgspec.structs.replace(
        settings, sim=SimSettings(state="PAUSED"), vehicle=VehicleSettings(config=file)
    )
    simulator = Simulator([client], chosen, Scenario.load("default"))
    ship = simulator.bots[0].own_ship
    for name in ("nbl", "radar", "transponder"):
        ship.vehicle.set_load(name, is_on=False)
    for _ in range(takes):
        flicker(ship.vehicle, 100)
        simulator.bots[0].changes.take(ship, simulator.start_time_ns)
    assert ship.vehicle.dropped_events == takes * (400 - 256)
    return VehicleReports(client, chosen, simulator.bots[0]), simulator


@contextlib.asynccontextmanager
async def power_changes(client):
    """Give what is stored of them from now on."""
    told = []

    async def take(message):
        told.append(json.loads(message.data))

    subscription = await client.subscribe(subjects.POWER_CHANGE, cb=take)
    await client.flush()
    yield told
    await subscription.unsubscribe()


async def until(told, count):
    """Wait until so many have come."""
    async with asyncio.timeout(20):
        while len(told) < count:  # noqa: ASYNC110 - what has come
            await asyncio.sleep(0.01)


async def test_what_is_dropped_is_counted_wherever_it_was(client, settings, file_of, monkeypatch):
    """The core keeps 256, the simulator so many as its limit says; the sum is that of all."""
    monkeypatch.setattr(vehicle_changes, "KEPT", 300)
    service, _ = flickering(client, settings, file_of(overloaded()), takes=3)
    async with power_changes(client) as told:
        with structlog.testing.capture_logs() as logged:
            task = asyncio.create_task(service.changes())
            await until(told, 300)
            await end_task(task)
    # 44 of the second take are left, of the third all 256, and between them what the core dropped.
    drops = [event["dropped_before"] for event in told]
    assert drops[0] == 1200 - 300 - (400 - 256)
    assert (drops[44], sum(drops)) == (400 - 256, 1200 - 300)
    lost = [line["count"] for line in logged if line["event"] == "vehicle_events_dropped"]
    assert lost == [drops[0], drops[44]]


@pytest.mark.parametrize("stopped_at", [0, 1, 40])
async def test_what_waits_at_the_end_is_stored_once(client, settings, file_of, stopped_at):
    service, simulator = flickering(client, settings, file_of(overloaded()), takes=1)
    assert len(simulator.bots[0].changes) == 256
    async with power_changes(client) as told:
        task = asyncio.create_task(service.changes())
        await until(told, stopped_at)
        await end_task(task)  # perhaps while one is on its way
        await service.rest()
    jetstream = client.jetstream()
    stream = await jetstream.stream_info("QIKI_EVENTS_V1", subjects_filter=subjects.POWER_CHANGE)
    assert stream.state.subjects == {subjects.POWER_CHANGE: 256}
    last = await jetstream.get_last_msg("QIKI_EVENTS_V1", subjects.POWER_CHANGE, direct=True)
    newest = max(event["sim_time_ns"] for event in told)
    assert json.loads(last.data)["sim_time_ns"] >= newest


async def test_what_cannot_be_stored_at_the_end_is_counted(client, settings, file_of):
    away = await nats.connect(settings.nats.url)
    service, _ = flickering(away, settings, file_of(overloaded()), takes=1)
    await away.close()
    with structlog.testing.capture_logs() as logged:
        async with asyncio.timeout(2.0):
            await service.rest()
    lost = [line["count"] for line in logged if line["event"] == "vehicle_events_lost"]
    assert lost == [256]


async def failed(client, settings, file, monkeypatch, *, cut_off):
    """Return the error of a simulator with 256 changes that wait, and how many it stores."""
    chosen = msgspec.structs.replace(settings, vehicle=VehicleSettings(config=file))
    jetstream, events = client.jetstream(), settings.streams.events

    async def fails(simulator, stop):
        if cut_off:
            config = (await jetstream.stream_info(events)).config
            await jetstream.update_stream(config.evolve(max_msgs=1))
        begin_ns, ship = simulator.start_time_ns, simulator.bots[0].own_ship
        for name in ("nbl", "radar", "transponder"):
            ship.vehicle.set_load(name, is_on=False)
        flicker(ship.vehicle, 100)
        simulator.bots[0].changes.take(ship, begin_ns)
        raise BrokerError("a frame cannot be stored: look at the broker")

    monkeypatch.setattr(Simulator, "run", fails)
    with pytest.raises(BrokerError) as caught:
        await serve_simulator(chosen)
    state = (await jetstream.stream_info(events, subjects_filter=subjects.POWER_CHANGE)).state
    return caught.value, (state.subjects or {}).get(subjects.POWER_CHANGE, 0)


async def test_a_simulator_that_fails_stores_what_waits(client, settings, file_of, monkeypatch):
    file = file_of(overloaded())
    error, stored = await failed(client, settings, file, monkeypatch, cut_off=False)
    assert stored == 256
    assert not hasattr(error, "__notes__")


async def test_a_simulator_that_fails_says_what_it_cannot_store(
    client, settings, file_of, monkeypatch
):
    file = file_of(overloaded())
    error, stored = await failed(client, settings, file, monkeypatch, cut_off=True)
    (note,) = error.__notes__
    assert note.startswith(f"({256 - stored} vehicle events were not stored within 1 s")
    assert stored <= 1


def test_the_note_of_an_error_stands_in_its_line(monkeypatch, capsys):
    async def fails(settings):
        error = BrokerError("a frame cannot be stored")
        error.add_note("(3 vehicle events are lost)")
        raise error

    monkeypatch.setattr("qiki.commands.sim.serve_simulator", fails)
    monkeypatch.setattr("qiki.logs.configure", lambda _: None)  # it would stay
    assert main(["sim"]) == 1
    assert "qiki: a frame cannot be stored (3 vehicle events are lost)\n" in capsys.readouterr().err
