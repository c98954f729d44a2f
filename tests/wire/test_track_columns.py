"""RadarTrackColumns against the Python protobuf library, and what is refused."""

import hashlib
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki import wire
from qiki.errors import DecodeError, TracksError
from qiki.radar import Radar, RangeBand, Scenario
from qiki.tracking import FrameTracker, TrackPresent
from qiki.wire.generated.radar.v1.radar_columns_pb2 import RadarTrackColumns
from tests.wire.messages import TIME_NS, track_columns
from tests.wire.samples import frame, same, tracks


@given(seed=st.integers(0, 2**32), count=st.integers(0, 80))
@settings(max_examples=100, deadline=None)
def test_what_the_library_writes_is_read(seed, count):
    rows = tracks(np.random.default_rng(seed), count)
    message = track_columns(rows)
    read = wire.decode_tracks(message.SerializeToString())
    assert same(read.tracks, rows)
    assert read.tracker_id == str(UUID(bytes=bytes(range(16))))
    assert (read.tracker_epoch, read.time_ns) == (2, TIME_NS)
    assert (read.sensor_id, read.epoch, read.number) == (str(UUID(int=0)), 2**64 - 1, 0)
    assert read.payload_sha256 == bytes(range(32))
    assert (read.verdict, read.reason) == ("accepted", "")


def test_the_library_reads_what_the_tracker_writes():
    radar = Radar(Scenario.load("default"))
    tracker = FrameTracker()
    seen = 0
    for number in range(60):
        payload = wire.encode_frame(radar.frame(number).split(radar.sr_threshold_m).all)
        answer = tracker.answer(payload, wire.crc32c(payload))
        message = RadarTrackColumns.FromString(answer.payload)
        read = wire.decode_tracks(answer.payload, answer.crc32c)
        assert message.SerializeToString(deterministic=True) == answer.payload
        rebuilt = track_columns(
            read.tracks,
            tracker_id=message.tracker_id,
            tracker_epoch=message.tracker_epoch,
            input=message.input,
        )
        rebuilt.time_ns = message.time_ns
        if (read.tracks["time_ns"] == message.time_ns).all():
            rebuilt.ClearField("track_time_ns")
        assert rebuilt.SerializeToString(deterministic=True) == answer.payload
        assert message.input.payload_sha256 == hashlib.sha256(payload).digest()
        assert (read.sensor_id, read.number) == (radar.sensor_id, number)
        seen += len(read.tracks)
    assert seen > 100


@pytest.mark.parametrize("verdict", ["refused", "late"])
def test_an_unused_frame_says_why(verdict):
    number = RadarTrackColumns.Verdict.Value(f"VERDICT_{verdict.upper()}")
    message = track_columns(
        tracks(np.random.default_rng(0), 0), verdict=number, reason="range_m: Δ"
    )
    read = wire.decode_tracks(message.SerializeToString())
    assert (read.verdict, read.reason, len(read.tracks)) == (verdict, "range_m: Δ", 0)
    message.reason = ""
    with pytest.raises(TracksError, match=r"reason is .*, must be given when not accepted"):
        wire.decode_tracks(message.SerializeToString())


REFUSALS = {
    "version": (lambda m: setattr(m, "schema_version", 7), DecodeError, "is 7, must be 1"),
    "verdict": (lambda m: m.ClearField("verdict"), DecodeError, "verdict is missing"),
    "input": (lambda m: m.input.ClearField("epoch"), DecodeError, "input.epoch is missing"),
    "hash": (lambda m: setattr(m.input, "payload_sha256", b""), DecodeError, "has 0 bytes"),
    "count": (lambda m: setattr(m, "track_count", 3), DecodeError, "3 rows have 4 each"),
    "column": (lambda m: m.ClearField("status"), DecodeError, "status is missing, 4 rows need it"),
    "number": (lambda m: m.number.__setitem__(1, 0), TracksError, r"\[1\].number is 0, must be"),
    "position": (lambda m: m.position_m.__setitem__(5, np.nan), TracksError, r"\[1\].position_m"),
    "variance": (
        lambda m: m.velocity_covariance_m2_s2.__setitem__(3, -1.0),
        TracksError,
        r"\[0\].velocity_covariance_m2_s2 is -1, must be at least 0 on the diagonal",
    ),
    "quality": (lambda m: m.quality.__setitem__(3, 1.5), TracksError, r"\[3\].quality is 1.5"),
    "status": (lambda m: setattr(m, "status", b"\1\2\5\4"), TracksError, r"\[2\].status is 5"),
    "snr": (lambda m: m.snr_db.extend([0.0] * 4), TracksError, r"\[0\].snr_db is 0, must be NaN"),
    "LR": (lambda m: setattr(m, "track_range_band", b"\1\2\2\2"), TracksError, "LR band"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_broken_message_is_refused_with_the_reason(case):
    rows = tracks(np.random.default_rng(5), 4)
    rows["present"], rows["snr_db"], rows["rcs_dbsm"] = (
        TrackPresent.TRANSPONDER_REPLY,
        np.nan,
        np.nan,
    )
    rows["address"], rows["mode_3a"], rows["transponder_id"] = 0, 0, b""
    rows["range_band"] = RangeBand.SHORT
    message = track_columns(rows)
    assert len(wire.decode_tracks(message.SerializeToString()).tracks) == 4
    change, error, match = REFUSALS[case]
    change(message)
    with pytest.raises(error, match=match):
        wire.decode_tracks(message.SerializeToString())


def test_the_checksum_is_checked_when_given():
    payload = track_columns(tracks(np.random.default_rng(1), 3)).SerializeToString()
    assert len(wire.decode_tracks(payload, wire.crc32c(payload)).tracks) == 3
    with pytest.raises(DecodeError, match=r"RadarTrackColumns: .*must be 0x00000001"):
        wire.decode_tracks(payload, crc32c=1)


def test_a_frame_is_not_taken_for_tracks_nor_tracks_for_a_frame():
    random = np.random.default_rng(8)
    with pytest.raises(DecodeError):
        wire.decode_tracks(wire.encode_frame(frame(random, 3)))
    with pytest.raises(DecodeError):
        wire.decode_frame(track_columns(tracks(random, 3)).SerializeToString())
