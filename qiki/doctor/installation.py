"""Python, the wheel, and the nats-server that `qiki up` runs."""

import base64
import hashlib
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import qiki
from qiki import _core
from qiki._core import build_info, simd_level, simd_levels
from qiki.bus.server_lookup import PACKAGE, PROGRAM, find_server
from qiki.doctor.core_fit import misfits, stub_text
from qiki.doctor.finding import Finding, Level
from qiki.errors import BrokerError
from qiki.settings import Settings

ANSWER_S = 10.0
SHOWN_MISFITS = 3


def look_at_python(_: Settings) -> Finding:
    """Which Python runs; the wheel does not install on one that is too old."""
    bits = sys.maxsize.bit_length() + 1
    found = f"{platform.python_implementation()} {platform.python_version()}, {bits} bits"
    if bits == 64:
        return Finding("python", Level.OK, found)
    return Finding("python", Level.FAIL, found, "use a Python of 64 bits")


def look_at_wheel(_: Settings) -> Finding:
    """Whether package and compiled core are made for each other, and how the core was built."""
    installed, profile = metadata.version("qiki"), build_info()["profile"]
    found = f"qiki {installed}, core {qiki.__version__} ({profile})"
    if installed != qiki.__version__:
        return Finding("wheel", Level.FAIL, found, "install qiki anew: its parts do not fit")
    if absent := misfits(stub_text(), _core):
        shown = ", ".join(absent[:SHOWN_MISFITS]) + (", ..." if absent[SHOWN_MISFITS:] else "")
        found += f", which does not fit the Python code: it has no {shown}"
        remedy = "in a clone run `make install`, else install qiki anew"
        return Finding("wheel", Level.FAIL, found, remedy)
    if profile != "release":
        return Finding(
            "wheel", Level.WARN, found, "a debug build is slow: `make` builds a fast one"
        )
    return Finding("wheel", Level.OK, found)


def look_at_simd(_: Settings) -> Finding:
    """Which instruction set the core has chosen; results do not depend on it, speed does."""
    found = f"{simd_level()} (of {', '.join(simd_levels())})"
    return Finding("simd", Level.OK, found)


def look_at_nats_server(settings: Settings) -> Finding:
    """Find the server of `qiki up`, its version, and whether it is the file that was installed."""
    needed = Level.FAIL if settings.nats.url is None else Level.WARN
    try:
        program = find_server(settings.broker.server)
    except BrokerError as error:
        return Finding("nats-server", needed, "not found", str(error))
    try:
        answer = subprocess.run(  # noqa: S603 - the program that `qiki up` runs, too
            [program, "-v"], capture_output=True, text=True, timeout=ANSWER_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        remedy = "install qiki[broker] anew, or name another with QIKI_NATS_SERVER"
        return Finding("nats-server", needed, f"{program} does not run ({error})", remedy)
    digest = hashlib.sha256(program.read_bytes()).digest()
    name, _, version = answer.stdout.strip().partition(": ")
    if name != PROGRAM:
        remedy = "correct QIKI_NATS_SERVER, or unset it to use the one of qiki[broker]"
        return Finding("nats-server", needed, f"{program} is no {PROGRAM}", remedy)
    found = f"{version}, {program}, sha256 {digest.hex()}"
    if not is_as_installed(program, digest):
        remedy = f"it is not the file that came with {PACKAGE}: install that anew"
        return Finding("nats-server", Level.FAIL, found, remedy)
    return Finding("nats-server", Level.OK, found)


def is_as_installed(program: Path, digest: bytes) -> bool:
    """Tell whether a program of the package has the hash that the package's record says.

    One from elsewhere has nothing to compare with.
    """
    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError:
        return True
    for file in files:
        if file.hash is not None and Path(str(file.locate())).resolve() == program:
            text = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            return file.hash.mode != "sha256" or file.hash.value == text
    return True
