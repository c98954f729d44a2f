"""Everything together: broker, streams, the services, and a count of what was answered."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import NamedTuple

import msgspec
import structlog
from nats.aio.client import Client

from qiki.bus.addresses import without_credentials
from qiki.bus.broker import EmbeddedBroker
from qiki.bus.connection import connected
from qiki.bus.durability import require_durable
from qiki.bus.stream_apply import apply
from qiki.bus.streams import stream_plans
from qiki.errors import BrokerError, QikiError
from qiki.radar import Scenario
from qiki.serve.children import Child, ServiceError
from qiki.serve.flow_audit import FlowAudit
from qiki.serve.flow_monitor import FlowMonitor
from qiki.serve.live_line import LiveLine
from qiki.serve.loopback import family_of, is_loopback, taken
from qiki.serve.stop_signal import stop_signal
from qiki.serve.traffic import expected_traffic
from qiki.setting_layers import to_environment
from qiki.settings import Settings

TICK_S = 0.2
FIRST_FRAME_TIMEOUT_S = 30.0
PATIENCE_S = 2.0  # with a service after a failure

log = structlog.get_logger()


class Launch(NamedTuple):
    """What one run of `qiki up` is made of."""

    settings: Settings  # with the broker's URL and the epoch in it
    scenario: Scenario
    broker: EmbeddedBroker | None  # None: somebody else's
    duration_s: float | None
    on_tracks: Callable[[bytes], None] | None = None  # gets each tracks message


async def run_launch(launch: Launch) -> FlowAudit:
    """Run all services until the duration is over, Ctrl-C, or one of them dies.

    Everything that was started is stopped at the end, the simulator first, so that the bridge can
    answer what is stored.

    Raises
    ------
    ServiceError : a service ended by itself.
    SettingError : a service refuses a setting, or the broker is not as durable as asked.
    BrokerError : the broker ended, refuses the streams, or the bridge does not come to an end.
    """
    stop = stop_signal()
    settings = launch.settings
    audit = FlowAudit(settings.radar.epoch or 0)
    async with connected(settings.nats, "qiki-up") as client, AsyncExitStack() as stack:
        await require_durable(client, settings, [])  # of the streams the services ask
        await _apply_streams(client, launch)
        monitor = await stack.enter_async_context(
            FlowMonitor(client, settings, audit, launch.on_tracks)
        )
        screen = LiveLine()
        stack.callback(screen.close)
        broker = without_credentials(settings.nats.url or "")
        log.info(
            "starting", scenario=launch.scenario.name, epoch=settings.radar.epoch, broker=broker
        )
        bridge, sim = Child("bridge", screen), Child("sim", screen)
        others = [Child(name, screen) for name in services_of(settings)[2:]]
        children = [sim, bridge, *others]
        stack.push_async_callback(_stop_all, *children)
        shared = _with_free_bios_port(_for_children(settings))
        for child in (bridge, sim, *others):
            own = _with_metrics_port(shared, children.index(child))
            await child.start(to_environment(own, os.environ))
        await _watch(launch, audit, children, screen, stop)
        log.info("stopping", frames=audit.frames, lag_frames=audit.unanswered)
        # From here on a second Ctrl-C interrupts.
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
        # They would tell that the simulator is gone.
        for child in (*(child for child in others if child.name in ("agent", "bios")), sim):
            await child.stop()
        await monitor.drain(settings.up.drain_timeout_s, bridge.ended)
        for child in (bridge, *others):
            await child.stop()
    return audit


def services_of(settings: Settings) -> tuple[str, ...]:
    """Return the services that run with these settings, simulator and bridge first."""
    wanted = {
        "sim": True,
        "bridge": True,
        "registrar": settings.up.registrar,
        "guard": settings.tracker.guard_rules is not None,
        "bios": settings.up.bios,
        "agent": settings.up.agent,
    }
    return tuple(name for name, is_wanted in wanted.items() if is_wanted)


def _for_children(settings: Settings) -> Settings:
    """Return the settings of the services; the live line says what their "info" would."""
    if settings.log.level != "info":
        return settings
    replace = msgspec.structs.replace
    return replace(settings, log=replace(settings.log, level="warning"))


def _with_free_bios_port(settings: Settings) -> Settings:
    """Let the self test listen elsewhere where its port is taken: the run does not hang on it."""
    bios = settings.bios
    is_asked = settings.up.bios and bios.port and is_loopback(bios.host)
    if not is_asked or (reason := taken(bios.host, bios.port)) is None:
        return settings
    with socket.create_server((bios.host, 0), family=family_of(bios.host)) as free:
        port = free.getsockname()[1]
    log.warning("bios_port_taken", port=bios.port, reason=reason, instead=port)
    replace = msgspec.structs.replace
    return replace(settings, bios=replace(bios, port=port))


def _with_metrics_port(settings: Settings, place: int) -> Settings:
    """Return the settings of one service, whose metrics cannot share a port with another's."""
    if not settings.metrics.port:  # none, or any free one
        return settings
    replace = msgspec.structs.replace
    return replace(settings, metrics=replace(settings.metrics, port=settings.metrics.port + place))


