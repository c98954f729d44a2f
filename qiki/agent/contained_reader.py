"""A reader of intents in a process of its own, as agents are: it stops nobody, whatever it does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from qiki.agent.contained import AgentLimits, Answer, ContainedAgent
from qiki.agent.intent import Words
from qiki.agent.view import View

NAME = "reader"


class ContainedReader:
    """Reads one text after the other; `ContainedReader.started` gives one.

    Parameters
    ----------
    process : its process, of the kind ``reader``.
    """

    def __init__(self, process: ContainedAgent) -> None:
        self._process = process
        self._turn = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def started(cls, spec: str, limits: AgentLimits) -> AsyncIterator[Self]:
        """Start a reader; it ends with the context.

        Parameters
        ----------
        spec : as `load_reader` takes it.
        limits : what it may use; ``answer_s`` is for one text.

        Raises
        ------
        SettingError : there is no such reader, or it cannot be made.
        AgentError : its process ended, or took too long.
        """
        process = ContainedAgent(NAME, spec, limits, kind="reader")
        try:
            await process.start()
            yield cls(process)
        finally:
            await process.stop()

    async def read(self, text: str, view: View) -> Answer:
        """Return what it proposes for a text, or why it does not; its turn may have to come."""
        async with self._turn:
            return await self._process.decide(Words(text, view))
