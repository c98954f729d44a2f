"""What an operator says to the agent: understood, done or refused, and answered."""

import asyncio
import time
from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from qiki.agent.contained_reader import ContainedReader
from qiki.agent.decision import ANOTHER_WORLD, Key, Status, Verdict
from qiki.agent.intent import KNOWN, Intent, IntentKind, understood
from qiki.agent.loop import AgentLoop
from qiki.agent.machines import ShipState
from qiki.agent.messages import verdict_document
from qiki.agent.proposal import Command, Proposal, ProposalError
from qiki.agent.view import View
from qiki.bus import subjects
from qiki.bus.intent_message import (
    MAX_TEXT,
    IntentError,
    decode_intent,
    encode_response,
    request_id_of,
)

READER = "operator"  # as whom accepted proposals of a reader are decided on
WAITING_MAX = 64
READING_MAX = 4
SAID = "the operator says so"

Mode: TypeAlias = Literal["FACTORY", "MISSION"]

log = structlog.get_logger()


class Refused(Exception):  # noqa: N818 - it says what became of the intent
    """An intent that cannot be done now."""


class Operator:
    """What the operator wants of the ship.

    Parameters
    ----------
    client : an open connection.
    loop : whose machines and situations the words act on.
    mission : of the ship at the start.
    reader : reads what is not of the vocabulary, if anybody does.
    told_mode : is given the mode each time that somebody sets it.

    Attributes
    ----------
    mission : what the ship is for.
    mode : of the system; in MISSION no command of docking is accepted from a reader.
    view : the newest, set at each tick; None before the first.
    how_far : the past is read, in words; empty where all of it is.
    done : what was carried out last, and why; empty before that.
    """

    def __init__(
        self,
        client: Client,
        loop: AgentLoop,
        mission: str,
        reader: ContainedReader | None = None,
        told_mode: Callable[[str], None] | None = None,
    ) -> None:
        self.mission = mission
        self.mode: Mode = "FACTORY"
        self.view: View | None = None
        self.how_far = self.done = ""
        self._client = client
        self._loop = loop
        self._reader = reader
        self._told_mode = told_mode
        self._waiting: dict[str, Proposal] = {}
        self._gone: set[str] = set()  # names of what waited in the world before this one
        self._world = 0
        self._accepted: list[tuple[str, Proposal]] = []
        self._reading: set[asyncio.Task[None]] = set()

    def take_accepted(self) -> list[tuple[str, Proposal]]:
        """Return the proposals of a reader that were accepted since it was last asked."""
        accepted, self._accepted = self._accepted, []
        return accepted

    def begin_anew(self) -> list[tuple[str, Proposal]]:
        """Let no proposal wait any more: the world is another one; return those accepted."""
        self._world += 1
        self._gone = set(self._waiting)
        self._waiting.clear()
        return self.take_accepted()

    async def answer(self, message: Msg) -> None:
        """Answer one message of ``qiki.intents``."""
        try:
            request = decode_intent(message.data)
        except IntentError as error:
            await self._respond(request_id_of(message.data), str(error), "invalid_message")
            return
        text, request_id = request.input.text, str(request.request_id)
        intent = understood(text)
        if intent is None and len(self._reading) >= READING_MAX:
            words = f"{READING_MAX} intents are being read, which is the most: ask again"
            await self._respond(request_id, words, "rejected")
        elif intent is None and self._reader is not None and self.view is not None:
            # It may take long, and the next words are not to wait for it.
            task = asyncio.create_task(self._read(self._reader, self.view, text, request_id))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)
        elif intent is None:
            words = f"{text!r:.80} is not understood, must be one of: {KNOWN}"
            await self._respond(request_id, words, "not_understood")
        else:
            await self._do(intent, request_id)

    async def close(self) -> None:
        """Give up what is still read."""
        for task in self._reading:
            task.cancel()
        if self._reading:
            await asyncio.wait(self._reading)

    async def _do(self, intent: Intent, request_id: str) -> None:
        try:
            words, error = self._act(intent), None
        except Refused as refused:
            words, error = str(refused), "rejected"
        log.info("intent", kind=intent.kind, argument=intent.argument, error=error)
        await self._respond(request_id, words, error)

    def _act(self, intent: Intent) -> str:
        """Do what is wanted; return what to say of it."""
        acts = {
            IntentKind.MISSION: self._set_mission,
            IntentKind.STOP: self._stop,
            IntentKind.GO_ON: self._go_on,
            IntentKind.SAFE_MODE: self._safe_mode,
            IntentKind.ACKNOWLEDGE: self._acknowledge,
            IntentKind.ACCEPT: self._accept,
            IntentKind.MODE: self._set_mode,
            IntentKind.STATUS: self._status,
        }
        return acts[intent.kind](intent.argument)

    def _set_mission(self, mission: str) -> str:
        self.mission = mission
        return f"The mission is {mission}."

    def _stop(self, _argument: str) -> str:
        self._loop.conduct.stop(SAID)
        return f"Thrusters are off; {self._drift()}. `go on` ends that, `hold` brakes then."

    def _drift(self) -> str:
        """Say how the vehicle goes on without thrusters, as far as that is known."""
        if self.view is None or self.view.vehicle is None:
            return "how fast the vehicle drifts is not known"
        speed_m_s = float(np.linalg.norm(self.view.vehicle.velocity_m_s))
        return f"the vehicle drifts on at {speed_m_s:.1f} m/s"

    def _go_on(self, _argument: str) -> str:
        conduct = self._loop.conduct
        if conduct.ship is not ShipState.EMERGENCY_STOP:
            raise Refused(f"the ship is in {conduct.ship}, must be in EMERGENCY_STOP")
        conduct.go_on(SAID)
        return "The vehicle goes on."

    def _safe_mode(self, _argument: str) -> str:
        self._loop.conduct.request_safe_mode(SAID)
        return "Safe mode; it ends by itself when all is well."

    def _set_mode(self, mode: str) -> str:
        self.mode = "MISSION" if mode == "MISSION" else "FACTORY"
        if self._told_mode is not None:
            self._told_mode(self.mode)
        return f"The mode is {self.mode}."

    def _acknowledge(self, argument: str) -> str:
        view, situations = self._seen(), self._loop.situations
        meant = [it for it in situations.standing if argument in ("all", str(it.track_number))]
        if not meant:
            raise Refused("no such situation stands: ask for the status")
        for it in meant:
            situations.acknowledge(it.kind, it.track_number, view.time_ns)
        return f"{len(meant)} acknowledged."

    def _accept(self, name: str) -> str:
        # The words of an operator are read in small letters.
        named = {each.casefold(): it for each, it in self._waiting.items()}
        proposal = named.get(name.casefold())
        if proposal is None and name.casefold() in map(str.casefold, self._gone):
            raise Refused(f"{name} waits no more: {ANOTHER_WORLD}")
        if proposal is None:
            waiting = ", ".join(self._waiting) or "none"
            raise Refused(f"no proposal {name} waits, there is {waiting}")
        is_docking = any(
            isinstance(action, Command) and action.claims == "sim.dock"
            for action in proposal.actions
        )
        if is_docking and self.mode == "MISSION":
            raise Refused(
                f"{name} docks, which is not done in the mode MISSION: mode factory first"
            )
        del self._waiting[proposal.name]
        self._accepted.append((READER, proposal))
        return f"{name} is accepted and decided on at the next tick."

    def _status(self, _argument: str) -> str:
        conduct = self._loop.conduct
        standing = self._loop.situations.standing
        told = [f"{it.kind} of track {it.track_number} ({it.severity})" for it in standing]
        why = "; ".join(filter(None, (conduct.safe_mode_reason, self.how_far)))
        reason = f" ({why})" if why else ""
        return (
            f"System {conduct.system}, ship {conduct.ship}{reason}, mission {self.mission}, "
            f"mode {self.mode}; situations: {', '.join(told) or 'none'}.{self._way()}"
        )

    def _way(self) -> str:
        """Say how the vehicle is, and what was done last, as far as that is known."""
        vehicle = None if self.view is None else self.view.vehicle
        told = []
        if vehicle is not None:
            speed_m_s = float(np.linalg.norm(vehicle.velocity_m_s))
            told.append(f" Speed {speed_m_s:.2f} m/s, propellant {vehicle.propellant_kg:.1f} kg")
            if vehicle.docking is not None:
                told.append(f", docking {vehicle.docking.phase}")
            told.append(".")
        conduct = self._loop.conduct
        if conduct.last_safe_mode and not conduct.safe_mode_reason:
            told.append(f" Last safe mode: {conduct.last_safe_mode}.")
        if self.done:
            told.append(f" Last done: {self.done}.")
        return "".join(told)

    async def _read(self, reader: ContainedReader, view: View, text: str, request_id: str) -> None:
        """Let a reader propose; what it proposes waits for the operator's word."""
        world = self._world
        proposals, fault = await reader.read(text, view)
        try:
            for proposal in proposals:
                proposal.check()
        except ProposalError as error:
            fault = f"proposes nonsense: {error}"
        if fault is None and world != self._world:
            fault = f"has read too long: {ANOTHER_WORLD}"
        if fault is not None:
            words = f"the reader of intents {fault}"
            log.warning("reader_fault", reason=fault)
            await self._respond(request_id, words[:MAX_TEXT], "rejected")
            return
        if not proposals:
            await self._respond(request_id, f"{text!r:.80} is not understood", "not_understood")
            return
        for proposal in proposals:
            self._waiting.pop(proposal.name, None)
            self._waiting[proposal.name] = proposal
        while len(self._waiting) > WAITING_MAX:
            del self._waiting[next(iter(self._waiting))]
        names = ", ".join(proposal.name for proposal in proposals)
        verdicts = [
            Verdict(Key(READER, it.name), it, view.time_ns, Status.PENDING) for it in proposals
        ]
        told = [verdict_document(verdict) for verdict in verdicts]
        await self._respond(request_id, f"Proposed: {names}. Say accept NAME.", None, told)

    async def _respond(
        self,
        request_id: str | None,
        text: str,
        error: str | None,
        proposals: list[dict[str, object]] | None = None,
    ) -> None:
        payload = encode_response(
            request_id, time.time_ns() // 1_000_000, text=text, error=error, proposals=proposals
        )
        await self._client.publish(subjects.INTENT_RESPONSES, payload)

    def _seen(self) -> View:
        if self.view is None:
            raise Refused("there was no tick yet: ask again when frames come")
        return self.view
