import asyncio
import json
import re
import shutil
import subprocess
from contextlib import contextmanager
from urllib.request import urlopen

import pytest

from qiki.bus.broker import private_broker
from qiki.bus.connection import connected
from qiki.bus.server_lookup import find_server
from qiki.bus.subjects import FRAMES
from qiki.settings import BrokerSettings, NatsSettings
from tests.serve.broker_process import free_ports, wait_until_healthy
from tests.serve.qiki_command import last_json, one_line_error, run, started


@pytest.fixture(scope="module")
def url():
    """A broker of its own: the streams must not exist yet."""
    with private_broker(BrokerSettings()) as broker:
        yield broker.url


def test_check_apply_check(url):
    before = run("js", "check", "--nats", url, "--json")
    assert before.returncode == 1
    missing = {entry["place"] for entry in last_json(before)["differs"]}
    streams = {f"QIKI_{name}_V1" for name in ("RADAR", "TRACKS", "EVENTS", "COMMANDS")}
    assert streams | {"KV_QIKI_SNAPSHOTS"} == missing
    applied = run("js", "apply", "--nats", url)
    assert applied.returncode == 0
    assert "QIKI_RADAR_V1: keeps 3600 s" in applied.stdout
    after = run("js", "check", "--nats", url, "--json")
    assert (after.returncode, last_json(after)["differs"]) == (0, [])


async def store_a_frame(url):
    async with connected(NatsSettings(url=url), "test") as client:
        await client.jetstream().publish(FRAMES, b"a frame")


def test_apply_shrinks_what_holds_messages_by_force_alone(url):
    assert run("js", "apply", "--nats", url).returncode == 0
    asyncio.run(store_a_frame(url))
    refused = run("js", "apply", "--nats", url, RADAR_MAX_AGE_SEC="600")
    assert refused.returncode == 78
    assert "QIKI_RADAR_V1.max_age is 3600 s, wanted 600 s" in one_line_error(refused)
    assert run("js", "check", "--nats", url).returncode == 0  # as it was
    forced = run("js", "apply", "--force", "--nats", url, RADAR_MAX_AGE_SEC="600")
    assert forced.returncode == 0
    assert "those older than 600 s would be deleted" in forced.stderr
    # Run again it has nothing to do, and back again takes nothing.
    assert run("js", "apply", "--nats", url, "--json", RADAR_MAX_AGE_SEC="600").returncode == 0
    assert run("js", "apply", "--nats", url).returncode == 0


def test_names_and_limits_come_from_the_settings(url):
    result = run(
        *("js", "apply", "--nats", url, "--json"), RADAR_STREAM="MINE", RADAR_MAX_AGE_SEC="600"
    )
    # Its subjects belong to QIKI_RADAR_V1 already: the broker's own words say so.
    assert result.returncode == 1
    assert "stream MINE: refused, subjects overlap" in one_line_error(result)


def test_missing_broker_is_one_line():
    result = run("js", "check", "--nats", "nats://127.0.0.1:1", QIKI_NATS__CONNECT_TIMEOUT_S="0.3")
    assert result.returncode == 1
    assert "nats.url is nats://127.0.0.1:1" in one_line_error(result)


@contextmanager
def server_of(configuration, monitoring_url):
    """Run nats-server with a configuration file until it is healthy, and stop it at the end."""
    with subprocess.Popen([find_server(), "-c", configuration], stderr=subprocess.PIPE) as server:
        try:
            wait_until_healthy(server, monitoring_url)
            yield
        finally:
            server.terminate()


def test_a_server_runs_with_the_written_configuration_and_services_trust_it(tmp_path):
    store, file = tmp_path / "store of müller", tmp_path / "nats-server.conf"
    port, monitoring_port = free_ports(2)
    monitoring_url = f"http://127.0.0.1:{monitoring_port}"
    words = ("--store-dir", store, "--port", port, "--monitoring-port", monitoring_port)
    written = run("js", "conf", *words, "--output", file, QIKI_BROKER__MAX_PAYLOAD_BYTES="3000000")
    assert (written.returncode, written.stdout) == (0, ""), written.stderr
    (limit_bytes,) = map(int, re.findall(r"max_file_store: (\d+)\n", file.read_text()))
    # Others write to the disk as well, so what is free is not quite the same twice.
    assert limit_bytes == pytest.approx(shutil.disk_usage(tmp_path).free * 0.8, rel=0.05)
    said = f"max_file_store: {limit_bytes / 1e9:.1f} GB, 80 % of "
    assert said in written.stderr
    assert said in file.read_text()
    assert "GB that are free now for " in written.stderr
    assert f"monitoring: {monitoring_url}" in written.stderr
    subprocess.run([find_server(), "-t", "-c", file], check=True, capture_output=True)
    with server_of(file, monitoring_url):
        with urlopen(f"{monitoring_url}/jsz?config=true") as answer:
            config = json.load(answer)["config"]
        assert config["sync_always"] is True
        assert config["max_storage"] == limit_bytes
        assert config["store_dir"] == str(store / "jetstream")
        with urlopen(f"{monitoring_url}/varz") as answer:
            variables = json.load(answer)
        assert (variables["host"], variables["http_host"]) == ("127.0.0.1", "127.0.0.1")
        assert variables["max_payload"] == 3_000_000
        assert variables["cluster"] == {}
        at = ("--nats", f"nats://127.0.0.1:{port}")
        assert run("js", "apply", *at).returncode == 0
        words = ("bridge", "--durable", "--monitoring-url", monitoring_url, *at)
        with started(*words) as bridge:
            assert '"event": "epoch_begun"' in bridge.stderr.readline()


def test_configuration_goes_to_standard_output_and_words_beside_it(tmp_path):
    result = run("js", "conf", "--store-share", "50", XDG_DATA_HOME=str(tmp_path))
    file = tmp_path / "conf"
    file.write_text(result.stdout)
    subprocess.run([find_server(), "-t", "-c", file], check=True, capture_output=True)
    assert f'store_dir: "{tmp_path}/qiki-broker"' in result.stdout
    assert re.search(r"\n  max_file_store: \d+\n", result.stdout)
    assert ", 50 % of " in result.stderr


@pytest.mark.parametrize(
    ("words", "variables", "error"),
    [
        (["--port", "0"], {}, "broker.port is 0, must be a port that clients can be told"),
        (["--port", "8222"], {}, "--monitoring-port is 8222, must be another port"),
        (["--output", "nowhere/conf"], {}, "--output is nowhere/conf, must be a file that can be"),
        ([], {"RADAR_MAX_BYTES": f"{1 << 50}"}, f"streams.max_bytes is {1 << 50}, must be at most"),
    ],
)
def test_configuration_that_cannot_be_is_one_line(tmp_path, words, variables, error):
    result = run("js", "conf", "--store-dir", tmp_path, *words, **variables)
    assert result.returncode == 78
    assert error in one_line_error(result)
    assert result.stdout == ""
