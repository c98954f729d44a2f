"""Events of sensors whose biases are sought, of what the log says of them."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, NoReturn

import msgspec
import structlog
from nats.aio.client import Client

from qiki.bus import headers, subjects
from qiki.bus.cloudevents import EventTemplate
from qiki.bus.publish import Message, Publisher
from qiki.errors import BrokerError
from qiki.settings import Settings

SCHEMA_VERSION = 1
EVERY_S = 1.0  # at most one event of a sensor in that time

_TEMPLATE = EventTemplate("urn:qiki:bridge", "qiki.events.v1.RadarRegistration", schema=None)

log = structlog.get_logger()


class RegistrationEvents:
    """Stores what has changed, of each sensor what is newest.

    What the broker does not take is tried again until it does, or something newer takes its place:
    so no more waits than there are sensors.

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : times.
    """

    def __init__(self, client: Client, settings: Settings) -> None:
        self._publisher = Publisher(client, settings.nats.publish_timeout_s)
        self._waiting: dict[str, Message] = {}
        self._has_some = asyncio.Event()

    def take(self, tracker: str, facts: Mapping[str, Any]) -> None:
        """Take facts of a sensor, to be stored soon; `tracker` is its UUID and its epoch."""
        self._waiting[str(facts["sensor_id"])] = registration_event(tracker, facts)
        self._has_some.set()

    async def run(self) -> NoReturn:
        """Store what is taken until the task is cancelled."""
        while True:
            await self._has_some.wait()
            self._has_some.clear()
            await self._store_all()
            await asyncio.sleep(EVERY_S)

    async def rest(self, until_s: float) -> None:
        """Store what waits when `run` has ended; say in the log what cannot be.

        Parameters
        ----------
        until_s : when to give up, on the clock of the running loop [s].
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(until_s):
                await self._store_all()
        if self._waiting:
            log.warning("registration_events_lost", count=len(self._waiting))

    async def _store_all(self) -> None:
        """Store each that waits; one that cannot be stays, unless a newer one has come."""
        for sensor_id, message in list(self._waiting.items()):
            try:
                # It may have been stored when nobody answered, or before the last start.
                await self._publisher.publish(message, may_be_stored=True)
            except BrokerError as error:  # that ends no bridge
                log.warning("event_not_stored", subject=message.subject, reason=str(error))
                self._has_some.set()
                continue
            if self._waiting[sensor_id] is message:
                del self._waiting[sensor_id]


def registration_event(tracker: str, facts: Mapping[str, Any]) -> Message:
    """Return the event of a sensor's biases.

    It depends on the answer alone, so that whoever publishes it again publishes the same.

    Parameters
    ----------
    tracker : the tracker's UUID and its epoch.
    facts : of a sensor, as the log has them (`qiki.serve.registration_news`).
    """
    time_ns = facts["time_ns"]
    event_id = f"{tracker}:{facts['frame']}"
    header = _TEMPLATE.headers(event_id, time_ns) | {headers.MESSAGE_ID: event_id}
    said = {
        "schema_version": SCHEMA_VERSION,
        "category": "radar",
        "kind": "registration_changed",
        "source": "bridge",
        "subject": facts["sensor_id"],
        "ts_epoch": time_ns * 1e-9,
        **facts,
    }
    return Message(subjects.REGISTRATION, msgspec.json.encode(said), header)
