import asyncio
import re
import signal
import socket

import pytest

from tests.serve.qiki_command import one_line_error, run, started

STARTED = {
    "sim": "grpc_listens",
    "bridge": "worker_started",
    "registrar": "registrar_started",
    "guard": "guard_started",
    "bios": "bios_listens",
    "agent": "agent_started",
}


async def wait_for_log(process, event):
    """Read the service's log until `event`."""
    while f'"event": "{event}"' not in (line := await asyncio.to_thread(process.stderr.readline)):
        assert line, f"the service ended with {process.wait()} before {event}"


@pytest.fixture
def variables(broker, client, tmp_path):
    """Environment of a service on the session's broker."""
    database = str(tmp_path / "registrar.sqlite3")
    return {
        "NATS_URL": broker.url,
        "QIKI_GRPC__PORT": "0",
        "QIKI_BIOS__PORT": "0",
        "QIKI_REGISTRAR__PATH": database,
    }


@pytest.mark.parametrize("service", STARTED)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_stops_cleanly(variables, service, number):
    with started(service, **variables) as process:
        await wait_for_log(process, STARTED[service])
        process.send_signal(number)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 0, err
    assert "Traceback" not in err


async def test_a_second_simulator_on_a_broker_is_refused_and_the_first_goes_on(variables):
    with started("sim", **variables) as first:
        await wait_for_log(first, "grpc_listens")
        line = one_line_error(run("sim", **variables))
        assert line.startswith("qiki: a service sim runs on this broker already, for ")
        assert first.poll() is None
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=10)
    with started("sim", **variables) as again:
        await wait_for_log(again, "grpc_listens")


@pytest.mark.parametrize("service", STARTED)
def test_missing_broker_is_one_line(service):
    result = run(service, NATS_URL="nats://127.0.0.1:1", QIKI_NATS__CONNECT_TIMEOUT_S="0.3")
    assert result.returncode == 1
    assert "nats.url is nats://127.0.0.1:1" in one_line_error(result)


@pytest.mark.parametrize("service", STARTED)
async def test_missing_stream_is_one_line(variables, client, service):
    streams = {"guard": "QIKI_STREAMS__TRACKS", "agent": "QIKI_STREAMS__TRACKS"}
    streams |= {"bios": "EVENTS_STREAM"}
    stream = streams.get(service, "RADAR_STREAM")
    result = run(service, **{stream: "NOBODY_MADE_IT"}, **variables)
    assert result.returncode == 1
    assert "stream NOBODY_MADE_IT is missing" in one_line_error(result)


@pytest.mark.parametrize("service", STARTED)
async def test_broker_that_is_not_durable_is_refused(broker, variables, client, service):
    result = run(service, "--durable", "--monitoring-url", broker.monitoring_url, **variables)
    assert result.returncode == 78
    assert re.search("syncs its files every 120 s .* must sync each", one_line_error(result))
    assert (await client.jetstream().stream_info("QIKI_RADAR_V1")).state.messages == 0


@pytest.mark.parametrize("service", STARTED)
async def test_durable_broker_must_be_provable(variables, service):
    result = run(service, QIKI_BROKER__DURABLE="true", **variables)
    assert result.returncode == 78
    assert "nats.monitoring_url is unset" in one_line_error(result)


async def test_bad_scenario_is_one_line(variables):
    result = run("sim", "--scenario", "nowhere", **variables)
    assert result.returncode == 78
    assert "nowhere" in one_line_error(result)


async def test_taken_port_may_become_free(variables):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("sim", **variables | {"QIKI_GRPC__PORT": str(taken.getsockname()[1])})
    assert result.returncode == 1
    assert "must be free" in one_line_error(result)


async def test_bridge_of_a_wrong_tracker_is_one_line(variables):
    result = run("bridge", QIKI_TRACKER__PARAMETERS='{"confirm_hitz": 3}', **variables)
    assert result.returncode == 78
    assert "confirm_hitz" in one_line_error(result)
