"""What QIKI raises. Each message says the value, the limit and the remedy."""

from collections.abc import Iterable
from typing import ClassVar, NamedTuple


class QikiError(Exception):
    """Base of every error that QIKI raises on purpose."""


class SettingError(QikiError, ValueError):
    """A setting or argument outside its limits."""


class DocumentProblem(NamedTuple):
    """One thing that is wrong with a scenario, the file of a vehicle or guard rules."""

    path: str
    """Place in the document, as ``targets[3].rcs_dbsm``; empty for the whole of it."""
    line: int | None
    """Line of the text, from 1; None where there is none."""
    reason: str
    """What is wrong, with value, limit and remedy."""


class DocumentError(QikiError, ValueError):
    """A document that cannot be used; the message has a line for each thing that is wrong.

    Parameters
    ----------
    problems : iterable of (path, line, reason)
        What is wrong, as `DocumentProblem`.
    unlisted : int
        How many problems there are besides: only the first 100 are listed.
    file : str
        The file that the document was read from; empty where it was not.

    Attributes
    ----------
    problems : tuple of DocumentProblem
    unlisted : int
    file : str
    """

    kind: ClassVar[str]
    """What the document describes: the word with which each line begins."""

    def __init__(
        self,
        problems: Iterable[tuple[str, int | None, str]],
        unlisted: int = 0,
        file: str = "",
    ) -> None:
        self.problems = tuple(DocumentProblem(*problem) for problem in problems)
        self.unlisted = unlisted
        self.file = file
        super().__init__(self.problems, unlisted, file)

    def __str__(self) -> str:
        """Give the problems, a line each."""
        lines = [self._line(problem) for problem in self.problems]
        if self.unlisted:
            lines.append(f"{self.kind}: and {self.unlisted} more")
        return "\n".join(f"{self.file}: {line}" if self.file else line for line in lines)

    def _line(self, problem: DocumentProblem) -> str:
        place = "" if problem.line is None else f"line {problem.line}: "
        path = f"{problem.path}: " if problem.path else ""
        return f"{self.kind}: {place}{path}{problem.reason}"


class ScenarioError(DocumentError):
    """A scenario that cannot be used."""

    kind = "scenario"


class VehicleError(DocumentError):
    """A vehicle's file that cannot be used."""

    kind = "vehicle"


class GuardRulesError(DocumentError):
    """A file of guard rules that cannot be used."""

    kind = "guard rules"


class FrameError(QikiError, ValueError):
    """A frame or detection that breaks the contract; names the field."""


class FutureFrameError(FrameError):
    """A frame from the future: too far ahead of those already used."""


class TracksError(QikiError, ValueError):
    """A track or tracks message that breaks the contract; names the field."""


class DecodeError(QikiError, ValueError):
    """Bytes that cannot be read; names the format, the offset and the reason."""


class LateFrameError(QikiError):
    """A frame older than one already used."""


class CapacityError(QikiError):
    """A table is full."""


class ModelError(QikiError, ValueError):
    """A user's model returned what it must not; names the model, its arguments and the value."""


class StaleResultError(QikiError):
    """The tracks of a step were first read after the tracker's next step."""


class SnapshotError(QikiError):
    """A snapshot that cannot be restored."""


class ListenError(QikiError):
    """A port that a service cannot listen on."""


class BrokerError(QikiError):
    """The NATS server cannot be found, reached, or used as asked."""


class RecoveryError(BrokerError):
    """What is stored does not allow to go on; starting again does not help, `--new-epoch` may."""
