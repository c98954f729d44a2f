"""A sensor whose bias is known is tracked as one without."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki.errors import FrameError, SettingError
from qiki.radar import Coverage, Present, RadarFrame, empty_detections
from qiki.tracking import FrameTracker, SensorConfig, Tracker, TrackerConfig
from qiki.wire import decode_tracks, encode_frame

ID = "00000000-0000-0000-0000-00000000000a"
PERIOD_NS = 1_000_000_000
TARGETS_M = np.array([[30_000.0, 5_000.0], [-8_000.0, 22_000.0], [4_000.0, -40_000.0]])
VELOCITIES_M_S = np.array([[-200.0, 30.0], [120.0, -90.0], [0.0, 250.0]])
PLATFORM_M_S = np.array([40.0, -25.0])
NONE = {
    "east_bias_m": 0.0,
    "north_bias_m": 0.0,
    "range_bias_m": 0.0,
    "bearing_bias_deg": 0.0,
    "time_bias_s": 0.0,
}


def reported(number, bias):
    """What a moving radar with a bias reports of targets that it measures without error."""
    bias = NONE | bias
    time_s = number * PERIOD_NS * 1e-9
    place_m = PLATFORM_M_S * time_s
    relative_m = TARGETS_M + VELOCITIES_M_S * time_s - place_m
    detections = empty_detections(len(TARGETS_M))
    clock_ns = number * PERIOD_NS + round(bias["time_bias_s"] * 1e9)
    detections["time_ns"] = clock_ns
    detections["range_m"] = np.hypot(*relative_m.T) + bias["range_bias_m"]
    bearing_deg = np.degrees(np.arctan2(*relative_m.T)) + bias["bearing_bias_deg"]
    detections["bearing_deg"] = bearing_deg % 360.0
    detections["range_std_m"], detections["bearing_std_deg"] = 10.0, 0.05
    detections["elevation_deg"], detections["elevation_std_deg"] = 0.0, 0.05
    detections["present"] = Present.RANGE | Present.BEARING | Present.ELEVATION
    offset_m = (bias["east_bias_m"], bias["north_bias_m"])
    return RadarFrame(
        detections,
        sensor_id=ID,
        time_ns=clock_ns,
        number=number,
        sensor_position_m=(*np.add(place_m, offset_m), 0.0),
        sensor_velocity_m_s=(*PLATFORM_M_S, 0.0),
    )


def tracks_at(time_ns, bias, config=None):
    """Tracks of reports with a bias, by a tracker that is told of it."""
    told = SensorConfig(sensor_id=ID, **bias)
    tracker = Tracker(config or TrackerConfig(sensors=(told,)))
    for number in range(12):
        tracker.step(reported(number, bias))
    return tracker.tracks(time_ns)


biases = st.fixed_dictionaries(
    {
        "east_bias_m": st.floats(-3000.0, 3000.0),
        "north_bias_m": st.floats(-3000.0, 3000.0),
        "range_bias_m": st.floats(-1000.0, 1000.0),
        "bearing_bias_deg": st.floats(-180.0, 180.0),
        "time_bias_s": st.floats(-2.0, 2.0),
    }
)


@settings(max_examples=40, deadline=None)
@given(biases)
def test_a_bias_that_is_told_of_changes_no_track(bias):
    time_ns = 20 * PERIOD_NS
    told, clean = tracks_at(time_ns, bias), tracks_at(time_ns, {})
    assert len(told) == len(TARGETS_M)
    assert told["position_m"] == pytest.approx(clean["position_m"], abs=1e-4)
    assert told["velocity_m_s"] == pytest.approx(clean["velocity_m_s"], abs=1e-5)


def answers(bias):
    """What a tracker that is told of a bias answers to each report with it."""
    tracker = FrameTracker(TrackerConfig(sensors=(SensorConfig(sensor_id=ID, **bias),)))
    return [tracker.answer(encode_frame(reported(number, bias))) for number in range(12)]


@settings(max_examples=40, deadline=None)
@given(biases)
def test_each_answer_tells_the_tracks_of_the_true_time(bias):
    for number, (told, clean) in enumerate(zip(answers(bias), answers({}), strict=True)):
        assert (told.verdict, told.reason) == ("accepted", "")
        assert told.time_ns == reported(number, bias).time_ns
        found, expected = (decode_tracks(answer.payload).tracks for answer in (told, clean))
        assert set(found["time_ns"]) == {number * PERIOD_NS}
        for name in ("number", "event", "status", "update_time_ns", "age_s"):
            assert found[name].tolist() == expected[name].tolist()
        for name in ("position_m", "range_m", "bearing_deg"):
            assert found[name] == pytest.approx(expected[name], abs=1e-4)


def test_a_slow_clock_makes_no_frame_late():
    """Two radars, one slow by more than the late window: in order of their true times."""
    slow, other = {"time_bias_s": -5.0}, "00000000-0000-0000-0000-00000000000b"
    told = (SensorConfig(sensor_id=ID, **slow), SensorConfig(sensor_id=other))
    tracker = Tracker(TrackerConfig(sensors=told))
    for number in range(12):
        clean = reported(number, {})
        tracker.step(
            RadarFrame(
                clean.detections,
                sensor_id=other,
                time_ns=clean.time_ns,
                number=number,
                sensor_position_m=clean.sensor_position_m,
                sensor_velocity_m_s=clean.sensor_velocity_m_s,
            )
        )
        result = tracker.step(reported(number, slow))
        assert (result.time_ns, len(result.tracks)) == (number * PERIOD_NS, len(TARGETS_M))
    assert set(tracker.tracks()["hit_count"]) == {24}


@pytest.mark.parametrize("time_bias_s", [-3600.0, -31.0, 31.0, 3600.0])
def test_tracks_coast_by_true_time(time_bias_s):
    """30 s without a detection end a track, whatever the clock of its sensor shows."""
    bias = {"time_bias_s": time_bias_s}
    tracker = Tracker(TrackerConfig(sensors=(SensorConfig(sensor_id=ID, **bias),)))
    for number in range(4):
        seen = tracker.step(reported(number, bias)).tracks
        assert set(seen["hit_count"]) == {number + 1}
    for second, living in ((32, 3), (34, 0)):
        last = reported(second, bias)
        nowhere = RadarFrame(
            empty_detections(0),
            sensor_id=ID,
            time_ns=last.time_ns,
            number=second,
            coverage=Coverage.empty(),
        )
        tracker.step(nowhere)
        assert len(tracker.tracks()) == living


@pytest.mark.parametrize(("time_ns", "time_bias_s"), [(2**61, -3600.0), (-(2**61), 3600.0)])
def test_a_true_time_past_all_times_is_refused(time_ns, time_bias_s):
    tracker = Tracker(TrackerConfig(sensors=(SensorConfig(sensor_id=ID, time_bias_s=time_bias_s),)))
    before = tracker.snapshot()
    with pytest.raises(FrameError, match="time_ns without its bias is"):
        tracker.step(RadarFrame(empty_detections(0), sensor_id=ID, time_ns=time_ns))
    assert tracker.snapshot() == before
    assert Tracker.restore(before).snapshot() == before


def test_a_range_below_its_bias_refuses_the_frame():
    """It makes no track at the sensor; noise about the bias is no reason."""
    tracker = Tracker(TrackerConfig(sensors=(SensorConfig(sensor_id=ID, range_bias_m=5000.0),)))
    frame = reported(0, {"range_bias_m": 5000.0})
    before = tracker.snapshot()
    detections = frame.detections.copy()
    detections["range_m"][1] = 4949.0
    with pytest.raises(FrameError, match=r"detections\[1\]\.range_m is 4949, must be 4950 to"):
        tracker.step(RadarFrame(detections, sensor_id=ID, time_ns=frame.time_ns))
    assert tracker.snapshot() == before
    detections["range_m"][1] = 4951.0
    result = tracker.step(RadarFrame(detections, sensor_id=ID, time_ns=frame.time_ns))
    assert result.detection_track.tolist() == [1, 2, 3]


def test_a_bias_that_is_not_told_of_does():
    bias = {"north_bias_m": 500.0}
    told_nothing = tracks_at(20 * PERIOD_NS, bias, TrackerConfig())
    clean = tracks_at(20 * PERIOD_NS, {})
    moved_m = told_nothing["position_m"] - clean["position_m"]
    assert moved_m == pytest.approx(np.tile([0.0, 500.0, 0.0], (3, 1)), abs=1e-4)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("east_bias_m", 1.1e6),
        ("north_bias_m", -1.1e6),
        ("range_bias_m", 1.1e6),
        ("bearing_bias_deg", 180.5),
        ("time_bias_s", -3601.0),
    ],
)
def test_a_bias_outside_its_limits_is_named(field, value):
    config = TrackerConfig(sensors=(SensorConfig(sensor_id=ID, **{field: value}),))
    shown = f"{value:.1f}".removesuffix(".0")
    with pytest.raises(SettingError, match=rf"sensors\[0\]\.{field} is {shown}, must be -"):
        Tracker(config)


def test_the_bias_is_part_of_the_settings_in_a_snapshot():
    config = TrackerConfig(sensors=(SensorConfig(sensor_id=ID, time_bias_s=0.25),))
    assert msgspec.json.encode(config) in Tracker(config).snapshot()
