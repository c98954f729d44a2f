"""A vehicle whose battery is low: its radar has no power, and whoever looks or asks is told so."""

import time

import pytest

from qiki.vehicle import VehicleConfig
from tests.serve.qiki_command import last_json, run
from tests.serve.running_system import running_system

NO_POWER = "the load radar has no power (low_charge)"


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    folder = tmp_path_factory.mktemp("low")
    text = VehicleConfig.built_in_text("default")
    (folder / "low.yaml").write_text(text.replace("initial_charge: 0.8", "initial_charge: 0.15"))
    (folder / "settings.yaml").write_text(f"vehicle: {{config: {folder}/low.yaml}}\n")
    with running_system(folder / "data", "--config", folder / "settings.yaml") as running:
        yield running


def test_a_command_to_a_load_without_power_says_so(system):
    result = run("command", "sim.radar.on", QIKI_NATS_URL=system.url)
    assert result.stdout.startswith(f"sim.radar.on: carried out, but {NO_POWER}, stored as ")
    answer = last_json(run("command", "sim.radar.on", "--json", QIKI_NATS_URL=system.url))
    assert (answer["success"], answer["payload"]["note"]) == (True, NO_POWER)
    nothing_wrong = last_json(run("command", "sim.rcs.stop", "--json", QIKI_NATS_URL=system.url))
    assert "note" not in nothing_wrong["payload"]


def test_status_shows_the_devices_that_do_not_work(system):
    deadline_s = time.monotonic() + 20
    while "  load.radar: " not in (shown := run("status", QIKI_NATS_URL=system.url)).stdout:
        assert time.monotonic() < deadline_s, shown
    assert shown.returncode == 0
    lines = shown.stdout.splitlines()
    (counts,) = (line for line in lines if line.startswith("devices  "))
    ok, all_ = int(counts.split()[1]), int(counts.split()[3])
    assert 0 < ok < all_
    (radar,) = (line for line in lines if line.startswith("  load.radar: "))
    assert "low_charge" in radar
