"""All agents of a ship, each in a process of its own, asked at once."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import NamedTuple

from qiki.agent.contained import AgentLimits, ContainedAgent
from qiki.agent.proposal import Proposal
from qiki.agent.view import View


class AgentAnswer(NamedTuple):
    """What one agent says to a tick.

    Attributes
    ----------
    agent : its name.
    proposals : of the right types, not checked.
    fault : why there are none though it was asked; None where it answered.
    """

    agent: str
    proposals: list[Proposal]
    fault: str | None


class Team:
    """The agents of a ship; `Team.started` gives one."""

    def __init__(self, agents: list[ContainedAgent]) -> None:
        self._agents = agents

    @classmethod
    @asynccontextmanager
    async def started(cls, specs: Mapping[str, str], limits: AgentLimits) -> "AsyncIterator[Team]":
        """Start all agents; they end with the context.

        Parameters
        ----------
        specs : what each is loaded from, by its name.
        limits : of each.

        Raises
        ------
        SettingError : there is no such agent, or it cannot be made.
        AgentError : its process ended, or took too long.
        """
        agents = [ContainedAgent(name, spec, limits) for name, spec in specs.items()]
        try:
            for agent in agents:
                await agent.start()
            yield cls(agents)
        finally:
            await asyncio.gather(*(agent.stop() for agent in agents))

    @property
    def names(self) -> list[str]:
        """Names of the agents."""
        return [agent.name for agent in self._agents]

    def facts(self) -> dict[str, dict[str, int]]:
        """Return how often each was asked, late, wrong and started anew."""
        return {agent.name: asdict(agent.facts) for agent in self._agents}

    def note(self, nonsense: Iterable[str], refused: Iterable[str]) -> None:
        """Count proposals that made no sense or were refused, by the names of their agents.

        Others than agents, as an operator's reader, are passed over.
        """
        facts = {agent.name: agent.facts for agent in self._agents}
        for name in nonsense:
            if name in facts:
                facts[name].nonsense += 1
        for name in refused:
            if name in facts:
                facts[name].refused += 1

    async def ask(self, view: View) -> list[AgentAnswer]:
        """Return what each says to a view, within its limit, in the order of their names."""
        answers = await asyncio.gather(*(agent.decide(view) for agent in self._agents))
        return [
            AgentAnswer(agent.name, *answer)
            for agent, answer in zip(self._agents, answers, strict=True)
        ]
