"""ASTERIX to columns: QIKI's reader against libasterix, records per second.

The hot path is a replay: data blocks in memory become the detection array. The records hold the
items that a European Mode S radar sends in a roll-call report, one record in a block, as in the
recording of tests/recording. Of the libraries that are neither GPL nor our own, libasterix is the
one to compare with; asterix-decoder, in C, is some seven times faster than it.
"""

import random
import time
from typing import Any

import asterix.generated as generated
import pytest
from asterix.base import Bits, RawDatablock

from bench.gate import Gate, percentiles
from qiki.recording import read_asterix_columns

PEER = generated.Cat_048_1_32
RECORDS = 15_000
PEER_RECORDS = 100
ROUNDS = 30


def make_blocks(count: int) -> list[bytes]:
    """Draw roll-call reports; each is a data block of its own."""
    source = random.Random(48)
    return [_block(source, number) for number in range(count)]


def _block(source: random.Random, number: int) -> bytes:
    items = {
        "010": 0x1481,
        "140": 28_800 * 128 + number,
        "020": [0xA0 >> 1],
        "040": source.getrandbits(32),
        "070": source.getrandbits(12),
        "090": source.randrange(1600),
        "130": {name: source.getrandbits(8) for name in ("SRL", "SRR", "SAM")},
        "220": source.getrandbits(24),
        "240": f"VLG{source.randrange(10_000):04}",
        "250": [source.getrandbits(64)],
        "161": source.getrandbits(12),
        "200": source.getrandbits(32),
        "170": [0x20],
        "230": 0x20FD,
    }
    record = PEER.cv_uap.cv_record.create(items).unparse().to_bytes()
    return bytes([48]) + (len(record) + 3).to_bytes(2, "big") + record


def read_by_peer(blocks: list[bytes]) -> list[tuple[int, int, int]]:
    """Time of day, position and address of each record."""
    found = []
    for block in blocks:
        raw, _ = RawDatablock.parse_single(Bits.from_bytes(block))
        for record in PEER.cv_uap.parse(raw.get_raw_records()):
            values = (record.get_item(name).as_uint() for name in ("140", "040", "220"))
            found.append(tuple(values))
    return found


@pytest.fixture(scope="module")
def blocks() -> list[bytes]:
    """One recording of twenty minutes, in data blocks."""
    return make_blocks(RECORDS)


def test_asterix(blocks: list[bytes], benchmark: Any, gate: Gate) -> None:
    """Time both on the same records; the peer gets fewer of them."""
    few = blocks[:PEER_RECORDS]
    plots = read_asterix_columns(b"".join(few)).plots
    expected = read_by_peer(few)
    assert (plots["time_ns"] // 7_812_500).tolist() == [
        time_of_day for time_of_day, _, _ in expected
    ]
    assert plots["address"].tolist() == [address for _, _, address in expected]
    if benchmark.disabled:
        return
    peer_s: list[float] = []
    data = b"".join(blocks)

    def their_turn() -> tuple[tuple[bytes], dict[str, Any]]:
        start_s = time.perf_counter()
        read_by_peer(few)
        peer_s.append((time.perf_counter() - start_s) / PEER_RECORDS)
        return (data,), {}

    benchmark.pedantic(read_asterix_columns, setup=their_turn, rounds=ROUNDS)
    p50_us, _ = gate.p50_p99_us()
    peer_p50_s, _ = percentiles(peer_s)
    gate.check(
        "asterix",
        ratio=peer_p50_s * 1e6 / (p50_us / RECORDS),
        million_records_per_s=RECORDS / p50_us,
        mb_per_s=len(data) / p50_us,
    )
