import asyncio
import copy
from importlib import resources
from itertools import pairwise

import numpy as np
import pytest
import yaml

from qiki.bus import subjects
from qiki.bus.cloudevents import attributes
from qiki.bus.publish import Publisher
from qiki.radar import Present, Radar, RangeBand, Scenario
from qiki.serve.simulator import Simulator
from qiki.wire import decode_frame

SUBJECTS = (subjects.FRAMES, subjects.FRAMES_LR, subjects.FRAMES_SR)


async def simulate(client, settings, *, until_frames):
    """Run the default scenario until so many frames are stored; return all, by subject."""
    stop = asyncio.Event()
    simulator = Simulator([client], settings, Scenario.load("default"))
    running = asyncio.create_task(simulator.run(stop))
    await asyncio.sleep((until_frames - 0.5) * 0.1)
    stop.set()
    await running
    jetstream = client.jetstream()
    state = (await jetstream.stream_info("QIKI_RADAR_V1")).state
    messages = [
        await jetstream.get_msg("QIKI_RADAR_V1", sequence, direct=True)
        for sequence in range(1, state.last_seq + 1)
    ]
    return {s: [m for m in messages if m.subject == s] for s in SUBJECTS}


@pytest.fixture
async def stored(client, settings):
    return await simulate(client, settings, until_frames=5)


async def test_three_messages_per_frame_are_stored_each_under_its_own_id(stored):
    counts = {len(messages) for messages in stored.values()}
    assert len(counts) == 1
    assert counts.pop() >= 4
    for all_, long, short in zip(*stored.values(), strict=True):
        frame_id = decode_frame(all_.data).frame_id
        assert all_.headers["Nats-Msg-Id"] == frame_id
        assert long.headers["Nats-Msg-Id"] == f"{frame_id}:lr"
        assert short.headers["Nats-Msg-Id"] == f"{frame_id}:sr"


async def test_each_subject_carries_its_band(stored):
    bands = {
        subjects.FRAMES: "RR_UNSPECIFIED",
        subjects.FRAMES_LR: "RR_LR",
        subjects.FRAMES_SR: "RR_SR",
    }
    for subject, messages in stored.items():
        assert {message.headers["x-range-band"] for message in messages} == {bands[subject]}


async def test_headers_are_cloudevents(stored):
    for number, message in enumerate(stored[subjects.FRAMES]):
        frame = decode_frame(message.data, crc32c=int(message.headers["x-qiki-crc32c"], 16))
        event = attributes(message.headers)
        assert event["specversion"] == "1.0"
        assert event["id"] == frame.frame_id
        assert event["type"] == "qiki.radar.v1.UNSPECIFIEDFrame"
        assert event["source"] == f"urn:qiki:radar:{frame.sensor_id}"
        assert event["datacontenttype"] == "application/protobuf"
        assert event["rangeband"] == "RR_UNSPECIFIED"
        assert frame.number == number
        assert message.headers["x-qiki-number"] == str(number)


async def test_long_range_detections_carry_no_identity(stored):
    long_count = short_count = 0
    for messages in stored.values():
        for message in messages:
            detections = decode_frame(message.data).detections
            is_long = detections["range_band"] == RangeBand.LONG
            named = (detections["present"] & Present.IDENTITY) != 0
            assert not (is_long & named).any()
            assert not detections["transponder_mode"][is_long].any()
            long_count += np.count_nonzero(is_long)
            short_count += np.count_nonzero(named)
    assert long_count > 0
    assert short_count > 0


async def test_bands_are_the_parts_of_the_frame(stored):
    for all_, long, short in zip(*stored.values(), strict=True):
        whole = len(decode_frame(all_.data))
        assert whole == len(decode_frame(long.data)) + len(decode_frame(short.data))


async def test_frames_are_the_radars_own_at_its_rate(stored):
    frames = [decode_frame(message.data) for message in stored[subjects.FRAMES]]
    radar = Radar(Scenario.load("default"), start_time_ns=frames[0].time_ns)
    for number, frame in enumerate(frames):
        expected = radar.frame(number)
        assert frame.time_ns == expected.time_ns
        assert frame.detections.tobytes() == expected.detections.tobytes()


async def test_each_run_has_its_own_epoch(client, settings):
    first = await simulate(client, settings, until_frames=1)
    second = await simulate(client, settings, until_frames=3)
    epochs = {decode_frame(m.data).epoch for m in second[subjects.FRAMES]}
    assert len(epochs) == 2
    assert decode_frame(first[subjects.FRAMES][0].data).epoch in epochs


def two_radars():
    """The crossing scenario with a second, faster radar."""
    document = yaml.safe_load((resources.files("qiki.scenarios") / "crossing.yaml").read_text())
    second = copy.deepcopy(document["sensors"][0])
    second |= {"name": "second", "scan": {"staring": {"period_s": 0.07}}}
    document["sensors"].append(second)
    return Scenario.from_yaml(yaml.safe_dump(document))


async def test_radars_catch_up_together_after_a_pause(client, settings, monkeypatch):
    """No frame is older than one before it, else the tracker would answer that it is late."""
    publish = Publisher.publish
    opens_s = asyncio.get_running_loop().time() + 1.0
    frames = []

    async def publish_after_a_pause(publisher, message):
        if len(frames) >= 6:
            await asyncio.sleep(max(0.0, opens_s - asyncio.get_running_loop().time()))
        stored = await publish(publisher, message)
        if message.subject == subjects.FRAMES:
            frames.append(decode_frame(message.payload))
        return stored

    monkeypatch.setattr(Publisher, "publish", publish_after_a_pause)
    stop = asyncio.Event()
    running = asyncio.create_task(Simulator([client], settings, two_radars()).run(stop))
    await asyncio.sleep(1.5)
    stop.set()
    await running
    assert len({frame.sensor_id for frame in frames}) == 2
    assert len(frames) >= 25  # the pause included
    assert all(before.time_ns <= after.time_ns for before, after in pairwise(frames))
