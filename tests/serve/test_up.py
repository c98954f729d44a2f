import os
import signal
import socket
import time
from pathlib import Path

import pytest
from nats.js.errors import NotFoundError

from qiki.bus.broker import private_broker
from qiki.bus.connection import connected
from qiki.settings import BrokerSettings, NatsSettings
from tests.serve.qiki_command import last_json, one_line_error, processes_with, run, started

ANY_PORTS = ("--port", 0, "--grpc-port", 0)
SERVICES = {"broker", "sim", "bridge", "registrar", "bios"}
KEYS = {
    "scenario",
    "broker",
    "frames",
    "detections",
    "tracks_confirmed",
    "tracks_messages",
    "frames_lost",
    "frames_spoiled",
    "latency_ms",
}


def children_of(pid):
    """Return the names of the processes that `pid` started, by their command line."""
    names = {}
    for child in _proc(f"{pid}/task/{pid}/children").split():
        words = _proc(f"{child}/cmdline").split("\0")
        names[words[3] if "qiki" in words else "broker"] = int(child)
    return names


def _proc(name):
    return Path("/proc", name).read_text()


def wait_for_children(process, deadline_s=20):
    """Wait until all services and the broker run."""
    end = time.monotonic() + deadline_s
    while set(children := children_of(process.pid)) != SERVICES:
        assert time.monotonic() < end, process.stderr.read() if process.poll() else children
        time.sleep(0.05)
    return children


def is_running(pid):
    try:
        return "Z" not in _proc(f"{pid}/stat").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def test_five_seconds_of_the_default_world(tmp_path):
    result = run("up", "--duration", 5, "--json", "--data-dir", tmp_path, *ANY_PORTS)
    assert result.returncode == 0, result.stderr
    summary = last_json(result)
    assert set(summary) == KEYS
    assert summary["scenario"] == "default"
    assert 45 <= summary["frames"] <= 70
    assert summary["tracks_messages"] == summary["frames"]
    assert summary["frames_lost"] == 0
    assert summary["tracks_confirmed"] == 5
    assert summary["detections"] > 4 * summary["frames"]
    assert 0 < summary["latency_ms"]["p50"] <= summary["latency_ms"]["p99"]


def test_uses_another_broker_and_leaves_it_running(broker, client, tmp_path):
    words = ("--duration", 1, "--json", "--grpc-port", 0)
    result = run("up", *words, QIKI_NATS_URL=broker.url, QIKI_UP__DATA_DIR=str(tmp_path))
    assert result.returncode == 0, result.stderr
    summary = last_json(result)
    assert (summary["broker"], summary["frames_lost"]) == (broker.url, 0)
    assert broker.ended() is None


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        (("--port", 0), "--port"),
        (("--data-dir", "somewhere"), "--data-dir"),
        (("--port", 0, "--data-dir", "somewhere"), "--port and --data-dir"),
    ],
)
def test_flags_of_a_broker_of_its_own_do_not_go_with_another(broker, words, flags):
    result = run("up", *words, "--grpc-port", 0, QIKI_NATS_URL=broker.url)
    assert result.returncode == 78
    line = one_line_error(result)
    assert line.startswith(f"qiki: {flags} would be of a broker of its own, but nats.url (from ")
    assert f"QIKI_NATS_URL) is {broker.url}, and the broker there wins: remove" in line


def test_durable_broker_and_services_that_ask_for_it(tmp_path):
    with started("up", "--durable", "--data-dir", tmp_path, *ANY_PORTS) as process:
        children = wait_for_children(process)
        told = {name: _proc(f"{children[name]}/environ") for name in ("sim", "bridge")}
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "sync_interval: always" in (tmp_path / "nats-server.conf").read_text()
    for environment in told.values():
        assert "QIKI_BROKER__DURABLE=true" in environment
        assert "QIKI_NATS__MONITORING_URL=http://127.0.0.1:" in environment


