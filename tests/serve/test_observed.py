"""How a running system is seen from outside: metrics, discovery, `qiki status`."""

import asyncio
import json
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest
from nats.micro.service import Service, ServiceConfig
from structlog.testing import capture_logs

from qiki.bus.connection import connected
from qiki.bus.stream_apply import apply
from qiki.bus.streams import stream_plans
from qiki.bus.subjects import FRAMES
from qiki.figures import Figures
from qiki.serve import system_status
from qiki.serve.consumer_lag import LagReader
from qiki.serve.metrics_server import serve_metrics
from qiki.serve.observed import semantic
from qiki.serve.system_status import ServiceState, StreamHealth, stuck_faults
from qiki.settings import MetricsSettings, NatsSettings
from tests.conftest import TRAFFIC
from tests.serve.qiki_command import clean_environment, last_json, one_line_error, run
from tests.serve.running_system import running_system

parser = pytest.importorskip("prometheus_client.parser")


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    with running_system(tmp_path_factory.mktemp("data"), metrics=True) as running:
        yield running


def scrape(url):
    """Return the samples of ``/metrics``, read by Prometheus' own parser."""
    with urlopen(url) as answer:
        text = answer.read().decode()
    families = parser.text_string_to_metric_families(text)
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def scraped(url, key, at_least):
    """Scrape until a sample is as large as that, and return all."""
    deadline = time.monotonic() + 20
    while (samples := scrape(url)).get(key, 0) < at_least:
        assert time.monotonic() < deadline, samples
        time.sleep(0.1)
    return samples


def of_broker(system, work):
    async def connect():
        async with connected(NatsSettings(url=system.url), "test") as client:
            return await work(client)

    return asyncio.run(connect())


def test_status_tells_the_addresses_of_the_line_ready(system):
    shown = last_json(run("status", "--json", QIKI_NATS_URL=system.url))
    services = {service["name"]: service for service in shown["services"]}
    assert services["sim"]["grpc_address"].rpartition(":")[2] == system.grpc_port
    assert (services["sim"]["world_state"], services["sim"]["speed"]) == ("RUNNING", 1.0)
    assert services["sim"]["achieved_speed"] > 0
    assert services["bios"]["http_url"] == system.bios
    assert {name: it["metrics_url"] for name, it in services.items()} == system.metrics


def test_figures_of_simulator_and_bridge_agree(system):
    bridge = scraped(system.metrics["bridge"], ("qiki_frames_total",), 10)
    sim = scrape(system.metrics["sim"])
    assert sim["qiki_service_info", *sorted(["sim", "0.1.0"])] == 1
    frames = bridge["qiki_frames_total",]
    # A simulator counts a frame when its parts are stored; the bridge does not wait for them.
    assert 10 <= frames <= sim["qiki_frames_total",] + 1
    assert bridge["qiki_detections_total",] > 0
    assert sim["qiki_published_total", FRAMES] >= frames
    # The service goes on while a scrape is made up.
    assert frames <= bridge["qiki_published_total", "qiki.radar.v1.tracks"] <= frames + 5
    assert frames <= bridge["qiki_frame_to_tracks_seconds_count",] <= frames + 5
    assert 0 < bridge["qiki_frame_to_tracks_seconds_sum",] < 60 * frames
    edges = [value for (name, *_), value in bridge.items() if name.endswith("seconds_bucket")]
    assert edges == sorted(edges)
    assert edges[-1] == bridge["qiki_frame_to_tracks_seconds_count",]
    assert bridge["qiki_consumer_lag_messages", "QIKI_RADAR_V1", "radar_bridge"] < 10


def test_the_registrar_counts_what_it_stores(system):
    key = ("qiki_records_total", "frame")
    registrar = scraped(system.metrics["registrar"], key, 5)
    assert registrar["qiki_consumer_lag_messages", "QIKI_TRACKS_V1", "registrar"] < 50


def test_the_self_test_finds_simulator_and_radar(system):
    deadline = time.monotonic() + 20
    while True:
        with urlopen(f"{system.bios}/bios/status") as answer:
            found = {row["device_name"]: row for row in json.load(answer)["post_results"]}
        if found["simulator"]["status"] == found["radar.main"]["status"] == 1:
            break
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def test_refusals_are_counted_by_reason(system):
    async def publish(client):
        for _ in range(3):
            await client.jetstream().publish(FRAMES, b"no frame")

    of_broker(system, publish)
    deadline = time.monotonic() + 20
    counted = {}
    while sum(counted.values()) < 3:
        assert time.monotonic() < deadline
        samples = scrape(system.metrics["bridge"])
        counted = {key: n for key, n in samples.items() if key[0].endswith("not_accepted_total")}
    (key,) = counted
    assert "refused" in key
    assert not any(char.isdigit() for label in key[1:] for char in label)


