"""A policy behind the services: it sees the numbers, and does, what it would in process."""

import json

import numpy as np
import pytest

from qiki.agent.craft import craft_of
from qiki.agent.env import QikiEnv, world_settings
from qiki.agent.policy import PolicyAgent, own_state
from qiki.agent.proposal import Command, Wrench
from qiki.agent.sample_view import ALL_IS_WELL, sample_vehicle, sample_view
from qiki.agent.trust import Trust, Verdict
from qiki.agent.vehicle_view import DockingView
from qiki.radar import Scenario
from qiki.settings import VehicleSettings
from qiki.vehicle import VehicleConfig
from tests.agent.closed_loop import World, ticks
from tests.serve.agents_of_tests import Policy
from tests.serve.test_own_ship import document

TICKS = 60


@pytest.fixture(scope="module")
def craft():
    return craft_of(VehicleConfig.load("default"), 180.0)


class Told(PolicyAgent):
    """Answers what it is told to."""

    def __init__(self, *numbers):
        self.numbers = np.array(numbers, np.float32)

    def act(self, observation):
        return self.numbers


def docking(port, phase="free"):
    return DockingView(
        phase=phase, port=port, distance_m=None, speed_m_s=None, angle_deg=None, rate_deg_s=None
    )


def actions(agent, craft, **vehicle):
    view = sample_view(craft=craft, vehicle=sample_vehicle(**vehicle))
    return [action for proposal in agent.decide(view) for action in proposal.actions]


def test_in_a_loop_it_sees_and_does_what_it_does_in_the_environment():
    """Frame for frame to the last bit: by what it saw, of which all that it did is part."""
    *_, env = flown(VehicleConfig.load("default"), VehicleSettings())
    assert np.linalg.norm(env.batch.vehicle(0).velocity_m_s) > 1.0  # it pushes
    assert len(env.batch.tracks(0)) >= 5


def test_with_an_empty_tank_it_still_does_what_it_does_in_the_environment(tmp_path):
    """Services refuse a wrench then, and with it what the same proposal does after it."""
    file, parts = tmp_path / "vehicle.yaml", document()
    parts["propellant"]["mass_kg"] = 0.5
    file.write_text(json.dumps(parts))
    left_kg, ports, _ = flown(VehicleConfig.load(str(file)), VehicleSettings(config=str(file)))
    assert left_kg[0] > 0.0
    assert {port for port, kg in zip(ports, left_kg, strict=True) if kg == 0.0} == {None, "A"}


def flown(vehicle, settings):
    """Compare a loop with the environment; return its propellant [kg] and port by tick, and it."""
    scenario = Scenario.load("default")
    env = QikiEnv(settings=world_settings(scenario, vehicle))
    policy, wanted, ports, left_kg = Policy(), [], [], []
    observation, _ = env.reset(seed=scenario.seed)
    for _ in range(TICKS):
        answer = policy.act(observation)
        wanted.append(policy.seen)
        observation, *_ = env.step(answer)
        ports.append(env.batch.vehicle(0).docking.port)
        left_kg.append(env.batch.vehicle(0).propellant_kg)
    changes = [it for it, before in zip(ports[1:], ports, strict=False) if it != before]
    assert {"A", None} <= set(changes)  # it engages and releases
    found = []
    for tick in ticks(World(scenario, scenario.seed, settings), Policy(), "watch"):
        found += [it.proposal.justification for it in tick.decision.accepted]
        if len(found) == TICKS:
            break
    assert found == wanted
    assert len(set(wanted)) == TICKS
    return left_kg, ports, env


def test_a_push_is_in_parts_of_what_the_thrusters_give(craft):
    scale = np.array(QikiEnv().batch.action_scale)
    assert craft.largest_wrench.tobytes() == scale.tobytes()
    (wrench,) = actions(Told(0.5, 0, -2, 0, 0.25, 0, 0), craft)
    assert wrench.force_n == (0.5 * scale[0], 0.0, -scale[2])
    assert wrench.torque_n_m == (0.0, 0.25 * scale[4], 0.0)


def test_the_last_number_is_the_port(craft):
    first = next(iter(craft.ports))
    engage, release = Told(0, 0, 0, 0, 0, 0, 0.6), Told(0, 0, 0, 0, 0, 0, -0.6)
    is_engaged = {"docking": docking(first, "approach")}
    assert actions(engage, craft)[1:] == []
    free = {"docking": docking(None)}
    assert actions(engage, craft, **free)[1:] == [Command("sim.dock.engage", {"port": first})]
    assert actions(engage, craft, **is_engaged)[1:] == []
    assert actions(release, craft, **free)[1:] == []
    assert actions(release, craft, **is_engaged)[1:] == [Command("sim.dock.release")]
    assert isinstance(actions(release, craft, **is_engaged)[0], Wrench)


def test_without_propellant_there_is_no_push_to_refuse(craft):
    first, empty = next(iter(craft.ports)), {"propellant_kg": 0.0, "docking": docking(None)}
    engage = Told(1, 0, 0, 0, 0, 0, 0.6)
    assert actions(engage, craft, **empty) == [Command("sim.dock.engage", {"port": first})]
    view = sample_view(craft=craft, vehicle=sample_vehicle(**empty))
    (proposal,) = Told(1, 0, 0, 0, 0, 0, 0).decide(view)
    assert proposal.actions == ()


def test_it_is_not_asked_where_there_is_nothing_to_trust(craft):
    agent = Told(1, 0, 0, 0, 0, 0, 0)
    stale = ALL_IS_WELL | {"tracks": Trust(Verdict.STALE, 9.0, "old")}
    for changes in ({"craft": None}, {"vehicle": None}, {"trust": stale}):
        assert agent.decide(sample_view(**({"craft": craft} | changes))) == []
    assert agent.decide(sample_view(craft=craft))


@pytest.mark.parametrize("numbers", [(0, 0, 0, np.nan, 0, 0, 0), (0, 0, 0)])
def test_an_answer_that_is_none_is_refused(craft, numbers):
    with pytest.raises(ValueError, match="must be 7 numbers from -1 to 1"):
        Told(*numbers).decide(sample_view(craft=craft))


def test_the_own_state_of_a_view_is_that_of_the_vehicle(craft):
    vehicle = sample_vehicle(heading_rad=0.5, pitch_rad=0.2, propellant_kg=3.0, charge_pct=None)
    assert "time_ns=0" in repr(own_state(vehicle, craft))