def test_the_registrar_stores_what_flows_beside_the_broker(tmp_path):
    words = ("--duration", 3, "--json", "--data-dir", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:  # has the port of the self test
        port = other.getsockname()[1]
        result = run("up", *words, *ANY_PORTS, QIKI_BIOS__PORT=str(port))
    assert result.returncode == 0, result.stderr
    assert "bios_port_taken" in result.stderr
    database = tmp_path / "registrar.sqlite3"
    shown = run("events", "--type", "track.confirmed", "--database", database)
    assert shown.stdout.count("  track.confirmed  ") == last_json(result)["tracks_confirmed"] == 5
    # The self test found the simulator, and ended before it.
    shown = run("events", "--type", "event.bios_status", "--database", database, "--json")
    assert last_json(shown)["payload"]["post_results"][0]["status"] == 1


def test_with_guard_rules_their_alerts_become_events(tmp_path):
    rules = tmp_path / "rules.yaml"
    rules.write_text("schema_version: 1\nrules:\n  - {id: ANY, title: any, severity: info}\n")
    words = ("--duration", 3, "--json", "--data-dir", tmp_path)
    result = run("up", *words, *ANY_PORTS, QIKI_TRACKER__GUARD_RULES=str(rules))
    assert result.returncode == 0, result.stderr
    database = tmp_path / "registrar.sqlite3"
    shown = run("events", "--type", "event.radar.guard", "--database", database)
    alerts = shown.stdout.count("  event.radar.guard  ")
    assert alerts >= last_json(result)["tracks_confirmed"] == 5


def test_it_runs_without_registrar_and_self_test(tmp_path):
    words = ("--duration", 1, "--json", "--data-dir", tmp_path)
    refused = {"QIKI_BIOS__HOST": "10.1.2.3"}  # by the self test, if it ran
    without = {"QIKI_UP__REGISTRAR": "false", "QIKI_UP__BIOS": "false"}
    result = run("up", *words, *ANY_PORTS, **without, **refused)
    assert result.returncode == 0, result.stderr
    assert not (tmp_path / "registrar.sqlite3").exists()


async def test_another_broker_that_is_not_durable_is_left_as_it_was():
    with private_broker(BrokerSettings()) as broker:
        url, monitoring_url = broker.url, broker.monitoring_url
        variables = {"QIKI_NATS_URL": url, "QIKI_NATS__MONITORING_URL": monitoring_url}
        result = run("up", "--durable", "--grpc-port", 0, **variables)
        async with connected(NatsSettings(url=url), "test") as client:
            with pytest.raises(NotFoundError):
                await client.jetstream().stream_info("QIKI_RADAR_V1")
    assert result.returncode == 78
    assert "must sync each message" in one_line_error(result)


def test_ctrl_c_stops_everything_it_started(tmp_path):
    with started("up", "--json", "--data-dir", tmp_path, *ANY_PORTS) as process:
        children = wait_for_children(process)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert '"frames_lost": 0' in out.splitlines()[-1]
    assert not any(is_running(pid) for pid in children.values())


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_death_of_a_part_is_named_and_stops_the_rest(tmp_path, name):
    with started("up", "--data-dir", tmp_path, *ANY_PORTS) as process:
        children = wait_for_children(process)
        os.kill(children[name], signal.SIGKILL)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    (line,) = (line for line in err.splitlines() if line.startswith("qiki: "))
    assert {"broker": "nats-server"}.get(name, name) in line
    assert not any(is_running(pid) for pid in children.values())


def test_killed_itself_it_leaves_nothing_behind(tmp_path):
    with started("up", "--data-dir", tmp_path, *ANY_PORTS) as process:
        children = wait_for_children(process)
        process.kill()
    deadline = time.monotonic() + 20
    while any(is_running(pid) for pid in children.values()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_taken_port_is_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("up", "--data-dir", tmp_path, "--port", port)
    assert result.returncode == 1
    assert f"broker.port is {port}, must be free" in one_line_error(result)


def test_taken_grpc_port_is_one_line_and_stops_the_rest(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        words = ("--data-dir", tmp_path, "--port", 0, "--grpc-port", port)
        result = run("up", *words, STARTED_BY=str(tmp_path))
    assert result.returncode == 1
    words = f"grpc.port is {port}, must be free on 127.0.0.1: stop what listens there, or pick"
    assert words in one_line_error(result)
    assert processes_with(tmp_path) == []


def test_missing_broker_is_one_line():
    result = run("up", NATS_URL="nats://127.0.0.1:1", QIKI_NATS__CONNECT_TIMEOUT_S="0.3")
    assert result.returncode == 1
    assert "nats.url is nats://127.0.0.1:1" in one_line_error(result)


def test_missing_server_is_one_line(tmp_path):
    result = run("up", "--data-dir", tmp_path, QIKI_NATS_SERVER=str(tmp_path / "nowhere"))
    assert result.returncode == 1
    assert "broker.server" in one_line_error(result)


def test_bad_scenario_is_one_line(tmp_path):
    result = run("up", "--data-dir", tmp_path, "--scenario", "nowhere")
    assert result.returncode == 78
    assert "nowhere" in one_line_error(result)


def test_wrong_setting_of_a_part_is_its_exit_code(tmp_path):
    result = run("up", "--data-dir", tmp_path, *ANY_PORTS, QIKI_GRPC__HOST="10.1.2.3")
    assert result.returncode == 78
    assert "sim: grpc.host is 10.1.2.3" in one_line_error(result)


def test_folder_in_use_is_one_line(tmp_path):
    with started("up", "--data-dir", tmp_path, *ANY_PORTS) as process:
        wait_for_children(process)
        result = run("up", "--data-dir", tmp_path, *ANY_PORTS)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert result.returncode == 1
    assert "must not be in use" in one_line_error(result)
    assert process.returncode == 0


def test_frames_go_on_in_the_same_folder(tmp_path):
    """A second run finds the streams of the first, loses nothing, and shrinks what is its own."""
    for max_age in ("1200", "600"):
        words = ("--duration", 1, "--json", "--data-dir", tmp_path)
        result = run("up", *words, *ANY_PORTS, RADAR_MAX_AGE_SEC=max_age)
        assert result.returncode == 0, result.stderr
        assert last_json(result)["frames_lost"] == 0
        assert ("QIKI_RADAR_V1.max_age is 1200 s, wanted 600 s" in result.stderr) is (
            max_age == "600"
        )


def test_another_world_in_the_same_folder_begins_its_own_tracks(tmp_path):
    """Friends and foes belong to the scenario and so to the settings of the tracker."""
    for scenario in ("default", "crossing"):
        words = ("--scenario", scenario, "--duration", 2, "--json", "--data-dir", tmp_path)
        result = run("up", *words, *ANY_PORTS)
        assert result.returncode == 0, result.stderr
        summary = last_json(result)
        assert (summary["frames_lost"], summary["tracks_messages"]) == (0, summary["frames"])
