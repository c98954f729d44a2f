"""The simulated radar: repeatable frames, honest bands and identities, true truth."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qiki._core
from qiki.errors import FrameError, SettingError
from qiki.radar import Present, Radar, RadarFrame, RangeBand, Scenario, TransponderMode
from tests.radar.scenes import scenario, sensor, target

MODES = ("off", "on", "silent", "spoof")


def frame_bytes(frame):
    return frame.detections.tobytes() + frame.truth.tobytes()


@pytest.fixture
def every_simd_level():
    before = qiki._core.simd_level()
    yield qiki._core.simd_levels()
    qiki._core.set_simd_level(before)


def test_frames_do_not_depend_on_order_threads_or_instruction_set(every_simd_level):
    scene = Scenario.load("dense")
    numbers = list(range(12))
    expected = [frame_bytes(Radar(scene).frame(number)) for number in numbers]
    for level in every_simd_level:
        qiki._core.set_simd_level(level)
        radar = Radar(scene)
        backwards = [frame_bytes(radar.frame(number)) for number in reversed(numbers)]
        assert backwards[::-1] == expected, level
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda number: frame_bytes(radar.frame(number)), numbers)) == expected


def test_seed_changes_the_draws_and_epoch_does_not():
    scene = Scenario.load("default")
    first, again = Radar(scene, seed=1).frame(3), Radar(scene, seed=1, epoch=99).frame(3)
    other, own = Radar(scene, seed=2).frame(3), Radar(scene).frame(3)
    assert frame_bytes(first) == frame_bytes(again)
    assert (again.epoch, again.frame_id != first.frame_id) == (99, True)
    assert len({frame_bytes(frame) for frame in (first, other, own)}) == 3
    assert frame_bytes(own) == frame_bytes(Radar(scene, seed=scene.seed).frame(3))


def test_start_time_moves_only_the_clock():
    scene = Scenario.load("default")
    start_ns = 1_700_000_000_000_000_000
    at_zero, later = Radar(scene).frame(40), Radar(scene, start_time_ns=start_ns).frame(40)
    assert (at_zero.time_ns, later.time_ns) == (4_000_000_000, start_ns + 4_000_000_000)
    assert (later.detections["time_ns"] == later.time_ns).all()
    assert later.detections["range_m"].tolist() == at_zero.detections["range_m"].tolist()
    assert later.sensor_position_m == at_zero.sensor_position_m


def test_truth_is_what_the_moving_sensor_sees():
    radar = Radar(Scenario.load("default"))
    frame, truth = radar.frame(100), radar.truth(10_000_000_000)
    relative_m = truth.position_m - np.array(frame.sensor_position_m)
    relative_m_s = truth.velocity_m_s - np.array(frame.sensor_velocity_m_s)
    range_m = np.linalg.norm(relative_m, axis=1)
    np.testing.assert_allclose(truth.range_m, range_m, rtol=1e-14)
    bearing_deg = np.degrees(np.arctan2(relative_m[:, 0], relative_m[:, 1])) % 360.0
    np.testing.assert_allclose(truth.bearing_deg, bearing_deg, rtol=1e-12)
    rate_m_s = np.einsum("ij,ij->i", relative_m, relative_m_s) / range_m
    np.testing.assert_allclose(truth.range_rate_m_s, rate_m_s, rtol=1e-9, atol=1e-12)
    assert len(truth.range_m) == len(radar.target_names)
    assert truth.is_present.all()


def test_targets_come_and_go():
    body = target("one", (0.0, 2000.0, 0.0), present_from_s=1.0, present_until_s=2.0)
    radar = Radar(scenario([body]))
    seen = [number for number in range(40) if len(radar.frame(number))]
    assert seen == list(range(10, 20))
    assert [radar.truth(t_ns).is_present[0] for t_ns in (999_999_999, 10**9)] == [False, True]


@pytest.mark.parametrize(
    "position_m",
    [
        (0.0, 90.0, 0.0),  # too near
        (0.0, 20_001.0, 0.0),  # too far
        (0.0, 100.0, 300.0),  # too high
        (0.0, 1000.0, -800.0),  # too low
        (-1000.0, 10.0, 0.0),  # outside the sector
    ],
)
def test_nothing_is_seen_outside_the_coverage(position_m):
    sector = {"bearing_start_deg": 300.0, "bearing_extent_deg": 90.0}
    body = target("one", position_m, rcs_dbsm=60.0)
    radar = Radar(scenario([body], [sensor(coverage=sector)]))
    inside = target("one", (0.0, 1000.0, 0.0), rcs_dbsm=60.0)
    assert radar.truth(0).detection_probability.tolist() == [0.0]
    assert sum(len(radar.frame(number)) for number in range(200)) == 0
    radar = Radar(scenario([inside], [sensor(coverage=sector)]))
    assert sum(len(radar.frame(number)) for number in range(200)) == 200


def test_targets_faster_than_the_filter_bank_are_not_seen():
    fast = target("fast", (0.0, 3000.0, 0.0), (0.0, -700.0, 0.0))
    assert len(Radar(scenario([fast])).frame(0)) == 0
    assert len(Radar(scenario([fast], [sensor(range_rate=None)])).frame(0)) == 1


def test_what_a_radar_does_not_measure_is_absent():
    body = target("one", (0.0, 3000.0, 500.0))
    radar = Radar(scenario([body], [sensor(elevation=None, range_rate=None)]))
    detections = radar.frame(0).detections
    assert detections["present"][0] == Present.RANGE | Present.BEARING | Present.SNR | Present.RCS
    for name in ("elevation_deg", "elevation_std_deg", "range_rate_m_s", "range_rate_std_m_s"):
        assert np.isnan(detections[name]).all()


@pytest.mark.parametrize("mode", MODES)
def test_transponders_answer_near_and_only_when_they_should(mode):
    transponder = {"mode": mode, "id": "ALLY-1"}
    near = target("near", (0.0, 4000.0, 0.0), transponder=transponder)
    far = target("far", (0.0, 6000.0, 0.0), transponder=transponder)
    radar = Radar(scenario([near, far], [sensor(spoof_recognition_probability=0.5)]))
    frames = [radar.frame(number) for number in range(100)]
    for index, name in enumerate(("near", "far")):
        plots = np.concatenate([frame.detections[frame.truth == index] for frame in frames])
        answers = name == "near" and mode in {"on", "spoof"}
        assert len(plots) > 50
        assert set(plots["transponder_id"]) == {b"ALLY-1" if answers else b""}
        assert (((plots["present"] & Present.TRANSPONDER_REPLY) != 0) == answers).all()
        expected = {TransponderMode.ON} if answers else {TransponderMode.OFF}
        # A false reply looks true unless the receiver recognises it.
        expected |= {TransponderMode.SPOOF} if answers and mode == "spoof" else set()
        assert set(plots["transponder_mode"]) == expected


def test_the_threshold_can_be_given():
    body = target("one", (0.0, 4000.0, 0.0), transponder={"mode": "on", "id": "A"})
    radar = Radar(scenario([body]), sr_threshold_m=3000.0)
    assert radar.sr_threshold_m == 3000.0
    assert radar.frame(0).detections["range_band"].tolist() == [RangeBand.LONG]
    with pytest.raises(SettingError, match="sr_threshold_m is -1"):
        Radar(scenario([body]), sr_threshold_m=-1.0)


def test_bad_arguments_are_refused():
    scene = Scenario.load("default")
    with pytest.raises(SettingError, match=r'sensor is 1, must be 0 to 0: .*"default"'):
        Radar(scene, sensor=1)
    with pytest.raises(SettingError, match=r'sensor is "side", must be one of main: .*"default"'):
        Radar(scene, sensor="side")
    assert Radar(scene, sensor="main").sensor_id == Radar(scene).sensor_id
    for rcs_dbsm in (np.nan, np.inf, -101.0):
        with pytest.raises(SettingError, match=r"rcs_dbsm is .*, must be -100 to 100"):
            scene.sensors[0].mean_snr_db(1000.0, rcs_dbsm=rcs_dbsm)
    with pytest.raises(SettingError, match="number of the frame is"):
        Radar(scene).frame(2**63)
    with pytest.raises(SettingError, match="number of the frame is 1,"):
        Radar(scene, start_time_ns=2**63 - 1).frame(1)
    runaway = {"motion": {"constant_velocity": {"position_m": [1e8, 0, 0]}}}
    runaway["motion"]["constant_velocity"]["velocity_m_s"] = [1e5, 0, 0]
    with pytest.raises(FrameError, match=r"sensor_position_m\[0\] is"):
        Radar(scenario([], own_ship=runaway)).frame(1_000_000)


def test_the_default_scene_keeps_its_promises():
    radar = Radar(Scenario.load("default"))
    frames = [radar.frame(number) for number in range(300)]
    seen = np.bincount(
        np.concatenate([frame.truth[frame.truth >= 0] for frame in frames]),
        minlength=len(radar.target_names),
    )
    assert seen.min() > 290
    drone = radar.target_names.index("friendly-drone")
    bands = np.concatenate(
        [frame.detections["range_band"][frame.truth == drone] for frame in frames]
    )
    crossings = np.flatnonzero(np.diff(bands.astype(int)))
    assert (bands[0], bands[crossings[0] + 1], bands[-1]) == (1, 2, 1)


def test_the_dense_scene_is_as_dense_as_told():
    radar = Radar(Scenario.load("dense"))
    frames = [radar.frame(number) for number in range(0, 600, 10)]
    detected = np.mean([np.count_nonzero(frame.truth >= 0) for frame in frames])
    alarms = np.mean([np.count_nonzero(frame.truth < 0) for frame in frames])
    assert len(radar.target_names) == 1000
    assert 880 < detected < 920
    assert 190 < alarms < 210
    bands = np.concatenate([frame.detections["range_band"] for frame in frames])
    assert set(bands) == {RangeBand.LONG, RangeBand.SHORT}


positions = st.tuples(*[st.floats(-15_000.0, 15_000.0)] * 3)
bodies = st.lists(st.tuples(positions, st.sampled_from(MODES), st.floats(-20.0, 60.0)), max_size=20)


@settings(max_examples=60, deadline=None)
@given(bodies, st.floats(0.0, 20_000.0), st.randoms(use_true_random=False), st.integers(0, 1000))
def test_random_scenes_keep_the_contract(bodies, threshold_m, random, number):
    targets = [
        target(
            f"t{index}",
            position_m,
            rcs_dbsm=rcs_dbsm,
            transponder={"mode": mode, "id": f"ID-{index}"},
        )
        for index, (position_m, mode, rcs_dbsm) in enumerate(bodies)
    ]
    changes = {"sr_threshold_m": threshold_m, "detection": {"false_alarms_per_frame": 5.0}}
    radar = Radar(scenario(targets, [sensor(**changes)]))
    frame = radar.frame(number)
    detections = frame.detections
    RadarFrame(detections, time_ns=0)  # every field within its limits
    is_far = detections["range_m"] > threshold_m
    named = (detections["present"] & Present.IDENTITY) != 0
    named |= (detections["transponder_id"] != b"") | (detections["transponder_mode"] != 0)
    assert not (named & is_far).any()
    assert not (named & (frame.truth < 0)).any()
    assert frame.split(threshold_m).all.detections.tobytes() == detections.tobytes()

    shuffled = list(targets)
    random.shuffle(shuffled)
    other = Radar(scenario(shuffled, [sensor(**changes)]))
    other_frame = other.frame(number)
    assert other_frame.detections.tobytes() == detections.tobytes()
    names = [radar.target_names[index] for index in frame.truth if index >= 0]
    assert names == [other.target_names[index] for index in other_frame.truth if index >= 0]
