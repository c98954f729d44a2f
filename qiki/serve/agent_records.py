"""What an agent's loop did, as events: decisions, states, situations, faults, the system's mode."""

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, NoReturn

import msgspec
import structlog
from nats.aio.client import Client

from qiki.agent.conduct import Moved
from qiki.agent.decision import Key, Status, Verdict
from qiki.agent.loop import Changes, Decision, Failure
from qiki.agent.messages import verdict_document
from qiki.agent.situation import SituationChange
from qiki.bus import headers, subjects
from qiki.bus.cloudevents import EventTemplate
from qiki.bus.publish import Message, Publisher, unfit
from qiki.errors import BrokerError
from qiki.serve.fault_fold import FaultFold
from qiki.serve.stop_signal import REST_S

SCHEMA_VERSION = 1
SOURCE = "agent"
WAITING_MAX = 10_000  # a quarter of an hour of decisions at ten a second
RETRY_WAIT_S = 1.0

_TEMPLATES = {
    subject: EventTemplate("urn:qiki:agent", f"qiki.events.v1.{name}", schema=None)
    for subject, name in (
        (subjects.AGENT_DECISION, "AgentDecision"),
        (subjects.AGENT_STATE, "AgentState"),
        (subjects.AGENT_SITUATION, "AgentSituation"),
        (subjects.AGENT_FAULT, "AgentFault"),
        (subjects.SYSTEM_MODE, "SystemMode"),
    )
}

log = structlog.get_logger()


class AgentRecords:
    """Stores events of an agent in their order, without keeping its ticks waiting.

    Parameters
    ----------
    client : an open connection; its broker says how large a message may be.
    publisher : stores them.

    Attributes
    ----------
    dropped : how many were given up because too many waited.
    """

    def __init__(self, client: Client, publisher: Publisher) -> None:
        self.dropped = 0
        self._client = client
        self._publisher = publisher
        self._waiting: deque[Message] = deque()
        self._more = asyncio.Event()
        self._folded = FaultFold()

    def tick(self, decision: Decision, failures: Mapping[Key, Failure], changes: Changes) -> None:
        """Take down what a tick came to."""
        time_ns = decision.time_ns
        self.changes(changes, decision.tick, time_ns)
        told = [_became(verdict, failures) for verdict in decision.verdicts]
        told = [it for it in told if it.status is not Status.PENDING]
        if told:
            self._put(subjects.AGENT_DECISION, time_ns, _decision(decision, told))
        for agent, reason in decision.nonsense:
            self.fault(agent, "nonsense", reason, time_ns)
        for key, failure in failures.items():
            if failure.is_refused:
                self.fault(key.agent, "refused", f"{key.name}: {failure.reason}", time_ns)

    def changes(self, changes: Changes, tick: int, time_ns: int) -> None:
        """Take down what changed at a tick, or behind the last one."""
        for change in changes.situations:
            self._put(subjects.AGENT_SITUATION, time_ns, _situation(change))
        for moved in changes.moves:
            self._put(subjects.AGENT_STATE, time_ns, _state(moved, tick))

    def fault(self, agent: str, kind: str, reason: str, time_ns: int) -> None:
        """Take down that an agent did not do what it should; what repeats itself is folded."""
        told = self._folded.fold(agent, kind, reason, time_ns)
        if told is None:
            return
        log.warning("agent_fault", agent=agent, kind=kind, reason=told)
        payload = {"kind": kind, "subject": agent, "reason": told}
        self._put(subjects.AGENT_FAULT, time_ns, payload)

    def mode(self, mode: str) -> None:
        """Take down the system's mode, in the original's fields; its time is the wall clock's."""
        time_ns = time.time_ns()
        told = {
            "event_schema_version": SCHEMA_VERSION,
            "source": SOURCE,
            "subject": "system_mode",
            "timestamp": datetime.fromtimestamp(time_ns * 1e-9, UTC).isoformat(),
            "ts_epoch": time_ns * 1e-9,
            "mode": mode,
        }
        self._wait(subjects.SYSTEM_MODE, time_ns, told)

    async def run(self) -> NoReturn:
        """Store what waits until the task is cancelled; what cannot be stored waits on."""
        while True:
            await self._more.wait()
            await self._store_all()

    async def rest(self) -> None:
        """Store what waits when `run` has ended; count what cannot be."""
        try:
            async with asyncio.timeout(REST_S):
                await self._store_all()
        except TimeoutError:
            log.warning("agent_events_lost", count=len(self._waiting))

    async def _store_all(self) -> None:
        while self._waiting:
            message = self._waiting[0]
            if (refusal := unfit(*message, self._client.max_payload)) is not None:
                self._give_up(str(refusal))  # however often it is tried
                continue
            try:
                # It may have been stored when nobody answered, or when this was cancelled.
                await self._publisher.publish(message, may_be_stored=True)
            except BrokerError as error:
                log.warning("event_not_stored", subject=message.subject, reason=str(error))
                await asyncio.sleep(RETRY_WAIT_S)
                continue
            if self._waiting and self._waiting[0] is message:  # it may have been given up
                self._waiting.popleft()
        self._more.clear()

    def _put(self, subject: str, time_ns: int, said: dict[str, Any]) -> None:
        constant = {
            "schema_version": SCHEMA_VERSION,
            "category": "agent",
            "source": SOURCE,
            "ts_epoch": time_ns * 1e-9,
            "sim_time_ns": time_ns,
        }
        self._wait(subject, time_ns, constant | said)

    def _wait(self, subject: str, time_ns: int, told: dict[str, Any]) -> None:
        """Let an event wait until it is stored; `time_ns` goes into its header."""
        id = f"agent-{time.time_ns() // 1_000_000}-{uuid.uuid4().hex}"
        header = _TEMPLATES[subject].headers(id, time_ns) | {headers.MESSAGE_ID: id}
        self._waiting.append(Message(subject, msgspec.json.encode(told), header))
        if len(self._waiting) > WAITING_MAX:
            self._give_up(f"more than {WAITING_MAX} wait")
        self._more.set()

    def _give_up(self, reason: str) -> None:
        """Drop the oldest; the log has the first and each doubling."""
        self._waiting.popleft()
        self.dropped += 1
        if self.dropped.bit_count() == 1:
            log.warning("agent_events_dropped", count=self.dropped, reason=reason)


def _became(verdict: Verdict, failures: Mapping[Key, Failure]) -> Verdict:
    """Return what became of what was accepted."""
    if verdict.status is not Status.ACCEPTED:
        return verdict
    failure = failures.get(verdict.key)
    status = Status.EXECUTED if failure is None else Status.FAILED
    return replace(verdict, status=status, reason=failure.reason if failure else "")


def _decision(decision: Decision, told: list[Verdict]) -> dict[str, Any]:
    return {
        "kind": "decision",
        "subject": "executed" if any(it.status is Status.EXECUTED for it in told) else "none",
        "tick": decision.tick,
        "proposals": [verdict_document(it) for it in told],
    }


def _state(moved: Moved, tick: int) -> dict[str, Any]:
    log.info(
        "agent_state",
        machine=moved.machine,
        state=moved.to_state,
        trigger=moved.event,
        reason=moved.reason,
    )
    return {
        "kind": "transition",
        "subject": moved.machine,
        "tick": tick,
        "from_state": moved.from_state,
        "to_state": moved.to_state,
        "trigger_event": moved.event,
        "reason": moved.reason,
    }


def _situation(change: SituationChange) -> dict[str, Any]:
    values = asdict(change.situation)
    return {"kind": f"situation_{change.what}", "subject": values.pop("kind"), **values}
