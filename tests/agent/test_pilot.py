"""The pilot of the examples: it learns, and flies as it learned."""

import importlib

import numpy as np
import pytest

from qiki.agent.craft import craft_of
from qiki.agent.env import training_settings
from qiki.agent.sample_view import sample_vehicle, sample_view
from qiki.agent.vector_env import QikiVectorEnv
from qiki.vehicle import VehicleConfig
from tests.source_tree import ROOT

ROUNDS = 6
OTHER_SEED = 10_000


@pytest.fixture
def trained(monkeypatch, tmp_path):
    """The module that trains, for less long and into another folder."""
    monkeypatch.syspath_prepend(ROOT / "examples/agent")
    pilot, trainer = (importlib.import_module(name) for name in ("pilot", "train_pilot"))
    for module in (pilot, trainer):
        monkeypatch.setattr(module, "LEARNED", tmp_path / "pilot.npy")
    monkeypatch.setattr(trainer, "STEPS", 300)
    trainer.main(ROUNDS)
    return pilot, trainer


def test_it_learns_to_fly_to_the_station(trained):
    """By the mean of worlds that it has not seen, beside pilots that know nothing."""
    pilot, trainer = trained
    worlds = QikiVectorEnv(trainer.PILOTS, settings=training_settings(str(trainer.SCENE)))
    learned = np.broadcast_to(np.load(pilot.LEARNED), (trainer.PILOTS, 7, 3))
    ignorant = np.random.default_rng(2).normal(size=learned.shape)
    gained = {
        name: trainer.gains(worlds, weights, OTHER_SEED)
        for name, weights in (("learned", learned), ("ignorant", ignorant))
    }
    assert gained["learned"].mean() > 0.3  # 30 m nearer, propellant paid for
    assert gained["learned"].min() > gained["ignorant"].mean()


def test_it_pushes_as_it_learned(trained):
    pilot, _ = trained
    agent = pilot.Pilot()
    view = sample_view(vehicle=sample_vehicle(), craft=craft_of(VehicleConfig.load("default"), 180))
    (proposal,) = agent.decide(view)
    observation = np.zeros(118, np.float32)
    assert proposal.actions[0].force_n == (0.0, 0.0, 0.0)  # no station is seen
    observation[12:19] = [1, 0.5, 0.5, 0, 0, 0, 0]
    wanted = pilot.pushes(np.load(pilot.LEARNED)[np.newaxis], observation[np.newaxis])[0]
    assert np.abs(agent.act(observation)).max() > 0.01
    np.testing.assert_array_equal(agent.act(observation), wanted)
