import asyncio
import hashlib
import re

import msgspec
import numpy as np
import pytest
from nats.js.api import DiscardPolicy
from nats.js.errors import NotFoundError
from structlog.testing import capture_logs

from qiki.bus import headers, subjects
from qiki.bus.frame_messages import FrameSender
from qiki.bus.jetstream_effects import JetStreamEffects
from qiki.bus.publish import Message, Publisher
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.errors import BrokerError, RecoveryError
from qiki.radar import Radar, RangeBand, Scenario
from qiki.serve.bridge import Bridge
from qiki.settings import BridgeSettings, TrackerSettings
from qiki.tracking import TrackPresent
from qiki.wire import decode_tracks
from tests.serve.qiki_command import one_line_error, run, started
from tests.serve.running_bridge import bridge_running

IDENTITY = (
    TrackPresent.ADDRESS
    | TrackPresent.MODE_3A
    | TrackPresent.TRANSPONDER_ID
    | TrackPresent.TRANSPONDER_REPLY
)
RADAR = Radar(Scenario.load("default"))


async def send(client, numbers):
    sender = FrameSender(Publisher(client, 5), RADAR.sensor_id)
    for number in numbers:
        await sender.send(RADAR.frame(number).split(RADAR.sr_threshold_m))


async def tracks(client, count):
    """Wait for so many tracks messages and return all there are."""
    jetstream = client.jetstream()
    async with asyncio.timeout(10):
        while True:
            state = (await jetstream.stream_info("QIKI_TRACKS_V1")).state
            if state.messages >= count:
                break
            await asyncio.sleep(0.01)
    return [
        await jetstream.get_msg("QIKI_TRACKS_V1", sequence, direct=True)
        for sequence in range(state.first_seq, state.last_seq + 1)
    ]


async def frame_at(client, sequence):
    return await client.jetstream().get_msg("QIKI_RADAR_V1", sequence, direct=True)


async def test_one_frame_in_one_tracks_message_out_in_order(client, settings):
    await send(client, range(10))
    async with bridge_running(client, settings):
        await send(client, range(10, 20))
        messages = await tracks(client, 20)
    assert len(messages) == 20
    for number, message in enumerate(messages):
        answer = decode_tracks(message.data, crc32c=int(message.headers["x-qiki-crc32c"], 16))
        frame = await frame_at(client, int(message.headers["x-qiki-input-sequence"]))
        assert frame.subject == subjects.FRAMES
        assert (answer.sensor_id, answer.epoch, answer.number) == (RADAR.sensor_id, 0, number)
        assert answer.payload_sha256 == hashlib.sha256(frame.data).digest()
        assert answer.verdict == "accepted"
        assert message.headers["x-qiki-number"] == str(number)
        sent = frame.headers["x-qiki-publish-time-ns"]
        assert message.headers["x-qiki-input-publish-time-ns"] == sent
        assert int(message.headers["x-qiki-publish-time-ns"]) > int(sent)


async def test_every_target_has_a_confirmed_track(client, settings):
    await send(client, range(30))
    async with bridge_running(client, settings):
        newest = (await tracks(client, 30))[-1]
    assert int(newest.headers["x-qiki-confirmed"]) == len(RADAR.target_names)


async def test_long_range_tracks_carry_no_identity(client, settings):
    await send(client, range(30))
    async with bridge_running(client, settings):
        messages = await tracks(client, 30)
    records = np.concatenate([decode_tracks(message.data).tracks for message in messages])
    is_long = records["range_band"] == RangeBand.LONG
    named = (records["present"] & IDENTITY) != 0
    assert is_long.any()
    assert named.any()
    assert not (is_long & named).any()
    assert not records["transponder_mode"][is_long].any()


@pytest.mark.parametrize(
    ("damage", "checksum"),
    [
        (lambda payload: b"no frame at all", None),
        (lambda payload: payload[:-1], None),
        (lambda payload: payload, "00000000"),
        (lambda payload: payload, "no number"),
    ],
    ids=["garbage", "cut", "wrong checksum", "unreadable checksum"],
)
async def test_unusable_frame_is_answered_with_refused(client, settings, damage, checksum):
    await send(client, [0])
    good = await frame_at(client, 1)
    header = {k: v for k, v in good.headers.items() if k != headers.CRC32C} | {"Nats-Msg-Id": "bad"}
    if checksum is not None:
        header[headers.CRC32C] = checksum
    await Publisher(client, 5).publish(Message(subjects.FRAMES, damage(good.data), header))
    await send(client, [1])
    async with bridge_running(client, settings):
        before, refused, after = [decode_tracks(m.data) for m in await tracks(client, 3)]
    assert (before.verdict, refused.verdict, after.verdict) == ("accepted", "refused", "accepted")
    assert refused.reason
    assert refused.payload_sha256 == hashlib.sha256(damage(good.data)).digest()
    assert len(refused.tracks) == 0


async def test_many_frames_not_accepted_are_few_log_lines(client, settings):
    await send(client, range(20))
    publisher = Publisher(client, 5)
    for number in range(10):
        await publisher.publish(Message(subjects.FRAMES, b"no frame", {"Nats-Msg-Id": f"{number}"}))
    with capture_logs() as lines:
        async with bridge_running(client, settings):
            await tracks(client, 30)
    first, last = (line for line in lines if line["log_level"] == "warning")
    assert (first["event"], first["count"]) == ("frame_not_accepted", 1)
    assert first["reason"]
    assert (last["event"], last["count"]) == ("frames_not_accepted", 10)


