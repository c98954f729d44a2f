"""A frame tracker finds what its sensors report too much, from the frames that it uses."""

import hashlib

import msgspec
import numpy as np
import pytest
from scipy.stats import chi2

from qiki.errors import SettingError, SnapshotError
from qiki.radar import RadarFrame
from qiki.tracking import (
    AlignedSensor,
    FrameTracker,
    Registration,
    RegistrationConfig,
    SensorConfig,
    Tracker,
    TrackerConfig,
)
from qiki.wire import decode_tracks, encode_frame
from qiki.wire.generated.radar.v1.radar_columns_pb2 import RadarTrackColumns
from tests.tracking.registration_scene import (
    REFERENCE_ID,
    SENSOR_ID,
    THIRD_ID,
    Scene,
    numbers,
)
from tests.tracking.test_frame_tracker import crowd

SHIFTED = np.array([1400.0, -200.0, 0.0, 0.0, 0.5])
KNOWN = {"range_std_m": 0.0, "bearing_std_deg": 0.0}
PRIOR = RegistrationConfig(
    reference_ids=(REFERENCE_ID,), sensors=(AlignedSensor(sensor_id=SENSOR_ID, **KNOWN),)
)
APPLIED = msgspec.structs.replace(PRIOR, apply=True)
CONFIG = TrackerConfig(process_noise_m2_s3=0.1, clutter_per_frame=1.0)
AT_ONCE = msgspec.structs.replace(CONFIG, late_window_s=0.0)


def frames(seed, scans, bias=SHIFTED, targets=60, references=(REFERENCE_ID,), first=0):
    """Frames in order of the times that they say; the sensor looks half a period later."""
    scene = Scene(seed, bias, target_count=targets)
    for number in range(first, first + scans):
        for sensor_id in references:
            yield scene.frame(sensor_id, number, float(number))
        yield scene.frame(SENSOR_ID, number, number + 0.5)


def answers(tracker, given):
    return [tracker.answer(encode_frame(frame)) for frame in given]


def last(given):
    """The last estimate."""
    return [answer.registration for answer in given if answer.registration is not None][-1]


def digest(given):
    return hashlib.sha256(b"".join(answer.payload for answer in given)).hexdigest()


def test_the_estimates_are_those_of_a_registration_fed_by_hand():
    tracker = FrameTracker(AT_ONCE, registration=PRIOR)
    by_hand, follower = Registration(SENSOR_ID, AT_ONCE, **KNOWN), Tracker(AT_ONCE)
    for frame in frames(1, 40):
        answer = tracker.answer(encode_frame(frame))
        if frame.sensor_id == REFERENCE_ID:
            assert answer.registration is None
            by_hand.add_reference(frame, follower.step(frame).tracks)
            continue
        by_hand.add(frame)
        found = answer.registration
        assert (numbers(found.bias) == numbers(by_hand.bias)).all()
        assert (numbers(found.std) == numbers(by_hand.std)).all()
        counts = (by_hand.aligned, by_hand.pair_count, by_hand.target_count)
        assert (found.aligned, found.pair_count, found.target_count) == counts
    assert found.aligned
    assert not found.applied
    assert found.unused_frames == 0


# The sum of ten seeds' squared errors, each by its stated variance, is that of chance.
@pytest.mark.parametrize("config", [PRIOR, APPLIED], ids=["told", "applied"])
def test_errors_are_as_large_as_is_said(config):
    squares = []
    for seed in range(10):
        found = last(answers(FrameTracker(CONFIG, registration=config), frames(seed, 60)))
        assert found.aligned
        assert found.applied is config.apply
        error, std = numbers(found.bias) - SHIFTED, numbers(found.std)
        assert np.hypot(*error[:2]) < 60.0
        assert abs(error[4]) < 0.3
        squares.append((error[[0, 1, 4]] / std[[0, 1, 4]]) ** 2)
    for sum_of_each in np.sum(squares, axis=0):
        low, high = chi2.ppf([0.0005, 0.9995], len(squares))
        assert low < sum_of_each < high


