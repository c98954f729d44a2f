"""The bot for training is the default one in coarser steps."""

import numpy as np
import pytest

from qiki.agent.env import QikiEnv, World, training_settings, world_settings
from qiki.radar import Scenario
from qiki.vehicle import VehicleConfig
from tests.agent.scenes import document, near_station

ASKED = [0.0, 0.2, 0.02, 0.02, 0.0, 0.03, 0.0]
DIFFERENT = {
    "name",
    "description",
    "step_s",
    "rcs.minimum_on_time_s",
    "rcs.pulse_window_s",
    "docking.soft.stiffness_n_per_m",
    "docking.soft.damping_n_s_per_m",
    "docking.soft.angular_stiffness_n_m_per_rad",
    "docking.soft.angular_damping_n_m_s_per_rad",
    "drive.servo.gain_n_s_per_m",
    "drive.grip.gain_n_s_per_m",
    "drive.turn.closing_per_s",
}


def values(part, path=""):
    """Yield each value of a document with its place."""
    if isinstance(part, dict):
        for name, entry in part.items():
            yield from values(entry, f"{path}.{name}".strip("."))
    else:
        yield path, part


def test_it_differs_where_its_file_says():
    default, training = (dict(values(document(VehicleConfig, n))) for n in ("default", "training"))
    assert default.keys() == training.keys()
    assert {path for path in default if default[path] != training[path]} == DIFFERENT


def test_it_flies_as_the_default_one():
    """What pulses cannot say in a window they say in the next."""
    flown = {}
    for vehicle in ("default", "training"):
        env = QikiEnv(vehicle=vehicle)
        env.reset(seed=1)
        for _ in range(150):
            env.step(np.array(ASKED, np.float32))
        flown[vehicle] = env.batch.vehicle(0)
    default, training = flown["default"], flown["training"]
    assert training.time_ns == default.time_ns
    speed_m_s = np.linalg.norm(default.velocity_m_s)
    assert speed_m_s > 2.0
    off_m_s = np.linalg.norm(training.velocity_m_s - default.velocity_m_s)
    assert off_m_s < 0.05 * speed_m_s
    assert training.propellant_kg == pytest.approx(default.propellant_kg, abs=0.3)


def test_its_settings_leave_tracks_and_draws_as_they_are():
    """But for the place of a vehicle that is told less often, and the object types."""
    scenario = Scenario.load("rotating")
    cheap = World(training_settings(scenario, vehicle="default", rate_hz=100), seed=1)
    full = World(world_settings(scenario), seed=1)
    for _ in range(100):
        cheap.step()
        full.step()
    names = [name for name in full.tracks.dtype.names if not name.startswith("object_type")]
    for name in names:
        assert cheap.tracks[name].tobytes() == full.tracks[name].tobytes(), name
    assert len(full.tracks) > 3
    assert full.tracks["object_type"].any()
    assert not cheap.tracks["object_type"].any()


def test_it_docks():
    world = World(training_settings(near_station(1.0)), seed=1)
    for _ in range(5):
        world.step((0.0, 40.0, 0.0), engage="A")
    phases = []
    for _ in range(1200):
        world.step()
        phases.append(world.vehicle.docking.phase)
        if phases[-1] == "latched":
            break
    assert phases[-1] == "latched"
    assert "captured" in phases
