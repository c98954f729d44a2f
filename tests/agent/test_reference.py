"""The reference agent: what goes first, what it does blind, and what it says."""

from types import MappingProxyType

import numpy as np
import pytest

from qiki.agent.alert import Alert
from qiki.agent.machines import ShipState, SystemState
from qiki.agent.manoeuvres.docking_phases import DockPhase
from qiki.agent.proposal import Command, ProposalType, Wrench
from qiki.agent.reference import COAST_S, ReferenceAgent
from qiki.agent.trust import Trust, Verdict
from qiki.agent.vehicle_view import DockingView
from tests.agent.made_view import FREE, WELL, made_station, made_tracks, made_vehicle, made_view

STALE = Trust(Verdict.STALE, 9.0, "telemetry is 9.0 s old, must be at most 2 s")
MOVING = made_vehicle(velocity_m_s=(0, 2.0, 0))


def names(proposals):
    for proposal in proposals:
        proposal.check()
    return [it.name for it in proposals]


def test_without_a_vehicle_it_only_says_so():
    trust = {**WELL, "vehicle": STALE}
    (found,) = ReferenceAgent().decide(made_view(None, trust=trust, mission="dock"))
    assert (found.type, found.actions) == (ProposalType.DIAGNOSTICS, ())
    assert STALE.reason in found.justification


def test_a_vehicle_that_is_not_known_is_not_steered():
    (found,) = ReferenceAgent().decide(made_view(MOVING, craft=None))
    assert found.actions == ()
    assert "nobody tells what it is made of" in found.justification


@pytest.mark.parametrize("mission", ["hold", "dock", "tea"])
def test_without_a_station_the_place_is_held(mission):
    (found,) = ReferenceAgent().decide(made_view(MOVING, mission=mission))
    assert (found.name, found.type) == ("hold", ProposalType.PLANNING)
    (wrench,) = found.actions
    assert wrench.force_n[1] < -100.0
    assert ("must be one of watch, hold, dock" in found.justification) == (mission == "tea")


def test_who_watches_lets_the_vehicle_go_on_but_evades():
    agent, tracks = ReferenceAgent(), made_tracks(((0, 300, 10), (0, -15, 0)))
    assert agent.decide(made_view(MOVING, mission="watch")) == []
    view = made_view(MOVING, tracks, 100_000_000, mission="watch")
    assert names(agent.decide(view)) == ["evade"]


def test_an_alert_goes_before_an_evasion_and_that_before_the_mission():
    tracks = made_tracks(((0, 300, 10), (0, -15, 0)))
    alert = Alert("R", "", "critical", "RADAR_ALERT_FOE_APPROACH", "", 1, 0, 0, 300.0)
    view = made_view(MOVING, tracks, alerts=(alert,), mission="dock")
    found = ReferenceAgent().decide(view)
    assert names(found) == ["guard-alert", "evade"]
    assert {it.type for it in found} == {ProposalType.SAFETY}
    assert found[0].priority > found[1].priority


def test_after_an_evasion_the_mission_is_taken_up_again():
    agent, station = ReferenceAgent(), made_station((0, 2000, 0))
    both = np.concatenate([station, made_tracks(((0, 300, 10), (0, -15, 0)))])
    both["number"] = [1, 2]
    agent.decide(made_view(MOVING, station, mission="dock"))
    assert agent.docking_phase is DockPhase.TRANSIT
    assert names(agent.decide(made_view(MOVING, both, 100_000_000, mission="dock"))) == ["evade"]
    late_ns = 60_000_000_000
    station = made_station((0, 2000, 0), late_ns)
    found = agent.decide(made_view(MOVING, station, late_ns, mission="dock"))
    assert "dock" in names(found)
    assert agent.docking_phase is DockPhase.TRANSIT


def test_what_it_is_on_its_way_to_is_not_evaded():
    station = made_station((0, 300, 0))
    vehicle = made_vehicle(velocity_m_s=(0, 6.0, 0))
    docks = ReferenceAgent().decide(made_view(vehicle, station, mission="dock"))
    holds = ReferenceAgent().decide(made_view(vehicle, station, mission="hold"))
    assert ("evade" in names(docks), "evade" in names(holds)) == (False, True)


