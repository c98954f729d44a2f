"""What is carried out of all that is proposed, and why the rest is not.

The order is the original's: the lower type first, then the higher priority, then the higher
confidence; what is still equal goes by the names of agent and proposal, so that the same proposals
always give the same decision. Other than in the original more than one may be carried out, as long
as they do not conflict.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from qiki.agent.proposal import Proposal, ProposalType

LOOP = "qiki"  # as whom the loop itself proposes
MAX_WAITING = 64
REMEMBERED = 256
ANOTHER_WORLD = "the world is another one than that for which it was proposed"


class Key(NamedTuple):
    """A proposal by the names of its agent and its own."""

    agent: str
    name: str

    def __str__(self) -> str:
        return f"{self.agent}/{self.name}"


class Status(StrEnum):
    """What became of a proposal, in the words of ``proposal.proto``."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    EXECUTED = "EXECUTED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class Verdict:
    """What is decided of one proposal.

    Attributes
    ----------
    key : whose, and its name.
    proposal : the proposal.
    made_ns : world time of the tick at which it was made [ns].
    status : what became of it.
    reason : why; empty where it is accepted for nothing but its place in the order.
    """

    key: Key
    proposal: Proposal
    made_ns: int
    status: Status
    reason: str = ""


@dataclass(frozen=True)
class _Waiting:
    key: Key
    proposal: Proposal
    made_ns: int
    expires_ns: int

    @property
    def order(self) -> tuple[int, float, float, Key]:
        it = self.proposal
        return (it.type, -it.priority, -it.confidence, self.key)


class Decider:
    """Decides, tick by tick, what is carried out.

    Parameters
    ----------
    min_confidence : below it a proposal is rejected, 0 to 1.
    """

    def __init__(self, min_confidence: float) -> None:
        self._min_confidence = min_confidence
        self._waiting: dict[Key, _Waiting] = {}
        self._executed: dict[Key, None] = {}  # in this order; the oldest is forgotten
        self._ended: list[Verdict] = []  # with the world, to be told

    def decide(
        self,
        proposals: Iterable[tuple[str, Proposal]],
        time_ns: int,
        *,
        only_safety: str = "",
        barred: Mapping[str, str] = MappingProxyType({}),
    ) -> list[Verdict]:
        """Return what is decided of each proposal of this tick and of those that wait.

        What ended with another world since the last tick comes first.

        Parameters
        ----------
        proposals : name of the agent, and what it proposes.
        time_ns : world time [ns].
        only_safety : why nothing but SAFETY is carried out now; empty: all may be.
        barred : what no agent may use now, and why; the loop itself may.
        """
        for agent, proposal in proposals:
            key = Key(agent, proposal.name)
            expires_ns = time_ns + round(proposal.valid_s * 1e9)
            self._waiting[key] = _Waiting(key, proposal, time_ns, expires_ns)
        judged, accepted = list[Verdict](), list[_Waiting]()
        for waiting in self._in_order():
            status, reason = self._judge(waiting, accepted, time_ns, only_safety)
            if status is Status.ACCEPTED and (why := _why_barred(waiting, barred)) is not None:
                status, reason = Status.REJECTED, why
            if status is Status.ACCEPTED:
                accepted.append(waiting)
            if status is not Status.PENDING:
                del self._waiting[waiting.key]
            judged.append(Verdict(waiting.key, waiting.proposal, waiting.made_ns, status, reason))
        too_many = self._overflow()
        ended, self._ended = self._ended, []
        return ended + [_given_up(it) if it.key in too_many else it for it in judged]

    def executed(self, verdict: Verdict) -> None:
        """Note that an accepted proposal was carried out: others may depend on it."""
        self._executed.pop(verdict.key, None)
        self._executed[verdict.key] = None
        while len(self._executed) > REMEMBERED:
            del self._executed[next(iter(self._executed))]

    def forget(self, proposals: Iterable[tuple[str, Proposal]] = (), time_ns: int = 0) -> None:
        """End what waits and forget what was executed: the world is another one.

        Parameters
        ----------
        proposals : name of the agent, and what it proposed for the old world: they end, too.
        time_ns : world time at which they were made [ns].
        """
        old = [(it.key, it.proposal, it.made_ns) for it in self._in_order()]
        old += [(Key(agent, it.name), it, time_ns) for agent, it in proposals]
        self._ended += [Verdict(*it, Status.EXPIRED, ANOTHER_WORLD) for it in old]
        self._waiting.clear()
        self._executed.clear()

    def _in_order(self) -> list[_Waiting]:
        """Return all that waits, each behind those of this tick that it depends on."""
        ordered: list[_Waiting] = []
        rest = sorted(self._waiting.values(), key=lambda waiting: waiting.order)
        open_keys = set(self._waiting)
        while rest:
            # Of a circle nothing is ever ready: whoever is first has to wait.
            ready = next((it for it in rest if open_keys.isdisjoint(_needs(it))), rest[0])
            ordered.append(ready)
            rest.remove(ready)
            open_keys.remove(ready.key)
        return ordered

    def _judge(
        self, it: _Waiting, accepted: Sequence[_Waiting], time_ns: int, only_safety: str
    ) -> tuple[Status, str]:
        proposal = it.proposal
        if time_ns > it.expires_ns:
            missing = [key for key in _needs(it) if key not in self._executed]
            waited = f"; waited for {', '.join(map(str, missing))}" if missing else ""
            return Status.EXPIRED, f"valid for {proposal.valid_s:g} s, which are over{waited}"
        if proposal.confidence < self._min_confidence:
            return Status.REJECTED, (
                f"confidence is {proposal.confidence:g}, must be at least {self._min_confidence:g}"
            )
        if only_safety and proposal.type is not ProposalType.SAFETY:
            return Status.REJECTED, f"only SAFETY is carried out: {only_safety}"
        if rival := next((other for other in accepted if _conflict(it, other)), None):
            return Status.REJECTED, f"conflicts with {rival.key}, which goes first"
        done = {*self._executed, *(other.key for other in accepted)}
        if missing := [key for key in _needs(it) if key not in done]:
            return Status.PENDING, f"waits for {', '.join(map(str, missing))}"
        return Status.ACCEPTED, ""

    def _overflow(self) -> set[Key]:
        """Forget the oldest of too many that still wait, of one tick the last in the order."""
        oldest_last = sorted(self._waiting.values(), key=lambda it: (-it.made_ns, it.order))
        too_many = {it.key for it in oldest_last[MAX_WAITING:]}
        for key in too_many:
            del self._waiting[key]
        return too_many


def _given_up(pending: Verdict) -> Verdict:
    reason = f"more than {MAX_WAITING} proposals wait: it is among the oldest"
    return replace(pending, status=Status.REJECTED, reason=reason)


def _why_barred(it: _Waiting, barred: Mapping[str, str]) -> str | None:
    if it.key.agent == LOOP:
        return None
    return next((barred[claim] for claim in sorted(it.proposal.claims) if claim in barred), None)


def _needs(it: _Waiting) -> list[Key]:
    return [Key(it.key.agent, name) for name in it.proposal.depends_on]


def _conflict(one: _Waiting, other: _Waiting) -> bool:
    named = (
        one.key.name in other.proposal.conflicts_with
        or other.key.name in one.proposal.conflicts_with
    )
    return named or bool(one.proposal.claims & other.proposal.claims)
