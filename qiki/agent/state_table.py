"""State machines as one table, from which the code, its tests and the diagram of the docs come."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

STAYS = "."

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


class Transition(NamedTuple, Generic[State, Event]):
    """One step of a machine."""

    from_state: State
    event: Event
    to_state: State


class StateTable(Generic[State, Event]):
    """What each event does in each state.

    Parameters
    ----------
    states, events : what there is.
    start : the first state.
    text : a matrix. The first line names the events, each other line a state and, for each event,
        the next state, or a dot where the machine stays.

    Raises
    ------
    ValueError : a state or an event that is missing, twice there or none, or a line of another
        length: every pair is decided.
    """

    def __init__(self, states: type[State], events: type[Event], start: State, text: str) -> None:
        head, *lines = [line.split() for line in text.strip().splitlines() or [""]]
        _require_all("event", [event.name for event in events], head)
        _require_all("state", [state.name for state in states], [line[0] for line in lines])
        self.states, self.events, self.start = states, events, start
        self._next = MappingProxyType(dict(_cells(states, events, head, lines)))

    def next(self, state: State, event: Event) -> State:
        """Return the state behind an event; the same where the event does nothing there."""
        return self._next[state, event]

    @property
    def pairs(self) -> Mapping[tuple[State, Event], State]:
        """Every pair of a state and an event, with the state behind it."""
        return self._next

    def transitions(self) -> Iterator[Transition[State, Event]]:
        """Yield what moves the machine, in the order of the table."""
        for (state, event), next_state in self._next.items():
            if next_state != state:
                yield Transition(state, event, next_state)

    def reachable(self) -> set[State]:
        """Return the states to which a way leads from the first."""
        found, waiting = {self.start}, [self.start]
        while waiting:
            state = waiting.pop()
            for event in self.events:
                if (next_state := self.next(state, event)) not in found:
                    found.add(next_state)
                    waiting.append(next_state)
        return found

    def diagram(self) -> str:
        """Return the machine as a state diagram of Mermaid; events of one way share an arrow."""
        arrows: dict[tuple[State, State], list[str]] = {}
        for from_state, event, to_state in self.transitions():
            arrows.setdefault((from_state, to_state), []).append(event.name)
        lines = [f"    [*] --> {self.start.name}"]
        for (from_state, to_state), names in arrows.items():
            lines.append(f"    {from_state.name} --> {to_state.name}: {', '.join(names)}")
        return "\n".join(["stateDiagram-v2", *lines])


def _cells(
    states: type[State], events: type[Event], head: Sequence[str], lines: Sequence[Sequence[str]]
) -> Iterator[tuple[tuple[State, Event], State]]:
    for name, *cells in lines:
        if len(cells) != len(head):
            raise ValueError(f"line {name} has {len(cells)} cells, must have {len(head)}")
        for event, cell in zip(head, cells, strict=True):
            if cell != STAYS and cell not in states.__members__:
                raise ValueError(f"line {name} has {cell}, must be a state or a dot")
            yield (states[name], events[event]), states[name if cell == STAYS else cell]


def _require_all(what: str, wanted: Sequence[str], found: Sequence[str]) -> None:
    if sorted(wanted) != sorted(found):
        raise ValueError(f"the table has the {what}s {', '.join(found)}: {', '.join(wanted)} it is")
