"""The simulator's service: a `Simulator` on the bus with its gRPC server beside it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, NoReturn

import structlog

from qiki.bus.connection import connected
from qiki.bus.durability import require_durable
from qiki.bus.stream_apply import require
from qiki.bus.tracks_log import tracks_log
from qiki.models import models_for
from qiki.radar import Scenario
from qiki.serve.command_service import CommandService, newest_command
from qiki.serve.consumer_lag import ConsumerName
from qiki.serve.grpc_server import serve_grpc
from qiki.serve.observed import observed
from qiki.serve.settle import settle
from qiki.serve.simulator import Simulator
from qiki.serve.simulator_api import Feeds
from qiki.serve.stop_signal import stop_signal
from qiki.serve.tracks_reading import reading_tracks
from qiki.serve.vehicle_reports import VehicleReports
from qiki.serve.watched import end_task, watched
from qiki.settings import Settings

log = structlog.get_logger()


async def serve_simulator(settings: Settings) -> None:
    """Run the simulator service until SIGTERM or SIGINT.

    Raises
    ------
    ScenarioError : the scenario cannot be used.
    VehicleError : the vehicle's file cannot be used.
    SettingError : the gRPC address is not loopback, the broker is not as durable as asked, or a
        model that the scenario names is missing.
    ListenError : the port of gRPC or of the metrics is taken.
    BrokerError : the broker is missing, lacks a stream, or stops storing.
    """
    stop = stop_signal()
    scenario = Scenario.load(settings.radar.scenario)
    models = models_for(scenario, settings.radar.models)
    async with connected(settings.nats, "qiki-sim") as client:
        streams = settings.streams
        needed = [streams.radar, streams.commands, streams.events]
        await require(client.jetstream(), needed, settings.nats.publish_timeout_s)
        await require_durable(client, settings, needed)
        begin_sequence = await newest_command(client, settings)
        simulator = Simulator(client, settings, scenario, models)
        commands = CommandService(client, settings, simulator, begin_sequence)
        reports = VehicleReports(client, settings, simulator)
        feeds = Feeds(
            reports.feed,
            reports.snapshot,
            lambda: reading_tracks(client, tracks_log(settings).subject),
        )
        reads = [ConsumerName(streams.commands, streams.commands_durable)]
        async with (
            serve_grpc(settings.grpc, simulator, feeds) as address,
            observed(client, settings, "sim", reads, lambda: _facts(simulator, address)),
        ):
            log.info("grpc_listens", address=address)
            settle()
            told = [reports.telemetry(), reports.events(), reports.changes()]
            async with reports.told_to_the_end():
                await _run(simulator, [commands.run(), *told], stop)


def _facts(simulator: Simulator, grpc_address: str) -> dict[str, object]:
    newest = simulator.newest
    return {
        "epoch": None if newest is None else newest.all.epoch,
        "grpc_address": grpc_address,
        "world_time_ns": simulator.time_ns,
        "radars": len(simulator.sensor_names),
    }


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
