import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import jsonschema
import pytest
import yaml

from qiki.bus.server_lookup import find_server
from qiki.cli import COMMANDS
from qiki.serve.bot_run import services_of
from qiki.serve.tracker_config import guard_rules
from qiki.setting_layers import load
from tests.serve.broker_process import free_ports, is_healthy, wait_until_healthy
from tests.serve.qiki_command import clean_environment, run
from tests.source_tree import ROOT

SERVICES_OF_OURS = ("sim", "bridge", "registrar", "guard", "bios", "agent")
SERVICES = ROOT / "services"
COMPOSE_SCHEMA = "check_jsonschema/builtin_schemas/vendor/compose-spec.json"
UNITS = sorted((SERVICES / "systemd").glob("*.service"))
SCRIPTS = sorted((SERVICES / "scripts").iterdir())
COMMAND_SCRIPTS = [script for script in SCRIPTS if script.name != "broker"]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
CONSOLE = yaml.safe_load((ROOT / "compose.console.yaml").read_text())
# Container and service have the names of the original's.
CONTAINERS = {
    "nats": "qiki-nats-phase1",
    "nats-js-init": "qiki-nats-js-init",
    "q-sim-service": "qiki-sim-phase1",
    "faststream-bridge": "qiki-faststream-bridge-phase1",
    "registrar": "qiki-registrar-phase1",
    "q-bios-service": "qiki-bios-phase1",
    "q-core-agent": "qiki-dev-phase1",
}
SERVICE_OF = {
    "sim": "q-sim-service",
    "bridge": "faststream-bridge",
    "registrar": "registrar",
    "bios": "q-bios-service",
    "agent": "q-core-agent",
    "guard": "guard",  # the original's is in its bridge
}
BROKER = "nats"


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
COMPOSE_CONFIGURATION = COMPOSE["services"]["nats-configuration"]["command"]
LAUNCHERS = {
    "systemd": (UNIT_CONFIGURATION, unit_command("qiki-broker", "ExecStart")[1:]),
    "compose": (COMPOSE_CONFIGURATION, COMPOSE["services"][BROKER]["command"]),
}


def environment(launcher, service):
    if launcher == "compose":
        return COMPOSE["services"][SERVICE_OF[service]]["environment"]
    lines = entries(f"qiki-{service}", "Environment")
    return dict(entry.split("=", 1) for line in lines for entry in line.split())


def test_every_long_running_service_has_each_launcher():
    for name in SERVICES_OF_OURS:
        assert SERVICES / "systemd" / f"qiki-{name}.service" in UNITS
        assert SERVICES / "scripts" / name in SCRIPTS
        assert COMPOSE["services"][SERVICE_OF[name]]["command"] == [name]


def test_the_compose_files_are_such_by_the_schema_of_the_specification():
    try:
        package = metadata.distribution("check-jsonschema")
    except metadata.PackageNotFoundError:
        pytest.skip("check-jsonschema is not installed: no schema of compose files")
    schema = json.loads(package.locate_file(COMPOSE_SCHEMA).read_text())
    for file in (COMPOSE, CONSOLE):
        jsonschema.validate(file, schema)
    with pytest.raises(jsonschema.ValidationError):  # the schema does see mistakes
        jsonschema.validate(COMPOSE | {"services": {"nats": {"comand": []}}}, schema)


def test_containers_are_named_as_those_of_the_original():
    for name, container in CONTAINERS.items():
        assert COMPOSE["services"][name]["container_name"] == container


def test_the_console_is_a_shell_that_finds_the_system():
    (service,) = CONSOLE["services"].values()
    assert service["container_name"] == "qiki-operator-console"
    assert (service["stdin_open"], service["tty"]) == (True, True)
    assert CONSOLE["name"] == COMPOSE["name"]
    sim, registrar = (COMPOSE["services"][SERVICE_OF[name]] for name in ("sim", "registrar"))
    for key in ("image", "network_mode", "read_only", "security_opt"):
        assert service[key] == sim[key]
    assert service["environment"] == registrar["environment"]
    assert service["volumes"] == registrar["volumes"]
    assert set(service["depends_on"]) <= set(COMPOSE["services"])


def test_containers_depend_on_others_that_exist_and_have_what_is_waited_for():
    for name, service in COMPOSE["services"].items():
        for other, wanted in service.get("depends_on", {}).items():
            needed = {"service_healthy": "healthcheck", "service_completed_successfully": "image"}
            assert needed[wanted["condition"]] in COMPOSE["services"][other], name


