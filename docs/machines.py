"""The two state machines of an agent as the docs show them: a diagram, and a table of all pairs."""

from collections.abc import Iterator
from typing import Any

from qiki.agent.machines import SHIP, SYSTEM
from qiki.agent.state_table import StateTable

MACHINES: dict[str, StateTable[Any, Any]] = {"System": SYSTEM, "Ship": SHIP}


def text() -> str:
    """Give a section for each machine."""
    return "\n" + "\n".join("".join(_section(name, it)) for name, it in MACHINES.items()) + "\n"


def _section(name: str, machine: StateTable[Any, Any]) -> Iterator[str]:
    yield f"### {name}\n\n```mermaid\n{machine.diagram()}\n```\n\n"
    events = [event.name for event in machine.events]
    yield f"| {name.lower()} | {' | '.join(f'`{event}`' for event in events)} |\n"
    yield f"|{'---|' * (len(events) + 1)}\n"
    for state in machine.states:
        behind = [machine.next(state, event) for event in machine.events]
        cells = ["" if it == state else it.name for it in behind]
        yield f"| `{state.name}` | {' | '.join(cells)} |\n"
