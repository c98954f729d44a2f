import subprocess
from pathlib import Path

import pytest
import yaml

from qiki.bus.server_lookup import find_server
from qiki.cli import COMMANDS
from qiki.setting_layers import load
from tests.serve.qiki_command import run

SERVICES_OF_OURS = ("sim", "bridge", "registrar")
SERVICES = Path(__file__).parents[2] / "services"
UNITS = sorted((SERVICES / "systemd").glob("*.service"))
COMPOSE = yaml.safe_load((SERVICES / "compose.yaml").read_text())


def entries(unit, key):
    """Return the values of a key of a systemd unit."""
    lines = (SERVICES / "systemd" / f"{unit}.service").read_text().splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{key}=")]


def unit_command(unit, key):
    (line,) = entries(unit, key)
    return line.removeprefix("/usr/bin/env ").split()


# How each launcher writes the broker's configuration, which file the broker reads, and the
# environment of its services.
UNIT_CONFIGURATION = unit_command("qiki-broker", "ExecStartPre")[1:]
COMPOSE_CONFIGURATION = COMPOSE["services"]["configuration"]["command"]
LAUNCHERS = {
    "systemd": (UNIT_CONFIGURATION, unit_command("qiki-broker", "ExecStart")[1:]),
    "compose": (COMPOSE_CONFIGURATION, COMPOSE["services"]["broker"]["command"]),
}


def environment(launcher, service):
    if launcher == "compose":
        return COMPOSE["services"][service]["environment"]
    (line,) = entries(f"qiki-{service}", "Environment")
    return dict(entry.split("=", 1) for entry in line.split())


def test_every_long_running_service_has_both_launchers():
    for name in SERVICES_OF_OURS:
        assert SERVICES / "systemd" / f"qiki-{name}.service" in UNITS
        assert COMPOSE["services"][name]["command"] == [name]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_unit_starts_a_command_that_exists(unit):
    program, *words = unit_command(unit.stem, "ExecStart")
    if program == "qiki":
        assert words[0] in COMMANDS
    else:
        assert (program, unit.stem) == ("nats-server", "qiki-broker")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_unit_needs_only_units_that_exist(unit):
    names = {path.name for path in UNITS}
    for line in entries(unit.stem, "Requires"):
        assert set(line.split()) <= names


def test_containers_run_commands_that_exist_on_loopback():
    for name, service in COMPOSE["services"].items():
        assert service["network_mode"] == "host", name
        assert "ports" not in service
        if service.get("image") == "qiki":
            assert service["command"][0] in COMMANDS


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_broker_reads_the_configuration_that_was_written(launcher):
    written, broker = LAUNCHERS[launcher]
    assert broker[0] == "-c"
    assert f"--output={broker[1]}" in written


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_broker_configuration_is_valid_durable_and_loopback_only(launcher, tmp_path):
    written, _ = LAUNCHERS[launcher]
    file = tmp_path / "conf"
    words = [word if "--output" not in word else f"--output={file}" for word in written]
    result = run(*words)
    assert result.returncode == 0, result.stderr
    subprocess.run([find_server(), "-t", "-c", file], check=True, capture_output=True)
    text = file.read_text()
    assert 'host: "127.0.0.1"\nport: 4222\nhttp: "127.0.0.1:8222"\n' in text
    assert 'store_dir: "/var/lib/qiki-broker"\n  sync_interval: always\n' in text


@pytest.mark.parametrize("launcher", LAUNCHERS)
@pytest.mark.parametrize("service", SERVICES_OF_OURS)
def test_services_ask_that_broker_for_durability(launcher, service):
    settings = load(environment=environment(launcher, service)).settings
    assert settings.broker.durable
    assert settings.nats.monitoring_url == "http://127.0.0.1:8222"


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_the_registrar_may_write_where_its_database_is(launcher):
    path = Path(load(environment=environment(launcher, "registrar")).settings.registrar.path)
    if launcher == "systemd":
        assert [f"/var/lib/{name}" for name in entries("qiki-registrar", "StateDirectory")] == [
            str(path.parent)
        ]
        return
    (volume,) = COMPOSE["services"]["registrar"]["volumes"]
    name, _, folder = volume.partition(":")
    assert name in COMPOSE["volumes"]
    assert folder == str(path.parent)
    assert f"install -d -o nobody {folder}\n" in (SERVICES / "Dockerfile").read_text()
