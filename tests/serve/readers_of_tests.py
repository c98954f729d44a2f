"""Readers of intents, each in the process that the agent's service gives it."""

import asyncio
import os
import time

import msgspec

from qiki.agent.proposal import Command, Proposal, ProposalType


class Reader:
    """Reads "please NAME" as a proposal of that name; on "nonsense" it has none that is sound."""

    async def read(self, text, view):
        if text == "nonsense":
            return [msgspec.structs.replace(proposal("bad", view), priority=3.0)]
        word = text.removeprefix("please ")
        return [] if word == text else [proposal(word, view)]


class Thinking(Reader):
    """Needs a second for "please think", as one does that asks somebody far away."""

    async def read(self, text, view):
        if text == "please think":
            await asyncio.sleep(1.0)
        return await super().read(text, view)


class Hanging(Reader):
    """Blocks its process for ever."""

    async def read(self, text, view):
        time.sleep(3600)  # noqa: ASYNC251 - what a bad one does


class Broken(Reader):
    """Raises on "please think", and ends its process on "please end"."""

    async def read(self, text, view):
        if text == "please end":
            os._exit(3)
        raise ConnectionError("no line to the model")


def proposal(name, view):
    """Return what a word wants, with the tick whose view was there."""
    return Proposal(
        name=name,
        type=ProposalType.PLANNING,
        justification=f"the operator's words at tick {view.tick}",
        actions=(Command("sim.dock.engage" if name == "dock-now" else "sim.rcs.stop"),),
    )
