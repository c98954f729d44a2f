import hashlib
import json
import resource
import socket
import subprocess
import sys
import time
from importlib import metadata

import pytest

from qiki import _core
from qiki.bus.server_lookup import PACKAGE, find_server
from qiki.doctor.core_fit import misfits
from qiki.doctor.finding import Level
from qiki.doctor.installation import is_as_installed, look_at_wheel
from qiki.doctor.machine import is_synchronised, look_at_clock
from qiki.settings import Settings
from tests.serve.qiki_command import clean_environment, last_json, one_line_error, run

CHECKS = {
    *("python", "wheel", "simd", "nats-server", "loopback", "gRPC", "data folder", "disk"),
    *("clock", "open files", "broker", "BIOS"),
}


def examined(data_dir, **variables):
    """Return the exit code and the findings by name; every port is free unless a test says."""
    ports = {f"QIKI_{name}__PORT": "0" for name in ("BROKER", "GRPC", "BIOS")}
    free = ports | {"QIKI_UP__DATA_DIR": str(data_dir)}
    result = run("doctor", "--json", **(free | variables))
    assert result.stderr == ""
    return result.returncode, {row["name"]: row for row in last_json(result)["checks"]}


def test_this_machine_is_fit_and_nothing_is_changed(tmp_path):
    folder = tmp_path / "not yet made"
    code, found = examined(folder)
    assert code == 0
    assert set(found) == CHECKS
    assert {row["level"] for row in found.values()} <= {"ok", "warn"}
    assert all(row["remedy"] for row in found.values() if row["level"] != "ok")
    digest = hashlib.sha256(find_server().read_bytes()).hexdigest()
    assert digest in found["nats-server"]["found"]
    assert metadata.version(PACKAGE) in found["nats-server"]["found"]
    assert list(tmp_path.iterdir()) == []


def test_for_people_each_check_is_a_line_and_each_remedy_another(tmp_path):
    missing = tmp_path / "nothing"
    result = run("doctor", QIKI_NATS_SERVER=str(missing), QIKI_UP__DATA_DIR=str(tmp_path))
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    index = next(n for n, line in enumerate(lines) if line.startswith("FAIL  nats-server"))
    assert lines[index + 1].strip().startswith(f"-> broker.server is {missing}, must be a program")


def test_a_broker_that_answers_is_told_with_its_version(tmp_path, broker):
    code, found = examined(tmp_path, QIKI_NATS_URL=broker.url)
    assert code == 0
    assert found["broker"]["level"] == "ok"
    assert f"{metadata.version(PACKAGE)}, with JetStream" in found["broker"]["found"]


def test_a_port_where_a_broker_listens_is_a_warning_with_its_address(tmp_path, broker):
    port = broker.url.rpartition(":")[2]
    code, found = examined(tmp_path, QIKI_BROKER__PORT=port)
    assert (code, found["broker"]["level"]) == (0, "warn")
    assert f"QIKI_NATS_URL={broker.url}" in found["broker"]["remedy"]


@pytest.mark.parametrize("setting", ["BROKER", "GRPC", "BIOS"])
def test_a_port_where_something_else_listens(tmp_path, setting):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        code, found = examined(tmp_path, **{f"QIKI_{setting}__PORT": port})
    name = {"BROKER": "broker", "GRPC": "gRPC"}.get(setting, setting)
    expected = (1, "fail") if setting == "BROKER" else (0, "warn")
    assert (code, found[name]["level"]) == expected
    assert port in found[name]["found"]