@pytest.mark.parametrize("name", SERVICES_OF_OURS)
def test_the_health_of_a_container_is_that_of_its_service(name):
    _, *words = COMPOSE["services"][SERVICE_OF[name]]["healthcheck"]["test"]
    assert words[:4] == ["qiki", "status", "--expect", name]
    # Nobody is there, and that is what the command says.
    variables = {"QIKI_NATS_URL": "nats://127.0.0.1:1", "QIKI_NATS__CONNECT_TIMEOUT_S": "0.3"}
    assert run(*words[1:], **variables).returncode == 1


def test_the_image_installs_locked_requirements_and_the_wheel_of_its_first_stage():
    lines = (SERVICES / "Dockerfile").read_text().splitlines()
    stages = [line for line in lines if line.startswith("FROM ")]
    assert [line.endswith(" AS build") for line in stages] == [True, False]
    assert any("--require-hashes" in line for line in lines)
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            assert (ROOT / line.split()[1]).exists(), line


def test_the_script_of_the_broker_starts_one_that_services_trust(tmp_path):
    port, monitoring_port = free_ports(2)
    url, monitoring_url = f"nats://127.0.0.1:{port}", f"http://127.0.0.1:{monitoring_port}"
    path = f"{Path(sys.executable).parent}:{find_server().parent}:{os.environ['PATH']}"
    words = ["--port", str(port), "--monitoring-port", str(monitoring_port)]
    with subprocess.Popen(
        [SERVICES / "scripts" / "broker", *words],
        env=clean_environment(PATH=path, QIKI_BROKER_DIR=str(tmp_path / "a store")),
        stderr=subprocess.PIPE,
    ) as server:
        try:
            wait_until_healthy(server, monitoring_url)
            assert run("js", "apply", "--nats", url).returncode == 0
        finally:
            server.terminate()  # reaches nats-server itself, which the script has become
    assert not is_healthy(monitoring_url)
    assert (tmp_path / "a store" / "jetstream").is_dir()


@pytest.mark.parametrize("script", COMMAND_SCRIPTS, ids=lambda script: script.name)
def test_a_script_starts_its_command(script):
    """Its words go on to the command, so that of --help is what comes."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    result = subprocess.run(
        [script, "--help"],
        env=clean_environment(PATH=path),
        capture_output=True,
        text=True,
        check=True,
    )
    command = "js apply" if script.name == "streams" else script.name
    assert result.stdout.startswith(f"Usage: qiki {command} [OPTIONS]")


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
        own = {"nats": None, "nats-configuration": "none"}
        assert service.get("network_mode") == own.get(name, f"service:{BROKER}"), name
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
def test_a_launcher_with_a_guard_has_a_bridge_that_raises_alerts(launcher):
    settings = load(environment=environment(launcher, "bridge")).settings
    assert "guard" in services_of(settings)
    assert guard_rules(settings.tracker) is not None


def test_the_script_of_the_bridge_gives_it_rules_that_the_environment_may_replace(tmp_path):
    stand_in = tmp_path / "qiki"
    stand_in.write_text('#!/bin/sh\necho "$1 $QIKI_TRACKER__GUARD_RULES"\n')
    stand_in.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    for variables, rules in (({}, "default"), ({"QIKI_TRACKER__GUARD_RULES": "mine"}, "mine")):
        said = subprocess.run(
            [SERVICES / "scripts" / "bridge"],
            env=clean_environment(PATH=path, **variables),
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout == f"bridge {rules}\n"


@pytest.mark.parametrize("service", SERVICES_OF_OURS)
def test_status_in_each_container_expects_every_service(service):
    settings = load(environment=environment("compose", service)).settings
    assert services_of(settings) == SERVICES_OF_OURS


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_the_registrar_may_write_where_its_database_is(launcher):
    path = Path(load(environment=environment(launcher, "registrar")).settings.registrar.path)
    if launcher == "systemd":
        assert [f"/var/lib/{name}" for name in entries("qiki-registrar", "StateDirectory")] == [
            str(path.parent)
        ]
        return
    (volume,) = COMPOSE["services"][SERVICE_OF["registrar"]]["volumes"]
    name, _, folder = volume.partition(":")
    assert name in COMPOSE["volumes"]
    assert folder == str(path.parent)
    assert f"install -d -o nobody {folder}\n" in (SERVICES / "Dockerfile").read_text()
