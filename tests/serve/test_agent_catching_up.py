"""An agent that is started beside a system that ran for long reads its past in peace."""

import asyncio
from contextlib import ExitStack

from qiki.agent.trust import Verdict
from qiki.agent_settings import AgentSettings
from qiki.bus import subjects
from qiki.bus.broker import EmbeddedBroker
from qiki.bus.connection import connected
from qiki.bus.stream_apply import apply
from qiki.bus.streams import stream_plans
from qiki.radar import Radar, Scenario
from qiki.serve.agent_inputs import AgentInputs
from qiki.serve.tracker_core import TrackerCore
from qiki.settings import BrokerSettings, NatsSettings, Settings, TrackerSettings
from qiki.wire import encode_frame
from tests.conftest import TRAFFIC
from tests.serve.qiki_command import started
from tests.serve.test_agent import agent
from tests.serve.test_services import STARTED, wait_for_log

PAST = 3000  # messages, some seconds of reading


async def store_past(client):
    """Store answers to frames of five minutes, as a bridge would have."""
    core, radar = TrackerCore(TrackerSettings()), Radar(Scenario.load("default"))
    core.begin(1)
    for number in range(PAST):
        answer = core.answer(encode_frame(radar.frame(number)), {})
        await client.publish(subjects.TRACKS, answer.payload, headers=dict(answer.headers))
        if number % 100 == 0:
            await client.flush()
    await client.flush()


def lines_until(process, event, never=None):
    """Return the lines of a log up to that with the event; a word may not be in any."""
    lines = []
    while not lines or f'"event": "{event}"' not in lines[-1]:
        lines.append(process.stderr.readline())
        assert lines[-1], f"the service ended with {process.wait()} before {event}"
        assert never is None or never not in lines[-1]
    return lines


async def test_who_reads_the_past_is_not_in_safe_mode_and_stops_no_thruster(tmp_path):
    with ExitStack() as stack:
        broker = stack.enter_context(EmbeddedBroker(tmp_path, BrokerSettings(port=0)))
        async with connected(NatsSettings(url=broker.url), "test") as client:
            plans = stream_plans(Settings().streams, Settings().bridge, TRAFFIC)
            await apply(client.jetstream(), plans)
            await store_past(client)
            variables = {
                "NATS_URL": broker.url,
                "QIKI_GRPC__PORT": "0",
                "QIKI_BIOS__PORT": "0",
                "QIKI_AGENT__NAMES": agent("Pusher"),
                "QIKI_AGENT__SILENCE_S": "0.05",
            }
            for name in ("sim", "bios"):
                process = stack.enter_context(started(name, **variables))
                await wait_for_log(process, STARTED[name])
            process = stack.enter_context(started("agent", **variables))
            lines = await asyncio.to_thread(lines_until, process, "agent_caught_up", "SAFE_MODE")
            assert f'"messages": {PAST}' in lines[-1]
            # There is no bridge: from now on that is a reason.
            while "SAFE_MODE" not in lines[-1]:
                lines = await asyncio.to_thread(lines_until, process, "agent_state")
            assert "tracks is " in lines[-1]


def test_tracks_of_the_past_are_none_yet_and_say_how_far_they_are_read():
    inputs = AgentInputs(AgentSettings())
    inputs.catch_up("catching up, 4000 of 12000 messages read")
    trust = inputs.known(0.1, "watch", 0.0).trust["tracks"]
    assert trust == (Verdict.NO_DATA, None, "catching up, 4000 of 12000 messages read")
    inputs.caught_up()
    assert inputs.known(0.1, "watch", 0.0).trust["tracks"].reason == "tracks was never heard"