@pytest.mark.parametrize(
    ("variables", "name", "found", "remedy"),
    [
        (
            {"QIKI_NATS_URL": "nats://127.0.0.1:1", "QIKI_NATS__CONNECT_TIMEOUT_S": "0.3"},
            "broker",
            "nats://127.0.0.1:1 is not reached",
            "start one, for example with `qiki up`",
        ),
        ({"RADAR_MAX_BYTES": f"{1 << 49}"}, "disk", "GB are free", "lower streams.max_bytes"),
        ({"QIKI_UP__DATA_DIR": "/dev/null/store"}, "data folder", "/dev/null/store", "--data-dir"),
        ({"QIKI_NATS_SERVER": sys.executable}, "nats-server", "is no nats-server", "unset it"),
        ({"QIKI_NATS_SERVER": "/bin/false"}, "nats-server", "does not run", "QIKI_NATS_SERVER"),
    ],
)
def test_what_is_wrong_fails_with_its_remedy(tmp_path, variables, name, found, remedy):
    code, rows = examined(tmp_path, **variables)
    row = rows[name]
    assert (code, row["level"]) == (1, "fail")
    assert found in row["found"]
    assert remedy in row["remedy"]


def test_few_open_files_fail(tmp_path):
    def limit():
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))

    result = subprocess.run(
        [sys.executable, "-m", "qiki", "doctor", "--json"],
        env=clean_environment(QIKI_UP__DATA_DIR=str(tmp_path)),
        capture_output=True,
        check=False,
        preexec_fn=limit,
    )
    rows = {row["name"]: row for row in json.loads(result.stdout)["checks"]}
    assert (result.returncode, rows["open files"]["level"]) == (1, "fail")
    assert rows["open files"]["found"].startswith("200 ")


def test_a_program_that_is_not_the_package_s_any_more_is_noticed():
    program = find_server()
    digest = hashlib.sha256(program.read_bytes()).digest()
    assert is_as_installed(program, digest)
    assert not is_as_installed(program, bytes(32))


def test_parts_of_two_versions_do_not_fit(monkeypatch):
    monkeypatch.setattr("qiki.__version__", "9.9.9")
    assert look_at_wheel(Settings()).level is Level.FAIL


def with_an_older_core(*words):
    """Run ``qiki`` with a core that has no `Drive` yet."""
    code = (
        "import sys, qiki._core as core; del core.Drive\n"
        "from qiki.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        env=clean_environment(QIKI_BROKER__PORT="0"),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_core_older_than_the_python_code_fails_with_what_it_lacks():
    result = with_an_older_core("doctor", "--json")
    rows = {row["name"]: row for row in last_json(result)["checks"]}
    assert (result.returncode, rows["wheel"]["level"]) == (1, "fail")
    assert "has no Drive" in rows["wheel"]["found"]
    assert "`make install`" in rows["wheel"]["remedy"]


def test_a_command_on_an_older_core_says_so_in_one_line():
    result = with_an_older_core("sim")
    assert result.returncode == 78
    line = one_line_error(result)
    assert line.startswith("qiki: the compiled core does not fit the Python code (cannot import")
    assert "Drive" in line
    assert "`make install`" in line


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("def build_info() -> None: ...", []),
        ("def build_info(new: int) -> None: ...", ["build_info(new)"]),
        ("def nothing() -> None: ...", ["nothing"]),
        ("class Nothing: ...", ["Nothing"]),
        ("class Drive:\n    def other(self) -> None: ...", ["Drive.other"]),
        ("class Drive:\n    @property\n    def other(self) -> None: ...", ["Drive.other"]),
    ],
)
def test_what_a_stub_tells_and_the_core_has_not(told, expected):
    assert misfits(told, _core) == expected


@pytest.mark.parametrize(
    ("known", "level", "words"),
    [
        (True, Level.OK, "synchronised"),
        (None, Level.OK, "NTP unknown"),
        (False, Level.WARN, "not synchronised"),
    ],
)
def test_a_clock_that_nobody_sets_is_a_warning(monkeypatch, known, level, words):
    monkeypatch.setattr("qiki.doctor.machine.is_synchronised", lambda: known)
    finding = look_at_clock(Settings())
    assert finding.level is level
    assert finding.found.endswith(f", {words}")


def test_asking_the_kernel_does_not_set_its_clock():
    before_s = time.time() - time.monotonic()
    assert is_synchronised() in (True, False, None)
    assert abs(time.time() - time.monotonic() - before_s) < 1
