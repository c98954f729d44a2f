"""What the tracker refuses, by name, and that a refusal changes nothing."""

import threading

import msgspec
import numpy as np
import pytest

from qiki.errors import (
    CapacityError,
    FrameError,
    LateFrameError,
    SettingError,
    SnapshotError,
    StaleResultError,
)
from qiki.radar import Present, RadarFrame, Scenario, empty_detections
from qiki.radar import Radar as SimulatedRadar
from qiki.tracking import Tracker, TrackerConfig, TrackEvent
from tests.tracking.frames import PERIOD_NS, follow, frame_at


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("process_noise_m2_s3", -1.0),
        ("process_noise_m2_s3", 1e9),
        ("initial_speed_std_m_s", 0.0),
        ("gate_probability", 1.0),
        ("detection_probability", 0.0),
        ("births_per_frame", 0.0),
        ("mean_lifetime_s", float("inf")),
        ("confirm_by", "luck"),
        ("confirm_existence", 1.0),
        ("delete_existence", 0.95),
        ("confirm_hits", 5),
        ("confirm_window", 33),
        ("delete_misses", 0),
        ("max_tracks", 0),
        ("earth_radius_m", 1.0),
        ("max_ahead_s", 0.0),
        ("late_window_s", 60.5),
        ("friendly_ids", ("x" * 33,)),
        ("hostile_ids", ("",)),
        ("friendly_ids", ("x",) * 100_001),
    ],
)
def test_a_setting_outside_its_limits_is_named(name, value):
    with pytest.raises(SettingError, match=name):
        Tracker(TrackerConfig(**{name: value}))


def test_an_identity_on_both_lists_is_named():
    settings = TrackerConfig(friendly_ids=("A", "B"), hostile_ids=("C", "B"))
    with pytest.raises(SettingError, match=r"hostile_ids\[1\] is B.*friendly_ids\[1\]"):
        Tracker(settings)


def test_a_refused_frame_changes_nothing():
    tracker = Tracker(TrackerConfig(max_tracks=3, max_detections=5))
    seen = [(1000.0, 10.0, 0.0), (2000.0, 90.0, 0.0)]
    follow(tracker, [frame_at(k, seen) for k in range(3)])
    before = tracker.snapshot()
    with pytest.raises(LateFrameError, match="is late"):
        tracker.step(frame_at(1, seen))
    with pytest.raises(CapacityError, match="tracks holds 3 entries, 4 wanted"):
        tracker.step(frame_at(3, [*seen, (9000.0, 180.0, 0.0), (9000.0, 270.0, 0.0)]))
    with pytest.raises(CapacityError, match="detections of a frame holds 5"):
        tracker.step(frame_at(3, seen * 3))
    with pytest.raises(FrameError, match="positions_m"):
        tracker.step_positions(np.full((1, 3), np.nan), np.eye(3), 10**9)
    with pytest.raises(FrameError, match="positive definite"):
        tracker.step_positions(np.zeros((1, 3)), -np.eye(3), 10**9)
    for variance_m2 in (1e-13, 1e25):
        with pytest.raises(FrameError, match="variances 1e-12 to 1e24"):
            tracker.step_positions(np.zeros((1, 3)), np.eye(3) * variance_m2, 10**9)
    with pytest.raises(FrameError, match="volume_m3"):
        tracker.step_positions(np.zeros((1, 3)), np.eye(3), 10**9, volume_m3=0.0)
    for nowhere in (np.nan, np.inf, 1e12):
        sensor_m = (0.0, nowhere, 0.0)
        with pytest.raises(FrameError, match="sensor_position_m"):
            tracker.step_positions(np.zeros((1, 3)), np.eye(3), 10**9, sensor_position_m=sensor_m)
        with pytest.raises(FrameError, match="sensor_position_m"):
            tracker.tracks(sensor_position_m=sensor_m)
    with pytest.raises(ValueError, match=r"must be \(n, 3\) or \(n, 2\)"):
        tracker.step_positions(np.zeros((1, 4)), np.eye(4), 10**9)
    with pytest.raises(ValueError, match=r"must be \(2, 2\) or \(1, 2, 2\)"):
        tracker.step_positions(np.zeros((1, 2)), np.eye(3), 10**9)
    with pytest.raises(ValueError, match="2 columns: give area_m2"):
        tracker.step_positions(np.zeros((1, 2)), np.eye(2), 10**9, volume_m3=1.0)
    with pytest.raises(ValueError, match="3 columns: give volume_m3"):
        tracker.step_positions(np.zeros((1, 3)), np.eye(3), 10**9, area_m2=1.0)
    with pytest.raises(FrameError, match="area_m2 is -1"):
        tracker.step_positions(np.zeros((1, 2)), np.eye(2), 10**9, area_m2=-1.0)
    no_bearing = frame_at(3, seen[:1]).detections.copy()
    no_bearing["present"] = Present.RANGE
    no_bearing["bearing_deg"] = no_bearing["bearing_std_deg"] = np.nan
    no_bearing["elevation_deg"] = no_bearing["elevation_std_deg"] = np.nan
    with pytest.raises(FrameError, match="range and bearing"):
        tracker.step(RadarFrame(no_bearing, time_ns=10**9))
    after_frame = frame_at(3, seen).detections.copy()
    with pytest.raises(FrameError, match="at most the frame's time"):
        tracker.step(RadarFrame(after_frame, time_ns=3 * PERIOD_NS - 1))
    assert tracker.snapshot() == before


