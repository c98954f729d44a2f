"""Where programs store what they keep for this user."""

import os
from pathlib import Path

from qiki.settings import UpSettings


def data_home() -> Path:
    """Return the folder in which programs keep what they store for this user."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base)


def up_data_dir(settings: UpSettings) -> Path:
    """Return where the broker of `qiki up` stores."""
    if settings.data_dir is not None:
        return Path(settings.data_dir).expanduser()
    return data_home() / "qiki"
