"""How far a guard has read is told where it alerts of nothing, and believed where it holds."""

import asyncio
import json

import pytest

from qiki.bus import headers, subjects
from qiki.bus.publish import Publisher
from qiki.serve import guard
from qiki.serve.guard import GuardFanOut
from qiki.serve.guard_events import Place, place_event
from qiki.wire import crc32c, decode_tracks
from tests.serve.test_guard import FIRED, answers, publish_tracks, said, wait_for_events
from tests.serve.test_simulated_vehicle import until

__all__ = ["answers"]  # a fixture
EVENTS = "QIKI_EVENTS_V1"
TRACKS = "QIKI_TRACKS_V1"


@pytest.fixture
def numbers_read(monkeypatch):
    """The numbers of the frames whose tracks messages guards read, in their order."""
    found = []

    def read(payload, checksum):
        message = decode_tracks(payload, checksum)
        found.append(message.number)
        return message

    monkeypatch.setattr(guard, "decode_tracks", read)
    return found


@pytest.fixture
def quiet(answers):
    """The tracks messages before the first that has an alert."""
    messages = [decode_tracks(answer.payload) for answer in answers]
    count = next(number for number, message in enumerate(messages) if message.alerts)
    assert count >= 10
    return count


async def run_until(client, settings, condition):
    """Run a guard until a condition holds, and let it end in order."""
    stop = asyncio.Event()
    running = asyncio.create_task(GuardFanOut(client, settings).run(stop))
    await until(condition)
    stop.set()
    await asyncio.wait_for(running, 10)


async def place_of(client, created, sequence, checksum):
    """Store the event that a guard has read up to there."""
    event = place_event(Place(created, sequence, -1), checksum, 0.0)
    await Publisher(client, 5).publish(event)


async def created_of(client):
    return (await client.jetstream().stream_info(TRACKS)).created.isoformat()


async def test_a_guard_that_alerts_of_nothing_reads_on_from_where_it_was(
    client, settings, answers, quiet, numbers_read, monkeypatch
):
    monkeypatch.setattr(guard, "PLACE_EVERY_S", 0.0)
    await publish_tracks(client, answers[:quiet])
    await run_until(client, settings, lambda: len(numbers_read) == quiet)
    assert numbers_read == list(range(quiet))
    last = await client.jetstream().get_last_msg(EVENTS, subjects.GUARD_PLACE, direct=True)
    assert json.loads(last.data)["tracks_sequence"] == quiet
    assert last.headers["ce-type"] == "qiki.events.v1.RadarGuardPlace"
    assert last.headers[headers.TRACKS_CREATED] == await created_of(client)
    numbers_read.clear()
    await publish_tracks(client, answers, quiet)
    await run_until(client, settings, lambda: numbers_read[-1:] == [len(answers) - 1])
    assert numbers_read == list(range(quiet - 1, len(answers)))  # the last one again
    assert said(await wait_for_events(client, len(FIRED))) == FIRED


async def test_it_is_told_only_now_and_then(client, settings, answers, quiet, numbers_read):
    await publish_tracks(client, answers[:quiet])
    await run_until(client, settings, lambda: len(numbers_read) == quiet)
    assert (await client.jetstream().stream_info(EVENTS)).state.messages == 0


async def test_the_later_of_alert_and_place_counts(client, settings, answers, numbers_read):
    await publish_tracks(client, answers)
    created, behind = await created_of(client), len(answers) - 5
    await place_of(client, created, 3, crc32c(answers[2].payload))
    await run_until(client, settings, lambda: numbers_read[-1:] == [len(answers) - 1])
    assert numbers_read == list(range(2, len(answers)))
    await place_of(client, created, behind, crc32c(answers[behind - 1].payload))
    numbers_read.clear()
    await run_until(client, settings, lambda: numbers_read[-1:] == [len(answers) - 1])
    assert numbers_read == list(range(behind - 1, len(answers)))
    assert said(await wait_for_events(client, len(FIRED))) == FIRED


@pytest.mark.parametrize("wrong", ["message", "stream", "sequence"])
async def test_a_place_that_a_power_cut_took_back_is_not_believed(
    client, settings, answers, numbers_read, wrong
):
    """The sequence is another message's now, another stream's, or of none yet."""
    await publish_tracks(client, answers)
    count = len(answers)
    created = "of another" if wrong == "stream" else await created_of(client)
    sequence = count + 1 if wrong == "sequence" else count
    checksum = crc32c(answers[count - 1].payload) ^ (wrong == "message")
    await place_of(client, created, sequence, checksum)
    await run_until(client, settings, lambda: numbers_read[-1:] == [count - 1])
    assert numbers_read == list(range(count))
    assert said(await wait_for_events(client, len(FIRED))) == FIRED
