"""What the simulator publishes of its vehicle: telemetry and events, at set rates of real time."""

import asyncio
import contextlib
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import NoReturn

import msgspec
import nats.errors
from nats.aio.client import Client

from qiki.bus import headers, subjects
from qiki.bus.cloudevents import EventTemplate
from qiki.bus.publish import Message, Publisher
from qiki.errors import BrokerError
from qiki.serve.bot import Bot
from qiki.serve.cadence import Cadence
from qiki.serve.latest_feed import LatestFeed
from qiki.serve.stop_signal import REST_S
from qiki.serve.telemetry_snapshot import Snapshot, sim_state, telemetry_snapshot
from qiki.serve.vehicle_events import Event, readings, told
from qiki.settings import Settings

RETRY_WAIT_S = 1.0
TELEMETRY_KEPT = 8  # for each reader of the feed
SOURCE = "urn:qiki:q-sim-service"
TELEMETRY = EventTemplate(
    f"{SOURCE}:telemetry", "qiki.telemetry.v1.Snapshot", schema=None, original=True
)
EVENTS = {
    subject: EventTemplate(f"{SOURCE}:{part}", f"qiki.events.v1.{name}", schema=None, original=True)
    for subject, part, name in (
        (subjects.SENSOR_THERMAL, "thermal", "SensorReading"),
        (subjects.SENSOR_TRIP, "thermal", "ThermalTrip"),
        (subjects.POWER_BUS, "power", "PowerBusReading"),
        (subjects.POWER_PDU, "power", "PowerPduStatus"),
        (subjects.SENSOR_CHANGE, "thermal", "SensorChange"),
        (subjects.POWER_CHANGE, "power", "PowerChange"),
        (subjects.COMMS_CHANGE, "comms", "CommsChange"),
        (subjects.DOCKING_CHANGE, "docking", "DockingChange"),
    )
}


class VehicleReports:
    """Publishes telemetry, and stores events, of a bot's vehicle.

    All go on while the world stands, as the original's do. Without a vehicle there is nothing to
    tell.

    Parameters
    ----------
    client : an open connection.
    settings : how often.
    bot : whose vehicle.

    Attributes
    ----------
    feed : of the telemetry as it is published, also while the broker is away.
    """

    def __init__(self, client: Client, settings: Settings, bot: Bot) -> None:
        self.feed: LatestFeed[bytes] = LatestFeed(TELEMETRY_KEPT)
        self._client = client
        self._settings = settings
        self._bot = bot
        self._publisher = Publisher(client, settings.nats.publish_timeout_s)
        self._untold: Message | None = None  # a change that was taken and is not stored yet

    def snapshot(self, time_ns: int) -> Snapshot | None:
        """Return the telemetry of now, None without a vehicle; `time_ns` is of the wall clock."""
        world, ship = self._bot.world, self._bot.own_ship
        if ship is None:
            return None
        state = sim_state(world.state, world.speed, world.achieved_speed)
        world_time_ns = world.start_time_ns + ship.vehicle.time_ns
        return telemetry_snapshot(ship, state, world_time_ns, time_ns)

    async def telemetry(self) -> NoReturn:
        """Publish telemetry until the task is cancelled."""
        cadence = Cadence("telemetry", self._settings.telemetry.interval_s)
        while True:
            await cadence.next()
            time_ns = time.time_ns()
            snapshot = self.snapshot(time_ns)
            if snapshot is not None:
                payload = msgspec.json.encode(snapshot)
                self.feed.publish(payload)
                await self._publish_telemetry(payload, time_ns)

    async def _publish_telemetry(self, payload: bytes, time_ns: int) -> None:
        # The client would keep what it cannot send, and send it when it is old.
        if not self._client.is_connected:
            return
        header = _headers(TELEMETRY, f"telemetry-{time_ns // 1_000_000}", time_ns)
        try:
            await self._client.publish(subjects.TELEMETRY, payload, headers=header)
        except nats.errors.Error as error:
            self._bot.log.warning("telemetry_not_published", reason=repr(error))

    async def events(self) -> NoReturn:
        """Store what power and heat are until the task is cancelled, each time what is newest."""
        cadence = Cadence("events", self._settings.telemetry.events_interval_s)
        while True:
            await cadence.next()
            ship, time_ns = self._bot.own_ship, time.time_ns()
            for event in [] if ship is None else readings(ship, time_ns / 1e9):
                await self._store(_message(event, time_ns))

    async def changes(self) -> NoReturn:
        """Store what changed until the task is cancelled, as soon as it did.

        It is told once, so it is tried until it is stored; what is dropped meanwhile is counted.
        """
        while True:
            await self._store_change()

    async def rest(self) -> int:
        """Store the changes that wait when `changes` has ended; return how many cannot be."""
        try:
            async with asyncio.timeout(REST_S):
                while self._untold is not None or self._bot.changes:
                    await self._store_change()
        except TimeoutError:
            count = len(self._bot.changes) + (self._untold is not None)
            self._bot.log.warning("vehicle_events_lost", count=count)
            return count
        return 0

    async def _store_change(self) -> None:
        """Store the oldest change that waits; one that cannot be stays, for the next call."""
        if self._untold is None:
            change, time_ns = await self._bot.changes.next(), time.time_ns()
            if change.dropped:
                self._bot.log.warning("vehicle_events_dropped", count=change.dropped)
            self._untold = _message(told(change, time_ns / 1e9), time_ns)
        # It may have been stored when nobody answered, or when this was cancelled.
        if await self._store(self._untold, may_be_stored=True):
            self._untold = None
        else:
            await asyncio.sleep(RETRY_WAIT_S)

    async def _store(self, message: Message, *, may_be_stored: bool = False) -> bool:
        """Store an event, or say in the log why not: that ends no simulator."""
        try:
            await self._publisher.publish(message, may_be_stored=may_be_stored)
        except BrokerError as error:
            self._bot.log.warning("event_not_stored", subject=message.subject, reason=str(error))
            return False
        return True


@contextlib.asynccontextmanager
async def told_to_the_end(reports: Sequence[VehicleReports], stream: str) -> AsyncIterator[None]:
    """Store what waits however the block ends; an error that ends it says what cannot be.

    Parameters
    ----------
    reports : of each bot.
    stream : the one that they store in, for the error.
    """
    try:
        yield
    finally:
        error = sys.exception()
        lost = sum(await asyncio.gather(*(its.rest() for its in reports)))
        if lost and error is not None:
            error.add_note(
                f"({lost} vehicle events were not stored within {REST_S:g} s and are lost: "
                f"see whether stream {stream} takes them)"
            )


def _message(event: Event, time_ns: int) -> Message:
    event_id = f"evt-{time_ns // 1_000_000}-{uuid.uuid4().hex}"
    header = _headers(EVENTS[event.subject], event_id, time_ns)
    return Message(event.subject, msgspec.json.encode(event.payload), header)


def _headers(template: EventTemplate, event_id: str, time_ns: int) -> dict[str, str]:
    return template.headers(event_id, time_ns) | {headers.MESSAGE_ID: event_id}
