"""The simulator held at each tick until the one who decides is done with it."""

import asyncio

from qiki.errors import SettingError
from qiki.serve.watched import first_of


class Lockstep:
    """Holds the world behind each frame of its first radar, which is a tick, named by its number.

    Parameters
    ----------
    is_on : whether it holds at all.

    Attributes
    ----------
    tick : at which the world is held, None while it goes on.
    """

    def __init__(self, *, is_on: bool) -> None:
        self.is_on = is_on
        self.tick: int | None = None
        self._newest = -1
        self._released = asyncio.Event()
        self._released.set()

    def hold(self, tick: int) -> None:
        """Hold the world, if that is what is done here; a frame that comes late is no tick."""
        if self.is_on and tick > self._newest:
            self.tick = self._newest = tick
            self._released.clear()

    def begin(self) -> None:
        """Count anew, in a world that begins anew, and let it go on."""
        self._newest = -1
        self.go_on()

    def go_on(self) -> None:
        """Let the world go on."""
        self.tick = None
        self._released.set()

    def require(self, tick: int) -> None:
        """Refuse what names another tick than that at which the world is held.

        Raises
        ------
        SettingError : it does.
        """
        if not self.is_on:
            raise SettingError(
                f"tick is {tick}, must be left out: sim.lockstep is off, so nothing waits for it"
            )
        if self.tick is None:
            raise SettingError(
                f"tick is {tick}, but the world goes on to its next one: wait for its tracks"
            )
        if tick != self.tick:
            raise SettingError(f"tick is {tick}, must be {self.tick}, where the world is held")

    async def passed(self, stop: asyncio.Event) -> None:
        """Wait until the world is not held, or `stop` is set."""
        if self._released.is_set():
            return
        await first_of(self._released, stop)
