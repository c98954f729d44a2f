import subprocess
from pathlib import Path

import pytest
import yaml

from qiki.bus.server_lookup import find_server
from qiki.cli import COMMANDS

SERVICES = Path(__file__).parents[2] / "services"
UNITS = sorted((SERVICES / "systemd").glob("*.service"))
COMPOSE = yaml.safe_load((SERVICES / "compose.yaml").read_text())


def test_every_long_running_service_has_both_launchers():
    for name in ("sim", "bridge"):
        assert SERVICES / "systemd" / f"qiki-{name}.service" in UNITS
        assert COMPOSE["services"][name]["command"] == [name]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_unit_starts_a_command_that_exists(unit):
    (line,) = (line for line in unit.read_text().splitlines() if line.startswith("ExecStart="))
    program, *words = line.removeprefix("ExecStart=/usr/bin/env ").split()
    if program == "qiki":
        assert words[0] in COMMANDS
    else:
        assert (program, words) == ("nats-server", ["-c", "/etc/qiki/nats-server.conf"])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_unit_needs_only_units_that_exist(unit):
    names = {path.name for path in UNITS}
    for line in unit.read_text().splitlines():
        if line.startswith("Requires="):
            assert set(line.removeprefix("Requires=").split()) <= names


def test_containers_run_commands_that_exist_on_loopback():
    for name, service in COMPOSE["services"].items():
        assert service["network_mode"] == "host", name
        assert "ports" not in service
        if service.get("image") == "qiki":
            assert service["command"][0] in COMMANDS


def test_broker_configuration_is_valid_and_loopback_only():
    file = SERVICES / "nats-server.conf"
    subprocess.run([find_server(), "-t", "-c", file], check=True, capture_output=True)
    addresses = [
        line.split(":", 1)[1].strip().strip('"')
        for line in file.read_text().splitlines()
        if line.startswith(("listen:", "http:"))
    ]
    assert len(addresses) == 2
    assert all(address.startswith("127.0.0.1:") for address in addresses)
