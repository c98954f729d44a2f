"""An agent in a process of its own, which can raise, hang or end without harm to anybody else.

It is asked once a tick and has a time limit. Who is late misses the tick; an answer that comes
afterwards is thrown away. Who is not through at twice the limit is killed. A process that ended or
was killed is started anew after a pause, which doubles each time until it has worked for a while.
"""

import asyncio
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import structlog

from qiki.agent.agent_message import AgentMessage, Nonsense, Proposed, Raised, Ready, Refused
from qiki.agent.intent import Words
from qiki.agent.proposal import Proposal
from qiki.agent.running_agent import Gone, RunningAgent, Said, Wrong
from qiki.agent.view import View
from qiki.errors import QikiError, SettingError

Heard: TypeAlias = AgentMessage | Wrong | Gone

FORGIVEN_AFTER = 100
END_PATIENCE_S = 1.0
log = structlog.get_logger()


class AgentError(QikiError):
    """An agent that did not start."""


class AgentLimits(NamedTuple):
    """What an agent may use; times are real ones.

    Attributes
    ----------
    answer_s : for one tick; at twice that it is killed [s].
    start_s : until it can be asked [s].
    first_pause_s, longest_pause_s : before it is started anew; doubles each time, and begins anew
        after 100 answers [s].
    memory_mib : address space, 0: as much as there is [MiB].
    """

    answer_s: float = 0.1
    start_s: float = 60.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0
    memory_mib: int = 0


class Answer(NamedTuple):
    """What came of one question.

    Attributes
    ----------
    proposals : what the agent proposes, of the right types but not checked.
    fault : why there are none though it was asked; None where it answered.
    """

    proposals: list[Proposal]
    fault: str | None = None


@dataclass
class AgentFacts:
    """How often what happened.

    Attributes
    ----------
    asked : questions; who is gone or still busy is not asked.
    late, raised : answers that did not come in time, were an error.
    nonsense : answers that were no proposals, and single proposals that made no sense.
    refused : proposals that were accepted and could not be done.
    restarts : times that its process was started anew.
    """

    asked: int = 0
    late: int = 0
    raised: int = 0
    nonsense: int = 0
    refused: int = 0
    restarts: int = 0


class _Awaited(NamedTuple):
    """What the process owes us: the answer to a question (None: that it can be asked), and when.

    It is killed when it has not come by ``until_s`` [s of the loop's clock].
    """

    heard: asyncio.Task[Heard]
    question: int | None
    until_s: float


