"""The rules of the reference agent: what each alert, situation and fault of a device leads to.

The first three rows and their numbers are the original's. What a rule of a guard is called in
``fsm_event`` finds its row; an alert of another name goes by its severity. Rows of the type SAFETY
propose at each tick while what they tell of is there, all others once, when it begins or becomes
worse.
"""

from collections.abc import Iterator
from types import MappingProxyType
from typing import NamedTuple

from qiki.agent.alert import Alert
from qiki.agent.proposal import MAX_JUSTIFICATION, EnterSafeMode, Proposal, ProposalType
from qiki.agent.situation import Situation
from qiki.agent.trust import Verdict
from qiki.agent.view import View

LISTED = 8  # tracks that a proposal names


class Rule(NamedTuple):
    """One row.

    Attributes
    ----------
    name : of its proposals.
    of : ``bios``, ``alert``, ``severity`` or ``situation``.
    names : `fsm_event`, severities or kinds that it is for.
    type, priority, confidence : of its proposals.
    is_safe_mode : whether it puts the ship into safe mode, which is the original's SET_MODE.
    """

    name: str
    of: str
    names: tuple[str, ...]
    type: ProposalType
    priority: float
    confidence: float
    is_safe_mode: bool = False


RULES = (
    Rule("bios", "bios", (), ProposalType.SAFETY, 0.99, 1.0, True),
    Rule(
        "guard-alert",
        "alert",
        (
            "RADAR_ALERT_UNKNOWN_CLOSE",
            "RADAR_ALERT_TRANSPONDER_SPOOF",
            "RADAR_ALERT_TRANSPONDER_OFF",
            "RADAR_ALERT_HOSTILE_APPROACH",
            "RADAR_ALERT_FOE_APPROACH",
        ),
        ProposalType.SAFETY,
        0.99,
        1.0,
        True,
    ),
    Rule(
        "guard-warning",
        "alert",
        ("RADAR_ALERT_SPOOF", "RADAR_WARNING_UNKNOWN_PROXIMITY"),
        ProposalType.DIAGNOSTICS,
        0.5,
        0.6,
    ),
    Rule("other-critical", "severity", ("critical",), ProposalType.SAFETY, 0.99, 1.0, True),
    Rule("other-alert", "severity", ("warning", "info"), ProposalType.DIAGNOSTICS, 0.5, 0.6),
    Rule("approach", "situation", ("CPA_RISK",), ProposalType.DIAGNOSTICS, 0.6, 0.8),
    Rule("identity", "situation", ("IDENTITY_MISMATCH",), ProposalType.DIAGNOSTICS, 0.5, 0.6),
    Rule(
        "contact",
        "situation",
        ("CLOSING_FAST", "UNKNOWN_NEARBY", "CONTACT_LOST"),
        ProposalType.DIAGNOSTICS,
        0.4,
        0.6,
    ),
)


class Fact(NamedTuple):
    """What a rule was met by.

    Attributes
    ----------
    key : by which it is the same at the next tick.
    text : in words, with the numbers.
    """

    key: tuple[str, ...]
    text: str


class Rules:
    """The table, and what was said by it already."""

    def __init__(self) -> None:
        self._said: frozenset[tuple[str, ...]] = frozenset()

    def look(self, view: View) -> list[Proposal]:
        """Return what the rules propose for a view."""
        found = {rule: list(_facts(rule, view)) for rule in RULES}
        said, self._said = self._said, frozenset(it.key for all_ in found.values() for it in all_)
        proposals = []
        for rule, facts in found.items():
            is_safety = rule.type is ProposalType.SAFETY
            if told := [fact for fact in facts if is_safety or fact.key not in said]:
                proposals.append(_proposal(rule, told))
        return proposals


def _facts(rule: Rule, view: View) -> Iterator[Fact]:
    if rule.of == "bios":
        trust = view.trust["bios"]
        if not trust.is_ok and trust.verdict is not Verdict.NO_DATA:
            yield Fact(("bios", trust.verdict), trust.reason or str(trust.verdict))
    elif rule.of == "situation":
        for situation in view.situations:
            is_in_hand = situation.acknowledged_until_ns > view.time_ns
            if situation.kind in rule.names and not is_in_hand:
                yield _of_situation(situation)
    else:
        for alert in view.alerts:
            if _rule_of(alert) is rule:
                key = ("alert", alert.rule_id, alert.track_id, str(alert.time_ns))
                yield Fact(key, f"{alert.rule_id} of track {alert.track_number}")


def _rule_of(alert: Alert) -> Rule | None:
    """Return the first row for an alert: by its event, else by its severity."""
    of = MappingProxyType({"alert": alert.fsm_event, "severity": alert.severity})
    return next((rule for rule in RULES if rule.of in of and of[rule.of] in rule.names), None)


def _of_situation(it: Situation) -> Fact:
    text = (
        f"{it.kind} ({it.severity}) of track {it.track_number}: {it.range_m:.0f} m away, nearest "
        f"{it.approach_distance_m:.0f} m in {it.approach_time_s:.0f} s"
    )
    return Fact((it.kind, it.severity, it.track_id, str(it.since_ns)), text)


def _proposal(rule: Rule, facts: list[Fact]) -> Proposal:
    texts = [fact.text for fact in facts[:LISTED]]
    if len(facts) > LISTED:
        texts.append(f"and {len(facts) - LISTED} more")
    justification = "; ".join(texts)[:MAX_JUSTIFICATION]
    return Proposal(
        name=rule.name,
        type=rule.type,
        justification=justification,
        priority=rule.priority,
        confidence=rule.confidence,
        actions=(EnterSafeMode(justification),) if rule.is_safe_mode else (),
        metadata=MappingProxyType({"rule": rule.name}),
    )
