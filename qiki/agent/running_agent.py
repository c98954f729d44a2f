"""The process of an agent, seen from the loop: start it, send it a view, hear it, end it.

It dies with us, by whatever way we end (the kernel kills it), and with all that it has started
(it leads a process group).
"""

import asyncio
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple, Self

import msgspec

from qiki.agent.agent_message import (
    HEAD,
    MAX_ANSWER_BYTES,
    MAX_REASON,
    QUESTION,
    AgentMessage,
    read_message,
)
from qiki.agent.intent import Words
from qiki.agent.view import View

READ_BYTES = 16 * 1024
READ_PAUSE_S = 0.1
MAX_LINE = 1000
MAX_LINES = 50
POLL_S = 0.01
KILLED_WITHIN_S = 2.0
MAX_FRAME = MAX_ANSWER_BYTES + MAX_REASON

Said = Callable[[str], None]


class Wrong(NamedTuple):
    """An answer whose types are wrong: what is wrong."""

    reason: str


class Gone(NamedTuple):
    """The process has ended, or what it says cannot be read any more: why."""

    reason: str


class RunningAgent:
    """One process of one agent; `start` makes it.

    Parameters
    ----------
    process : the process.
    reader, writer : the channel.
    reading : passes on what it prints.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        reading: asyncio.Task[None],
    ) -> None:
        self._process = process
        self._reader, self._writer = reader, writer
        self._reading = reading

    @classmethod
    async def start(cls, spec: str, memory_mib: int, said: Said, kind: str = "agent") -> Self:
        """Start the process; call it in the thread that lives as long as ours.

        Parameters
        ----------
        spec : as `load_agent` takes it.
        memory_mib : how much address space it may have, 0: as much as there is [MiB].
        said : is given each line that it prints.
        kind : ``agent``, or ``reader`` of intents.

        Raises
        ------
        OSError : the system has no process or no socket for it.
        """
        ours, its = socket.socketpair()
        printed, screen = socket.socketpair()
        with its, screen:
            try:
                process = _launched(its.fileno(), screen.fileno(), (str(memory_mib), kind, spec))
            except OSError:
                ours.close()
                printed.close()
                raise
        reader, writer = await asyncio.open_connection(sock=ours)
        reading = asyncio.create_task(_pass_on(printed, said))
        return cls(process, reader, writer, reading)

    def send(self, question: int, asked: View | Words) -> None:
        """Ask; `receive` has the answer, or that the process is gone."""
        pickled = pickle.dumps(asked, protocol=pickle.HIGHEST_PROTOCOL)
        length = QUESTION.size + len(pickled)
        self._writer.write(HEAD.pack(length) + QUESTION.pack(question) + pickled)

    async def receive(self) -> AgentMessage | Wrong | Gone:
        """Wait for what it says next."""
        try:
            (length,) = HEAD.unpack(await self._reader.readexactly(HEAD.size))
            if length > MAX_FRAME:
                return Gone(f"sent {length} bytes at once, must be at most {MAX_FRAME}")
            written = await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            return Gone(await self._how_it_ended())
        try:
            return read_message(written)
        except msgspec.ValidationError as error:
            return Wrong(f"sent what is no answer: {error}")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return Gone(f"sent what is no message: {error}")

    def kill(self) -> None:
        """Kill it with all that it has started; `ended` waits until it is gone."""
        self._writer.transport.abort()
        if self._process.returncode is None:  # not reaped: nobody else has its number
            os.killpg(self._process.pid, signal.SIGKILL)

    async def end(self, patience_s: float) -> None:
        """End it: nobody asks any more; after `patience_s` kill it [s]."""
        self._writer.close()
        await self._exited(patience_s)
        self.kill()
        await self.ended()

    async def ended(self) -> None:
        """Wait until a killed process is gone and its last words are passed on."""
        await self._exited(KILLED_WITHIN_S)
        self._process.poll()  # reaps it
        await asyncio.wait([self._reading], timeout=1.0)
        self._reading.cancel()

    async def _how_it_ended(self) -> str:
        """Say how it ended; the process itself stays to be reaped, so that its group can be."""
        found = await self._exited(1.0)
        if found is None:
            return "closed its channel"
        if found.si_code == os.CLD_EXITED:
            return f"ended with exit code {found.si_status}"
        return f"was killed by {_signal_name(found.si_status)}"

    async def _exited(self, patience_s: float) -> os.waitid_result | None:
        """Return how it ended, None while it lives, without reaping it."""
        for _ in range(max(1, round(patience_s / POLL_S))):
            if self._process.returncode is not None:
                return None
            if (found := _exit_of(self._process.pid)) is not None:
                return found
            await asyncio.sleep(POLL_S)
        return None


def _signal_name(number: int) -> str:
    """Return what a signal is called; real-time signals have no names of their own."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _launched(channel: int, screen: int, what: tuple[str, ...]) -> subprocess.Popen[bytes]:
    command = ("-u", "-m", "qiki.agent.agent_process", str(channel))
    return subprocess.Popen(  # noqa: S603 - the interpreter that runs us
        [sys.executable, *command, str(os.getpid()), *what],
        # It finds the same modules as we do.
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.DEVNULL,
        stdout=screen,
        stderr=screen,
        pass_fds=[channel],
        start_new_session=True,
    )


def _exit_of(process_id: int) -> os.waitid_result | None:
    return os.waitid(os.P_PID, process_id, os.WEXITED | os.WNOHANG | os.WNOWAIT)


async def _pass_on(printed: socket.socket, said: Said) -> None:
    """Pass on what is printed, no faster than a log can bear: the printer waits for us."""
    reader, writer = await asyncio.open_connection(sock=printed, limit=READ_BYTES)
    rest = b""
    try:
        while chunk := await reader.read(READ_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines[:MAX_LINES]:
                said(line[:MAX_LINE].decode(errors="replace"))
            if len(lines) > MAX_LINES:
                said(f"({len(lines) - MAX_LINES} lines left out: at most {MAX_LINES} at once)")
            rest = rest[:MAX_LINE]
            await asyncio.sleep(READ_PAUSE_S)
        if rest:
            said(rest.decode(errors="replace"))
    except ConnectionError:
        pass
    finally:
        writer.transport.abort()
