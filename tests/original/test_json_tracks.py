"""Tracks in the original's JSON through a real broker, whatever is killed."""

import asyncio
import inspect
import re
import signal
from collections import Counter, defaultdict

import msgspec
import pytest
from nats.js.api import DiscardPolicy
from structlog.testing import capture_logs

from qiki.bus import headers, subjects
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Message, Publisher
from qiki.bus.stream_apply import apply, check
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.errors import RecoveryError
from qiki.figures import FIGURES
from qiki.radar import Radar, Scenario
from qiki.recording import read_asterix
from qiki.serve.bridge import Bridge
from qiki.serve.guard import GuardFanOut
from qiki.serve.json_tracks import JsonTracks
from qiki.serve.registrar import streams_read
from qiki.serve.replay import Recording, replay
from qiki.settings import BridgeSettings, RadarSettings, Settings, TrackerSettings
from qiki.wire import decode_tracks
from tests.original.radar_models import Frame, Track
from tests.registrar.messages import arrival, interpreted
from tests.serve.made_recording import made_recording
from tests.serve.qiki_command import started
from tests.serve.running_bridge import bridge_running

TRAFFIC = Traffic(frames_per_s=10, detections_per_frame=10, encoding="json")
RADAR = Radar(Scenario.load("guard"), seed=3, epoch=5)
CE_ID = re.compile(r"[0-9a-f-]{36}:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@pytest.fixture
def settings(settings):
    """Settings of services that speak JSON and alert."""
    return msgspec.structs.replace(
        settings,
        radar=RadarSettings(encoding="json", scenario="guard"),
        tracker=TrackerSettings(guard_rules="default"),
    )


@pytest.fixture
async def client(settings, client):
    """A connection to a broker that has the streams for JSON, new and empty."""
    jetstream = client.jetstream()
    plans = stream_plans(settings.streams, settings.bridge, TRAFFIC)
    await apply(jetstream, plans)
    yield client
    await jetstream.delete_stream(settings.streams.tracks_log)


async def send(client, numbers):
    sender = FrameSender(Publisher(client, 5), RADAR.sensor_id, "json")
    for number in numbers:
        await sender.send(RADAR.frame(number).split(RADAR.sr_threshold_m))


async def stored(client, stream, subject):
    jetstream = client.jetstream()
    state = (await jetstream.stream_info(stream)).state
    everything = [
        await jetstream.get_msg(stream, sequence, direct=True)
        for sequence in range(state.first_seq or 1, state.last_seq + 1)
    ]
    return [message for message in everything if message.subject == subject]


async def until(condition):
    """Wait until a condition holds, which may be asked of the broker."""
    async with asyncio.timeout(20):
        while True:
            holds = condition()
            if await holds if inspect.isawaitable(holds) else holds:
                return
            await asyncio.sleep(0.01)


async def logged(client, settings, count):
    """Wait for so many answers in the log and return them."""
    async with asyncio.timeout(20):
        while True:
            log = await stored(client, settings.streams.tracks_log, subjects.TRACKS_LOG)
            if len(log) >= count:
                return log
            await asyncio.sleep(0.02)


async def told(client, settings, frames):
    """Wait until every track of so many answers is told; return the messages."""
    log = await logged(client, settings, frames)
    expected = sum(int(message.headers["x-qiki-tracks"]) for message in log)
    async with asyncio.timeout(20):
        while True:
            messages = await stored(client, settings.streams.tracks, subjects.TRACKS)
            if len({message.headers["Nats-Msg-Id"] for message in messages}) >= expected:
                return log, messages
            await asyncio.sleep(0.02)


async def has_more(client, stream, count):
    return (await client.jetstream().stream_info(stream)).state.messages >= count


def tracks_of(log):
    """What each answer of the log says, by the sequence of the answer and the track."""
    said = {}
    for message in log:
        for row in decode_tracks(message.data).tracks:
            said[message.seq, bytes(row["track_id"]).hex()] = row
    return said


def heard(messages):
    """The same of the messages in JSON; each is accepted by the model."""
    found = defaultdict(list)
    for message in messages:
        track = Track.model_validate_json(message.data)
        found[int(message.headers["x-qiki-tracks-sequence"]), track.track_id.hex].append(track)
    return found


async def test_consumers_accept_one_message_for_each_track_with_its_headers(client, settings):
    await send(client, range(30))
    async with bridge_running(client, settings):
        await logged(client, settings, 30)
    log, messages = await told(client, settings, 30)  # also what was left when it was stopped
    rows, found = tracks_of(log), heard(messages)
    assert len(rows) > 60
    assert {place: len(tracks) for place, tracks in found.items()} == dict.fromkeys(rows, 1)
    for place, (track,) in found.items():
        assert track.range_m == rows[place]["range_m"]
        assert track.status == rows[place]["status"]
        assert track.position.y == rows[place]["position_m"][1]
    for message in messages:
        header, track = message.headers, Track.model_validate_json(message.data)
        assert CE_ID.fullmatch(header["ce_id"])
        ingest = track.ts_ingest.isoformat(timespec="microseconds").replace("+00:00", "Z")
        assert header["ce_id"] == f"{track.track_id}:{ingest}"
        assert header["ce_type"] == "qiki.radar.v1.Track"
        assert header["ce_source"] == "urn:qiki:faststream-bridge:radar"
        assert header["ce_specversion"] == "1.0"
        assert header["ce_datacontenttype"] == "application/json"
        assert header["x-qiki-truth-state"] == "OK"
        assert header["x-qiki-fallback"] == "false"
        assert "x-range-band" not in header
    assert len({message.headers["ce_id"] for message in messages}) == len(messages)


async def test_each_frame_has_its_tracks_whenever_the_bridge_is_killed(client, settings):
    """Kill it with signal 9 in the middle of its work, again and again."""
    environment = {
        "NATS_URL": settings.nats.url,
        "QIKI_RADAR__ENCODING": "json",
        "QIKI_TRACKER__GUARD_RULES": "default",
        "QIKI_BRIDGE__SNAPSHOT_EVERY": "20",
    }
    for kill in range(4):
        await send(client, range(40 * kill, 40 * (kill + 1)))
        with started("bridge", **environment) as process:
            done = len(await stored(client, settings.streams.tracks, subjects.TRACKS))
            await until(lambda done=done: has_more(client, settings.streams.tracks, done + 20))
            process.send_signal(signal.SIGKILL)
            process.wait()
    async with bridge_running(client, settings):
        log, messages = await told(client, settings, 160)
    rows, found = tracks_of(log), heard(messages)
    assert set(found) == set(rows)
    ids = Counter(message.headers["Nats-Msg-Id"] for message in messages)
    assert set(ids.values()) == {1}, "a track that is told again has its id, and is dropped"


async def test_what_was_told_in_part_is_told_again_under_the_same_ids(client, settings):
    """Take the last tracks of a message away, as a bridge does that is killed between them."""
    await send(client, range(12))
    async with bridge_running(client, settings):
        _, messages = await told(client, settings, 12)
    last = messages[-1]
    assert last.headers["x-qiki-track-index"] == str(int(last.headers["x-qiki-tracks"]) - 1)
    # As if another had only told the first track of the last answer: the newest message says so.
    cut = dict(last.headers) | {"x-qiki-track-index": "0", headers.MESSAGE_ID: "cut"}
    await Publisher(client, 5).publish(Message(subjects.TRACKS, last.data, cut))
    again = await client.subscribe(subjects.TRACKS)
    teller, stop = JsonTracks(client, settings), asyncio.Event()
    running = asyncio.create_task(teller.run(stop))
    repeated = [await again.next_msg(5) for _ in range(int(last.headers["x-qiki-tracks"]))]
    stop.set()
    await running
    sequence = last.headers["x-qiki-tracks-sequence"]
    same = [m for m in messages if m.headers["x-qiki-tracks-sequence"] == sequence]
    assert {m.headers["Nats-Msg-Id"]: m.data for m in repeated} == {
        m.headers["Nats-Msg-Id"]: m.data for m in same
    }
    kept = await stored(client, settings.streams.tracks, subjects.TRACKS)
    assert len(kept) == len(messages) + 1


async def test_a_bridge_that_is_behind_ends_and_tells_the_rest_at_its_next_start(
    client, settings, monkeypatch
):
    """Each track takes half a second, so that the answers would take twenty."""
    publish, stop = Publisher.publish, asyncio.Event()

    async def slowly(self, message, **more):
        await asyncio.sleep(0.5 * (message.subject == subjects.TRACKS))
        return await publish(self, message, **more)

    await send(client, range(20))
    with monkeypatch.context() as patch, capture_logs() as lines:
        patch.setattr(Publisher, "publish", slowly)
        running = asyncio.create_task(Bridge(client, settings).run(stop))
        await logged(client, settings, 20)
        await until(lambda: has_more(client, settings.streams.tracks, 1))
        stop.set()
        await asyncio.wait_for(running, 15)
    (left,) = [line["answers"] for line in lines if line["event"] == "json_tracks_left"]
    assert left > 10
    early = await stored(client, settings.streams.tracks, subjects.TRACKS)
    async with bridge_running(client, settings):
        log, messages = await told(client, settings, 20)
    assert {place: len(tracks) for place, tracks in heard(messages).items()} == dict.fromkeys(
        tracks_of(log), 1
    )
    assert [m.headers for m in messages[: len(early)]] == [m.headers for m in early]


async def keep(client, stream, count):
    """Let a stream forget all but the newest messages, as it does with those that are too old."""
    config = (await client.jetstream().stream_info(stream)).config
    for limits in ({"discard": DiscardPolicy.OLD, "max_msgs": count}, {}):
        await client.jetstream().update_stream(config.evolve(**limits))


async def test_answers_that_aged_out_before_they_were_told_are_counted(
    client, settings, monkeypatch
):
    """Some before the next start, some while it reads, behind those that it was sent already."""
    tracks_log, publish = settings.streams.tracks_log, Publisher.publish
    waits, go_on = asyncio.Event(), asyncio.Event()
    await send(client, range(12))
    async with bridge_running(client, settings):
        await told(client, settings, 12)
    await send(client, range(12, 140))

    async def later(self, message, **more):
        if message.subject == subjects.TRACKS:
            waits.set()
            await go_on.wait()
        return await publish(self, message, **more)

    monkeypatch.setattr(Publisher, "publish", later)
    async with bridge_running(client, settings):
        await logged(client, settings, 140)
    await keep(client, tracks_log, 110)
    waits.clear()
    before = Counter(FIGURES.tracks_not_told)
    with capture_logs() as lines:
        async with bridge_running(client, settings) as bridge:
            await waits.wait()
            await keep(client, tracks_log, 10)
            go_on.set()
            await until(lambda: bridge.facts()["json_tracks_sequence"] == 140)
    gaps = [line for line in lines if line["event"] == "tracks_not_told"]
    first, second = [(line["from_sequence"], line["to_sequence"]) for line in gaps]
    assert first == (13, 30)
    assert 31 < second[0] < second[1] == 130
    missed = {*range(13, 31), *range(second[0], 131)}
    assert FIGURES.tracks_not_told - before == {"aged_out": len(missed)}
    messages = await stored(client, settings.streams.tracks, subjects.TRACKS)
    answers = {int(message.headers["x-qiki-tracks-sequence"]) for message in messages}
    assert answers == set(range(1, 141)) - missed


async def test_a_refused_frame_has_no_track_and_holds_nothing_up(client, settings):
    await send(client, range(5))
    await Publisher(client, 5).publish(
        Message(subjects.FRAMES, b"{}", {"ce_datacontenttype": "application/json"})
    )
    await send(client, range(5, 10))
    async with bridge_running(client, settings):
        log, messages = await told(client, settings, 11)
    refused = decode_tracks(log[5].data)
    assert (refused.verdict, len(refused.tracks)) == ("refused", 0)
    assert "frame_id" in refused.reason
    newest = max(int(message.headers["x-qiki-tracks-sequence"]) for message in messages)
    assert newest == log[-1].seq


async def test_the_guard_and_the_registrar_read_the_log(client, settings):
    await send(client, range(160))
    async with bridge_running(client, settings):
        log = await logged(client, settings, 160)
    alerts = sum(len(decode_tracks(message.data).alerts) for message in log)
    assert alerts > 0
    stop = asyncio.Event()
    guard = asyncio.create_task(GuardFanOut(client, settings).run(stop))
    await until(lambda: has_more(client, settings.streams.events, alerts))
    stop.set()
    await guard
    assert settings.streams.tracks_log in streams_read(settings)


async def test_the_registrar_has_the_lives_of_the_tracks_from_the_log(client, settings):
    await send(client, range(30))
    async with bridge_running(client, settings):
        log = await logged(client, settings, 30)
    messages = [
        arrival(message.subject, message.data, message.seq, message.headers) for message in log
    ]
    types = {record.type for record in interpreted(*messages).records}
    assert {"tracker.began", "track.born", "track.confirmed"} <= types


async def test_a_replay_speaks_json_too(client, settings):
    """Of a real radar's format, which gives no elevation: JSON has 0, and says so."""
    recording = read_asterix(made_recording(8))
    frames = list(recording.frames(epoch=7))
    replayed = Recording(frames[0].sensor_id, 7, 5000.0, frames)
    summary = await replay(settings, replayed, speed=None, own_bridge=True)
    assert (summary.tracks_messages, summary.frames_lost) == (len(frames), 0)
    sent = await stored(client, settings.streams.radar, subjects.FRAMES)
    assert [len(Frame.model_validate_json(message.data).detections) for message in sent] == [
        len(frame) for frame in frames
    ]
    named = [message.headers.get("x-qiki-absent", "") for message in sent]
    assert any("elev_deg" in text for text in named)
    log, messages = await told(client, settings, len(frames))
    assert set(heard(messages)) == set(tracks_of(log))


async def test_streams_for_json_are_as_declared(client, settings):
    plans = stream_plans(settings.streams, settings.bridge, TRAFFIC)
    assert await check(client.jetstream(), plans) == []
    declared = {plan.config.name: plan.config.subjects for plan in plans}
    assert declared["QIKI_TRACKS_V1"] == [subjects.TRACKS]
    assert declared["QIKI_TRACKS_LOG_V1"] == [subjects.TRACKS_LOG]


@pytest.mark.parametrize("order", [("columns", "json"), ("json", "columns")])
async def test_another_encoding_asks_for_a_new_epoch(client, settings, order):
    """The answers so far stand in another stream, or are not what stands in this."""
    bridge = BridgeSettings(snapshot_every=5)
    first, second = (
        msgspec.structs.replace(settings, radar=RadarSettings(encoding=name), bridge=bridge)
        for name in order
    )
    await send(client, range(20))
    async with bridge_running(client, first) as running:
        await until(lambda: running.facts()["answered_sequence"] == 58)
    with pytest.raises(RecoveryError, match="--new-epoch"):
        await asyncio.wait_for(Bridge(client, second).run(asyncio.Event()), 20)


async def test_simulator_and_bridge_end_to_end(client, settings):
    """The services as users start them."""
    environment = {
        "NATS_URL": settings.nats.url,
        "QIKI_RADAR__ENCODING": "json",
        "QIKI_RADAR__SCENARIO": "guard",
        "QIKI_GRPC__PORT": "0",
    }
    with started("bridge", **environment) as bridge, started("sim", **environment) as simulator:
        log, messages = await told(client, settings, 20)
        for process in (simulator, bridge):
            process.terminate()
        assert simulator.wait(20) == 0
        assert bridge.wait(20) == 0
    assert heard(messages)
    frames = await stored(client, settings.streams.radar, subjects.FRAMES)
    assert len(frames) >= 20
    for message in frames:
        Frame.model_validate_json(message.data)
    assert {decode_tracks(message.data).verdict for message in log} == {"accepted"}


def test_the_default_says_nothing_of_json():
    assert Settings().radar.encoding == "columns"
    plans = stream_plans(Settings().streams, Settings().bridge, Traffic(10, 10))
    assert "QIKI_TRACKS_LOG_V1" not in [plan.config.name for plan in plans]
