import json
import subprocess
import sys
import time

import pytest

from qiki.cli import COMMANDS, main
from tests.serve.qiki_command import last_json, one_line_error, run


def test_help_is_fast_and_lists_every_command():
    seconds = []
    for _ in range(5):
        start_s = time.perf_counter()
        result = run("--help")
        seconds.append(time.perf_counter() - start_s)
    assert min(seconds) < 0.3  # the least disturbed by other work on the machine
    assert result.returncode == 0
    for name in COMMANDS:
        assert f"  {name} " in result.stdout


def test_help_imports_no_heavy_module():
    code = (
        "import sys; from qiki.cli import main; main(['--help']);"
        "print(sorted({'numpy', 'nats', 'grpc', 'asyncio', 'structlog'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name, capsys):
    assert main([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: qiki {name}")


def test_wrong_setting_is_one_line_and_exit_code_78():
    result = run("config", "show", QIKI_GRPC__PORT="70000")
    assert result.returncode == 78
    assert result.stdout == ""
    assert "grpc.port is 70000 (from QIKI_GRPC__PORT), must be int <= 65535" in one_line_error(
        result
    )


def test_wrong_usage_is_exit_code_2():
    assert run("nope").returncode == 2


def test_config_show_names_the_origin():
    rows = last_json(run("config", "show", "--json", RADAR_SR_THRESHOLD_M="80"))
    assert rows["radar.sr_threshold_m"] == {"value": 80.0, "origin": "RADAR_SR_THRESHOLD_M"}
    assert rows["grpc.port"] == {"value": 50051, "origin": "default"}


def test_config_show_by_origin_shows_what_is_set(tmp_path):
    file = tmp_path / "qiki.yaml"
    file.write_text("radar: {seed: 5}\n")
    words = ("config", "show", "--config", file, "--origin")
    result = run(*words, RADAR_SR_THRESHOLD_M="80", QIKI_GRPC__PORT="0")
    assert result.stdout.splitlines() == sorted(
        [
            f"{file}: radar.seed = 5",
            "QIKI_GRPC__PORT: grpc.port = 0",
            "RADAR_SR_THRESHOLD_M: radar.sr_threshold_m = 80.0",
        ]
    )


def test_a_name_of_the_original_is_noted_in_the_log():
    variables = {"NATS_URL": "nats://127.0.0.1:1", "RADAR_ENABLED": "1"}
    result = run("bridge", QIKI_NATS__CONNECT_TIMEOUT_S="0.3", **variables)
    notes = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    assert [(note["event"], note["name"], note["level"]) for note in notes[:2]] == [
        ("original_name_used", "NATS_URL", "info"),
        ("original_name_without_effect", "RADAR_ENABLED", "warning"),
    ]
