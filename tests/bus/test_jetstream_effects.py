"""Each effect of a worker on a real nats-server, with each outcome that it can have."""

import asyncio
import time

import pytest
from nats.js.api import DiscardPolicy

from qiki.bus import headers, subjects
from qiki.bus.jetstream_effects import ATTEMPT_AT_LEAST_S, JetStreamEffects
from qiki.bus.worker_effects import (
    Accepted,
    NextInput,
    NoInput,
    ReadInput,
    ReadNewestOutput,
    ReadNextInput,
    ReadOutput,
    ReadStreamState,
    ReadValue,
    Rejected,
    StopAsked,
    StreamSide,
    StreamState,
    Unanswered,
    Value,
    WriteValue,
    WrongSequence,
)
from tests.bus.effects_on_a_server import (
    BUCKET,
    RADAR,
    SETTINGS,
    TRACKS,
    declared,
    publish,
)


@pytest.fixture
async def effects(client):
    async with JetStreamEffects(client, SETTINGS, asyncio.Event()) as running:
        yield running


async def send(client, count, subject=subjects.FRAMES):
    for _ in range(count):
        await client.jetstream().publish(subject, b"frame")


async def limited(client, stream, **limits):
    config = (await client.jetstream().stream_info(stream)).config
    await client.jetstream().update_stream(config.evolve(**limits))


# Publishing.


async def test_an_output_is_stored_with_its_id_and_its_headers(effects, client):
    outcome = await effects.outcome(publish(payload=b"tracks", verdict="accepted"))
    assert outcome == Accepted(1)
    stored = await client.jetstream().get_msg(TRACKS, 1)
    assert stored.data == b"tracks"
    assert stored.headers["verdict"] == "accepted"
    assert stored.headers["ce-id"] == stored.headers[headers.MESSAGE_ID] == "a"
    assert abs(int(stored.headers[headers.PUBLISH_TIME_NS]) - time.time_ns()) < 10e9


@pytest.mark.parametrize(("subject_at", "stream_at"), [(0, 1), (1, 0), (2, 1), (1, 2)])
async def test_either_guard_alone_refuses(effects, subject_at, stream_at):
    await effects.outcome(publish())
    stale = publish("b", subject_at=subject_at, stream_at=stream_at)
    assert await effects.outcome(stale) == WrongSequence()
    assert await effects.outcome(ReadStreamState(StreamSide.OUTPUT)) == StreamState(1, 1)


async def test_a_repeat_is_refused_by_its_guard_and_a_known_id_is_a_duplicate(effects):
    await effects.outcome(publish())
    assert await effects.outcome(publish()) == WrongSequence()
    assert await effects.outcome(publish(subject_at=1, stream_at=1)) == Accepted(1, duplicate=True)


async def test_what_is_too_large_is_refused_before_the_broker_ends_the_connection(effects, client):
    outcome = await effects.outcome(publish(payload=bytes(client.max_payload)))
    assert isinstance(outcome, Rejected)
    assert "at most 2097152 (max_payload): raise broker.max_payload_bytes" in outcome.reason
    outcome = await effects.outcome(publish(long="x" * 65536))
    assert isinstance(outcome, Rejected)
    assert "bytes of headers, a stream takes at most 65535" in outcome.reason
    assert await effects.outcome(publish()) == Accepted(1)
    assert client.stats["reconnects"] == 0


@pytest.mark.parametrize(
    ("stream", "effect"),
    [
        (TRACKS, publish(payload=bytes(2000))),
        (BUCKET, WriteValue("t.0.0", bytes(2000), 0)),
    ],
    ids=["tracks", "bucket"],
)
async def test_a_full_store_refuses_at_once(effects, client, stream, effect):
    await limited(client, stream, max_bytes=1000)
    begun_s = time.monotonic()
    outcome = await effects.outcome(effect)
    assert isinstance(outcome, Rejected)
    assert "maximum bytes exceeded (10077): raise streams.max_bytes" in outcome.reason
    assert time.monotonic() - begun_s < ATTEMPT_AT_LEAST_S


