"""Waits that end early: with what is needed, at the first of several events, after a time."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

TICK_S = 0.05
CANCEL_AGAIN_S = 3.0

Result = TypeVar("Result")


async def watched(work: Coroutine[Any, Any, Result], require_going: Callable[[], object]) -> Result:
    """Return what `work` returns, unless `require_going` raises first: then end it and raise that.

    Parameters
    ----------
    work : is cancelled, and waited for, when it cannot go on.
    require_going : called every `TICK_S`.
    """
    task = asyncio.create_task(work)
    try:
        while not task.done():
            require_going()
            await asyncio.wait({task}, timeout=TICK_S)
    finally:
        await end_task(task)
    return task.result()


async def first_of(*events: asyncio.Event, timeout_s: float | None = None) -> None:
    """Wait until one of the events is set, or for so long."""
    tasks = {asyncio.create_task(event.wait()) for event in events}
    try:
        await asyncio.wait(tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def end_task(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end; where it fails, nobody is told.

    On Python 3.11 `asyncio.wait_for` can lose a cancellation, hence more than one.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=CANCEL_AGAIN_S)
    if not task.cancelled():
        task.exception()