def test_a_refused_frame_does_not_swallow_an_announcement():
    tracker = Tracker(
        TrackerConfig(
            max_tracks=2, confirm_by="hits", confirm_hits=1, confirm_window=1, delete_misses=1
        )
    )
    follow(tracker, [frame_at(0, [(1000.0, 10.0, 0.0)])])
    ended = tracker.step(frame_at(1, []))
    before = tracker.snapshot()
    with pytest.raises(CapacityError):
        tracker.step(frame_at(2, [(1e3, 0.0, 0.0), (2e3, 90.0, 0.0), (3e3, 180.0, 0.0)]))
    assert tracker.snapshot() == before
    assert list(ended.tracks["event"]) == [TrackEvent.ENDED]


def test_one_band_of_a_frame_is_refused():
    radar = SimulatedRadar(Scenario.load("default"))
    part = radar.frame(0).split(radar.sr_threshold_m).short
    with pytest.raises(FrameError, match="frame of all bands"):
        Tracker().step(part)


@pytest.mark.parametrize("time_ns", [2**63 - 1, -(2**63), 2**61 + 1])
def test_a_time_whose_differences_would_overflow_is_refused(time_ns):
    with pytest.raises(FrameError, match="time_ns"):
        Tracker().step(RadarFrame(empty_detections(0), time_ns=time_ns))
    with pytest.raises(FrameError, match="time_ns"):
        Tracker().step_positions(np.zeros((1, 3)), np.eye(3), time_ns)


def test_a_detection_older_than_an_hour_is_refused():
    detections = frame_at(0, [(1000.0, 10.0, 0.0)]).detections.copy()
    with pytest.raises(FrameError, match="1 h before"):
        Tracker().step(RadarFrame(detections, time_ns=3_600_000_000_001))


def test_the_past_is_not_reported():
    tracker = Tracker()
    follow(tracker, [frame_at(k, [(1000.0, 10.0, 0.0)]) for k in range(3)])
    with pytest.raises(SettingError, match="newest frame's time"):
        tracker.tracks(PERIOD_NS)


def test_too_many_pairs_are_refused():
    rng = np.random.default_rng(2)
    detections = empty_detections(1500)
    detections["range_m"], detections["range_std_m"] = rng.uniform(1e3, 1e5, 1500), 1e5
    detections["bearing_deg"], detections["bearing_std_deg"] = rng.uniform(0, 359, 1500), 300.0
    detections["present"] = Present.RANGE | Present.BEARING
    tracker = Tracker()
    tracker.step(RadarFrame(detections, time_ns=0))
    before = tracker.snapshot()
    with pytest.raises(CapacityError, match="pairs of track and detection"):
        tracker.step(RadarFrame(detections, time_ns=0, number=1))
    assert tracker.snapshot() == before


def test_an_empty_scan_of_positions_is_a_scan():
    tracker = Tracker()
    for covariance_m2 in (np.eye(3), np.zeros((0, 3, 3))):
        assert len(tracker.step_positions(np.zeros((0, 3)), covariance_m2, 0).tracks) == 0


def test_settings_reach_the_core_as_the_same_bits():
    rng = np.random.default_rng(3)
    for noise in rng.uniform(0.0, 1e3, 300):
        config = TrackerConfig(process_noise_m2_s3=float(noise))
        Tracker.restore(Tracker(config).snapshot(), config)
        assert msgspec.json.encode(config) in Tracker(config).snapshot()


def test_threads_that_share_a_tracker_are_told():
    tracker = Tracker()
    positions_m = np.random.default_rng(1).uniform(-1e5, 1e5, (5000, 3))
    refusals = []

    def work():
        for _ in range(20):
            try:
                tracker.step_positions(positions_m, np.eye(3), 0)
            except RuntimeError as error:
                refusals.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all("borrowed" in refusal for refusal in refusals)


def test_results_are_read_before_the_next_step():
    tracker = Tracker()
    first = tracker.step(frame_at(0, [(1000.0, 10.0, 0.0)]))
    kept = tracker.step(frame_at(1, [(1000.0, 10.0, 0.0)]))
    with pytest.raises(StaleResultError, match=r"read StepResult\.tracks before"):
        _ = first.tracks
    with pytest.raises(StaleResultError, match=r"read StepResult\.detection_track before"):
        _ = first.detection_track
    assert len(kept.tracks) == 1
    assert kept.detection_track.tolist() == [1]
    tracker.step(frame_at(2, []))
    assert len(kept.tracks) == 1
    assert kept.detection_track.tolist() == [1]


def test_a_snapshot_of_other_settings_is_refused():
    snapshot = Tracker(TrackerConfig(delete_misses=4)).snapshot()
    Tracker.restore(snapshot, TrackerConfig(delete_misses=4))
    with pytest.raises(SnapshotError, match="settings"):
        Tracker.restore(snapshot, TrackerConfig())
    with pytest.raises(SnapshotError, match="too few"):
        Tracker.restore(b"")
