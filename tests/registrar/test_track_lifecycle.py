"""Births, confirmations and ends against the tracker's own picture of all live tracks."""

import json

import numpy as np
import pytest

from qiki.bus import subjects
from qiki.radar import Radar, Scenario
from qiki.registrar import track_lifecycle
from qiki.registrar.interpret import Interpreter
from qiki.registrar.record import FrameCount
from qiki.registrar.track_lifecycle import TrackLifecycle
from qiki.tracking import FrameTracker, Tracker, TrackerConfig, TrackStatus, is_confirmed
from qiki.wire import encode_frame
from tests.registrar.messages import TIME_US, arrival, interpreted

FRAMES = 150


def ids(tracks):
    return set(tracks["track_id"].tolist())


def test_steps_agree_with_the_picture_after_each_frame():
    radar = Radar(Scenario.load("crossing"), seed=3)
    tracker, lifecycle = Tracker(TrackerConfig(max_coast_s=1.0)), TrackLifecycle([], tentative=True)
    born, confirmed, lost = set(), set(), set()
    counted = FrameCount()
    for number in range(FRAMES):
        lives = lifecycle.steps(tracker.step(radar.frame(number)).tracks)
        counted = counted.plus(lives.counted)
        for step in lives.steps:
            track_id = step.track["track_id"].tobytes()
            seen = {"track.born": born, "track.confirmed": confirmed, "track.lost": lost}[step.type]
            assert track_id not in seen  # each once
            seen.add(track_id)
        live = tracker.tracks()
        assert born - lost == ids(live)
        assert confirmed - lost == ids(live[is_confirmed(live)])
    assert counted == FrameCount(born=len(born), confirmed=len(confirmed), lost=len(lost))
    assert len(confirmed) >= 2
    assert len(lost - confirmed) > 5  # false alarms came and went


def messages_of(scenario, frames, max_coast_s=1.0):
    """Return the frames of a radar as arrivals, and what a tracker answers to them."""
    radar = Radar(Scenario.load(scenario), seed=3)
    tracker = FrameTracker(TrackerConfig(max_coast_s=max_coast_s))
    payloads = [tracker.answer(encode_frame(radar.frame(n))).payload for n in range(frames)]
    return [
        arrival(subjects.TRACKS, payload, n + 1)._replace(time_us=TIME_US + 100_000 * n)
        for n, payload in enumerate(payloads)
    ]


def test_of_tracks_that_are_never_confirmed_only_the_count_is_kept():
    """The same messages with and without them: births have their own time, though told later."""
    messages = messages_of("crossing", FRAMES)
    every = interpreted(*messages, interpreter=Interpreter({}, [], tentative=True))
    kept = interpreted(*messages)
    told = {r.about for r in every.records if r.type == "track.confirmed"}

    def of_told(batch):
        found = [r for r in batch.records if r.about in told]
        return {(r.type, r.about, r.time_us, json.loads(r.payload)["time_ns"]) for r in found}

    assert of_told(kept) == of_told(every)
    assert {r.about for r in kept.records if r.type.startswith("track.")} == told
    assert len(every.records) > 3 * len(kept.records)
    assert kept.frame_counts == every.frame_counts
    (count,) = {FrameCount(*map(sum, zip(*kept.frame_counts.values(), strict=True)))}
    types = [record.type for record in every.records]
    assert count == FrameCount(
        born=types.count("track.born"),
        confirmed=types.count("track.confirmed"),
        lost=types.count("track.lost"),
    )


@pytest.mark.parametrize("tentative", [False, True])
def test_a_restart_at_any_message_tells_the_same(tentative):
    radar = Radar(Scenario.load("default"), seed=5)
    tracker = FrameTracker(epoch=9)
    messages = [
        arrival(subjects.TRACKS, tracker.answer(encode_frame(radar.frame(n))).payload, n + 1)
        for n in range(60)
    ]
    first = Interpreter({}, [], tentative=tentative)
    whole = [record[:-2] for record in interpreted(*messages, interpreter=first).records]
    assert {"tracker.began", "track.born", "track.confirmed"} <= {record[1] for record in whole}
    memory, confirmed, parts = {}, set(), []
    for number, message in enumerate(messages):
        interpreter = Interpreter(memory, sorted(confirmed), tentative=tentative)
        batch = interpreted(message, interpreter=interpreter, stands=number)
        confirmed = set() if batch.tracks_began_anew else confirmed
        confirmed |= {key for key, lives in batch.confirmed.items() if lives}
        confirmed -= {key for key, lives in batch.confirmed.items() if not lives}
        memory = batch.memory
        parts += [record[:-2] for record in batch.records]
    assert parts == whole


def test_another_epoch_of_the_tracker_forgets_its_tracks():
    radar = Radar(Scenario.load("default"), seed=5)
    interpreter = Interpreter({}, [])
    for epoch in (1, 2):
        tracker = FrameTracker(epoch=epoch)
        answers = [tracker.answer(encode_frame(radar.frame(n))).payload for n in range(40)]
        messages = [
            arrival(subjects.TRACKS, payload, 100 * epoch + n) for n, payload in enumerate(answers)
        ]
        batch = interpreted(*messages, interpreter=interpreter, stands=100 * epoch - 1)
        began = batch.records[0]
        assert (began.type, json.loads(began.payload)["tracker_epoch"]) == ("tracker.began", epoch)
        assert batch.tracks_began_anew
        assert batch.counts["track"] > 5


def test_a_refused_frame_is_told():
    tracker = FrameTracker()
    payload = tracker.answer(b"no frame").payload
    record = interpreted(arrival(subjects.TRACKS, payload)).records[1]
    assert record.type == "frame.refused"
    assert json.loads(record.payload)["reason"]


def test_what_is_remembered_has_a_bound(monkeypatch):
    monkeypatch.setattr(track_lifecycle, "CONFIRMED_MAX", 3)
    radar = Radar(Scenario.load("default"), seed=5)
    tracker = Tracker()
    for number in range(40):
        tracks = tracker.step(radar.frame(number)).tracks.copy()
    tracks = tracks[is_confirmed(tracks)]
    assert len(tracks) == 5
    lifecycle = TrackLifecycle([], tentative=True)
    steps, changed, _ = lifecycle.steps(tracks)
    assert [step.type for step in steps] == ["track.confirmed"] * 5
    assert sorted(changed.values()) == [False, False, True, True, True]


@pytest.mark.parametrize("status", [TrackStatus.NEW, TrackStatus.LOST])
def test_only_confirmed_tracks_are_called_so(status):
    radar = Radar(Scenario.load("default"), seed=5)
    tracks = Tracker().step(radar.frame(0)).tracks.copy()
    tracks["status"] = status
    tracks["event"] = 0
    steps, changed, _ = TrackLifecycle([], tentative=True).steps(tracks)
    lost = ["track.lost"] * len(tracks) if status == TrackStatus.LOST else []
    assert [step.type for step in steps] == lost
    assert not any(changed.values())
    assert np.all(tracks["event"] == 0)
