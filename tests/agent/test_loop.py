"""One tick as a whole: what is not trusted is not shown, what fails leads to safe mode."""

import pickle
from types import MappingProxyType

import numpy as np
import pytest

from qiki.agent.decision import Key, Status
from qiki.agent.loop import DOCKING, AgentLoop, Failure, Known
from qiki.agent.proposal import (
    Command,
    EnterSafeMode,
    Proposal,
    ProposalType,
    Switch,
    Wrench,
)
from qiki.agent.sample_view import ALL_IS_WELL, sample_tracks, sample_vehicle
from qiki.agent.situation import SituationKind, SituationLimits
from qiki.agent.trust import Trust, Verdict

STALE = Trust(Verdict.STALE, 9.0, "it is old")
NEAR = sample_tracks([[100.0, 0.0, 0.0]])


def known(tick=0, **changes):
    values = {
        "time_ns": tick * 500_000_000,
        "period_s": 0.5,
        "tracks": NEAR,
        "vehicle": sample_vehicle(),
        "raised": (),
        "standing": (),
        "trust": ALL_IS_WELL,
        "mission": "hold",
    }
    return Known(**values | changes)


def proposal(name="p", *actions, **fields):
    fields = {"type": ProposalType.PLANNING, "justification": "why"} | fields
    return Proposal(name=name, actions=actions, **fields)


def new_loop():
    return AgentLoop(situations=SituationLimits(confirm_ticks=1))


def tick(loop, *proposals, failures=None, **changes):
    view = loop.look(known(**changes))
    decision = loop.decide([("a", it) for it in proposals])
    return view, decision, loop.finish(decision, failures or {})


UNANSWERED = Failure("no answer", is_refused=False)


def statuses(decision):
    return {str(verdict.key): verdict.status for verdict in decision.verdicts}


def test_ticks_are_counted_and_a_view_can_go_to_another_process():
    loop = new_loop()
    views = [tick(loop, tick=number, trust=MappingProxyType(ALL_IS_WELL))[0] for number in (0, 1)]
    assert [view.tick for view in views] == [0, 1]
    read = pickle.loads(pickle.dumps(views[1]))
    assert (read.time_ns, read.ship, read.situations) == (500_000_000, "SHIP_IDLE", read.situations)
    assert read.tracks.tobytes() == NEAR.tobytes()
    assert [it.kind for it in read.situations] == [SituationKind.UNKNOWN_NEARBY]


def test_what_is_not_trusted_is_not_shown():
    loop = new_loop()
    view, _, _ = tick(loop)
    assert (len(view.tracks), len(view.situations), view.vehicle is None) == (1, 1, False)
    view, _, _ = tick(loop, trust={**ALL_IS_WELL, "tracks": STALE}, tick=1)
    assert (len(view.tracks), len(view.situations), view.vehicle is None) == (0, 0, False)
    assert (view.ship, view.safe_mode_reason) == ("SAFE_MODE", "it is old")
    view, _, _ = tick(loop, trust={**ALL_IS_WELL, "vehicle": STALE}, tick=2)
    assert (len(view.tracks), len(view.situations), view.vehicle is None) == (1, 0, True)


def test_a_source_that_is_not_trusted_ends_no_situation():
    """What could not be seen is neither gone nor lost."""
    loop = new_loop()
    tick(loop)
    for number in range(1, 20):
        _, _, changes = tick(loop, tick=number, trust={**ALL_IS_WELL, "tracks": STALE})
        assert changes.situations == []
    view, _, changes = tick(loop, tick=20)
    assert (len(view.situations), changes.situations) == (1, [])


def test_nonsense_is_told_and_the_rest_is_decided():
    loop = new_loop()
    _, decision, _ = tick(loop, proposal("good"), proposal("bad", priority=2.0), proposal("good"))
    assert statuses(decision) == {"a/good": Status.ACCEPTED}
    assert decision.nonsense == [
        ("a", "bad: priority is 2.0, must be 0 to 1"),
        ("a", "good: twice at one tick, must be there once"),
    ]


