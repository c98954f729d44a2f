"""One run of a scenario to its end, and the figures that the bars of docking are about."""

import time
from typing import NamedTuple

from qiki.agent.decision import Status
from qiki.agent.manoeuvres.docking_phases import DockPhase
from qiki.agent.reference import ReferenceAgent
from qiki.settings import VehicleSettings
from tests.agent.closed_loop import World, station_names, ticks

MOST_S = 720.0
ANSWER_TICKS = 2


class Run(NamedTuple):
    """What became of a run.

    Attributes
    ----------
    is_latched, time_s : whether and when the station's latches held the vehicle, or its end [s].
    propellant_kg : left [kg].
    nearest_m : least distance to any body but a station [m].
    station_m : least distance to a station before the way along its port's axis began [m].
    alerts, late_alerts : raised, and of them without a decision within `ANSWER_TICKS`.
    evasions, retreats : begun.
    cpu_s : of the process [s].
    """

    seed: int
    is_latched: bool
    time_s: float
    propellant_kg: float
    nearest_m: float
    station_m: float
    alerts: int
    late_alerts: int
    evasions: int
    retreats: int
    cpu_s: float


def run(scenario, seed, mission="dock", most_s=MOST_S, look=None, settings=None) -> Run:
    """Fly one seed of a scenario until it is latched, at most so long."""
    begun_s = time.process_time()
    world = World(scenario, seed, settings or VehicleSettings())
    agent = ReferenceAgent()
    stations = set(station_names(scenario))
    nearest_m = station_m = float("inf")
    alerts, waiting, late, evasions, retreats = 0, [], 0, 0, 0
    was_evading, before = False, agent.docking_phase
    for tick in ticks(world, agent, mission):
        away_m = world.nearest_m()
        nearest_m = min([nearest_m, *(m for name, m in away_m.items() if name not in stations)])
        phase = agent.docking_phase
        if phase not in (DockPhase.CORRIDOR, DockPhase.FINAL, DockPhase.HELD, DockPhase.RETREAT):
            station_m = min([station_m, *(m for name, m in away_m.items() if name in stations)])
        retreats += phase is DockPhase.RETREAT and before is not phase
        before = phase
        names = {verdict.key.name for verdict in tick.decision.accepted}
        evasions += "evade" in names and not was_evading
        was_evading = "evade" in names
        alerts += len(tick.raised)
        waiting += [(tick.view.tick, alert) for alert in tick.raised]
        waiting = [it for it in waiting if not _is_answered(it[1], tick)]
        late += sum(tick.view.tick - number >= ANSWER_TICKS for number, _ in waiting)
        waiting = [it for it in waiting if tick.view.tick - it[0] < ANSWER_TICKS]
        if look is not None:
            look(world, agent, tick)
        docking = tick.view.vehicle.docking
        is_latched = docking is not None and docking.phase == "latched"
        if is_latched or world.time_ns >= most_s * 1e9:
            break
    return Run(
        seed,
        is_latched,
        world.time_ns / 1e9,
        world.ship.vehicle.propellant_kg,
        nearest_m,
        station_m,
        alerts,
        late,
        evasions,
        retreats,
        time.process_time() - begun_s,
    )


def _is_answered(alert, tick):
    """Whether a proposal of the tick names the alert's rule and track, and was judged."""
    said = f"{alert.rule_id} of track {alert.track_number}"
    judged = (Status.ACCEPTED, Status.EXECUTED)
    return any(
        said in it.proposal.justification and it.status in judged for it in tick.decision.verdicts
    )
