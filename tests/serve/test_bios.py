"""The BIOS on a real broker: against a simulator of the test's own, and against `qiki sim`."""

import asyncio
import json
import signal
import time
import urllib.error
import urllib.request
from contextlib import asynccontextmanager

import grpc
import msgspec
import pytest

from qiki.bus import subjects
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.errors import ListenError, SettingError, VehicleError
from qiki.radar import Radar, Scenario
from qiki.serve.bios import Bios
from qiki.serve.bios_http import serve_bios_http
from qiki.settings import BiosSettings, GrpcSettings, VehicleSettings
from qiki.vehicle import VehicleConfig
from qiki.wire.generated import q_sim_api_pb2 as messages
from qiki.wire.generated.q_sim_api_pb2_grpc import (
    QSimAPIServiceServicer,
    add_QSimAPIServiceServicer_to_server,
)
from tests.bios.telemetry_messages import message, with_node
from tests.serve.qiki_command import one_line_error, run, started

SCENARIO = Scenario.load("default")
RADAR = Radar(SCENARIO)
UNKNOWN, OK, DEGRADED, ERROR = range(4)
FAST = BiosSettings(port=0, check_interval_s=0.05, publish_interval_s=0.4, stale_after_s=0.5)


class Simulator(QSimAPIServiceServicer):
    """Answers as it is told to."""

    status = "SERVING"
    why_no_frame = None

    async def HealthCheck(self, _request, _context):  # noqa: N802 - the contract's name
        return messages.HealthCheckResponse(status=self.status)

    async def GetRadarFrame(self, _request, context):  # noqa: N802
        if self.why_no_frame:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, self.why_no_frame)
        return messages.GetRadarFrameResponse()


