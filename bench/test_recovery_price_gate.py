"""What it costs that the bridge can be killed: its way of a frame against that of a plain bridge.

The hot path is the same as in `test_frame_to_tracks_gate.py`. Each block is a fresh broker with one
of the two bridges; blocks alternate, so that what else the machine does meets both.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.frame_stream import (
    QIKI_BRIDGE,
    Run,
    bridge_on_private_broker,
    make_frames,
    publish_and_receive,
)
from bench.gate import Gate, percentiles
from qiki.radar import RadarFrame

BRIDGES = {
    "plain": (sys.executable, "-m", "bench.peers.plain_bridge"),
    "recoverable": QIKI_BRIDGE,
}
TARGETS = 100
RATE_HZ = 100
SETTLING = 200
"""First frames of a block: connections, caches, first allocations; not timed."""

pytestmark = pytest.mark.all_cpus


def stream_in_turn(folder: Path, frames: list[RadarFrame], pairs: int) -> dict[str, list[Run]]:
    """Stream the frames through both bridges, `pairs` times each: ABBA, so that neither is first.

    Returns
    -------
    dict of str to list of Run
        By the name of the bridge.
    """
    runs: dict[str, list[Run]] = {name: [] for name in BRIDGES}
    settling = min(SETTLING, len(frames) // 5)
    for pair in range(pairs):
        for name in sorted(BRIDGES, reverse=bool(pair % 2)):
            log_file = folder / f"{name}-{pair}.log"
            with bridge_on_private_broker(log_file, bridge=BRIDGES[name]) as url:
                work = publish_and_receive(url, frames, 1.0 / RATE_HZ, settling)
                runs[name].append(asyncio.run(work))
    return runs


@pytest.mark.timeout(300)
def test_price_of_recovery(tmp_path: Path, benchmark: Any, gate: Gate) -> None:
    """100 frames/s of 100 detections; each block is long enough for a snapshot."""
    pairs, frame_count = (1, 200) if benchmark.disabled else (4, 1000)
    frames = make_frames(TARGETS, frame_count, 10**9 // RATE_HZ)
    runs = benchmark.pedantic(stream_in_turn, args=(tmp_path, frames, pairs), rounds=1)
    for run in (run for name in runs for run in runs[name]):
        assert (run.lost, run.repeated, run.refused) == (0, 0, 0)
        assert run.confirmed == TARGETS
    if benchmark.disabled:
        return
    ours_p50_s, ours_p99_s = percentiles(latencies_s(runs["recoverable"]))
    plain_p50_s, plain_p99_s = percentiles(latencies_s(runs["plain"]))
    gate.check(
        "recovery-price",
        ratio=ours_p50_s / plain_p50_s,
        p50_ms=ours_p50_s * 1e3,
        plain_p50_ms=plain_p50_s * 1e3,
        p99_ms=ours_p99_s * 1e3,
        plain_p99_ms=plain_p99_s * 1e3,
        frames=len(latencies_s(runs["recoverable"])),
    )


def latencies_s(runs: list[Run]) -> list[float]:
    """All latencies of several blocks."""
    return [latency_s for run in runs for latency_s in run.latencies_s]
