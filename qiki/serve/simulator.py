"""The simulator: it owns the world and its clock, runs the radars, publishes their frames."""

import asyncio
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

    A radar's frames are published in order and none is left out: after a pause of the broker it
    catches up.

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
        log.info("world_started", scenario=scenario.name, epoch=epoch, radars=len(radars))

    async def run(self, stop: asyncio.Event) -> None:
        """Publish frames until `stop` is set; the frame at hand is finished.

        Raises
        ------
        BrokerError : a frame cannot be stored.
        """
        await asyncio.gather(*(self._run(station, stop) for station in self._stations))

    async def _run(self, station: Station, stop: asyncio.Event) -> None:
        radar = station.radar
        number = 0
        late = False
        while await self._clock.reach(number * radar.period_ns, stop):
            frames = radar.frame(number).split(radar.sr_threshold_m)
            if station is self._stations[0]:
                self.newest = frames
            await station.sender.send(frames)
            behind_ns = self._clock.behind_ns(number * radar.period_ns)
            if late != (late := behind_ns > max(radar.period_ns, LATE_NS)):
                log.warning("behind" if late else "caught_up", seconds=behind_ns / 1e9)
            number += 1
        log.info("radar_stopped", sensor_id=radar.sensor_id, frames=number)
