"""What a registration refuses, and what it keeps over a restart."""

import numpy as np
import pytest

from qiki.errors import (
    CapacityError,
    FrameError,
    LateFrameError,
    SettingError,
    SnapshotError,
    TracksError,
)
from qiki.radar import RadarFrame
from qiki.tracking import (
    Registration,
    SensorConfig,
    Tracker,
    TrackerConfig,
    TrackEvent,
    TrackStatus,
)
from tests.tracking.registration_scene import (
    REFERENCE_ID,
    SENSOR_ID,
    THIRD_ID,
    Scene,
    numbers,
    registration,
    run,
)

BIAS = np.array([900.0, 300.0, 50.0, 0.2, 0.3])


@pytest.fixture
def begun():
    """A registration that has been told of some scans, the next frame and its tracks."""
    scene, tracker = Scene(1, BIAS, target_count=30), Tracker()
    found = registration(config=TrackerConfig(max_tracks=60, max_detections=100))
    for number in range(12):
        frame = scene.frame(REFERENCE_ID, number, float(number))
        tracks = tracker.step(frame).tracks
        found.add_reference(frame, tracks)
        found.add(scene.frame(SENSOR_ID, number, number + 0.5))
    assert found.aligned
    frame = scene.frame(REFERENCE_ID, 12, 12.0)
    return found, scene, frame, tracker.step(frame).tracks


def with_header(frame, **header):
    return RadarFrame(frame.detections, **{"time_ns": frame.time_ns, "number": 12} | header)


def test_frames_of_the_wrong_sensor_are_refused(begun):
    found, scene, frame, tracks = begun
    before = found.snapshot()
    own = scene.frame(SENSOR_ID, 12, 12.5)
    with pytest.raises(FrameError, match=rf"sensor_id is {SENSOR_ID}, must be another sensor's"):
        found.add_reference(own, tracks)
    with pytest.raises(FrameError, match=rf"sensor_id is {REFERENCE_ID}, must be {SENSOR_ID}"):
        found.add(frame)
    assert found.snapshot() == before


def test_frames_out_of_order_are_refused(begun):
    found, scene, frame, tracks = begun
    own = scene.frame(SENSOR_ID, 12, 12.5)
    found.add(own)
    found.add_reference(frame, tracks)
    before = found.snapshot()
    with pytest.raises(LateFrameError, match="frame 12 "):
        found.add(own)
    earlier = RadarFrame(frame.detections[:0], time_ns=0, sensor_id=REFERENCE_ID)
    with pytest.raises(LateFrameError, match="frame 0 at 0 ns is late"):
        found.add_reference(earlier, tracks[:0])
    assert found.snapshot() == before


def test_a_reference_frame_that_comes_again_is_refused(begun):
    found, _, frame, tracks = begun
    found.add_reference(frame, tracks)
    before, std = found.snapshot(), numbers(found.std)
    told = r"number is 12, must be new in its epoch: give each frame of a sensor once"
    for again in (found, Registration.restore(before)):
        for _ in range(3):
            with pytest.raises(FrameError, match=told):
                again.add_reference(frame, tracks)
        assert again.snapshot() == before
        assert numbers(again.std) == pytest.approx(std, abs=0.0)
    # Others of the same time are others.
    for header in ({"sensor_id": THIRD_ID}, {"number": 13}, {"epoch": 1}):
        other = with_header(frame, **({"sensor_id": REFERENCE_ID} | header))
        found.add_reference(other, tracks[:0])
        with pytest.raises(FrameError, match="number is"):
            found.add_reference(other, tracks[:0])
    later = with_header(frame, sensor_id=REFERENCE_ID, time_ns=frame.time_ns + 1, number=14)
    later_tracks = tracks.copy()
    later_tracks["time_ns"] += 1
    size = len(found.snapshot())
    found.add_reference(later, later_tracks)
    assert len(found.snapshot()) == size - 3 * 32