async def test_goes_on_behind_the_last_answer(client, settings):
    async with bridge_running(client, settings):
        await send(client, range(5))
        await tracks(client, 5)
    await send(client, range(5, 8))
    async with bridge_running(client, settings):
        messages = await tracks(client, 8)
    assert [decode_tracks(message.data).number for message in messages] == list(range(8))


async def test_frames_that_left_the_stream_unanswered_end_the_bridge(client, settings):
    jetstream = client.jetstream()
    async with bridge_running(client, settings):
        await send(client, range(2))
        await tracks(client, 2)
    await send(client, range(2, 6))
    config = (await jetstream.stream_info("QIKI_RADAR_V1")).config
    config.max_msgs, config.discard = 3, DiscardPolicy.OLD
    await jetstream.update_stream(config)
    with pytest.raises(RecoveryError, match=r"holds messages from 16 on, must from 7 on.*--new-ep"):
        await Bridge(client, settings).run(asyncio.Event())
    anew = msgspec.structs.replace(settings, bridge=BridgeSettings(new_epoch=True))
    async with bridge_running(client, anew):
        messages = await tracks(client, 3)
    assert [decode_tracks(message.data).number for message in messages] == [0, 1, 5]
    first, _, last = (decode_tracks(message.data).tracker_epoch for message in messages)
    assert last > first


async def test_restart_on_an_empty_stream_misses_nothing(client, settings):
    """The parts of the answered frame are gone too; nobody waits for them."""
    jetstream = client.jetstream()
    async with bridge_running(client, settings):
        await send(client, range(2))
        await tracks(client, 2)
    config = (await jetstream.stream_info("QIKI_RADAR_V1")).config
    await jetstream.delete_stream("QIKI_RADAR_V1")
    config.first_seq = 7
    await jetstream.add_stream(config)
    await apply(jetstream, stream_plans(settings.streams, settings.bridge, Traffic(10, 10)))
    with capture_logs() as lines:
        async with bridge_running(client, settings):
            await send(client, [2])
            await tracks(client, 3)
    assert not [line for line in lines if line["log_level"] == "error"]


async def test_lost_acknowledgement_is_no_second_writer(client, settings, monkeypatch):
    publish, unanswered = JetStreamEffects._publish, []

    async def stored_but_unanswered(self, effect):
        outcome = await publish(self, effect)
        if effect.message_id not in unanswered:
            unanswered.append(effect.message_id)
            raise TimeoutError
        return outcome

    monkeypatch.setattr(JetStreamEffects, "_publish", stored_but_unanswered)
    await send(client, range(3))
    async with bridge_running(client, settings):
        messages = await tracks(client, 3)
    assert [decode_tracks(message.data).number for message in messages] == [0, 1, 2]
    assert len(unanswered) == 3


async def test_frames_that_were_lost_behind_an_answer_are_noticed(client, settings):
    async with bridge_running(client, settings):
        await send(client, range(3))
        await tracks(client, 3)
    jetstream = client.jetstream()
    config = (await jetstream.stream_info("QIKI_RADAR_V1")).config
    await jetstream.delete_stream("QIKI_RADAR_V1")
    await jetstream.add_stream(config)
    with pytest.raises(RecoveryError, match=r"ends at 0, must reach 7.*--new-epoch"):
        await Bridge(client, settings).run(asyncio.Event())


async def test_other_settings_refuse_to_go_on(client, settings):
    async with bridge_running(client, settings):
        await send(client, range(3))
        await tracks(client, 3)
    tracker = TrackerSettings(parameters={"confirm_hits": 2})
    other = msgspec.structs.replace(settings, tracker=tracker)
    with pytest.raises(RecoveryError, match=r"hash of the settings.*must be.*--new-epoch"):
        await Bridge(client, other).run(asyncio.Event())


async def test_missing_stream_says_js_apply(client, settings):
    await client.jetstream().delete_stream("QIKI_TRACKS_V1")
    bridge = Bridge(client, settings)
    with pytest.raises(BrokerError, match=r"QIKI_TRACKS_V1 is missing.*qiki js apply"):
        await bridge.run(asyncio.Event())
    with pytest.raises(NotFoundError):
        await client.jetstream().stream_info("QIKI_TRACKS_V1")
    await client.jetstream().add_stream(name="QIKI_TRACKS_V1", subjects=[subjects.TRACKS])


async def test_the_command_refuses_other_settings_until_a_new_epoch_is_asked_for(client, settings):
    async with bridge_running(client, settings):
        await send(client, range(3))
        await tracks(client, 3)
    other = {"QIKI_NATS_URL": settings.nats.url, "QIKI_TRACKER__PRESET": "air_surveillance"}
    refused = await asyncio.to_thread(run, "bridge", **other)
    assert refused.returncode == 78
    assert re.search(r"hash of the settings .* must be .*--new-epoch", one_line_error(refused))
    with started("bridge", "--new-epoch", **other) as process:
        await send(client, [3])
        messages = await tracks(client, 4)
        process.terminate()
        assert await asyncio.to_thread(process.wait, 10) == 0
    numbers = [decode_tracks(message.data).number for message in messages]
    assert numbers == [0, 1, 2, 3]


async def test_stop_does_not_wait_for_silence_to_end(client, settings):
    patient = BridgeSettings(idle_save_s=60, idle_heartbeat_s=10)
    settings = msgspec.structs.replace(settings, bridge=patient)
    stop = asyncio.Event()
    running = asyncio.create_task(Bridge(client, settings).run(stop))
    await send(client, [0])
    await tracks(client, 1)
    stop.set()
    await asyncio.wait_for(running, 5)
