import asyncio
import json
import os
import signal
import subprocess
import time

import pytest
from nats.js.errors import APIError

from qiki.bus import subjects
from qiki.bus.broker import EmbeddedBroker, private_broker
from qiki.bus.connection import connected
from qiki.bus.server_lookup import find_server
from qiki.bus.stream_apply import ShrinkError, apply, check, require
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.errors import BrokerError
from qiki.settings import BridgeSettings, BrokerSettings, NatsSettings, StreamSettings

TRAFFIC = Traffic(frames_per_s=10, detections_per_frame=10)


def plans(**settings):
    return stream_plans(StreamSettings(**settings), BridgeSettings(), TRAFFIC)


@pytest.fixture
async def jetstream():
    with private_broker(BrokerSettings()) as broker:
        async with connected(NatsSettings(url=broker.url), "test") as client:
            yield client.jetstream()


async def test_apply_makes_what_check_then_finds_as_declared(jetstream):
    missing = await check(jetstream, plans())
    assert "QIKI_RADAR_V1: missing" in [str(difference) for difference in missing]
    await apply(jetstream, plans())
    assert await check(jetstream, plans()) == []
    assert await apply(jetstream, plans()) == []


async def test_radar_stream_as_declared(jetstream):
    await apply(jetstream, plans())
    info = await jetstream.stream_info("QIKI_RADAR_V1")
    assert sorted(info.config.subjects) == [
        "qiki.radar.v1.frames",
        "qiki.radar.v1.frames.lr",
        "qiki.radar.v1.tracks.sr",
    ]
    assert (info.config.storage, info.config.discard) == ("file", "new")
    assert info.config.max_age == 3600
    assert info.config.duplicate_window == 120
    assert info.config.allow_direct
    assert info.config.deny_delete
    assert info.config.deny_purge


async def test_durables_as_the_original_has_them(jetstream):
    await apply(jetstream, plans())
    frames = (await jetstream.consumer_info("QIKI_RADAR_V1", "radar_frames_pull")).config
    assert frames.filter_subject == subjects.FRAMES
    assert (frames.ack_policy, frames.deliver_policy) == ("explicit", "new")
    assert (frames.ack_wait, frames.max_deliver, frames.max_ack_pending) == (30, 5, 256)
    tracks = (await jetstream.consumer_info("QIKI_TRACKS_V1", "radar_tracks_pull")).config
    assert tracks.filter_subject == subjects.TRACKS
    audit = (await jetstream.consumer_info("QIKI_EVENTS_V1", "events_audit_pull")).config
    assert audit.filter_subject == subjects.AUDIT
    bridge = (await jetstream.consumer_info("QIKI_RADAR_V1", "radar_bridge")).config
    assert (bridge.filter_subject, bridge.ack_policy) == (subjects.FRAMES, "none")


async def test_commands_stream_and_durable_as_declared(jetstream):
    await apply(jetstream, plans(max_bytes=1_000_000_000))
    stream = (await jetstream.stream_info("QIKI_COMMANDS_V1")).config
    assert stream.subjects == [subjects.COMMANDS]
    assert (stream.storage, stream.discard, stream.max_bytes) == ("file", "new", 10_000_000)
    durable = (await jetstream.consumer_info("QIKI_COMMANDS_V1", "sim_commands")).config
    assert (durable.filter_subject, durable.ack_policy) == (subjects.COMMANDS, "explicit")
    # One at a time, in order, and none is given up.
    assert (durable.deliver_policy, durable.max_ack_pending) == ("all", 1)
    assert durable.max_deliver == -1


async def test_check_reports_and_apply_repairs_a_difference(jetstream):
    await apply(jetstream, plans())
    changed = plans(max_age_s=120.0, ack_wait_s=45.0)
    differences = [str(difference) for difference in await check(jetstream, changed)]
    assert "QIKI_RADAR_V1.max_age: is 3600.0, must be 120.0" in differences
    assert "QIKI_RADAR_V1/radar_frames_pull.ack_wait: is 30.0, must be 45.0" in differences
    await apply(jetstream, changed)
    assert await check(jetstream, changed) == []


async def filled(jetstream, **settings):
    """Make the streams and store one message in that of frames."""
    await apply(jetstream, plans(**settings))
    await jetstream.publish(subjects.FRAMES, bytes(1_000_000))


