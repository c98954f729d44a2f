"""Events of agents in words, from documents that the service itself makes."""

import json

from qiki.agent.decision import Key, Status, Verdict
from qiki.agent.messages import verdict_document
from qiki.agent.proposal import Proposal, ProposalType
from qiki.commands.agent_event_line import AgentEventLines
from qiki.registrar.query import StoredRecord


def record(type, payload, id=1):
    return StoredRecord(
        **dict.fromkeys(StoredRecord._fields)
        | {"id": id, "time_us": 0, "type": type, "payload": json.dumps(payload)}
    )


def decision(*verdicts):
    told = []
    for name, status, reason, why in verdicts:
        proposal = Proposal(name=name, type=ProposalType.PLANNING, justification=why)
        told.append(verdict_document(Verdict(Key("reference", name), proposal, 0, status, reason)))
    return record("event.agent.decision", {"kind": "decision", "proposals": told})


def test_a_decision_has_a_line_for_each_proposal_and_repeats_are_counted():
    lines = AgentEventLines()
    said = [
        lines.of(decision(("dock", Status.EXECUTED, "", f"TRANSIT: station {n} m away")))
        for n in (500, 499, 498)
    ]
    said.append(lines.of(decision(("dock", Status.REJECTED, "ship is in SAFE_MODE", "TRANSIT"))))
    assert said == [
        ["reference/dock EXECUTED: TRANSIT: station 500 m away"],
        [],
        [],
        [
            "... event.agent.decision the same, but for numbers, 2 times more",
            "reference/dock REJECTED (ship is in SAFE_MODE): TRANSIT",
        ],
    ]
    lines.of(decision(("dock", Status.REJECTED, "ship is in SAFE_MODE", "TRANSIT")))
    assert lines.rest() == ["... event.agent.decision the same, but for numbers, 1 times more"]


def test_transitions_faults_and_situations_are_told_in_words():
    lines = AgentEventLines()
    moved = {"subject": "ship", "from_state": "A", "to_state": "B", "trigger_event": "E"}
    (line,) = lines.of(record("event.agent.state", moved | {"reason": "why"}))
    assert line == "ship A to B by E: why"
    (line,) = lines.of(
        record("event.agent.fault", {"subject": "Shy", "kind": "refused", "reason": "no"})
    )
    assert line == "Shy refused: no"
    seen = {"kind": "situation_created", "subject": "CPA_RISK", "track_number": 3, "range_m": 99.6}
    (line,) = lines.of(record("event.agent.situation", seen | {"severity": "critical"}))
    assert line == "situation_created CPA_RISK of track 3 (critical): 100 m away"


def test_what_is_no_agents_or_not_as_known_is_left_to_json():
    lines = AgentEventLines()
    assert lines.of(record("event.power.change", {})) is None
    for odd in ({}, [], {"proposals": 3}, {"proposals": [{"status": 1}]}):
        assert lines.of(record("event.agent.decision", odd)) is None
