"""The BIOS on a real broker: against a simulator of the test's own, and against `qiki sim`."""

import asyncio
import json
import signal
import time

import pytest
from structlog.testing import capture_logs

from qiki.bios.devices import VEHICLE_SENSORS
from qiki.bus import subjects
from qiki.bus.publish import Publisher
from qiki.errors import BrokerError, VehicleError
from qiki.serve.bios import Bios
from qiki.settings import VehicleSettings
from qiki.wire.generated.common_types_pb2 import SensorType
from tests.bios.telemetry_messages import message, with_node
from tests.serve.qiki_command import started
from tests.serve.running_bios import (
    DEGRADED,
    ERROR,
    FAST,
    OK,
    RADAR,
    SCENARIO,
    UNKNOWN,
    Simulator,
    ask,
    bios_running,
    clock_frame,
    listening,
    states,
    until,
    with_port,
    world_running,
)


async def stored(client):
    """Return every event of the BIOS in the stream, with its headers."""
    jetstream = client.jetstream()
    state = (await jetstream.stream_info("QIKI_EVENTS_V1")).state
    span = range(state.first_seq, state.last_seq + 1) if state.messages else ()
    found = [await jetstream.get_msg("QIKI_EVENTS_V1", number) for number in span]
    return [(json.loads(it.data), it.headers) for it in found if it.subject == subjects.BIOS_STATUS]


async def test_faults_come_and_go(client, settings):
    simulator = Simulator()
    async with (
        listening(simulator) as port,
        world_running(client) as world,
        bios_running(client, with_port(settings, port)) as (bios, _),
    ):
        await until(bios, lambda report: report.all_systems_go)

        world.telemetry = with_node("core", tripped=True)
        report = await until(bios, lambda report: not report.all_systems_go)
        assert {name: it for name, it in states(report).items() if it != OK} == {
            "thermal.core": ERROR
        }
        world.telemetry = message(power__shed_loads=["radar"], power__shed_reasons=["low_charge"])
        world.frame = clock_frame
        await until(bios, lambda report: states(report)["radar.main"] == DEGRADED)
        assert states(bios.newest)["load.radar"] == DEGRADED
        world.telemetry, world.frame = message(), RADAR.frame
        await until(bios, lambda report: report.all_systems_go)

        simulator.why_no_frame = "the world is STOPPED"
        report = await until(bios, lambda report: not report.all_systems_go)
        words = report.component("radar.main")["status_message"]
        assert words == "GetRadarFrame: FAILED_PRECONDITION, the world is STOPPED"
        simulator.why_no_frame = None
        simulator.served, simulator.invalid = (SensorType.IMU, SensorType.GPS), (SensorType.IMU,)
        await until(bios, lambda report: states(report)["sensor.thermal"] == UNKNOWN)
        found = states(bios.newest)
        assert (found["sensor.imu"], found["sensor.gps"]) == (DEGRADED, OK)
        simulator.status = "ERROR"
        report = await until(bios, lambda report: states(report)["simulator"] == ERROR)
        assert "says 'ERROR', must say SERVING" in report.component("simulator")["status_message"]


async def test_a_simulator_that_goes_and_comes_back(client, settings):
    async with listening(Simulator()) as port:
        pass
    async with (
        world_running(client),
        bios_running(client, with_port(settings, port)) as (bios, _),
    ):
        found = states(bios.newest)  # with the first test, before anything else
        assert found.pop("simulator") == ERROR
        assert set(found.values()) == {DEGRADED}
        async with listening(Simulator(), port):
            await until(bios, lambda report: report.all_systems_go)
        await until(bios, lambda report: states(report)["simulator"] == ERROR)


async def test_the_time_in_which_the_world_stands_is_not_held_against_radars(client, settings):
    async with (
        listening(Simulator()) as port,
        world_running(client) as world,
        bios_running(client, with_port(settings, port)) as (bios, _),
    ):
        await until(bios, lambda report: report.all_systems_go)
        world.telemetry, world.frames_flow = message(sim_state__fsm_state="PAUSED"), False
        await until(bios, lambda report: states(report)["radar.main"] == UNKNOWN)
        await asyncio.sleep(1.5 * FAST.stale_after_s)
        world.telemetry = message()
        words = "no frame yet"
        await until(bios, lambda it: it.component("radar.main")["status_message"] == words)
        await until(bios, lambda report: states(report)["radar.main"] == ERROR)
        world.frames_flow = True
        await until(bios, lambda report: report.all_systems_go)


async def test_a_world_that_is_held_owes_no_frames(client, settings):
    async with (
        listening(Simulator()) as port,
        world_running(client) as world,
        bios_running(client, with_port(settings, port)) as (bios, _),
    ):
        await until(bios, lambda report: report.all_systems_go)
        world.frames_flow = False
        await asyncio.sleep(0.2)  # the frame that was on its way
        held_ns = RADAR.frame(world.number).time_ns
        world.telemetry = message(sim_time_ns=held_ns)
        await asyncio.sleep(3.0 * FAST.stale_after_s)
        assert states(bios.newest)["radar.main"] == OK
        world.telemetry = message(sim_time_ns=held_ns + 10 * RADAR.period_ns)
        await until(bios, lambda report: states(report)["radar.main"] == ERROR)
        world.telemetry, world.frames_flow = message(), True
        await until(bios, lambda report: report.all_systems_go)


