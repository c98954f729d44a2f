"""A recording in which the radar is off for some minutes: clock frames fill the silence."""

import asyncio
from itertools import pairwise

import numpy as np
import pytest

from qiki.bus import subjects
from qiki.commands.replay import _replayable
from qiki.recording import read_asterix
from qiki.serve.bridge import Bridge
from qiki.serve.replay import replay
from qiki.settings import Settings
from qiki.tracking import TrackEvent, TrackStatus
from qiki.wire import decode_frame, decode_tracks
from tests.serve.made_recording import TURN_S, made_recording
from tests.serve.qiki_command import last_json, run

BEFORE, SILENT, AFTER = 6, 100, 6  # turns; up to 64 without a plot are turns that saw nothing
TURN_NS = round(TURN_S * 1e9)


@pytest.fixture
def recording_file(tmp_path):
    file = tmp_path / "silent.ast"
    file.write_bytes(made_recording(BEFORE) + made_recording(AFTER, first=BEFORE + SILENT))
    return file


async def stored(client, stream, subject, decode):
    jetstream = client.jetstream()
    last = (await jetstream.stream_info(stream)).state.last_seq
    messages = [await jetstream.get_msg(stream, n, direct=True) for n in range(1, last + 1)]
    return [decode(message.data) for message in messages if message.subject == subject]


async def test_tracks_end_in_the_silence_and_begin_anew_behind_it(client, settings, recording_file):
    stop = asyncio.Event()
    running = asyncio.create_task(Bridge(client, settings).run(stop))
    summary = await replay(
        settings,
        _replayable(read_asterix(recording_file), Settings()),
        speed=None,
        own_bridge=False,
    )
    stop.set()
    await running
    assert (summary.frames, summary.frames_lost) == (BEFORE + SILENT + AFTER, 0)
    assert summary.not_accepted == 0

    names = (subjects.FRAMES, subjects.FRAMES_LR, subjects.FRAMES_SR)
    frames, *bands = [await stored(client, "QIKI_RADAR_V1", name, decode_frame) for name in names]
    assert [frame.number for frame in frames] == list(range(summary.frames))
    assert [[frame.number for frame in band] for band in bands] == [list(range(summary.frames))] * 2
    assert [frame.coverage.is_empty for frame in frames] == (
        [False] * BEFORE + [True] * SILENT + [False] * AFTER
    )
    gaps_ns = np.diff([frame.time_ns for frame in frames[BEFORE - 1 :]])
    assert gaps_ns[0] == pytest.approx(1.5 * TURN_NS, rel=0.01)
    assert gaps_ns[1:SILENT] == pytest.approx(TURN_NS, rel=0.01)
    assert all(gap_ns <= 1.5 * TURN_NS for gap_ns in gaps_ns)

    answers = await stored(client, "QIKI_TRACKS_V1", subjects.TRACKS, decode_tracks)
    ended = [np.count_nonzero(answer.tracks["event"] == TrackEvent.ENDED) for answer in answers]
    assert sum(ended[:BEFORE]) == 0
    assert sum(ended[BEFORE : BEFORE + SILENT]) >= 16
    assert all(not (a.tracks["event"] == TrackEvent.MISSED).any() for a in answers[BEFORE:-AFTER])
    lost = next(answer for answer in answers if TrackStatus.LOST in answer.tracks["status"])
    silent_s = (lost.time_ns - frames[BEFORE - 1].time_ns) / 1e9
    assert 30 - TURN_S <= silent_s <= 30 + TURN_S  # max_coast_s, from the first plot of the turn
    first, *_ = [set(answer.tracks["number"]) for answer in answers]
    assert first.isdisjoint(answers[-1].tracks["number"])
    assert all(before.time_ns <= after.time_ns for before, after in pairwise(answers))


def test_two_replays_have_one_hash(recording_file):
    first, second = (run("replay", recording_file, "--json") for _ in range(2))
    assert first.returncode == 0, first.stderr
    assert last_json(first)["frames"] == BEFORE + SILENT + AFTER
    assert last_json(first) == last_json(second)
