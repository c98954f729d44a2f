"""What was counted in a run, as it is told at its end: in all, and of several bots of each."""

from collections.abc import Mapping, Sequence

from qiki.serve.agent_watch import agent_words
from qiki.serve.flow_audit import FlowAudit
from qiki.serve.flow_lines import PERCENTS, merged, status_line


def summary_of(audits: Sequence[FlowAudit], scenario: str, broker: str) -> dict[str, object]:
    """Return the sums over all bots; of several with what each has, under ``bots``."""
    whole = {"scenario": scenario, "broker": broker} | _counts(audits)
    if len(audits) > 1:
        whole["bots"] = [
            {"bot": number} | _counts([audit]) for number, audit in enumerate(audits, 1)
        ]
    return whole


def text_of_bots(summary: Mapping[str, object], audits: Sequence[FlowAudit]) -> dict[str, object]:
    """Return a summary whose bots have a line each."""
    text = {name: value for name, value in summary.items() if name != "bots"}
    if len(audits) == 1 and audits[0].agent:
        text["agent"] = agent_words(audits[0].agent)
    if len(audits) > 1:
        text |= {f"bot {number}": status_line(audit) for number, audit in enumerate(audits, 1)}
    return text


def _counts(audits: Sequence[FlowAudit]) -> dict[str, object]:
    latency = merged([audit.latency for audit in audits])
    return {
        "frames": sum(audit.frames for audit in audits),
        "detections": sum(audit.detections for audit in audits),
        "tracks_confirmed": sum(audit.tracks_confirmed for audit in audits),
        "tracks_messages": sum(audit.tracks_messages for audit in audits),
        "frames_lost": sum(audit.frames_lost for audit in audits),
        "frames_spoiled": sum(audit.frames_spoiled for audit in audits),
        "latency_ms": {f"p{p}": latency.percentile_ms(p) for p in PERCENTS},
        **_agent(audits),
    }


def _agent(audits: Sequence[FlowAudit]) -> dict[str, object]:
    """Return what the agent of one bot said last, nothing where there is none, or of several."""
    return {"agent": audits[0].agent} if len(audits) == 1 and audits[0].agent else {}
