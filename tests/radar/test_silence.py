"""When clock frames are due, and those that fill the silences of a recording."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiki.errors import SettingError
from qiki.radar import RadarFrame, empty_detections
from qiki.radar.silence import Silence, with_clock_frames
from qiki.wire import decode_frame, encode_frame

PERIOD_NS = 4_000_000_000

periods_ns = st.integers(2, 20_000_000_000)
times_ns = st.integers(-(1 << 60), 1 << 60)


def frame(time_ns, number=0, **header):
    return RadarFrame(empty_detections(1), time_ns=time_ns, number=number, **header)


def filled_times(times_ns, period_ns=PERIOD_NS):
    frames = [frame(time_ns, number) for number, time_ns in enumerate(times_ns)]
    return [(f.time_ns, f.coverage.is_empty) for f in with_clock_frames(frames, period_ns)]


@given(periods_ns, times_ns, st.integers(1, 50))
def test_clock_frames_begin_after_one_and_a_half_periods_and_are_a_period_apart(
    period_ns, time_ns, count
):
    silence = Silence(period_ns, time_ns)
    due_ns = []
    for _ in range(count):
        due_ns.append(silence.due_ns)
        silence.clock_frame_sent()
    assert due_ns[0] == time_ns + period_ns * 3 // 2
    assert {after - before for before, after in pairwise(due_ns)} <= {period_ns}
    silence.frame_came(due_ns[-1] + 1)
    assert silence.due_ns == due_ns[-1] + 1 + period_ns * 3 // 2


@given(periods_ns, st.lists(st.booleans(), min_size=1, max_size=60))
def test_on_a_grid_each_clock_frame_stands_behind_the_place_of_a_missing_one(period_ns, is_on):
    """Numbers and grid stay together: a radar that is off and on again misses no number."""
    frames = [frame(place * period_ns, place) for place, on in enumerate([True, *is_on]) if on]
    end = frames[-1].number
    filled = list(with_clock_frames(frames, period_ns))
    assert [f.number for f in filled] == list(range(end + 1))
    for f in filled:
        late_ns = period_ns // 2 if f.coverage.is_empty else 0
        assert f.time_ns == f.number * period_ns + late_ns


@given(periods_ns, st.lists(st.integers(0, 10**11), min_size=1, max_size=30).map(sorted))
def test_nothing_is_lost_out_of_order_or_silent_for_longer(period_ns, times_ns):
    period_ns = max(period_ns, 10**9)
    filled = filled_times(times_ns, period_ns)
    assert [time_ns for time_ns, is_clock in filled if not is_clock] == times_ns
    gaps_ns = [after[0] - before[0] for before, after in pairwise(filled)]
    assert all(0 <= gap_ns <= period_ns * 3 // 2 for gap_ns in gaps_ns)


def test_a_silence_of_one_and_a_half_periods_is_none_yet():
    limit_ns = PERIOD_NS * 3 // 2
    assert len(filled_times([0, limit_ns])) == 2
    assert filled_times([0, limit_ns + 1]) == [(0, False), (limit_ns, True), (limit_ns + 1, False)]


def test_a_clock_frame_is_the_sensors_own_and_says_nothing_but_the_time():
    header = {
        "sensor_id": "7c8a1f0e-5f0b-5a53-9d0e-2f6b6a1d9c41",
        "epoch": 9,
        "sensor_position_m": [10.0, 0.0, 5.0],
        "sensor_velocity_m_s": [2.0, 0.0, -1.0],
    }
    frames = [frame(0, 6, **header), frame(3 * PERIOD_NS, 7, **header)]
    first, clock, again, last = with_clock_frames(frames, PERIOD_NS)
    assert first is frames[0]
    assert (again.coverage.is_empty, last.number) == (True, 9)
    assert (clock.number, clock.epoch, clock.sensor_id) == (7, 9, header["sensor_id"])
    assert (len(clock), clock.time_ns) == (0, 6_000_000_000)
    assert clock.sensor_position_m == (22.0, 0.0, -1.0)
    assert clock.sensor_velocity_m_s == (2.0, 0.0, -1.0)
    assert last.detections.tobytes() == frames[1].detections.tobytes()
    assert last.time_ns == frames[1].time_ns


def test_every_band_of_a_clock_frame_goes_over_the_wire():
    clock = list(with_clock_frames([frame(0), frame(2 * PERIOD_NS)], PERIOD_NS))[1]
    bands = clock.split(5000.0)
    for part in (bands.all, bands.long, bands.short):
        decoded = decode_frame(encode_frame(part))
        assert (decoded.number, decoded.time_ns, len(decoded)) == (1, clock.time_ns, 0)
        assert decoded.coverage.is_empty
        assert decoded.frame_id == clock.frame_id


def test_a_period_that_is_none_is_refused():
    with pytest.raises(SettingError, match="period_ns is 0, must be above 0: give"):
        Silence(0, 0)
