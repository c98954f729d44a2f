import pytest

from qiki.bus import subjects
from qiki.bus.connection import WrongSequenceError
from qiki.bus.publish import Message, Publisher
from qiki.errors import BrokerError


def message(id, *, subject=subjects.FRAMES, payload=b"x", **headers):
    return Message(subject, payload, {"Nats-Msg-Id": id} | headers)


async def test_stores_and_numbers(client):
    publisher = Publisher(client, 5)
    assert (await publisher.publish(message("a"))).seq == 1
    assert (await publisher.publish(message("b"))).seq == 2


async def test_used_id_is_refused_and_stored_once(client):
    publisher = Publisher(client, 5)
    await publisher.publish(message("a"))
    with pytest.raises(BrokerError, match=r"Nats-Msg-Id a was used.*until that window is over"):
        await publisher.publish(message("a"))
    assert (await client.jetstream().stream_info("QIKI_RADAR_V1")).state.messages == 1


async def test_without_a_stream_says_js_apply(client):
    with pytest.raises(BrokerError, match=r"stored by no stream.*qiki js apply"):
        await Publisher(client, 0.2).publish(message("a", subject="nobody.stores.this"))


async def test_too_large_names_size_and_limit(client):
    payload = bytes(3_000_000)
    with pytest.raises(BrokerError, match=r"3000000 bytes.*at most 2097152"):
        await Publisher(client, 5).publish(message("a", payload=payload))


async def test_second_writer_is_told(client):
    publisher = Publisher(client, 5)
    await publisher.publish(message("a"))
    guarded = message("b", **{"Nats-Expected-Last-Subject-Sequence": "0"})
    with pytest.raises(WrongSequenceError, match=r"10071.*stop one of the two"):
        await publisher.publish(guarded)


async def test_full_stream_says_what_to_change(client):
    jetstream = client.jetstream()
    config = (await jetstream.stream_info("QIKI_RADAR_V1")).config
    config.max_bytes = 100_000
    await jetstream.update_stream(config)
    publisher = Publisher(client, 5)
    await publisher.publish(message("a", payload=bytes(60_000)))
    with pytest.raises(BrokerError, match=r"maximum bytes exceeded.*raise streams.max_bytes"):
        await publisher.publish(message("b", payload=bytes(60_000)))
    assert (await jetstream.stream_info("QIKI_RADAR_V1")).state.first_seq == 1
