"""The reference agent: rules, then evasion, then the ship's mission.

What it proposes goes out in the order of its types: a guard's alert and an evasion (SAFETY) before
the mission (PLANNING), so a mission's thrust gives way where both want the thrusters. After an
evasion the mission is taken up from where the vehicle is then.
"""

from types import MappingProxyType

import numpy as np

from qiki.agent.agent import Agent
from qiki.agent.conduct import HALTED, HELD
from qiki.agent.loop import DOCKING
from qiki.agent.machines import ShipState, SystemState
from qiki.agent.manoeuvres.dock import Dock
from qiki.agent.manoeuvres.docking_phases import DockPhase
from qiki.agent.manoeuvres.evade import Evade
from qiki.agent.manoeuvres.hold import Hold
from qiki.agent.manoeuvres.push import Pusher
from qiki.agent.proposal import Action, Command, Proposal, ProposalType
from qiki.agent.rules import Rules
from qiki.agent.view import View

PORT = "A"  # docks where the vehicle has it, else its first
ENGAGE = "sim.dock.engage"
ENGAGE_EVERY_S = 2.0  # a command takes a while until telemetry shows it
COAST_S = 10.0  # so long it coasts in safe mode, as most of it is short,
COAST_M = 300.0  # but not nearer to the station
LEAST_M = 1.0
SLOW_M_S = 0.05  # slower nobody knows when it is there
WATCH = "watch"  # the vehicle goes on as it does, unless it has to evade
MISSIONS = (WATCH, "hold", "dock")


class ReferenceAgent(Agent):
    """The agent that comes with QIKI."""

    def __init__(self) -> None:
        self._begin()
        self._epoch = 0

    def _begin(self) -> None:
        """Know nothing of the world."""
        self._rules = Rules()
        self._pusher = Pusher()
        self._hold = Hold()
        self._dock = Dock()
        self._evade = Evade()
        self._told_phase: DockPhase = self._dock.phase
        self._engaged_ns: int | None = None
        self._safe_since_ns: int | None = None

    @property
    def docking_phase(self) -> DockPhase:
        """How far the way to a station is."""
        return self._dock.phase

    def decide(self, view: View) -> list[Proposal]:
        """Return what is to be done."""
        if view.epoch != self._epoch:
            self._begin()
            self._epoch = view.epoch
        found = self._rules.look(view)
        if not _is_up(view):  # nothing else is carried out: what is said now is said again then
            self._rules = Rules()
            found = [it for it in found if it.type is ProposalType.SAFETY]
        if (missing := _missing(view)) is not None:
            self._pusher.rest()
            return [*found, _says("blind", missing)] if _is_up(view) else found
        self._dock.fix.look(view)
        return [*found, *self._fly(view)]

    def _fly(self, view: View) -> list[Proposal]:
        vehicle = view.vehicle
        docking = None if vehicle is None else vehicle.docking
        if docking is not None and docking.phase in HELD:
            return self._to_dock(view) if view.mission == "dock" else []
        number = self._dock.fix.number
        own = frozenset() if number is None or view.mission != "dock" else frozenset({number})
        if self._evade.look(view, own):
            self._hold.begin()
            self._dock.begin()
            return self._safety(view, "evade", self._evade.reason)
        if (reason := self._why_brake(view)) is not None:
            self._dock.begin()
            return self._safety(view, "brake", reason)
        if not _is_up(view):
            return []
        if view.mission == "dock" and _port(view) is not None:
            return self._to_dock(view)
        return self._to_hold(view)

    def _safety(self, view: View, name: str, reason: str) -> list[Proposal]:
        what = self._evade if name == "evade" else self._hold
        wrench = what.wrench(view, self._pusher)
        return [] if wrench is None else [_proposal(name, ProposalType.SAFETY, reason, wrench)]

    def _why_brake(self, view: View) -> str | None:
        """Return why the vehicle is to stop, as nothing else steers it; None where it is not."""
        if view.ship is not ShipState.SAFE_MODE or view.vehicle is None:
            self._safe_since_ns = None
            return None
        if self._safe_since_ns is None:
            self._safe_since_ns = view.time_ns
            self._hold.begin()
        since_s = (view.time_ns - self._safe_since_ns) * 1e-9
        place = self._dock.fix.at(view.time_ns)
        if since_s > COAST_S:
            return f"safe mode for {since_s:.0f} s, must end within {COAST_S:g} s"
        if place is None:
            return None
        away_m = float(np.linalg.norm(place.position_m - view.vehicle.position_m))
        if away_m < COAST_M:
            return f"safe mode {away_m:.0f} m from the station, must be {COAST_M:g} m to coast"
        return None

    def _to_hold(self, view: View) -> list[Proposal]:
        if view.mission == WATCH:
            self._hold.begin()
            return []
        wrench = self._hold.wrench(view, self._pusher)
        if wrench is None:
            return []
        reason = f"mission {view.mission}: the place is held"
        if view.mission not in MISSIONS:
            reason = f"mission is {view.mission}, must be one of {', '.join(MISSIONS)}: held"
        return [_proposal("hold", ProposalType.PLANNING, reason, wrench)]

    def _to_dock(self, view: View) -> list[Proposal]:
        port = _port(view)
        if port is None:
            return self._to_hold(view)
        before = self._dock.phase
        course = self._dock.look(view, port)
        phase = self._dock.phase
        found = []
        if phase is not before:
            self._pusher.rest()
            self._hold.begin()
        if phase is not self._told_phase and view.ship not in HALTED:
            words = f"{self._told_phase} to {phase}: {self._dock.reason}"
            found.append(_says("docking-phase", words))
            self._told_phase = phase
        if phase is DockPhase.HELD:
            return found
        if phase is DockPhase.ALIGN and self._is_to_engage(view, port):
            command = Command(ENGAGE, MappingProxyType({"port": port}))
            found.append(_docks("engage", phase, f"port {port} is to dock", command))
        if course is None:
            return [*found, *self._to_hold(view)]
        wrench = self._pusher.wrench(view, course.velocity_m_s, course.attitude, course.bands)
        if wrench is not None:
            found.append(_docks("dock", phase, f"{self._dock.reason}; {self._left(view)}", wrench))
        return found

    def _left(self, view: View) -> str:
        """Say how far the station is, how fast the vehicle comes there, and what it has for it."""
        vehicle, place = view.vehicle, self._dock.fix.at(view.time_ns)
        if vehicle is None or place is None:
            return "how far the station is, is not known"
        away_m = place.position_m - vehicle.position_m
        range_m = float(np.linalg.norm(away_m))
        closing_m_s = float(
            (vehicle.velocity_m_s - place.velocity_m_s) @ away_m / max(range_m, LEAST_M)
        )
        time = f", {range_m / closing_m_s:.0f} s to go" if closing_m_s > SLOW_M_S else ""
        return (
            f"station {range_m:.0f} m away, closing {closing_m_s:.2f} m/s{time}, "
            f"{vehicle.propellant_kg:.1f} kg left"
        )

    def _is_to_engage(self, view: View, port: str) -> bool:
        docking = None if view.vehicle is None else view.vehicle.docking
        if docking is None or docking.port == port:
            return False
        last_ns = self._engaged_ns
        if last_ns is not None and view.time_ns < last_ns + round(ENGAGE_EVERY_S * 1e9):
            return False
        self._engaged_ns = view.time_ns
        return True


