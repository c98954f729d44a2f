"""Late frames: the state of the ordered run, numbers that stay true, bytes that repeat."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki.errors import SettingError
from qiki.radar import Radar, RadarFrame, Scenario, empty_detections
from qiki.tracking import (
    STANDARD_OBJECT_TYPES,
    FrameTracker,
    TrackerConfig,
    TrackEvent,
    TrackStatus,
)
from qiki.wire import decode_tracks, encode_frame

FRAMES = 14
PERIODS_IN_WINDOW = 10
CONFIG = TrackerConfig(
    confirm_by="hits",
    confirm_hits=2,
    confirm_window=3,
    delete_misses=2,
    object_types=STANDARD_OBJECT_TYPES,
)
"""Tracks that live and die within the window of one second, of which types are told."""

RADARS = [Radar(Scenario.load(name), epoch=4) for name in ("crossing", "default")]
PAYLOADS = {
    (sensor, number): encode_frame(radar.frame(number))
    for sensor, radar in enumerate(RADARS)
    for number in range(FRAMES + 1)
}

EMPTY = [
    encode_frame(RadarFrame(empty_detections(0), time_ns=(FRAMES + k) * 10**8, number=k))
    for k in range(4)
]
"""Later frames that see nothing anywhere."""

delays = st.lists(
    st.one_of(st.just(0), st.integers(0, PERIODS_IN_WINDOW + 2)),
    min_size=2 * FRAMES,
    max_size=2 * FRAMES,
)
"""By how many periods each frame of the two sensors is late; some are too late."""


def as_they_come(periods_late):
    """The frames by arrival: (sensor, number)."""
    names = [(sensor, number) for number in range(FRAMES) for sensor in range(2)]
    comes = dict(zip(names, periods_late, strict=True))
    return sorted(names, key=lambda name: name[1] + comes[name])


def in_order(used):
    """The same frames by time; those of one time as they came."""
    return sorted(used, key=lambda name: name[1])


def run(names):
    """A tracker that took in the frames, and those it used."""
    tracker = FrameTracker(CONFIG)
    used = [name for name in names if tracker.answer(PAYLOADS[name]).verdict == "accepted"]
    return tracker, used


def nameless(answer):
    """All that a message says of its tracks but their numbers and ids, bit for bit."""
    tracks = decode_tracks(answer.payload, answer.crc32c).tracks
    fields = [name for name in tracks.dtype.names if name not in ("number", "track_id")]
    return [tracks[name].tobytes() for name in fields]


@given(delays)
@settings(max_examples=60, deadline=None)
def test_the_state_is_that_of_the_ordered_run(periods_late):
    tracker, used = run(as_they_come(periods_late))
    ordered, all_of_them = run(in_order(used))
    assert len(all_of_them) == len(used)
    for sensor in range(2):
        payload = PAYLOADS[sensor, FRAMES]
        assert nameless(tracker.answer(payload)) == nameless(ordered.answer(payload))


@given(delays)
@settings(max_examples=60, deadline=None)
def test_a_number_that_was_lost_is_gone_and_one_that_is_gone_was_lost(periods_late):
    tracker, living, ever, ids = FrameTracker(CONFIG), set(), set(), {}
    for name in as_they_come(periods_late):
        answer = tracker.answer(PAYLOADS[name])
        tracks = decode_tracks(answer.payload).tracks
        assert len(set(tracks["number"])) == len(tracks)
        for track in tracks:
            number, track_id = int(track["number"]), track["track_id"].tobytes()
            assert ids.setdefault(number, track_id) == track_id
            if track["event"] == TrackEvent.BORN:
                assert number not in ever
                living.add(number)
                ever.add(number)
            assert number in living
            if track["status"] == TrackStatus.LOST:
                living.remove(number)
    assert len(set(ids.values())) == len(ids)
    # What is not seen any more ends: those told to live, and no others.
    ended = set()
    for payload in EMPTY:
        tracks = decode_tracks(tracker.answer(payload).payload).tracks
        ended |= set(tracks["number"][tracks["status"] == TrackStatus.LOST].tolist())
    assert ended == living


@given(delays, st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_restored_from_a_snapshot_it_answers_the_same(periods_late, every):
    tracker, restarted = FrameTracker(CONFIG), FrameTracker(CONFIG)
    for count, name in enumerate(as_they_come(periods_late)):
        before = tracker.snapshot()
        if count % every == 0:
            restarted = FrameTracker(CONFIG)
            restarted.restore(before)
        answer = tracker.answer(PAYLOADS[name])
        assert restarted.answer(PAYLOADS[name]).payload == answer.payload
        assert restarted.snapshot() == tracker.snapshot()
        if answer.verdict != "accepted":
            assert tracker.snapshot() == before


def late_answer(late_window_s, newest, late):
    tracker = FrameTracker(TrackerConfig(late_window_s=late_window_s))
    assert tracker.answer(PAYLOADS[0, newest]).verdict == "accepted"
    before = tracker.snapshot()
    answer = tracker.answer(PAYLOADS[0, late])
    assert (tracker.snapshot() == before) == (answer.verdict != "accepted")
    return answer


def test_the_window_ends_where_the_settings_say():
    assert late_answer(1.0, 11, 1).verdict == "accepted"
    beyond = late_answer(1.0, 12, 1)
    assert beyond.verdict == "late"
    assert "frames before 200000000 ns are no longer taken" in beyond.reason
    assert late_answer(0.0, 12, 11).verdict == "late"
    for length_s in (-0.1, 60.1, float("nan")):
        with pytest.raises(SettingError, match="late_window_s"):
            FrameTracker(TrackerConfig(late_window_s=length_s))


def test_a_frame_in_the_window_is_not_used_twice():
    tracker, _ = run([(0, number) for number in range(5)])
    before = tracker.snapshot()
    for number in (2, 4):
        answer = tracker.answer(PAYLOADS[0, number])
        assert answer.verdict == "refused"
        assert f"number is {number}" in answer.reason
        assert "send each frame once" in answer.reason
    assert tracker.snapshot() == before


def test_a_late_answer_tells_of_the_newest_time():
    tracker, _ = run([(0, number) for number in (0, 1, 2, 3, 5)])
    answer = tracker.answer(PAYLOADS[0, 4])
    message = decode_tracks(answer.payload, answer.crc32c)
    assert (message.number, message.time_ns) == (4, 400_000_000)
    assert len(message.tracks) > 0
    assert set(message.tracks["time_ns"]) == {500_000_000}
    assert TrackEvent.UPDATED in message.tracks["event"]
