"""One frame message in, one tracks message out, whatever the message holds."""

import hashlib

import numpy as np
import pytest

from qiki.errors import SnapshotError
from qiki.radar import Coverage, Present, Radar, RadarFrame, Scenario, empty_detections
from qiki.tracking import FrameTracker, Tracker, TrackerConfig, TrackStatus
from qiki.wire import crc32c, decode_tracks, encode_frame


@pytest.fixture(scope="module")
def radar():
    return Radar(Scenario.load("default"), epoch=4)


def message(radar, number):
    return encode_frame(radar.frame(number))


def test_each_frame_gets_one_answer_that_names_it(radar):
    tracker = FrameTracker(epoch=2)
    for number in range(10):
        payload = message(radar, number)
        answer = tracker.answer(payload, crc32c(payload))
        tracks = decode_tracks(answer.payload, answer.crc32c)
        assert answer.verdict == tracks.verdict == "accepted"
        assert (tracks.sensor_id, tracks.epoch, tracks.number) == (radar.sensor_id, 4, number)
        assert answer.frame_id == radar.frame(number).frame_id
        assert tracks.payload_sha256 == hashlib.sha256(payload).digest()
        assert tracks.tracker_epoch == 2
        assert answer.tracks == len(tracks.tracks)
        assert answer.detections == len(radar.frame(number))
    assert answer.confirmed >= 3
    assert TrackStatus.TRACKED in tracks.tracks["status"]


def test_confirmed_tracks_are_counted_whether_or_not_the_frame_looks_there(radar):
    tracker = FrameTracker()
    for number in range(10):
        seen = tracker.answer(message(radar, number))
    away = tracker.answer(encode_frame(radar.clock_frame(10, radar.frame(10).time_ns)))
    assert (away.tracks, away.confirmed) == (0, seen.confirmed)
    assert seen.confirmed >= 3


def test_the_same_messages_give_the_same_bytes(radar):
    one, other = FrameTracker(), FrameTracker()
    for number in range(30):
        payload = message(radar, number)
        assert one.answer(payload).payload == other.answer(payload).payload


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda payload: b"", "RadarFrameColumns"),
        (lambda payload: payload[: len(payload) // 2], "RadarFrameColumns"),
        (lambda payload: b"\xff" * 40, "RadarFrameColumns"),
    ],
)
def test_an_unusable_payload_is_answered_and_leaves_no_trace(radar, damage, reason):
    disturbed, calm = FrameTracker(), FrameTracker()
    for number in range(8):
        payload = message(radar, number)
        refused = disturbed.answer(damage(payload))
        assert refused.verdict == "refused"
        assert reason in refused.reason
        tracks = decode_tracks(refused.payload)
        assert tracks.reason == refused.reason
        assert tracks.payload_sha256 == hashlib.sha256(damage(payload)).digest()
        assert len(tracks.tracks) == 0
        assert disturbed.answer(payload).payload == calm.answer(payload).payload


def test_a_wrong_checksum_is_refused(radar):
    payload = message(radar, 0)
    answer = FrameTracker().answer(payload, crc32c(payload) ^ 1)
    assert answer.verdict == "refused"
    assert "crc" in answer.reason.lower()


def test_a_frame_too_late_is_answered_late(radar):
    tracker = FrameTracker(TrackerConfig(late_window_s=0.1))
    tracker.answer(message(radar, 5))
    answer = tracker.answer(message(radar, 3))
    assert answer.verdict == "late"
    assert answer.number == 3
    assert "is late" in answer.reason


def test_one_band_alone_is_refused(radar):
    bands = radar.frame(0).split(radar.sr_threshold_m)
    answer = FrameTracker().answer(encode_frame(bands.long))
    assert answer.verdict == "refused"
    assert "qiki.radar.v1.frames" in answer.reason


def crowd(**of):
    """Return a frame of targets so far apart that each begins a track."""
    detections = empty_detections(9000)
    east, north = np.meshgrid(np.arange(100) - 50.5, np.arange(90) - 50.5)
    detections["present"] = Present.RANGE | Present.BEARING
    detections["range_m"] = 2000.0 * np.hypot(east, north).ravel()
    detections["bearing_deg"] = np.degrees(np.arctan2(east, north)).ravel() % 360.0
    detections["range_std_m"], detections["bearing_std_deg"] = 10.0, 0.01
    return RadarFrame(detections, time_ns=0, coverage=Coverage(max_range_m=1e6), **of)


def test_tracks_that_no_message_holds_are_refused_and_the_tracker_has_moved_on():
    frame = crowd()
    tracker, alone = FrameTracker(), Tracker()
    answer = tracker.answer(encode_frame(frame))
    alone.step(frame)
    assert (answer.verdict, answer.tracks, answer.detections) == ("refused", 0, 9000)
    assert f"at most {FrameTracker.MAX_ANSWER_BYTES} bytes: send the frame in" in answer.reason
    # The next frame meets the tracks that were not told.
    later = frame.detections[:3].copy()
    later["time_ns"] = 1_000_000_000
    frame = RadarFrame(later, time_ns=1_000_000_000, number=1, coverage=Coverage.empty())
    tracks = decode_tracks(tracker.answer(encode_frame(frame)).payload).tracks
    expected = alone.step(frame).tracks
    assert tracks["number"].tolist() == expected["number"].tolist() == [1, 2, 3]
    assert tracks["position_m"].tolist() == expected["position_m"].tolist()


def test_it_goes_on_from_its_snapshot_and_begins_anew_under_another_epoch(radar):
    straight, restarted = FrameTracker(epoch=2), FrameTracker(epoch=9)
    for number in range(40):
        restarted.restore(straight.snapshot())
        assert restarted.epoch == 2
        payload = message(radar, number)
        assert restarted.answer(payload).payload == straight.answer(payload).payload
    straight.begin(3)
    assert straight.answer(message(radar, 0)).payload == (
        FrameTracker(epoch=3).answer(message(radar, 0)).payload
    )


def test_a_snapshot_of_another_tracker_or_of_other_settings_changes_nothing(radar):
    tracker = FrameTracker(epoch=2)
    for number in range(5):
        tracker.answer(message(radar, number))
    before = tracker.snapshot()
    other = FrameTracker(tracker_id="00000000-0000-4000-8000-000000000001", epoch=2)
    with pytest.raises(SnapshotError, match=r"of tracker 00000000-.*must be of"):
        tracker.restore(other.snapshot())
    strict = FrameTracker(TrackerConfig(confirm_hits=4, confirm_window=5), epoch=2)
    with pytest.raises(SnapshotError, match="settings"):
        tracker.restore(strict.snapshot())
    with pytest.raises(SnapshotError, match="checksum"):
        tracker.restore(before[:-1] + bytes([before[-1] ^ 1]))
    assert tracker.snapshot() == before
    assert tracker.settings_sha256 != strict.settings_sha256
    assert tracker.settings_sha256 == other.settings_sha256
    assert tracker.core_version == strict.core_version
