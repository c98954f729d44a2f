"""Run the real ``qiki`` command in a process of its own."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

OURS = ("QIKI_", "NATS_", "RADAR_")


def clean_environment(**variables):
    """Return the environment without any setting of QIKI but these."""
    return {k: v for k, v in os.environ.items() if not k.startswith(OURS)} | variables


def _variables(words, variables):
    """Return what a system of several services needs besides: no port that others may have."""
    return ({"QIKI_BIOS__PORT": "0"} if words[0] == "up" else {}) | variables


def run(*words, timeout_s=60, **variables):
    """Run ``qiki`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "qiki", *map(str, words)],
        env=clean_environment(**_variables(words, variables)),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@contextmanager
def started(*words, **variables):
    """Start ``qiki``, give the process, and kill it at the end if the test has not ended it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "qiki", *map(str, words)],
        env=clean_environment(**_variables(words, variables)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def processes_with(word):
    """Return the ids of the processes that have `word` in their environment.

    A command that was started with it is one, and so is all that it started.
    """
    found = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # ended meanwhile, or somebody else's
            if os.fsencode(word) in file.read_bytes():
                found.append(int(file.parent.name))
    return found


def last_json(result):
    """Return the JSON object that must be the last line of standard output."""
    return json.loads(result.stdout.splitlines()[-1])


def one_line_error(result):
    """Return the only error line; log lines are JSON, tracebacks are neither."""
    lines = [line for line in result.stderr.splitlines() if not line.startswith("{")]
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("qiki: ")
    return lines[0]
