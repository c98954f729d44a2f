"""The default world in one process: simulator, tracker and agent in lock-step, without a bus.

Each frame is a tick. The world is stepped as `qiki.serve.simulator` does it, the tracker has the
settings of the bridge, telemetry goes through its message, and actions act as services let them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from qiki.agent.agent import Agent
from qiki.agent.alert import StandingAlerts
from qiki.agent.craft import craft_of
from qiki.agent.loop import AgentLoop, Decision, Failure, Known
from qiki.agent.picture import Picture
from qiki.agent.proposal import Command, Wrench
from qiki.agent.trust import Trust, Verdict
from qiki.agent.vehicle_view import vehicle_view
from qiki.agent.view import View
from qiki.bus.command_message import CommandRefused
from qiki.radar import Radar, Scenario
from qiki.serve.docking_station import docking_station
from qiki.serve.own_ship import OwnShip, vehicle_config
from qiki.serve.ship_way import ShipWay
from qiki.serve.telemetry_snapshot import sim_state, telemetry_snapshot
from qiki.serve.tracker_config import guard_rules, tracker_config, with_parameters_of
from qiki.serve.vehicle_commands import VEHICLE_COMMANDS
from qiki.settings import TrackerSettings, VehicleSettings
from qiki.tracking import FrameTracker, ObjectType
from qiki.wire import decode_tracks, encode_frame

NAME = "reference"
MIN_QUALITY = 0.5
WELL = {name: Trust(Verdict.OK, 0.0) for name in ("tracks", "vehicle", "bios")}


class Tick(NamedTuple):
    """What a tick saw and came to."""

    view: View
    decision: Decision
    raised: list


@dataclass
class World:
    """A scenario with its vehicle, radar and tracker, from its start on."""

    scenario: Scenario
    seed: int
    settings: VehicleSettings = field(default_factory=VehicleSettings)

    def __post_init__(self):
        config = vehicle_config(self.settings.config)
        self.radar = Radar(self.scenario, seed=self.seed, epoch=1)
        self.ship = OwnShip(config, self.settings.rate_hz, self.scenario.own_ship_start)
        self.way = ShipWay(self.radar.longest_frame_ns)
        heading_deg = self.settings.station_heading_deg
        self.station = docking_station(self.scenario, self.radar, heading_deg)
        tracker = with_parameters_of(self.scenario, TrackerSettings(guard_rules="default"))
        self.tracker = FrameTracker(tracker_config(tracker), guard_rules=guard_rules(tracker))
        self.craft = craft_of(config, heading_deg)
        self.picture, self.alerts = Picture(), StandingAlerts()
        self._tell()

    def _tell(self):
        if self.station is not None:
            self.station.tell(self.ship, self.ship.vehicle.time_ns)

    def frames(self) -> Iterator[list]:
        """Go on frame by frame; yield the alerts that each raises."""
        number = 0
        while True:
            due_ns = self.radar.frame_time_ns(number)
            while self.ship.due_ns <= due_ns:
                self.ship.step()
                self.way.note(self.ship.vehicle, 0)
                self._tell()
            radar = self.way.told(self.radar, self.ship.vehicle)
            answer = self.tracker.answer(encode_frame(radar.frame(number)))
            message = decode_tracks(answer.payload)
            self.picture.take(message)
            yield self.alerts.take(message.alerts)
            number += 1

    @property
    def time_ns(self):
        return self.ship.vehicle.time_ns

    def vehicle_view(self):
        state = sim_state("RUNNING", 1.0)
        return vehicle_view(telemetry_snapshot(self.ship, state, self.time_ns, 0))

    def carry_out(self, action):
        """Do what an action asks, as the service does over gRPC and by a command."""
        match action:
            case Wrench():
                if self.ship.vehicle.propellant_kg <= 0:
                    raise CommandRefused("rejected", "propellant is 0 kg")
                self.ship.vehicle.command(
                    action.force_n, action.torque_n_m, duration_ns=round(action.duration_s * 1e9)
                )
            case Command():
                VEHICLE_COMMANDS[action.name].act(self.ship, action.parameters)

    def nearest_m(self) -> Mapping[str, float]:
        """Return how far every target is from the vehicle now, by its name [m]."""
        truth = self.radar.truth(self.time_ns)
        away_m = np.linalg.norm(truth.position_m - self.ship.vehicle.position_m, axis=1)
        away_m = np.where(truth.is_present, away_m, np.inf)
        return dict(zip(self.radar.target_names, away_m.tolist(), strict=True))


def station_names(scenario):
    return [it.id for it in scenario.targets if it.object_type == ObjectType.STATION]


def ticks(world: World, agent: Agent, mission: str, trust=lambda time_s: WELL) -> Iterator[Tick]:
    """Let an agent fly the vehicle of a world; yield each tick when it is done."""
    loop, period_s = AgentLoop(), world.radar.period_ns / 1e9
    for raised in world.frames():
        known = Known(
            time_ns=world.time_ns,
            period_s=period_s,
            tracks=world.picture.confirmed(MIN_QUALITY),
            vehicle=world.vehicle_view(),
            raised=raised,
            standing=world.alerts.all,
            trust=trust(world.time_ns / 1e9),
            mission=mission,
            craft=world.craft,
        )
        view = loop.look(known)
        decision = loop.decide((NAME, it) for it in agent.decide(view))
        failures = {}
        for verdict in decision.accepted:
            try:
                for action in verdict.proposal.actions:
                    world.carry_out(action)
            except CommandRefused as refused:
                failures[verdict.key] = Failure(str(refused), is_refused=True)
        loop.finish(decision, failures)
        yield Tick(view, decision, raised)
