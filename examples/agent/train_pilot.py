"""Train the pilot of `pilot.py` by the cross-entropy method: 64 worlds in process, one thread.

Rubinstein and Kroese, The Cross-Entropy Method (2004), chapter 5: draw pilots around a mean, fly
each in a world of its own, and move mean and spread to those that gained the most.
"""

import sys

import numpy as np
from pilot import LEARNED, pushes

from qiki.agent.env import training_settings
from qiki.agent.vector_env import QikiVectorEnv

SCENE = LEARNED.with_name("to_station.yaml")
PILOTS = 64
BEST = 8
STEPS = 900  # a whole episode


def gains(worlds, weights, seed):
    """Return what each pilot gains in a world of its own."""
    observations, _ = worlds.reset(seed=seed)
    total = np.zeros(PILOTS)
    for _ in range(STEPS):
        observations, rewards, *_ = worlds.step(pushes(weights, observations))
        total += rewards
    return total


def main(rounds):
    """Train for so many rounds, and write what was learned."""
    random = np.random.default_rng(1)
    worlds = QikiVectorEnv(PILOTS, settings=training_settings(str(SCENE)))
    mean, spread = np.zeros((7, 3)), np.ones((7, 3))
    for number in range(rounds):
        weights = random.normal(mean, spread, (PILOTS, 7, 3))
        gained = gains(worlds, weights, seed=1 + number * PILOTS)
        best = weights[np.argsort(gained)[-BEST:]]
        mean, spread = best.mean(axis=0), best.std(axis=0) + 0.02
        print(
            f"round {number + 1}: mean {gained.mean():8.2f}, best {gained.max():8.2f}", flush=True
        )
    np.save(LEARNED, mean)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
