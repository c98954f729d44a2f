"""Steps of the world in process: scene, radar, tracker and vehicle, as a Gymnasium environment.

One bot among ten contacts, a step is a frame of its radar. Beside it, in turn, the lightest of
Gymnasium's own tasks, a pole on a cart, and the same in EnvPool where that is installed: they show
what a step costs that hardly simulates anything.
"""

import importlib
import json
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import pytest

from bench.gate import CLOCK, Gate, percentiles
from qiki.agent.env import QikiEnv, training_settings
from qiki.agent.vector_env import QikiVectorEnv
from qiki.errors import ScenarioError
from qiki.radar import Scenario
from qiki.yaml_document import YamlDocument

ENVIRONMENTS = 64
STEPS = 50
"""Steps of a round, of each environment."""
ROUNDS = 40
EPISODE_S = 60
"""So that new worlds are in the figure, too, and propellant lasts."""
POLE = "CartPole-v1"


def scene() -> Scenario:
    """Return the default scenario with ten bodies."""
    document = YamlDocument(Scenario.built_in_text("default"), ScenarioError).values
    document["task"]["time_limit_s"] = EPISODE_S
    document["targets"] += [
        {
            "id": f"contact-{number}",
            "object_type": "drone",
            "rcs_dbsm": 8,
            "transponder": {"mode": "on", "id": f"CONTACT-{number}"},
            "motion": {
                "constant_velocity": {
                    "position_m": [3000 - 1500 * number, 4000, 150 * number],
                    "velocity_m_s": [5 * number - 10, -8, 0],
                }
            },
        }
        for number in range(5)
    ]
    return Scenario(json.dumps(document))


def pole_turn() -> Callable[[], None]:
    """Return a round of Gymnasium's own vector form."""
    env: Any = gymnasium.make_vec(POLE, ENVIRONMENTS, vectorization_mode="vector_entry_point")
    env.reset(seed=1)
    actions = np.random.default_rng(1).integers(0, 2, (STEPS, ENVIRONMENTS))

    def turn() -> None:
        for action in actions:
            env.step(action)

    return turn


def envpool_turn() -> Callable[[], None] | None:
    """Return a round of EnvPool's on one thread, None where it is not installed."""
    try:
        envpool = importlib.import_module("envpool")
    except ImportError:
        return None
    env = envpool.make_gymnasium(POLE, num_envs=ENVIRONMENTS, num_threads=1, seed=1)
    env.reset()
    actions = np.random.default_rng(1).integers(0, 2, (STEPS, ENVIRONMENTS)).astype(np.int32)

    def turn() -> None:
        for action in actions:
            env.step(action)

    return turn


def check_answer(vector: QikiVectorEnv, actions: np.ndarray[Any, Any]) -> None:
    """Compare the first environment with the plain one, and see that the ten are tracked."""
    plain = QikiEnv(settings=training_settings(scene()))
    plain.reset(seed=7)
    vector.reset(seed=7)
    for action in actions:
        ours, _, _, _, _ = plain.step(action[0])
        np.testing.assert_array_equal(vector.step(action)[0][0], ours)
    confirmed = plain.batch.tracks(0)["status"] == 2
    assert confirmed.sum() == 10


@pytest.mark.benchmark(group="environment", timer=CLOCK)
def test_environment(benchmark: Any, gate: Gate) -> None:
    """Time ours, the plain form and the poles in turn."""
    vector = QikiVectorEnv(ENVIRONMENTS, settings=training_settings(scene()))
    plain = QikiEnv(settings=training_settings(scene()))
    actions = np.random.default_rng(2).uniform(-1, 1, (STEPS, ENVIRONMENTS, 7)).astype(np.float32)
    actions *= 0.1
    check_answer(vector, actions)
    if benchmark.disabled:
        return
    plain.reset(seed=1)

    def turn() -> None:
        for action in actions:
            vector.step(action)

    def plain_turn() -> None:
        for action in actions:
            for own in action[:4]:
                plain.step(own)

    peers = {"pole": pole_turn(), "envpool": envpool_turn(), "plain": plain_turn}
    turns = {name: peer for name, peer in peers.items() if peer is not None}
    spent_s: dict[str, list[float]] = {name: [] for name in turns}

    def others() -> None:
        for name, peer in turns.items():
            start_s = CLOCK()
            peer()
            spent_s[name].append(CLOCK() - start_s)

    benchmark.pedantic(turn, setup=others, rounds=ROUNDS, warmup_rounds=2)
    each_us, _ = gate.p50_p99_us()
    steps = ENVIRONMENTS * STEPS
    rates = {name: steps / percentiles(times_s)[0] for name, times_s in spent_s.items()}
    rates["plain"] *= 4 / ENVIRONMENTS
    ours = steps / (each_us * 1e-6)
    gate.check(
        "environment",
        steps_per_s=ours,
        pole_ratio=ours / rates["pole"],
        **{f"{name}_steps_per_s": rate for name, rate in rates.items()},
    )