def test_in_safe_mode_it_coasts_for_a_while_and_then_stops():
    agent, found = ReferenceAgent(), {}
    for second in (0.0, COAST_S - 0.1, COAST_S + 0.1):
        view = made_view(MOVING, time_ns=round(second * 1e9), ship=ShipState.SAFE_MODE)
        found[second] = [it for it in agent.decide(view) if it.type is ProposalType.SAFETY]
    assert [names(it) for it in found.values()] == [[], [], ["brake"]]


def test_in_safe_mode_near_the_station_it_stops_at_once():
    agent, station = ReferenceAgent(), made_station((0, 200, 0))
    agent.decide(made_view(MOVING, station, mission="dock"))
    blind = {**WELL, "tracks": STALE}
    view = made_view(MOVING, None, 1, ship=ShipState.SAFE_MODE, trust=blind, mission="dock")
    assert names(agent.decide(view)) == ["brake"]


def test_the_port_is_engaged_at_the_gate_and_asked_for_again_after_a_while():
    agent, commands = ReferenceAgent(), []
    none = DockingView(**{**FREE.__dict__, "port": None})
    for tick in range(50):
        time_ns = tick * 100_000_000
        vehicle = made_vehicle((0, -59.0, 0), docking=none)
        view = made_view(vehicle, made_station((0, 0, 0), time_ns), time_ns, mission="dock")
        actions = [action for it in agent.decide(view) for action in it.actions]
        commands += [(tick, it) for it in actions if isinstance(it, Command)]
    parameters = MappingProxyType({"port": "A"})
    assert [it for _, it in commands] == [Command("sim.dock.engage", parameters)] * len(commands)
    ticks = [tick for tick, _ in commands]
    assert np.diff(ticks).tolist() == [20] * (len(ticks) - 1)
    assert len(ticks) >= 2


def test_what_the_station_holds_is_not_pushed():
    held = DockingView(**{**FREE.__dict__, "phase": "captured"})
    vehicle = made_vehicle(velocity_m_s=(0, 0.05, 0), docking=held)
    threat = made_tracks(((0, 300, 10), (0, -15, 0)))
    found = ReferenceAgent().decide(made_view(vehicle, threat, mission="dock"))
    assert not any(isinstance(action, Wrench) for it in found for action in it.actions)
    assert ReferenceAgent().decide(made_view(vehicle, threat, mission="hold")) == []


def on_the_way(agent, ticks=12, **changes):
    """Return what is proposed at each tick of a vehicle that flies to a station north of it."""
    found = []
    for tick in range(ticks):
        time_ns = tick * 100_000_000
        changes_ = {name: it(tick) if callable(it) else it for name, it in changes.items()}
        view = made_view(
            made_vehicle(velocity_m_s=(0, 2.0, 0), propellant_kg=7.0),
            made_station((0, 500.0, 0), time_ns=time_ns),
            time_ns,
            mission="dock",
            **changes_,
        )
        found.append(agent.decide(view))
    return found


def test_the_way_to_a_station_tells_distance_speed_time_and_propellant():
    docks = [it for tick in on_the_way(ReferenceAgent()) for it in tick if it.name == "dock"]
    assert (
        "station 500 m away, closing 2.00 m/s, 250 s to go, 7.0 kg left" in docks[-1].justification
    )


def test_nothing_but_safety_is_proposed_in_boot_and_the_phase_is_told_behind_it():
    def system(tick):
        return SystemState.BOOTING if tick < 8 else SystemState.IDLE

    ticks = on_the_way(ReferenceAgent(), system=system)
    assert ticks[:8] == [[]] * 8
    told = [it for tick in ticks for it in tick if it.name == "docking-phase"]
    assert [it.justification.split(":")[0] for it in told] == ["SEEK to TRANSIT"]


def test_a_phase_that_nobody_would_hear_of_is_told_when_safe_mode_is_over():
    def ship(tick):
        return ShipState.SAFE_MODE if tick < 8 else ShipState.SHIP_IDLE

    ticks = on_the_way(ReferenceAgent(), ship=ship)
    assert not [it for tick in ticks[:8] for it in tick if it.name == "docking-phase"]
    told = [it for tick in ticks[8:] for it in tick if it.name == "docking-phase"]
    assert len(told) == 1
