"""Events of agents as lines for people; what repeats itself but for its numbers is folded."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from qiki.registrar.query import StoredRecord

PREFIX = "event.agent."

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


class AgentEventLines:
    """Gives the lines of records, and instead of repeats how many there were."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[list[str], int]] = {}  # by type: what it is alike, how often

    def of(self, record: StoredRecord) -> list[str] | None:
        """Return the lines of a record, without its time; None: it is no agent's, or not as known.

        A record that is like the last one of its type has none; the next other one begins with how
        many had none.
        """
        if not record.type.startswith(PREFIX) or isinstance(record.payload, bytes):
            return None
        words = _WORDS.get(record.type.removeprefix(PREFIX))
        try:
            said = msgspec.json.decode(record.payload)
            lines = [] if words is None else list(words(said))
        except (msgspec.DecodeError, AttributeError, KeyError, TypeError):
            return None
        if not lines:
            return None
        alike = [_NUMBER.sub("#", line) for line in lines]
        before, folded = self._told.get(record.type, ([], 0))
        if alike == before:
            self._told[record.type] = alike, folded + 1
            return []
        self._told[record.type] = alike, 0
        return [*_again(record.type, folded), *lines]

    def rest(self) -> list[str]:
        """Return how many repeats of each type were not told of yet."""
        return [line for type, (_, folded) in self._told.items() for line in _again(type, folded)]


def _again(type: str, folded: int) -> list[str]:
    return [f"... {type} the same, but for numbers, {folded} times more"] if folded else []


def _decision(said: Mapping[str, Any]) -> Iterator[str]:
    for it in said["proposals"]:
        reason = f" ({it['reason']})" if it["reason"] else ""
        name = f"{it['source_module_id']}/{it['metadata']['name']}"
        yield f"{name} {it['status']}{reason}: {it['justification']}"


def _state(said: Mapping[str, Any]) -> Iterator[str]:
    reason = f": {said['reason']}" if said["reason"] else ""
    moved = f"{said['from_state']} to {said['to_state']}"
    yield f"{said['subject']} {moved} by {said['trigger_event']}{reason}"


def _situation(said: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"{said['kind']} {said['subject']} of track {said['track_number']} ({said['severity']}): "
        f"{said['range_m']:.0f} m away"
    )


def _fault(said: Mapping[str, Any]) -> Iterator[str]:
    yield f"{said['subject']} {said['kind']}: {said['reason']}"


_WORDS: dict[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "decision": _decision,
    "state": _state,
    "situation": _situation,
    "fault": _fault,
}
