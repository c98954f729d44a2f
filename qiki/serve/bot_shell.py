"""What a bot of the simulator has on the bus, and its gRPC server beside it."""

from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NoReturn

import msgspec
from nats.aio.client import Client

from qiki.bus.tracks_log import tracks_log
from qiki.serve.bot import Bot
from qiki.serve.command_service import CommandService
from qiki.serve.consumer_lag import ConsumerName
from qiki.serve.grpc_server import serve_grpc
from qiki.serve.loopback import port_of_bot
from qiki.serve.observed import announced, observed
from qiki.serve.simulator_api import Feeds
from qiki.serve.tracks_reading import reading_tracks
from qiki.serve.vehicle_reports import VehicleReports
from qiki.settings import GrpcSettings, Settings

SERVICE = "sim"


class BotShell:
    """Takes the commands of a bot, and tells of it.

    Parameters
    ----------
    bot : of the running world.
    client : an open connection to a broker with the declared streams: its own, of several bots.
    begin_sequence : of the newest command there when the world began.
    settings : of the simulator.

    Attributes
    ----------
    reports : what is told of the vehicle.
    """

    def __init__(self, bot: Bot, client: Client, begin_sequence: int, settings: Settings) -> None:
        self._bot = bot
        self._client = client
        self._settings = settings
        self._commands = CommandService(client, settings, bot, begin_sequence, bot.log)
        self.reports = VehicleReports(client, settings, bot)

    def services(self) -> list[Coroutine[Any, Any, NoReturn]]:
        """Return what is to run beside the world."""
        reports = self.reports
        return [self._commands.run(), reports.telemetry(), reports.events(), reports.changes()]

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Let the bot be seen: by gRPC, and by whoever asks the simulator on the bus.

        Raises
        ------
        SettingError : an address is not loopback.
        ListenError : a port is taken.
        """
        bot, client, settings = self._bot, self._client, self._settings
        feeds = Feeds(
            self.reports.feed,
            self.reports.snapshot,
            lambda: reading_tracks(client, tracks_log(settings).subject),
        )
        streams, number = settings.streams, bot.plan.number
        reads = [ConsumerName(streams.commands, streams.commands_durable)]
        async with AsyncExitStack() as stack:
            grpc = grpc_of(settings.grpc, number)
            address = await stack.enter_async_context(serve_grpc(grpc, bot, feeds))

            def facts() -> dict[str, object]:
                return self._facts(address)

            if number == 1:
                seen = observed(client, settings, SERVICE, reads, facts)
                await stack.enter_async_context(seen)
            else:  # the figures of the process are served once
                await announced(client, SERVICE, facts)
            bot.log.info("grpc_listens", address=address)
            yield

    def _facts(self, grpc_address: str) -> dict[str, object]:
        newest = self._bot.newest
        return {
            "epoch": None if newest is None else newest.all.epoch,
            "grpc_address": grpc_address,
            "world_time_ns": self._bot.time_ns,
            "world_state": self._bot.world.state,
            "speed": self._bot.world.speed,
            "achieved_speed": self._bot.world.achieved_speed,
            "radars": len(self._bot.sensor_names),
        }


def grpc_of(settings: GrpcSettings, number: int) -> GrpcSettings:
    """Return where the gRPC server of a bot listens: that of the next one behind it.

    Raises
    ------
    SettingError : as of `port_of_bot`.
    """
    port = port_of_bot("grpc.port", settings.port, number)
    return msgspec.structs.replace(settings, port=port)
