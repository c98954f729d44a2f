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

from qiki.bus.addresses import without_credentials
from qiki.bus.bots_file import BotUser
from qiki.bus.broker import EmbeddedBroker
from qiki.errors import BrokerError, QikiError
from qiki.radar import Scenario
from qiki.serve.bot_run import SIM, BotRun
from qiki.serve.bot_settings import settings_of_bots
from qiki.serve.children import Child, ServiceError
from qiki.serve.flow_audit import FlowAudit
from qiki.serve.flow_lines import bots_line
from qiki.serve.live_line import LiveLine
from qiki.serve.loopback import family_of, is_loopback, taken
from qiki.serve.readiness import tell_ready
from qiki.serve.stop_signal import stop_signal
from qiki.serve.watched import end_task
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
    on_tracks: Callable[[bytes], None] | None = None  # gets each tracks message of bot 1
    users: tuple[BotUser, ...] = ()  # of the accounts of several bots


async def run_launch(launch: Launch) -> list[FlowAudit]:
    """Run all services until the duration is over, Ctrl-C, or one of them dies.

    Everything that was started is stopped at the end, the simulator first, so that the bridges can
    answer what is stored. Returns what was counted of each bot.

    Raises
    ------
    ServiceError : a service ended by itself.
    SettingError : a service refuses a setting, or the broker is not as durable as asked.
    BrokerError : the broker ended, refuses the streams, or a bridge does not come to an end.
    """
    stop = stop_signal()
    settings, screen = launch.settings, LiveLine()
    async with AsyncExitStack() as stack:
        stack.callback(screen.close)
        bots = []
        for number, own in enumerate(settings_of_bots(_for_children(settings), launch.users), 1):
            run = BotRun(number, own, screen, launch.on_tracks if number == 1 else None)
            bots.append(await stack.enter_async_context(run))
            await run.prepare(launch.scenario, is_ours=launch.broker is not None)
        broker = without_credentials(settings.nats.url or "")
        log.info(
            "starting",
            scenario=launch.scenario.name,
            epoch=settings.radar.epoch,
            broker=broker,
            **({"bots": len(bots)} if launch.users else {}),
        )
        sim = Child(SIM, screen)
        stack.push_async_callback(_stop_all, sim, *(it for bot in bots for it in bot.services))
        await _start(launch, sim, bots)
        telling = asyncio.create_task(tell_ready(bots, broker, screen))
        stack.push_async_callback(end_task, telling)
        await _watch(launch, sim, bots, screen, stop)
        log.info(
            "stopping",
            frames=sum(bot.audit.frames for bot in bots),
            lag_frames=sum(bot.audit.unanswered for bot in bots),
        )
        # From here on a second Ctrl-C interrupts.
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
        for bot in bots:
            await bot.end_watchers()
        await sim.stop()
        for bot in bots:
            await bot.drain()
    return [bot.audit for bot in bots]


async def _start(launch: Launch, sim: Child, bots: list[BotRun]) -> None:
    """Start the bridges, then the simulator, then the others."""
    children = [sim, *(child for bot in bots for child in bot.services)]
    shared = [_with_free_bios_port(bot.settings) for bot in bots]
    whole = _for_children(launch.settings)

    async def start(child: Child, settings: Settings) -> None:
        own = _with_metrics_port(settings, children.index(child))
        if child.name == "agent":  # what it does, and what its agents print, is to be seen
            log_settings = msgspec.structs.replace(own.log, level=launch.settings.log.level)
            own = msgspec.structs.replace(own, log=log_settings)
        await child.start(to_environment(own, os.environ))

    for bot, settings in zip(bots, shared, strict=True):
        await start(bot.bridge, settings)
    await start(sim, whole)
    for bot, settings in zip(bots, shared, strict=True):
        for child in bot.others:
            await start(child, settings)


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


async def _watch(
    launch: Launch, sim: Child, bots: list[BotRun], screen: LiveLine, stop: asyncio.Event
) -> None:
    """Show the flow until it is time to stop; the duration counts from the first frame of all."""
    started_s = time.monotonic()
    flowing_s: float | None = None
    children = [sim, *(child for bot in bots for child in bot.services)]
    audits = [bot.audit for bot in bots]
    while not stop.is_set():
        await _require_alive(launch.broker, children)
        now_s = time.monotonic()
        if flowing_s is None and all(audit.tracks_messages for audit in audits):
            flowing_s = now_s
        if flowing_s is None and now_s - started_s > FIRST_FRAME_TIMEOUT_S:
            raise ServiceError(
                f"no frame was answered in {FIRST_FRAME_TIMEOUT_S:.0f} s: see the log lines above"
            )
        if _is_over(flowing_s, now_s, launch.duration_s):
            return
        screen.show(bots_line([bot.look() for bot in bots]))
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