class ContainedAgent:
    """One agent in a process of its own.

    Parameters
    ----------
    name : what it is called, for its proposals and the log.
    spec : as `load_agent` takes it.
    limits : what it may use.
    said : is given each line that it prints; the log by default.
    kind : ``agent``, or ``reader`` of intents.

    Attributes
    ----------
    facts : how often what happened.
    """

    def __init__(
        self,
        name: str,
        spec: str,
        limits: AgentLimits | None = None,
        said: Said | None = None,
        kind: Literal["agent", "reader"] = "agent",
    ) -> None:
        self.name, self.facts = name, AgentFacts()
        self._kind, self._spec, self._limits = kind, spec, limits or AgentLimits()
        self._said = said or self._log
        self._running: RunningAgent | None = None
        self._awaited: _Awaited | None = None
        self._question = 0
        self._ends = self._answers = 0  # in a row
        self._anew_at_s = 0.0
        self._why_gone = ""
        self._endings: set[asyncio.Task[None]] = set()
        self._is_started = self._is_asked = False

    async def start(self) -> None:
        """Start the process, and wait until the agent is made.

        Raises
        ------
        qiki.errors.SettingError : there is no such agent, or it cannot be made.
        AgentError : its process ended, or took too long.
        OSError : the system has no process for it.
        """
        await self._launch()
        heard = await self._hear(float("inf"))
        if isinstance(heard, Ready):
            self._is_started = True
            return
        await self.stop()
        if isinstance(heard, Refused):
            raise SettingError(heard.reason)
        raise AgentError(f"{self._kind} {self._spec!r} {getattr(heard, 'reason', heard)}")

    async def decide(self, asked: View | Words) -> Answer:
        """Ask once; whatever the agent does, there is an answer within its limit.

        Parameters
        ----------
        asked : of an agent the view of a tick, of a reader words.

        Raises
        ------
        RuntimeError : it was not started, or is still being asked.
        """
        if not self._is_started or self._is_asked:
            raise RuntimeError(f"{self.name} must be started, and asked once at a time")
        self._is_asked = True
        try:
            return await self._decide(asked, _now_s() + self._limits.answer_s)
        finally:
            self._is_asked = False

    async def stop(self) -> None:
        """End the process, by force where it does not go."""
        self._is_started = False
        running, self._running = self._running, None
        is_busy = self._let_go()
        if running is not None:
            await running.end(0.0 if is_busy else END_PATIENCE_S)
        if self._endings:
            await asyncio.wait(self._endings)

    async def _decide(self, asked: View | Words, deadline_s: float) -> Answer:
        if (running := self._running) is None:
            return Answer([], await self._start_anew())
        if self._awaited is not None and (fault := await self._catch_up(deadline_s)):
            return Answer([], fault)
        self._question += 1
        running.send(self._question, asked)
        self.facts.asked += 1
        self._await(running, self._question, 2.0 * self._limits.answer_s)
        return self._judge(await self._hear(deadline_s))

    async def _catch_up(self, deadline_s: float) -> str | None:
        """Wait for what the process still owes us; return why it cannot be asked yet."""
        is_new = self._awaited is not None and self._awaited.question is None
        heard = await self._hear(deadline_s)
        if isinstance(heard, Gone | Refused):
            return self._lose(heard.reason)
        if heard is None and is_new:
            return "is still starting"
        if heard is None:
            self.facts.late += 1
            return "is still busy with what it was asked before"
        return None

    def _judge(self, heard: Heard | None) -> Answer:
        match heard:
            case None:
                self.facts.late += 1
                fault = f"took longer than {self._limits.answer_s:g} s: nobody waits for it"
                return Answer([], fault)
            case Gone(reason=reason) | Refused(reason=reason):
                return Answer([], self._lose(reason))
        self._note_answer()
        match heard:
            case Proposed(proposals=proposals):
                return Answer(proposals)
            case Raised(reason=reason):
                self.facts.raised += 1
                return Answer([], f"raised: {reason}")
            case Nonsense(reason=reason) | Wrong(reason=reason):
                self.facts.nonsense += 1
                return Answer([], reason)
        return Answer([])

    async def _launch(self) -> None:
        memory_mib = self._limits.memory_mib
        self._running = await RunningAgent.start(self._spec, memory_mib, self._said, self._kind)
        self._await(self._running, None, self._limits.start_s)

    async def _start_anew(self) -> str:
        """Start a new process once the pause is over; return why it cannot be asked yet."""
        rest_s = self._anew_at_s - _now_s()
        if rest_s > 0.0:
            return f"is gone ({self._why_gone}): starts anew in {rest_s:.1f} s"
        self.facts.restarts += 1
        try:
            await self._launch()
        except OSError as error:
            return self._lose(f"cannot be started: {error}")
        return "is still starting"

    def _await(self, running: RunningAgent, question: int | None, patience_s: float) -> None:
        heard = asyncio.create_task(running.receive())
        self._awaited = _Awaited(heard, question, _now_s() + patience_s)

    async def _hear(self, deadline_s: float) -> Heard | None:
        """Return what the process owes us, `Gone` where it is to be given up, None before that."""
        awaited = self._awaited
        if awaited is None:
            return None
        until_s = min(deadline_s, awaited.until_s)
        await asyncio.wait([awaited.heard], timeout=max(0.0, until_s - _now_s()))
        if awaited.heard.cancelled():
            return Gone("was stopped")
        if awaited.heard.done():
            self._awaited = None
            if (error := awaited.heard.exception()) is not None:  # ours, or what it made of itself
                return Gone(f"cannot be heard: {error!r}")
            heard = awaited.heard.result()
            return heard if _fits(heard, awaited.question) else Gone("spoke out of turn")
        if deadline_s < awaited.until_s:
            return None
        return Gone("hangs and was killed")

    def _lose(self, reason: str) -> str:
        """Give up a process that is gone or must go; return what to tell of it."""
        self._let_go()
        running, self._running = self._running, None
        if running is not None:
            running.kill()
            ending = asyncio.create_task(running.ended())
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)
        longest_s = self._limits.longest_pause_s
        pause_s = min(self._limits.first_pause_s * 2.0 ** min(self._ends, 30), longest_s)
        self._ends, self._answers = self._ends + 1, 0
        self._anew_at_s, self._why_gone = _now_s() + pause_s, reason
        return f"{reason}; starts anew in {pause_s:g} s"

    def _let_go(self) -> bool:
        """Wait for nothing any more; return whether something was owed."""
        awaited, self._awaited = self._awaited, None
        return awaited is not None and awaited.heard.cancel()

    def _note_answer(self) -> None:
        self._answers += 1
        if self._answers >= FORGIVEN_AFTER:
            self._ends = 0

    def _log(self, line: str) -> None:
        log.info("agent_says", agent=self.name, line=line)


def _fits(heard: Heard, question: int | None) -> bool:
    """Return whether a process says what it may say now."""
    match heard:
        case Ready() | Refused():
            return question is None
        case Proposed(question=answered) | Raised(question=answered) | Nonsense(question=answered):
            return answered == question
        case Wrong():
            return question is not None
        case Gone():
            return True
    return False


def _now_s() -> float:
    return asyncio.get_running_loop().time()
