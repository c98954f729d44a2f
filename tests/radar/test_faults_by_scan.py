"""Faults of radars that turn, steer their beams or bundle their looks, with registration bias."""

import json

import numpy as np
import pytest

from qiki.radar import Radar
from tests.radar.scenes import scenario, sensor, target

START_NS = 10**12
BODIES = [
    target(
        f"t{k}", (6000 * np.sin(k), 6000 * np.cos(k), 150.0 * k), (25.0, -40.0, 2.0), rcs_dbsm=5.0
    )
    for k in range(40)
]
BEAMS = [
    {
        "bearing_deg": 45.0 * k,
        "bearing_width_deg": 45.0,
        "elevation_width_deg": 60.0,
        "dwell_s": 0.005 * (1 + k % 3),
    }
    for k in range(8)
]
SCANS = {
    "bundle": {"staring": {"period_s": 0.002}},
    "rotating": {"rotating": {"rotation_period_s": 1.6, "sectors": 8}},
    "steered": {"steered": {"beams": BEAMS}},
}
BIAS = {"range_m": 40.0, "bearing_deg": -0.7, "clock_offset_ns": -2_500_000, "clock_drift_ppm": 9.0}
FRAMES = 30
ANGLES = ("bearing_deg", "elevation_deg")


def radar(scan, registration_bias, *faults):
    entry = sensor(detection={"false_alarms_per_frame": 3.0}, faults=list(faults))
    entry["scan"] = SCANS[scan]
    if registration_bias:
        entry["registration_bias"] = BIAS
    return Radar(scenario(BODIES, [entry]), start_time_ns=START_NS)


@pytest.fixture(params=[(scan, biased) for scan in SCANS for biased in (False, True)], ids=str)
def build(request):
    """A maker of one kind of radar, given its faults."""
    return lambda *faults: radar(*request.param, *faults)


def by_truth(frame):
    """The plots of targets in the targets' order; of false alarms none."""
    order = np.argsort(frame.truth, kind="stable")
    return frame.detections[order[frame.truth[order] >= 0]]


def test_a_bias_moves_plots_and_neither_their_times_nor_the_coverage(build):
    faulty, sound = build({"fault": {"bias": {"range_m": 90.0, "bearing_deg": 1.5}}}), build()
    count = 0
    for number in range(FRAMES):
        ours, theirs = faulty.frame(number), sound.frame(number)
        a, b = by_truth(ours), by_truth(theirs)
        count += len(a)
        np.testing.assert_allclose(a["range_m"], b["range_m"] + 90.0)
        off_deg = (a["bearing_deg"] - b["bearing_deg"] - 1.5 + 180.0) % 360.0 - 180.0
        np.testing.assert_allclose(off_deg, 0.0, atol=1e-9)
        assert a["time_ns"].tolist() == b["time_ns"].tolist()
        assert (ours.time_ns, ours.coverage) == (theirs.time_ns, theirs.coverage)
        assert (np.diff(ours.detections["bearing_deg"]) >= 0).all()
        ours.split(5000.0)  # which checks the frame
    assert count > 50


def test_an_elevation_past_the_zenith_comes_down_on_the_other_side(build):
    faulty, sound = build({"fault": {"bias": {"elevation_deg": 80.0}}}), build()
    crossed = 0
    for number in range(FRAMES):
        a, b = by_truth(faulty.frame(number)), by_truth(sound.frame(number))
        over = b["elevation_deg"] + 80.0 > 90.0
        crossed += over.sum()
        np.testing.assert_allclose(
            a["elevation_deg"],
            np.where(over, 100.0 - b["elevation_deg"], b["elevation_deg"] + 80.0),
        )
        turned_deg = (a["bearing_deg"] - b["bearing_deg"] - 180.0 * over + 180.0) % 360.0 - 180.0
        np.testing.assert_allclose(turned_deg, 0.0, atol=1e-9)
    assert crossed > 20


def test_a_stuck_radar_repeats_what_it_last_saw_on_its_own_clock(build):
    sound = build()
    stuck_from = 12
    from_s = (sound.frame_time_ns(stuck_from) - START_NS) * 1e-9
    faulty, shown = build({"from_s": from_s, "fault": "stuck"}), sound.frame(stuck_from - 1)
    for number in range(FRAMES):
        ours, theirs = faulty.frame(number), sound.frame(number)
        assert (ours.number, ours.time_ns) == (number, theirs.time_ns)
        if number < stuck_from:
            assert ours.detections.tobytes() == theirs.detections.tobytes()
            continue
        assert ours.coverage == shown.coverage
        for name in ("range_m", *ANGLES, "range_rate_m_s", "snr_db"):
            assert ours.detections[name].tobytes() == shown.detections[name].tobytes()
        ages_ns = ours.time_ns - ours.detections["time_ns"]
        assert ages_ns.tolist() == (shown.time_ns - shown.detections["time_ns"]).tolist()


def test_the_clock_jumps_with_every_plot(build):
    faulty, sound = build({"fault": {"clock_jump": {"jump_s": 0.75}}}), build()
    for number in range(FRAMES):
        ours, theirs = faulty.frame(number), sound.frame(number)
        assert ours.time_ns == theirs.time_ns + 750_000_000
        jumped_ns = ours.detections["time_ns"] - theirs.detections["time_ns"]
        assert (jumped_ns == 750_000_000).all()


def test_faults_by_command_are_those_of_the_scenario(build):
    faults = [
        {"from_s": 0.1, "until_s": 0.3, "fault": {"noisy": {"factor": 4.0}}},
        {"from_s": 0.2, "fault": {"bias": {"range_m": -35.0}}},
        {"from_s": 0.25, "until_s": 0.28, "fault": "off"},
    ]
    written, commanded = build(*faults), build()
    for fault in faults:
        commanded = commanded.with_fault(json.dumps(fault))
    for number in range(FRAMES):
        a, b = written.frame(number), commanded.frame(number)
        assert a.detections.tobytes() == b.detections.tobytes()
        assert (a.time_ns, a.coverage) == (b.time_ns, b.coverage)
