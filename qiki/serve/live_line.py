"""One line on the terminal that is redrawn in place, with other lines scrolling above it."""

import shutil
import sys
from typing import TextIO

CLEAR = "\r\x1b[2K"


class LiveLine:
    """The live line, on standard error; where that is no terminal it stays silent.

    Parameters
    ----------
    stream : where to draw; standard error unless given.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._line = ""

    def show(self, line: str) -> None:
        """Replace the live line, cut to the terminal's width."""
        self._line = line[: shutil.get_terminal_size().columns - 1]
        if self._terminal:
            self._write(CLEAR + self._line)

    def print(self, text: str) -> None:
        """Print a line above the live line."""
        if self._terminal:
            self._write(f"{CLEAR}{text}\n{self._line}")
        else:
            self._write(text + "\n")

    def close(self) -> None:
        """Take the live line away."""
        if self._terminal and self._line:
            self._write(CLEAR)
        self._line = ""

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
