"""Faults that are told again and again, folded: the first, the tenth, the hundredth, ..."""

import re
from typing import NamedTuple

KINDS_MAX = 256  # kept apart; the oldest is forgotten
QUIET_NS = 60_000_000_000  # a fault that stays away for so long is a new one [ns]

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class _Told(NamedTuple):
    times: int
    newest_ns: int


class FaultFold:
    """Counts how often the same fault came; reasons that differ in numbers alone are the same."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str, str], _Told] = {}

    def fold(self, agent: str, kind: str, reason: str, time_ns: int) -> str | None:
        """Return the reason as it is to be told; None: it is not to be told now.

        Parameters
        ----------
        agent, kind, reason : of the fault.
        time_ns : world time [ns]; an earlier one than before is another world's.
        """
        key = (agent, kind, _NUMBER.sub("#", reason))
        before = self._told.pop(key, _Told(0, time_ns))
        is_new = not 0 <= time_ns - before.newest_ns <= QUIET_NS
        count = 1 if is_new else before.times + 1
        self._told[key] = _Told(count, time_ns)
        if len(self._told) > KINDS_MAX:
            del self._told[next(iter(self._told))]
        if count == 1:
            return reason
        is_round = str(count).rstrip("0") == "1"
        return f"{reason} (again, {count} times)" if is_round else None