def test_two_agents_may_use_one_name():
    loop = new_loop()
    loop.look(known())
    decision = loop.decide([("a", proposal("p")), ("b", proposal("p"))])
    assert statuses(decision) == {"a/p": Status.ACCEPTED, "b/p": Status.ACCEPTED}


def test_in_safe_mode_only_safety_is_carried_out():
    loop = new_loop()
    flee = proposal("flee", Wrench(), type=ProposalType.SAFETY)
    _, decision, _ = tick(loop, proposal("go"), flee, trust={**ALL_IS_WELL, "bios": STALE})
    # The loop would stop the thrusters, but whoever flees has them first.
    assert statuses(decision) == {
        "a/flee": Status.ACCEPTED,
        "qiki/cease": Status.REJECTED,
        "a/go": Status.REJECTED,
    }
    assert decision.verdicts[2].reason.endswith("the ship is in SAFE_MODE")


def test_thrusters_are_stopped_once_in_each_safe_mode_until_it_is_done():
    loop, stale = new_loop(), {**ALL_IS_WELL, "tracks": STALE}
    ceased = []
    for number, trust in enumerate([ALL_IS_WELL, stale, stale, stale, *[ALL_IS_WELL] * 3, stale]):
        failures = {Key("qiki", "cease"): UNANSWERED} if number == 1 else {}
        _, decision, _ = tick(loop, trust=trust, failures=failures, tick=number)
        if statuses(decision).get("qiki/cease") is Status.ACCEPTED:
            ceased.append(number)
    assert ceased == [1, 2, 7]


def test_before_anything_is_known_only_safety_is_carried_out():
    loop = new_loop()
    nothing = dict.fromkeys(ALL_IS_WELL, Trust(Verdict.NO_DATA))
    _, decision, _ = tick(loop, proposal("go"), trust=nothing)
    assert decision.verdicts[0].reason.endswith("the system is in BOOTING")


def test_a_stopped_ship_carries_out_safety_alone():
    loop = new_loop()
    tick(loop)
    loop.conduct.stop("the operator")
    _, decision, _ = tick(loop, proposal("go"), tick=1)
    assert statuses(decision) == {"qiki/cease": Status.ACCEPTED, "a/go": Status.REJECTED}
    assert decision.verdicts[1].reason.endswith("the ship is in EMERGENCY_STOP")


def test_what_fails_leads_to_safe_mode_and_nothing_may_depend_on_it():
    loop = new_loop()
    tick(loop)
    failures = {Key("a", "align"): UNANSWERED}
    _, _, changes = tick(loop, proposal("align", Wrench()), failures=failures, tick=1)
    reason = "a/align failed: no answer"
    assert [(it.to_state, it.reason) for it in changes.moves[-1:]] == [("SAFE_MODE", reason)]
    dock = proposal("dock", depends_on=("align",), type=ProposalType.SAFETY)
    view, decision, _ = tick(loop, dock, tick=2)
    assert view.safe_mode_reason == reason
    assert statuses(decision) == {"a/dock": Status.PENDING, "qiki/cease": Status.ACCEPTED}


@pytest.mark.parametrize(
    ("kind", "refused", "state"),
    [
        (ProposalType.PLANNING, True, "FLIGHT_MANEUVERING"),
        (ProposalType.SAFETY, True, "SAFE_MODE"),
        (ProposalType.PLANNING, False, "SAFE_MODE"),
    ],
)
def test_what_is_refused_is_the_fault_of_its_agent_unless_safety_is_at_stake(kind, refused, state):
    loop = new_loop()
    tick(loop)
    bad = proposal("odd", Switch("flux", is_on=True), type=kind)
    failures = {Key("a", "odd"): Failure("no such actuator", is_refused=refused)}
    tick(loop, bad, proposal("push", Wrench()), failures=failures, tick=1)
    assert loop.conduct.ship == state


