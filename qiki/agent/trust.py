"""Whether what an agent sees may be acted on: fresh enough, good enough, there at all."""

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """What may be thought of one source of knowledge, in the original's words."""

    OK = "OK"
    NO_DATA = "NO_DATA"
    STALE = "STALE"
    LOW_QUALITY = "LOW_QUALITY"
    INVALID = "INVALID"


class Trust(NamedTuple):
    """What is thought of a source, and why.

    Attributes
    ----------
    verdict : `OK` where it may be acted on.
    age_s : since it was true [s]; None where there was none. Of tracks in world time, while the
        vehicle tells what time it is there; else in real time.
    reason : value, limit and source; empty where all is well.
    """

    verdict: Verdict
    age_s: float | None = None
    reason: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether it may be acted on."""
        return self.verdict is Verdict.OK


def freshness(what: str, age_s: float | None, max_age_s: float) -> Trust:
    """Return what is thought of a source that was heard so long ago.

    Parameters
    ----------
    what : its name, for the reason.
    age_s : since it was heard last [s]; None: never.
    max_age_s : beyond it is stale [s].
    """
    if age_s is None:
        return Trust(Verdict.NO_DATA, None, f"{what} was never heard")
    if age_s > max_age_s:
        reason = f"{what} is {age_s:.1f} s old, must be at most {max_age_s:g} s"
        return Trust(Verdict.STALE, age_s, reason)
    return Trust(Verdict.OK, age_s)
