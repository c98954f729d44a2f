"""Thirty seconds of the default scenario through JetStream, faster than real time."""

import asyncio
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from qiki.bus import subjects
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.radar import Radar, RangeBand, Scenario
from qiki.serve.bridge import Bridge
from qiki.serve.flow_audit import FlowAudit
from qiki.serve.flow_monitor import FlowMonitor
from qiki.tracking import TrackStatus
from qiki.wire import decode_tracks

FRAMES = 300
EPOCH = 11
CONFIRMED = (TrackStatus.TRACKED, TrackStatus.COASTING)


@pytest.fixture
def radar():
    return Radar(Scenario.load("default"), epoch=EPOCH)


@pytest.fixture
async def flow(client, settings, radar):
    """The audit of the run and every tracks message, in order."""
    payloads = []
    audit = FlowAudit(EPOCH)
    stop = asyncio.Event()
    bridge = asyncio.create_task(Bridge(client, settings).run(stop))
    sender = FrameSender(Publisher(client, 5), radar.sensor_id)
    async with FlowMonitor(client, settings, audit, payloads.append) as monitor:
        for number in range(FRAMES):
            await sender.send(radar.frame(number).split(radar.sr_threshold_m))
        await monitor.drain(20)
    stop.set()
    await bridge
    return audit, [decode_tracks(payload) for payload in payloads]


def uses(radar, answers):
    """Yield (target, band of the detection, track) for each detection that a track used."""
    for number, answer in enumerate(answers):
        frame = radar.frame(number)
        for track in answer.tracks[answer.tracks["detection_index"] < len(frame)]:
            index = track["detection_index"]
            if frame.truth[index] >= 0:
                band = int(frame.detections["range_band"][index])
                yield int(frame.truth[index]), band, track


async def test_no_frame_is_lost_and_all_three_subjects_are_stored(client, flow):
    audit, _ = flow
    assert (audit.frames, audit.tracks_messages, audit.frames_lost) == (FRAMES, FRAMES, 0)
    info = await client.jetstream().stream_info("QIKI_RADAR_V1", subjects_filter=">")
    assert info.state.subjects == {
        subjects.FRAMES: FRAMES,
        subjects.FRAMES_LR: FRAMES,
        subjects.FRAMES_SR: FRAMES,
    }


async def test_each_target_keeps_one_track_across_the_sr_threshold(radar, flow):
    _, answers = flow
    detections = np.zeros(len(radar.target_names), int)
    tracks, bands = defaultdict(set), defaultdict(list)
    for target, band, track in uses(radar, answers):
        detections[target] += 1
        if track["status"] in CONFIRMED:
            tracks[target].add(bytes(track["track_id"]))
            bands[target].append(band)
    for target, name in enumerate(radar.target_names):
        if detections[target] >= FRAMES / 2:
            assert len(tracks[target]) == 1, name
    crossings = [sum(a != b for a, b in pairwise(seen)) for seen in bands.values()]
    assert max(crossings) >= 2, "one target must cross the threshold both ways"


async def test_track_that_left_the_short_range_keeps_its_name_but_not_its_band(radar, flow):
    _, answers = flow
    kept = [
        track
        for _, band, track in uses(radar, answers)
        if band == RangeBand.LONG and bytes(track["transponder_id"]).strip(b"\0")
    ]
    assert kept
    assert {int(track["range_band"]) for track in kept} == {RangeBand.UNSPECIFIED}