@pytest.mark.parametrize(
    ("present", "wanted", "said"),
    [
        (
            {"max_age_s": 600},
            {"max_age_s": 60},
            r"QIKI_RADAR_V1.max_age is 600 s, wanted 60 s, .* 1 messages \(1000050 bytes\): "
            r"those older than 60 s would be deleted",
        ),
        (
            {"max_bytes": 40_000_000, "max_age_s": 60},
            {"max_bytes": 20_000_000, "max_age_s": 60},
            r"QIKI_RADAR_V1.max_bytes is 14000000 bytes, wanted 7000000 bytes, .*: there would be "
            r"room for less",
        ),
        (
            {"max_bytes": 20_000_000, "max_age_s": 5, "min_age_s": 1},
            {"max_bytes": 2_000_000, "max_age_s": 5, "min_age_s": 1},
            r"wanted 700000 bytes, .*: new messages would be refused until",
        ),
    ],
    ids=["age", "room", "less than it holds"],
)
async def test_a_stream_that_holds_messages_is_shrunk_by_force_alone(
    jetstream, present, wanted, said
):
    await filled(jetstream, **present)
    before = await check(jetstream, plans(**wanted))
    with pytest.raises(ShrinkError, match=said) as refusal:
        await apply(jetstream, plans(**wanted))
    assert "QIKI_TRACKS_V1" not in str(refusal.value)  # it holds nothing
    assert await check(jetstream, plans(**wanted)) == before
    await apply(jetstream, plans(**wanted), force=True)
    assert await check(jetstream, plans(**wanted)) == []


async def test_a_subject_is_taken_from_a_stream_that_holds_messages_by_force_alone(jetstream):
    await filled(jetstream)
    info = await jetstream.stream_info("QIKI_RADAR_V1")
    info.config.subjects.append("somebody.elses")
    info.config.max_msgs = 1000  # the declaration has none: no limit is no shrinking
    await jetstream.update_stream(info.config)
    with pytest.raises(ShrinkError, match=r"subjects lack somebody.elses, .* no longer be stored"):
        await apply(jetstream, plans())
    await apply(jetstream, plans(), force=True)
    assert await check(jetstream, plans()) == []


async def test_a_limit_where_there_was_none_is_a_shrink(jetstream):
    await filled(jetstream)
    config = (await jetstream.stream_info("QIKI_RADAR_V1")).config
    config.max_age, config.max_bytes = 0, -1
    await jetstream.update_stream(config)
    with pytest.raises(ShrinkError, match=r"max_age is without limit.*max_bytes is without limit"):
        await apply(jetstream, plans())


async def test_a_stream_that_holds_messages_grows_without_force(jetstream):
    await filled(jetstream, max_age_s=60)
    await apply(jetstream, plans(max_age_s=600, max_bytes=3_000_000_000))
    assert (await jetstream.stream_info("QIKI_RADAR_V1")).state.messages == 1


async def test_full_stream_refuses_and_keeps_what_it_has(jetstream):
    await apply(jetstream, plans(max_bytes=20_000_000, max_age_s=60))
    refusals = []
    for _ in range(20):
        try:
            await jetstream.publish(subjects.FRAMES, bytes(1_000_000))
        except APIError as refusal:
            refusals.append(refusal.description)
    assert set(refusals) == {"maximum bytes exceeded"}
    state = (await jetstream.stream_info("QIKI_RADAR_V1")).state
    assert state.first_seq == 1
    assert state.messages == 6


async def test_budget_beyond_the_disk_is_one_sentence(jetstream):
    with pytest.raises(BrokerError, match=r"stream QIKI_\w+: refused, .*lower streams.max_bytes"):
        await apply(jetstream, plans(max_bytes=1 << 49))


@pytest.fixture
def url_without_jetstream(tmp_path):
    folder = ["--ports_file_dir", tmp_path, "-l", tmp_path / "log"]
    server = subprocess.Popen([find_server(), "-a", "127.0.0.1", "-p", "-1", *folder])
    ports = tmp_path / f"nats-server_{server.pid}.ports"
    while not (ports.exists() and ports.read_text()):
        time.sleep(0.01)
    yield json.loads(ports.read_text())["nats"][0]
    server.terminate()
    server.wait()


async def test_broker_without_jetstream_is_named(url_without_jetstream):
    async with connected(NatsSettings(url=url_without_jetstream), "test") as client:
        with pytest.raises(BrokerError, match="nats-server with -js"):
            await check(client.jetstream(), plans())


def stand_still(broker):
    """Stop the server, and return when it has stopped."""
    broker._process.send_signal(signal.SIGSTOP)
    os.waitpid(broker._process.pid, os.WUNTRACED)


async def test_a_broker_that_is_killed_while_it_is_asked_for_a_stream_is_asked_again(tmp_path):
    with EmbeddedBroker(tmp_path, BrokerSettings(port=0)) as first:
        port = int(first.url.rsplit(":", 1)[1])
        async with connected(NatsSettings(url=first.url), "test") as client:
            jetstream = client.jetstream(timeout=1)
            await apply(jetstream, plans())
            stand_still(first)  # it takes the question and gives no answer
            asking = asyncio.create_task(require(jetstream, ["QIKI_RADAR_V1"], 20))
            await asyncio.sleep(0.2)
            first._process.kill()
            first.stop()
            with EmbeddedBroker(tmp_path, BrokerSettings(port=port)):
                await asking


async def test_a_broker_that_never_answers_is_given_up():
    with private_broker(BrokerSettings()) as broker:
        async with connected(NatsSettings(url=broker.url), "test") as client:
            stand_still(broker)
            with pytest.raises(BrokerError, match="did not answer"):
                await require(client.jetstream(timeout=0.2), ["QIKI_RADAR_V1"], 0.5)
            broker._process.send_signal(signal.SIGCONT)