@pytest.mark.parametrize("name", ["not_guarded", "tracks_not_told"])
async def test_what_could_not_be_told_is_shown_by_why(client, monkeypatch, name):
    figures = Figures()
    getattr(figures, name).update({"aged_out": 9, "unreadable": 5})
    monkeypatch.setattr("qiki.serve.metrics.FIGURES", figures)
    with capture_logs() as logs:
        async with serve_metrics(MetricsSettings(port=0), "guard", LagReader(client, [])):
            samples = await asyncio.to_thread(scrape, logs[0]["url"])
    shown = {key[1]: n for key, n in samples.items() if key[0].endswith(f"{name}_total")}
    assert shown == figures.shown()[name] == {"aged_out": 9, "unreadable": 5}


def test_status_of_a_healthy_system(system):
    scraped(system.metrics["bridge"], ("qiki_frames_total",), 1)
    result = run("status", "--nats", system.url, "--json")
    assert result.returncode == 0, result.stderr
    status = last_json(result)
    services = {service["name"]: service for service in status["services"]}
    assert {name: service["state"] for name, service in services.items()} == {
        "bios": "up",
        "bridge": "up",
        "registrar": "up",
        "sim": "up",
    }
    assert services["sim"]["frames_per_s"] == pytest.approx(10, abs=5)
    assert services["bridge"]["latency_ms"]["p99"] > 0
    assert services["bridge"]["answered_sequence"] > 0
    streams = {stream["name"]: stream for stream in status["streams"]}
    assert streams["QIKI_RADAR_V1"]["consumers"]["radar_bridge"] < 30
    assert streams["QIKI_RADAR_V1"]["oldest_s"] > 0
    text = run("status", "--nats", system.url, "--interval", "0.1").stdout
    assert [line.split()[:2] for line in text.splitlines()[1:5]] == [
        ["bios", "up"],
        ["bridge", "up"],
        ["registrar", "up"],
        ["sim", "up"],
    ]


def test_a_service_that_does_not_answer_is_down(system):
    words = ("--nats", system.url, "--interval", "0.1", "--expect", "sim", "--expect", "nobody")
    result = run("status", *words, "--json")
    assert result.returncode == 1
    assert "fault: nobody does not answer, must within 1 s: it is none of sim, " in result.stderr
    down = [it["name"] for it in last_json(result)["services"] if it["state"] == "down"]
    assert down == ["nobody"]


async def test_the_health_of_one_service_is_not_that_of_others(client, settings):
    """Nothing runs, and the registrar's consumers and the guard's stream are gone."""
    jetstream = client.jetstream()
    await jetstream.delete_consumer("QIKI_RADAR_V1", "registrar")
    await jetstream.delete_stream("QIKI_TRACKS_V1")

    async def faults(*expected):
        words = [word for name in expected for word in ("--expect", name)]
        asked = ("status", "--nats", settings.nats.url, "--interval", "0.1", *words)
        result = await asyncio.to_thread(run, *asked)
        assert result.returncode == 1
        lines = [line.removeprefix("fault: ") for line in result.stderr.splitlines()]
        return [line.partition(",")[0] for line in lines]

    down = "{} does not answer".format
    no_consumer = "consumer QIKI_RADAR_V1/registrar is missing"
    no_stream = "stream QIKI_TRACKS_V1: refused"
    try:
        assert await faults("sim") == [down("sim")]
        assert await faults("bridge") == [down("bridge")]
        assert await faults("guard") == [down("guard"), no_stream]
        assert await faults("registrar") == [down("registrar"), no_stream, no_consumer]
        services = [down(name) for name in ("bios", "bridge", "registrar", "sim")]
        everything = [*services, no_stream, no_consumer]
        assert await faults() == everything
    finally:
        await apply(jetstream, stream_plans(settings.streams, settings.bridge, TRAFFIC))


