"""One `qiki up`, which the tests of a module share."""

import json
import signal
from contextlib import contextmanager
from typing import NamedTuple

from tests.serve.qiki_command import started


class RunningSystem(NamedTuple):
    """What the log lines of `qiki up` say."""

    url: str
    metrics: dict[str, str]  # URL by service
    grpc_port: str
    bios: str


@contextmanager
def running_system(data_dir, *more_words, metrics=False):
    """Start a system, give its addresses, and end it with Ctrl-C."""
    services = ("sim", "bridge", "registrar", "bios") if metrics else ()
    variables = {"QIKI_METRICS__PORT": "0"} if metrics else {}
    words = ("up", *more_words, "--port", "0", "--grpc-port", "0", "--data-dir", data_dir)
    with started(*words, QIKI_LOG__LEVEL="debug", **variables) as process:
        yield _read(process.stderr, services)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def _read(lines, services):
    url, grpc_port, bios, metrics = None, None, None, {}
    while None in (url, grpc_port, bios) or set(metrics) != set(services):
        line = lines.readline()
        assert line.startswith("{"), line
        event = json.loads(line)
        if event["event"] == "starting":
            url = event["broker"]
        if event["event"] == "grpc_listens":
            grpc_port = event["address"].rpartition(":")[2]
        if event["event"] == "bios_listens":
            bios = event["url"]
        if event["event"] == "metrics_listen":
            metrics[event["service"]] = event["url"]
    return RunningSystem(url, metrics, grpc_port, bios)
