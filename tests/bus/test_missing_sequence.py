import asyncio

import pytest
from nats.errors import Error
from nats.js.api import StreamConfig

from qiki.bus import missing_sequence
from qiki.bus.jetstream_effects import JetStreamEffects
from qiki.bus.missing_sequence import find_missing_sequence
from qiki.bus.worker_effects import FindMissingInput, Unanswered

STREAM = "MISSING"


@pytest.fixture
async def stream(client):
    """Forty messages of two subjects, of which the broker has lost the fifth and the last two."""
    jetstream = client.jetstream()
    config = StreamConfig(name=STREAM, subjects=["missing.*"], allow_direct=True)
    await jetstream.add_stream(config)
    for number in range(40):
        await jetstream.publish(f"missing.{number % 2}", bytes(100))
    for sequence in (5, 39, 40):
        await jetstream.delete_msg(STREAM, sequence)
    yield client
    await jetstream.delete_stream(STREAM)


@pytest.mark.parametrize(
    ("first", "last", "missing"),
    [
        (1, 4, None),
        (1, 5, 5),
        (1, 40, 5),
        (5, 8, 5),
        (6, 38, None),
        (38, 40, 39),
        (39, 40, 39),
        (50, 60, 50),
        (7, 6, None),
    ],
)
async def test_finds_the_first_that_is_not_there(stream, first, last, missing):
    assert await find_missing_sequence(stream, STREAM, first, last, 2.0) == missing


async def test_an_answer_that_is_cut_short_by_its_size_is_asked_on(stream, monkeypatch):
    """The broker ends an answer at so many bytes; what it left out is not missing."""
    monkeypatch.setattr(missing_sequence, "BATCH_BYTES_MAX", 700)
    requests = []
    publish = stream.publish

    async def counted(*args, **kwargs):
        requests.append(args)
        await publish(*args, **kwargs)

    monkeypatch.setattr(stream, "publish", counted)
    assert await find_missing_sequence(stream, STREAM, 6, 40, 2.0) == 39
    assert len(requests) > 3


async def test_a_stream_that_is_not_there_is_no_finding(client):
    with pytest.raises(Error):
        await find_missing_sequence(client, "NO_SUCH_STREAM", 1, 9, 0.5)


async def test_a_worker_that_looks_at_many_is_told_to_stop(client, settings):
    stop = asyncio.Event()
    async with JetStreamEffects(client, settings, stop) as broker:
        assert await broker.outcome(FindMissingInput(1, 9)) == 1
        stop.set()
        assert isinstance(await broker.outcome(FindMissingInput(1, 9)), Unanswered)