# What the client's own micro service calls on Python 3.12 and newer.
@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
def test_two_of_one_kind_and_a_missing_consumer_are_faults(system):
    async def ask(client):
        service = Service(client, ServiceConfig(name="qiki-sim", version="1.0.0"))
        await service.start()
        words = ("status", "--nats", system.url, "--interval", "0.1")
        asked = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "qiki", *words),
            env=clean_environment(QIKI_STREAMS__COMMANDS_DURABLE="mine"),
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        _, errors = await asked.communicate()
        return asked.returncode, errors.decode().splitlines()

    code, faults = of_broker(system, ask)
    assert code == 1
    assert faults == [
        "fault: sim answers 2 times, must once for each broker: stop the others",
        "fault: consumer QIKI_COMMANDS_V1/mine is missing, must be there: run `qiki js apply`",
    ]


@pytest.mark.parametrize(
    ("figures", "lags", "is_stuck"),
    [
        ({"idle_s": 12.0, "uptime_s": 50.0}, (3, 7), True),
        ({"idle_s": None, "uptime_s": 12.0}, (3, 3), True),  # it has never done anything
        ({"idle_s": 12.0, "uptime_s": 50.0}, (0, 0), False),  # there is nothing to do
        ({"idle_s": 12.0, "uptime_s": 50.0}, (0, 3), False),  # something has just come
        ({"idle_s": 12.0, "uptime_s": 50.0}, (3, 0), False),  # it is being done
        ({"idle_s": 0.1, "uptime_s": 50.0}, (3, 3), False),
        (None, (3, 3), False),  # it is down, which is another fault
    ],
)
def test_a_service_with_work_before_it_that_does_none_is_a_fault(figures, lags, is_stuck):
    services = [ServiceState("bridge", figures), ServiceState("sim", {"idle_s": 99.0})]
    rounds = [
        [StreamHealth("S", 9, 900, -1, 1.0, {"radar_bridge": lag, "others": 50, "gone": None})]
        for lag in lags
    ]
    faults = stuck_faults(services, rounds, {"bridge": "radar_bridge"})
    said = ["bridge has 3 messages before it and has done nothing for 12 s, must within 10 s"]
    assert [fault.partition(":")[0] for fault in faults] == (said if is_stuck else [])


async def test_a_service_is_asked_for_its_idle_time_behind_the_lags(client, settings, monkeypatch):
    """Else a message that comes between the two looks like one that was left for long."""
    asked = []
    answers, stream = system_status._answers, system_status._stream

    async def noted_answers(*arguments):
        asked.append("services")
        return await answers(*arguments)

    async def noted_stream(*arguments):
        asked.append("stream")
        return await stream(*arguments)

    monkeypatch.setattr(system_status, "_answers", noted_answers)
    monkeypatch.setattr(system_status, "_stream", noted_stream)
    plans = stream_plans(settings.streams, settings.bridge, TRAFFIC)[:1]
    await system_status.read_status(client, plans, [], {}, 0.1)
    assert asked == ["services", "stream", "stream", "services"]


def test_a_service_answers_who_knows_its_name_alone(system):
    async def ask(client):
        return json.loads((await client.request("qiki.status.bridge", b"", timeout=5)).data)

    assert of_broker(system, ask)["version"] == "0.1.0"


def test_status_without_services_and_streams(broker):
    result = run("status", "--nats", broker.url, "--interval", "0.1")
    assert result.returncode == 1
    assert result.stderr.count("does not answer") == 4
    assert result.stderr.count("run `qiki js apply`") == 5


def test_where_no_port_is_set_nothing_is_imported_for_metrics():
    code = "import sys, qiki.serve.bridge; sys.exit('prometheus_client' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("variables", "code", "error"),
    [
        ({"QIKI_METRICS__HOST": "0.0.0.0"}, 78, "metrics.host is 0.0.0.0, must be a loopback"),
        ({"QIKI_METRICS__PORT": "70000"}, 78, "metrics.port"),
    ],
)
def test_metrics_that_cannot_be_served_are_one_line(client, settings, variables, code, error):
    variables = {"QIKI_METRICS__PORT": "0"} | variables
    result = run("bridge", "--nats", settings.nats.url, **variables)
    assert result.returncode == code
    assert error in one_line_error(result)


def test_a_taken_port_is_named(client, settings, system):
    port = system.metrics["sim"].rpartition(":")[2].partition("/")[0]
    result = run("bridge", "--nats", settings.nats.url, QIKI_METRICS__PORT=port)
    assert result.returncode == 1
    assert f"metrics.port is {port}, must be free on 127.0.0.1" in one_line_error(result)


def test_a_version_is_three_numbers():
    assert [semantic(text) for text in ("0.1.0", "1.2", "2.0.0rc1.dev3")] == [
        "0.1.0",
        "1.2.0",
        "2.0.0",
    ]
