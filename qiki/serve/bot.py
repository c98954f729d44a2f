"""One vehicle of the running world with its radars: what it does, what is known and told of it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

import structlog
from nats.aio.client import Client

from qiki._core import CompiledModel
from qiki.bus.command_message import Scalar
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.radar import BandFrames, Radar
from qiki.serve import world_commands
from qiki.serve.bot_plan import BotPlan
from qiki.serve.docking_station import DockingStation, docking_station
from qiki.serve.latest_feed import LatestFeed
from qiki.serve.lockstep import Lockstep
from qiki.serve.model_faults import ModelFaults
from qiki.serve.own_ship import OwnShip
from qiki.serve.ship_way import ShipWay
from qiki.serve.station import Station
from qiki.serve.vehicle_changes import VehicleChanges
from qiki.settings import Settings

FRAMES_KEPT = 8  # for each reader of the feed

log = structlog.get_logger()


class World(world_commands.World, Protocol):
    """The world that a bot is in."""

    @property
    def start_time_ns(self) -> int:
        """World time at which this world began, nanoseconds since 1970."""

    @property
    def speed(self) -> float:
        """World time over real time that is asked for while the world goes on."""

    @property
    def achieved_speed(self) -> float | None:
        """World time over real time as it was just now; None where the world stands."""


class Outgoing(NamedTuple):
    """Frames that were made and wait to be sent."""

    station: Station
    frames: BandFrames
    copy: int
    is_spoiled: bool

    async def send(self) -> None:
        """Store them.

        Raises
        ------
        BrokerError : they cannot be stored.
        """
        await self.station.sender.send(self.frames, copy=self.copy, model_fault=self.is_spoiled)


class Bot:
    """A vehicle with every radar of its scenario. The world says when it goes on.

    Parameters
    ----------
    plan : its number, vehicle, scenario, start and seed.
    client : an open connection to a broker with the declared streams: its own, of several bots.
    settings : SR threshold, rate of the vehicle, encoding of frames.
    world : the world that it is in.
    models : those that the scenario names.

    Attributes
    ----------
    newest : the latest frame in which its first radar looked, None before it.
    own_ship : the vehicle, None for a world without one.
    way : where the vehicle was, as far as radars look back.
    frames : feed of the frames in which a radar looked.
    steps : feed of the vehicles that have just made a step.
    changes : what changed in the vehicle, also of a world that was reset since.
    lockstep : holds the world at each tick of this bot, where the settings say so.
    log : says which bot it is, of several.
    """

    def __init__(
        self,
        plan: BotPlan,
        client: Client,
        settings: Settings,
        world: World,
        models: Sequence[CompiledModel] = (),
    ) -> None:
        self.plan = plan
        self.world = world
        self.frames: LatestFeed[BandFrames] = LatestFeed(FRAMES_KEPT)
        self.steps: LatestFeed[OwnShip] = LatestFeed(1)
        self.changes = VehicleChanges()
        self.lockstep = Lockstep(is_on=settings.sim.lockstep)
        self._settings = settings
        self._models = models
        self._publisher = Publisher(client, settings.nats.publish_timeout_s)
        self.log = log.bind(bot=plan.number) if plan.others else log

    def begin(self, epoch: int) -> None:
        """Put vehicle and radars where they are at the start of the world."""
        plan, settings = self.plan, self._settings
        start_time_ns = self.world.start_time_ns
        self.newest: BandFrames | None = None
        self.own_ship = (
            None
            if plan.vehicle is None
            else OwnShip(plan.vehicle, settings.vehicle.rate_hz, plan.start)
        )
        radars = [
            Radar(
                plan.scenario,
                sensor=index,
                seed=plan.seed,
                epoch=epoch,
                start_time_ns=start_time_ns,
                sr_threshold_m=settings.radar.sr_threshold_m,
                models=self._models,
            )
            for index in range(len(plan.scenario.sensors))
        ]
        self.stations = [
            Station(
                radar,
                FrameSender(self._publisher, radar.sensor_id, settings.radar.encoding),
                start_time_ns,
            )
            for radar in radars
        ]
        self.way = ShipWay(max(radar.longest_frame_ns for radar in radars))
        heading_deg = settings.vehicle.station_heading_deg
        self._docking_station = docking_station(plan.scenario, radars[0], heading_deg)
        self._model_faults = [ModelFaults(radar.sensor.name, self.log) for radar in radars]
        self.lockstep.begin()
        self._power()

    @property
    def time_ns(self) -> int:
        """World time, nanoseconds since 1970."""
        return self.world.time_ns

    @property
    def start_time_ns(self) -> int:
        """World time at which this world began, nanoseconds since 1970."""
        return self.world.start_time_ns

    @property
    def due_ns(self) -> int:
        """When something happens next to this bot, counted from the start [ns]."""
        due_ns = min(station.due_ns for station in self.stations)
        return due_ns if self.own_ship is None else min(due_ns, self.own_ship.due_ns)

    @property
    def sensor_names(self) -> tuple[str, ...]:
        """Names of the radars, in the scenario's order."""
        return tuple(station.radar.sensor.name for station in self.stations)

    @property
    def why_no_frames(self) -> str | None:
        """Why the first radar makes none now, and what helps; None where it does.

        A world that is paused shows its last one.
        """
        station = self.stations[0]
        if self.world.why_ended is not None:
            return self.world.why_ended
        if self.world.state == "STOPPED":
            return "the world is STOPPED, must be RUNNING: send the command sim.start"
        if not station.is_on:
            return f"radar {self.sensor_names[0]} is off: send the command sim.radar.on"
        if not station.has_power and self.own_ship is not None:
            reason = self.own_ship.why_unpowered
            return f"the radar has no power ({reason}): power.dock.on gives a station's"
        return None

    def switch_radar(self, sensor: str, *, on: bool) -> None:
        """Switch the radar of that name; while it is off, clock frames say that time passes.

        They all take their power from one load of the vehicle, which is off when all of them are.
        """
        self._station_of(sensor).is_on = on
        if self.own_ship is not None:
            self.own_ship.switch_radar(on=any(station.is_on for station in self.stations))

    def add_fault(
        self, sensor: str, fault: str | Mapping[str, Mapping[str, Scalar]], duration_s: float | None
    ) -> None:
        """Let something go wrong with the radar of that name, from its next frame on.

        Raises
        ------
        ScenarioError : an unknown fault, or a value outside its limits.
        CapacityError : the radar has too many faults.
        """
        station = self._station_of(sensor)
        next_ns = station.radar.frame_time_ns(station.number)
        from_s = (next_ns - self.start_time_ns) / 1e9
        document = {"from_s": from_s, "fault": fault}
        if duration_s is not None:
            document["until_s"] = from_s + duration_s
        station.radar = station.radar.with_fault(json.dumps(document))

    def repair(self, sensor: str) -> None:
        """End every fault of the radar of that name, those of the scenario, too."""
        station = self._station_of(sensor)
        station.radar = station.radar.repaired()

    def _station_of(self, sensor: str) -> Station:
        return self.stations[self.sensor_names.index(sensor)]

    def step(self) -> str | None:
        """Let the vehicle make its step; return why it left the world, None while it is there."""
        if self.own_ship is None:
            return None
        self.own_ship.step()
        reason = self.own_ship.vehicle.why_outside
        if reason is None:
            self.way.note(self.own_ship.vehicle, self.start_time_ns)
        return reason

    def stepped(self) -> None:
        """Tell of a step, when all bots have made theirs."""
        if self.own_ship is not None:
            self.steps.publish(self.own_ship)
            self._power()

    @property
    def holds_station(self) -> bool:
        """Whether the vehicle has the station's port."""
        return self.own_ship is not None and DockingStation.holds(self.own_ship)

    def tell_station(self, *, is_port_free: bool) -> None:
        """Tell the vehicle where the station is, and of the port that it may dock to."""
        ship, station = self.own_ship, self._docking_station
        if ship is not None and station is not None:
            time_ns = self.start_time_ns + ship.vehicle.time_ns
            station.tell(ship, time_ns, is_port_free=is_port_free)

    def forget_port(self) -> None:
        """Let the vehicle know of no port: another has it."""
        if self.own_ship is not None:
            DockingStation.forget_port(self.own_ship)

    def take_changes(self) -> None:
        """Take what changed in the vehicle."""
        if self.own_ship is not None:
            self.changes.take(self.own_ship, self.start_time_ns)

    def take(self, due_ns: int, bots: Sequence["Bot"]) -> Outgoing | None:
        """Let the first radar look that is due then; return what goes out, None where nothing does.

        Parameters
        ----------
        due_ns : counted from the start [ns].
        bots : all of the world, by number.
        """
        dues = [station.due_ns for station in self.stations]
        if due_ns not in dues:
            return None
        index = dues.index(due_ns)
        station = self.stations[index]
        if self.own_ship is not None and not station.radar.is_stuck(station.number):
            others = [(target, bots[number - 1]) for target, number in self.plan.others]
            station.radar = self._told(station.radar, self.own_ship, others)
        arrival = station.take()
        if arrival is None:
            return None
        self._model_faults[index].tell(arrival)
        frames = arrival.frame.split(station.radar.sr_threshold_m)
        # A clock frame shows nobody what is there.
        is_newest = self.newest is None or frames.all.number > self.newest.all.number
        if index == 0 and is_newest and not arrival.frame.coverage.is_empty:
            self.newest = frames
        if not arrival.frame.coverage.is_empty:
            self.frames.publish(frames)
        if index == 0 and not arrival.copy:  # before it is sent: its tick may be done at once
            self.lockstep.hold(frames.all.number)
        return Outgoing(station, frames, arrival.copy, arrival.fault is not None)

    def _told(self, radar: Radar, ship: OwnShip, others: Iterable[tuple[int, "Bot"]]) -> Radar:
        """Return the radar as it is with all vehicles on their ways."""
        radar = self.way.told(radar, ship.vehicle)
        for target, other in others:
            if other.own_ship is not None:
                radar = other.way.told_target(radar, target, other.own_ship.vehicle)
        return radar

    def _power(self) -> None:
        """Give the radars power, or take it from them, as the vehicle has it."""
        if self.own_ship is None:
            return
        has_power = self.own_ship.powers_radar
        if has_power != self.stations[0].has_power:
            reason = {} if has_power else {"reason": self.own_ship.why_unpowered}
            self.log.warning("radars_powered" if has_power else "radars_unpowered", **reason)
        for station in self.stations:
            station.has_power = has_power
