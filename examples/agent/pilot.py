"""A pilot that flies as it was trained to; `train_pilot.py` writes what it learned."""

from pathlib import Path

import numpy as np

from qiki.agent.policy import PolicyAgent

LEARNED = Path(__file__).with_name("pilot.npy")
STRONGEST = 0.1  # of what the thrusters give
STATION = slice(12, 19)  # of what is observed: whether it is seen, its place, its velocity


def pushes(weights, observations):
    """Return the actions (n, 7) of pilots with these weights (n, 7, 3): forces by the station."""
    actions = np.zeros((len(observations), 7), np.float32)
    seen = observations[:, np.newaxis, STATION]
    actions[:, :3] = STRONGEST * np.tanh(seen @ weights)[:, 0]
    return actions


class Pilot(PolicyAgent):
    """Flies to the station."""

    station_id = "STN-1"

    def __init__(self):
        self.weights = np.load(LEARNED)[np.newaxis]

    def act(self, observation):
        """Return what the weights answer."""
        return pushes(self.weights, observation[np.newaxis])[0]
