"""Work that is given up as soon as what it needs is gone."""

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


async def end_task(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end; where it fails, nobody is told.

    On Python 3.11 `asyncio.wait_for` can lose a cancellation, hence more than one.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=CANCEL_AGAIN_S)
    if not task.cancelled():
        task.exception()
