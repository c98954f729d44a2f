"""The simulator: it owns the world and its clock, and lets its bots go on in the order of time."""

import asyncio
import time
from collections.abc import Sequence
from typing import Literal, TypeAlias

import structlog
from nats.aio.client import Client

from qiki._core import CompiledModel
from qiki.radar import Scenario
from qiki.serve.bot import Bot
from qiki.serve.bot_plan import bot_plans
from qiki.serve.epoch import drawn
from qiki.serve.world_clock import WorldClock
from qiki.serve.world_commands import Reset
from qiki.serve.world_pace import LATE_NS, WorldPace
from qiki.settings import Settings

State: TypeAlias = Literal["RUNNING", "PAUSED", "STOPPED"]

log = structlog.get_logger()


class Simulator:
    """Runs the bots of a scenario, each with its radars, and does what commands ask of the world.

    All that happens in the world happens in the order of its times, one after the other: steps of
    the vehicles and frames. No frame is left out: after a pause of the broker they catch up
    together, because a tracker uses no frame that is older than one it has used. A world that is
    told to run faster than it can runs as fast as it can.

    Parameters
    ----------
    clients : for each bot an open connection to a broker with the declared streams.
    settings : number of bots, seed, epoch, SR threshold, vehicle, state at the start.
    scenario : the world.
    models : those that the scenario names.

    Attributes
    ----------
    bots : the vehicles with their radars, by number.
    state : the original's word for whether the world goes on.
    why_ended : why this world cannot go on, None while it can: a vehicle is outside.
    last_reset : the command by which this world began, None where no command began it.

    Raises
    ------
    VehicleError : the vehicle's file cannot be used.
    SettingError : several bots are asked for, and the world cannot have them.
    """

    def __init__(
        self,
        clients: Sequence[Client],
        settings: Settings,
        scenario: Scenario,
        models: Sequence[CompiledModel] = (),
    ) -> None:
        self.state: State = settings.sim.state
        self.last_reset: Reset | None = None
        self._settings = settings
        self._scenario = scenario
        self._clock = WorldClock(
            runs=self.state == "RUNNING", start_time_ns=settings.sim.start_time_ns
        )
        self._pace = WorldPace()
        plans = bot_plans(settings, scenario)
        self.bots = tuple(
            Bot(plan, client, settings, self, models)
            for plan, client in zip(plans, clients, strict=True)
        )
        self._begin(drawn(settings.radar.epoch))

    def _begin(self, epoch: int) -> None:
        """Put all vehicles and radars where they are at the start of the world."""
        self._epoch = epoch
        self.why_ended: str | None = None
        for bot in self.bots:
            bot.begin(epoch)
        self._tell_station()
        stations = [station for bot in self.bots for station in bot.stations]
        self._late_ns = max(LATE_NS, *(station.radar.period_ns for station in stations))
        self._pace.begin(0, time.monotonic_ns())
        ship = self.bots[0].own_ship
        log.info(
            "world_started",
            scenario=self._scenario.name,
            epoch=epoch,
            radars=len(stations),
            vehicle=None if ship is None else ship.config.name,
            state=self.state,
        )

    @property
    def time_ns(self) -> int:
        """World time, nanoseconds since 1970."""
        elapsed_ns, latest_ns = self._clock.elapsed_ns, self._latest_ns
        if latest_ns is not None:
            elapsed_ns = min(elapsed_ns, latest_ns)
        return self._clock.start_time_ns + elapsed_ns

    @property
    def start_time_ns(self) -> int:
        """World time at which this world began, nanoseconds since 1970."""
        return self._clock.start_time_ns

    @property
    def speed(self) -> float:
        """World time over real time while the world goes on."""
        return self._clock.speed

    @property
    def achieved_speed(self) -> float | None:
        """World time over real time of the last second or two; None where it stands, or began."""
        if not self._clock.runs:
            return None
        return self._pace.speed(self._progress_ns, time.monotonic_ns())

    @property
    def _progress_ns(self) -> int:
        """How far the world is: what is due has not happened yet [ns]."""
        return min(self._clock.elapsed_ns, self._due_ns)

    def start(self, speed: float = 1.0) -> None:
        """Let the world's clock run, so many times as fast as real time."""
        self._clock.resume(speed, self._latest_ns)
        self._pace.begin(self._progress_ns, time.monotonic_ns())
        self.state = "RUNNING"

    def pause(self) -> None:
        """Let the world's clock stand still; no frame is made meanwhile."""
        self._clock.pause(self._latest_ns)
        self.state = "PAUSED"

    def end(self) -> None:
        """Let the world's clock stand still, and call the world stopped."""
        self._clock.pause(self._latest_ns)
        self.state = "STOPPED"

    def reset(self) -> None:
        """Begin a new world, stopped at its start, in an epoch of its own.

        Its time is later than all of the old world's, so that trackers use its frames.
        """
        for bot in self.bots:
            bot.take_changes()
        self._clock.pause(self._latest_ns)
        self._clock.restart()
        self.state = "STOPPED"
        self._begin(max(drawn(None), self._epoch + 1))

    def step(self, duration_ns: int) -> None:
        """Let a world that stands go on for so long, as fast as it can, and stand again."""
        self._clock.step(duration_ns)

    async def run(self, stop: asyncio.Event) -> None:
        """Let the world happen until `stop` is set; the frame at hand is finished.

        Raises
        ------
        BrokerError : a frame cannot be stored.
        """
        while await self._clock.reach(self._due_ns, stop):
            for bot in self.bots:
                await bot.lockstep.passed(stop)
            if not stop.is_set() and self._clock.has_come(due_ns := self._due_ns):
                await self._go_on(due_ns)
        stations = [station for bot in self.bots for station in bot.stations]
        log.info(
            "radars_stopped",
            frames=sum(station.number for station in stations),
            held=sum(station.held for station in stations),
        )

    @property
    def _due_ns(self) -> int:
        """When something happens next, counted from the start [ns]."""
        return min(bot.due_ns for bot in self.bots)

    async def _go_on(self, due_ns: int) -> None:
        """Do what is due then: the steps of all vehicles before any frame."""
        ships = [bot.own_ship for bot in self.bots if bot.own_ship is not None]
        if any(ship.due_ns == due_ns for ship in ships):
            self._step()
        else:
            await self._send(due_ns)
        self._warn(due_ns)

    def _step(self) -> None:
        """Let all vehicles make their steps; they have one rate."""
        for bot in self.bots:
            if (reason := bot.step()) is not None:
                self._end_outside(bot, reason)
            if bot.holds_station:  # from here on nobody else can take it
                for other in self.bots:
                    other.forget_port()
        for bot in self.bots:
            bot.take_changes()
        self._tell_station()
        for bot in self.bots:
            bot.stepped()

    async def _send(self, due_ns: int) -> None:
        """Send what is due then, of each bot that of one radar.

        All of it is made before any of it is sent: what a bot does about its frame changes no frame
        of the same time.
        """
        taken = [bot.take(due_ns, self.bots) for bot in self.bots]
        sends = [outgoing.send() for outgoing in taken if outgoing is not None]
        if len(sends) == 1:
            await sends[0]
            return
        for result in await asyncio.gather(*sends, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result

    def _end_outside(self, bot: Bot, reason: str) -> None:
        """End the world, one of whose vehicles is where no radar can be."""
        self.end()
        vehicle = "the vehicle" if len(self.bots) == 1 else f"the vehicle of bot {bot.plan.number}"
        self.why_ended = f"{vehicle} has left the world, its {reason}: send sim.reset"
        remedy = "sim.reset begins a new world"
        bot.log.error("vehicle_left_world", reason=reason, remedy=remedy)

    def _tell_station(self) -> None:
        """Tell the vehicles where the station is; of its port only one, while that has it."""
        holder = next((bot for bot in self.bots if bot.holds_station), None)
        for bot in self.bots:
            bot.tell_station(is_port_free=holder in (None, bot))

    def _warn(self, due_ns: int) -> None:
        """Say when the world falls behind, and when it has caught up."""
        if not self._clock.runs:
            return
        if not self._settings.sim.lockstep:  # there it is whoever decides for whom the world waits
            speed = self._clock.speed
            late_ns = int(self._clock.behind_ns(due_ns) / speed)
            allowed_ns = max(LATE_NS, int(self._late_ns / speed))
            self._pace.tell(self._progress_ns, time.monotonic_ns(), late_ns, allowed_ns, speed)
        if (latest_ns := self._latest_ns) is not None and latest_ns < self._clock.elapsed_ns:
            self._clock.resume(self._clock.speed, latest_ns)

    @property
    def _latest_ns(self) -> int | None:
        """Where the clock is at the latest, counted from the start [ns]; None: anywhere.

        In lock-step, faster than real time, and in the middle of a step, it waits for the world:
        else a pause would come long after it was asked for, and world time would be far from what
        happens.
        """
        if self._clock.runs and self._settings.sim.lockstep:
            return self._due_ns
        if self._clock.runs:
            return self._due_ns + self._late_ns if self._clock.speed > 1.0 else None
        is_stepping = self._clock.has_come(self._due_ns)
        return self._due_ns if is_stepping else None
