"""How the two machines move, tick by tick, and when the ship is in safe mode.

Safe mode begins at once when something that decisions need is missing, and ends when all of it has
been there at several ticks in a row.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from qiki.agent.alert import Alert
from qiki.agent.machines import SHIP, SYSTEM, ShipEvent, ShipState, SystemEvent, SystemState
from qiki.agent.trust import Trust, Verdict
from qiki.agent.vehicle_view import VehicleView

HALTED = (ShipState.SAFE_MODE, ShipState.EMERGENCY_STOP, ShipState.SYSTEMS_ERROR)
HELD = ("captured", "latched")
NEAR = "approach"


class Moved(NamedTuple):
    """One transition that was made.

    Attributes
    ----------
    machine : ``system`` or ``ship``.
    from_state, to_state : names of the states.
    event : of the table; for a guard's alert the ``fsm_event`` of its rule.
    reason : why, with the numbers; may be empty.
    """

    machine: str
    from_state: str
    to_state: str
    event: str
    reason: str


class ConductLimits(NamedTuple):
    """What moves the machines.

    Attributes
    ----------
    exit_ticks : good ticks in a row that end safe mode.
    rest_m_s : a slower vehicle rests.
    """

    exit_ticks: int = 3
    rest_m_s: float = 0.05


class Conduct:
    """The states of an agent and its ship.

    Parameters
    ----------
    limits : what moves them.

    Attributes
    ----------
    system, ship : the states.
    safe_mode_reason : why the ship is in safe mode; empty where it is not.
    last_safe_mode : why it was last; empty where it never was.
    """

    def __init__(self, limits: ConductLimits | None = None) -> None:
        self._limits = limits or ConductLimits()
        self.system: SystemState = SYSTEM.start
        self.ship: ShipState = SHIP.start
        self.safe_mode_reason = self.last_safe_mode = ""
        self._good_ticks = 0
        self._moved: list[Moved] = []

    @property
    def may_act(self) -> bool:
        """Whether the ship may do anything but what keeps it safe."""
        return self.ship not in HALTED

    def take_moves(self) -> list[Moved]:
        """Return the transitions since it was last asked."""
        moved, self._moved = self._moved, []
        return moved

    def look(
        self, trust: Mapping[str, Trust], raised: Iterable[Alert], standing: Sequence[Alert]
    ) -> None:
        """Move by what is known at the beginning of a tick.

        Parameters
        ----------
        trust : what is thought of each source; ``bios`` says whether the devices are well.
        raised, standing : alerts of this tick, and all that stand.
        """
        bios = trust["bios"]
        if bios.verdict is Verdict.NO_DATA:  # it is not up yet: neither well nor a fault
            pass
        elif bios.is_ok:
            self._system(SystemEvent.BOOT_COMPLETE)
            if not any(alert.severity == "critical" for alert in standing):
                self._system(SystemEvent.ERROR_CLEARED)
            self._ship(ShipEvent.READY)
        else:
            self._system(SystemEvent.BIOS_ERROR, bios.reason)
            self._ship(ShipEvent.FAULT, bios.reason)
        for alert in raised:
            self._guard(alert)
        self._safe_mode([it for it in trust.values() if not it.is_ok])

    def request_safe_mode(self, reason: str) -> None:
        """Enter safe mode for a reason that the sources do not tell, as an actuator that failed."""
        self._good_ticks = 0
        self._ship(ShipEvent.SAFE_MODE_REQUEST, reason)

    def stop(self, reason: str) -> None:
        """Stop the vehicle for an operator."""
        self._ship(ShipEvent.STOP, reason)

    def go_on(self, reason: str) -> None:
        """Let a stopped vehicle go on."""
        self._ship(ShipEvent.STOP_CLEARED, reason)

    def shut_down(self) -> None:
        """End."""
        self._system(SystemEvent.SHUTDOWN_REQUESTED)

    def proposed(self, *, any_proposals: bool) -> None:
        """Move by whether somebody proposes something."""
        event = SystemEvent.PROPOSALS_RECEIVED if any_proposals else SystemEvent.NO_PROPOSALS
        self._system(event)

    def acted(self, vehicle: VehicleView | None, *, thrusters: bool, docking: bool) -> None:
        """Move by what the vehicle does at the end of a tick.

        Parameters
        ----------
        vehicle : as the tick saw it; None: nobody knows what it does.
        thrusters : whether they work for a decision.
        docking : whether that is part of a way to a station's port.
        """
        if vehicle is None:
            return
        phase = vehicle.docking.phase if vehicle.docking is not None else ""
        speed_m_s = float((vehicle.velocity_m_s @ vehicle.velocity_m_s) ** 0.5)
        if phase in HELD:
            self._ship(ShipEvent.CAPTURED, f"docking is {phase}")
        elif docking or phase == NEAR:
            self._ship(ShipEvent.APPROACH)
        elif thrusters:
            self._ship(ShipEvent.MANOEUVRE)
        elif speed_m_s > self._limits.rest_m_s:
            self._ship(ShipEvent.CRUISE, f"speed is {speed_m_s:.2f} m/s")
        else:
            self._ship(ShipEvent.REST, f"speed is {speed_m_s:.2f} m/s")

    def _guard(self, alert: Alert) -> None:
        reason = f"{alert.rule_id} of track {alert.track_number}"
        named = alert.fsm_event or alert.rule_id
        if alert.severity == "critical":
            self._system(SystemEvent.GUARD_CRITICAL, reason, named)
        elif alert.severity == "warning":
            self._system(SystemEvent.GUARD_WARNING, reason, named)

    def _safe_mode(self, missing: Sequence[Trust]) -> None:
        if self.ship is ShipState.SHIP_STARTUP:  # what was never there is still on its way
            missing = [it for it in missing if it.verdict is not Verdict.NO_DATA]
        if missing:
            self.request_safe_mode("; ".join(it.reason or it.verdict for it in missing))
            return
        self._good_ticks += 1
        if self.ship is ShipState.SAFE_MODE and self._good_ticks >= self._limits.exit_ticks:
            self._ship(ShipEvent.SAFE_MODE_EXIT, f"{self._good_ticks} good ticks in a row")

    def _system(self, event: SystemEvent, reason: str = "", named: str = "") -> None:
        before, self.system = self.system, SYSTEM.next(self.system, event)
        self._note("system", before, self.system, named or event, reason)

    def _ship(self, event: ShipEvent, reason: str = "") -> None:
        before, self.ship = self.ship, SHIP.next(self.ship, event)
        if before is not self.ship:
            self.safe_mode_reason = reason if self.ship is ShipState.SAFE_MODE else ""
            self.last_safe_mode = self.safe_mode_reason or self.last_safe_mode
        self._note("ship", before, self.ship, event, reason)

    def _note(self, machine: str, before: str, after: str, event: str, reason: str) -> None:
        if before != after:
            self._moved.append(Moved(machine, str(before), str(after), str(event), reason))
