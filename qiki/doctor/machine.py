"""Disk, clock, limits and loopback of the machine."""

import ctypes
import os
import platform
import resource
import socket
import tempfile
import time
from pathlib import Path

from qiki.bus.broker_configuration import LOOPBACK, store_limit
from qiki.data_folder import up_data_dir
from qiki.doctor.finding import Finding, Level
from qiki.errors import SettingError
from qiki.settings import Settings

BROKER_SHARE_PERCENT = 75  # of the room that nats-server takes where nothing else is said
OPEN_FILES_GOOD, OPEN_FILES_LEAST = 1024, 256
RESOLUTION_S = 1e-6
TIMEX_BYTES = 1024  # more than any kernel's `struct timex`
TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised


def look_at_data_dir(settings: Settings) -> Finding:
    """Whether `qiki up` can write where its broker stores."""
    folder = up_data_dir(settings.up)
    place = nearest(folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        remedy = "name a folder that can be written with --data-dir (up.data_dir)"
        return Finding("data folder", Level.FAIL, f"{folder}: {error.strerror}", remedy)
    return Finding("data folder", Level.OK, f"{folder} can be written")


def look_at_disk(settings: Settings) -> Finding:
    """Whether the streams' budget fits into what nats-server takes of the disk."""
    folder = up_data_dir(settings.up)
    budget = settings.streams.max_bytes
    try:
        limit = store_limit(folder, BROKER_SHARE_PERCENT)
    except (OSError, SettingError) as error:
        return Finding("disk", Level.FAIL, str(error), "see the data folder")
    found = (
        f"{limit.free_bytes / 1e9:.1f} GB are free, the broker fills at most "
        f"{limit.max_bytes / 1e9:.1f} GB, the streams at most {budget / 1e9:.1f} GB"
    )
    if limit.max_bytes < budget:
        return Finding("disk", Level.FAIL, found, "free disk space, or lower streams.max_bytes")
    return Finding("disk", Level.OK, found)


def look_at_clock(_: Settings) -> Finding:
    """Whether time never goes backwards, is fine enough, and is that of the rest of the world."""
    info = time.get_clock_info("monotonic")
    found = f"monotonic to {info.resolution:g} s, {_synchronised_words(is_synchronised())}"
    if not info.monotonic or info.resolution > RESOLUTION_S:
        remedy = f"must be monotonic to {RESOLUTION_S:g} s: use another clock source of the kernel"
        return Finding("clock", Level.WARN, found, remedy)
    if is_synchronised() is False:
        remedy = "run chrony or systemd-timesyncd, or times of other machines do not fit to ours"
        return Finding("clock", Level.WARN, found, remedy)
    return Finding("clock", Level.OK, found)


def look_at_open_files(_: Settings) -> Finding:
    """Whether broker and services may open as many files and sockets as they need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    found = f"{soft} (may be raised to {hard})"
    if soft >= OPEN_FILES_GOOD:
        return Finding("open files", Level.OK, found)
    level = Level.WARN if soft >= OPEN_FILES_LEAST else Level.FAIL
    remedy = f"raise it to at least {OPEN_FILES_GOOD}: `ulimit -n {OPEN_FILES_GOOD}`"
    return Finding("open files", level, found, remedy)


def look_at_loopback(_: Settings) -> Finding:
    """Whether a program reaches another over loopback."""
    try:
        with socket.create_server((LOOPBACK, 0)) as server:
            socket.create_connection(server.getsockname(), timeout=1.0).close()
    except OSError as error:
        remedy = "bring the loopback interface up: `ip link set lo up`"
        return Finding("loopback", Level.FAIL, f"{LOOPBACK}: {error}", remedy)
    return Finding("loopback", Level.OK, f"{LOOPBACK} answers")


def nearest(folder: Path) -> Path:
    """Return the folder, or what exists of the way to it."""
    folder = folder.absolute()
    while not os.path.lexists(folder):
        folder = folder.parent
    return folder


def is_synchronised() -> bool | None:
    """Return whether the kernel knows its clock to be synchronised, None where it does not tell."""
    if platform.system() != "Linux":
        return None
    state = ctypes.create_string_buffer(TIMEX_BYTES)  # mode 0: only read
    answer = ctypes.CDLL(None, use_errno=True).adjtimex(state)
    return None if answer < 0 else answer != TIME_ERROR


def _synchronised_words(known: bool | None) -> str:
    return {None: "NTP unknown", True: "synchronised", False: "not synchronised"}[known]
