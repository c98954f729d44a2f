"""Telemetry and events of a simulator's vehicle, on a real broker."""

import asyncio
import contextlib
import json

import msgspec
import pytest

from qiki.bus import subjects
from qiki.bus.cloudevents import attributes
from qiki.radar import Scenario
from qiki.serve.simulator import Simulator
from qiki.serve.vehicle_reports import VehicleReports
from qiki.serve.watched import end_task
from qiki.settings import SimSettings, TelemetrySettings, VehicleSettings

INTERVAL_S = 0.01
WAIT_S = 20.0


@contextlib.asynccontextmanager
async def reports(client, settings, config="default", events_interval_s=INTERVAL_S, scenario=None):
    """Publish of a world that is paused; gives its simulator and what comes, by subject."""
    chosen = msgspec.structs.replace(
        settings,
        sim=SimSettings(state="PAUSED"),
        vehicle=VehicleSettings(config=config),
        telemetry=TelemetrySettings(interval_s=INTERVAL_S, events_interval_s=events_interval_s),
    )
    simulator = Simulator([client], chosen, scenario or Scenario.load("default"))
    service = VehicleReports(client, chosen, simulator.bots[0])
    stop, found = asyncio.Event(), asyncio.Queue()

    async def take(message):
        await found.put(message)

    subscriptions = [
        await client.subscribe(subject, cb=take)
        for subject in (subjects.TELEMETRY, subjects.EVENTS)
    ]
    await client.flush()
    tasks = [
        asyncio.create_task(work)
        for work in (
            simulator.run(stop),
            service.telemetry(),
            service.events(),
            service.changes(),
        )
    ]
    try:
        yield simulator, found
    finally:
        stop.set()
        for task in tasks[1:]:
            await end_task(task)
        await tasks[0]
        for subscription in subscriptions:
            await subscription.unsubscribe()


async def next_of(found, subject):
    """Return the next message of a subject, and its JSON."""
    async with asyncio.timeout(WAIT_S):
        while (message := await found.get()).subject != subject:
            pass
    return message, json.loads(message.data)


async def test_telemetry_goes_on_while_the_world_stands_and_tells_its_state(client, settings):
    async with reports(client, settings) as (simulator, found):
        message, snapshot = await next_of(found, subjects.TELEMETRY)
        assert snapshot["sim_state"]["fsm_state"] == "PAUSED"
        assert snapshot["sim_time_ns"] == simulator.start_time_ns
        simulator.step(1_000_000_000)
        while snapshot["sim_time_ns"] == simulator.start_time_ns:
            message, snapshot = await next_of(found, subjects.TELEMETRY)
    assert message.headers["ce_id"] == f"telemetry-{snapshot['ts_unix_ms']}"
    assert message.headers["Nats-Msg-Id"] == message.headers["ce_id"]
    event = attributes(message.headers)
    assert event["type"] == "qiki.telemetry.v1.Snapshot"
    assert event["source"] == "urn:qiki:q-sim-service:telemetry"
    assert event["datacontenttype"] == "application/json"
    assert event["time"][:23] == snapshot["timestamp"][:23]
    assert event["time"][23:] == "Z"
    assert set(message.headers) == {"Nats-Msg-Id"} | {f"ce_{name}" for name in event}


async def test_it_comes_at_its_rate(client, settings):
    async with reports(client, settings) as (_, found):
        _, first = await next_of(found, subjects.TELEMETRY)
        for _ in range(30):
            _, last = await next_of(found, subjects.TELEMETRY)
    assert last["ts_unix_ms"] - first["ts_unix_ms"] >= 30 * INTERVAL_S * 1000 - 10


READINGS = [
    (
        subjects.SENSOR_THERMAL,
        "qiki.events.v1.SensorReading",
        "urn:qiki:q-sim-service:thermal",
        {"category": "sensor", "source": "thermal", "subject": "core", "unit": "C"},
        {"temp"},
    ),
    (
        subjects.POWER_BUS,
        "qiki.events.v1.PowerBusReading",
        "urn:qiki:q-sim-service:power",
        {"category": "power", "source": "bus", "subject": "main", "unit": "A"},
        {"current", "bus_v"},
    ),
    (
        subjects.POWER_PDU,
        "qiki.events.v1.PowerPduStatus",
        "urn:qiki:q-sim-service:power",
        {"category": "power", "source": "pdu", "subject": "main", "overcurrent": 0},
        {"pdu_limit_w", "power_out_w", "bus_a", "bus_v"},
    ),
]


@pytest.mark.parametrize(("subject", "type", "source", "constant", "values"), READINGS)
async def test_readings_are_stored_as_the_originals(
    client, settings, subject, type, source, constant, values
):
    async with reports(client, settings) as (_, found):
        message, event = await next_of(found, subject)
    assert set(event) == {"schema_version", "ts_epoch"} | set(constant) | values
    assert constant.items() <= event.items()
    told = attributes(message.headers)
    assert (told["type"], told["source"]) == (type, source)
    assert message.headers["Nats-Msg-Id"] == message.headers["ce_id"]
    stored = await client.jetstream().get_last_msg("QIKI_EVENTS_V1", subject, direct=True)
    assert json.loads(stored.data).keys() == event.keys()


async def test_without_a_vehicle_there_is_nothing_to_tell(client, settings):
    async with reports(client, settings, "none") as (_, found):
        await asyncio.sleep(5 * INTERVAL_S)
    assert found.empty()
