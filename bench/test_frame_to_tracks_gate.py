"""A frame published until its tracks are received, through a real JetStream.

The hot path is the whole way of a frame: encode, store, pull, decode, step, encode, store,
deliver. Broker and bridge are processes of their own; publisher and receiver are this one.
"""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bench.disk_syncs import sync_latencies_s
from bench.frame_stream import Run, bridge_on_private_broker, make_frames, publish_and_receive
from bench.gate import Gate, percentiles

SETTLING = 200
"""First frames: connections, caches and the bridge's first allocations; not timed."""

pytestmark = pytest.mark.all_cpus


def stream(
    log_file: Path, target_count: int, rate_hz: int, duration_s: float, *, durable: bool = False
) -> Run:
    """Run the services and stream frames of so many detections through them."""
    frame_count = round(duration_s * rate_hz)
    settling = min(SETTLING, frame_count // 5)
    frames = make_frames(target_count, frame_count, 10**9 // rate_hz)
    with bridge_on_private_broker(log_file, durable=durable) as url:
        return asyncio.run(publish_and_receive(url, frames, 1.0 / rate_hz, settling))


def assert_every_frame_was_answered(run: Run, target_count: int) -> None:
    """Speed counts only for the right answer."""
    assert (run.lost, run.repeated, run.refused) == (0, 0, 0)
    assert run.confirmed == target_count


def replace_rounds(benchmark: Any, durations_s: list[float]) -> None:
    """Give the benchmark the latencies for rounds: one round was the whole run."""
    benchmark.stats.stats.data.clear()
    for duration_s in durations_s:
        benchmark.stats.update(duration_s)


def test_a_hundred_frames_a_second(tmp_path: Path, benchmark: Any, gate: Gate) -> None:
    """100 frames/s of 100 detections: the latency that the design promises."""
    duration_s = 2.0 if benchmark.disabled else 22.0
    run = benchmark.pedantic(stream, args=(tmp_path / "log", 100, 100, duration_s), rounds=1)
    assert_every_frame_was_answered(run, 100)
    if benchmark.disabled:
        return
    replace_rounds(benchmark, run.latencies_s)
    p50_s, p99_s = percentiles(run.latencies_s)
    gate.check(
        "frame-to-tracks",
        p50_ms=p50_s * 1e3,
        p99_ms=p99_s * 1e3,
        lost=run.lost,
        frames=len(run.latencies_s),
        publish_slip_ms=run.slip_s * 1e3,
    )


def test_a_hundred_durable_frames_a_second(tmp_path: Path, benchmark: Any, gate: Gate) -> None:
    """100 frames/s of 200 detections, each message on the disk before it is acknowledged."""
    duration_s = 2.0 if benchmark.disabled else 22.0
    # The same syncs without the services, half before and half after: what the disk is worth now.
    disk_s = sync_latencies_s(tmp_path, 0.01, duration_s / 4)
    work = partial(stream, tmp_path / "log", 200, 100, duration_s, durable=True)
    run = benchmark.pedantic(work, rounds=1)
    disk_s += sync_latencies_s(tmp_path, 0.01, duration_s / 4)
    assert_every_frame_was_answered(run, 200)
    if benchmark.disabled:
        return
    replace_rounds(benchmark, run.latencies_s)
    p50_s, p99_s = percentiles(run.latencies_s)
    disk_p50_s, disk_p99_s = percentiles(disk_s)
    gate.check(
        "durable-frame-to-tracks",
        p50_ms=p50_s * 1e3,
        p99_ms=p99_s * 1e3,
        lost=run.lost,
        frames=len(run.latencies_s),
        publish_slip_ms=run.slip_s * 1e3,
        disk_p50_ms=disk_p50_s * 1e3,
        disk_p99_ms=disk_p99_s * 1e3,
    )


@pytest.mark.timeout(180)
def test_a_thousand_targets_for_a_minute(tmp_path: Path, benchmark: Any, gate: Gate) -> None:
    """10 frames/s of 1000 detections: the bridge keeps up."""
    duration_s = 2.0 if benchmark.disabled else 60.0
    run = benchmark.pedantic(stream, args=(tmp_path / "log", 1000, 10, duration_s), rounds=1)
    assert_every_frame_was_answered(run, 1000)
    if benchmark.disabled:
        return
    replace_rounds(benchmark, run.latencies_s)
    p50_s, p99_s = percentiles(run.latencies_s)
    gate.check(
        "sustained-1000",
        lag_frames=run.lag_frames,
        lost=run.lost,
        p50_ms=p50_s * 1e3,
        p99_ms=p99_s * 1e3,
        frames=len(run.latencies_s),
    )
