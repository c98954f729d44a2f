"""Several bots of one world in the test's own process, on a real broker with their accounts."""

import asyncio
import uuid
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec

from qiki.bus import subjects
from qiki.bus.bots_file import new_users
from qiki.bus.broker import EmbeddedBroker
from qiki.bus.command_message import CommandMessage, MessageMetadata
from qiki.bus.connection import connected
from qiki.bus.stream_apply import apply
from qiki.bus.streams import stream_plans
from qiki.radar import Scenario
from qiki.serve.bot_settings import settings_of_bots
from qiki.serve.simulator import Simulator
from qiki.serve.world_commands import carry_out
from qiki.settings import (
    BrokerSettings,
    NatsSettings,
    RadarSettings,
    Settings,
    SimSettings,
    VehicleSettings,
)
from qiki.wire import decode_frame
from tests.conftest import TRAFFIC

START_NS = 1_000_000_000_000
SECOND_NS = 1_000_000_000


class Fleet(NamedTuple):
    """A simulator, each bot's settings and client, and what it has stored so far, by number."""

    simulator: Simulator
    stored: list
    settings: list
    clients: list

    def frames(self, number):
        """Return the frames of a bot."""
        return [decode_frame(payload) for payload in self.stored[number - 1]]


@contextmanager
def fleet_broker(count):
    """A broker with accounts for so many bots; gives it and their users."""
    users = new_users(count)
    with (
        TemporaryDirectory(prefix="qiki-fleet-") as folder,
        EmbeddedBroker(Path(folder), BrokerSettings(port=0), bots=users) as broker,
    ):
        yield broker, users


@asynccontextmanager
async def fleet(count, scenario=None, *, seed=None, vehicle="default", **sim):
    """Run a world with so many bots on a broker of its own, paused at its start."""
    settings = Settings(
        sim=SimSettings(**{"state": "PAUSED", "start_time_ns": START_NS, "bots": count} | sim),
        radar=RadarSettings(seed=seed, epoch=1),
        vehicle=VehicleSettings(config=str(vehicle)),
    )
    with fleet_broker(count if count > 1 else 0) as (broker, users):
        settings = msgspec.structs.replace(settings, nats=NatsSettings(url=broker.url))
        async with AsyncExitStack() as stack:
            owns = settings_of_bots(settings, users)
            clients = [await stack.enter_async_context(connected(own.nats, "test")) for own in owns]
            stored = [await _storing(client, settings) for client in clients]
            simulator = Simulator(clients, settings, scenario or Scenario.load("default"))
            stop = asyncio.Event()
            running = asyncio.create_task(simulator.run(stop))
            try:
                yield Fleet(simulator, stored, owns, clients)
            finally:
                stop.set()
                await running


async def _storing(client, settings):
    """Make the streams of a bot; return the list that takes the payloads of its frames."""
    plans = stream_plans(settings.streams, settings.bridge, TRAFFIC)
    await apply(client.jetstream(), plans)
    payloads = []

    async def take(message):
        payloads.append(message.data)

    await client.subscribe(subjects.FRAMES, cb=take)
    await client.flush()
    return payloads


def send(bot, name, **parameters):
    """Carry out a command of a bot."""
    metadata = MessageMetadata(message_id=uuid.uuid4())
    carry_out(CommandMessage(command_name=name, parameters=parameters, metadata=metadata), bot)
