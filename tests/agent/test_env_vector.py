"""The vector form: each environment is the plain one of its seed."""

import sys
import threading
import time

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from qiki.agent.env import QikiEnv
from qiki.agent.vector_env import QikiVectorEnv
from qiki.errors import SettingError
from qiki.radar import Scenario
from tests.agent.scenes import changed

COUNT = 5


def short(limit_s=1.5):
    """Return a scenario whose episodes are over soon."""
    return changed(Scenario, ["task", "time_limit_s"], limit_s)


def actions(steps):
    return np.random.default_rng(4).uniform(-1, 1, (steps, COUNT, 7)).astype(np.float32)


def test_each_is_the_plain_one_of_its_seed_also_in_the_next_episodes():
    vector = QikiVectorEnv(COUNT, short())
    plain = [QikiEnv(short()) for _ in range(COUNT)]
    observations, info = vector.reset(seed=20)
    for index, env in enumerate(plain):
        observation, own = env.reset(seed=20 + index)
        assert observation.tobytes() == observations[index].tobytes()
        assert own["world_seed"] == info["world_seed"][index]
    is_over, ends = np.zeros(COUNT, bool), 0
    for asked in actions(50):
        observations, rewards, terminated, truncated, _ = vector.step(asked)
        for index, env in enumerate(plain):
            if is_over[index]:
                expected = (env.reset()[0], 0.0, False, False)
            else:
                expected = env.step(asked[index])[:4]
            assert observations[index].tobytes() == expected[0].tobytes()
            assert (rewards[index], terminated[index], truncated[index]) == expected[1:]
        is_over = terminated | truncated
        ends += is_over.sum()
    assert ends == 3 * COUNT


def test_identical_seeds_give_identical_trajectories():
    def trajectory():
        vector = QikiVectorEnv(COUNT, short())
        parts = [vector.reset(seed=9)[0]]
        for asked in actions(40):
            observations, rewards, *_ = vector.step(asked)
            parts += [observations.ravel(), rewards]
        return b"".join(part.tobytes() for part in parts)

    assert trajectory() == trajectory()


def test_arrays_of_a_step_are_its_own_unless_told_otherwise():
    for copies in (True, False):
        vector = QikiVectorEnv(COUNT, copies=copies)
        vector.reset(seed=1)
        first, *_ = vector.step(actions(1)[0])
        kept = first.copy()
        vector.step(actions(2)[1])
        assert (first.tobytes() == kept.tobytes()) == copies


def test_spaces_and_mode_are_gymnasiums():
    vector = QikiVectorEnv(COUNT)
    observations, _ = vector.reset(seed=1)
    assert vector.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    assert observations in vector.observation_space
    assert vector.action_space.sample().shape == (COUNT, 7)


def test_some_may_be_reset_and_each_may_have_its_seed():
    vector = QikiVectorEnv(COUNT)
    _, info = vector.reset(seed=[5, 5, 7, 8, 9])
    assert info["world_seed"].tolist() == [5, 5, 7, 8, 9]
    observations, *_ = vector.step(np.zeros((COUNT, 7), np.float32))
    assert observations[0].tobytes() == observations[1].tobytes() != observations[2].tobytes()
    mask = np.array([True, False, False, False, True])
    again, info = vector.reset(options={"reset_mask": mask})
    assert (info["world_seed"] != [5, 5, 7, 8, 9]).tolist() == mask.tolist()
    changed = [a.tobytes() != b.tobytes() for a, b in zip(again, observations, strict=True)]
    assert changed == mask.tolist()


def test_an_action_that_is_none_moves_nobody():
    vector, steps = QikiVectorEnv(COUNT), actions(3)
    vector.reset(seed=1)
    spoiled = steps[0].copy()
    spoiled[COUNT - 1, 3] = np.nan
    with pytest.raises(SettingError, match=r"action\[3\] is NaN"):
        vector.step(spoiled)
    found, *_ = vector.step(steps[0])
    other = QikiVectorEnv(COUNT)
    other.reset(seed=1)
    assert other.step(steps[0])[0].tobytes() == found.tobytes()


def test_seeds_that_are_none_are_drawn():
    drawn = [QikiVectorEnv(COUNT).reset(seed=[None] * COUNT)[1]["world_seed"] for _ in range(2)]
    assert len({*drawn[0].tolist(), *drawn[1].tolist()}) == 2 * COUNT
    _, info = QikiVectorEnv(COUNT).reset(seed=[5, None, None, None, 6])
    assert info["world_seed"][[0, 4]].tolist() == [5, 6]


def test_other_threads_run_meanwhile():
    vector = QikiVectorEnv(64)
    vector.reset(seed=1)
    asked, counted, stop = np.zeros((64, 7), np.float32), [0], threading.Event()

    def count():
        while not stop.is_set():
            counted[0] += 1
            time.sleep(0)  # gives the GIL away

    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1000.0)  # nobody else takes it from us
    other = threading.Thread(target=count)
    try:
        other.start()
        has_counted = False
        for _ in range(200):
            before = counted[0]
            vector.step(asked)
            has_counted |= counted[0] > before
        assert has_counted
    finally:
        stop.set()
        sys.setswitchinterval(interval_s)
        other.join()


def test_what_cannot_be_is_refused():
    with pytest.raises(SettingError, match="number of environments is 0, must be 1 to 65536"):
        QikiVectorEnv(0)
    vector = QikiVectorEnv(COUNT)
    with pytest.raises(SettingError, match="seed has 2 entries, must have 5"):
        vector.reset(seed=[1, 2])
    vector.reset(seed=1)
    with pytest.raises(ValueError, match="actions has 4 whole rows, must have 5"):
        vector.step(np.zeros((4, 7), np.float32))
