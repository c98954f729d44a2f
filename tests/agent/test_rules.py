"""The rules: the original's rows, what has no row, and that nothing is said twice."""

from uuid import UUID

import pytest

from qiki.agent.alert import Alert
from qiki.agent.proposal import EnterSafeMode, ProposalType
from qiki.agent.rules import LISTED, RULES, Rules
from qiki.agent.situation import Situation, SituationKind
from qiki.agent.trust import Trust, Verdict
from qiki.errors import GuardRulesError
from qiki.tracking import GuardRules
from qiki.yaml_document import YamlDocument
from tests.agent.made_view import WELL, made_view

# The original's, of its section 6.3.
CRITICAL = (
    "RADAR_ALERT_UNKNOWN_CLOSE",
    "RADAR_ALERT_TRANSPONDER_SPOOF",
    "RADAR_ALERT_TRANSPONDER_OFF",
    "RADAR_ALERT_HOSTILE_APPROACH",
    "RADAR_ALERT_FOE_APPROACH",
)
WARNING = ("RADAR_ALERT_SPOOF", "RADAR_WARNING_UNKNOWN_PROXIMITY")


def alert(event, severity="warning", number=1, time_ns=0):
    track_id = str(UUID(int=number))
    return Alert("RULE", "title", severity, event, track_id, number, time_ns, 0, 50.0)


def situation(kind, severity="warning", number=1, until_ns=0):
    track_id = str(UUID(int=number))
    return Situation(kind, severity, track_id, number, 5, 9, 100.0, 3.0, 4.0, 50.0, until_ns)


@pytest.mark.parametrize("event", CRITICAL)
def test_the_original_s_alerts_are_answered_by_safe_mode_at_each_tick(event):
    rules = Rules()
    for _ in range(3):
        (found,) = rules.look(made_view(alerts=(alert(event),)))
        assert (found.type, found.priority, found.confidence) == (ProposalType.SAFETY, 0.99, 1.0)
        assert found.actions == (EnterSafeMode("RULE of track 1"),)
        found.check()


@pytest.mark.parametrize("event", WARNING)
def test_the_original_s_warnings_are_diagnosed_once(event):
    rules, view = Rules(), made_view(alerts=(alert(event),))
    (found,) = rules.look(view)
    assert (found.type, found.priority, found.confidence) == (ProposalType.DIAGNOSTICS, 0.5, 0.6)
    assert found.actions == ()
    assert rules.look(view) == []
    later = made_view(alerts=(alert(event, time_ns=7),))  # raised anew
    assert len(rules.look(later)) == 1


@pytest.mark.parametrize(
    ("severity", "kind", "is_safe_mode"),
    [
        ("critical", ProposalType.SAFETY, True),
        ("warning", ProposalType.DIAGNOSTICS, False),
        ("info", ProposalType.DIAGNOSTICS, False),
    ],
)
def test_an_alert_of_another_name_goes_by_its_severity(severity, kind, is_safe_mode):
    (found,) = Rules().look(made_view(alerts=(alert("MY_OWN", severity),)))
    assert (found.type, bool(found.actions)) == (kind, is_safe_mode)


def test_every_rule_of_the_guard_s_own_file_is_answered():
    text = GuardRules.built_in_text("default")
    for rule in YamlDocument(text, GuardRulesError).values["rules"]:
        view = made_view(alerts=(alert(rule["fsm_event"], rule["severity"]),))
        (found,) = Rules().look(view)
        is_critical = rule["severity"] == "critical"
        assert (found.type is ProposalType.SAFETY) == is_critical, rule["id"]


@pytest.mark.parametrize("kind", SituationKind)
def test_every_situation_is_told_once_and_again_when_it_becomes_worse(kind):
    rules = Rules()
    views = [made_view(situations=(situation(kind, it),)) for it in ("warning", "critical")]
    assert [len(rules.look(view)) for view in (*views, views[1])] == [1, 1, 0]


def test_a_situation_that_somebody_has_in_hand_is_not_told():
    seen = situation(SituationKind.CPA_RISK, until_ns=10)
    assert Rules().look(made_view(situations=(seen,), time_ns=9)) == []
    assert len(Rules().look(made_view(situations=(seen,), time_ns=10))) == 1


@pytest.mark.parametrize(
    ("verdict", "count"), [(Verdict.OK, 0), (Verdict.NO_DATA, 0), (Verdict.STALE, 1)]
)
def test_a_bios_that_is_not_well_is_answered_by_safe_mode(verdict, count):
    trust = {**WELL, "bios": Trust(verdict, 9.0, "the radar is broken")}
    found = Rules().look(made_view(trust=trust))
    assert [it.actions for it in found] == [(EnterSafeMode("the radar is broken"),)] * count


def test_a_thousand_alerts_make_one_proposal_that_can_be_sent():
    alerts = tuple(alert("RADAR_ALERT_SPOOF", number=number) for number in range(1, 1001))
    (found,) = Rules().look(made_view(alerts=alerts))
    found.check()
    assert found.justification.count("of track") == LISTED
    assert found.justification.endswith(f"and {1000 - LISTED} more")


def test_no_name_stands_in_two_rows():
    names = [(rule.of, name) for rule in RULES for name in rule.names]
    assert len(names) == len(set(names))
    assert len({rule.name for rule in RULES}) == len(RULES)
