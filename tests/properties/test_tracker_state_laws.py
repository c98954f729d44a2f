"""Laws of a tracker's state: refusals leave no trace, snapshots go on, names are used once."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki.errors import CapacityError, FrameError, QikiError
from qiki.radar import Present, RadarFrame
from qiki.tracking import FrameTracker, SensorConfig, Tracker, TrackEvent
from qiki.wire import crc32c, decode_tracks, encode_frame
from tests.properties.scenes import SENSORS, configs, frame_of, plots_of

SCANS = 10
UNKNOWN = "00000000-0000-4000-8000-00000000000f"
VALUES = ("range_m", "range_std_m", "bearing_deg", "bearing_std_deg", "elevation_deg")

seeds = st.integers(0, 2**32 - 1)
scans = st.integers(0, SCANS - 1)
laws = settings(max_examples=40, deadline=None, derandomize=True)


def spoiled(frame, *, at=0, fields=(), **header):
    """A frame that has other values in one detection and in its header."""
    detections = frame.detections.copy()
    for name, value in fields:
        detections[name][at] = value
    kept = {"time_ns": frame.time_ns, "number": frame.number, "sensor_id": frame.sensor_id}
    return RadarFrame(detections, **(kept | header))


def bad_value(name, value):
    return lambda frame, at: spoiled(frame, at=at, fields=[(name, value)])


bad_inputs = st.one_of(
    st.builds(bad_value, st.sampled_from(VALUES), st.sampled_from([np.nan, np.inf, -np.inf, -1e3])),
    st.just(bad_value("range_m", 1e12)),
    st.just(bad_value("present", Present.RANGE)),
    st.just(bad_value("time_ns", 10**15)),
    st.just(bad_value("time_ns", -(10**13))),
    st.just(lambda frame, at: spoiled(frame, sensor_id=UNKNOWN)),
    st.just(lambda frame, at: spoiled(frame, time_ns=frame.time_ns + 10**14)),
    st.just(lambda frame, at: spoiled(frame, time_ns=frame.time_ns + 10**11)),
    st.just(lambda frame, at: spoiled(frame, time_ns=-(10**12))),
)
"""How a frame is made one that must be refused: by the frame itself or by the tracker."""


@given(config=configs, seed=seeds, scan=scans, at=st.integers(0, 5), spoil=bad_inputs)
@settings(laws, max_examples=120)
def test_what_is_refused_leaves_every_byte_as_it_was(config, seed, scan, at, spoil):
    sensors = tuple(SensorConfig(sensor_id=name) for name in SENSORS)
    tracker = Tracker(msgspec.structs.replace(config, sensors=sensors))
    frames = [frame_of(plots) for plots in plots_of(seed, scan + 2, clutter=6)]
    for frame in frames[:-1]:
        result = tracker.step(frame)
    before, told = tracker.snapshot(), result.tracks.tobytes()
    with pytest.raises((QikiError, ValueError)):
        tracker.step(spoil(frames[-1], at))
    assert tracker.snapshot() == before
    assert result.tracks.tobytes() == told
    tracker.step(frames[-1])
    assert tracker.snapshot() != before


@given(seed=seeds, scan=scans, damage=st.lists(st.integers(0, 2**16), min_size=1, max_size=4))
@laws
def test_a_damaged_message_leaves_every_byte_as_it_was(seed, scan, damage):
    tracker = FrameTracker()
    frames = [encode_frame(frame_of(plots)) for plots in plots_of(seed, scan + 2)]
    for payload in frames[:-1]:
        assert tracker.answer(payload).verdict == "accepted"
    before, damaged = tracker.snapshot(), bytearray(frames[-1])
    for place in {place % len(damaged) for place in damage}:
        damaged[place] ^= 0xFF
    assert tracker.answer(bytes(damaged), crc32c(frames[-1])).verdict == "refused"
    assert tracker.snapshot() == before
    # Without the checksum some values may be others and the frame still one: then it is used.
    is_used = tracker.answer(bytes(damaged)).verdict == "accepted"
    assert (tracker.snapshot() != before) == is_used


@given(config=configs, seed=seeds, scan=scans)
@laws
def test_a_frame_that_comes_again_is_refused_without_a_trace(config, seed, scan):
    tracker = Tracker(config)
    frames = [frame_of(plots, sensor=k % 2) for k, plots in enumerate(plots_of(seed, scan + 1))]
    for frame in frames:
        tracker.step(frame)
    before = tracker.snapshot()
    with pytest.raises(FrameError, match="send each frame once"):
        tracker.step(frames[-1])
    assert tracker.snapshot() == before


@given(config=configs, seed=seeds, scan=scans)
@laws
def test_a_snapshot_is_the_tracker(config, seed, scan):
    """It is written again as it was read, and goes on with the same bytes."""
    straight, frames = Tracker(config), [frame_of(plots) for plots in plots_of(seed, SCANS)]
    for frame in frames[:scan]:
        straight.step(frame)
    snapshot = straight.snapshot()
    restored = Tracker.restore(snapshot, config)
    assert restored.snapshot() == snapshot
    for frame in frames[scan:]:
        one, other = straight.step(frame), restored.step(frame)
        assert one.tracks.tobytes() == other.tracks.tobytes()
        assert one.detection_track.tobytes() == other.detection_track.tobytes()
        assert straight.snapshot() == restored.snapshot()


@given(config=configs, seed=seeds, restore_every=st.integers(1, 4))
@laws
def test_no_name_is_used_twice(config, seed, restore_every):
    tracker, numbers, track_ids = Tracker(config), [], []
    for scan, plots in enumerate(plots_of(seed, 3 * SCANS, clutter=8)):
        if scan % restore_every == 0:
            tracker = Tracker.restore(tracker.snapshot(), config)
        records = tracker.step(frame_of(plots)).tracks
        born = records[records["event"] == TrackEvent.BORN]
        numbers += born["number"].tolist()
        track_ids += [bytes(track_id) for track_id in born["track_id"]]
    assert len(numbers) > 2 * SCANS
    assert numbers == sorted(set(numbers))
    assert len(set(track_ids)) == len(track_ids)


def refusal_of(tracker, frame):
    """What a tracker says that has no room for the frame; nothing where it has."""
    try:
        tracker.step(frame)
    except CapacityError as error:
        return str(error)
    return None


@given(config=configs, seed=seeds, most=st.integers(1, 25))
@laws
def test_the_number_of_tracks_is_bounded_and_a_frame_too_many_says_so(config, seed, most):
    tracker = Tracker(msgspec.structs.replace(config, max_tracks=most))
    refusals = []
    for plots in plots_of(seed, SCANS, clutter=8):
        before = tracker.snapshot()
        refusal = refusal_of(tracker, frame_of(plots))
        if refusal:
            assert tracker.snapshot() == before
            refusals.append(refusal)
        assert len(tracker.tracks()) <= most
    assert refusals or most > 14
    for refusal in refusals:
        assert f"tracks holds {most} entries" in refusal
        assert "raise tracker.max_tracks" in refusal


@given(config=configs, seed=seeds, order=st.permutations(range(8)))
@laws
def test_frames_within_the_window_leave_the_state_of_the_ordered_run(config, seed, order):
    """All of eight frames, one each half second, lie in a window of five seconds."""
    config = msgspec.structs.replace(config, late_window_s=5.0)
    frames = [encode_frame(frame_of(plots)) for plots in plots_of(seed, 9)]
    told = []
    for numbers in (order, range(8)):
        tracker = FrameTracker(config)
        assert {tracker.answer(frames[number]).verdict for number in numbers} == {"accepted"}
        tracks = decode_tracks(tracker.answer(frames[8]).payload).tracks
        told.append(tracks[np.lexsort(tracks["position_m"].T)])
    assert len(told[0]) > 3
    for name in told[0].dtype.names:
        # Those whose birth came late have other numbers.
        if name not in ("number", "track_id"):
            assert told[0][name].tobytes() == told[1][name].tobytes(), name
