"""`evaluate_recording` gives the tracker what a replay gives it, also where the radar was off."""

import numpy as np
import pytest

from qiki.commands.replay import _read
from qiki.recording import evaluate_recording, read_asterix, score_tracks
from qiki.settings import Settings
from qiki.tracking import Tracker, TrackerConfig
from tests.serve.made_recording import PLOTS, made_recording

BEFORE, SILENT, AFTER = 6, 100, 6  # turns


@pytest.fixture
def recorded():
    before = made_recording(BEFORE, addressed=True)
    return before + made_recording(AFTER, first=BEFORE + SILENT, addressed=True)


def test_tracks_end_in_a_silence_and_others_begin_behind_it(recorded):
    result = evaluate_recording(recorded)
    assert (result.plots, result.scans) == ((BEFORE + AFTER) * PLOTS, BEFORE + AFTER)
    assert (result.coverage, result.purity) == (1.0, 1.0)
    assert (result.tracks_confirmed, result.extra_ids) == (2 * PLOTS, PLOTS)


def test_the_score_is_that_of_the_frames_of_a_replay(recorded, tmp_path):
    file = tmp_path / "silent.ast"
    file.write_bytes(recorded)
    tracker = Tracker(TrackerConfig.air_surveillance())
    frames = list(_read(str(file), Settings()).frames)
    assert len(frames) == BEFORE + SILENT + AFTER
    tracks = np.concatenate([tracker.step(frame).detection_track for frame in frames])
    score = score_tracks(read_asterix(recorded).plots["address"].astype(np.int64), tracks, tracks)
    result = evaluate_recording(recorded)
    assert (score.coverage, score.purity) == (result.coverage, result.purity)
    assert (score.extra_ids, score.mixed_tracks) == (result.extra_ids, result.mixed_tracks)
