"""One bot of `qiki up`: its streams, its services but the simulator, and what is counted of it."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Self

import structlog
from nats.aio.client import Client

from qiki.bus.connection import connected
from qiki.bus.durability import require_durable
from qiki.bus.stream_apply import apply
from qiki.bus.streams import stream_plans
from qiki.errors import SettingError
from qiki.radar import Scenario
from qiki.serve.agent_watch import AgentWatch
from qiki.serve.children import Child
from qiki.serve.flow_audit import FlowAudit
from qiki.serve.flow_monitor import FlowMonitor
from qiki.serve.live_line import LiveLine
from qiki.serve.system_status import services_answering
from qiki.serve.traffic import expected_traffic
from qiki.settings import Settings

SIM = "sim"
# They would tell that the simulator is gone.
ENDED_FIRST = ("agent", "bios")

log = structlog.get_logger()


class BotRun:
    """Watches the streams of a bot and holds its services; an async context manager.

    Parameters
    ----------
    number : of the bot.
    settings : of its services.
    screen : where their log lines go.
    on_tracks : gets each tracks message.

    Attributes
    ----------
    settings : as given.
    audit : what is counted.
    bridge, others : its services but the simulator.
    """

    def __init__(
        self,
        number: int,
        settings: Settings,
        screen: LiveLine,
        on_tracks: Callable[[bytes], None] | None = None,
    ) -> None:
        self.settings = settings
        self.audit = FlowAudit(settings.radar.epoch or 0)
        self._on_tracks = on_tracks
        self._agent: AgentWatch | None = None
        self._stack = AsyncExitStack()
        suffix = f"-{number}" if settings.sim.bots > 1 else ""
        self.bridge, *self.others = (
            Child(name, screen, name + suffix) for name in services_of(settings) if name != SIM
        )

    async def __aenter__(self) -> Self:
        """Connect, without streams yet."""
        self._client = await self._stack.enter_async_context(
            connected(self.settings.nats, "qiki-up")
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop watching."""
        await self._stack.aclose()

    async def prepare(self, scenario: Scenario, *, is_ours: bool) -> None:
        """Make the streams, and begin to count.

        Parameters
        ----------
        scenario : that the streams are sized for.
        is_ours : the broker was started for this run.

        Raises
        ------
        SettingError : the broker is not as durable as asked, or a bot's share of
            ``streams.max_bytes`` holds too little.
        BrokerError : it refuses the streams.
        """
        await require_durable(self._client, self.settings, [])  # of streams the services ask
        await _apply_streams(self._client, self.settings, scenario, is_ours=is_ours)
        monitor = FlowMonitor(self._client, self.settings, self.audit, self._on_tracks)
        self._monitor = await self._stack.enter_async_context(monitor)
        if self.settings.up.agent:
            self._agent = await self._stack.enter_async_context(AgentWatch(self._client))

    def look(self) -> FlowAudit:
        """Return what is counted, with what the agent said last."""
        self.audit.agent = None if self._agent is None else self._agent.told
        return self.audit

    @property
    def services(self) -> list[Child]:
        """All its services, the bridge first."""
        return [self.bridge, *self.others]

    async def answering(self) -> dict[str, dict[str, Any]]:
        """Wait until each of its services answers; return their figures by name."""
        names = services_of(self.settings)
        found: dict[str, dict[str, Any]] = {}
        while not set(names) <= found.keys():
            found = await services_answering(self._client, names)
        return found

    async def end_watchers(self) -> None:
        """Stop the services that must not see the simulator go."""
        for child in self.others:
            if child.name in ENDED_FIRST:
                await child.stop()

    async def drain(self) -> None:
        """Wait until the bridge has answered what is stored, then stop the other services."""
        await self._monitor.drain(self.settings.up.drain_timeout_s, self.bridge.ended)
        for child in self.services:
            await child.stop()


def services_of(settings: Settings) -> tuple[str, ...]:
    """Return the services that run with these settings, simulator and bridge first."""
    wanted = {
        SIM: True,
        "bridge": True,
        "registrar": settings.up.registrar,
        "guard": settings.tracker.guard_rules is not None,
        "bios": settings.up.bios,
        "agent": settings.up.agent,
    }
    return tuple(name for name, is_wanted in wanted.items() if is_wanted)


async def _apply_streams(
    client: Client, settings: Settings, scenario: Scenario, *, is_ours: bool
) -> None:
    traffic = expected_traffic(settings, scenario)
    try:
        plans = stream_plans(settings.streams, settings.bridge, traffic)
    except SettingError as error:
        if (count := settings.sim.bots) == 1:
            raise
        raise SettingError(f"{error} for each bot, {count} times that in all") from error
    # Its own store is for this run; what a broker of somebody else's holds is not ours to give up.
    await apply(client.jetstream(), plans, force=is_ours)
    log.info(
        "streams_ready",
        keep_s=plans[0].config.max_age,
        frames_per_s=traffic.frames_per_s,
        detections_per_frame=traffic.detections_per_frame,
    )
