"""What becomes of an effect when the broker is away, forbids it, or lets nobody in."""

import asyncio
import time

import pytest
from nats.js.errors import APIError, ServiceUnavailableError
from structlog.testing import capture_logs

from qiki.bus.broker import EmbeddedBroker
from qiki.bus.broker_refusals import is_final
from qiki.bus.connection import STARTING, connected
from qiki.bus.jetstream_effects import ATTEMPT_AT_LEAST_S, JetStreamEffects
from qiki.bus.worker_effects import (
    ReadInput,
    ReadNewestOutput,
    ReadNextInput,
    ReadOutput,
    ReadStreamState,
    ReadValue,
    Rejected,
    Report,
    Stop,
    StopKind,
    StreamSide,
    Unanswered,
    WriteValue,
)
from qiki.settings import BrokerSettings, NatsSettings
from tests.bus.configured_server import (
    ENABLED,
    USABLE,
    WITH_JETSTREAM,
    account,
    client_of,
    free_port,
    server,
)
from tests.bus.effects_on_a_server import (
    SETTINGS,
    TRACKS,
    declared,
    effects_at,
    publish,
)

AWAY = "the connection to the broker was lost"


@pytest.fixture
async def effects(client):
    async with JetStreamEffects(client, SETTINGS, asyncio.Event()) as running:
        yield running


EACH = {
    "publish": publish(),
    "newest output": ReadNewestOutput(),
    "output": ReadOutput(1),
    "input": ReadInput(1),
    "state of inputs": ReadStreamState(StreamSide.INPUT),
    "state of outputs": ReadStreamState(StreamSide.OUTPUT),
    "next input": ReadNextInput(0),
    "value": ReadValue("t.0.manifest"),
    "write": WriteValue("t.0.manifest", b"1", 0),
}


async def reconnected(client):
    count = client.stats["reconnects"]
    await client.force_reconnect()
    async with asyncio.timeout(10):
        while client.stats["reconnects"] == count or not client.is_connected:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("effect", EACH.values(), ids=EACH)
async def test_an_outcome_behind_a_lost_connection_is_none(effects, client, effect):
    await reconnected(client)
    assert await effects.outcome(Report("info", "said", {})) is None
    assert await effects.outcome(effect) == Unanswered(AWAY)
    assert not isinstance(await effects.outcome(effect), Unanswered | Rejected)


async def test_a_report_is_a_line_of_the_log(effects):
    with capture_logs() as lines:
        await effects.outcome(Report("warning", "something", {"count": 3}))
    assert lines == [{"event": "something", "count": 3, "log_level": "warning"}]


async def test_a_broker_that_is_away_does_not_answer(tmp_path):
    with EmbeddedBroker(tmp_path, BrokerSettings(port=0)) as broker:
        port = int(broker.url.rsplit(":", 1)[1])
        async with connected(NatsSettings(url=broker.url), "test") as client:
            await declared(client)
            async with JetStreamEffects(client, SETTINGS, asyncio.Event()) as effects:
                broker._process.kill()
                broker.stop()
                for effect in (publish(), ReadNewestOutput(), ReadValue("t.0.manifest")):
                    begun_s = time.monotonic()
                    assert isinstance(await effects.outcome(effect), Unanswered)
                    assert time.monotonic() - begun_s >= ATTEMPT_AT_LEAST_S
                with EmbeddedBroker(tmp_path, BrokerSettings(port=port)):
                    async with asyncio.timeout(20):
                        while await effects.outcome(ReadNewestOutput()) != Unanswered(AWAY):
                            pass
                    assert await effects.outcome(ReadNewestOutput()) is None


async def test_asked_to_stop_nobody_waits_for_a_broker_that_is_away(client):
    class Asking:
        def steps(self):
            while True:
                outcomes.append((yield ReadNewestOutput()))

    outcomes, stop = [], asyncio.Event()
    await client.jetstream().delete_stream(TRACKS)
    async with JetStreamEffects(client, SETTINGS, stop) as effects:
        asyncio.get_running_loop().call_later(0.6, stop.set)
        assert await effects.run(Asking()) == Stop(StopKind.ASKED, "")
    assert len(outcomes) == 1
    await declared(client)


async def test_a_broker_whose_jetstream_is_not_there_yet_does_not_answer(tmp_path):
    port = free_port()
    with server(tmp_path, port, account()):
        async with effects_at(port) as effects:
            outcome = await effects.outcome(ReadInput(1))
    assert outcome == Unanswered("no JetStream answers")


def test_what_is_final():
    words = {"code": 503, "description": "in words"}
    assert not is_final(ServiceUnavailableError(err_code=STARTING, **words))
    assert not is_final(ServiceUnavailableError())
    assert not is_final(TimeoutError())
    assert is_final(ServiceUnavailableError(err_code=10077, **words))
    assert is_final(APIError(code=408, description="Bad Request"))


DENIED = {
    "publish": ("qiki.radar.v1.tracks", publish()),
    "newest output": ("$JS.API.DIRECT.GET.>", ReadNewestOutput()),
    "state": ("$JS.API.STREAM.INFO.>", ReadStreamState(StreamSide.INPUT)),
    "next input": ("$JS.API.CONSUMER.INFO.>", ReadNextInput(0)),
    "write": ("$KV.>", WriteValue("t.0.manifest", b"1", 0)),
}


@pytest.mark.parametrize(("subject", "effect"), DENIED.values(), ids=DENIED)
async def test_what_is_forbidden_is_refused_by_name(tmp_path, subject, effect):
    port = free_port()
    with server(tmp_path, port, *USABLE):
        async with client_of(port) as client:
            await declared(client)
    denied = account(ENABLED, f'publish: {{deny: ["{subject}"]}}')
    with server(tmp_path, port, WITH_JETSTREAM, denied):
        async with effects_at(port) as effects:
            await effects.outcome(Report("info", "said", {}))
            outcome = await effects.outcome(effect)
    assert isinstance(outcome, Rejected)
    assert "permissions violation for publish to" in outcome.reason
    assert ": permit it to that user in the broker's configuration" in outcome.reason


async def test_a_violation_of_long_ago_explains_no_silence(effects, client):
    await client.publish("$SYS.REQ.USER.INFO", b"", reply="$JS.ACK.nobody")
    client._err = Exception('nats: permissions violation for publish to "elsewhere"')
    assert await effects.outcome(ReadNewestOutput()) is None
    await client.jetstream().delete_stream(TRACKS)
    assert isinstance(await effects.outcome(ReadNewestOutput()), Unanswered)
    await declared(client)


@pytest.mark.parametrize("effect", EACH.values(), ids=EACH)
async def test_a_connection_that_is_closed_for_good_refuses_everything(settings, client, effect):
    async with (
        connected(settings.nats, "own") as own,
        JetStreamEffects(own, SETTINGS, asyncio.Event()) as effects,
    ):
        await own.close()
        outcome = await effects.outcome(effect)
    assert isinstance(outcome, Rejected)
    assert "the connection to the broker is closed for good" in outcome.reason
