"""What a look at one thing found."""

from enum import Enum
from typing import NamedTuple


class Level(Enum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"  # it runs, but not as well as it could
    FAIL = "fail"  # it does not run


class Finding(NamedTuple):
    """One thing of the machine: what it is like, and where it should be otherwise what to do."""

    name: str
    level: Level
    found: str
    remedy: str = ""