async def test_without_its_stream_nobody_answers_a_publish(effects, client):
    await client.jetstream().delete_stream(TRACKS)
    begun_s = time.monotonic()
    outcome = await effects.outcome(publish())
    assert outcome == Unanswered("stored by no stream: run `qiki js apply`")
    assert time.monotonic() - begun_s >= ATTEMPT_AT_LEAST_S
    outcome = await effects.outcome(ReadNewestOutput())
    assert outcome == Unanswered("nobody has that stream: run `qiki js apply`")
    outcome = await effects.outcome(ReadStreamState(StreamSide.OUTPUT))
    assert isinstance(outcome, Rejected)
    assert "stream not found (10059): run `qiki js apply`" in outcome.reason
    await declared(client)


# Single messages and ends of streams.


async def test_outputs_are_read_by_sequence_and_the_newest(effects, client):
    assert await effects.outcome(ReadNewestOutput()) is None
    assert await effects.outcome(ReadOutput(1)) is None
    await effects.outcome(publish("a", payload=b"1"))
    await effects.outcome(publish("b", subject_at=1, stream_at=1, payload=b"2"))
    newest = await effects.outcome(ReadNewestOutput())
    assert (newest.sequence, newest.payload) == (2, b"2")
    first = await effects.outcome(ReadOutput(1))
    assert (first.sequence, first.payload, first.headers["ce-id"]) == (1, b"1", "a")


async def test_inputs_are_read_by_sequence_whatever_their_subject(effects, client):
    assert await effects.outcome(ReadInput(1)) is None
    await client.jetstream().publish(subjects.FRAMES_LR, b"band", headers={"a": "b"})
    stored = await effects.outcome(ReadInput(1))
    assert (stored.sequence, stored.payload, stored.headers["a"]) == (1, b"band", "b")


@pytest.mark.parametrize("status", ["404", "408", "503"])
@pytest.mark.parametrize("payload", [b"", b"frame"])
async def test_a_status_among_the_headers_of_an_input_is_not_the_brokers(
    effects, client, status, payload
):
    await client.jetstream().publish(subjects.FRAMES, payload, headers={"Status": status})
    stored = await effects.outcome(ReadInput(1))
    assert (stored.sequence, stored.payload) == (1, payload)
    taken = await effects.outcome(ReadNextInput(0))
    assert (taken.message.sequence, taken.message.payload) == (1, payload)


@pytest.mark.parametrize(
    ("side", "subject"),
    [(StreamSide.INPUT, subjects.FRAMES), (StreamSide.OUTPUT, subjects.TRACKS)],
)
async def test_the_ends_of_a_stream(effects, client, side, subject):
    assert await effects.outcome(ReadStreamState(side)) == StreamState(1, 0)
    await send(client, 3, subject)
    stream = RADAR if side is StreamSide.INPUT else TRACKS
    await limited(client, stream, max_msgs=1, discard=DiscardPolicy.OLD)
    assert await effects.outcome(ReadStreamState(side)) == StreamState(3, 3)
    await limited(client, stream, max_age=0.2, duplicate_window=0.2)
    async with asyncio.timeout(10):
        while await effects.outcome(ReadStreamState(side)) == StreamState(3, 3):  # noqa: ASYNC110 - broker state
            await asyncio.sleep(0.1)
    assert await effects.outcome(ReadStreamState(side)) == StreamState(4, 3)


# Values.


async def test_a_value_is_written_over_the_revision_that_was_read(effects):
    assert await effects.outcome(ReadValue("t.0.manifest")) == Value(None, 0)
    assert await effects.outcome(WriteValue("t.0.manifest", b"1", 0)) == Accepted(1)
    assert await effects.outcome(WriteValue("t.1.manifest", b"other", 0)) == Accepted(2)
    assert await effects.outcome(WriteValue("t.0.manifest", b"2", 0)) == WrongSequence()
    assert await effects.outcome(ReadValue("t.0.manifest")) == Value(b"1", 1)
    assert await effects.outcome(WriteValue("t.0.manifest", b"2", 1)) == Accepted(3)
    assert await effects.outcome(ReadValue("t.0.manifest")) == Value(b"2", 3)


