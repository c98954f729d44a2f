"""Electronically steered antennas and looks that are faster than frames."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki.errors import ScenarioError
from qiki.radar import Radar
from qiki.tracking import Tracker, TrackStatus
from tests.radar.scenes import scenario, sensor, target

PFA = 1e-6


def beam(bearing_deg, elevation_deg=0.0, dwell_s=0.02, **fields):
    widths = {"bearing_width_deg": 4.0, "elevation_width_deg": 6.0}
    angles = {"bearing_deg": bearing_deg, "elevation_deg": elevation_deg}
    return {**angles, **widths, "dwell_s": dwell_s, **fields}


def steered_sensor(beams, **changes):
    given = {"coverage": {"elevation_deg": [-90, 90]}, "range_rate": None, **changes}
    changed = sensor(**given)
    changed["scan"] = {"steered": {"beams": beams}}
    return changed


def at(name, bearing_deg, elevation_deg=0.0, range_m=5000.0, rcs_dbsm=80.0, speed_m_s=(0, 0, 0)):
    bearing, elevation = np.radians([bearing_deg, elevation_deg])
    ground_m = range_m * np.cos(elevation)
    place_m = (ground_m * np.sin(bearing), ground_m * np.cos(bearing), range_m * np.sin(elevation))
    return target(name, place_m, speed_m_s, rcs_dbsm=rcs_dbsm)


def test_each_frame_is_one_beam_at_the_middle_of_its_dwell():
    dwells_s = [0.02, 0.05, 0.011]
    beams = [beam(10.0, 0.0, dwells_s[0]), beam(200.0, 5.0, dwells_s[1]), beam(90, 0, dwells_s[2])]
    bodies = [at("a", 10.5, 1.0), at("b", 199.0, 4.0), at("c", 91.0, -2.0), at("none", 300.0)]
    radar = Radar(scenario(bodies, [steered_sensor(beams)]), start_time_ns=10**12)
    ends_ns = np.cumsum(np.tile(np.multiply(dwells_s, 1e9), 4)).round().astype(int)
    ends_ns += 10**12 - ends_ns[0]
    assert radar.period_ns == round(sum(dwells_s) * 1e9) // 3
    for number in range(12):
        frame = radar.frame(number)
        assert frame.time_ns == radar.frame_time_ns(number) == ends_ns[number]
        assert frame.truth.tolist() == [number % 3]
        dwell_ns = round(dwells_s[number % 3] * 1e9)
        assert frame.detections["time_ns"].tolist() == [frame.time_ns - dwell_ns // 2]
        coverage, entry = frame.coverage, beams[number % 3]
        assert coverage.bearing_start_deg == entry["bearing_deg"] - 2.0
        assert coverage.bearing_extent_deg == 4.0
        assert coverage.min_elevation_deg == entry["elevation_deg"] - 3.0
        assert coverage.max_elevation_deg == entry["elevation_deg"] + 3.0


def test_a_moving_target_is_where_it_is_in_the_middle_of_the_dwell():
    body = at("one", 10.0, 0.0, 5000.0, speed_m_s=(90.0, -40.0, 10.0))
    radar = Radar(scenario([body], [steered_sensor([beam(10.0, 0.0, 0.5)])]))
    frame = radar.frame(1)
    detection = frame.detections[0]
    assert detection["time_ns"] == frame.time_ns - 250_000_000
    truth = radar.truth(int(detection["time_ns"]))
    assert abs(detection["range_m"] - truth.range_m[0]) < 6.0 * detection["range_std_m"]
    later = radar.truth(frame.time_ns)
    assert abs(detection["range_m"] - later.range_m[0]) > 5.0


@pytest.mark.parametrize("aside_deg", [0.0, 1.0, 1.9])
@pytest.mark.parametrize("above_deg", [0.0, 2.0])
def test_a_target_off_the_centre_is_weaker_by_the_beam_pattern(aside_deg, above_deg):
    """4000 looks; the share detected lies in the 99.9 % interval around the closed form."""
    radar = Radar(
        scenario(
            [at("one", 40.0 + aside_deg, above_deg, 9000.0, 3.0)], [steered_sensor([beam(40)])]
        )
    )
    reference_snr = np.log(PFA) / np.log(0.8) - 1.0
    loss = np.exp(-8 * np.log(2) * ((aside_deg / 4.0) ** 2 + (above_deg / 6.0) ** 2))
    snr = reference_snr * (10_000 / 9000) ** 4 * 10**0.3 * loss
    expected = PFA ** (1 / (1 + snr))
    assert radar.truth(0).detection_probability[0] == pytest.approx(expected, rel=1e-9)
    count = 4000
    seen = sum(len(radar.frame(number)) for number in range(count))
    assert abs(seen - count * expected) < 3.29 * np.sqrt(count * expected * (1 - expected)) + 1


def row(count, dwell_s, elevation_deg=0.0, first_deg=350.0):
    """Beams side by side over north."""
    return [beam((first_deg + 4.0 * k) % 360.0, elevation_deg, dwell_s) for k in range(count)]


def test_short_beams_that_join_go_out_together():
    beams = row(25, 0.001) + row(12, 0.001, 6.0)
    radar = Radar(scenario([], [steered_sensor(beams, detection={"false_alarms_per_frame": 50.0})]))
    frames = [radar.frame(number) for number in range(6)]
    extents = [frame.coverage.bearing_extent_deg for frame in frames]
    # 25 ms make two frames of 10 and 15 beams; 12 ms make one.
    assert extents == pytest.approx([40.0, 60.0, 48.0] * 2)
    assert [frame.coverage.min_elevation_deg for frame in frames[:3]] == [-3.0, -3.0, 3.0]
    assert np.diff([frame.time_ns for frame in frames]).tolist() == [
        15_000_000,
        12_000_000,
        10_000_000,
        15_000_000,
        12_000_000,
    ]
    for frame, extent in zip(frames, extents, strict=True):
        into = (frame.detections["bearing_deg"] - frame.coverage.bearing_start_deg) % 360.0
        after_ms = np.floor(into / 4.0)
        begin_ns = frame.time_ns - round(extent / 4.0) * 1_000_000
        expected = begin_ns + (after_ms * 1e6).astype(int) + 500_000
        assert (frame.detections["time_ns"] == expected).all()
        assert len(frame) > 20


def test_beams_that_overlap_in_a_frame_give_one_detection_per_target():
    beams = [beam(10.0, 0.0, 0.005), beam(11.0, 0.0, 0.005)]
    radar = Radar(scenario([at("one", 10.9)], [steered_sensor(beams)]))
    assert all(frame.truth.tolist() == [0] for frame in map(radar.frame, range(50)))
    assert radar.frame(0).coverage.bearing_extent_deg == 5.0


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 359.9), st.integers(1, 40), st.sampled_from([0.001, 0.004, 0.01, 0.03]))
def test_frames_of_a_row_cover_it_without_gap(first_deg, count, dwell_s):
    radar = Radar(scenario([], [steered_sensor(row(count, dwell_s, 0.0, first_deg))]))
    frame_deg, number = 0.0, 0
    while frame_deg < 4.0 * count - 1e-6:
        coverage = radar.frame(number).coverage
        start_deg = (first_deg - 2.0 + frame_deg) % 360.0
        off_deg = (coverage.bearing_start_deg - start_deg + 180.0) % 360.0 - 180.0
        assert abs(off_deg) < 1e-9
        frame_deg += coverage.bearing_extent_deg
        number += 1
    assert frame_deg == pytest.approx(4.0 * count)
    gaps_ns = np.diff([radar.frame_time_ns(n) for n in range(3 * number + 1)])
    assert gaps_ns.min() >= 10_000_000


def test_a_staring_radar_of_1_khz_sends_a_hundred_frames_with_its_looks_times():
    bodies = [at(f"t{k}", 30.0 * k, 0.0, 9000.0, 0.0, (0, 50.0, 0)) for k in range(12)]
    fast = sensor(scan={}, coverage={"elevation_deg": [-90, 90]})
    fast["scan"] = {"staring": {"period_s": 0.001}}
    fast["detection"]["false_alarms_per_frame"] = 5.0
    radar = Radar(scenario(bodies, [fast]))
    assert radar.period_ns == 10_000_000
    looks = set()
    seen = np.zeros(12)
    count = 400
    for number in range(count):
        frame = radar.frame(number)
        assert frame.time_ns == number * 10_000_000
        of_target = frame.truth >= 0
        assert len(set(frame.truth[of_target])) == np.count_nonzero(of_target)
        age_ns = frame.time_ns - frame.detections["time_ns"]
        looks |= set(age_ns.tolist())
        seen[frame.truth[of_target]] += 1
    assert looks == {k * 1_000_000 for k in range(10)}
    # At least one of ten independent looks; 99.9 % and twelve targets.
    once = radar.truth(2 * 10**9).detection_probability
    expected = count * (1 - (1 - once) ** 10)
    assert (np.abs(seen - expected) < 4.0 * np.sqrt(expected * (1 - expected / count)) + 1).all()


def test_a_bundle_keeps_the_strongest_look():
    """The looks of a bundle are those of the frames that a slower clock would show one by one."""
    body = at("one", 30.0, 0.0, 9000.0, 0.0)
    fast = sensor(coverage={"elevation_deg": [-90, 90]})
    single = fast | {"scan": {"staring": {"period_s": 0.01}}}
    fast = fast | {"scan": {"staring": {"period_s": 0.002}}}
    bundles, frames = (Radar(scenario([body], [entry])) for entry in (fast, single))
    for number in range(60):
        bundle = bundles.frame(number)
        looks = [frames.frame(5 * number + look) for look in range(5)]
        strength = [frame.detections["snr_db"][0] if len(frame) else -np.inf for frame in looks]
        best = int(np.argmax(strength))
        if strength[best] == -np.inf:
            assert len(bundle) == 0
            continue
        assert bundle.detections["snr_db"].tolist() == [strength[best]]
        assert bundle.detections["range_m"][0] == looks[best].detections["range_m"][0]
        assert bundle.detections["time_ns"][0] == bundle.time_ns - (4 - best) * 2_000_000


def test_the_tracker_takes_bundles_and_beams():
    beams = [
        beam(20.0 * k, 0.0, 0.02, bearing_width_deg=20.0, elevation_width_deg=30) for k in range(18)
    ]
    bodies = [at(f"t{k}", 50.0 + 100.0 * k, 2.0, 4000.0, speed_m_s=(10, 5, 0)) for k in range(3)]
    fast = sensor(coverage={"elevation_deg": [-90, 90]}) | {
        "scan": {"staring": {"period_s": 0.001}}
    }
    for entry in (steered_sensor(beams), fast):
        radar, tracker = Radar(scenario(bodies, [entry])), Tracker()
        for number in range(200):
            tracker.step(radar.frame(number))
        picture = tracker.tracks(radar.frame_time_ns(199))
        assert len(picture) == 3
        assert (picture["status"] == TrackStatus.TRACKED).all()


@pytest.mark.parametrize(
    ("beams", "changes", "message"),
    [
        ([], {}, r"steered\.beams: has 0 entries"),
        ([beam(0, 0, 0.0001)], {}, r"beams\[0\]\.dwell_s: is 0.0001, must be 0.001 to 3600"),
        ([beam(0), beam(0, 89)], {}, r"beams\[1\]\.elevation_deg: reaches from 86 to 92, out of"),
        (
            [beam(40)],
            {"coverage": {"bearing_start_deg": 350, "bearing_extent_deg": 50}},
            r"beams\[0\]\.bearing_deg: reaches 4 degrees from 38, out of the coverage's",
        ),
        (
            [beam(0, 0, 0.002), beam(90, 0, 0.002)],
            {},
            r"beams\[0\]: begins 1 beams of 0.002 s that do not join .* must be 0.01 s at least",
        ),
        (
            [{"bearing_deg": 0, "dwell_s": 0.02}],
            {"elevation": None},
            r"elevation_width_deg: is missing",
        ),
    ],
)
def test_bad_beams_are_refused(beams, changes, message):
    with pytest.raises(ScenarioError, match=message):
        scenario([], [steered_sensor(beams, **changes)])


def test_widths_left_out_are_those_of_the_measurements():
    scene = scenario([], [steered_sensor([{"bearing_deg": 0, "dwell_s": 0.02}])])
    coverage = Radar(scene).frame(0).coverage
    assert (coverage.bearing_extent_deg, coverage.max_elevation_deg) == (1.5, 1.0)
