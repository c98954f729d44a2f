"""One `qiki up` with metrics, which the tests of a module share."""

import json
import signal
from contextlib import contextmanager
from typing import NamedTuple

from tests.serve.qiki_command import started


class RunningSystem(NamedTuple):
    """What the log lines of `qiki up` say."""

    url: str
    metrics: dict[str, str]  # URL by service


@contextmanager
def running_system(data_dir, services=("sim", "bridge", "registrar"), **variables):
    """Start a system, give its addresses, and end it with Ctrl-C."""
    variables = {"QIKI_METRICS__PORT": "0", "QIKI_LOG__LEVEL": "debug"} | variables
    words = ("up", "--port", "0", "--grpc-port", "0", "--data-dir", data_dir)
    with started(*words, **variables) as process:
        yield _read(process.stderr, services)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def _read(lines, services):
    url, metrics = None, {}
    while url is None or set(metrics) != set(services):
        line = lines.readline()
        assert line.startswith("{"), line
        event = json.loads(line)
        if event["event"] == "starting":
            url = event["broker"]
        if event["event"] == "metrics_listen":
            metrics[event["service"]] = event["url"]
    return RunningSystem(url, metrics)