async def test_a_deleted_value_is_none_and_keeps_its_revision(effects, client):
    await effects.outcome(WriteValue("t.0.manifest", b"1", 0))
    bucket = await client.jetstream().key_value("QIKI_SNAPSHOTS")
    await bucket.delete("t.0.manifest")
    assert await effects.outcome(ReadValue("t.0.manifest")) == Value(None, 2)
    assert await effects.outcome(WriteValue("t.0.manifest", b"2", 2)) == Accepted(3)


# The next input.


async def test_inputs_come_in_order_and_then_none(effects, client):
    await send(client, 1)
    await send(client, 2, subjects.FRAMES_LR)
    await send(client, 1)
    first = await effects.outcome(ReadNextInput(0))
    assert (first.message.sequence, first.message.payload, first.held_from) == (1, b"frame", 1)
    second = await effects.outcome(ReadNextInput(1))
    assert second.message.sequence == 4
    assert second.held_from <= 2
    assert await effects.outcome(ReadNextInput(4)) == NoInput(4, 1)
    again = await effects.outcome(ReadNextInput(0))
    assert again.message.sequence == 1


async def test_an_input_that_is_stored_but_not_delivered_is_not_taken_for_none(effects, client):
    assert await effects.outcome(ReadNextInput(0)) == NoInput(0, 1)
    jetstream = client.jetstream()
    await jetstream.pause_consumer(RADAR, "radar_bridge", "2999-01-01T00:00:00Z")
    await send(client, 1)
    outcome = await effects.outcome(ReadNextInput(0))
    assert outcome == Unanswered("input 1 is stored, and was not delivered")
    await jetstream.resume_consumer(RADAR, "radar_bridge")
    assert isinstance(await effects.outcome(ReadNextInput(0)), NextInput)


async def test_a_pull_that_was_opened_again_proves_nothing(effects, client):
    await send(client, 1)
    await effects.outcome(ReadNextInput(0))
    jetstream = client.jetstream()
    info = await jetstream.consumer_info(RADAR, "radar_bridge")
    waiting = asyncio.create_task(effects.outcome(ReadNextInput(1)))
    await asyncio.sleep(0.2)  # it waits on a request, which ends with its consumer
    await jetstream.delete_consumer(RADAR, "radar_bridge")
    await jetstream.add_consumer(RADAR, info.config)
    assert await waiting == Unanswered("the pull was opened again")
    await send(client, 1)
    assert (await effects.outcome(ReadNextInput(1))).message.sequence == 2


async def test_a_pull_that_another_reader_moved_goes_on_where_it_stood(effects, client):
    await send(client, 3)
    await effects.outcome(ReadNextInput(0))
    assert (await effects.outcome(ReadNextInput(1))).message.sequence == 2
    await effects.outcome(ReadNextInput(2))
    await client.jetstream().reset_consumer(RADAR, "radar_bridge", 1)
    await send(client, 1)
    assert (await effects.outcome(ReadNextInput(3))).message.sequence == 4


async def test_a_consumer_that_is_gone_is_a_refusal(effects, client):
    await client.jetstream().delete_consumer(RADAR, "radar_bridge")
    outcome = await effects.outcome(ReadNextInput(0))
    assert isinstance(outcome, Rejected)
    assert "consumer not found (10014): run `qiki js apply`" in outcome.reason


async def test_asked_to_stop_it_says_once_more_what_is_left(client):
    stop = asyncio.Event()
    async with JetStreamEffects(client, SETTINGS, stop) as effects:
        await send(client, 1)
        await effects.outcome(ReadNextInput(0))
        await send(client, 1, subjects.FRAMES_LR)
        stop.set()
        assert await effects.outcome(ReadNextInput(1)) == NoInput(2, 1)
        assert await effects.outcome(ReadNextInput(1)) == StopAsked()
