import pytest
from nats.js.errors import APIError

from qiki.bus import subjects
from qiki.bus.connection import WrongSequenceError
from qiki.bus.publish import HEADER_BYTES_MAX, Message, Publisher
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
    with pytest.raises(
        BrokerError, match=r"has 3000028 bytes, 28 of them headers.*at most 2097152"
    ):
        await Publisher(client, 5).publish(message("a", payload=payload))


async def test_the_largest_message_is_stored_and_one_byte_more_is_refused(client):
    """The broker would end the connection for it: it counts the headers too."""
    publisher = Publisher(client, 5)
    largest = client.max_payload - 28
    await publisher.publish(message("a", payload=bytes(largest)))
    with pytest.raises(BrokerError, match=r"has 2097153 bytes, 28 of them"):
        await publisher.publish(message("b", payload=bytes(largest + 1)))
    await publisher.publish(message("c"))
    assert client.stats["reconnects"] == 0


async def test_the_longest_headers_are_stored_and_one_byte_more_is_refused(client):
    publisher = Publisher(client, 5)
    longest = HEADER_BYTES_MAX - 28 - len("x: \r\n")
    await publisher.publish(message("a", x="x" * longest))
    with pytest.raises(BrokerError, match=r"has 65536 bytes of headers.*at most 65535"):
        await publisher.publish(message("b", x="x" * (longest + 1)))
    header = message("b", x="x" * (longest + 1)).headers
    with pytest.raises(APIError, match="err_code=10097"):
        await client.jetstream().publish(subjects.FRAMES, b"x", headers=header)


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
