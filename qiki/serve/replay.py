"""A recording through JetStream and the tracker, as if its radar were live."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import NamedTuple

from nats.aio.client import Client

from qiki.bus.connection import connected
from qiki.bus.durability import require_durable
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.bus.stream_apply import apply, require
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.bus.tracks_log import tracks_log
from qiki.errors import BrokerError, QikiError
from qiki.radar import RadarFrame
from qiki.serve.bridge import Bridge
from qiki.serve.flow_audit import FlowAudit
from qiki.serve.flow_monitor import FlowMonitor
from qiki.serve.watched import end_task, watched
from qiki.settings import Settings

TRAFFIC = Traffic(frames_per_s=1, detections_per_frame=1000)  # more than any turning radar gives


class Recording(NamedTuple):
    """Frames of one sensor, and in which epoch they are replayed."""

    sensor_id: str
    epoch: int
    sr_threshold_m: float
    frames: Iterable[RadarFrame]


class ReplaySummary(NamedTuple):
    """What became of a recording.

    ``tracks_sha256`` runs over the payloads of the tracks messages in stream order: the same
    recording, settings and core version give the same.
    """

    frames: int
    tracks_messages: int
    not_accepted: int  # of the tracks messages
    frames_lost: int
    tracks_sha256: str


async def replay(
    settings: Settings,
    recording: Recording,
    *,
    speed: float | None,
    own_bridge: bool,
    require_going: Callable[[], object] = lambda: None,
) -> ReplaySummary:
    """Publish a recording in its order and wait until the bridge has answered each frame.

    Parameters
    ----------
    settings : broker, streams, tracker.
    recording : what to publish.
    speed : times real time; None is as fast as the broker stores.
    own_bridge : create the streams and run a bridge here; else the broker has both.
    require_going : called all the time; what it raises ends the replay.

    Raises
    ------
    SettingError : the broker is not as durable as asked.
    BrokerError : the broker is missing or refuses, the own bridge ends, or no bridge answers.
    """
    return await watched(_replay(settings, recording, speed, own_bridge=own_bridge), require_going)


async def _replay(
    settings: Settings, recording: Recording, speed: float | None, *, own_bridge: bool
) -> ReplaySummary:
    digest = hashlib.sha256()
    audit = FlowAudit(recording.epoch)
    async with connected(settings.nats, "qiki-replay") as client:
        await _prepare(client, settings, own_bridge=own_bridge)
        async with (
            FlowMonitor(client, settings, audit, digest.update) as monitor,
            _bridge(settings) if own_bridge else _nobody() as bridge,
        ):
            publishing = _publish(client, settings, recording, speed)
            sent = await watched(publishing, lambda: _require_running(bridge))
            await monitor.drain(settings.up.drain_timeout_s, bridge.done if bridge else _never)
            _require_running(bridge)
            if audit.unanswered and bridge is None:
                raise _no_bridge(audit, settings)
    return ReplaySummary(
        frames=sent,
        tracks_messages=audit.tracks_messages,
        not_accepted=audit.not_accepted,
        frames_lost=sent - audit.frames + audit.unanswered,
        tracks_sha256=digest.hexdigest(),
    )


async def _prepare(client: Client, settings: Settings, *, own_bridge: bool) -> None:
    jetstream = client.jetstream()
    needed = [settings.streams.radar, tracks_log(settings).stream]
    if own_bridge:
        traffic = TRAFFIC._replace(encoding=settings.radar.encoding)
        await apply(jetstream, stream_plans(settings.streams, settings.bridge, traffic))
    else:
        await require(jetstream, needed, settings.nats.publish_timeout_s)
    await require_durable(client, settings, needed)


async def _publish(
    client: Client, settings: Settings, recording: Recording, speed: float | None
) -> int:
    """Publish every frame at its time; return how many there were."""
    publisher = Publisher(client, settings.nats.publish_timeout_s)
    sender = FrameSender(publisher, recording.sensor_id, settings.radar.encoding)
    start_s = time.monotonic()
    first_ns: int | None = None
    sent = 0
    for frame in recording.frames:
        first_ns = frame.time_ns if first_ns is None else first_ns
        if speed is not None:
            due_s = start_s + (frame.time_ns - first_ns) / 1e9 / speed
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        await sender.send(frame.split(recording.sr_threshold_m))
        sent += 1
    return sent


@asynccontextmanager
async def _bridge(settings: Settings) -> AsyncIterator[asyncio.Task[None]]:
    """Run the bridge as its service does, on a connection of its own."""
    stop = asyncio.Event()
    async with connected(settings.nats, "qiki-bridge") as client:
        bridge = Bridge(client, settings)
        running = asyncio.create_task(bridge.run(stop))
        try:
            yield running
            stop.set()
            await running
        finally:
            await end_task(running)


@asynccontextmanager
async def _nobody() -> AsyncIterator[None]:
    yield None


def _require_running(bridge: asyncio.Task[None] | None) -> None:
    """Raise what ended the own bridge, which ends by itself only when it cannot go on."""
    if bridge is None or not bridge.done():
        return
    try:
        bridge.result()
    except QikiError as error:
        raise BrokerError(f"the replay's own bridge ended: {error}") from error


def _never() -> bool:
    return False


def _no_bridge(audit: FlowAudit, settings: Settings) -> BrokerError:
    return BrokerError(
        f"{audit.unanswered} frames have no tracks and none came for "
        f"{settings.up.drain_timeout_s:g} s (up.drain_timeout_s): see whether `qiki bridge` runs "
        "on that broker"
    )
