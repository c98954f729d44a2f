import socket

import msgspec
import pytest

from qiki.bus import durability
from qiki.bus.broker import private_broker
from qiki.bus.connection import connected
from qiki.bus.durability import require_durable
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.errors import BrokerError, SettingError
from qiki.settings import BrokerSettings, NatsSettings, Settings

DURABLE = BrokerSettings(durable=True)
STREAM = "KEPT"


def asking(broker, *, at=None):
    """Settings of a service on `broker` that asks for durability, at its monitoring or `at`."""
    nats = broker.addressed(NatsSettings(connect_timeout_s=0.5))
    return Settings(
        nats=msgspec.structs.replace(nats, monitoring_url=at or nats.monitoring_url),
        broker=DURABLE,
    )


@pytest.fixture(scope="module")
def syncing():
    """A broker that syncs each message."""
    with private_broker(DURABLE) as running:
        yield running


@pytest.fixture
async def syncing_client(syncing):
    async with connected(NatsSettings(url=syncing.url), "test") as connection:
        yield connection


@pytest.fixture
async def stream(syncing_client):
    """Return a function that makes the stream; it is deleted afterwards."""
    jetstream = syncing_client.jetstream()
    yield lambda **config: jetstream.add_stream(name=STREAM, subjects=[STREAM], **config)
    await jetstream.delete_stream(STREAM)


async def test_broker_that_syncs_each_message_is_accepted(syncing, syncing_client):
    settings = asking(syncing)
    plans = stream_plans(settings.streams, settings.bridge, Traffic(10, 10))
    await apply(syncing_client.jetstream(), plans)
    await require_durable(syncing_client, settings, [plan.config.name for plan in plans])


async def test_broker_that_syncs_now_and_then_is_refused(broker, client):
    with pytest.raises(SettingError, match=r"every 120 s .*must sync each .*`qiki js conf`"):
        await require_durable(client, asking(broker), [])


async def test_nobody_is_asked_unless_durability_is(client, settings):
    assert settings.nats.monitoring_url is None
    await require_durable(client, settings, [])


async def test_monitoring_must_be_known(client, settings):
    settings = msgspec.structs.replace(settings, broker=DURABLE)
    with pytest.raises(SettingError, match=r"monitoring_url is unset.*QIKI_NATS__MONITORING_URL="):
        await require_durable(client, settings, [])


async def test_monitoring_of_another_server_is_refused(syncing, broker, client):
    """The other one does sync each message."""
    with pytest.raises(SettingError, match=r"where server N\w+ answers, must be that of N\w+,"):
        await require_durable(client, asking(broker, at=syncing.monitoring_url), [])


async def test_server_started_anew_between_two_questions_is_asked_again(
    syncing, syncing_client, monkeypatch
):
    read, reports = durability._read, [b'{"server_id": "NOFTHELAST", "config": {}}']

    def stale_at_first(*address):
        return reports.pop() if reports else read(*address)

    monkeypatch.setattr(durability, "_read", stale_at_first)
    await require_durable(syncing_client, asking(syncing), [])
    assert reports == []


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nats://127.0.0.1:8222", "must be http://HOST:PORT"),
        ("file:///etc/passwd", "must be http://HOST:PORT"),
        ("http://127.0.0.1:99999", "must be http://HOST:PORT"),
        ("http://me:secret@[::1", r"is http://\[::1, must be http://HOST:PORT"),
    ],
)
async def test_address_that_is_none_is_refused(broker, client, address, words):
    with pytest.raises(SettingError, match=words):
        await require_durable(client, asking(broker, at=address), [])


@pytest.mark.parametrize("place", ["page", "port", "answer"])
async def test_what_is_no_monitoring_is_refused(broker, client, place):
    address = {
        "page": f"{broker.monitoring_url}/nowhere",
        "port": broker.url.replace("nats", "http"),
        "answer": f"{broker.monitoring_url}/varz?",  # JSON, and of that server, but another page
    }[place]
    with pytest.raises(SettingError, match=r"must be the monitoring of nats-server.*correct it"):
        await require_durable(client, asking(broker, at=address), [])


async def test_monitoring_that_is_silent_or_absent_is_named(broker, client):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(BrokerError, match=r"must answer within 0.5 s \(.*timed out"):
            await require_durable(client, asking(broker, at=address), [])
    with pytest.raises(BrokerError, match=r"must answer within 0.5 s .*refused.*start the broker"):
        await require_durable(client, asking(broker, at=address), [])


async def test_no_proxy_is_asked(syncing, syncing_client, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    await require_durable(syncing_client, asking(syncing), [])


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"storage": "memory"}, f"stream {STREAM} is kept in memory, must be in file"),
        ({"persist_mode": "async"}, f"stream {STREAM} has persist_mode async, must not"),
    ],
)
async def test_stream_that_is_acknowledged_before_it_is_on_the_disk_is_refused(
    syncing, syncing_client, stream, config, words
):
    await stream(**config)
    with pytest.raises(SettingError, match=words):
        await require_durable(syncing_client, asking(syncing), [STREAM])
