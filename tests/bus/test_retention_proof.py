"""What a stream holds, by proof; and that the proof is none when the stream keeps less."""

import asyncio

import msgspec
import pytest

from qiki.bus import headers, subjects
from qiki.bus.broker import private_broker
from qiki.bus.connection import connected
from qiki.bus.jetstream_effects import JetStreamEffects
from qiki.bus.retention_proof import MARGIN_S, PROOF_LASTS_S, RetentionProof
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.stream_state import DatedState, read_state
from qiki.bus.streams import stream_plans
from qiki.bus.worker_effects import ReadNextInput, StreamState
from qiki.settings import BridgeSettings, BrokerSettings, NatsSettings, Settings, StreamSettings

STORED_S = 1000.0  # by the broker's clock, which has nothing to do with the reader's
ASKED_S = 7.0


@pytest.fixture
def proof():
    proof = RetentionProof()
    proof.learn(DatedState(StreamState(1, 9), STORED_S), ASKED_S)
    return proof


@pytest.mark.parametrize(
    ("stored_s", "since_s", "holds"),
    [
        (STORED_S + MARGIN_S, 0.0, True),
        (STORED_S + MARGIN_S - 0.01, 0.0, False),
        (STORED_S + MARGIN_S + 1.0, 1.0, True),
        (STORED_S + MARGIN_S + 0.99, 1.0, False),
        (STORED_S + 500.0, PROOF_LASTS_S, True),
        (STORED_S + 500.0, PROOF_LASTS_S + 0.01, False),
    ],
    ids=["later", "the margin", "time passed", "may have aged", "fresh", "old"],
)
def test_a_message_is_held_if_it_is_younger_than_what_was(proof, stored_s, since_s, holds):
    assert proof.holds(stored_s, ASKED_S + since_s) is holds


def test_an_empty_stream_proves_nothing(proof):
    assert not RetentionProof().holds(STORED_S, 0.0)
    proof.learn(DatedState(StreamState(10, 9), None), ASKED_S)
    assert not proof.holds(STORED_S + 500.0, ASKED_S)


def plans(settings, max_age_s):
    streams = StreamSettings(max_age_s=max_age_s, min_age_s=1, duplicate_window_s=1)
    return stream_plans(streams, settings.bridge, Traffic(10, 10))


async def store(client, count):
    for number in range(count):
        header = {headers.NUMBER: str(number)}
        await client.jetstream().publish(subjects.FRAMES, b"frame", headers=header)


async def test_a_stream_that_is_to_keep_less_is_noticed():
    """The remedy for a full store, while the bridge is behind: what is not read goes at once."""
    with private_broker(BrokerSettings()) as broker:
        settings = Settings(nats=NatsSettings(url=broker.url))
        # Few are fetched ahead, so that what is read next stands behind what is gone.
        bridge = BridgeSettings(pull_batch=2)
        settings = msgspec.structs.replace(settings, bridge=bridge)
        async with connected(settings.nats, "test") as client:
            await apply(client.jetstream(), plans(settings, 3600))
            await store(client, 1)
            await asyncio.sleep(MARGIN_S + PROOF_LASTS_S + 2.0)
            await store(client, 9)
            async with JetStreamEffects(client, settings, asyncio.Event()) as effects:
                for after in (0, 1):
                    assert (
                        await effects.outcome(ReadNextInput(after))
                    ).message.sequence == after + 1
                await asyncio.sleep(PROOF_LASTS_S + 0.2)
                await apply(client.jetstream(), plans(settings, 1), force=True)
                first = await gone(client, 3)
                outcome = await effects.outcome(ReadNextInput(2))
                assert outcome.held_from >= first > 3


async def gone(client, sequence):
    """Wait until a frame has left; return where the stream begins then."""
    async with asyncio.timeout(10):
        while True:
            first = (await read_state(client, "QIKI_RADAR_V1", 1.0)).state.first
            if first > sequence:
                return first
            await asyncio.sleep(0.1)
