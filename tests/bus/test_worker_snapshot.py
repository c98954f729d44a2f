"""Snapshots as bytes: whole, or recognised as not."""

import pytest

from qiki.bus.number_gaps import NumberGaps
from qiki.bus.worker_position import Epoch, Position, digest
from qiki.bus.worker_snapshot import Manifest, split, values
from qiki.errors import SnapshotError

NUMBERS = [("sensor", "4", 17, 30)]


def position():
    epoch = Epoch("t", 3, "1.2", "abc", 5, 2)
    return Position(epoch, 30, 32, "hash", 9, "other", NumberGaps.of(NUMBERS))


def test_a_manifest_survives_the_way_through_the_bucket():
    value = Manifest(position(), ("a", "b"), slot=1).encode()
    found = Manifest.decode(value, slot=1)
    assert found.encode() == value
    assert found.chunks == ("a", "b")
    assert found.position.epoch == position().epoch
    assert found.position.order == (9, 32)
    assert found.position.numbers.newest() == NUMBERS


def test_every_damage_is_noticed():
    value = Manifest(position(), ("a",), slot=0).encode()
    for at in range(len(value)):
        with pytest.raises(SnapshotError, match="slot 0"):
            Manifest.decode(value[:at], 0)
        for bit in range(8):
            damaged = bytearray(value)
            damaged[at] ^= 1 << bit
            with pytest.raises(SnapshotError, match="slot 0"):
                Manifest.decode(bytes(damaged), 0)


@pytest.mark.parametrize("length", [0, 1, 20, 21, 100])
def test_chunks_are_small_and_make_the_whole(length):
    state = bytes(range(length))
    chunks = split(state, 20)
    assert b"".join(chunks) == state
    assert all(0 < len(chunk) <= 20 for chunk in chunks)


def test_the_manifest_comes_last_and_names_its_chunks():
    keys, written = zip(*values(position(), bytes(50), 1, 20), strict=True)
    assert keys == ("t.1.manifest", "t.1.0", "t.1.1", "t.1.2", "t.1.manifest")
    assert Manifest.decode(written[-1], 1).chunks == tuple(map(digest, written[1:-1]))
