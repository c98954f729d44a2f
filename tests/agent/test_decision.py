"""What is carried out of what is proposed: by cases, and by laws that hold for any proposals."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki.agent.decision import ANOTHER_WORLD, MAX_WAITING, REMEMBERED, Decider, Key, Status
from qiki.agent.proposal import Proposal, ProposalType, Switch, Wrench

SECOND_NS = 1_000_000_000
laws = settings(deadline=None)


def proposal(name, type_=ProposalType.PLANNING, **fields):
    return Proposal(name=name, type=type_, justification="why", **fields)


def decide(*proposals, decider=None, time_s=0.0, only_safety=""):
    """Decide on proposals of one agent; return status and reason of each by its name, in order."""
    verdicts = (decider or Decider(0.6)).decide(
        [("a", it) for it in proposals], round(time_s * SECOND_NS), only_safety=only_safety
    )
    return {verdict.key.name: (verdict.status, verdict.reason) for verdict in verdicts}


def carry_out(decider, *proposals, time_ns=0):
    verdicts = decider.decide([("a", it) for it in proposals], time_ns)
    for verdict in verdicts:
        if verdict.status is Status.ACCEPTED:
            decider.executed(verdict)
    return [verdict.key.name for verdict in verdicts if verdict.status is Status.ACCEPTED]


def test_the_order_is_type_then_priority_then_confidence_then_name():
    found = decide(
        proposal("e", priority=0.5, confidence=0.7),
        proposal("b", ProposalType.SAFETY, priority=0.9),
        proposal("f", ProposalType.DIAGNOSTICS, priority=1.0),
        proposal("d", priority=0.5, confidence=0.8),
        proposal("c2", priority=0.9, confidence=0.8),
        proposal("c1", priority=0.9, confidence=0.8),
        proposal("a", ProposalType.SAFETY, priority=1.0),
        proposal("g", ProposalType.EXPLORATION, priority=1.0),
    )
    assert list(found) == ["a", "b", "c1", "c2", "d", "e", "f", "g"]
    assert set(found.values()) == {(Status.ACCEPTED, "")}


def test_of_two_that_use_the_same_the_first_in_order_goes():
    push = (Wrench((1.0, 0.0, 0.0)),)
    found = decide(
        proposal("later", actions=push),
        proposal("first", priority=0.6, actions=push),
        proposal("other", priority=0.1, actions=(Switch("lights", is_on=True),)),
    )
    assert found["first"] == found["other"] == (Status.ACCEPTED, "")
    assert found["later"] == (Status.REJECTED, "conflicts with a/first, which goes first")


@pytest.mark.parametrize("who", ["one", "two"])
def test_two_conflict_where_either_says_so(who):
    links = {who: {"one": ("two",), "two": ("one",)}[who]}
    found = decide(*(proposal(it, conflicts_with=links.get(it, ())) for it in ("one", "two")))
    assert found["one"][0] is Status.ACCEPTED
    assert found["two"] == (Status.REJECTED, "conflicts with a/one, which goes first")


def test_conflicts_reach_over_to_other_agents_and_dependencies_do_not():
    theirs, ours = proposal("go"), proposal("stay", conflicts_with=("go",), priority=0.1)
    waits = proposal("then", depends_on=("go",))
    verdicts = Decider(0.6).decide([("b", theirs), ("a", ours), ("a", waits)], 0)
    found = {str(verdict.key): (verdict.status, verdict.reason) for verdict in verdicts}
    assert found == {
        "b/go": (Status.ACCEPTED, ""),
        "a/stay": (Status.REJECTED, "conflicts with b/go, which goes first"),
        "a/then": (Status.PENDING, "waits for a/go"),
    }


def test_confidence_below_the_threshold_is_rejected():
    found = decide(proposal("at", confidence=0.6), proposal("below", confidence=0.59))
    assert found["at"][0] is Status.ACCEPTED
    assert found["below"] == (Status.REJECTED, "confidence is 0.59, must be at least 0.6")


def test_a_rejected_one_is_in_nobodys_way():
    found = decide(
        proposal("unsure", priority=1.0, confidence=0.1, conflicts_with=("sure",)),
        proposal("sure"),
    )
    assert found["sure"][0] is Status.ACCEPTED


def test_only_safety_is_carried_out_where_it_is_told():
    found = decide(
        proposal("flee", ProposalType.SAFETY), proposal("go"), only_safety="the ship is in X"
    )
    assert found["flee"][0] is Status.ACCEPTED
    assert found["go"] == (Status.REJECTED, "only SAFETY is carried out: the ship is in X")


def test_a_dependency_goes_first_however_low_its_priority():
    found = decide(
        proposal("dock", priority=1.0, depends_on=("align",)),
        proposal("align", ProposalType.EXPLORATION, priority=0.0),
        proposal("other", priority=0.5),
    )
    assert list(found) == ["other", "align", "dock"]
    assert {status for status, _ in found.values()} == {Status.ACCEPTED}


def test_what_depends_waits_until_the_other_was_carried_out():
    decider = Decider(0.6)
    dock = proposal("dock", depends_on=("align", "slow"), valid_s=10.0)
    assert decide(dock, decider=decider)["dock"] == (Status.PENDING, "waits for a/align, a/slow")
    assert carry_out(decider, proposal("slow")) == ["slow"]
    assert decide(decider=decider)["dock"] == (Status.PENDING, "waits for a/align")
    assert carry_out(decider, proposal("align")) == ["align", "dock"]
    assert decide(decider=decider) == {}


def test_what_was_accepted_but_not_carried_out_does_not_count():
    decider = Decider(0.6)
    assert decide(proposal("align"), decider=decider)["align"][0] is Status.ACCEPTED
    waits = proposal("dock", depends_on=("align",))
    assert decide(waits, decider=decider)["dock"][0] is Status.PENDING


def test_what_waits_expires_after_its_time():
    decider = Decider(0.6)
    waits = proposal("dock", depends_on=("align",), valid_s=1.5)
    assert decide(waits, decider=decider, time_s=5.0)["dock"][0] is Status.PENDING
    assert decide(decider=decider, time_s=6.5)["dock"][0] is Status.PENDING
    expired = decide(decider=decider, time_s=6.500000001)["dock"]
    assert expired == (Status.EXPIRED, "valid for 1.5 s, which are over; waited for a/align")
    assert decide(decider=decider, time_s=7.0) == {}


def test_a_proposal_made_again_begins_anew():
    decider = Decider(0.6)
    waits = proposal("dock", depends_on=("align",))
    for time_s in (0.0, 0.9, 1.8):
        assert decide(waits, decider=decider, time_s=time_s)["dock"][0] is Status.PENDING
    unsure = proposal("dock", confidence=0.1)
    assert decide(unsure, decider=decider, time_s=2.0)["dock"][0] is Status.REJECTED


def test_a_circle_waits_until_it_expires():
    decider = Decider(0.6)
    circle = [proposal(it, depends_on=(other,)) for it, other in ("ab", "bc", "ca")]
    behind = proposal("behind", depends_on=("a",), priority=1.0)
    found = decide(*circle, behind, proposal("free", priority=0.0), decider=decider)
    assert found.pop("free")[0] is Status.ACCEPTED
    assert {status for status, _ in found.values()} == {Status.PENDING}
    found = decide(decider=decider, time_s=1.1)
    assert {status for status, _ in found.values()} == {Status.EXPIRED}


def test_too_many_that_wait_lose_the_oldest():
    decider = Decider(0.6)

    def waiting(name, priority=0.5):
        return proposal(name, depends_on=("never",), valid_s=60.0, priority=priority)

    old = [waiting("old1", 0.1), waiting("old2", 0.9)]
    assert len(decide(*old, decider=decider)) == 2
    new = [waiting(f"n{i}") for i in range(MAX_WAITING - 1)]
    found = decide(*new, decider=decider, time_s=1.0)
    rejected = {name: reason for name, (status, reason) in found.items() if status != "PENDING"}
    assert rejected == {"old1": f"more than {MAX_WAITING} proposals wait: it is among the oldest"}
    assert len(found) == MAX_WAITING + 1
    assert set(decide(decider=decider, time_s=2.0)) == {"old2", *(it.name for it in new)}


def test_many_that_do_not_wait_are_none_too_many():
    found = decide(*(proposal(f"p{i}") for i in range(3 * MAX_WAITING)))
    assert Counter(status for status, _ in found.values()) == {Status.ACCEPTED: 3 * MAX_WAITING}


def test_what_was_carried_out_long_ago_is_forgotten():
    decider = Decider(0.6)
    carry_out(decider, proposal("align"), proposal("again"))
    for tick in range(1, REMEMBERED):
        carry_out(decider, proposal(f"p{tick}"), proposal("again"))
    waits = [proposal(f"on-{it}", depends_on=(it,)) for it in ("align", "again", "p1")]
    found = decide(*waits, decider=decider)
    assert found["on-align"][0] is Status.PENDING
    assert found["on-again"][0] is found["on-p1"][0] is Status.ACCEPTED


def test_another_world_begins_with_nothing():
    decider = Decider(0.6)
    carry_out(decider, proposal("align"))
    decide(proposal("later", depends_on=("never",)), decider=decider)
    decider.forget([("a", proposal("not-judged"))])
    found = decide(proposal("dock", depends_on=("align",)), decider=decider)
    ended = (Status.EXPIRED, ANOTHER_WORLD)
    waits = (Status.PENDING, "waits for a/align")
    assert found == {"later": ended, "not-judged": ended, "dock": waits}
    assert set(decide(decider=decider)) == {"dock"}  # told once


NAMES = ["p", "q", "r", "s", "t"]
LINKS = st.lists(st.sampled_from(NAMES), max_size=2).map(tuple)
TENTHS = st.integers(0, 10).map(lambda tenths: tenths / 10)
ACTIONS = st.sampled_from(
    [(), (), (Wrench(),), (Switch("lights", is_on=True),), (Wrench(), Switch("dock", is_on=True))]
)
PROPOSALS = st.builds(
    Proposal,
    name=st.sampled_from(NAMES),
    type=st.sampled_from(ProposalType),
    justification=st.just("why"),
    priority=TENTHS,
    confidence=TENTHS,
    actions=ACTIONS,
    valid_s=st.sampled_from([0.5, 1.0, 2.0]),
    depends_on=LINKS,
    conflicts_with=LINKS,
)
TICKS = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["a", "b"]), PROPOSALS),
        max_size=8,
        unique_by=lambda pair: (pair[0], pair[1].name),
    ),
    min_size=1,
    max_size=4,
)


def run(ticks, only_safety=""):
    """Yield what each tick proposes and decides; every other accepted one is carried out."""
    decider = Decider(0.6)
    for tick, proposed in enumerate(ticks):
        verdicts = decider.decide(proposed, tick * SECOND_NS, only_safety=only_safety)
        done = [verdict for verdict in verdicts if verdict.status is Status.ACCEPTED][::2]
        yield proposed, verdicts, done
        for verdict in done:
            decider.executed(verdict)


@laws
@given(TICKS)
def test_every_proposal_gets_one_verdict_a_tick(ticks):
    waiting = set()
    for proposed, verdicts, _ in run(ticks):
        keys = [verdict.key for verdict in verdicts]
        new = {Key(agent, it.name): it for agent, it in proposed}
        assert Counter(keys) == Counter(waiting | set(new))
        for verdict in verdicts:
            assert verdict.proposal is new.get(verdict.key, verdict.proposal)
        waiting = {verdict.key for verdict in verdicts if verdict.status is Status.PENDING}


@laws
@given(TICKS)
def test_what_is_accepted_never_conflicts(ticks):
    for _, verdicts, _ in run(ticks):
        accepted = [verdict for verdict in verdicts if verdict.status is Status.ACCEPTED]
        for place, one in enumerate(accepted):
            for other in accepted[:place]:
                assert one.key.name not in other.proposal.conflicts_with
                assert other.key.name not in one.proposal.conflicts_with
                assert not one.proposal.claims & other.proposal.claims


@laws
@given(TICKS)
def test_what_is_accepted_has_all_it_depends_on(ticks):
    executed = set()
    for _, verdicts, done in run(ticks):
        before = set(executed)
        for verdict in verdicts:
            needs = {Key(verdict.key.agent, name) for name in verdict.proposal.depends_on}
            if verdict.status is Status.ACCEPTED:
                assert needs <= before
                before.add(verdict.key)
            elif verdict.status is Status.PENDING:
                assert needs - before
        executed |= {verdict.key for verdict in done}


@laws
@given(TICKS)
def test_nothing_is_rejected_without_a_cause(ticks):
    for _, verdicts, _ in run(ticks):
        accepted = []
        for verdict in verdicts:
            it = verdict.proposal
            if verdict.status is Status.ACCEPTED:
                accepted.append(verdict)
            elif verdict.status is Status.REJECTED and it.confidence >= 0.6:
                assert any(
                    it.claims & rival.proposal.claims
                    or verdict.key.name in rival.proposal.conflicts_with
                    or rival.key.name in it.conflicts_with
                    for rival in accepted
                )
                assert verdict.reason.startswith("conflicts with ")


@laws
@given(TICKS)
def test_only_safety_lets_nothing_else_through(ticks):
    for _, verdicts, _ in run(ticks, only_safety="so it is"):
        for verdict in verdicts:
            if verdict.proposal.type is not ProposalType.SAFETY:
                assert verdict.status in {Status.REJECTED, Status.EXPIRED}


@laws
@given(TICKS, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(ticks, random):
    shuffled = [random.sample(proposed, len(proposed)) for proposed in ticks]
    decided = [verdicts for _, verdicts, _ in run(ticks)]
    assert [verdicts for _, verdicts, _ in run(shuffled)] == decided


@laws
@given(st.randoms(use_true_random=False))
def test_nor_does_it_where_too_many_wait(random):
    many = [
        ("a", proposal(f"p{i}", priority=i % 7 / 10, depends_on=("never",)))
        for i in range(MAX_WAITING + 20)
    ]
    verdicts = Decider(0.6).decide(many, 0)
    assert Decider(0.6).decide(random.sample(many, len(many)), 0) == verdicts
    assert Counter(it.status for it in verdicts) == {"PENDING": MAX_WAITING, "REJECTED": 20}
