"""The simulator's service: a `Simulator` on the bus, with what each of its bots has there."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, NoReturn

from nats.aio.client import Client

from qiki.bus.bots_file import nats_of_bots
from qiki.bus.connection import connected
from qiki.bus.durability import require_durable
from qiki.bus.stream_apply import require
from qiki.models import models_for
from qiki.radar import Scenario
from qiki.serve.bot_shell import SERVICE, BotShell
from qiki.serve.command_service import newest_command
from qiki.serve.only_one import require_only_one
from qiki.serve.settle import settle
from qiki.serve.simulator import Simulator
from qiki.serve.stop_signal import stop_signal
from qiki.serve.vehicle_reports import told_to_the_end
from qiki.serve.watched import end_task, watched
from qiki.settings import Settings

OWN_BROKER = (
    "stop it, or take a broker of its own (`qiki up --port 0 --grpc-port 0 --data-dir DIR`)"
)


async def serve_simulator(settings: Settings) -> None:
    """Run the simulator service until SIGTERM or SIGINT.

    Raises
    ------
    ScenarioError : the scenario cannot be used.
    VehicleError : the vehicle's file cannot be used.
    SettingError : the gRPC address is not loopback, the broker is not as durable as asked, or a
        model that the scenario names is missing.
    ListenError : the port of gRPC or of the metrics is taken.
    BrokerError : the broker is missing, lacks a stream, has a simulator already, or stops storing.
    """
    stop = stop_signal()
    scenario = Scenario.load(settings.radar.scenario)
    models = models_for(scenario, settings.radar.models)
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(connected(nats, "qiki-sim"))
            for nats in nats_of_bots(settings)
        ]
        begin_sequences = [await _require_broker(client, settings) for client in clients]
        simulator = Simulator(clients, settings, scenario, models)
        shells = [
            BotShell(bot, client, begin_sequence, settings)
            for bot, client, begin_sequence in zip(
                simulator.bots, clients, begin_sequences, strict=True
            )
        ]
        for shell in shells:
            await stack.enter_async_context(shell.shown())
        settle()
        async with told_to_the_end([shell.reports for shell in shells], settings.streams.events):
            await _run(simulator, [work for shell in shells for work in shell.services()], stop)


async def _require_broker(client: Client, settings: Settings) -> int:
    """Refuse a broker that lacks what is needed; return the newest command that it has."""
    streams = settings.streams
    needed = [streams.radar, streams.commands, streams.events]
    await require(client.jetstream(), needed, settings.nats.publish_timeout_s)
    await require_durable(client, settings, needed)
    await require_only_one(client, SERVICE, OWN_BROKER)
    return await newest_command(client, settings)


async def _run(
    simulator: Simulator, services: list[Coroutine[Any, Any, NoReturn]], stop: asyncio.Event
) -> None:
    """Run the world until `stop` is set, and its services beside it; a failure of one ends all."""
    tasks = [asyncio.create_task(service) for service in services]

    def require_running() -> None:
        for task in tasks:
            if task.done():
                task.result()

    try:
        await watched(simulator.run(stop), require_running)
    finally:
        for task in tasks:
            await end_task(task)
