"""The simulator: it owns the world and its clock, runs vehicle and radars, publishes frames."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import structlog
from nats.aio.client import Client

from qiki._core import CompiledModel
from qiki.bus.command_message import Scalar
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.radar import BandFrames, Radar, Scenario
from qiki.serve.docking_station import docking_station
from qiki.serve.epoch import drawn
from qiki.serve.latest_feed import LatestFeed
from qiki.serve.lockstep import Lockstep
from qiki.serve.model_faults import ModelFaults
from qiki.serve.own_ship import OwnShip, vehicle_config
from qiki.serve.ship_way import ShipWay
from qiki.serve.station import Station
from qiki.serve.vehicle_changes import VehicleChanges
from qiki.serve.world_clock import WorldClock
from qiki.settings import Settings

LATE_NS = 500_000_000  # worth a warning
FRAMES_KEPT = 8  # for each reader of the feed

State: TypeAlias = Literal["RUNNING", "PAUSED", "STOPPED"]

log = structlog.get_logger()


class Simulator:
    """Runs the vehicle and every radar of a scenario, and does what commands ask of the world.

    All that happens in the world happens in the order of its times, one after the other: steps of
    the vehicle and frames. No frame is left out: after a pause of the broker they catch up
    together, because a tracker uses no frame that is older than one it has used. A world that is
    told to run faster than it can runs as fast as it can.

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : seed, epoch, SR threshold, vehicle, state at the start.
    scenario : the world.
    models : those that the scenario names.

    Attributes
    ----------
    newest : the latest frame in which the first radar looked, None before it.
    own_ship : the vehicle, None for a world without one.
    state : the original's word for whether the world goes on.
    why_ended : why this world cannot go on, None while it can: its vehicle is outside.
    frames : feed of the frames in which a radar looked.
    steps : feed of the vehicles that have just made a step.
    changes : what changed in the vehicle, also of a world that was reset since.
    lockstep : holds the world at each tick, where the settings say so.

    Raises
    ------
    VehicleError : the vehicle's file cannot be used.
    """

    def __init__(
        self,
        client: Client,
        settings: Settings,
        scenario: Scenario,
        models: Sequence[CompiledModel] = (),
    ) -> None:
        self.state: State = settings.sim.state
        self.frames: LatestFeed[BandFrames] = LatestFeed(FRAMES_KEPT)
        self.steps: LatestFeed[OwnShip] = LatestFeed(1)
        self.changes = VehicleChanges()
        self._settings = settings
        self._scenario = scenario
        self._models = models
        self._publisher = Publisher(client, settings.nats.publish_timeout_s)
        self._vehicle = vehicle_config(settings.vehicle.config)
        self._clock = WorldClock(
            runs=self.state == "RUNNING", start_time_ns=settings.sim.start_time_ns
        )
        self.lockstep = Lockstep(is_on=settings.sim.lockstep)
        self._begin(drawn(settings.radar.epoch))

    def _begin(self, epoch: int) -> None:
        """Put vehicle and radars where they are at the start of the world."""
        self._epoch = epoch
        radar_settings, vehicle_settings = self._settings.radar, self._settings.vehicle
        self.newest: BandFrames | None = None
        self.why_ended: str | None = None
        self.own_ship = (
            None
            if self._vehicle is None
            else OwnShip(self._vehicle, vehicle_settings.rate_hz, self._scenario.own_ship_start)
        )
        radars = [
            Radar(
                self._scenario,
                sensor=index,
                seed=radar_settings.seed,
                epoch=epoch,
                start_time_ns=self._clock.start_time_ns,
                sr_threshold_m=radar_settings.sr_threshold_m,
                models=self._models,
            )
            for index in range(len(self._scenario.sensors))
        ]
        self._stations = [
            Station(
                radar,
                FrameSender(self._publisher, radar.sensor_id, radar_settings.encoding),
                self._clock.start_time_ns,
            )
            for radar in radars
        ]
        self._way = ShipWay(max(radar.longest_frame_ns for radar in radars))
        heading_deg = vehicle_settings.station_heading_deg
        self._docking_station = docking_station(self._scenario, radars[0], heading_deg)
        self._tell_station()
        self._model_faults = [ModelFaults(radar.sensor.name) for radar in radars]
        self._late = False
        self._late_ns = max(LATE_NS, *(radar.period_ns for radar in radars))
        self._power()
        log.info(
            "world_started",
            scenario=self._scenario.name,
            epoch=epoch,
            radars=len(radars),
            vehicle=None if self.own_ship is None else self.own_ship.config.name,
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
    def why_no_frames(self) -> str | None:
        """Why the first radar makes none now, and what helps; None where it does.

        A world that is paused shows its last one.
        """
        station = self._stations[0]
        if self.why_ended is not None:
            return self.why_ended
        if self.state == "STOPPED":
            return "the world is STOPPED, must be RUNNING: send the command sim.start"
        if not station.is_on:
            return f"radar {self.sensor_names[0]} is off: send the command sim.radar.on"
        if not station.has_power and self.own_ship is not None:
            reason = self.own_ship.why_unpowered
            return f"the radar has no power ({reason}): power.dock.on gives a station's"
        return None

    @property
    def speed(self) -> float:
        """World time over real time while the world goes on."""
        return self._clock.speed

    @property
    def sensor_names(self) -> tuple[str, ...]:
        """Names of the radars, in the scenario's order."""
        return tuple(station.radar.sensor.name for station in self._stations)

    def start(self, speed: float = 1.0) -> None:
        """Let the world's clock run, so many times as fast as real time."""
        self._clock.resume(speed, self._latest_ns)
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
        self._take_changes()
        self._clock.pause(self._latest_ns)
        self._clock.restart()
        self.lockstep.begin()
        self.state = "STOPPED"
        self._begin(max(drawn(None), self._epoch + 1))

    def step(self, duration_ns: int) -> None:
        """Let a world that stands go on for so long, as fast as it can, and stand again."""
        self._clock.step(duration_ns)

    def switch_radar(self, sensor: str, *, on: bool) -> None:
        """Switch the radar of that name; while it is off, clock frames say that time passes.

        They all take their power from one load of the vehicle, which is off when all of them are.
        """
        self._stations[self.sensor_names.index(sensor)].is_on = on
        if self.own_ship is not None:
            self.own_ship.switch_radar(on=any(station.is_on for station in self._stations))

    def add_fault(
        self, sensor: str, fault: str | Mapping[str, Mapping[str, Scalar]], duration_s: float | None
    ) -> None:
        """Let something go wrong with the radar of that name, from its next frame on.

        Raises
        ------
        ScenarioError : an unknown fault, or a value outside its limits.
        CapacityError : the radar has too many faults.
        """
        station = self._stations[self.sensor_names.index(sensor)]
        next_ns = station.radar.frame_time_ns(station.number)
        from_s = (next_ns - self._clock.start_time_ns) / 1e9
        document = {"from_s": from_s, "fault": fault}
        if duration_s is not None:
            document["until_s"] = from_s + duration_s
        station.radar = station.radar.with_fault(json.dumps(document))

    def repair(self, sensor: str) -> None:
        """End every fault of the radar of that name, those of the scenario, too."""
        station = self._stations[self.sensor_names.index(sensor)]
        station.radar = station.radar.repaired()

    async def run(self, stop: asyncio.Event) -> None:
        """Let the world happen until `stop` is set; the frame at hand is finished.

        Raises
        ------
        BrokerError : a frame cannot be stored.
        """
        while await self._clock.reach(self._due_ns, stop):
            await self.lockstep.passed(stop)
            if not stop.is_set() and self._clock.has_come(due_ns := self._due_ns):
                await self._go_on(due_ns)
        log.info(
            "radars_stopped",
            frames=sum(station.number for station in self._stations),
            held=sum(station.held for station in self._stations),
        )

    @property
    def _due_ns(self) -> int:
        """When something happens next, counted from the start [ns]."""
        due_ns = min(station.due_ns for station in self._stations)
        return due_ns if self.own_ship is None else min(due_ns, self.own_ship.due_ns)

    async def _go_on(self, due_ns: int) -> None:
        """Do what is due then."""
        if self.own_ship is not None and self.own_ship.due_ns == due_ns:
            self.own_ship.step()
            if (reason := self.own_ship.vehicle.why_outside) is None:
                self._way.note(self.own_ship.vehicle, self.start_time_ns)
            else:
                self._end_outside(reason)
            self._take_changes()
            self._tell_station()
            self.steps.publish(self.own_ship)
            self._power()
        else:
            dues = [station.due_ns for station in self._stations]
            await self._send(dues.index(due_ns))
        self._warn(due_ns)

    def _end_outside(self, reason: str) -> None:
        """End the world, whose vehicle is where no radar can be."""
        self.end()
        self.why_ended = f"the vehicle has left the world, its {reason}: send sim.reset"
        log.error("vehicle_left_world", reason=reason, remedy="sim.reset begins a new world")

    def _tell_station(self) -> None:
        """Tell the vehicle where the station is that it may dock to."""
        ship = self.own_ship
        if ship is not None and self._docking_station is not None:
            self._docking_station.tell(ship, self.start_time_ns + ship.vehicle.time_ns)

    def _take_changes(self) -> None:
        if self.own_ship is not None:
            self.changes.take(self.own_ship, self.start_time_ns)

    def _power(self) -> None:
        """Give the radars power, or take it from them, as the vehicle has it."""
        if self.own_ship is None:
            return
        has_power = self.own_ship.powers_radar
        if has_power != self._stations[0].has_power:
            reason = {} if has_power else {"reason": self.own_ship.why_unpowered}
            log.warning("radars_powered" if has_power else "radars_unpowered", **reason)
        for station in self._stations:
            station.has_power = has_power

    async def _send(self, index: int) -> None:
        station = self._stations[index]
        if self.own_ship is not None and not station.radar.is_stuck(station.number):
            station.radar = self._way.told(station.radar, self.own_ship.vehicle)
        arrival = station.take()
        if arrival is None:
            return
        self._model_faults[index].tell(arrival)
        frames = arrival.frame.split(station.radar.sr_threshold_m)
        # A clock frame shows nobody what is there.
        is_newest = self.newest is None or frames.all.number > self.newest.all.number
        if index == 0 and is_newest and not arrival.frame.coverage.is_empty:
            self.newest = frames
        if not arrival.frame.coverage.is_empty:
            self.frames.publish(frames)
        is_spoiled = arrival.fault is not None
        if index == 0 and not arrival.copy:  # before it is sent: its tick may be done at once
            self.lockstep.hold(frames.all.number)
        await station.sender.send(frames, copy=arrival.copy, model_fault=is_spoiled)

    def _warn(self, due_ns: int) -> None:
        """Say when the world falls behind its clock, and when it has caught up."""
        if not self._clock.runs:
            return
        # In lock-step it is whoever decides for whom the world waits.
        behind_ns = 0 if self.lockstep.is_on else self._clock.behind_ns(due_ns)
        late = behind_ns > (self._late_ns // 2 if self._late else self._late_ns)
        if self._late != late:
            self._late = late
            seconds, speed = behind_ns / 1e9, self._clock.speed
            log.warning("behind" if late else "caught_up", seconds=seconds, speed=speed)
        if (latest_ns := self._latest_ns) is not None and latest_ns < self._clock.elapsed_ns:
            self._clock.resume(self._clock.speed, latest_ns)

    @property
    def _latest_ns(self) -> int | None:
        """Where the clock is at the latest, counted from the start [ns]; None: anywhere.

        In lock-step, faster than real time, and in the middle of a step, it waits for the world:
        else a pause would come long after it was asked for, and world time would be far from what
        happens.
        """
        if self._clock.runs and self.lockstep.is_on:
            return self._due_ns
        if self._clock.runs:
            return self._due_ns + self._late_ns if self._clock.speed > 1.0 else None
        is_stepping = self._clock.has_come(self._due_ns)
        return self._due_ns if is_stepping else None
