"""Agents that the tests of the service run."""

import hashlib
import time

import msgspec
import numpy as np

from qiki._core import WorldBatch
from qiki.agent.agent import Agent
from qiki.agent.policy import PolicyAgent
from qiki.agent.proposal import Command, Proposal, ProposalType, Wrench


class Pusher(Agent):
    """Pushes forward for a fifth of a second at every tick, and says which tick it is."""

    def decide(self, view):
        if view.vehicle is None:
            return []
        wrench = Wrench(force_n=(0.0, 20.0, 0.0), duration_s=0.2)
        return [
            Proposal(
                name="push",
                type=ProposalType.PLANNING,
                justification=f"{len(view.tracks)} tracks, mission {view.mission}",
                actions=(wrench,),
            )
        ]


class Silencer(Agent):
    """Switches the transponder off once, and asks for what nobody can do at each later tick."""

    def decide(self, view):
        if view.vehicle is None or view.vehicle.transponder_mode == "OFF":
            return []
        quiet = Command("sim.xpdr.mode", {"mode": "OFF"})
        return [
            Proposal(
                name="quiet",
                type=ProposalType.PLANNING,
                justification="nobody is to hear us",
                actions=(quiet,),
            )
        ]


class Sleeper(Agent):
    """Never answers."""

    def decide(self, view):
        time.sleep(3600)
        return []


class Dreamer(Agent):
    """Proposes what makes no sense."""

    def decide(self, view):
        return [
            Proposal(
                name="dream", type=ProposalType.PLANNING, justification="why not", priority=7.0
            )
        ]


class Witness(Agent):
    """Flies by what it sees, and says it all to the last bit."""

    def decide(self, view):
        vehicle = view.vehicle
        if vehicle is None:
            return []
        # The ids are of the tracker's epoch, which each run draws; all else is to be the same.
        names = [name for name in view.tracks.dtype.names if name != "track_id"]
        columns = b"".join(view.tracks[name].tobytes() for name in names)
        seen = hashlib.sha256(columns).hexdigest()
        numbers = np.concatenate(
            [vehicle.position_m, vehicle.velocity_m_s, vehicle.angular_velocity_rad_s]
        )
        said = " ".join(float(number).hex() for number in numbers)
        nearest = view.tracks["position_m"] - vehicle.position_m
        push_n = nearest[:1].sum(axis=0) * 0.01  # towards the first track, so that errors add up
        turn_n_m = 5.0 - 300.0 * vehicle.angular_velocity_rad_s
        return [
            Proposal(
                name="witness",
                type=ProposalType.SAFETY,
                justification=f"{view.time_ns} {len(view.tracks)} {seen} {said}",
                actions=(Wrench(tuple(push_n), tuple(turn_n_m), duration_s=0.2),),
            )
        ]


class Alarmed(Agent):
    """Says which alerts stand."""

    def decide(self, view):
        if not view.alerts:
            return []
        named = ", ".join(alert.rule_id for alert in view.alerts)
        return [Proposal(name="alarm", type=ProposalType.SAFETY, justification=named)]


class Policy(PolicyAgent):
    """Pushes, engages a port and releases it by all that it sees, and says what that was."""

    station_id = "STN-1"

    def __init__(self) -> None:
        shape = (7, WorldBatch.OBSERVATION_LENGTH)
        self.weights = np.random.default_rng(5).normal(0.0, 0.05, shape).astype(np.float32)
        # So large that the port is engaged and released several times in the first 40 ticks.
        self.weights[6] = np.random.default_rng(7).normal(0.0, 0.5, shape[1])

    def act(self, observation):
        self.seen = hashlib.sha256(observation.tobytes()).hexdigest()
        return np.array([np.tanh(row @ observation) for row in self.weights], np.float32)

    def decide(self, view):
        return [msgspec.structs.replace(it, justification=self.seen) for it in super().decide(view)]


class Talker(Agent):
    """Prints at every twentieth tick."""

    def decide(self, view):
        if view.tick % 20 == 0:
            print("hear me at tick", view.tick, flush=True)
        return []
