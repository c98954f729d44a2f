"""One tick of an agent, without any I/O: what is known comes in, a view and a decision go out.

    look     what is known -> machines, situations, view
    decide   what agents propose -> what is carried out, and why the rest is not
    finish   what became of it -> machines, and what later proposals may depend on

The same inputs give the same outputs: no clock, no random number, no order of a set.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from qiki.agent.alert import Alert
from qiki.agent.conduct import Conduct, ConductLimits, Moved
from qiki.agent.craft import Craft
from qiki.agent.decision import LOOP, Decider, Key, Status, Verdict
from qiki.agent.machines import ShipState, SystemState
from qiki.agent.picture import Tracks
from qiki.agent.proposal import (
    MAX_JUSTIFICATION,
    RCS,
    THRUSTERS,
    EnterSafeMode,
    Proposal,
    ProposalError,
    ProposalType,
    Switch,
)
from qiki.agent.situation import SituationChange, SituationLimits, Situations
from qiki.agent.trust import Trust
from qiki.agent.vehicle_view import VehicleView
from qiki.agent.view import View

CEASE = "cease"
DOCK = "dock"  # the mission
DOCKING = "docking"  # key of the metadata of a proposal that is part of a way to a station's port


class Known(NamedTuple):
    """What is known at the beginning of a tick.

    Attributes
    ----------
    time_ns : world time since 1970 [ns].
    period_s : world time between two ticks [s].
    tracks : (n,) TRACK_DTYPE: confirmed, of sufficient quality.
    vehicle : None where nothing is known of it.
    raised, standing : alerts of this tick, and all that stand.
    trust : what is thought of ``tracks``, ``vehicle`` and ``bios``.
    mission : what the ship is for now.
    craft : what the vehicle is made of; None where nobody tells.
    epoch : of the world; another one is another world.
    """

    time_ns: int
    period_s: float
    tracks: Tracks
    vehicle: VehicleView | None
    raised: Sequence[Alert]
    standing: Sequence[Alert]
    trust: Mapping[str, Trust]
    mission: str
    craft: Craft | None = None
    epoch: int = 0


class Decision(NamedTuple):
    """What a tick came to.

    Attributes
    ----------
    tick, time_ns : which, and its world time [ns].
    verdicts : of every proposal, in the order in which they were judged.
    nonsense : proposals that make no sense: name of the agent, and what is wrong.
    """

    tick: int
    time_ns: int
    verdicts: list[Verdict]
    nonsense: list[tuple[str, str]]

    @property
    def accepted(self) -> list[Verdict]:
        """What is to be carried out, in order."""
        return [verdict for verdict in self.verdicts if verdict.status is Status.ACCEPTED]


class Failure(NamedTuple):
    """Why an action was not carried out.

    Attributes
    ----------
    reason : in words.
    is_refused : whether it was answered: then it has surely not acted.
    """

    reason: str
    is_refused: bool


class Changes(NamedTuple):
    """What a tick changed, for the audit."""

    moves: list[Moved]
    situations: list[SituationChange]


class AgentLoop:
    """The loop around agents.

    Parameters
    ----------
    min_confidence : below it proposals are rejected, 0 to 1.
    conduct : what moves the machines.
    situations : when something is a situation.
    """

    def __init__(
        self,
        min_confidence: float = 0.6,
        conduct: ConductLimits | None = None,
        situations: SituationLimits | None = None,
    ) -> None:
        self.conduct = Conduct(conduct)
        self.situations = Situations(situations)
        self._decider = Decider(min_confidence)
        self._tick = -1
        self._view: View | None = None
        self._changed: list[SituationChange] = []
        self._has_ceased = False

    def forget(self, proposals: Iterable[tuple[str, Proposal]] = ()) -> None:
        """Forget what waits, was carried out, or was seen: the world or its tracks are others.

        What waits has expired for that reason, as the next decision tells.

        Parameters
        ----------
        proposals : that were made for the old world and not decided on yet: they expire, too.
        """
        self._decider.forget(_sound(proposals)[0], 0 if self._view is None else self._view.time_ns)
        self.situations.forget()

    def shut_down(self) -> Changes:
        """End; return what that changes."""
        self.conduct.shut_down()
        return Changes(self.conduct.take_moves(), [])

    def look(self, known: Known) -> View:
        """Begin a tick."""
        self._tick += 1
        self.conduct.look(known.trust, known.raised, known.standing)
        can_see = known.trust["tracks"].is_ok and known.trust["vehicle"].is_ok
        vehicle = known.vehicle if known.trust["vehicle"].is_ok else None
        tracks = known.tracks if known.trust["tracks"].is_ok else known.tracks[:0]
        if can_see and vehicle is not None:
            self._changed += self.situations.look(tracks, vehicle, known.time_ns)
        self._view = View(
            tick=self._tick,
            time_ns=known.time_ns,
            period_s=known.period_s,
            tracks=tracks,
            vehicle=vehicle,
            alerts=tuple(known.standing),
            situations=self.situations.shown(known.time_ns) if can_see else (),
            system=self.conduct.system,
            ship=self.conduct.ship,
            trust=dict(known.trust),
            mission=known.mission,
            craft=known.craft,
            epoch=known.epoch,
            safe_mode_reason=self.conduct.safe_mode_reason,
        )
        return self._view

    def decide(self, proposals: Iterable[tuple[str, Proposal]]) -> Decision:
        """Decide on what agents propose for the view of this tick."""
        view = self._seen()
        sound, nonsense = _sound(proposals)
        self.conduct.proposed(any_proposals=bool(sound))
        if not self.conduct.may_act:
            sound = [*sound, *self._cease()]
        stopped = self.conduct.ship is ShipState.EMERGENCY_STOP
        verdicts = self._decider.decide(
            sound,
            view.time_ns,
            only_safety=self._why_only_safety(),
            barred={THRUSTERS: "the operator has stopped the vehicle"} if stopped else {},
        )
        return Decision(view.tick, view.time_ns, verdicts, nonsense)

    def finish(self, decision: Decision, failures: Mapping[Key, Failure]) -> Changes:
        """End a tick.

        Parameters
        ----------
        decision : of this tick.
        failures : of what could not be carried out, the reason. One that was refused is the fault
            of who proposed it; safe mode begins where nobody answered, or safety was at stake.
        """
        thrusters = docking = False
        self._has_ceased &= not self.conduct.may_act
        for verdict in decision.accepted:
            if (failure := failures.get(verdict.key)) is not None:
                is_safety = verdict.proposal.type is ProposalType.SAFETY
                if is_safety or not failure.is_refused:
                    self.conduct.request_safe_mode(f"{verdict.key} failed: {failure.reason}")
                continue
            self._decider.executed(verdict)
            if THRUSTERS in verdict.proposal.claims:  # they have to be stopped again
                self._has_ceased = verdict.key == Key(LOOP, CEASE)
            actions = verdict.proposal.actions
            thrusters |= THRUSTERS in verdict.proposal.claims
            docking |= DOCKING in verdict.proposal.metadata
            for action in actions:
                if isinstance(action, EnterSafeMode):
                    self.conduct.request_safe_mode(action.reason)
        view = self._seen()
        # On its way to a port the vehicle coasts for most of it.
        is_on_way = self.conduct.ship is ShipState.DOCKING_APPROACH and view.mission == DOCK
        docking |= is_on_way and not thrusters
        self.conduct.acted(view.vehicle, thrusters=thrusters, docking=docking)
        changed, self._changed = self._changed, []
        return Changes(self.conduct.take_moves(), changed)

    def _cease(self) -> list[tuple[str, Proposal]]:
        """Propose to end what the thrusters still do of former decisions, until that is done."""
        if self._has_ceased:
            return []
        reason = self.conduct.safe_mode_reason or f"the ship is in {self.conduct.ship}"
        stop = Proposal(
            name=CEASE,
            type=ProposalType.SAFETY,
            priority=0.0,  # whoever evades goes first
            justification=f"Thrusters stop: {reason}"[:MAX_JUSTIFICATION],
            actions=(Switch(RCS, is_on=False),),
        )
        return [(LOOP, stop)]

    def _why_only_safety(self) -> str:
        conduct = self.conduct
        if not conduct.may_act:
            return f"the ship is in {conduct.ship}"
        if conduct.system in (SystemState.BOOTING, SystemState.ERROR_STATE, SystemState.SHUTDOWN):
            return f"the system is in {conduct.system}"
        return ""

    def _seen(self) -> View:
        if self._view is None:
            raise RuntimeError("look() begins a tick")
        return self._view


def _sound(
    proposals: Iterable[tuple[str, Proposal]],
) -> tuple[list[tuple[str, Proposal]], list[tuple[str, str]]]:
    """Return the proposals that make sense, and what is wrong with the others."""
    sound: dict[Key, tuple[str, Proposal]] = {}
    nonsense = []
    for agent, proposal in proposals:
        key = Key(agent, proposal.name)
        try:
            proposal.check()
        except ProposalError as error:
            nonsense.append((agent, str(error)))
            continue
        if key in sound:
            nonsense.append((agent, f"{proposal.name}: twice at one tick, must be there once"))
        else:
            sound[key] = (agent, proposal)
    return list(sound.values()), nonsense
