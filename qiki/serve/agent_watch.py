"""What an agent says of itself while it runs, for whoever shows it in one line."""

import asyncio
from typing import Any, Self

import msgspec
import nats.errors
from nats.aio.client import Client

from qiki.bus import subjects
from qiki.serve.watched import end_task

ASK_EVERY_S = 1.0
ANSWER_S = 1.0
NO_FAULTS = ("asked",)  # counters of an agent that tell of no fault


class AgentWatch:
    """Asks the agent of a broker once a second how it is; an async context manager.

    Parameters
    ----------
    client : an open connection.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._facts: dict[str, Any] = {}
        self._asking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to ask."""
        self._asking = asyncio.create_task(self._ask())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Ask no more; what was said last stands."""
        if self._asking is not None:
            await end_task(self._asking)

    @property
    def told(self) -> dict[str, object] | None:
        """What it said last: the ship's state, why safe mode, mission, faults; None before that."""
        if "ship_state" not in self._facts:
            return None
        return {
            "ship": self._facts["ship_state"],
            "reason": self._facts.get("catching_up") or self._facts.get("safe_mode_reason") or "",
            "mission": self._facts.get("mission"),
            "faults": faults_of(self._facts),
        }

    async def _ask(self) -> None:
        while True:
            try:
                subject = f"{subjects.STATUS}.agent"
                answer = await self._client.request(subject, b"", timeout=ANSWER_S)
                self._facts = msgspec.json.decode(answer.data, type=dict[str, Any])
            except (TimeoutError, nats.errors.Error, msgspec.DecodeError):
                pass  # it is starting, or the broker is away: what was said last stands
            await asyncio.sleep(ASK_EVERY_S)


def faults_of(facts: dict[str, Any]) -> int:
    """Return how often agents did not do what they should, by what their service says."""
    agents = facts.get("agents", {}).values()
    return sum(count for it in agents for name, count in it.items() if name not in NO_FAULTS)


def agent_words(told: dict[str, object] | None) -> str:
    """Return what an agent said as a part of a line; empty where it said nothing."""
    if told is None:
        return ""
    reason = f" ({told['reason']})" if told["reason"] else ""
    faults = f", agent faults {told['faults']}" if told["faults"] else ""
    return f"ship {told['ship']}{reason}, mission {told['mission']}{faults}"