def test_a_message_tells_of_its_sensor_alone_and_of_nothing_when_off():
    given = list(frames(2, 20))
    told = answers(FrameTracker(CONFIG, registration=PRIOR), given)
    off = answers(FrameTracker(CONFIG), given)
    for frame, answer, without in zip(given, told, off, strict=True):
        message = RadarTrackColumns.FromString(answer.payload)
        assert message.SerializeToString(deterministic=True) == answer.payload
        assert message.HasField("registration") == (frame.sensor_id == SENSOR_ID)
        read = decode_tracks(answer.payload, answer.crc32c).registration
        assert repr(read) == repr(answer.registration)
        if read is not None:
            said = message.registration
            fields = ("aligned", "applied", "pair_count", "target_count", "unused_frames")
            assert [getattr(said, name) for name in fields] == [getattr(read, n) for n in fields]
            assert (numbers(said.bias) == numbers(read.bias)).all()
            assert (numbers(said.std) == numbers(read.std)).all()
        message.ClearField("registration")
        assert message.SerializeToString(deterministic=True) == without.payload


def test_an_estimate_that_is_applied_makes_one_track_of_two():
    given = list(frames(3, 60))
    told = answers(FrameTracker(CONFIG, registration=PRIOR), given)
    applied = answers(FrameTracker(CONFIG, registration=APPLIED), given)
    assert told[-1].confirmed > 100
    assert 60 <= applied[-1].confirmed < 75  # tracks of before coast until they end
    # What is applied does not change what is found.
    assert (numbers(last(applied).bias) == numbers(last(told).bias)).all()
    first = next(i for i, answer in enumerate(applied) if (r := answer.registration) and r.applied)
    assert applied[first].registration.pair_count >= APPLIED.min_pairs
    before = [answer.registration for answer in applied[:first] if answer.registration]
    assert all(estimate.pair_count < APPLIED.min_pairs for estimate in before)
    assert [a.payload for a in applied[:first]] == [a.payload for a in told[:first]]
    # The tracks hold for the true time, by what had been found before the frame.
    (time_ns,) = set(decode_tracks(applied[-1].payload).tracks["time_ns"].tolist())
    taken_out_s = (given[-1].time_ns - time_ns) * 1e-9
    assert abs(taken_out_s - last(applied).bias.time_s) < last(applied).std.time_s


def test_late_frames_tell_as_much_as_those_in_order():
    given = list(frames(4, 30, references=(REFERENCE_ID, THIRD_ID)))
    config = msgspec.structs.replace(CONFIG, late_window_s=3.0)
    both = msgspec.structs.replace(PRIOR, reference_ids=(REFERENCE_ID, THIRD_ID))
    # The references' frames, which are of one time, come behind those of half a second later.
    shuffled = [given[3 * scan + at] for scan in range(29) for at in (2, 0, 1)] + given[-3:]
    trackers = [FrameTracker(config, registration=both) for _ in range(2)]
    orders = (given, shuffled)
    found = [last(answers(*tracked)) for tracked in zip(trackers, orders, strict=True)]
    assert repr(found[0]) == repr(found[1])
    assert found[0].aligned
    assert found[1].unused_frames == 0


def test_an_answer_that_cannot_hold_its_tracks_says_nothing_else():
    answer = FrameTracker(CONFIG, registration=PRIOR).answer(
        encode_frame(crowd(sensor_id=SENSOR_ID))
    )
    read = decode_tracks(answer.payload)
    assert (read.verdict, read.registration) == ("refused", None)
    assert "bytes with 9000 tracks, must be at most" in read.reason


def test_each_of_several_sensors_is_aligned():
    third = AlignedSensor(sensor_id=THIRD_ID, **KNOWN)
    both = msgspec.structs.replace(APPLIED, sensors=(*PRIOR.sensors, third))
    given = list(frames(11, 50, references=(REFERENCE_ID, THIRD_ID)))
    found = answers(FrameTracker(CONFIG, registration=both), given)
    alone = answers(FrameTracker(CONFIG, registration=APPLIED), given)
    for sensor_id, bias in ((SENSOR_ID, SHIFTED), (THIRD_ID, np.zeros(5))):
        pairs = zip(given, found, strict=True)
        told = [answer.registration for frame, answer in pairs if frame.sensor_id == sensor_id]
        assert told[-1].applied
        assert (np.abs(numbers(told[-1].bias) - bias) <= 4.0 * numbers(told[-1].std)).all()
    assert repr(last(alone)) == repr(found[-1].registration)  # one does not depend on the other


