"""Whenever a radar is switched, its numbers have no hole and no silence is longer than allowed."""

from itertools import pairwise
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from qiki.radar import Radar, Scenario
from qiki.serve.station import Station
from tests.radar.scenes import scenario, sensor

START_NS = 1_700_000_000_000_000_000
RADAR = Radar(Scenario.load("crossing"), epoch=2, start_time_ns=START_NS)
PERIOD_NS = RADAR.period_ns


def frames_of(switched, radar=RADAR):
    """Take frames from a station that is on or off as told before each step."""
    station = Station(radar, SimpleNamespace(), START_NS)
    taken = []
    for is_on in switched:
        station.is_on = is_on
        due_ns = station.due_ns
        if (frame := station.take()) is not None:
            assert frame.time_ns == START_NS + due_ns
            taken.append(frame)
        assert station.due_ns > due_ns
    return taken


@given(st.lists(st.booleans(), max_size=80))
def test_switching_leaves_no_hole(switched):
    frames = frames_of(switched)
    assert [frame.number for frame in frames] == list(range(len(frames)))
    for frame in frames:
        late_ns = PERIOD_NS // 2 if frame.coverage.is_empty else 0
        assert frame.time_ns == START_NS + frame.number * PERIOD_NS + late_ns
    gaps_ns = [after.time_ns - before.time_ns for before, after in pairwise(frames)]
    assert all(PERIOD_NS // 2 <= gap_ns <= PERIOD_NS * 3 // 2 for gap_ns in gaps_ns)


@given(st.lists(st.booleans(), max_size=80))
def test_a_frame_behind_a_silence_is_the_one_of_a_radar_that_was_never_off(switched):
    for frame in frames_of(switched):
        if frame.coverage.is_empty:
            assert len(frame) == 0
        else:
            assert frame.detections.tobytes() == RADAR.frame(frame.number).detections.tobytes()


def test_off_for_three_periods():
    # Each missing frame takes two steps: its own time, and half a period later.
    frames = frames_of([True, True, *[False] * 6, True])
    assert [frame.coverage.is_empty for frame in frames] == [False, False, True, True, True, False]
    periods = [(frame.time_ns - START_NS) / PERIOD_NS for frame in frames]
    assert periods == [0, 1, 2.5, 3.5, 4.5, 5]


@given(st.lists(st.booleans(), max_size=80))
def test_beams_of_unequal_dwells_keep_their_times(switched):
    dwells_s = [0.02, 0.31, 0.05]
    beams = [
        {"bearing_deg": 90 * k, "elevation_width_deg": 9, "dwell_s": dwell_s}
        for k, dwell_s in enumerate(dwells_s)
    ]
    steered = sensor() | {"scan": {"steered": {"beams": beams}}}
    radar = Radar(scenario([], [steered]), start_time_ns=START_NS)
    frames = frames_of(switched, radar)
    assert [frame.number for frame in frames] == list(range(len(frames)))
    for frame in frames:
        due_ns, next_ns = (radar.frame_time_ns(frame.number + k) for k in (0, 1))
        late_ns = (next_ns - due_ns) // 2 if frame.coverage.is_empty else 0
        assert frame.time_ns == due_ns + late_ns
    assert all(before.time_ns < after.time_ns for before, after in pairwise(frames))