async def test_of_a_simulator_that_says_nothing_nothing_is_known(client, settings):
    async with (
        listening(Simulator()) as port,
        bios_running(client, with_port(settings, port)) as (bios, _),
    ):
        report = await until(bios, lambda report: states(report)["radar.main"] == ERROR)
        found = states(report)
        assert (found.pop("simulator"), found.pop("radar.main")) == (OK, ERROR)
        assert {found.pop(f"sensor.{name}") for name in VEHICLE_SENSORS} == {OK}
        assert set(found.values()) == {UNKNOWN}
        await client.publish(subjects.TELEMETRY, b"{")
        words = "telemetry cannot be read"
        await until(bios, lambda it: words in it.component("battery")["status_message"])


async def test_it_ends_at_once_though_the_simulator_does_not_answer(client, settings):
    simulator, stop = Simulator(), asyncio.Event()
    async with listening(simulator) as port:
        bios = Bios(client, with_port(settings, port), SCENARIO)
        await bios.start()
        running = asyncio.create_task(bios.run(stop))
        simulator.delay_s = 30.0
        report = await until(bios, lambda report: states(report)["simulator"] == ERROR)
        assert "DEADLINE_EXCEEDED" in report.component("simulator")["status_message"]
        await asyncio.sleep(0.2)  # the next test waits for its answer, a second
        stop.set()
        await asyncio.wait_for(running, 0.5)


async def test_events_at_the_start_at_changes_and_now_and_then(client, settings):
    async with (
        listening(Simulator()) as port,
        world_running(client) as world,
        bios_running(client, with_port(settings, port)) as (bios, _),
    ):
        assert len(await stored(client)) == 1
        await until(bios, lambda report: report.all_systems_go)
        world.telemetry = with_node("core", warned=True)
        await until(bios, lambda report: not report.all_systems_go)
        changed_s = time.monotonic()
        before = len(await stored(client))
        await asyncio.sleep(1.3)
        found = await stored(client)
        passed_s = time.monotonic() - changed_s
    # One for each 0.4 s, though the temperature in the words may differ each time.
    assert 1 <= len(found) - before <= passed_s / 0.35 + 1
    goes = [payload["all_systems_go"] for payload, _ in found]
    assert True in goes
    assert not goes[-1]
    ids = [header["Nats-Msg-Id"] for _, header in found]
    assert len(set(ids)) == len(ids)
    payload, header = found[-1]
    assert header["ce_id"] == header["Nats-Msg-Id"]
    assert header["ce_type"] == "qiki.events.v1.BiosStatus"
    assert header["ce_source"] == "urn:qiki:q-bios-service"
    assert header["ce_time"][:23] == payload["timestamp"][:23]
    assert payload["event_schema_version"] == 1
    assert {row["status"] for row in payload["post_results"]} == {OK, DEGRADED}


async def test_an_unusable_file_at_the_start_and_none(client, settings):
    with pytest.raises(VehicleError, match="cannot be read"):
        Bios(
            client,
            with_port(settings, 1, vehicle=VehicleSettings(config="/nowhere.yaml")),
            SCENARIO,
        )
    bios = Bios(client, with_port(settings, 1, vehicle=VehicleSettings(config="none")), SCENARIO)
    await bios.start()
    assert list(states(bios.newest)) == ["simulator", "radar.main"]


async def test_a_report_that_is_not_stored_is_told_once_and_due_again(
    client, settings, monkeypatch
):
    async def refuse(_publisher, _message):
        raise BrokerError("the stream is full")

    stop = asyncio.Event()
    stop.set()
    bios = Bios(client, with_port(settings, 1), SCENARIO)
    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(Publisher, "publish", refuse)
        await bios.start()
        await bios.check()
    assert [line["event"] for line in logs].count("bios_not_published") == 1
    assert await stored(client) == []
    await bios.check()
    assert len(await stored(client)) == 1
    await bios.check()
    assert len(await stored(client)) == 1
    await bios.run(stop)


async def listens(process, event):
    """Return the log line of that event."""
    while True:
        line = await asyncio.to_thread(process.stderr.readline)
        assert line, "it ended"
        found = json.loads(line)
        if found["event"] == event:
            return found


async def test_against_the_simulator_that_says_itself_where_it_is(client, settings):
    """Both as processes, both on ports of their own choice."""
    variables = {
        "QIKI_NATS_URL": settings.nats.url,
        "QIKI_GRPC__PORT": "0",
        "QIKI_BIOS__PORT": "0",
        "QIKI_BIOS__CHECK_INTERVAL_S": "0.1",
    }
    with started("sim", **variables) as simulator, started("bios", **variables) as bios:
        url = (await listens(bios, "bios_listens"))["url"]
        await listens(simulator, "grpc_listens")
        assert await component(url, "simulator", OK)
        assert await component(url, "radar.main", OK)
        assert await component(url, "load.radar", OK)
        assert (await ask(f"{url}/bios/status"))[1]["all_systems_go"]
        simulator.send_signal(signal.SIGTERM)
        assert await component(url, "simulator", ERROR)
        assert (await ask(f"{url}/bios/component/load.radar"))[1]["status"] == DEGRADED
        bios.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(bios.wait, 10) == 0
    assert (await stored(client))[-1][0]["post_results"][0]["status"] == ERROR


async def component(url, name, status):
    """Wait until a component has that status."""
    deadline = time.monotonic() + 20
    while (found := (await ask(f"{url}/bios/component/{name}"))[1])["status"] != status:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.1)
    return True
