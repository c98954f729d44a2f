"""What a standing pull does when the broker refuses it: real servers, each configured to refuse."""

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from qiki.bus import subjects
from qiki.bus.broker_refusals import REFUSED_S
from qiki.bus.connection import STARTING
from qiki.bus.standing_pull import REQUEST_EXPIRES_S, RETRY_WAIT_S, StandingPull
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.errors import BrokerError
from qiki.settings import BridgeSettings, StreamSettings
from tests.bus.configured_server import (
    ALONE_IN_A_CLUSTER,
    ENABLED,
    USABLE,
    WITH_JETSTREAM,
    account,
    client_of,
    free_port,
    server,
)


@pytest.fixture
def port():
    return free_port()


def pull(client, idle_heartbeat_s=0.2):
    return StandingPull(
        client,
        "QIKI_RADAR_V1",
        "radar_bridge",
        asyncio.Event(),
        first_sequence=1,
        batch=8,
        idle_heartbeat_s=idle_heartbeat_s,
    )


@asynccontextmanager
async def reading(folder, port):
    """Give an open pull whose broker has just ended."""
    async with AsyncExitStack() as stack:
        with server(folder, port, *USABLE):
            client = await stack.enter_async_context(client_of(port))
            plans = stream_plans(StreamSettings(), BridgeSettings(), Traffic(1, 1))
            await apply(client.jetstream(), plans)
            reader = await stack.enter_async_context(pull(client))
        yield reader


def refused(*parts, words):
    return SimpleNamespace(parts=parts, words=words)


REFUSALS = {
    "no JetStream": refused(
        account(),
        words=r"no JetStream answers \(503\): start nats-server with",
    ),
    "no JetStream for the account": refused(
        WITH_JETSTREAM,
        account(),
        words=r"JetStream not enabled for account \(10039\): enable JetStream for",
    ),
    "no permission to rewind": refused(
        WITH_JETSTREAM,
        account(ENABLED, 'publish: {deny: ["$JS.API.CONSUMER.RESET.>"]}'),
        words=r"permissions violation for publish to .*\.reset\..*: permit it to that user",
    ),
    "no permission to ask for messages": refused(
        WITH_JETSTREAM,
        account(ENABLED, 'publish: {deny: ["$JS.API.CONSUMER.MSG.NEXT.>"]}'),
        words=r"permissions violation for publish to .*\.next\..*: permit it to that user",
    ),
    "no permission for answers": refused(
        WITH_JETSTREAM,
        account(ENABLED, 'subscribe: {deny: ["_INBOX.>"]}'),
        words=r"permissions violation for subscription to .*: permit it to that user",
    ),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
async def test_a_refusal_that_lasts_ends_the_pull(tmp_path, port, refusal):
    async with reading(tmp_path, port) as reader:
        with server(tmp_path, port, *refusal.parts):
            words = rf"read QIKI_RADAR_V1 as radar_bridge: refused, .*{refusal.words}"
            with pytest.raises(BrokerError, match=words):
                await reader.take(REFUSED_S + 10)


async def test_what_is_unavailable_for_a_time_is_waited_for(tmp_path, port):
    """A cluster without a leader says so only after ten seconds of silence."""
    async with reading(tmp_path, port) as reader:
        waiting = asyncio.create_task(reader.take(60))
        with server(tmp_path, port, *USABLE, ALONE_IN_A_CLUSTER), capture_logs() as lines:
            async with asyncio.timeout(30):
                while f"err_code={STARTING}" not in str(lines):  # noqa: ASYNC110 - broker state
                    await asyncio.sleep(0.1)
            await asyncio.wait({waiting}, timeout=REFUSED_S + 2)
            assert not waiting.done()
        with server(tmp_path, port, *USABLE):
            async with client_of(port) as other:
                await other.jetstream().publish(subjects.FRAMES, b"1")
            assert (await asyncio.wait_for(waiting, 10)).message.payload == b"1"


async def test_a_connection_that_is_closed_for_good_ends_the_pull(tmp_path, port):
    """Whoever is locked out while connected is not let in again, and the client stops trying."""
    with server(tmp_path, port, *USABLE) as reload:
        async with client_of(port) as client:
            plans = stream_plans(StreamSettings(), BridgeSettings(), Traffic(1, 1))
            await apply(client.jetstream(), plans)
            async with pull(client) as reader:
                waiting = asyncio.create_task(reader.take(60))
                reload("password: p", "password: q")
                words = r"read QIKI_RADAR_V1 as radar_bridge: the connection .* is closed for good"
                with pytest.raises(BrokerError, match=words):
                    await asyncio.wait_for(waiting, 20)


async def test_a_refused_request_is_not_repeated_for_ever(client):
    """The broker takes no heartbeat longer than half the time that a request stands."""
    async with pull(client, REQUEST_EXPIRES_S / 2 + 1) as reader:
        begun_s = time.monotonic()
        with pytest.raises(BrokerError, match=r"refused, .*heartbeat value too large \(400\): "):
            await asyncio.wait_for(reader.take(60), REFUSED_S + 10)
    assert time.monotonic() - begun_s > REFUSED_S
    assert reader.silences < 2 * REFUSED_S / RETRY_WAIT_S


async def test_the_longest_heartbeat_of_the_settings_is_taken(client):
    async with pull(client, 15 - 1e-6) as reader:
        await client.jetstream().publish(subjects.FRAMES, b"1")
        assert (await reader.take(5)).message.payload == b"1"
        assert reader.silences == 0


async def test_a_pull_that_cannot_be_opened_leaves_no_subscription(client):
    subscriptions = len(client._subs)
    await client.jetstream().delete_consumer("QIKI_RADAR_V1", "radar_bridge")
    with pytest.raises(BrokerError):
        async with pull(client):
            pass
    assert len(client._subs) == subscriptions
