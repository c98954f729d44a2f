"""The one log of a simulator names the bot that a line is about."""

import asyncio

import msgspec
import structlog

from qiki.serve.bot_shell import BotShell
from qiki.serve.watched import end_task
from tests.serve.fleet_in_process import SECOND_NS, fleet
from tests.serve.test_command_service import ask
from tests.serve.test_ship_way import leaving
from tests.serve.test_simulated_vehicle import until


def bots_of(logged, event):
    return [line.get("bot") for line in logged if line["event"] == event]


def settings_with(settings, **changes):
    """Return settings with some values changed, by section."""
    replaced = {
        name: msgspec.structs.replace(getattr(settings, name), **values)
        for name, values in changes.items()
    }
    return msgspec.structs.replace(settings, **replaced)


async def test_commands_and_events_that_are_not_stored_are_told_of_their_bot():
    async with fleet(2) as found:
        settings = settings_with(
            found.settings[1],
            nats={"publish_timeout_s": 0.05},
            telemetry={"events_interval_s": 0.05},
        )
        two, client = found.simulator.bots[1], found.clients[1]
        shell = BotShell(two, client, 0, settings)
        await client.jetstream().delete_stream(settings.streams.events)
        with structlog.testing.capture_logs() as logged:
            running = [asyncio.create_task(service) for service in shell.services()]
            try:
                await ask(client, settings, "sim.radar.off")
                await ask(client, settings, "sim.nope")
                await until(lambda: bots_of(logged, "event_not_stored"))
            finally:
                for task in running:
                    await end_task(task)
    assert bots_of(logged, "command_applied") == bots_of(logged, "command_rejected") == [2]
    assert set(bots_of(logged, "event_not_stored")) == {2}


async def test_a_vehicle_that_leaves_the_world_is_told_with_its_bot():
    with structlog.testing.capture_logs() as logged:
        async with fleet(2, leaving([1e8 - 353.0, 0.0, 0.0], [500.0, 0.0, 0.0])) as found:
            found.simulator.step(5 * SECOND_NS)
            await until(lambda: found.simulator.state == "STOPPED")
    assert bots_of(logged, "vehicle_left_world") == [1, 2]
