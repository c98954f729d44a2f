import asyncio
import socket

import pytest

from qiki.bus.addresses import without_credentials
from qiki.bus.broker import EmbeddedBroker
from qiki.bus.connection import connected
from qiki.errors import BrokerError, SettingError
from qiki.settings import BrokerSettings, NatsSettings


async def test_connects_and_drains(broker):
    async with connected(NatsSettings(url=broker.url), "test") as client:
        assert client.is_connected
    assert client.is_closed


async def test_missing_broker_says_value_limit_and_remedy():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"nats://127.0.0.1:{unused.getsockname()[1]}"
        settings = NatsSettings(url=url, connect_timeout_s=0.3)
        with pytest.raises(BrokerError, match=rf"nats.url is {url}.*0.3 s.*NATS_URL") as refusal:
            async with connected(settings, "test"):
                pass
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["nats://[bad", "localhost:4222", "nats://h", "http://h:1", "x", "ws://h:80"]
)
async def test_wrong_url_is_refused(url):
    with pytest.raises(SettingError, match=r"must be nats://HOST:PORT"):
        async with connected(NatsSettings(url=url), "test"):
            pass


@pytest.mark.parametrize("url", ["nats://user:secret@host", "ws://user:secret@h:1", "u:secret@h"])
async def test_wrong_url_is_refused_without_its_credentials(url):
    with pytest.raises(SettingError) as refusal:
        async with connected(NatsSettings(url=url), "test"):
            pass
    assert "secret" not in str(refusal.value)


async def test_uses_the_broker_of_several_that_answers(broker):
    urls = f"nats://127.0.0.1:1,{broker.url}"
    async with connected(NatsSettings(url=urls), "test") as client:
        assert client.is_connected


async def test_no_broker_of_several_answers():
    urls = "nats://127.0.0.1:1,nats://user:secret@127.0.0.1:2"
    settings = NatsSettings(url=urls, connect_timeout_s=0.3)
    with pytest.raises(BrokerError, match=r"nats.url is nats://127.0.0.1:1,nats://127.0.0.1:2, "):
        async with connected(settings, "test"):
            pass


def test_credentials_are_not_shown():
    url = "nats://user:secret@host:4222,tls://token@other:4223"
    assert without_credentials(url) == "nats://host:4222,tls://other:4223"


async def test_ends_even_when_the_client_loses_the_cancellation(tmp_path, monkeypatch):
    """Python 3.11's wait_for may swallow it; without our own end the loop would run for ever."""
    attempts, attempted = [], asyncio.Event()

    async def swallow_once(client, _server):
        attempts.append(1)
        attempted.set()
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            if len(attempts) > 100:
                raise
        raise OSError("no broker")

    with EmbeddedBroker(tmp_path, BrokerSettings(port=0)) as broker:
        async with connected(NatsSettings(url=broker.url), "test") as client:
            monkeypatch.setattr(type(client), "_connect_to_server", swallow_once)
            broker.stop()
            await asyncio.wait_for(attempted.wait(), 5)
    await asyncio.sleep(0.2)
    count = len(attempts)
    await asyncio.sleep(0.3)
    assert len(attempts) == count
