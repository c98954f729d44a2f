"""A clock frame lets time pass: no track is missed by it, and those that coast too long end."""

import math

import pytest

from qiki.radar import Coverage, Radar, RadarFrame, Scenario, empty_detections
from qiki.tracking import Tracker, TrackerConfig, TrackEvent, TrackStatus
from tests.tracking.frames import PERIOD_NS, follow, frame_at

# The second target is where the sensor is: not even that was looked at.
TARGETS = [(4000.0, 30.0, 2.0), (0.0, 0.0, 0.0)]


def clock_frame(number, time_ns):
    return RadarFrame(
        empty_detections(0), time_ns=time_ns, number=number, coverage=Coverage.empty()
    )


@pytest.fixture
def tracker():
    tracker = Tracker(TrackerConfig(confirm_by="hits", max_coast_s=2.0, delete_misses=2))
    follow(tracker, [frame_at(number, TARGETS) for number in range(8)])
    assert [track["status"] for track in tracker.tracks()] == [TrackStatus.TRACKED] * 2
    return tracker


def test_it_is_no_miss(tracker):
    """Two misses would end these tracks; ten clock frames only let their existence fade."""
    last_ns, qualities = 7 * PERIOD_NS, tracker.tracks()["quality"]
    for step in range(10):
        assert (
            len(tracker.step(clock_frame(8 + step, last_ns + (step + 1) * PERIOD_NS)).tracks) == 0
        )
    picture = tracker.tracks()
    assert [track["miss_count"] for track in picture] == [0, 0]
    assert [track["status"] for track in picture] == [TrackStatus.TRACKED] * 2
    faded = math.exp(-10 * PERIOD_NS * 1e-9 / TrackerConfig().mean_lifetime_s)
    assert picture["quality"] == pytest.approx(qualities * faded, rel=1e-12)
    again = tracker.step(frame_at(18, TARGETS)).tracks
    assert list(again["event"]) == [TrackEvent.UPDATED] * 2


def test_an_empty_frame_that_looked_is_a_miss(tracker):
    """What a clock frame must not be: the same without its empty coverage."""
    assert list(tracker.step(frame_at(8, [])).tracks["event"]) == [TrackEvent.MISSED] * 2
    assert list(tracker.step(frame_at(9, [])).tracks["event"]) == [TrackEvent.ENDED] * 2


def test_what_coasts_for_too_long_ends(tracker):
    last_ns = 7 * PERIOD_NS
    for step in range(20):
        ended = tracker.step(clock_frame(8 + step, last_ns + (step + 1) * PERIOD_NS)).tracks
        assert len(ended) == 0
    ended = tracker.step(clock_frame(28, last_ns + 2_000_000_001)).tracks
    assert list(ended["event"]) == [TrackEvent.ENDED] * 2
    assert list(ended["status"]) == [TrackStatus.LOST] * 2
    assert len(tracker.tracks()) == 0


def test_the_simulated_radar_makes_it_where_its_ship_then_is():
    radar = Radar(Scenario.load("crossing"), epoch=3, start_time_ns=1000)
    frame, clock = radar.frame(6), radar.clock_frame(7, radar.frame(6).time_ns)
    assert (clock.sensor_id, clock.epoch, clock.number) == (frame.sensor_id, 3, 7)
    assert clock.sensor_position_m == frame.sensor_position_m
    assert clock.sensor_velocity_m_s == frame.sensor_velocity_m_s
    assert (len(clock), len(clock.truth), clock.range_band) == (0, 0, 0)
    assert clock.coverage.is_empty
    assert clock.coverage == Coverage.empty()
    assert not frame.coverage.is_empty
