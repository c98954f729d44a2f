"""Replies as evidence of whose a detection is, and what a track believes of them."""

import msgspec
import numpy as np
import pytest

from qiki.radar import Present, RadarFrame, RangeBand, empty_detections
from qiki.tracking import Tracker, TrackerConfig, TrackStatus

PERIOD_NS = 1_000_000_000
CONFIG = TrackerConfig(identity_garble_probability=0.05, identity_swap_probability=0.02)
METHODS = pytest.mark.parametrize("association", ["gnn", "jpda"])


def frame(number, places_m, replies, *, code=False, band=RangeBand.SHORT):
    """Detections at (east, north) [m] with an address or a code each, None for silence."""
    detections = empty_detections(len(places_m))
    detections["time_ns"] = number * PERIOD_NS
    for detection, (east_m, north_m), reply in zip(detections, places_m, replies, strict=True):
        detection["range_m"], detection["range_std_m"] = np.hypot(east_m, north_m), 20.0
        detection["bearing_deg"] = np.degrees(np.arctan2(east_m, north_m)) % 360.0
        detection["bearing_std_deg"] = 0.2
        detection["elevation_deg"], detection["elevation_std_deg"] = 0.0, 0.2
        detection["present"] = Present.RANGE | Present.BEARING | Present.ELEVATION
        detection["range_band"] = band
        if reply is not None:
            detection["mode_3a" if code else "address"] = reply
            detection["present"] |= Present.MODE_3A if code else Present.ADDRESS
            detection["present"] |= Present.TRANSPONDER_REPLY
    return RadarFrame(detections, time_ns=number * PERIOD_NS, number=number)


def tracker_config(association, **settings):
    return msgspec.structs.replace(CONFIG, association=association, **settings)


def tracker(association, **settings):
    return Tracker(tracker_config(association, **settings))


def crossing(rng, number):
    """Two targets that meet at an angle of a few degrees: where they were seen at a scan."""
    along_m = 40.0 * (number - 20)
    truth_m = np.array([[along_m, 4000.0 + 0.1 * along_m], [along_m, 4000.0 - 0.1 * along_m]])
    return truth_m + rng.normal(0.0, 14.0, (2, 2))


def names_are_kept(association, seed, *, replies):
    """Whether each of two crossing targets has its first track at the end."""
    rng, follower = np.random.default_rng(seed), tracker(association)
    for number in range(41):
        said = [0x11, 0x22] if replies else [None, None]
        result = follower.step(frame(number, crossing(rng, number), said))
        if number == 5:
            first = result.detection_track.copy()
    return bool((result.detection_track == first).all())


@METHODS
def test_targets_that_cross_keep_their_tracks_by_their_replies(association):
    runs = range(40)
    without = sum(names_are_kept(association, seed, replies=False) for seed in runs)
    kept = sum(names_are_kept(association, seed, replies=True) for seed in runs)
    assert without <= 36, "the scene is hard without replies"
    assert kept == len(runs)


@METHODS
def test_frames_without_replies_are_tracked_as_ever(association):
    """Nothing of the settings of identity reaches a track that never heard a reply."""
    loose = tracker(association)
    strict = tracker(association, identity_garble_probability=1e-6, identity_swap_probability=1e-6)
    rng = np.random.default_rng(3)
    for number in range(30):
        silent = frame(number, crossing(rng, number), [None, None])
        one, two = loose.step(silent), strict.step(silent)
        assert one.tracks.tobytes() == two.tracks.tobytes()


@METHODS
def test_an_address_pulls_nothing_into_the_gate(association):
    """The own address far off, a silent detection at the place: the place counts."""
    follower = tracker(association)
    for number in range(6):
        (own,) = follower.step(frame(number, [(0.0, 4000.0)], [0x11])).detection_track
    result = follower.step(frame(6, [(900.0, 4000.0), (0.0, 4000.0)], [0x11, None]))
    assert result.detection_track[1] == own
    assert result.detection_track[0] != own


@METHODS
def test_silent_detections_are_not_cut_off(association):
    follower = tracker(association)
    for number in range(6):
        (own,) = follower.step(frame(number, [(0.0, 4000.0)], [0x11])).detection_track
    for number in range(6, 12):
        result = follower.step(frame(number, [(0.0, 4000.0)], [None]))
        assert result.detection_track[0] == own
    assert result.tracks["address"][0] == 0x11


@METHODS
def test_exchanged_replies_of_targets_well_apart_move_no_track(association):
    """150 m are seven standard deviations: replies change places, targets do not."""
    follower, places_m = tracker(association), [(0.0, 4000.0), (0.0, 4150.0)]
    for number in range(30):
        said = [0x22, 0x11] if number % 7 == 6 else [0x11, 0x22]
        result = follower.step(frame(number, places_m, said))
        if number == 0:
            first = result.detection_track.copy()
        assert (result.detection_track == first).all()
    addresses = dict(zip(result.tracks["number"], result.tracks["address"], strict=True))
    assert [addresses[number] for number in first] == [0x11, 0x22]


@METHODS
@pytest.mark.parametrize("code", [False, True])
def test_garbled_replies_rename_no_track(association, code):
    rng, follower = np.random.default_rng(8), tracker(association)
    name = "mode_3a" if code else "address"
    for number in range(200):
        garbled = number > 1 and rng.random() < 0.05
        said = int(rng.integers(1, 0o7777)) if garbled else 0o4521
        result = follower.step(frame(number, [(0.0, 4000.0)], [said], code=code))
        held = result.tracks[result.tracks["status"] != TrackStatus.LOST]
        named = held[held["hit_count"] > 1]
        assert (named[name] == 0o4521).all(), number
    assert (held["number"].min(), held["hit_count"].max()) == (1, 200)


def test_a_target_that_changes_its_code_is_renamed():
    follower = tracker("gnn")
    for number, said in enumerate([0o1234] * 10 + [0o4521] * 4):
        result = follower.step(frame(number, [(0.0, 4000.0)], [said], code=True))
    assert result.tracks["number"].tolist() == [1]
    assert result.tracks["mode_3a"].tolist() == [0o4521]


@METHODS
def test_what_is_believed_is_part_of_a_snapshot(association):
    follower = tracker(association)
    said = [0x11, 0x11, 0x33, 0x11, 0x44, 0x11, 0x33]
    for number, address in enumerate(said):
        follower.step(frame(number, [(0.0, 4000.0)], [address]))
    restored = Tracker.restore(follower.snapshot())
    assert restored.snapshot() == follower.snapshot()
    for number in range(len(said), len(said) + 4):
        later = frame(number, [(0.0, 4000.0)], [0x33])
        one, two = follower.step(later), restored.step(later)
        assert one.tracks.tobytes() == two.tracks.tobytes()
    assert one.tracks["address"].tolist() == [0x33]
