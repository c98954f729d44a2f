"""One `qiki up`, which the tests of a module share."""

import json
import signal
from contextlib import contextmanager
from typing import NamedTuple

from tests.serve.qiki_command import started


class RunningSystem(NamedTuple):
    """What the log line `ready` of `qiki up` says."""

    url: str
    metrics: dict[str, str]  # URL by service
    grpc_port: str
    bios: str


@contextmanager
def running_system(data_dir, *more_words, metrics=False):
    """Start a system, give its addresses, and end it with Ctrl-C."""
    variables = {"QIKI_METRICS__PORT": "0"} if metrics else {}
    words = ("up", *more_words, "--port", "0", "--grpc-port", "0", "--data-dir", data_dir)
    with started(*words, **variables) as process:
        yield _read(process.stderr)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def _read(lines):
    """Read on to the line that says that all services answer."""
    for line in lines:
        assert line.startswith("{"), line
        told = json.loads(line)
        if told["event"] == "ready":
            port = told["grpc"].rpartition(":")[2]
            return RunningSystem(told["broker"], told.get("metrics", {}), port, told["bios"])
    raise AssertionError("it ended before it was ready")
