"""RadarFrameColumns against the Python protobuf library, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki import wire
from qiki.errors import DecodeError, FrameError
from qiki.radar import Present, RadarFrame, RangeBand, empty_detections
from qiki.wire.generated.radar.v1.radar_columns_pb2 import RadarFrameColumns
from tests.wire.messages import frame_columns
from tests.wire.samples import frame, same

# The frame of test_the_bytes_are_pinned.
GOLDEN = (
    "080112108f0e8f581f0f4f399a4e7f6a8f6c2a111903000000000000002146000000000000002900002a36fe"
    "9c971730003a3609000000000000000011000000000088d34019000000000000000021000000000080764029"
    "00000000008056c03100000000008056404218000000000000f03f00000000000000c00000000000003e404a"
    "1800000000000000000000000000000000000000000000000050028a0110000000000094c140000000000008"
    "7940b201080000a0400000a040da01080000c07f00004841fa010201028a0220414c4c590000000000000000"
    "00000000000000000000000000000000000000008203080100000021020000"
)


@given(seed=st.integers(0, 2**32), count=st.integers(0, 150), bits=st.integers(0, 2**11 - 1))
@settings(max_examples=150, deadline=None)
def test_the_library_writes_and_reads_the_same_bytes(seed, count, bits):
    sent = frame(np.random.default_rng(seed), count, bits)
    payload = wire.encode_frame(sent)
    assert frame_columns(sent).SerializeToString(deterministic=True) == payload
    assert RadarFrameColumns.FromString(payload).SerializeToString(deterministic=True) == payload
    back = wire.decode_frame(payload)
    assert same(back.detections, sent.detections)
    for name in ("sensor_id", "epoch", "number", "time_ns", "range_band", "coverage", "frame_id"):
        assert getattr(back, name) == getattr(sent, name), name
    assert back.sensor_position_m == sent.sensor_position_m
    assert np.signbit(back.sensor_velocity_m_s).tolist() == [False, True, False]
    assert (back.truth == -1).all()


def test_columns_map_to_numpy():
    sent = frame(np.random.default_rng(3), 50)
    message = RadarFrameColumns.FromString(wire.encode_frame(sent))
    np.testing.assert_array_equal(np.asarray(message.range_m), sent.detections["range_m"])
    bands = np.frombuffer(message.detection_range_band, np.uint8)
    np.testing.assert_array_equal(bands, sent.detections["range_band"])


def test_what_was_not_measured_is_never_zero():
    rows = empty_detections(3)
    rows["present"] = [Present.RANGE, Present.RANGE | Present.HEIGHT, Present.RANGE]
    rows["range_m"], rows["range_std_m"] = 0.0, 1.0
    rows["height_m"][1], rows["height_std_m"][1] = 0.0, 1.0
    message = RadarFrameColumns.FromString(wire.encode_frame(RadarFrame(rows, time_ns=0)))
    assert list(message.range_m) == [0.0, 0.0, 0.0]
    assert np.isnan(message.height_m).tolist() == [True, False, True]
    for name in ("bearing_deg", "elevation_deg", "range_rate_m_s", "snr_db", "rcs_dbsm", "address"):
        assert not getattr(message, name), name
    assert not message.HasField("transponder_id")


def test_the_checksum_is_checked_when_given():
    payload = wire.encode_frame(frame(np.random.default_rng(1), 3))
    checksum = wire.crc32c(payload)
    assert len(wire.decode_frame(payload, checksum)) == 3
    assert len(wire.decode_frame(payload, crc32c=checksum)) == 3
    damaged = payload[:-1] + bytes([payload[-1] ^ 1])
    with pytest.raises(DecodeError, match=rf"crc32c of {len(payload)} bytes is 0x.*must be 0x"):
        wire.decode_frame(damaged, checksum)


# (change, error, message); the frame has 4 detections with range, bearing and identity
REFUSALS = {
    "version": (lambda m: setattr(m, "schema_version", 2), DecodeError, "is 2, must be 1"),
    "no count": (lambda m: m.ClearField("detection_count"), DecodeError, "detection_count is miss"),
    "no present": (lambda m: m.ClearField("present"), DecodeError, "present is missing, 4 rows"),
    "count": (lambda m: setattr(m, "detection_count", 5), DecodeError, "5 rows have 4 each"),
    "column": (lambda m: m.range_m.append(1.0), DecodeError, "range_m has 40 bytes, 4 rows have 8"),
    "left out": (lambda m: m.ClearField("range_m"), FrameError, r"\[0\].range_m is NaN"),
    "infinite": (lambda m: m.range_m.__setitem__(1, np.inf), FrameError, r"\[1\].range_m is inf"),
    "negative": (lambda m: m.range_m.__setitem__(1, -1.0), FrameError, r"\[1\].range_m is -1"),
    "bearing": (lambda m: m.bearing_deg.__setitem__(2, 360.0), FrameError, r"\[2\].bearing_deg"),
    "std": (lambda m: m.range_std_m.__setitem__(3, 0.0), FrameError, r"range_std_m is 0.*above 0"),
    "unknown bit": (
        lambda m: m.present.__setitem__(0, m.present[0] | 1 << 11),
        FrameError,
        r"\[0\].present is 0xe03, must be bits of 0x7ff",
    ),
    "band": (lambda m: setattr(m, "range_band", 3), FrameError, "range_band is 3, must be 0 to 2"),
    "row band": (lambda m: setattr(m, "detection_range_band", b"\0\1\2\3"), FrameError, "band"),
    "mode": (lambda m: setattr(m, "transponder_mode", b"\0\0\0\4"), FrameError, "mode is 4"),
    "sensor": (lambda m: setattr(m, "sensor_id", b"x" * 15), DecodeError, "sensor_id has 15 bytes"),
    "coverage": (lambda m: m.coverage.ClearField("max_range_m"), DecodeError, "coverage.max_range"),
    "text": (lambda m: setattr(m, "transponder_id", b"\xff" * 128), FrameError, "must be UTF-8"),
    "texts": (lambda m: m.ClearField("transponder_id"), DecodeError, "missing, 4 rows need it"),
    "empty text": (
        lambda m: setattr(m, "transponder_id", b"\0" * 128),
        FrameError,
        "where present",
    ),
    "LR frame": (lambda m: setattr(m, "range_band", 1), FrameError, r"detections\[0\].present"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_broken_message_is_refused_with_the_reason(case):
    rows = empty_detections(4)
    identity = Present.TRANSPONDER_ID | Present.TRANSPONDER_REPLY
    rows["present"] = Present.RANGE | Present.BEARING | identity
    for name in ("range_m", "range_std_m", "bearing_deg", "bearing_std_deg"):
        rows[name] = 5.0
    rows["transponder_id"] = b"ALLY"
    message = frame_columns(RadarFrame(rows, time_ns=9))
    assert len(wire.decode_frame(message.SerializeToString())) == 4
    change, error, match = REFUSALS[case]
    change(message)
    with pytest.raises(error, match=match):
        wire.decode_frame(message.SerializeToString())


def test_identity_cannot_enter_the_long_range():
    rows = empty_detections(1)
    rows["present"] = Present.RANGE | Present.TRANSPONDER_REPLY
    rows["range_m"], rows["range_std_m"] = 9000.0, 5.0
    whole = frame_columns(RadarFrame(rows, time_ns=0))
    whole.detection_range_band = bytes([RangeBand.LONG])
    with pytest.raises(FrameError, match="LR band"):
        wire.decode_frame(whole.SerializeToString())
    with pytest.raises(FrameError, match=r"detections\[0\].range_band is 0, must be 1"):
        RadarFrame(rows, time_ns=0, range_band=RangeBand.LONG)


def test_the_bytes_are_pinned():
    """A change of these bytes is a change of the contract."""
    rows = empty_detections(2)
    rows["time_ns"] = 1_700_000_000_000_000_000
    rows["present"] = [Present.RANGE, Present.RANGE | Present.SNR | Present.TRANSPONDER_ID]
    rows["range_m"], rows["range_std_m"] = [9000.0, 400.5], 5.0
    rows["snr_db"][1], rows["transponder_id"][1] = 12.5, b"ALLY"
    rows["range_band"] = [RangeBand.LONG, RangeBand.SHORT]
    sent = RadarFrame(
        rows,
        time_ns=1_700_000_000_000_000_000,
        sensor_id="8f0e8f58-1f0f-4f39-9a4e-7f6a8f6c2a11",
        epoch=3,
        number=70,
        coverage={"max_range_m": 20_000.0},
        sensor_position_m=(1.0, -2.0, 30.0),
    )
    assert wire.encode_frame(sent).hex() == GOLDEN
