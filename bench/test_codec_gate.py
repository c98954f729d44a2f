"""Frames to bytes and back: columns against the original's row messages in Python protobuf.

The hot path is `encode_frame` in the simulator and `decode_frame` in every reader of the bus: a
frame's payload becomes the detection array, checked.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from bench.gate import CLOCK, Gate, percentiles
from bench.peers import protobuf_rows
from qiki import wire
from qiki.radar import DETECTION_DTYPE, Radar, RadarFrame, Scenario
from qiki.wire.generated.radar.v1.radar_pb2 import RadarFrame as RowFrame

DETECTIONS = 1000
ROUNDS = 100
BATCH = 20


@pytest.fixture(scope="module")
def frame() -> RadarFrame:
    """Frame of 1000 detections of the dense scene, both bands, the near ones with identity."""
    radar = Radar(Scenario.load("dense"))
    whole = radar.frame(0).split(radar.sr_threshold_m).all
    assert len(whole) >= DETECTIONS
    return RadarFrame(
        whole.detections[:DETECTIONS], time_ns=whole.time_ns, sensor_id=whole.sensor_id
    )


def build_rows(frame: RadarFrame) -> bytes:
    return protobuf_rows.build(
        RowFrame, frame.frame_id, frame.sensor_id, frame.time_ns, frame.detections
    )


def parse_rows(payload: bytes) -> protobuf_rows.Records:
    return protobuf_rows.parse(RowFrame, payload, DETECTION_DTYPE)


def decode_columns(payload: bytes) -> protobuf_rows.Records:
    return wire.decode_frame(payload).detections


def measure(
    name: str,
    benchmark: Any,
    gate: Gate,
    ours: Callable[[], object],
    theirs: Callable[[], object],
) -> None:
    """Time both in turn and hold the ratio; ours in batches, as reading the clock takes time."""
    peer_s: list[float] = []

    def their_turn() -> None:
        start_s = CLOCK()
        theirs()
        peer_s.append(CLOCK() - start_s)
        ours()

    def our_turn() -> None:
        for _ in range(BATCH):
            ours()

    benchmark.pedantic(our_turn, setup=their_turn, rounds=ROUNDS)
    p50_us, p99_us = (batch_us / BATCH for batch_us in gate.p50_p99_us())
    peer_p50_us = percentiles(peer_s)[0] * 1e6
    gate.check(
        name, ratio=peer_p50_us / p50_us, p50_us=p50_us, p99_us=p99_us, peer_p50_us=peer_p50_us
    )


@pytest.mark.benchmark(group="codec", timer=CLOCK)
def test_encode(frame: RadarFrame, benchmark: Any, gate: Gate) -> None:
    """The rows say the same as ours of the same frame; the columns say all of it."""
    payload = wire.encode_frame(frame)
    assert build_rows(frame) == wire.encode_frame_rows(frame)
    assert wire.decode_frame(payload).detections.tobytes() == frame.detections.tobytes()
    if benchmark.disabled:
        return
    columns = partial(wire.encode_frame, frame)
    measure("codec-encode", benchmark, gate, columns, partial(build_rows, frame))


@pytest.mark.benchmark(group="codec", timer=CLOCK)
def test_decode(frame: RadarFrame, benchmark: Any, gate: Gate) -> None:
    """Both give the same records, but for what rows do not carry."""
    payload, rows = wire.encode_frame(frame), build_rows(frame)
    ours, theirs = decode_columns(payload), parse_rows(rows)
    for name in protobuf_rows.CARRIED.names or ():
        np.testing.assert_array_equal(theirs[name], ours[name], err_msg=name)
    np.testing.assert_array_equal(theirs["time_ns"], ours["time_ns"])
    if benchmark.disabled:
        return
    columns = partial(decode_columns, payload)
    measure("codec-decode", benchmark, gate, columns, partial(parse_rows, rows))
