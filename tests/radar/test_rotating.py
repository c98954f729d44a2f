"""Turning antennas: scipy finds when the beam passes a target, numpy counts how often."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from qiki.errors import ScenarioError
from qiki.radar import Radar, Scenario
from qiki.tracking import Tracker, TrackStatus
from tests.radar.scenes import scenario, sensor, target

BRIGHT_DBSM = 80.0  # seen by every look
SHIP = {
    "motion": {
        "coordinated_turn": {
            "position_m": [100, -200, 5],
            "velocity_m_s": [0, 12, 0],
            "turn_rate_deg_s": 3,
        }
    }
}


def rotating(rotation_period_s=4.0, sectors=16, **fields):
    return {"rotating": {"rotation_period_s": rotation_period_s, "sectors": sectors, **fields}}


def rotating_sensor(scan, **changes):
    """A sensor that sees all elevations and, unless told otherwise, no false alarms."""
    given = {"coverage": {"elevation_deg": [-90, 90]}, "range_rate": None, **changes}
    changed = sensor(**given)
    changed["scan"] = scan
    return changed


def at_bearing(name, bearing_deg, range_m=5000.0):
    x, y = np.sin(np.radians(bearing_deg)), np.cos(np.radians(bearing_deg))
    return target(name, (range_m * x, range_m * y, 0.0), rcs_dbsm=BRIGHT_DBSM)


def bearing_deg(relative_m):
    return np.degrees(np.arctan2(relative_m[0], relative_m[1]))


def looks(radar, numbers):
    """Frame number, target and time of each detection."""
    frames = [radar.frame(number) for number in numbers]
    return [
        (frame.number, int(index), int(time_ns))
        for frame in frames
        for index, time_ns in zip(frame.truth, frame.detections["time_ns"], strict=True)
        if index >= 0
    ]


bearings = st.lists(
    st.one_of(st.floats(0.0, 359.999), st.sampled_from([0.0, 22.5, 45.0, 90.0, 180.0, 270.0])),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(bearings, st.sampled_from([1, 2, 3, 7, 16]), st.booleans(), st.integers(0, 500))
def test_a_body_at_rest_is_looked_at_once_in_each_turn(bearings_deg, sectors, clockwise, first):
    bodies = [at_bearing(f"t{k}", bearing) for k, bearing in enumerate(bearings_deg)]
    # On the axes the bearings are edges of sectors to the last bit.
    bodies += [target(f"axis{k}", xyz, rcs_dbsm=BRIGHT_DBSM) for k, xyz in enumerate(AXES)]
    scan = rotating(sectors=sectors, start_bearing_deg=90.0, clockwise=clockwise)
    radar = Radar(scenario(bodies, [rotating_sensor(scan)]))
    seen = [index for _, index, _ in looks(radar, range(first, first + sectors))]
    assert sorted(seen) == list(range(len(bodies)))


AXES = [(0.0, 900.0, 0.0), (900.0, 0.0, 0.0), (0.0, -900.0, 0.0), (-900.0, 0.0, 0.0)]


@pytest.mark.parametrize("clockwise", [True, False])
@pytest.mark.parametrize("sectors", [1, 5, 16])
def test_times_follow_the_beam(sectors, clockwise):
    bearings_deg = np.linspace(1.0, 358.0, 41)
    bodies = [at_bearing(f"t{k}", bearing) for k, bearing in enumerate(bearings_deg)]
    scan = rotating(sectors=sectors, start_bearing_deg=77.0, clockwise=clockwise)
    radar = Radar(scenario(bodies, [rotating_sensor(scan)]), start_time_ns=10**15)
    sense = 1.0 if clockwise else -1.0
    for number in range(2 * sectors):
        frame = radar.frame(number)
        assert frame.time_ns == 10**15 + number * radar.period_ns
        begin_ns = frame.time_ns - radar.period_ns
        times_ns, true_deg = frame.detections["time_ns"], bearings_deg[frame.truth]
        assert ((times_ns >= begin_ns) & (times_ns < frame.time_ns)).all()
        edge_deg = 77.0 + sense * 360.0 * (number % sectors) / sectors
        ahead_deg = sense * (true_deg - edge_deg) % 360.0
        assert (np.diff(times_ns[np.argsort(ahead_deg)]) > 0).all()
        expected_ns = begin_ns + ahead_deg / 360.0 * sectors * radar.period_ns
        assert np.abs(times_ns - expected_ns).max() <= 1.5


@pytest.mark.parametrize("relative_to", ["north", "bow"])
@pytest.mark.parametrize("sectors", [1, 12])
def test_the_time_is_the_root_that_scipy_finds(sectors, relative_to):
    """Fast targets and a radar on a turning ship: the times agree to 2 ns."""
    generator = np.random.default_rng(5)
    starts_m = generator.uniform(-9000, 9000, (25, 3)) * [1, 1, 0.1]
    speeds_m_s = generator.uniform(-300, 300, (25, 3)) * [1, 1, 0.05]
    bodies = [
        target(f"t{k}", starts_m[k], speeds_m_s[k], rcs_dbsm=BRIGHT_DBSM)
        for k in range(len(starts_m))
    ]
    mount = {"relative_to": relative_to, "offset_m": [0, 30, 20], "boresight_bearing_deg": 10.0}
    scan = rotating(3.0, sectors, start_bearing_deg=25.0)
    radar = Radar(
        scenario(bodies, [rotating_sensor(scan, mount=mount)], own_ship=SHIP), start_time_ns=777
    )

    def beam_deg(time_s):
        """Unwrapped bearing of the beam: frame 0 ends, and sector 1 begins, at time 0."""
        turned_deg = 360.0 * (time_s / 3.0 + 1.0 / sectors)
        heading_deg = 3.0 * time_s if relative_to == "bow" else 0.0
        return 25.0 + 10.0 + heading_deg + turned_deg

    def off_deg(time_s, index):
        ship_deg = np.radians(3.0 * time_s)
        radius_m = 12.0 / np.radians(3.0)
        ship_m = np.array([100, -200]) + radius_m * np.array(
            [1 - np.cos(ship_deg), np.sin(ship_deg)]
        )
        radar_m = ship_m + 30.0 * np.array([np.sin(ship_deg), np.cos(ship_deg)])
        body_m = starts_m[index, :2] + speeds_m_s[index, :2] * time_s
        return (bearing_deg(body_m - radar_m) - beam_deg(time_s) + 180.0) % 360.0 - 180.0

    seen = looks(radar, range(4 * sectors))
    assert len(seen) > 60
    for _, index, time_ns in seen:
        about_s = (time_ns - 777) * 1e-9
        root_s = brentq(off_deg, about_s - 1e-3, about_s + 1e-3, args=(index,), xtol=1e-13)
        assert abs(root_s - about_s) < 2e-9, (index, root_s, about_s)


@settings(max_examples=40, deadline=None)
@given(
    st.floats(500.0, 9000.0),
    st.floats(0.0, 359.0),
    st.floats(-12.0, 12.0),
    st.sampled_from([1, 3, 8, 32]),
    st.booleans(),
)
def test_passes_are_counted_as_by_the_unwrapped_angle(
    range_m, start_deg, rate_deg_s, sectors, clockwise
):
    """A body that circles the radar meets the beam as often as the angle between them says."""
    heading = np.radians(start_deg)
    speed_m_s = np.radians(rate_deg_s) * range_m
    motion = {
        "position_m": [range_m * np.sin(heading), range_m * np.cos(heading), 0.0],
        "velocity_m_s": [speed_m_s * np.cos(heading), -speed_m_s * np.sin(heading), 0.0],
        "turn_rate_deg_s": rate_deg_s,
    }
    body = {"id": "one", "rcs_dbsm": BRIGHT_DBSM, "motion": {"coordinated_turn": motion}}
    radar = Radar(scenario([body], [rotating_sensor(rotating(4.0, sectors, clockwise=clockwise))]))
    count = 12 * sectors
    seen = looks(radar, range(count))
    sense = 1.0 if clockwise else -1.0
    times_s = (np.arange(count + 1) - 1) * radar.period_ns * 1e-9
    # The beam's lead over the body, in turns: one more each time the beam passes it.
    beam_deg = sense * 360.0 * np.arange(count + 1) / sectors
    lead = sense * (beam_deg - start_deg - rate_deg_s * times_s) / 360.0
    if np.abs(lead - np.round(lead)).min() > 1e-9:
        assert [number for number, _, _ in seen] == np.flatnonzero(np.diff(np.floor(lead))).tolist()


@pytest.mark.parametrize("relative_to", ["north", "bow"])
@pytest.mark.parametrize("clockwise", [True, False])
def test_sectors_join_without_gap(relative_to, clockwise):
    scan = rotating(sectors=25, clockwise=clockwise)
    mount = {"relative_to": relative_to}
    radar = Radar(scenario([], [rotating_sensor(scan, mount=mount)], own_ship=SHIP))
    sectors = [radar.frame(number).coverage for number in range(50)]
    for before, after in pairwise(sectors):
        first, second = (before, after) if clockwise else (after, before)
        gap_deg = second.bearing_start_deg - first.bearing_start_deg - first.bearing_extent_deg
        assert abs((gap_deg + 180.0) % 360.0 - 180.0) < 1e-12 * 360.0
    turn_deg = sum(sector.bearing_extent_deg for sector in sectors[:25])
    ship_deg = (12.0 if relative_to == "bow" else 0.0) * (1 if clockwise else -1)
    assert turn_deg == pytest.approx(360.0 + ship_deg, abs=1e-9)


def test_one_sector_sees_what_a_staring_radar_sees_but_for_the_times():
    bodies = [at_bearing(f"t{k}", 17.0 * k, 6000.0 + 300.0 * k) for k in range(20)]
    for body in bodies:
        body["rcs_dbsm"] = 0.0
    alarms = {"false_alarms_per_frame": 8.0}
    turning = rotating_sensor(rotating(2.0, 1), detection=alarms)
    staring = turning | {"scan": {"staring": {"period_s": 2.0}}}
    one, other = (Radar(scenario(bodies, [entry])) for entry in (turning, staring))
    for number in range(20):
        a, b = one.frame(number), other.frame(number)
        assert a.truth.tolist() == b.truth.tolist()
        for name in set(a.detections.dtype.names) - {"time_ns"}:
            assert a.detections[name].tobytes() == b.detections[name].tobytes(), name
        assert (np.diff(a.detections["time_ns"]) >= 0).sum() >= len(a) - 2  # by noisy bearing


def test_false_alarms_have_the_time_of_their_bearing():
    radar = Radar(
        scenario([], [rotating_sensor(rotating(), detection={"false_alarms_per_frame": 200.0})])
    )
    for number in (3, 15, 16):
        frame = radar.frame(number)
        into = (frame.detections["bearing_deg"] - frame.coverage.bearing_start_deg) % 360.0
        assert (into <= frame.coverage.bearing_extent_deg).all()
        expected_ns = frame.time_ns + (into / 22.5 - 1.0) * radar.period_ns
        assert np.abs(frame.detections["time_ns"] - expected_ns).max() <= 1.5
        assert 120 < len(frame) < 280


def test_a_faster_antenna_makes_wider_sectors():
    radar = Radar(scenario([], [rotating_sensor(rotating(0.1, 64))]))
    assert radar.period_ns >= 10_000_000
    assert radar.frame(0).coverage.bearing_extent_deg == 7 * 360.0 / 64


def test_the_tracker_takes_sector_frames():
    """Each target is tracked by one track, which no frame of another sector counts as missed."""
    bodies = [
        target(f"t{k}", (2000.0 * x, 2000.0 * y, 300.0), (20.0, -10.0, 0.0), rcs_dbsm=BRIGHT_DBSM)
        for k, (x, y) in enumerate([(1, 1.3), (-1, 0.7), (0.4, -1), (-1.2, -1)])
    ]
    radar = Radar(scenario(bodies, [rotating_sensor(rotating(2.0, 8))]))
    tracker = Tracker()
    touched = []
    for number in range(120):
        touched.append({int(n) for n in tracker.step(radar.frame(number)).tracks["number"]})
    picture = tracker.tracks(radar.frame(119).time_ns)
    assert len(picture) == len(bodies)
    assert (picture["status"] == TrackStatus.TRACKED).all()
    assert max(map(len, touched)) < len(bodies)


def test_the_rotating_scene_is_tracked():
    """A minute of the built-in scene: every body has one confirmed track, where it is."""
    radar = Radar(Scenario.load("rotating"))
    tracker = Tracker()
    for number in range(600):
        tracker.step(radar.frame(number))
    time_ns = radar.frame_time_ns(599)
    tracks = tracker.tracks(time_ns)
    confirmed = tracks[tracks["hit_count"] > 15]
    truth = radar.truth(time_ns)
    off_m = np.linalg.norm(confirmed["position_m"][:, None] - truth.position_m, axis=2)
    assert len(confirmed) == len(radar.target_names)
    assert sorted(off_m.argmin(axis=1)) == list(range(len(radar.target_names)))
    assert off_m.min(axis=1).max() < 400.0  # two seconds after the last look at the airliner


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rotation_period_s": 0.001}, r"rotation_period_s: is 0.001, must be 0.01 to 3600"),
        ({"sectors": 0}, r"sectors: is 0, must be 1 to 3600"),
        ({"start_bearing_deg": 360.0}, r"start_bearing_deg: is 360, must be 0 to 359.9"),
        ({"counter": True}, "counter: is not a known name, must be one of rotation_period_s"),
    ],
)
def test_bad_scans_are_refused(changes, message):
    with pytest.raises(ScenarioError, match=message):
        scenario([], [rotating_sensor(rotating(**changes))])


def test_a_scan_must_fit_coverage_and_ship():
    half = {"bearing_extent_deg": 180.0}
    with pytest.raises(ScenarioError, match=r"bearing_extent_deg: is 180, must be 360 with a rot"):
        scenario([], [rotating_sensor(rotating(), coverage=half)])
    bow = {"relative_to": "bow"}
    with pytest.raises(ScenarioError, match=r"makes 3.6 deg/s, while platform \"own_ship\" turns"):
        scenario([], [rotating_sensor(rotating(100.0, 10), mount=bow)], own_ship=SHIP)
