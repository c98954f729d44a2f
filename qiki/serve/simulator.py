"""The simulator: it owns the world and its clock, runs the radars, publishes their frames."""

import asyncio
import heapq
import json
from collections.abc import Mapping, Sequence

import structlog
from nats.aio.client import Client

from qiki._core import CompiledModel
from qiki.bus.command_message import Scalar
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.radar import BandFrames, Radar, Scenario
from qiki.serve.epoch import drawn
from qiki.serve.model_faults import ModelFaults
from qiki.serve.station import Station
from qiki.serve.world_clock import WorldClock
from qiki.settings import Settings

LATE_NS = 500_000_000  # worth a warning

log = structlog.get_logger()


class Simulator:
    """Runs every radar of a scenario in real time, and does what commands ask of the world.

    The frames of all radars are published in the order of their times, one after the other, and
    none is left out: after a pause of the broker they catch up together, because a tracker uses no
    frame that is older than one it has used.

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : seed, epoch, SR threshold.
    scenario : the world.
    models : those that the scenario names.

    Attributes
    ----------
    newest : the latest frame in which the first radar looked, None before it.
    """

    def __init__(
        self,
        client: Client,
        settings: Settings,
        scenario: Scenario,
        models: Sequence[CompiledModel] = (),
    ) -> None:
        self.newest: BandFrames | None = None
        self._clock = WorldClock()
        publisher = Publisher(client, settings.nats.publish_timeout_s)
        epoch = drawn(settings.radar.epoch)
        radars = [
            Radar(
                scenario,
                sensor=index,
                seed=settings.radar.seed,
                epoch=epoch,
                start_time_ns=self._clock.start_time_ns,
                sr_threshold_m=settings.radar.sr_threshold_m,
                models=models,
            )
            for index in range(len(scenario.sensors))
        ]
        self._stations = [
            Station(radar, FrameSender(publisher, radar.sensor_id), self._clock.start_time_ns)
            for radar in radars
        ]
        self._model_faults = [ModelFaults(radar.sensor.name) for radar in radars]
        self._late = False
        self._late_ns = max(LATE_NS, *(radar.period_ns for radar in radars))
        log.info("world_started", scenario=scenario.name, epoch=epoch, radars=len(radars))

    @property
    def time_ns(self) -> int:
        """World time, nanoseconds since 1970."""
        return self._clock.start_time_ns + self._clock.elapsed_ns

    @property
    def sensor_names(self) -> tuple[str, ...]:
        """Names of the radars, in the scenario's order."""
        return tuple(station.radar.sensor.name for station in self._stations)

    def start(self) -> None:
        """Let the world's clock run."""
        self._clock.resume()

    def pause(self) -> None:
        """Let the world's clock stand still; no frame is made meanwhile."""
        self._clock.pause()

    def switch_radar(self, sensor: str, *, on: bool) -> None:
        """Switch the radar of that name; while it is off, clock frames say that time passes."""
        self._stations[self.sensor_names.index(sensor)].is_on = on

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
        """Publish frames until `stop` is set; the frame at hand is finished.

        Raises
        ------
        BrokerError : a frame cannot be stored.
        """
        due = [(station.due_ns, index) for index, station in enumerate(self._stations)]
        while await self._clock.reach(due[0][0], stop):
            elapsed_ns, index = due[0]
            await self._send(index)
            self._warn(elapsed_ns)
            heapq.heapreplace(due, (self._stations[index].due_ns, index))
        log.info(
            "radars_stopped",
            frames=sum(station.number for station in self._stations),
            held=sum(station.held for station in self._stations),
        )

    async def _send(self, index: int) -> None:
        station = self._stations[index]
        arrival = station.take()
        if arrival is None:
            return
        self._model_faults[index].tell(arrival)
        frames = arrival.frame.split(station.radar.sr_threshold_m)
        # A clock frame shows nobody what is there.
        is_newest = self.newest is None or frames.all.number > self.newest.all.number
        if index == 0 and is_newest and not arrival.frame.coverage.is_empty:
            self.newest = frames
        is_spoiled = arrival.fault is not None
        await station.sender.send(frames, copy=arrival.copy, model_fault=is_spoiled)

    def _warn(self, elapsed_ns: int) -> None:
        """Say when the frames fall behind the clock, and when they have caught up."""
        behind_ns = self._clock.behind_ns(elapsed_ns)
        if self._late != (late := behind_ns > self._late_ns):
            self._late = late
            log.warning("behind" if late else "caught_up", seconds=behind_ns / 1e9)
