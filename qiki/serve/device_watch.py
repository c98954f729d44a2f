"""What the simulator says on the bus: the newest telemetry, the newest frame of each radar."""

import time
from collections.abc import Iterable
from typing import NamedTuple

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from qiki.bios.self_test import RadarSeen
from qiki.bios.telemetry import Telemetry, decode_telemetry
from qiki.bus import headers, subjects
from qiki.bus.frame_messages import read_frame
from qiki.errors import QikiError

PENDING_MESSAGES = 1024  # a message takes a few microseconds; more come only while nothing runs


class _Arrived(NamedTuple):
    time_s: float  # monotonic
    message: Msg | None
    world_ns: int | None = None  # world time at the beginning of a watch that saw nothing yet


class DeviceWatch:
    """Keeps the newest messages; they are read when somebody asks.

    Parameters
    ----------
    client : an open connection.
    sensor_ids : of the radars; frames of others are passed over.
    """

    def __init__(self, client: Client, sensor_ids: Iterable[str]) -> None:
        self._client = client
        self._telemetry = _Arrived(time.monotonic(), None)
        self._frames = {id: _Arrived(time.monotonic(), None) for id in sensor_ids}
        self._subscriptions: list[Subscription] = []

    async def start(self) -> None:
        """Listen from now on."""
        for subject, take in (
            (subjects.TELEMETRY, self._take_telemetry),
            (subjects.FRAMES, self._take_frame),
        ):
            subscription = await self._client.subscribe(
                subject, cb=take, pending_msgs_limit=PENDING_MESSAGES
            )
            self._subscriptions.append(subscription)

    async def end(self) -> None:
        """Listen no more."""
        for subscription in self._subscriptions:
            if self._client.is_connected:
                await subscription.unsubscribe()

    def begin_radars(self) -> None:
        """Forget the frames: the time until now is not held against the radars."""
        for sensor_id in self._frames:
            self._frames[sensor_id] = _Arrived(time.monotonic(), None)

    def telemetry(self, stale_after_s: float) -> tuple[Telemetry | None, str]:
        """Return the newest telemetry; where none is fresh or readable None, and why."""
        time_s, message, _ = self._telemetry
        age_s = time.monotonic() - time_s
        if message is None or age_s > stale_after_s:
            return None, f"no telemetry for {age_s:.1f} s"
        try:
            return decode_telemetry(message.data), ""
        except QikiError as error:
            return None, str(error)

    def radars(self, world_ns: int | None = None) -> dict[str, RadarSeen]:
        """Return what is known of each radar, at a world time [ns]; None: nobody tells it."""
        for id, arrived in self._frames.items():
            if arrived.message is None and arrived.world_ns is None:
                self._frames[id] = arrived._replace(world_ns=world_ns)
        return {id: _seen(arrived, world_ns) for id, arrived in self._frames.items()}

    async def _take_telemetry(self, message: Msg) -> None:
        self._telemetry = _Arrived(time.monotonic(), message)

    async def _take_frame(self, message: Msg) -> None:
        sensor_id = (message.headers or {}).get(headers.SENSOR_ID, "")
        if sensor_id in self._frames:
            self._frames[sensor_id] = _Arrived(time.monotonic(), message)


def _seen(arrived: _Arrived, world_ns: int | None) -> RadarSeen:
    silent_s = time.monotonic() - arrived.time_s
    message = arrived.message
    if message is None:
        return RadarSeen(silent_s, None, None, _passed_s(arrived.world_ns, world_ns))
    try:
        frame = read_frame(message.data, message.headers or {})
    except QikiError as error:
        return RadarSeen(silent_s, None, f"frame cannot be read: {error}")
    passed_s = _passed_s(frame.time_ns, world_ns)
    return RadarSeen(silent_s, not frame.coverage.is_empty, None, passed_s)


def _passed_s(since_ns: int | None, world_ns: int | None) -> float | None:
    """Return how much time has passed in the world [s]; None where either is not known."""
    return None if since_ns is None or world_ns is None else (world_ns - since_ns) * 1e-9
