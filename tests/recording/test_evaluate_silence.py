"""`evaluate_recording` gives the tracker what a replay gives it, also where the radar was off."""

import numpy as np
import pytest

from qiki.commands.replay import _replayable
from qiki.recording import evaluate_recording, read_asterix, score_tracks
from qiki.settings import Settings
from qiki.tracking import Tracker, TrackerConfig, TrackStatus
from tests.serve.made_recording import PLOTS, made_recording

BEFORE, SILENT, AFTER = 6, 100, 6  # turns


def recorded_with(silent):
    before = made_recording(BEFORE, addressed=True)
    return before + made_recording(AFTER, first=BEFORE + silent, addressed=True)


@pytest.fixture
def recorded():
    return recorded_with(SILENT)


@pytest.mark.parametrize(("silent", "is_off"), [(1, False), (64, False), (65, True)])
def test_more_than_64_turns_without_a_plot_are_a_radar_that_was_off(silent, is_off):
    frames = list(read_asterix(recorded_with(silent)).frames_with_clock())
    assert [frame.number for frame in frames] == list(range(BEFORE + silent + AFTER))
    assert [len(frame) for frame in frames[BEFORE:-AFTER]] == [0] * silent
    assert {frame.coverage.is_empty for frame in frames[BEFORE:-AFTER]} == {is_off}


def test_by_clock_frames_a_track_keeps_its_status_until_it_is_lost(recorded):
    """A turn that saw nothing makes it coast, which the next message tells."""
    # The plots are not at the edge of the range, where rounding would say who is looked at.
    off, blind = (
        list(read_asterix(bytes_, max_range_m=100_000.0).frames_with_clock())
        for bytes_ in (recorded, recorded_with(64))
    )
    assert told_of(off[: BEFORE + 5]) == []
    assert told_of(off[: BEFORE + 7]) == [TrackStatus.LOST] * PLOTS
    assert told_of(blind[: BEFORE + 1]) == [TrackStatus.COASTING] * PLOTS


def told_of(frames):
    """Return the statuses that the steps tell from where the silence begins."""
    tracker = Tracker(TrackerConfig.air_surveillance())
    steps = [tracker.step(frame).tracks["status"].tolist() for frame in frames]
    assert set(steps[BEFORE - 1]) == {TrackStatus.TRACKED}
    return [status for step in steps[BEFORE:] for status in step]


def test_tracks_end_in_a_silence_and_others_begin_behind_it(recorded):
    result = evaluate_recording(recorded)
    assert (result.plots, result.scans) == ((BEFORE + AFTER) * PLOTS, BEFORE + AFTER)
    assert (result.coverage, result.purity) == (1.0, 1.0)
    assert (result.tracks_confirmed, result.extra_ids) == (2 * PLOTS, PLOTS)


def test_the_score_is_that_of_the_frames_of_a_replay(recorded, tmp_path):
    file = tmp_path / "silent.ast"
    file.write_bytes(recorded)
    tracker = Tracker(TrackerConfig.air_surveillance())
    frames = list(_replayable(read_asterix(file), Settings()).frames)
    assert len(frames) == BEFORE + SILENT + AFTER
    tracks = np.concatenate([tracker.step(frame).detection_track for frame in frames])
    score = score_tracks(read_asterix(recorded).plots["address"].astype(np.int64), tracks, tracks)
    result = evaluate_recording(recorded)
    assert (score.coverage, score.purity) == (result.coverage, result.purity)
    assert (score.extra_ids, score.mixed_tracks) == (result.extra_ids, result.mixed_tracks)
