"""Damaged bytes: refused by an error of ours, or read as something that keeps the contract."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qiki import wire
from qiki.errors import QikiError
from tests.wire.messages import frame_rows, track_columns, track_row
from tests.wire.samples import frame, placed_frame, tracks

RANDOM = np.random.default_rng(99)
PAYLOADS = {
    "frame": wire.encode_frame(frame(RANDOM, 70)),
    "tracks": track_columns(tracks(RANDOM, 40)).SerializeToString(),
    "frame rows": frame_rows(placed_frame(3, 6, 2**11 - 1)).SerializeToString(),
    "track row": track_row(tracks(RANDOM, 1)[0]).SerializeToString(),
}
DECODERS = {
    "frame": wire.decode_frame,
    "tracks": wire.decode_tracks,
    "frame rows": wire.decode_frame_rows,
    "track row": lambda payload: wire.decode_track_rows([payload]),
}
KINDS = st.sampled_from(sorted(PAYLOADS))


@given(kind=KINDS, payload=st.binary(max_size=400))
@example(kind="frame", payload=b"")
@example(kind="frame", payload=b"\x08\x01")
@example(kind="track row", payload=b"\x08\x01" + b"\x0b" * 400)
@settings(max_examples=1000, deadline=None)
def test_arbitrary_bytes(kind, payload):
    for given_bytes in (payload, b"\x08\x01" + payload):
        with pytest.raises(QikiError):
            DECODERS[kind](given_bytes)


@given(kind=KINDS, data=st.data())
@settings(max_examples=1500, deadline=None)
def test_damage(kind, data):
    payload = bytearray(PAYLOADS[kind])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(payload) - 1))
        how = data.draw(st.sampled_from(["flip", "set", "cut out", "put in", "repeat"]))
        if how == "flip":
            payload[at] ^= 1 << data.draw(st.integers(0, 7))
        elif how == "set":
            payload[at] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]))
        elif how == "cut out":
            del payload[at : at + data.draw(st.integers(1, 20))]
        elif how == "put in":
            payload[at:at] = data.draw(st.binary(min_size=1, max_size=12))
        else:
            payload[at:at] = payload[at : at + data.draw(st.integers(1, 100))]
        if not payload:
            break
    check_decoded(kind, bytes(payload))


def check_decoded(kind: str, payload: bytes) -> None:
    """Decode; what is accepted can be encoded, so it keeps the contract, and says the same."""
    try:
        decoded = DECODERS[kind](payload)
    except QikiError:
        return
    if kind == "frame":
        again = wire.encode_frame(decoded)
        assert wire.decode_frame(again).detections.tobytes() == decoded.detections.tobytes()
    elif kind == "tracks":
        wire.encode_track_rows(decoded.tracks)
    elif kind == "frame rows":
        assert decoded.detections.nbytes <= 16 * len(payload)
    else:
        decoded["number"] = 1
        wire.encode_track_rows(decoded)


@pytest.mark.parametrize("kind", ["frame", "tracks"])
def test_every_cut_is_refused(kind):
    """Also one at the end of a field, which protobuf takes for a whole message."""
    payload = PAYLOADS[kind]
    for length in range(len(payload)):
        with pytest.raises(QikiError):
            DECODERS[kind](payload[:length])


@pytest.mark.parametrize("kind", sorted(PAYLOADS))
def test_other_messages_are_refused(kind):
    for other, payload in PAYLOADS.items():
        if other != kind:
            with pytest.raises(QikiError):
                DECODERS[kind](payload)


def test_a_checksum_finds_every_flipped_bit():
    payload = PAYLOADS["tracks"][:300]
    expected = wire.crc32c(payload)
    for bit in range(8 * len(payload)):
        damaged = bytearray(payload)
        damaged[bit // 8] ^= 1 << bit % 8
        assert wire.crc32c(bytes(damaged)) != expected
