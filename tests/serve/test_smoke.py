"""scripts/smoke_test.sh goes through a real system, and says which step fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serve.qiki_command import clean_environment
from tests.serve.running_system import running_system
from tests.source_tree import ROOT

# The `qiki` of this tree, whatever is installed.
COMMAND = f'#!/bin/sh\nexec "{sys.executable}" -m qiki "$@"\n'


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    with running_system(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def smoke_test(tmp_path):
    (tmp_path / "qiki").write_text(COMMAND)
    (tmp_path / "qiki").chmod(0o755)

    def run(**variables):
        path = f"{tmp_path}:{os.environ['PATH']}"
        python = {"PATH": path, "PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [ROOT / "scripts" / "smoke_test.sh"],
            env=clean_environment(**python, **variables),
            cwd=Path(tmp_path),
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    return run


def test_a_running_system_passes(system, smoke_test):
    result = smoke_test(QIKI_NATS_URL=system.url, QIKI_GRPC__PORT=system.grpc_port)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "ok    broker and streams",
        "ok    services answer",
        "ok    a frame and its tracks",
        "ok    a command is answered",
        "ok    gRPC health",
        "ok    all",
    ]


def test_the_step_that_fails_is_named(system, smoke_test):
    result = smoke_test(QIKI_NATS_URL=system.url, QIKI_GRPC__PORT="1")
    assert result.returncode == 1
    assert result.stdout.splitlines()[-1] == "ok    a command is answered"
    assert "FAIL  gRPC health" in result.stderr
    assert "gRPC at 127.0.0.1:1 answers UNAVAILABLE, must serve" in result.stderr
    assert "QIKI_GRPC__PORT" in result.stderr
    assert "Traceback" not in result.stderr


def test_without_a_broker_it_ends_at_once(smoke_test):
    result = smoke_test(QIKI_NATS_URL="nats://127.0.0.1:1", QIKI_NATS__CONNECT_TIMEOUT_S="0.3")
    assert (result.returncode, result.stdout) == (1, "")
    assert "FAIL  broker and streams" in result.stderr
