"""The simulator: it owns the world and its clock, runs the radars, publishes their frames."""

import asyncio
import heapq
from typing import NamedTuple

import structlog
from nats.aio.client import Client

from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.radar import BandFrames, Radar, Scenario
from qiki.serve.epoch import drawn
from qiki.serve.world_clock import WorldClock
from qiki.settings import Settings

LATE_NS = 500_000_000  # worth a warning

log = structlog.get_logger()


class Station(NamedTuple):
    """One radar of the scenario with its way to the broker."""

    radar: Radar
    sender: FrameSender


class Simulator:
    """Runs every radar of a scenario in real time.

    The frames of all radars are published in the order of their times, one after the other, and
    none is left out: after a pause of the broker they catch up together, because a tracker uses no
    frame that is older than one it has used.

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : seed, epoch, SR threshold.
    scenario : the world.

    Attributes
    ----------
    newest : the latest frame of the first radar, None before it.
    """

    def __init__(self, client: Client, settings: Settings, scenario: Scenario) -> None:
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
            )
            for index in range(len(scenario.sensors))
        ]
        self._stations = [
            Station(radar, FrameSender(publisher, radar.sensor_id)) for radar in radars
        ]
        self._late = False
        self._late_ns = max(LATE_NS, *(radar.period_ns for radar in radars))
        log.info("world_started", scenario=scenario.name, epoch=epoch, radars=len(radars))

    async def run(self, stop: asyncio.Event) -> None:
        """Publish frames until `stop` is set; the frame at hand is finished.

        Raises
        ------
        BrokerError : a frame cannot be stored.
        """
        due = [(0, index, 0) for index in range(len(self._stations))]  # elapsed ns, radar, number
        while await self._clock.reach(due[0][0], stop):
            elapsed_ns, index, number = due[0]
            await self._send(index, number)
            self._warn(elapsed_ns)
            period_ns = self._stations[index].radar.period_ns
            heapq.heapreplace(due, ((number + 1) * period_ns, index, number + 1))
        log.info("radars_stopped", frames=sum(number for _, _, number in due))

    async def _send(self, index: int, number: int) -> None:
        radar, sender = self._stations[index]
        frames = radar.frame(number).split(radar.sr_threshold_m)
        if index == 0:
            self.newest = frames
        await sender.send(frames)

    def _warn(self, elapsed_ns: int) -> None:
        """Say when the frames fall behind the clock, and when they have caught up."""
        behind_ns = self._clock.behind_ns(elapsed_ns)
        if self._late != (late := behind_ns > self._late_ns):
            self._late = late
            log.warning("behind" if late else "caught_up", seconds=behind_ns / 1e9)
