"""Asking again when nobody answers, a bounded number of times; and how a worker ends."""

from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple, TypeVar

from qiki.bus.worker_effects import Effect, Rejected, Report, StopKind, Unanswered, WriteValue

T = TypeVar("T")
Steps = Generator[Effect[Any], Any, T]  # effects out, outcomes in, and a result at the end


class WorkerLimits(NamedTuple):
    """How often and how much."""

    attempts: int = 10  # of one effect that nobody answers, or of all that one publish takes
    snapshot_every: int = 500  # inputs
    snapshot_slots: int = 2  # the newest and an older one
    chunk_bytes: int = 512 << 10  # of a snapshot, in one value of the bucket


class WorkerEnd(Exception):  # noqa: N818 - also the end that was asked for
    """Ends the worker from wherever it stands; the machine makes its `Stop` of it."""

    def __init__(self, kind: StopKind, text: str = "") -> None:
        super().__init__(text)
        self.kind = kind


class Attempts:
    """How often one thing may be tried before the worker gives up."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._made = 0

    def left_after_one(self) -> bool:
        """Count an attempt that led nowhere; return whether another may be made."""
        self._made += 1
        return self._made < self._limit

    def end(self, what: str, reason: str) -> WorkerEnd:
        """Return the end for `what` was tried in vain; `reason` is that of the last attempt."""
        return WorkerEnd(
            StopKind.UNANSWERED,
            f"{what} was tried {self._made} times in vain ({reason}), must succeed within "
            f"{self._limit}: see whether the broker runs and its disk has room, then start again",
        )


class Asker:
    """Yields effects for the parts of a worker, and keeps what all of them share.

    Attributes
    ----------
    in_doubt : nobody has looked whether the streams are what they were, since the start or since
        something went unanswered. A broker that comes back may have lost a stream's end.
    counters : how often what has happened.
    """

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts
        self.in_doubt = True
        self.counters: Counter[str] = Counter()
        self._shared: Attempts | None = None

    @contextmanager
    def sharing_attempts(self) -> Iterator[Attempts]:
        """Let all that is asked inside share one number of attempts; give what counts them."""
        self._shared = Attempts(self.attempts)
        try:
            yield self._shared
        finally:
            self._shared = None

    def ask(self, effect: Effect[T]) -> Steps[T]:
        """Yield `effect` until it is answered; doing it twice must be as good as once.

        Raises
        ------
        WorkerEnd : it never was, or the broker refused it. A value that is refused is an answer:
            it costs a snapshot, nothing else.
        """
        attempts = self._shared or Attempts(self.attempts)
        while True:
            outcome = yield effect
            if isinstance(outcome, Rejected) and not isinstance(effect, WriteValue):
                raise WorkerEnd(StopKind.REJECTED, outcome.reason)
            if not isinstance(outcome, Unanswered):
                return outcome  # type: ignore[no-any-return] # of the type that the effect names
            self.unanswered()
            if not attempts.left_after_one():
                raise attempts.end(type(effect).__name__, outcome.reason)

    def unanswered(self) -> None:
        """Take note that nobody knows whether an effect was done."""
        self.in_doubt = True
        self.counters["unanswered"] += 1

    def report(
        self, level: Literal["info", "warning", "error"], event: str, **facts: object
    ) -> Steps[None]:
        """Count an event and write it to the log."""
        self.counters[event] += 1
        yield Report(level, event, facts)


def refusal(text: str) -> WorkerEnd:
    """Return the end for what is stored and does not allow to go on."""
    return WorkerEnd(StopKind.REFUSED, text)


def fenced(end: int, believed: int) -> WorkerEnd:
    """Return the end for a worker whose stream another has written."""
    return WorkerEnd(
        StopKind.FENCED,
        f"the output stream ends at {end}, must end at {believed}, the last output that this "
        "worker knows: another worker writes it; stop one of the two",
    )


def lost_tail(end: int, believed: int) -> WorkerEnd:
    """Return the end for a worker whose output the broker no longer has."""
    return WorkerEnd(
        StopKind.LOST_TAIL,
        f"the output stream ends at {end}, must end at {believed}, which was stored: it lost its "
        "end; start again, and the lost outputs are made again",
    )
