"""Services as child processes: started, watched, stopped, and nothing else touched."""

import asyncio
import signal
import sys
from collections.abc import Mapping

from qiki.bus.child_process import child_options
from qiki.cli import ERROR_PREFIX, EXIT_SETTING
from qiki.errors import QikiError, SettingError
from qiki.serve.live_line import LiveLine

STOP_TIMEOUT_S = 15.0


class ServiceError(QikiError):
    """A service ended though nobody asked it to."""


class Child:
    """One service, ``qiki NAME``, in a process of its own.

    Its log lines are passed on; the line that says why it failed is kept for the report.

    Parameters
    ----------
    name : of the sub-command.
    screen : where its log lines go.
    label : what it is called in errors, where several have the name.
    """

    def __init__(self, name: str, screen: LiveLine, label: str | None = None) -> None:
        self.name = name
        self.label = label or name
        self._screen = screen
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._reason = "no reason given"

    async def start(self, environment: Mapping[str, str]) -> None:
        """Start the process; call from the main thread."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "qiki", self.name),
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            **child_options(),
        )
        self._reading = asyncio.create_task(self._read(self._process))

    def ended(self) -> bool:
        """Return whether the process is gone."""
        return self._process is not None and self._process.returncode is not None

    async def failure(self) -> QikiError:
        """Return the error for a process that ended by itself, with its own words."""
        if self._reading is not None:
            await self._reading
        code = self._process.returncode if self._process is not None else 0
        if code is not None and code < 0:
            return ServiceError(f"{self.label} was killed by {signal.Signals(-code).name}")
        if code == EXIT_SETTING:
            return SettingError(f"{self.label}: {self._reason}")
        return ServiceError(f"{self.label} ended with exit code {code}: {self._reason}")

    async def stop(self, patience_s: float = STOP_TIMEOUT_S) -> None:
        """End the process: ask, and after `patience_s` insist.

        Raises
        ------
        ServiceError : it ended with an error.
        SettingError : it ended because of a setting.
        """
        if self._process is None:
            return
        if not self.ended():
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), patience_s)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        # Killed by our signal: it was still starting and could not catch it.
        if self._process.returncode not in (0, -signal.SIGTERM):
            raise await self.failure()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        if process.stderr is None:
            return
        async for line in process.stderr:
            text = line.decode(errors="replace").rstrip()
            if text.startswith(ERROR_PREFIX):
                self._reason = text.removeprefix(ERROR_PREFIX)
            else:
                self._screen.print(text)