async def _apply_streams(client: Client, launch: Launch) -> None:
    settings = launch.settings
    traffic = expected_traffic(settings, launch.scenario)
    plans = stream_plans(settings.streams, settings.bridge, traffic)
    # Its own store is for this run; what a broker of somebody else's holds is not ours to give up.
    await apply(client.jetstream(), plans, force=launch.broker is not None)
    log.info(
        "streams_ready",
        keep_s=plans[0].config.max_age,
        frames_per_s=traffic.frames_per_s,
        detections_per_frame=traffic.detections_per_frame,
    )


async def _watch(
    launch: Launch,
    audit: FlowAudit,
    children: list[Child],
    screen: LiveLine,
    stop: asyncio.Event,
) -> None:
    """Show the flow until it is time to stop; the duration counts from the first frame."""
    started_s = time.monotonic()
    flowing_s: float | None = None
    while not stop.is_set():
        await _require_alive(launch.broker, children)
        now_s = time.monotonic()
        if audit.tracks_messages and flowing_s is None:
            flowing_s = now_s
        if flowing_s is None and now_s - started_s > FIRST_FRAME_TIMEOUT_S:
            raise ServiceError(
                f"no frame was answered in {FIRST_FRAME_TIMEOUT_S:.0f} s: see the log lines above"
            )
        if _is_over(flowing_s, now_s, launch.duration_s):
            return
        screen.show(status_line(audit))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), TICK_S)


def _is_over(flowing_s: float | None, now_s: float, duration_s: float | None) -> bool:
    return flowing_s is not None and duration_s is not None and now_s - flowing_s >= duration_s


async def _require_alive(broker: EmbeddedBroker | None, children: list[Child]) -> None:
    if broker is not None and (reason := broker.ended()):
        raise BrokerError(reason)
    for child in children:
        if child.ended():
            raise await child.failure()


async def _stop_all(*children: Child) -> None:
    """Stop what still runs after a failure; that failure is the one to report."""
    for child in children:
        with contextlib.suppress(QikiError):
            await child.stop(PATIENCE_S)


def status_line(audit: FlowAudit) -> str:
    """Return the live line."""
    p50, p99 = (audit.latency.percentile_ms(percent) for percent in (50, 99))
    latency = "-" if p50 is None or p99 is None else f"p50 {p50:.2f} ms  p99 {p99:.2f} ms"
    spoiled = f"  spoiled {audit.frames_spoiled}" if audit.frames_spoiled else ""
    not_accepted = f"  not accepted {audit.not_accepted}" if audit.not_accepted else ""
    return (
        f"frames {audit.frames}  detections {audit.detections}  "
        f"tracks {audit.tracks_confirmed}  latency {latency}  unanswered {audit.unanswered}"
        f"{spoiled}{not_accepted}"
    )