def test_pairs_without_end_are_refused(begun):
    """Of the first alignment and of the gates: the work of a frame has a limit."""
    count = 2100
    far = {"half_side_m": 1000.0, "centre_m": (0.0, 20_000.0)}
    scene, tracker = Scene(1, np.zeros(5), target_count=count, **far), Tracker()
    for search_m, kind in ((100_000.0, "votes"), (0.0, "gates")):
        config = TrackerConfig(max_detections=5000)
        found = registration(config=config, search_m=search_m, position_std_m=10_000.0)
        frame = scene.frame(REFERENCE_ID, 0, 0.0)
        tracks = np.zeros(count, tracker.tracks().dtype)
        tracks["number"], tracks["detection_index"] = np.arange(1, count + 1), np.arange(count)
        tracks["time_ns"] = frame.time_ns
        tracks["status"], tracks["event"] = TrackStatus.TRACKED, TrackEvent.UPDATED
        found.add_reference(frame, tracks)
        before = found.snapshot()
        told = "pairs of a registration holds 4000000 entries, 4410000 wanted: search less far"
        with pytest.raises(CapacityError, match=told):
            found.add(scene.frame(SENSOR_ID, 0, 0.0))
        assert found.snapshot() == before, kind


def test_tracks_of_another_frame_are_refused(begun):
    found, _, frame, tracks = begun
    before = found.snapshot()
    other = tracks.copy()
    other["time_ns"][3] += 1
    with pytest.raises(TracksError, match=r"tracks\[3\]\.time_ns is 12000000001, must be 12"):
        found.add_reference(frame, other)
    other = tracks.copy()
    other["detection_index"][2] = 30
    with pytest.raises(TracksError, match=r"tracks\[2\]\.detection_index is 30, must be below 30"):
        found.add_reference(frame, other)
    assert found.snapshot() == before


def test_more_than_the_limits_is_refused(begun):
    found, _, frame, tracks = begun
    before = found.snapshot()
    more = np.concatenate([tracks, tracks])
    more["number"][30:] += 1000
    even_more = np.concatenate([more, tracks[:1]])
    even_more["number"][60:] = 5000
    with pytest.raises(CapacityError, match="holds 60 entries, 61 wanted: raise max_tracks"):
        found.add_reference(frame, even_more)
    many = np.concatenate([frame.detections] * 4)
    with pytest.raises(CapacityError, match="holds 100 entries, 120 wanted: raise max_detections"):
        found.add(RadarFrame(many, time_ns=13_000_000_000, sensor_id=SENSOR_ID))
    assert found.snapshot() == before
    found.add_reference(frame, more)
    assert found.target_count == 60


def test_detections_without_a_bearing_are_refused(begun):
    found, *_ = begun
    before = found.snapshot()
    scene = Scene(1, BIAS, target_count=2)
    detections = scene.frame(SENSOR_ID, 12, 12.5).detections.copy()
    detections["present"][1] &= ~np.uint32(2)
    detections["bearing_deg"][1] = detections["bearing_std_deg"][1] = np.nan
    with pytest.raises(FrameError, match=r"detections\[1\]\.present"):
        found.add(RadarFrame(detections, time_ns=14_000_000_000, sensor_id=SENSOR_ID))
    assert found.snapshot() == before


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"position_std_m": 1.1e5}, "registration.position_std_m is 110000, must be 0 to 100000"),
        ({"bearing_std_deg": 11.0}, "registration.bearing_std_deg is 11, must be 0 to 10"),
        ({"time_std_s": -0.5}, "registration.time_std_s is -0.5, must be 0 to 10"),
        ({"search_m": float("inf")}, "registration.search_m is inf, must be 0 to 100000"),
        ({"range_std_m": float("nan")}, "registration.range_std_m is NaN, must be 0 to 100000"),
    ],
)
def test_settings_outside_their_limits_are_refused(settings, message):
    with pytest.raises(SettingError, match=message):
        registration(**settings)


def test_motion_models_which_it_would_not_use_are_refused():
    told = (
        r"registration.config.motion_models is 2 models, must be none: a registration's targets "
        r"move with constant velocity: .* process_noise_m2_s3"
    )
    with pytest.raises(SettingError, match=told):
        registration(config=TrackerConfig.air_surveillance())