def test_a_frame_that_is_not_used_tells_nothing():
    given = list(frames(5, 25))
    twice = [frame for frame in given for _ in range(2)]
    once = answers(FrameTracker(CONFIG, registration=PRIOR), given)
    again = answers(FrameTracker(CONFIG, registration=PRIOR), twice)
    assert {answer.verdict for answer in again[1::2]} == {"refused"}
    assert [answer.payload for answer in again[::2]] == [answer.payload for answer in once]
    assert repr(again[-1].registration) == repr(again[-2].registration)


@pytest.mark.parametrize("config", [PRIOR, APPLIED], ids=["told", "applied"])
def test_a_restored_tracker_goes_on_with_the_same_bytes(config):
    given = list(frames(6, 40))
    tracker, restarted = (FrameTracker(CONFIG, registration=config, epoch=2) for _ in range(2))
    for number, frame in enumerate(given):
        if number % 7 == 0:
            snapshot = restarted.snapshot()
            restarted = FrameTracker(CONFIG, registration=config, epoch=9)
            restarted.restore(snapshot)
        payload = encode_frame(frame)
        assert restarted.answer(payload).payload == tracker.answer(payload).payload
    assert restarted.snapshot() == tracker.snapshot()
    tracker.begin(9)
    fresh = FrameTracker(CONFIG, registration=config, epoch=9)
    assert tracker.snapshot() == fresh.snapshot()


def test_snapshots_of_other_registrations_are_refused():
    tracker = FrameTracker(CONFIG, registration=PRIOR)
    snapshot = tracker.snapshot()
    for other, reason in [(APPLIED, "its registration is"), (None, "does not begin as one")]:
        with pytest.raises(SnapshotError, match=reason):
            FrameTracker(CONFIG, registration=other).restore(snapshot)
    with pytest.raises(SnapshotError, match="does not begin as one"):
        tracker.restore(FrameTracker(CONFIG).snapshot())
    hashes = {
        FrameTracker(CONFIG, registration=registration).settings_sha256
        for registration in (None, PRIOR, APPLIED)
    }
    assert len(hashes) == 3


def test_every_damaged_snapshot_is_refused():
    tracker = FrameTracker(CONFIG, registration=PRIOR)
    answers(tracker, frames(7, 6, targets=8))
    snapshot = tracker.snapshot()
    rng = np.random.default_rng(0)
    for at in rng.integers(0, len(snapshot), 200):
        damaged = bytearray(snapshot)
        damaged[at] ^= 1 << int(rng.integers(8))
        with pytest.raises(SnapshotError):
            tracker.restore(bytes(damaged))
    for length in rng.integers(0, len(snapshot), 50):
        with pytest.raises(SnapshotError):
            tracker.restore(snapshot[:length])
    assert tracker.snapshot() == snapshot


def test_biases_that_the_settings_have_are_where_the_estimate_begins():
    known = SensorConfig(sensor_id=SENSOR_ID, east_bias_m=1300.0, time_bias_s=0.4)
    reference = SensorConfig(sensor_id=REFERENCE_ID, range_bias_m=75.0)
    config = msgspec.structs.replace(AT_ONCE, sensors=(known, reference))
    plain = FrameTracker(AT_ONCE, registration=PRIOR)
    tracker = FrameTracker(config, registration=PRIOR)
    for frame in frames(8, 40):
        shifted = frame
        if frame.sensor_id == REFERENCE_ID:  # reports what its settings take out again
            detections = frame.detections.copy()
            detections["range_m"] += 75.0
            shifted = RadarFrame(
                detections,
                sensor_id=frame.sensor_id,
                time_ns=frame.time_ns,
                number=frame.number,
                sensor_position_m=frame.sensor_position_m,
            )
        found = tracker.answer(encode_frame(shifted)).registration
        zero = plain.answer(encode_frame(frame)).registration
        if frame.number == 0 and found is not None:
            assert (found.bias.east_m, found.bias.time_s) == (1300.0, 0.4)
    error, std = numbers(found.bias) - SHIFTED, numbers(found.std)
    assert (np.abs(error) <= 4.0 * std).all()
    assert numbers(found.bias) == pytest.approx(numbers(zero.bias), abs=30.0)


