"""Signals held back by a command that must take away what it has made, whenever they come."""

import signal
from types import FrameType, TracebackType
from typing import Any, Self

from qiki.errors import QikiError

HELD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopAskedError(QikiError):
    """A signal asks for the end; `HeldSignals` makes an exit code of it."""


class HeldSignals:
    """Notes the signals that ask for the end; a context manager for the main thread.

    An exception at any line, as Python makes of Ctrl-C, comes also between the start of a child
    and the line that remembers it. Here what waits calls `leave_if_asked`, and the end of the
    block, where all is taken away, exits with 128 + the signal's number. Signals that are ignored
    stay so, as SIGINT is in the background of a shell script.
    """

    def __init__(self) -> None:
        self._number: int | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        """Hold signals from here on."""
        for number in HELD:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        """Let signals through again, and exit if one came: it explains any error since."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._number is not None:
            raise SystemExit(128 + self._number)

    def leave_if_asked(self) -> None:
        """Raise StopAskedError when a signal has come; call it at least every 0.1 s."""
        if self._number is not None:
            raise StopAskedError(f"asked to end by {signal.Signals(self._number).name}")

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self._number is None:
            self._number = number
