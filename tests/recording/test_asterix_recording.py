"""The twenty recorded minutes of a Mode S radar: plots, turns, frames."""

from itertools import pairwise

import numpy as np
import pytest

from qiki.errors import SettingError
from qiki.radar import Present
from qiki.recording import PlotFlags, read_asterix

NM_M = 1852.0


@pytest.fixture(scope="module")
def recording(barcelona):
    return read_asterix(barcelona)


def test_every_record_is_accounted_for(recording):
    tally = recording.columns.tally
    assert tally["records"] == tally["blocks"] == 15060
    assert tally["records_without_detection"] == 61
    assert len(recording.plots) == len(recording.details) == 15060 - 61
    unread = ("faults", "unread_bytes", "other_blocks", "records_without_position")
    assert not any(tally[name] for name in unread)
    assert (recording.sac, recording.sic) == (20, 129)


def test_turns_follow_the_antenna(recording):
    assert recording.rotation_period_s == pytest.approx(4.0016, abs=2e-4)
    starts = recording.scan_starts
    assert starts[0] == 0
    assert starts[-1] == len(recording.plots)
    counts = np.diff(starts)
    assert len(counts) == 301
    assert counts[1:-1].min() >= 35
    assert counts[1:-1].mean() == pytest.approx(49.9, abs=0.5)
    times_ns = recording.plots["time_ns"]
    for begin, end in pairwise(starts):
        turn = recording.plots[begin:end]
        assert np.all(np.diff(times_ns[begin:end]) >= 0)
        # Time and bearing of a turn agree with an antenna that turns evenly from north.
        phase = turn["bearing_deg"] / 360.0 * recording.rotation_period_s * 1e9
        assert np.ptp(turn["time_ns"] - phase) < 0.15e9


def test_only_aircraft_that_cross_north_against_the_turn_are_seen_twice_in_one(recording):
    """A turn cut at the wrong place would show its border targets twice."""
    twice = 0
    for frame in recording.frames("used"):
        addresses = frame.detections["address"]
        addresses = addresses[addresses > 0]
        twice += len(addresses) - len(np.unique(addresses))
    assert twice == 5


def test_frames_are_in_order_and_end_after_their_plots(recording):
    frames = list(recording.frames())
    times_ns = np.array([frame.time_ns for frame in frames])
    assert np.all(np.abs(np.diff(times_ns) - 4.0016e9) < 0.03e9)
    assert [frame.number for frame in frames] == list(range(301))
    assert all(frame.time_ns >= frame.detections["time_ns"].max() for frame in frames)
    whole = frames[1].coverage
    assert (whole.bearing_start_deg, whole.bearing_extent_deg) == (0.0, 360.0)
    assert whole.max_range_m == 60 * NM_M
    assert (whole.min_elevation_deg, whole.max_elevation_deg) == (-90.0, 45.0)
    first, last = frames[0], frames[-1]
    assert first.coverage.bearing_start_deg == first.detections["bearing_deg"][0]
    assert last.coverage.bearing_extent_deg == last.detections["bearing_deg"][-1]


def test_the_cone_of_silence_begins_at_the_coverages_edge(recording):
    """Aircraft fly over the radar, so the highest plots show how far up it sees."""
    elevation_deg = np.degrees(np.arcsin(recording.plots["height_m"] / recording.plots["range_m"]))
    edge_deg = next(recording.frames()).coverage.max_elevation_deg
    highest_deg = np.nanmax(elevation_deg)
    assert edge_deg - 1.0 < highest_deg < edge_deg + 2.0
    assert np.sum(elevation_deg > edge_deg) < 5


def test_withheld_identity_is_nowhere_in_a_frame(recording):
    for frame in recording.frames():
        detections = frame.detections
        assert not np.any(detections["present"] & Present.IDENTITY)
        for name in ("address", "mode_3a", "transponder_mode"):
            assert not np.any(detections[name])
        assert not np.any(detections["transponder_id"] != b"")
    used = np.concatenate([frame.detections for frame in recording.frames("used")])
    assert used.tobytes() == recording.plots.tobytes()


def test_what_was_not_measured_is_absent(recording):
    plots = recording.plots
    present = plots["present"]
    assert np.all(present & (Present.RANGE | Present.BEARING))
    absent = (("elevation_deg", Present.ELEVATION), ("range_rate_m_s", Present.RANGE_RATE))
    for name, bit in (*absent, ("snr_db", Present.SNR), ("rcs_dbsm", Present.RCS)):
        assert not np.any(present & bit)
        assert np.all(np.isnan(plots[name]))
    has_height = present & Present.HEIGHT != 0
    assert np.array_equal(np.isnan(plots["height_m"]), ~has_height)
    refused = recording.details["flags"] & PlotFlags.HEIGHT_REFUSED != 0
    assert not np.any(refused & has_height)


def test_replay_names_come_from_the_file(barcelona, recording):
    again = read_asterix(barcelona.read_bytes())
    assert again.epoch() == recording.epoch()
    assert again.sensor_id == recording.sensor_id
    assert recording.epoch("used") != recording.epoch("withheld")
    data = barcelona.read_bytes()
    first_block_repeated = read_asterix(data + data[:0x47])
    assert first_block_repeated.epoch() != recording.epoch()
    assert next(recording.frames(epoch=7)).epoch == 7
    ids = {frame.frame_id for frame in recording.frames()}
    assert len(ids) == 301


def test_a_word_for_identity_is_checked(recording):
    with pytest.raises(SettingError, match="identity is none, must be one of withheld, used"):
        next(recording.frames("none"))