def test_a_jump_is_found_and_nothing_wrong_is_applied():
    tracker = FrameTracker(CONFIG, registration=APPLIED)
    assert last(answers(tracker, frames(9, 40))).applied
    moved = np.array([-2000.0, 1500.0, 0.0, 0.0, 0.2])
    scene = Scene(9, moved, target_count=60)
    scene.move_to(40.0)
    after = []
    for number in range(40, 120):
        for sensor_id, time_s in ((REFERENCE_ID, number), (SENSOR_ID, number + 0.5)):
            after.append(tracker.answer(encode_frame(scene.frame(sensor_id, number, time_s))))
    told = [answer.registration for answer in after if answer.registration is not None]
    lost = next(index for index, estimate in enumerate(told) if not estimate.aligned)
    assert (told[lost].applied, told[lost].pair_count) == (False, 0)
    assert numbers(told[lost].bias).tolist() == [0.0] * 5
    assert told[-1].applied
    assert (np.abs(numbers(told[-1].bias) - moved) <= 4.0 * numbers(told[-1].std)).all()


REFUSALS = {
    "references": ({"reference_ids": ()}, "reference_ids is 0 sensors, must be 1 to 256: name the"),
    "sensors": ({"sensors": ()}, "sensors is 0 sensors, must be 1 to 16: name those to be aligned"),
    "pairs": ({"min_pairs": 0}, "min_pairs is 0, must be 1 to 1000000000"),
    "both": ({"reference_ids": (SENSOR_ID,)}, "named once, as a reference or to be aligned"),
    "uuid": ({"reference_ids": ("radar",)}, r"reference_ids\[0\] is .radar."),
    "noise": (
        {"process_noise_m2_s3": -1.0},
        "registration.process_noise_m2_s3 is -1, must be from 0 to",
    ),
    "limits": (
        {"sensors": (AlignedSensor(sensor_id=SENSOR_ID, time_std_s=11.0),)},
        "time_std_s is 11, must be 0 to 10",
    ),
}


@pytest.mark.parametrize(("change", "message"), REFUSALS.values(), ids=REFUSALS)
def test_what_cannot_work_is_refused(change, message):
    with pytest.raises(SettingError, match=message):
        FrameTracker(CONFIG, registration=msgspec.structs.replace(PRIOR, **change))


def test_settings_survive_json_and_have_the_defaults_of_the_core():
    assert RegistrationConfig.from_json(PRIOR.to_json()) == PRIOR
    with pytest.raises(SettingError, match=r"must fit qiki\.tracking\.RegistrationConfig"):
        RegistrationConfig.from_json('{"sensor": 1}')

    class Short:
        def to_json(self):
            sensor = f'{{"sensor_id": "{SENSOR_ID}"}}'
            return f'{{"reference_ids": ["{REFERENCE_ID}"], "sensors": [{sensor}]}}'

    spelt_out = RegistrationConfig.from_json(Short().to_json())
    hashes = {
        FrameTracker(CONFIG, registration=given).settings_sha256 for given in (Short(), spelt_out)
    }
    assert len(hashes) == 1
    with pytest.raises(TypeError, match=r"registration is a int, must be a qiki\.tracking\.Reg"):
        FrameTracker(CONFIG, registration=3)


def test_digests_do_not_depend_on_who_else_runs():
    given = list(frames(10, 30))
    one, other = (FrameTracker(CONFIG, registration=APPLIED) for _ in range(2))
    first = answers(one, given[:20])
    second = answers(other, given)
    assert digest(first + answers(one, given[20:])) == digest(second)
