"""The original's rows against the Python protobuf library."""

from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki import wire
from qiki.errors import DecodeError, FrameError, TracksError
from qiki.radar import Present, RadarFrame, RangeBand, empty_detections
from qiki.tracking import TrackPresent
from qiki.wire.generated.radar.v1 import radar_pb2
from tests.wire.messages import OPTIONAL, frame_rows, track_row
from tests.wire.samples import ALL_BITS, NO_DETECTION, Records, placed_frame, same, tracks

NOT_IN_ROWS = Present.HEIGHT | Present.ADDRESS | Present.MODE_3A
SEEDS = st.integers(0, 2**32)


@given(seed=SEEDS, count=st.integers(0, 40), bits=st.integers(0, ALL_BITS))
@settings(max_examples=150, deadline=None)
def test_frames_agree_with_the_library_both_ways(seed, count, bits):
    sent = placed_frame(seed, count, bits)
    payload = wire.encode_frame_rows(sent)
    assert payload == frame_rows(sent).SerializeToString(deterministic=True)
    read = wire.decode_frame_rows(payload)
    assert (read.frame_id, read.sensor_id) == (sent.frame_id, sent.sensor_id)
    assert read.time_ns == sent.time_ns
    expected = sent.detections.copy()
    expected["time_ns"] = sent.time_ns
    expected["present"] &= np.uint32(ALL_BITS & ~NOT_IN_ROWS)
    for name in expected.dtype.names:
        if name.endswith(("_std_m", "_std_deg", "_std_m_s")) or name == "height_m":
            expected[name] = np.nan
    expected["address"], expected["mode_3a"] = 0, 0
    assert same(read.detections, expected)


@given(seed=SEEDS, count=st.integers(0, 20))
@settings(max_examples=100, deadline=None)
def test_tracks_agree_with_the_library_both_ways(seed, count):
    sent = tracks(np.random.default_rng(seed), count)
    payloads = wire.encode_track_rows(sent)
    assert payloads == [track_row(row).SerializeToString(deterministic=True) for row in sent]
    assert same(wire.decode_track_rows(payloads), kept(sent))


def kept(sent: Records) -> Records:
    """Return what rows keep of tracks."""
    rows = sent.copy()
    for name in ("position_m", "velocity_m_s"):
        rows[name] = rows[name].astype(np.float32)
    rows["present"] &= np.uint32(0b11_1111 & ~(TrackPresent.ADDRESS | TrackPresent.MODE_3A))
    for name in ("address", "mode_3a", "number", "update_time_ns", "hit_count", "event"):
        rows[name] = 0
    rows["detection_index"] = NO_DETECTION
    return rows


def test_what_was_not_measured_is_absent_and_a_measured_zero_is_there():
    rows = empty_detections(1)
    rows["present"] = Present.RANGE | Present.RANGE_RATE
    rows["range_m"], rows["range_rate_m_s"] = 10.0, 0.0
    rows["range_std_m"], rows["range_rate_std_m_s"] = 1.0, 1.0
    payload = wire.encode_frame_rows(RadarFrame(rows, time_ns=0))
    (detection,) = radar_pb2.RadarFrame.FromString(payload).detections
    assert [field for _, field, _ in OPTIONAL if detection.HasField(field)] == ["range_m", "vr_mps"]
    assert not detection.HasField("id_present")
    (back,) = wire.decode_frame_rows(payload).detections
    assert back["present"] == Present.RANGE | Present.RANGE_RATE
    assert back["range_rate_m_s"] == 0.0
    assert np.isnan([back["bearing_deg"], back["elevation_deg"], back["snr_db"]]).all()


def test_a_row_becomes_a_frame_once_its_deviations_are_set():
    read = wire.decode_frame_rows(wire.encode_frame_rows(placed_frame(1, 5, Present.RANGE)))
    with pytest.raises(FrameError, match="range_std_m is NaN"):
        RadarFrame(read.detections, time_ns=read.time_ns)
    read.detections["range_std_m"] = 3.0
    assert len(RadarFrame(read.detections, time_ns=read.time_ns, sensor_id=read.sensor_id)) == 5


@pytest.mark.parametrize("name", ["transponder_on", "transponder_mode", "transponder_id"])
def test_the_long_range_carries_no_identity(name):
    message = radar_pb2.RadarFrame(schema_version=1)
    message.frame_id.value = message.sensor_id.value = str(UUID(int=1))
    message.timestamp.seconds = 1
    detection = message.detections.add(range_m=9000.0, range_band=RangeBand.LONG)
    assert len(wire.decode_frame_rows(message.SerializeToString()).detections) == 1
    setattr(detection, name, "ALLY" if name == "transponder_id" else 1)
    with pytest.raises(FrameError, match=r"detections\[0\].present is .* in the LR band"):
        wire.decode_frame_rows(message.SerializeToString())

    row = tracks(np.random.default_rng(0), 1)
    row["range_band"], row["present"], row["transponder_mode"] = RangeBand.LONG, 0, 0
    row["snr_db"], row["rcs_dbsm"] = np.nan, np.nan
    row["address"], row["mode_3a"], row["transponder_id"] = 0, 0, b""
    track = track_row(row[0])
    track.ClearField("id_present")
    assert len(wire.decode_track_rows([track.SerializeToString()])) == 1
    setattr(track, name, "ALLY" if name == "transponder_id" else 1)
    with pytest.raises(TracksError, match=r"tracks\[0\].present is .* in the LR band"):
        wire.decode_track_rows([track.SerializeToString()])


def test_errors_name_the_track():
    rows = tracks(np.random.default_rng(2), 3)
    rows["quality"][2] = np.nan
    with pytest.raises(TracksError, match=r"tracks\[2\].quality is NaN, must be 0 to 1"):
        wire.encode_track_rows(rows)
    payloads = [track_row(row).SerializeToString() for row in rows[:2]]
    with pytest.raises(DecodeError, match="RadarTrack: at byte 0: schema_version must come first"):
        wire.decode_track_rows([*payloads, b""])
    with pytest.raises(TypeError):
        wire.encode_track_rows(np.zeros(3))
