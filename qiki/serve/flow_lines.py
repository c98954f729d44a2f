"""What flows, in one line: of one bot, or of all."""

from collections.abc import Sequence

from qiki.latency_histogram import LatencyHistogram
from qiki.serve.agent_watch import agent_words
from qiki.serve.flow_audit import FlowAudit

PERCENTS = (50, 99)


def status_line(audit: FlowAudit) -> str:
    """Return the live line."""
    spoiled = f"  spoiled {audit.frames_spoiled}" if audit.frames_spoiled else ""
    not_accepted = f"  not accepted {audit.not_accepted}" if audit.not_accepted else ""
    agent = f"  {agent_words(audit.agent)}" if audit.agent else ""
    return (
        f"frames {audit.frames}  detections {audit.detections}  "
        f"tracks {audit.tracks_confirmed}  latency {_latency(audit.latency)}  "
        f"unanswered {audit.unanswered}{spoiled}{not_accepted}{agent}"
    )


def bots_line(audits: Sequence[FlowAudit]) -> str:
    """Return the live line of all bots: the sums, and of each how many tracks it has."""
    if len(audits) == 1:
        return status_line(audits[0])
    tracks = " ".join(str(audit.tracks_confirmed) for audit in audits)
    latency = merged([audit.latency for audit in audits])
    return (
        f"bots {len(audits)}  frames {sum(audit.frames for audit in audits)}  "
        f"detections {sum(audit.detections for audit in audits)}  tracks {tracks}  "
        f"latency {_latency(latency)}  "
        f"unanswered {sum(audit.unanswered for audit in audits)}"
    )


def merged(latencies: Sequence[LatencyHistogram]) -> LatencyHistogram:
    """Return one histogram of all."""
    whole = LatencyHistogram()
    for latency in latencies:
        whole.take(latency)
    return whole


def _latency(latency: LatencyHistogram) -> str:
    p50, p99 = (latency.percentile_ms(percent) for percent in PERCENTS)
    return "-" if p50 is None or p99 is None else f"p50 {p50:.2f} ms  p99 {p99:.2f} ms"
