"""The model of the broker and the real nats-server do the same with the same operations."""

import asyncio
from random import Random

import pytest
from nats.js.api import DiscardPolicy, StreamConfig
from nats.js.errors import (
    APIError,
    KeyNotFoundError,
    KeyWrongLastSequenceError,
    NotFoundError,
)

from qiki.bus.broker import EmbeddedBroker
from qiki.bus.connection import connected
from qiki.settings import BrokerSettings, NatsSettings
from tests.protocol.model_broker import Acknowledged, ModelBucket, ModelStream, Refused

STREAM = "MODEL"
SUBJECTS = ("model.a", "model.b")
OPERATIONS = 150
MAX_MESSAGES = 40


@pytest.fixture
async def jetstream(broker):
    async with connected(NatsSettings(url=broker.url), "test") as client:
        yield client.jetstream()


@pytest.fixture
async def stream(jetstream):
    config = StreamConfig(
        name=STREAM,
        subjects=list(SUBJECTS),
        max_msgs=MAX_MESSAGES,
        discard=DiscardPolicy.NEW,
        duplicate_window=120,
        allow_direct=True,
    )
    await jetstream.add_stream(config)
    yield jetstream
    await jetstream.delete_stream(STREAM)


class RealStream:
    """The real broker, behind the calls of the model."""

    def __init__(self, jetstream):
        self._jetstream = jetstream

    async def publish(self, subject, payload, *, message_id, expected_last, expected_subject):
        named = {
            "Nats-Msg-Id": message_id,
            "Nats-Expected-Last-Sequence": expected_last,
            "Nats-Expected-Last-Subject-Sequence": expected_subject,
        }
        header = {name: str(value) for name, value in named.items() if value is not None}
        try:
            stored = await self._jetstream.publish(subject, payload, headers=header or None)
        except APIError as error:
            return Refused(error.err_code)
        return Acknowledged(stored.seq, bool(stored.duplicate))

    async def get(self, sequence):
        return await self._message(self._jetstream.get_msg(STREAM, sequence, direct=True))

    async def newest(self, subject):
        return await self._message(self._jetstream.get_last_msg(STREAM, subject, direct=True))

    async def next(self, subject, sequence):
        return await self._message(
            self._jetstream.get_msg(STREAM, sequence, subject=subject, direct=True, next=True)
        )

    async def state(self):
        state = (await self._jetstream.stream_info(STREAM)).state
        return (state.first_seq, state.last_seq, state.messages)

    async def _message(self, asked):
        try:
            found = await asked
        except NotFoundError:
            return None
        return (found.seq, found.subject, found.data)


def brief(message):
    return None if message is None else (message.sequence, message.subject, message.payload)


def guess(rng, right):
    """Return no expectation, the right one or one beside it."""
    return rng.choice((None, None, right, right, max(0, right - 1), right + 1))


async def one_operation(rng, model, real):
    """Do one random operation with both; return both outcomes."""
    subject, sequence = rng.choice(SUBJECTS), rng.randrange(1, model.last + 3)
    match rng.randrange(8):
        case 0:
            return brief(model.get(sequence)), await real.get(sequence)
        case 1:
            return brief(model.newest(subject)), await real.newest(subject)
        case 2:
            return brief(model.next(subject, sequence)), await real.next(subject, sequence)
        case 3:
            return model.state(), await real.state()
    payload = b"%d" % rng.randrange(1000)
    conditions = {
        "message_id": rng.choice((None, *(f"id {number}" for number in range(12)))),
        "expected_last": guess(rng, model.last),
        "expected_subject": guess(rng, model.last_of(subject)),
    }
    modelled = model.publish(subject, payload, **conditions)
    return modelled, await real.publish(subject, payload, **conditions)


@pytest.mark.parametrize("seed", range(12))
async def test_streams_do_the_same(stream, seed):
    rng, model, real = Random(seed), ModelStream(max_messages=MAX_MESSAGES), RealStream(stream)
    for number in range(OPERATIONS):
        modelled, found = await one_operation(rng, model, real)
        assert modelled == found, f"operation {number} of seed {seed}"
    assert model.state() == await real.state()


@pytest.mark.parametrize("seed", range(4))
async def test_buckets_do_the_same(jetstream, seed):
    rng, model = Random(seed), ModelBucket()
    bucket = await jetstream.create_key_value(bucket="model", direct=True)
    try:
        for number in range(OPERATIONS):
            modelled, found = await one_value(rng, model, bucket)
            assert modelled == found, f"operation {number} of seed {seed}"
    finally:
        await jetstream.delete_key_value("model")


async def one_value(rng, model, bucket):
    key, value = rng.choice(("a", "b.0", "b.1")), b"%d" % rng.randrange(1000)
    match rng.randrange(4):
        case 0:
            return model.put(key, value), await bucket.put(key, value)
        case 1:
            expected = rng.choice((model.get(key).revision, 0, model.revision))
            return model.put(key, value, expected), await updated(bucket, key, value, expected)
        case 2:
            await bucket.delete(key)
            model.put(key, None)
            return tuple(model.get(key)), await entry(bucket, key)
    return tuple(model.get(key)), await entry(bucket, key)


async def updated(bucket, key, value, expected):
    try:
        return await bucket.update(key, value, expected)
    except KeyWrongLastSequenceError:
        return None


async def entry(bucket, key):
    try:
        found = await bucket.get(key)
    except KeyNotFoundError as error:  # deleted, or never there
        return (None, error.entry.revision if error.entry else 0)
    return (found.value, found.revision)


async def test_the_end_of_a_stream_outlives_its_messages_and_the_broker(tmp_path):
    """What the second guard of a publish and the start without outputs rest on."""
    model = ModelStream(max_age_s=1.0)
    for payload in (b"1", b"2"):
        model.publish(SUBJECTS[0], payload)
    model.advance(10.0)
    with EmbeddedBroker(tmp_path, BrokerSettings(port=0)) as first:
        port = int(first.url.rsplit(":", 1)[1])
        async with connected(NatsSettings(url=first.url), "test") as client:
            jetstream = client.jetstream()
            config = StreamConfig(
                name=STREAM,
                subjects=list(SUBJECTS),
                max_age=1,
                duplicate_window=1,
                allow_direct=True,
            )
            await jetstream.add_stream(config)
            for payload in (b"1", b"2"):
                await jetstream.publish(SUBJECTS[0], payload)
            real = RealStream(jetstream)
            await until_empty(real)
            assert await real.state() == model.state() == (3, 2, 0)
            first._process.kill()
            first.stop()
            with EmbeddedBroker(tmp_path, BrokerSettings(port=port)):
                await until_empty(real)
                assert await real.state() == (3, 2, 0)
                for conditions in (
                    {"expected_last": 0, "expected_subject": 0},
                    {"expected_last": 2, "expected_subject": 2},
                    {"expected_last": 2, "expected_subject": 0},
                ):
                    both = [
                        stream.publish(SUBJECTS[0], b"3", message_id=None, **conditions)
                        for stream in (model, real)
                    ]
                    assert both[0] == await both[1]
    assert model.last == 3


async def until_empty(real):
    async with asyncio.timeout(15):
        while True:
            try:
                if (await real.state())[2] == 0:
                    return
            except (TimeoutError, APIError):  # the broker is starting
                pass
            await asyncio.sleep(0.1)
