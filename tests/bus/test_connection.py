import socket

import pytest

from qiki.bus.connection import connected
from qiki.errors import BrokerError, SettingError
from qiki.settings import NatsSettings


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


@pytest.mark.parametrize("url", ["nats://[bad", "localhost:4222", "nats://h", "http://h:1", "x"])
async def test_wrong_url_is_refused(url):
    with pytest.raises(SettingError, match=r"must be nats://HOST:PORT"):
        async with connected(NatsSettings(url=url), "test"):
            pass
