"""Registration bias: all that a radar reports is shifted, the truth is not."""

import numpy as np
import pytest

from qiki.errors import ScenarioError
from qiki.radar import Present, Radar
from tests.radar.scenes import scenario, sensor, target

BIAS = {
    "range_m": 40.0,
    "bearing_deg": -0.7,
    "elevation_deg": 0.4,
    "position_m": [120.0, -60.0, 15.0],
    "clock_offset_ns": -2_500_000,
    "clock_drift_ppm": 12.5,
}
START_NS = 10**15
BODIES = [
    target(
        f"t{k}",
        (9000 * np.sin(k), 9000 * np.cos(k), 100.0 * k),
        (30.0, -20.0, 1.0),
        transponder={"mode": "on", "id": f"ID{k}"},
    )
    for k in range(30)
]
SCANS = {
    "staring": {"staring": {"period_s": 0.1}},
    "bundle": {"staring": {"period_s": 0.002}},
    "rotating": {"rotating": {"rotation_period_s": 2.0, "sectors": 5}},
    "steered": {
        "steered": {
            "beams": [
                {
                    "bearing_deg": 40.0 * k,
                    "bearing_width_deg": 40.0,
                    "elevation_width_deg": 60.0,
                    "dwell_s": 0.02,
                }
                for k in range(9)
            ]
        }
    },
}


def radar_of(scan, bias=None, **changes):
    alarms = {"false_alarms_per_frame": 5.0}
    entry = sensor(detection=alarms, coverage={"elevation_deg": [-30, 60]}, **changes)
    entry["scan"] = SCANS[scan]
    if bias is not None:
        entry["registration_bias"] = bias
    return Radar(scenario(BODIES, [entry]), start_time_ns=START_NS)


@pytest.mark.parametrize("scan", SCANS)
def test_everything_reported_is_shifted_alike(scan):
    plain, biased = radar_of(scan), radar_of(scan, BIAS)
    for number in range(20):
        a, b = plain.frame(number), biased.frame(number)
        elapsed_ns = a.time_ns - START_NS
        assert b.time_ns == a.time_ns - 2_500_000 + round(elapsed_ns * 12.5e-6)
        np.testing.assert_allclose(
            np.subtract(b.sensor_position_m, a.sensor_position_m), BIAS["position_m"], atol=1e-9
        )
        assert b.sensor_velocity_m_s == a.sensor_velocity_m_s
        # The order is that of the reported bearings.
        order = np.argsort((a.detections["bearing_deg"] - 0.7) % 360.0, kind="stable")
        a_plots, b_plots = a.detections[order], b.detections
        assert b.truth.tolist() == a.truth[order].tolist()
        shifts = {"range_m": 40.0, "elevation_deg": 0.4}
        for name, shift in shifts.items():
            np.testing.assert_allclose(b_plots[name], a_plots[name] + shift, atol=1e-9)
        off_deg = (b_plots["bearing_deg"] - a_plots["bearing_deg"] + 0.7 + 180.0) % 360.0 - 180.0
        np.testing.assert_allclose(off_deg, 0.0, atol=1e-9)
        drift_ns = np.round((a_plots["time_ns"] - START_NS) * 12.5e-6)
        assert (b_plots["time_ns"] == a_plots["time_ns"] - 2_500_000 + drift_ns.astype(int)).all()
        for name in ("snr_db", "rcs_dbsm", "range_std_m", "bearing_std_deg", "range_rate_m_s"):
            assert b_plots[name].tobytes() == a_plots[name].tobytes()
        shifted = b.coverage.bearing_start_deg - a.coverage.bearing_start_deg + 0.7
        assert abs((shifted + 180.0) % 360.0 - 180.0) < 1e-9
        assert b.coverage.max_range_m == a.coverage.max_range_m + 40.0
        assert b.coverage.min_elevation_deg == pytest.approx(a.coverage.min_elevation_deg + 0.4)
        assert (b_plots["time_ns"] <= b.time_ns).all()


def test_the_truth_is_not_biased():
    plain, biased = radar_of("staring"), radar_of("staring", BIAS)
    for name in ("position_m", "range_m", "bearing_deg", "elevation_deg", "detection_probability"):
        a, b = (getattr(radar.truth(START_NS + 10**9), name) for radar in (plain, biased))
        assert a.tobytes() == b.tobytes()


def test_the_band_is_that_of_the_reported_range():
    """So that a split at the threshold finds the frame's own bands, whatever the bias."""
    biased = radar_of("staring", {"range_m": -1200.0}, sr_threshold_m=8000.0)
    frame = biased.frame(0)
    assert (
        frame.detections["range_band"] == np.where(frame.detections["range_m"] > 8000, 1, 2)
    ).all()
    assert frame.split(8000.0).all.detections.tobytes() == frame.detections.tobytes()
    # All bodies are at 9 km: those that the bias brings below the threshold are taken for near, and
    # their replies for those of near ones.
    is_target = frame.truth >= 0
    is_named = (frame.detections["present"] & Present.TRANSPONDER_ID) != 0
    is_near = frame.detections["range_m"] <= 8000
    assert (is_named == (is_near & is_target)).all()
    assert 0 < is_named.sum() < is_target.sum()


def test_one_flag_switches_it_off():
    plain, off = radar_of("rotating"), radar_of("rotating", BIAS | {"enabled": False})
    assert off.sensor.registration_bias is None
    for number in range(5):
        assert plain.frame(number).detections.tobytes() == off.frame(number).detections.tobytes()


def test_it_can_be_read():
    bias = radar_of("staring", BIAS).sensor.registration_bias
    assert {name: getattr(bias, name) for name in BIAS} == BIAS | {"position_m": (120, -60, 15)}
    assert "bearing_deg=-0.7" in repr(bias)
    assert radar_of("staring").sensor.registration_bias is None


def test_clock_frames_are_on_the_same_clock():
    biased = radar_of("staring", BIAS)
    clock = biased.clock_frame(7, START_NS + 10**9)
    assert clock.time_ns == START_NS + 10**9 - 2_500_000 + 12_500
    assert clock.coverage.is_empty
    assert clock.sensor_position_m == tuple(BIAS["position_m"])


@pytest.mark.parametrize(
    ("bias", "message"),
    [
        ({"range_m": 1e9}, r"registration_bias\.range_m: is 1000000000, must be -100000 to"),
        ({"bearing_deg": 181}, r"bearing_deg: is 181, must be -180 to 180"),
        ({"clock_offset_ns": 1.5}, "clock_offset_ns: is 1.5, must be a whole number"),
        ({"clock_offset_ns": 10**13}, "clock_offset_ns: is 1e13, must be -3.6e12 to"),
        ({"clock_drift_ppm": 2000}, "clock_drift_ppm: is 2000, must be -1000 to 1000"),
        ({"azimuth_deg": 1}, "azimuth_deg: is not a known name, must be one of enabled"),
    ],
)
def test_bad_biases_are_refused(bias, message):
    with pytest.raises(ScenarioError, match=message):
        scenario([], [sensor(registration_bias=bias)])