@asynccontextmanager
async def listening(simulator, port=0):
    server = grpc.aio.server()
    add_QSimAPIServiceServicer_to_server(simulator, server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield bound
    finally:
        await server.stop(None)


def clock_frame(number):
    return RADAR.clock_frame(number, RADAR.frame(number).time_ns)


class World:
    """A simulator with its vehicle's telemetry and its radar's frames."""

    def __init__(self, client):
        self.telemetry = message()
        self.frames = FrameSender(Publisher(client, 5), RADAR.sensor_id)
        self.frame = RADAR.frame
        self._client = client

    async def run(self):
        number = 0
        while True:
            payload = json.dumps(self.telemetry).encode()
            await self._client.publish(subjects.TELEMETRY, payload)
            await self.frames.send(self.frame(number).split(RADAR.sr_threshold_m))
            number += 1
            await asyncio.sleep(0.05)


@asynccontextmanager
async def world_running(client):
    world = World(client)
    task = asyncio.create_task(world.run())
    yield world
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled(), task.exception()


@asynccontextmanager
async def bios_running(client, settings):
    """Give a BIOS and the URL of its HTTP."""
    stop = asyncio.Event()
    bios = Bios(client, settings, SCENARIO)
    await bios.start()
    running = asyncio.create_task(bios.run(stop))
    async with serve_bios_http(settings.bios, bios) as url:
        yield bios, url
    stop.set()
    await asyncio.wait_for(running, 5)


@pytest.fixture
def bios_settings(settings):
    def made(port, **changes):
        grpc_settings = GrpcSettings(port=port)
        return msgspec.structs.replace(settings, bios=FAST, grpc=grpc_settings, **changes)

    return made


def states(report):
    return {it.device.name: int(it.finding.state) for it in report.results}


async def until(bios, holds):
    """Wait until the newest report is as it should be, and return it."""
    deadline = time.monotonic() + 10
    while not holds(bios.newest):
        assert time.monotonic() < deadline, states(bios.newest)
        await asyncio.sleep(0.02)
    return bios.newest


def http(url, method="GET", body=None):
    request = urllib.request.Request(url, method=method, data=body)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def ask(*words, **options):
    return asyncio.to_thread(http, *words, **options)


async def stored(client):
    """Return every event of the BIOS in the stream, with its headers."""
    jetstream = client.jetstream()
    state = (await jetstream.stream_info("QIKI_EVENTS_V1")).state
    span = range(state.first_seq, state.last_seq + 1) if state.messages else ()
    found = [await jetstream.get_msg("QIKI_EVENTS_V1", number) for number in span]
    return [(json.loads(it.data), it.headers) for it in found if it.subject == subjects.BIOS_STATUS]


async def test_faults_come_and_go(client, bios_settings):
    simulator = Simulator()
    async with (
        listening(simulator) as port,
        world_running(client) as world,
        bios_running(client, bios_settings(port)) as (bios, _),
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
        simulator.why_no_frame, simulator.status = None, "ERROR"
        report = await until(bios, lambda report: states(report)["simulator"] == ERROR)
        assert "says 'ERROR', must say SERVING" in report.component("simulator")["status_message"]


async def test_a_simulator_that_goes_and_comes_back(client, bios_settings):
    async with listening(Simulator()) as port:
        pass
    async with (
        world_running(client),
        bios_running(client, bios_settings(port)) as (bios, _),
    ):
        found = states(bios.newest)  # with the first test, before anything else
        assert found.pop("simulator") == ERROR
        assert set(found.values()) == {DEGRADED}
        async with listening(Simulator(), port):
            await until(bios, lambda report: report.all_systems_go)
        await until(bios, lambda report: states(report)["simulator"] == ERROR)


async def test_of_a_simulator_that_says_nothing_nothing_is_known(client, bios_settings):
    async with (
        listening(Simulator()) as port,
        bios_running(client, bios_settings(port)) as (bios, _),
    ):
        report = await until(bios, lambda report: states(report)["radar.main"] == ERROR)
        found = states(report)
        assert (found.pop("simulator"), found.pop("radar.main")) == (OK, ERROR)
        assert set(found.values()) == {UNKNOWN}
        await client.publish(subjects.TELEMETRY, b"{")
        words = "telemetry cannot be read"
        await until(bios, lambda it: words in it.component("battery")["status_message"])


async def test_events_at_the_start_at_changes_and_now_and_then(client, bios_settings):
    async with (
        listening(Simulator()) as port,
        world_running(client) as world,
        bios_running(client, bios_settings(port)) as (bios, _),
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


async def test_http(client, bios_settings):
    async with (
        listening(Simulator()) as port,
        world_running(client),
        bios_running(client, bios_settings(port)) as (bios, url),
    ):
        await until(bios, lambda report: report.all_systems_go)
        assert (await ask(f"{url}/healthz"))[1]["status"] == "ok"
        code, report = await ask(f"{url}/bios/status")
        assert (code, report["all_systems_go"], report["health_score"]) == (200, True, 1.0)
        for row in report["post_results"][:3]:
            for name in (row["device_id"], row["device_name"]):
                code, found = await ask(f"{url}/bios/component/{name}")
                assert (code, found["device_id"], found["status"]) == (200, row["device_id"], OK)
        code, error = await ask(f"{url}/bios/component/load.%20none")
        assert (code, error["error"]) == (
            404,
            "device 'load. none' is not there; /bios/status has all",
        )
        for method, path, expected in (
            ("GET", "/nowhere", 404),
            ("GET", "/bios/reload", 405),
            ("POST", "/bios/status", 405),
            ("PUT", "/bios/status", 501),
        ):
            code, error = await ask(f"{url}{path}", method)
            assert code == expected
            assert error["error"]


async def test_a_bios_that_tests_no_more_is_not_healthy(client, bios_settings, monkeypatch):
    bios = Bios(client, bios_settings(1), SCENARIO)
    await bios.start()
    async with serve_bios_http(FAST, bios) as url:
        assert (await ask(f"{url}/healthz"))[0] == 200
        monkeypatch.setattr(Bios, "age_s", bios.stale_after_s + 1)
        code, said = await ask(f"{url}/healthz")
        assert (code, said["status"]) == (503, "stale")


async def test_reload_takes_a_new_file_and_refuses_a_bad_one(client, bios_settings, tmp_path):
    text = VehicleConfig.built_in_text("default")
    path = tmp_path / "bot.yaml"
    path.write_text(text)
    settings = bios_settings(1, vehicle=VehicleSettings(config=str(path)))
    async with bios_running(client, settings) as (bios, url):
        before = (await ask(f"{url}/bios/status"))[1]
        assert "load.nbl" in states(bios.newest)
        path.write_text(
            text.replace("name: nbl", "name: heater")
            .replace("[nbl]", "[heater]")
            .replace("source: nbl", "source: heater")
        )
        code, after = await ask(f"{url}/bios/reload", "POST", body=b"x" * 100_000)
        assert (code, after["reloaded"]) == (200, True)
        assert after["hardware_profile_hash"] != before["hardware_profile_hash"]
        assert after["bios_uuid"] == before["bios_uuid"]
        assert "load.heater" in states(bios.newest)
        path.write_text(text.replace("dry_mass_kg: 300", "dry_mass_kg: -3"))
        code, said = await ask(f"{url}/bios/reload", "POST")
        assert code == 422
        assert "dry_mass_kg" in said["error"]
        path.unlink()
        code, said = await ask(f"{url}/bios/reload", "POST")
        assert code == 422
        assert "cannot be read" in said["error"]
        assert "load.heater" in states(bios.newest)
        assert (await ask(f"{url}/bios/component/load.heater"))[0] == 200


async def test_an_unusable_file_at_the_start_and_none(client, bios_settings):
    with pytest.raises(VehicleError, match="cannot be read"):
        Bios(client, bios_settings(1, vehicle=VehicleSettings(config="/nowhere.yaml")), SCENARIO)
    bios = Bios(client, bios_settings(1, vehicle=VehicleSettings(config="none")), SCENARIO)
    await bios.start()
    assert list(states(bios.newest)) == ["simulator", "radar.main"]


async def test_a_slow_client_holds_up_nobody(client, bios_settings):
    async with bios_running(client, bios_settings(1)) as (_, url):
        _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(b"GET /healthz HTTP/1.0\r\n")
        assert (await ask(f"{url}/healthz"))[0] == 200
        writer.close()


async def test_addresses_that_cannot_be_used(client, bios_settings):
    bios = Bios(client, bios_settings(1), SCENARIO)
    with pytest.raises(SettingError, match=r"bios\.host is .*, must be a loopback address"):
        async with serve_bios_http(BiosSettings(host="0.0.0.0"), bios):
            pass
    async with serve_bios_http(FAST, bios) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(ListenError, match=f"bios.port is {port}, must be free"):
            async with serve_bios_http(BiosSettings(port=port), bios):
                pass


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


def test_a_taken_port_is_one_line(client, settings, broker):
    port = broker.url.rpartition(":")[2]
    result = run("bios", QIKI_NATS_URL=settings.nats.url, QIKI_BIOS__PORT=port)
    assert result.returncode == 1
    assert f"bios.port is {port}, must be free on 127.0.0.1" in one_line_error(result)