def test_a_sensor_without_an_id_is_refused():
    with pytest.raises(SettingError, match=r'registration\.sensor_id is "radar", must be a UUID'):
        Registration("radar")


@pytest.mark.parametrize("scans", [0, 2, 12])
def test_a_restored_one_goes_on_as_if_it_had_never_stopped(scans):
    # Two scans are too few to confirm a track: the votes are kept, too.
    scene, tracker = Scene(1, BIAS, target_count=30), Tracker()
    found = registration()
    for number in range(scans + 20):
        frame = scene.frame(REFERENCE_ID, number, float(number))
        tracks = tracker.step(frame).tracks
        own = scene.frame(SENSOR_ID, number, number + 0.5)
        if number == scans:
            restored = Registration.restore(found.snapshot())
        for one in [found] if number < scans else [found, restored]:
            one.add_reference(frame, tracks)
            one.add(own)
    assert restored.aligned
    assert restored.snapshot() == found.snapshot()
    assert numbers(restored.bias) == pytest.approx(numbers(found.bias), abs=0.0)


def test_damaged_snapshots_are_refused(begun):
    found, *_ = begun
    snapshot = found.snapshot()
    for damaged in (b"", snapshot[:-1], snapshot + b"x", Tracker().snapshot()):
        with pytest.raises(SnapshotError):
            Registration.restore(damaged)
    for place in range(0, len(snapshot), 997):
        flipped = bytearray(snapshot)
        flipped[place] ^= 0x10
        with pytest.raises(SnapshotError):
            Registration.restore(bytes(flipped))


def test_it_begins_where_the_settings_say_and_keeps_the_rest():
    told = SensorConfig(
        sensor_id=SENSOR_ID, detection_probability=0.7, east_bias_m=850.0, time_bias_s=0.25
    )
    config = TrackerConfig(sensors=(told, SensorConfig(sensor_id=REFERENCE_ID)))
    found = registration(config=config)
    assert found.config() == told
    assert found.sensor_id == SENSOR_ID
    run(found, Scene(1, BIAS), 20)
    assert numbers(found.bias) == pytest.approx(BIAS, abs=60.0)
    assert found.config().detection_probability == 0.7
    assert found.config().east_bias_m == found.bias.east_m
    assert repr(found.bias).startswith(f"SensorBias(east_m={found.bias.east_m}, ")


def test_biases_of_a_reference_are_taken_out():
    scene = Scene(1, BIAS)
    clean = run(registration(), scene, 40)
    told = SensorConfig(sensor_id=REFERENCE_ID, north_bias_m=500.0)
    other = Scene(1, BIAS)
    found, tracker = registration(config=TrackerConfig(sensors=(told,))), Tracker()
    for number in range(40):
        frame = other.frame(REFERENCE_ID, number, float(number))
        east_m, north_m, up_m = frame.sensor_position_m
        shifted = RadarFrame(
            frame.detections,
            sensor_id=REFERENCE_ID,
            time_ns=frame.time_ns,
            sensor_position_m=(east_m, north_m + 500.0, up_m),
        )
        found.add_reference(shifted, tracker.step(shifted).tracks)
        found.add(other.frame(SENSOR_ID, number, number + 0.5))
    assert numbers(found.bias) == pytest.approx(numbers(clean.bias), abs=1e-6)


def test_nothing_grows_once_all_targets_are_known():
    scene, tracker = Scene(1, BIAS, target_count=30), Tracker()
    found = registration()
    frames = []
    for number in range(60):
        frame = scene.frame(REFERENCE_ID, number, float(number))
        tracks = tracker.step(frame).tracks
        frames.append((frame, tracks, scene.frame(SENSOR_ID, number, number + 0.5)))
    sizes = []
    for frame, tracks, own in frames:
        found.add_reference(frame, tracks)
        found.add(own)
        sizes.append(len(found.snapshot()))
    assert len(set(sizes[20:])) == 1
