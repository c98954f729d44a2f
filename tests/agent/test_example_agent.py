"""The agent of docs/agent-sdk.md: it is the example, does what the page says, and keeps away."""

import re
import sys

import numpy as np
import pytest

from qiki.agent import Proposal, Wrench, sample_tracks, sample_vehicle, sample_view
from qiki.agent import proposal as limits
from qiki.agent.agent_message import MAX_ANSWER_BYTES, MAX_PROPOSALS
from qiki.agent.contained import FORGIVEN_AFTER, AgentLimits, ContainedAgent
from qiki.agent.decision import MAX_WAITING, Status
from qiki.agent.loading import GROUP, load_agent
from qiki.agent.running_agent import MAX_LINE, MAX_LINES
from qiki.agent.situation import SituationKind
from qiki.agent.trust import Verdict
from qiki.agent.view import View
from qiki.tracking import FriendFoe
from tests.source_tree import ROOT

EXAMPLE = ROOT / "examples/agent/keep_away.py"
SPEC = f"{EXAMPLE}:KeepAway"
PAGE = (ROOT / "docs/agent-sdk.md").read_text()
MASS_KG = 312.0


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def rows(heading):
    """Return the first column of the table behind a heading, by word."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (.*?) \|", section, re.MULTILINE)
    return [word for cell in cells for word in re.findall(r"`(\w+)", cell)]


def test_the_page_shows_the_example():
    assert blocks("python")[0] == EXAMPLE.read_text()


def test_the_test_of_the_page_passes(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLE.parent)
    try:
        exec(compile(blocks("python")[1], "agent-sdk.md", "exec"), {})
    finally:
        del sys.modules["keep_away"]


def test_the_page_has_every_field_and_the_limits_that_hold():
    assert set(rows("What a view holds")) == set(View.__dataclass_fields__)
    found = rows("What a proposal may be")
    actions = ["Wrench", "Switch", "Command", "EnterSafeMode"]
    assert found == [*Proposal.__struct_fields__, *actions]
    verdicts = set(rows("How it is decided"))
    assert verdicts == {it.value for it in Status} - {"EXECUTED", "FAILED"}
    for name in (*SituationKind, *Verdict, *limits.ProposalType.__members__):
        assert f"`{name}`" in PAGE
    assert f'entry-points."{GROUP}"' in PAGE
    text = " ".join(PAGE.split())
    assert f"more than {MAX_PROPOSALS}, or more than {MAX_ANSWER_BYTES // 1024} KiB" in text
    assert f"more than {MAX_WAITING} that wait" in text
    assert f"1 to {limits.MAX_JUSTIFICATION} characters" in text
    assert f"| 0 to {limits.MAX_ACTIONS} |" in text
    assert text.count(f"0 to {limits.MAX_LINKS} names") == 2
    assert f"{MAX_LINES} at once at most, of {MAX_LINE} bytes" in text
    pauses = AgentLimits()
    assert f"pause of {pauses.first_pause_s:g} s" in text
    assert f"to {pauses.longest_pause_s:g} s; after {FORGIVEN_AFTER} answers" in text


@pytest.mark.parametrize(
    "view",
    [
        sample_view(),
        sample_view(vehicle=None, tracks=sample_tracks([[10.0, 0.0, 0.0]])),
        sample_view(tracks=sample_tracks([[501.0, 0.0, 0.0]])),
        sample_view(tracks=sample_tracks([[10.0, 0.0, 0.0]], friend_foe=FriendFoe.FRIEND)),
    ],
)
def test_where_nobody_unknown_is_near_nothing_is_proposed(view):
    assert load_agent(SPEC).decide(view) == []


def test_it_says_why():
    tracks = sample_tracks([[400.0, 0.0, 0.0], [0.0, 300.0, 0.0]])
    (proposal,) = load_agent(SPEC).decide(sample_view(tracks=tracks))
    proposal.check()
    assert proposal.justification == "unknown contact 2 is at 300 m, must be at least 500 m away"
    np.testing.assert_allclose(proposal.actions[0].force_n, [0.0, -200.0, 0.0])


async def test_it_works_where_agents_work():
    agent = ContainedAgent("KeepAway", SPEC, AgentLimits(answer_s=60.0))
    await agent.start()
    try:
        view = sample_view(tracks=sample_tracks([[0.0, 300.0, 0.0]]))
        (proposal,) = (await agent.decide(view)).proposals
        assert proposal.actions == (Wrench((0.0, -200.0, 0.0), duration_s=1.0),)
        assert (await agent.decide(sample_view())) == ([], None)
    finally:
        await agent.stop()


@pytest.mark.parametrize("heading_rad", [0.0, 2.0])
@pytest.mark.parametrize("place_m", [(200.0, 100.0, 0.0), (-50.0, 30.0, 80.0)])
def test_it_gets_away(heading_rad, place_m):
    """A body that is pushed as proposed is far enough after a minute, and further on."""
    agent, place, speed = load_agent(SPEC), np.zeros(3), np.zeros(3)
    tracks, period_s = sample_tracks([place_m]), 0.5
    for _ in range(200):
        vehicle = sample_vehicle(
            position_m=place, velocity_m_s=speed, heading_rad=heading_rad, pitch_rad=0.3
        )
        for proposal in agent.decide(sample_view(tracks=tracks, vehicle=vehicle)):
            force_n = vehicle.attitude @ proposal.actions[0].force_n
            speed = speed + force_n / MASS_KG * period_s
        place = place + speed * period_s
    assert np.linalg.norm(place - place_m) > 500.0
    assert 4.5 < np.linalg.norm(speed) < 6.0  # of 23 m/s that there are in all


def test_who_leaves_fast_enough_is_not_pushed_from():
    tracks = sample_tracks([[300.0, 0.0, 0.0]])
    leaving = sample_vehicle(velocity_m_s=np.array([-5.5, 0.0, 0.0]))
    assert load_agent(SPEC).decide(sample_view(tracks=tracks, vehicle=leaving)) == []
    coming = sample_vehicle(velocity_m_s=np.array([5.5, 0.0, 0.0]))
    assert load_agent(SPEC).decide(sample_view(tracks=tracks, vehicle=coming))


def test_a_reserve_of_propellant_is_kept():
    tracks, low = sample_tracks([[300.0, 0.0, 0.0]]), sample_vehicle(propellant_kg=3.9)
    assert load_agent(SPEC).decide(sample_view(tracks=tracks, vehicle=low)) == []
