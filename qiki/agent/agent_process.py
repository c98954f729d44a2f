"""The program of an agent's own process: made once, asked view by view, until nobody asks any more.

    python -m qiki.agent.agent_process CHANNEL PARENT MEMORY_MIB KIND SPEC

CHANNEL is the number of an open socket, PARENT the process that asks, MEMORY_MIB a limit, 0 for
none. KIND is ``agent``, which is asked by a view, or ``reader`` of intents, which is asked by
`Words`. `qiki.agent.running_agent` starts it. What the agent prints goes where that says, never
into the channel.
"""

import asyncio
import os
import pickle
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from io import BufferedRWPair
from typing import Any, NamedTuple

from qiki.agent.agent_message import (
    HEAD,
    MAX_ANSWER_BYTES,
    MAX_PROPOSALS,
    MAX_REASON,
    QUESTION,
    Nonsense,
    Proposed,
    Raised,
    Ready,
    Refused,
    write_message,
)
from qiki.agent.intent import Words
from qiki.agent.loading import load_agent, load_reader
from qiki.agent.proposal import Proposal
from qiki.bus.child_process import end_with
from qiki.errors import SettingError

LINES = 6
AGENT, READER = "agent", "reader"


class Plugged(NamedTuple):
    """What is asked: its method, which takes what a question holds, and what that is called."""

    ask: Callable[[Any], Any]
    name: str


def main() -> None:
    """Run the agent that the command line names."""
    channel, parent, memory_mib, kind, spec = sys.argv[1:]
    end_with(int(parent), signal.SIGKILL)
    os.set_inheritable(int(channel), False)
    if int(memory_mib):
        limit = int(memory_mib) * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with socket.socket(fileno=int(channel)) as opened, opened.makefile("rwb") as stream:
        _serve(stream, kind, spec)


def _plugged(kind: str, spec: str) -> Plugged:
    """Make what the command line names.

    Raises
    ------
    qiki.errors.SettingError
        It cannot be made.
    """
    if kind == AGENT:
        return Plugged(load_agent(spec).decide, "decide")
    reader, runner = load_reader(spec), asyncio.Runner()

    def read(words: Words) -> object:
        return runner.run(reader.read(words.text, words.view))

    return Plugged(read, "read")


def _serve(stream: BufferedRWPair, kind: str, spec: str) -> None:
    try:
        plugged = _plugged(kind, spec)
    except SettingError as error:
        _send(stream, write_message(Refused(_sendable(str(error)[:MAX_REASON]))))
        return
    _send(stream, write_message(Ready()))
    for question, pickled in _questions(stream):
        _send(stream, _answer(plugged, question, pickled))


def _questions(stream: BufferedRWPair) -> Iterator[tuple[int, bytes]]:
    """Yield the views, still pickled, until the other side is gone."""
    while len(head := stream.read(HEAD.size)) == HEAD.size:
        (length,) = HEAD.unpack(head)
        body = stream.read(length)
        if len(body) < length:
            return
        (question,) = QUESTION.unpack_from(body)
        yield question, body[QUESTION.size :]


def _send(stream: BufferedRWPair, message: bytes) -> None:
    stream.write(HEAD.pack(len(message)) + message)
    stream.flush()


def _answer(plugged: Plugged, question: int, pickled: bytes) -> bytes:
    asked = pickle.loads(pickled)  # noqa: S301 - of the process that started us
    try:
        returned = plugged.ask(asked)
        nonsense = _nonsense(plugged.name, returned)
        proposals = [] if nonsense else list(returned)
    except Exception as error:  # noqa: BLE001 - whatever foreign code raises is told, and it goes on
        lines = "".join(traceback.format_exception(error)).splitlines()[-LINES:]
        return write_message(Raised(question, _sendable("\n".join(lines)[-MAX_REASON:])))
    if nonsense:
        return write_message(Nonsense(question, nonsense))
    return _written(plugged.name, Proposed(question, proposals))


def _nonsense(name: str, returned: object) -> str:
    """Return what is wrong with what a method returned; empty: nothing."""
    if not isinstance(returned, Sequence) or isinstance(returned, str | bytes):
        return f"{name} returned {type(returned).__name__}, must return a list of Proposal"
    if len(returned) > MAX_PROPOSALS:
        return f"{name} returned {len(returned)} proposals, must be at most {MAX_PROPOSALS}"
    other = next((it for it in returned if not isinstance(it, Proposal)), None)
    if other is not None:
        return f"{name} returned a list with {type(other).__name__}, must be of Proposal alone"
    return ""


def _written(name: str, answer: Proposed) -> bytes:
    try:
        written = write_message(answer)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        reason = _sendable(f"{name} returned a proposal that cannot be sent: {error}"[:MAX_REASON])
        return write_message(Nonsense(answer.question, reason))
    if len(written) > MAX_ANSWER_BYTES:
        reason = (
            f"{name} returned proposals of {len(written)} bytes, must be at most {MAX_ANSWER_BYTES}"
        )
        return write_message(Nonsense(answer.question, reason))
    return written


def _sendable(text: str) -> str:
    """Return a text of foreign code with halves of characters, which UTF-8 has not, replaced."""
    return text.encode(errors="replace").decode()


if __name__ == "__main__":
    main()
