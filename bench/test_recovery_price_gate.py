"""What it costs that the bridge can be killed: its way of a frame against that of a plain bridge.

The hot path is the same as in `test_frame_to_tracks_gate.py`. Both bridges run, each on a broker of
its own; the frames go to one and to the other in turn, a second each, so that what else the machine
does meets both.
"""

import asyncio
import sys
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import pytest

from bench.frame_stream import (
    QIKI_BRIDGE,
    FrameStream,
    Run,
    bridge_on_private_broker,
    make_frames,
)
from bench.gate import Gate, percentiles
from qiki.bus.connection import connected
from qiki.radar import RadarFrame
from qiki.settings import NatsSettings

BRIDGES = {
    "plain": (sys.executable, "-m", "bench.peers.plain_bridge"),
    "recoverable": QIKI_BRIDGE,
}
TARGETS = 100
RATE_HZ = 100
BLOCK = RATE_HZ
"""Frames to one bridge before it is the other's turn."""
SETTLING_BLOCKS = 2
"""First blocks: connections, caches, first allocations; not timed."""
BLOCKS = 32
ANSWER_TIMEOUT_S = 30.0

pytestmark = pytest.mark.all_cpus


def stream_in_turn(folder: Path, frames: list[RadarFrame], settling: int) -> dict[str, Run]:
    """Run both bridges and stream the same frames through each; gives the runs by their names."""
    with ExitStack() as stack:
        urls = {
            name: stack.enter_context(
                bridge_on_private_broker(folder / f"{name}.log", bridge=command)
            )
            for name, command in BRIDGES.items()
        }
        return asyncio.run(publish_in_turn(urls, frames, settling))


async def publish_in_turn(
    urls: dict[str, str], frames: list[RadarFrame], settling: int
) -> dict[str, Run]:
    """Publish to each broker in turn, in blocks, ABBA so that neither always comes first."""
    async with AsyncExitStack() as stack:
        streams = {}
        for name, url in urls.items():
            client = await stack.enter_async_context(connected(NatsSettings(url=url), "bench"))
            streams[name] = FrameStream(client, frames, settling)
            await streams[name].begin()
        for block in range((len(frames) - 1) // BLOCK):
            for name in sorted(streams, reverse=bool(block % 2)):
                await streams[name].publish(BLOCK, 1.0 / RATE_HZ)
                await streams[name].all_answered(ANSWER_TIMEOUT_S)
        return {name: await stream.finish() for name, stream in streams.items()}


@pytest.mark.timeout(300)
def test_price_of_recovery(tmp_path: Path, benchmark: Any, gate: Gate) -> None:
    """100 frames/s of 100 detections, long enough for several snapshots."""
    blocks, settling_blocks = (1, 0) if benchmark.disabled else (BLOCKS, SETTLING_BLOCKS)
    settling = 1 + settling_blocks * BLOCK
    frames = make_frames(TARGETS, 1 + blocks * BLOCK, 10**9 // RATE_HZ)
    runs = benchmark.pedantic(stream_in_turn, args=(tmp_path, frames, settling), rounds=1)
    for run in runs.values():
        assert (run.lost, run.repeated, run.refused) == (0, 0, 0)
        assert run.confirmed == TARGETS
    if benchmark.disabled:
        return
    ours, plain = runs["recoverable"].latencies_s, runs["plain"].latencies_s
    (ours_p50_s, ours_p99_s), (plain_p50_s, plain_p99_s) = percentiles(ours), percentiles(plain)
    gate.check(
        "recovery-price",
        ratio=price(ours, plain),
        p50_ms=ours_p50_s * 1e3,
        plain_p50_ms=plain_p50_s * 1e3,
        p99_ms=ours_p99_s * 1e3,
        plain_p99_ms=plain_p99_s * 1e3,
        frames=len(ours),
    )


def price(ours_s: list[float], plain_s: list[float]) -> float:
    """Ratio of the two medians of neighbouring blocks, the median of all pairs."""
    pairs = zip(medians(ours_s), medians(plain_s), strict=True)
    return percentiles([ours / plain for ours, plain in pairs])[0]


def medians(latencies_s: list[float]) -> list[float]:
    """Median of each block, in which every frame was answered before the next block."""
    blocks = range(0, len(latencies_s), BLOCK)
    return [percentiles(latencies_s[first : first + BLOCK])[0] for first in blocks]
