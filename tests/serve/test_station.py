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
        if (arrival := station.take()) is not None:
            assert arrival.copy == 0
            assert arrival.frame.time_ns == START_NS + due_ns
            taken.append(arrival.frame)
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


def arrivals_of(radar, looks):
    """Take what arrives until the radar has looked so often and nothing is held."""
    station, taken = Station(radar, SimpleNamespace(), START_NS), []
    while station.number < looks or station.held:
        due_ns = station.due_ns
        if (arrival := station.take()) is not None:
            taken.append((due_ns, arrival))
        assert station.due_ns >= due_ns
        if station.number >= looks:
            station._look_ns = 1 << 62  # only what is held
    return taken


def test_late_frames_arrive_when_they_are_due_and_none_is_lost():
    radar = RADAR.with_fault('{"fault": {"late": {"probability": 0.4, "delay_s": 0.35}}}')
    arrivals = arrivals_of(radar, 100)
    assert sorted(arrival.frame.number for _, arrival in arrivals) == list(range(100))
    late = 0
    for due_ns, arrival in arrivals:
        delay_ns = due_ns - arrival.frame.number * PERIOD_NS
        assert (delay_ns, 1) == radar.delivery(arrival.frame.number)
        late += delay_ns > 0
    assert 20 < late < 60
    assert [due_ns for due_ns, _ in arrivals] == sorted(due_ns for due_ns, _ in arrivals)


def test_reordered_frames_pass_their_successor_only():
    radar = RADAR.with_fault('{"fault": {"reordered": {"probability": 0.2}}}')
    numbers = [arrival.frame.number for _, arrival in arrivals_of(radar, 100)]
    assert numbers != sorted(numbers)
    assert max(abs(place - number) for place, number in enumerate(numbers)) == 1


def test_duplicated_frames_arrive_twice_with_one_name():
    radar = RADAR.with_fault('{"fault": {"duplicated": {"probability": 0.3}}}')
    arrivals = [arrival for _, arrival in arrivals_of(radar, 60)]
    copies = [arrival for arrival in arrivals if arrival.copy]
    assert 8 < len(copies) < 30
    for before, arrival in pairwise(arrivals):
        if arrival.copy:
            assert (arrival.copy, arrival.frame.frame_id) == (1, before.frame.frame_id)


def test_a_radar_that_is_off_by_a_fault_is_silent_as_one_that_is_switched_off():
    radar = RADAR.with_fault(
        f'{{"from_s": {2 * PERIOD_NS / 1e9}, "until_s": {5 * PERIOD_NS / 1e9}, "fault": "off"}}'
    )
    frames = [arrival.frame for _, arrival in arrivals_of(radar, 7)]
    assert [frame.coverage.is_empty for frame in frames] == [
        False,
        False,
        True,
        True,
        True,
        False,
        False,
    ]
    periods = [(frame.time_ns - START_NS) / PERIOD_NS for frame in frames]
    assert periods == [0, 1, 2.5, 3.5, 4.5, 5, 6]


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
