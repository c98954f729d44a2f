"""The tracker as its users call it: tracks, their life, refusals, determinism."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki._core import set_simd_level, simd_level, simd_levels
from qiki.errors import TracksError
from qiki.radar import Present, RadarFrame, Scenario, empty_detections
from qiki.radar import Radar as SimulatedRadar
from qiki.tracking import FriendFoe, Tracker, TrackerConfig, TrackEvent, TrackStatus
from qiki.wire import encode_track_rows
from tests.tracking.frames import PERIOD_NS, follow, frame_at


def test_the_settings_in_python_are_the_core_s():
    # The core names its own defaults in a snapshot, where no settings were given.
    without = Tracker().snapshot()
    given = Tracker(TrackerConfig()).snapshot()
    assert without == given
    assert msgspec.json.encode(TrackerConfig()) in without


def test_a_track_is_born_confirmed_coasts_and_is_announced_lost():
    by_hits = TrackerConfig(confirm_by="hits", confirm_hits=3, confirm_window=4, delete_misses=3)
    tracker = Tracker(by_hits)
    seen = [(1000.0, 45.0, 5.0)]
    steps = follow(tracker, [frame_at(k, seen if k < 4 else []) for k in range(7)])
    assert [int(tracks["status"][0]) for tracks in steps] == [
        TrackStatus.NEW,
        TrackStatus.NEW,
        TrackStatus.TRACKED,
        TrackStatus.TRACKED,
        TrackStatus.COASTING,
        TrackStatus.COASTING,
        TrackStatus.LOST,
    ]
    assert steps[0]["event"][0] == TrackEvent.BORN
    assert steps[6]["event"][0] == TrackEvent.ENDED
    assert len({bytes(tracks["track_id"][0]) for tracks in steps}) == 1
    assert len(tracker.tracks()) == 0
    # The next target gets an id that was never used.
    (after,) = follow(tracker, [frame_at(8, seen)])
    assert after["number"][0] == 2
    assert bytes(after["track_id"][0]) != bytes(steps[0]["track_id"][0])


def test_a_miss_outside_the_coverage_is_no_miss():
    coverage = {"max_range_m": 500.0}
    tracker = Tracker()
    follow(tracker, [frame_at(k, [(1000.0, 10.0, 0.0)]) for k in range(4)])
    (outside,) = follow(tracker, [frame_at(4, [], coverage=coverage)])
    assert len(outside) == 0
    (inside,) = follow(tracker, [frame_at(5, [])])
    assert inside["miss_count"][0] == 1


def test_a_track_that_nobody_looks_for_ends_in_time():
    tracker = Tracker(TrackerConfig(max_coast_s=1.0))
    follow(tracker, [frame_at(k, [(1000.0, 10.0, 0.0)]) for k in range(4)])
    far = {"coverage": {"max_range_m": 500.0}}
    steps = follow(tracker, [frame_at(k, [], **far) for k in range(4, 15)])
    assert [len(tracks) for tracks in steps] == [0] * 10 + [1]
    assert steps[-1]["status"][0] == TrackStatus.LOST


def test_position_and_velocity_converge_with_range_rate():
    rng = np.random.default_rng(11)
    start, velocity = np.array([3000.0, 8000.0, 500.0]), np.array([-120.0, 60.0, 5.0])
    tracker = Tracker()
    for number in range(60):
        position = start + velocity * number * 0.1
        range_m = np.linalg.norm(position)
        detections = empty_detections(1)
        detections["time_ns"] = number * PERIOD_NS
        detections["range_m"] = range_m + rng.normal(0, 10)
        detections["bearing_deg"] = np.degrees(np.arctan2(position[0], position[1]))
        detections["bearing_deg"] += rng.normal(0, 0.1)
        detections["elevation_deg"] = np.degrees(np.arcsin(position[2] / range_m))
        detections["elevation_deg"] += rng.normal(0, 0.1)
        detections["range_rate_m_s"] = position @ velocity / range_m + rng.normal(0, 1)
        detections["range_std_m"], detections["range_rate_std_m_s"] = 10.0, 1.0
        detections["bearing_std_deg"] = detections["elevation_std_deg"] = 0.1
        detections["present"] = (
            Present.RANGE | Present.BEARING | Present.ELEVATION | Present.RANGE_RATE
        )
        result = tracker.step(RadarFrame(detections, time_ns=number * PERIOD_NS, number=number))
    (track,) = result.tracks
    error = np.concatenate([track["position_m"] - position, track["velocity_m_s"] - velocity])
    deviation = np.sqrt(
        np.concatenate(
            [
                track["position_covariance_m2"][[0, 3, 5]],
                track["velocity_covariance_m2_s2"][[0, 3, 5]],
            ]
        )
    )
    # Six independent errors within 4 standard deviations: 99.96 % of correct filters.
    assert np.all(np.abs(error) < 4.0 * deviation)
    assert np.linalg.norm(error[:3]) < 20.0
    assert np.linalg.norm(error[3:]) < 15.0
    assert track["range_rate_m_s"] == pytest.approx(position @ velocity / range_m, abs=2.0)


def test_detections_of_one_frame_have_their_own_times():
    """A turning radar: the same target, seen once a turn at the time the beam passes."""
    tracker = Tracker(TrackerConfig(process_noise_m2_s3=0.1))
    speed_m_s, turn_s = 200.0, 4.0
    for number in range(12):
        seen_s = number * turn_s + 0.5 + 0.2 * number
        detections = empty_detections(1)
        detections["time_ns"] = int(seen_s * 1e9)
        detections["range_m"], detections["range_std_m"] = 5000.0 + speed_m_s * seen_s, 5.0
        detections["bearing_deg"], detections["bearing_std_deg"] = 0.0, 0.01
        detections["elevation_deg"], detections["elevation_std_deg"] = 0.0, 0.01
        detections["present"] = Present.RANGE | Present.BEARING | Present.ELEVATION
        end_ns = int((number + 1) * turn_s * 1e9)
        result = tracker.step(RadarFrame(detections, time_ns=end_ns, number=number))
    (track,) = result.tracks
    # Reported at the end of the turn, extrapolated from the time of the detection.
    assert track["time_ns"] == end_ns
    assert track["update_time_ns"] == int(seen_s * 1e9)
    assert track["position_m"][1] == pytest.approx(5000.0 + speed_m_s * end_ns * 1e-9, abs=10.0)
    assert track["velocity_m_s"][1] == pytest.approx(speed_m_s, abs=1.0)


def test_identity_stays_with_the_track_outside_the_short_range():
    tracker = Tracker(TrackerConfig(friendly_ids=("ALLY-7",)))
    near = [frame_at(k, [(4000.0 + k, 30.0, 0.0)], identity=b"ALLY-7") for k in range(4)]
    follow(tracker, near)
    far = frame_at(4, [(4004.0, 30.0, 0.0)])
    detections = far.detections.copy()
    detections["range_band"] = 1
    far = RadarFrame(detections, time_ns=far.time_ns, number=4)
    (tracks,) = follow(tracker, [far])
    assert tracks["transponder_id"][0] == b"ALLY-7"
    assert tracks["range_band"][0] == 0  # unspecified: long range never carries an identity
    assert tracks["friend_foe"][0] == FriendFoe.FRIEND


@pytest.mark.parametrize(
    ("said", "expected"),
    [(b"ALLY-7", FriendFoe.FRIEND), (b"RAIDER", FriendFoe.FOE), (b"NOBODY", FriendFoe.UNKNOWN)],
)
def test_the_lists_say_who_is_friend_and_who_is_foe(said, expected):
    tracker = Tracker(TrackerConfig(friendly_ids=("ALLY-7",), hostile_ids=("RAIDER",)))
    (tracks,) = follow(tracker, [frame_at(0, [(4000.0, 30.0, 0.0)], identity=said)])
    assert tracks["friend_foe"][0] == expected


def test_a_long_range_track_without_identity_reports_long_range():
    tracker = Tracker()
    frame = frame_at(0, [(9000.0, 30.0, 0.0)])
    detections = frame.detections.copy()
    detections["range_band"] = 1
    tracks = tracker.step(RadarFrame(detections, time_ns=0)).tracks
    assert tracks["range_band"][0] == 1
    assert tracks["friend_foe"][0] == FriendFoe.UNKNOWN


@pytest.mark.parametrize("volume_m3", [None, 1e12])
def test_a_lone_measured_target_is_confirmed(volume_m3):
    rng = np.random.default_rng(5)
    tracker = Tracker()
    for number in range(20):
        position_m = np.array([[1000.0 + 30.0 * number * 0.1, -500.0, 100.0]])
        position_m += rng.normal(0, 20.0, (1, 3))
        result = tracker.step_positions(
            position_m, np.eye(3) * 400.0, number * PERIOD_NS, volume_m3=volume_m3
        )
    assert list(result.tracks["number"]) == [1]
    assert result.tracks["status"][0] == TrackStatus.TRACKED


def test_a_plot_without_height_keeps_the_track_of_a_high_target():
    tracker = Tracker()
    height_m, range_m = 12_000.0, 20_000.0
    elevation_deg = float(np.degrees(np.arcsin(height_m / range_m)))
    for number in range(40):
        detections = frame_at(number, [(range_m, 40.0, elevation_deg)]).detections.copy()
        if number % 2:
            detections["present"] = Present.RANGE | Present.BEARING
            detections["elevation_deg"] = detections["elevation_std_deg"] = np.nan
        result = tracker.step(RadarFrame(detections, time_ns=number * PERIOD_NS, number=number))
    assert list(result.tracks["number"]) == [1]


def run_default_scene(frames=40):
    radar = SimulatedRadar(Scenario.load("default"), epoch=5)
    tracker = Tracker(epoch=9)
    out = []
    for number in range(frames):
        result = tracker.step(radar.frame(number))
        out.append(result.tracks.tobytes() + result.detection_track.tobytes())
    return out, tracker


def test_every_instruction_set_gives_the_same_bytes():
    chosen = simd_level()
    try:
        runs = {}
        for level in simd_levels():
            set_simd_level(level)
            runs[level] = run_default_scene()[0]
    finally:
        set_simd_level(chosen)
    reference = runs[chosen]
    assert all(run == reference for run in runs.values())


@settings(max_examples=30, deadline=None)
@given(
    rotation_deg=st.floats(0.0, 359.0),
    seed=st.integers(0, 2**32 - 1),
)
def test_turning_the_scene_turns_the_tracks(rotation_deg, seed):
    """A law of the geometry: a turn of every bearing turns every track by the same angle."""
    rng = np.random.default_rng(seed)
    ranges, bearings = rng.uniform(500, 9000, 6), np.arange(6) * 60.0 + rng.uniform(0, 20, 6)
    straight, turned = Tracker(), Tracker()
    for number in range(5):
        noise = rng.normal(0, 5, 6)
        polar = [(r + n, b, 4.0) for r, b, n in zip(ranges, bearings, noise, strict=True)]
        rotated = [(r, (b + rotation_deg) % 360.0, e) for r, b, e in polar]
        one = straight.step(frame_at(number, polar)).tracks
        other = turned.step(frame_at(number, rotated)).tracks
    angle = np.radians(rotation_deg)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    assert list(one["status"]) == list(other["status"])
    np.testing.assert_allclose(
        other["position_m"][:, :2], one["position_m"][:, :2] @ matrix.T, atol=1e-5
    )
    np.testing.assert_allclose(other["position_m"][:, 2], one["position_m"][:, 2], atol=1e-5)


def test_clutter_outside_every_gate_leaves_the_tracks_bit_identical():
    seen = [(1000.0, 10.0, 0.0), (3000.0, 200.0, 2.0)]
    alone, beside = Tracker(), Tracker()
    for number in range(6):
        one = alone.step(frame_at(number, seen)).tracks
        clutter = [(20_000.0 + 900.0 * number, 100.0 + 20.0 * number, 30.0)]
        other = beside.step(frame_at(number, seen + clutter)).tracks
        other = other[np.isin(other["number"], [1, 2])]
        for name in ("position_m", "velocity_m_s", "position_covariance_m2"):
            assert one[name].tobytes() == other[name].tobytes()


def test_covariances_stay_positive_definite():
    _, tracker = run_default_scene(100)
    assert_positive_definite(tracker.tracks())


@pytest.mark.parametrize("range_m", [1e3, 1e7, 1e8, 9e8])
@pytest.mark.parametrize("angle_std_deg", [1e-4, 5.0, 10.0])
def test_covariances_stay_positive_definite_at_the_limits(range_m, angle_std_deg):
    tracker = Tracker()
    for number in range(60):
        detections = frame_at(number, [(range_m, 33.0, 12.0)]).detections.copy()
        detections["range_std_m"] = 1e-3
        detections["bearing_std_deg"] = detections["elevation_std_deg"] = angle_std_deg
        tracker.step(RadarFrame(detections, time_ns=number * PERIOD_NS, number=number))
        assert_positive_definite(tracker.tracks())


def assert_positive_definite(tracks):
    for track in tracks:
        for name in ("position_covariance_m2", "velocity_covariance_m2_s2"):
            xx, xy, xz, yy, yz, zz = track[name]
            matrix = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
            eigenvalues = np.linalg.eigvalsh(matrix)
            assert eigenvalues.min() > -1e-12 * eigenvalues.max()
            assert min(xx, yy, zz) > 0.0


def test_positions_have_polar_values_only_where_a_sensor_is_named():
    position_m, covariance_m2 = np.array([[1300.0, 400.0, 90.0]]), np.eye(3)
    names = ["range_m", "bearing_deg", "elevation_deg", "range_rate_m_s"]
    tracker = Tracker()
    alone = tracker.step_positions(position_m, covariance_m2, 0).tracks
    assert all(np.isnan(alone[name][0]) for name in names)
    assert all(np.isnan(tracker.tracks()[name][0]) for name in names)
    with pytest.raises(TracksError, match="range_m"):
        encode_track_rows(alone)
    sensor_m = (1000.0, 0.0, 90.0)
    seen = tracker.step_positions(position_m, covariance_m2, 0, sensor_position_m=sensor_m).tracks
    assert len(encode_track_rows(seen)) == 1
    for track in seen[0], tracker.tracks(sensor_position_m=sensor_m)[0]:
        assert (track["range_m"], track["elevation_deg"]) == (500.0, 0.0)
        assert track["bearing_deg"] == pytest.approx(np.degrees(np.arctan2(300.0, 400.0)))
        assert track["range_rate_m_s"] == 0.0


def test_records_stay_as_they_were_read_and_cannot_be_written():
    tracker = Tracker()
    steps = [frame_at(k, [(1000.0 + 10.0 * k, 45.0, 5.0)]) for k in range(6)]
    kept = [tracker.step(frame).tracks for frame in steps]
    copies = [tracks.copy() for tracks in kept]
    with pytest.raises(ValueError, match="read-only"):
        kept[0]["range_m"] = 0.0
    # Memory that was given back is written again; what somebody holds is not.
    del kept[1], copies[1]
    for k in range(6, 12):
        _ = tracker.step(frame_at(k, [(1000.0 + 10.0 * k, 45.0, 5.0)])).tracks
    for tracks, copy in zip(kept, copies, strict=True):
        assert tracks.tobytes() == copy.tobytes()


def test_memory_of_records_is_used_again_and_two_buffers_are_kept():
    tracker = Tracker()
    many = [(1000.0 + 100.0 * k, 3.0 * k, 5.0) for k in range(100)]

    def step(number):
        return tracker.step(frame_at(number, many)).tracks

    def address(tracks):
        return tracks.__array_interface__["data"][0]

    held = [step(number) for number in range(4)]
    addresses = [address(tracks) for tracks in held]
    assert len(set(addresses)) == 4
    # A view of a field keeps the whole buffer.
    ranges_m, expected_m = held[0]["range_m"], held[0]["range_m"].copy()
    del held[0]
    held.append(step(4))
    assert address(held[-1]) not in addresses
    assert ranges_m.tobytes() == expected_m.tobytes()
    given_back = [address(held.pop(0)) for _ in range(3)]
    again = [step(number) for number in range(5, 7)]
    assert {address(tracks) for tracks in again} == set(given_back[:2])