def _is_up(view: View) -> bool:
    """Tell whether the system is past its boot, in which only SAFETY is carried out."""
    return view.system is not SystemState.BOOTING


def _missing(view: View) -> str | None:
    """Return what is not known that is needed to fly; None where all of it is."""
    if view.vehicle is None:
        reason = view.trust["vehicle"].reason or "nothing is known of it"
        return f"the vehicle is not steered: {reason}"
    if view.craft is None:
        return "the vehicle is not steered: nobody tells what it is made of"
    return None


def _port(view: View) -> str | None:
    """Return the port that is to dock; None where the vehicle cannot."""
    craft, vehicle = view.craft, view.vehicle
    if craft is None or vehicle is None or vehicle.docking is None or not craft.ports:
        return None
    return PORT if PORT in craft.ports else next(iter(craft.ports))


def _says(name: str, reason: str) -> Proposal:
    return Proposal(
        name=name,
        type=ProposalType.DIAGNOSTICS,
        justification=reason,
        priority=0.3,
        confidence=1.0,
    )


def _proposal(name: str, kind: ProposalType, reason: str, *actions: Action) -> Proposal:
    is_safety = kind is ProposalType.SAFETY
    return Proposal(
        name=name,
        type=kind,
        justification=reason,
        priority=0.95 if is_safety else 0.6,
        confidence=0.9,
        actions=actions,
        valid_s=0.5,
    )


def _docks(name: str, phase: DockPhase, reason: str, *actions: Action) -> Proposal:
    return Proposal(
        name=name,
        type=ProposalType.PLANNING,
        justification=f"{phase}: {reason}",
        priority=0.6,
        confidence=0.9,
        actions=actions,
        valid_s=0.5,
        metadata=MappingProxyType({DOCKING: str(phase)}),
    )