def test_once_stopped_no_agent_has_the_thrusters_not_even_to_evade():
    loop = new_loop()
    flee = proposal("flee", Wrench(), type=ProposalType.SAFETY, priority=1.0)
    tick(loop, flee)
    loop.conduct.stop("the operator")
    for number in range(1, 4):
        _, decision, _ = tick(loop, flee, tick=number)
        found = statuses(decision)
        assert found["a/flee"] is Status.REJECTED
        assert found.get("qiki/cease") is (Status.ACCEPTED if number == 1 else None)
    reasons = [it.reason for it in decision.verdicts]
    assert reasons == ["the operator has stopped the vehicle"]


def test_who_fires_in_safe_mode_is_stopped_when_it_does_no_more():
    loop, stale = new_loop(), {**ALL_IS_WELL, "tracks": STALE}
    flee = proposal("flee", Wrench(duration_s=3600.0), type=ProposalType.SAFETY)
    tick(loop)
    ceased = []
    for number, made in enumerate([(), (flee,), (), ()], start=1):
        _, decision, _ = tick(loop, *made, trust=stale, tick=number)
        ceased.append(statuses(decision).get("qiki/cease"))
    assert ceased == [Status.ACCEPTED, None, Status.ACCEPTED, None]


def test_an_agent_may_ask_for_safe_mode():
    loop = new_loop()
    tick(loop)
    asked = proposal("out", EnterSafeMode("I am lost"), type=ProposalType.SAFETY)
    for number in range(1, 6):  # as long as it asks, good ticks or not
        tick(loop, asked, tick=number)
        assert (loop.conduct.ship, loop.conduct.safe_mode_reason) == ("SAFE_MODE", "I am lost")


@pytest.mark.parametrize(
    ("made", "state"),
    [
        (proposal("p", Wrench()), "FLIGHT_MANEUVERING"),
        (proposal("p", Command("sim.rcs.fire", {"axis": "aft"})), "FLIGHT_MANEUVERING"),
        (proposal("p", Command("sim.xpdr.mode", {"mode": "ON"})), "SHIP_IDLE"),
        (proposal("p", Wrench(), metadata={DOCKING: "align"}), "DOCKING_APPROACH"),
        (proposal("p"), "SHIP_IDLE"),
    ],
)
def test_the_ship_does_what_is_carried_out(made, state):
    loop = new_loop()
    tick(loop)
    tick(loop, made, tick=1)
    assert loop.conduct.ship == state


def test_moves_and_changes_are_told_once():
    loop = new_loop()
    _, _, changes = tick(loop)
    assert [move.to_state for move in changes.moves] == ["IDLE", "SHIP_IDLE"]
    assert [change.what for change in changes.situations] == ["created"]
    assert tick(loop, tick=1)[2] == ([], [])


def test_a_tick_begins_with_a_look():
    with pytest.raises(RuntimeError, match="look"):
        new_loop().decide([])


def test_another_world_begins_with_nothing():
    loop = new_loop()
    tick(loop, proposal("align"))
    loop.forget()
    _, decision, changes = tick(loop, proposal("p", depends_on=("align",)), tracks=NEAR[:0], tick=1)
    assert statuses(decision) == {"a/p": Status.PENDING}
    assert changes.situations == []
    loop.forget([("a", proposal("late")), ("a", proposal("bad", priority=7.0))])
    _, decision, _ = tick(loop, tracks=NEAR[:0], tick=2)
    assert statuses(decision) == {"a/p": Status.EXPIRED, "a/late": Status.EXPIRED}


def test_who_coasts_on_the_way_to_a_port_is_still_on_approach():
    loop, moving = new_loop(), sample_vehicle(velocity_m_s=np.array([0.0, 2.0, 0.0]))
    push = proposal("dock", Wrench(), metadata=MappingProxyType({DOCKING: "TRANSIT"}))
    ship = []
    for n, proposals in enumerate([[push], [], [], [push], []]):
        tick(loop, *proposals, tick=n, vehicle=moving, mission="dock", tracks=NEAR[:0])
        ship.append(loop.conduct.ship)
    assert set(ship) == {"DOCKING_APPROACH"}
    tick(loop, tick=5, vehicle=moving, mission="hold", tracks=NEAR[:0])
    assert loop.conduct.ship == "FLIGHT_CRUISE"
