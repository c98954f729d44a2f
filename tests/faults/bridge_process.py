"""`qiki bridge` in a process of its own, to be killed, stopped and continued."""

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from contextlib import asynccontextmanager

from tests.serve.qiki_command import clean_environment


class BridgeProcess:
    """One bridge after another under one name.

    Parameters
    ----------
    url : of the broker.
    log_file : takes standard error; a pipe that nobody reads would fill and stop the bridge.
    settings : more of the environment.
    """

    def __init__(self, url, log_file, **settings):
        self._environment = clean_environment(QIKI_NATS_URL=url, **settings)
        # A service keeps its compiled modules, whatever this shell prefers; they halve a start.
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._log_file = log_file
        self._process: Process | None = None

    async def start(self):
        """Start a new process; its log replaces the last one's."""
        with self._log_file.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "qiki", "bridge"), env=self._environment, stderr=log
            )

    @property
    def exit_code(self):
        """Return the exit code, None while it runs."""
        return self._process.returncode

    def log(self):
        """Return what it has written."""
        return self._log_file.read_text()

    def last_words(self):
        """Return the one line with which it says why it has ended."""
        (line,) = (line for line in self.log().splitlines() if line.startswith("qiki: "))
        return line

    async def kill(self):
        """Kill it with -9; it must have been running."""
        assert self.exit_code is None, self.log()
        self._process.kill()
        await self._process.wait()

    def stand_still(self):
        """Stop it with SIGSTOP."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self):
        """Let it continue."""
        self._process.send_signal(signal.SIGCONT)

    async def ended(self, timeout_s=30):
        """Wait until it has ended by itself and return the exit code."""
        async with asyncio.timeout(timeout_s):
            return await self._process.wait()

    async def close(self):
        """End whatever still runs, and see that it ends in order."""
        if self._process is None or self.exit_code is not None:
            return
        self.go_on()
        self._process.terminate()
        async with asyncio.timeout(30):
            assert await self._process.wait() == 0, self.log()


@asynccontextmanager
async def bridge_process(url, log_file, **settings):
    """Give a running bridge, and end it if nothing has ended it."""
    bridge = BridgeProcess(url, log_file, **settings)
    await bridge.start()
    try:
        yield bridge
    finally:
        await bridge.close()
