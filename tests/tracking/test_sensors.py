"""Sensors with settings of their own, and several of them on one tracker."""

import numpy as np
import pytest

from qiki.errors import FrameError, SettingError
from qiki.radar import Present, Radar, RadarFrame, empty_detections
from qiki.tracking import SensorConfig, Tracker, TrackerConfig, TrackEvent, TrackStatus
from tests.radar.scenes import scenario, sensor, target

NEAR_ID = "00000000-0000-0000-0000-00000000000a"
FAR_ID = "00000000-0000-0000-0000-00000000000b"
PERIOD_NS = 1_000_000_000


def frame_of(sensor_id, number, positions_m, *, sensor_position_m=(0.0, 0.0, 0.0), epoch=0):
    """A frame that measures true positions."""
    detections = empty_detections(len(positions_m))
    detections["time_ns"] = number * PERIOD_NS
    for detection, position_m in zip(detections, positions_m, strict=True):
        x_m, y_m, z_m = np.subtract(position_m, sensor_position_m)
        detection["range_m"], detection["range_std_m"] = np.hypot(np.hypot(x_m, y_m), z_m), 10.0
        detection["bearing_deg"] = np.degrees(np.arctan2(x_m, y_m)) % 360.0
        detection["elevation_deg"] = np.degrees(np.arctan2(z_m, np.hypot(x_m, y_m)))
        detection["bearing_std_deg"] = detection["elevation_std_deg"] = 0.1
        detection["present"] = Present.RANGE | Present.BEARING | Present.ELEVATION
    return RadarFrame(
        detections,
        sensor_id=sensor_id,
        time_ns=number * PERIOD_NS,
        number=number,
        epoch=epoch,
        sensor_position_m=sensor_position_m,
    )


def two_sensors(**near):
    return TrackerConfig(
        delete_existence=1e-5,
        sensors=(SensorConfig(sensor_id=NEAR_ID, **near), SensorConfig(sensor_id=FAR_ID)),
    )


def test_a_frame_of_an_unknown_sensor_is_refused_and_changes_nothing():
    tracker = Tracker(two_sensors())
    tracker.step(frame_of(NEAR_ID, 0, [(1000.0, 0.0, 0.0)]))
    before = tracker.snapshot()
    unknown = frame_of("00000000-0000-0000-0000-00000000000c", 1, [])
    with pytest.raises(FrameError, match=r"sensor_id is 0{8}-.*c, must be one of the 2"):
        tracker.step(unknown)
    assert tracker.snapshot() == before
    Tracker().step(unknown)


def test_settings_of_a_sensor_outside_their_limits_are_named():
    twice = SensorConfig(sensor_id=NEAR_ID)
    for sensors, name in (
        ((SensorConfig(sensor_id="x"),), r"sensors\[0\]\.sensor_id"),
        ((twice, twice), r"sensors\[1\]\.sensor_id"),
        (
            (SensorConfig(sensor_id=NEAR_ID, detection_probability=2.0),),
            r"sensors\[0\]\.detection_probability",
        ),
        ((twice,) * 257, "sensors is 257"),
    ):
        with pytest.raises(SettingError, match=name):
            Tracker(TrackerConfig(sensors=sensors))


def test_births_and_misses_weigh_as_their_own_sensor_says():
    tracker = Tracker(
        two_sensors(detection_probability=0.5, clutter_per_frame=3.0, births_per_frame=2.0)
    )
    config = TrackerConfig()
    first = tracker.step(frame_of(NEAR_ID, 0, [(1000.0, 0.0, 0.0)])).tracks
    second = tracker.step(frame_of(FAR_ID, 0, [(0.0, 9000.0, 0.0)])).tracks
    assert first["quality"] == pytest.approx(2.0 / 5.0, rel=1e-14)
    births, clutter = config.births_per_frame, config.clutter_per_frame
    born = second[second["event"] == TrackEvent.BORN]
    assert born["quality"] == pytest.approx(births / (births + clutter), rel=1e-14)
    for sensor_id, pd in ((NEAR_ID, 0.5), (FAR_ID, config.detection_probability)):
        odds = tracker.tracks()["quality"][0] / (1 - tracker.tracks()["quality"][0])
        missed = tracker.step(frame_of(sensor_id, 0, [], epoch=1)).tracks["quality"][0]
        assert missed / (1 - missed) == pytest.approx(odds * (1 - pd), rel=1e-12)


def test_frames_of_two_places_make_one_track_that_is_surer_than_of_one():
    """Two radars at right angles to a target: each measures well what the other measures badly."""
    places_m = {NEAR_ID: (0.0, 0.0, 0.0), FAR_ID: (20_000.0, 20_000.0, 0.0)}
    both, one = Tracker(two_sensors()), Tracker(two_sensors())
    for number in range(12):
        at_m = (100.0 * number, 20_000.0, 2000.0)
        for sensor_id, place_m in places_m.items():
            frame = frame_of(sensor_id, number, [at_m], sensor_position_m=place_m)
            both.step(frame)
            if sensor_id == NEAR_ID:
                one.step(frame)
    (fused,), (alone,) = both.tracks(), one.tracks()
    assert fused["position_m"] == pytest.approx(at_m, abs=3.0)
    assert fused["position_covariance_m2"][0] < 0.5 * alone["position_covariance_m2"][0]


WAVEFORM = {"prf_hz": 4000.0, "wavelength_m": 0.03}  # blind at 60 m/s


def folding_radar():
    """Targets at -250 to 250 m/s towards a radar that folds range rates into 60 m/s."""
    targets = [
        target(f"t{k}", (3000.0 * (k - 3), 12_000.0, 1000.0), (20.0, -250.0 + 80.0 * k, 0.0), 20.0)
        for k in range(7)
    ]
    folding = sensor(waveform=WAVEFORM, range_rate={"limit_m_s": None})
    return scenario(targets, [folding])


def median_velocity_error_m_s(config, made):
    radar, tracker = Radar(made), Tracker(config)
    for number in range(60):
        tracker.step(radar.frame(number))
    tracks = tracker.tracks()
    truth = radar.truth(int(tracks["time_ns"][0]))
    tracks = tracks[tracks["status"] == TrackStatus.TRACKED]
    away_m = np.linalg.norm(tracks["position_m"][:, None] - truth.position_m, axis=2)
    nearest = away_m.argmin(axis=1)
    near = away_m.min(axis=1) < 300.0
    errors = np.linalg.norm(tracks["velocity_m_s"] - truth.velocity_m_s[nearest], axis=1)[near]
    return np.median(errors), len(set(nearest[near].tolist()))


@pytest.mark.parametrize("association", ["gnn", "jpda"])
def test_folded_range_rates_are_taken_for_what_they_are(association):
    made = folding_radar()
    told = TrackerConfig(
        association=association,
        sensors=tuple(SensorConfig.of_scenario(each) for each in made.sensors),
    )
    assert told.sensors[0].range_rate_interval_m_s == pytest.approx(60.0)
    error_m_s, followed = median_velocity_error_m_s(told, made)
    assert followed == 7
    untold = TrackerConfig(association=association)
    worse_m_s, _ = median_velocity_error_m_s(untold, made)
    assert error_m_s < 12.0
    assert worse_m_s > 3.0 * error_m_s
