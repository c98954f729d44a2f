"""The environment: what it observes and rewards, when it ends, and that it repeats itself."""

import warnings

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from docs.generate import observation_table, page_of, page_with
from qiki.agent.env import (
    OUTCOMES,
    OwnState,
    QikiEnv,
    World,
    WorldBatch,
    observation_layout,
    observe,
    world_settings,
)
from qiki.agent.picture import Picture
from qiki.errors import ScenarioError, SettingError
from qiki.radar import Scenario
from qiki.wire import decode_tracks
from tests.agent.scenes import changed, document, made, near_station, outwards

STILL = np.zeros(7, np.float32)


def field(observation, name):
    """Return the numbers of a field, its first where there are several."""
    start = 0
    for known, count, *_ in observation_layout():
        if known == name:
            return observation[start : start + count]
        start += count
    raise KeyError(name)


def unscaled(numbers, scale):
    """Return the vector that is told as v / (|v| + scale)."""
    return np.asarray(numbers, float) * scale / (1.0 - np.linalg.norm(numbers))


def with_task(**task):
    return changed(Scenario, ["task"], task)


def test_gymnasiums_checker_has_nothing_to_say():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(QikiEnv(), skip_render_check=True)


def test_the_layout_names_each_number():
    layout = observation_layout()
    assert sum(count for _, count, *_ in layout) == WorldBatch.OBSERVATION_LENGTH
    names = [name for name, *_ in layout]
    assert names.count("track_place") == 10
    assert names.count("attitude") == 1


def test_the_docs_have_the_layout():
    page = page_of("environment").read_text("utf-8")
    assert page == page_with(page, observation_table()), "run `make docs`"


def test_the_same_seeds_give_the_same_trajectories():
    def trajectory(env, seed):
        random = np.random.default_rng(0)
        parts = [env.reset(seed=seed)[0]]
        for _ in range(100):
            observation, reward, *_ = env.step(random.uniform(-1, 1, 7).astype(np.float32))
            parts += [observation, [reward]]
        return np.concatenate(parts).tobytes()

    env = QikiEnv()
    first = trajectory(env, 7)
    assert trajectory(env, 7) == first == trajectory(QikiEnv(), 7)
    assert trajectory(env, 8) != first


def test_episodes_of_a_seed_differ_and_come_again():
    def seeds(env):
        return [env.reset(seed=3)[1]["world_seed"]] + [
            env.reset()[1]["world_seed"] for _ in range(4)
        ]

    first = seeds(QikiEnv())
    assert first == seeds(QikiEnv())
    assert first[0] == 3
    assert len(set(first)) == 5


def test_a_policy_behind_the_services_sees_the_same_numbers():
    settings = world_settings("rotating", keeps_messages=True)
    env = QikiEnv(settings=settings)
    world, picture = World(settings, seed=11), Picture()
    seen = [env.reset(seed=11)[0]]
    random = np.random.default_rng(1)
    actions = random.uniform(-1, 1, (80, 7)).astype(np.float32)
    actions[:, 6] = 0.0
    seen += [env.step(action)[0] for action in actions]
    scale = np.array(env.batch.action_scale)
    for number, observation in enumerate(seen):
        wrench = () if number == 0 else actions[number - 1][:6].astype(float) * scale
        world.step(*(wrench[:3], wrench[3:]) if number else ())
        for _, tracks in world.messages:
            picture.take(decode_tracks(tracks))
        own = OwnState.of(world.vehicle)
        seen_by_services = observe(own, picture.confirmed(0.5), env.batch.station_id)
        assert seen_by_services.tobytes() == observation.tobytes()
    assert len(picture.tracks) > 3


def test_the_own_state_may_be_told_in_numbers():
    env = QikiEnv(near_station())
    env.reset(seed=1)
    observation, *_ = env.step(np.array([0, 0.3, 0, 0.02, 0, 0.01, 1], np.float32))
    vehicle = env.batch.vehicle(0)
    docking, power = vehicle.docking, vehicle.power
    told = OwnState(
        vehicle.time_ns,
        vehicle.position_m,
        vehicle.velocity_m_s,
        vehicle.attitude,
        vehicle.angular_velocity_rad_s,
        propellant=vehicle.propellant_kg / 12.0,
        charge_pct=power.charge * 100.0,
        phase=docking.phase,
        is_engaged=docking.port is not None,
        sight=(docking.offset_m, docking.velocity_m_s, docking.turn_deg),
    )
    again = observe(told, env.batch.tracks(0), env.batch.station_id)
    assert again.tobytes() == observation.tobytes()
    assert docking.phase == "approach"


def test_numbers_are_what_the_layout_says():
    env = QikiEnv()
    observation, _ = env.reset(seed=2)
    for _ in range(60):
        observation, *_ = env.step(np.array([0, 0.4, 0, 0, 0.1, 0, 0], np.float32))
    vehicle, tracks = env.batch.vehicle(0), env.batch.tracks(0)
    w, *xyz = vehicle.attitude
    x = np.array(xyz)

    def to_body(vector):  # the inverse turn, by Rodrigues' formula
        return vector - 2.0 * w * np.cross(x, vector) + 2.0 * np.cross(x, np.cross(x, vector))

    own_m_s = unscaled(field(observation, "own_velocity"), 10.0)
    np.testing.assert_allclose(own_m_s, to_body(vehicle.velocity_m_s), atol=1e-4)
    confirmed = tracks[np.isin(tracks["status"], (2, 4))]
    station = confirmed[confirmed["transponder_id"] == b"STN-1"][0]
    place_m = unscaled(field(observation, "station_place"), 100.0)
    expected_m = to_body(station["position_m"] - vehicle.position_m)
    np.testing.assert_allclose(place_m, expected_m, rtol=2e-5, atol=1e-2)
    nearest = min(
        confirmed, key=lambda track: np.linalg.norm(track["position_m"] - vehicle.position_m)
    )
    place_m = unscaled(field(observation, "track_place"), 1000.0)
    expected_m = to_body(nearest["position_m"] - vehicle.position_m)
    np.testing.assert_allclose(place_m, expected_m, rtol=2e-5, atol=1e-2)
    assert field(observation, "station_present") == field(observation, "track_present") == 1.0
    assert np.abs(observation).max() <= 1.0
    assert field(observation, "propellant") == np.float32(vehicle.propellant_kg / 12.0)


def test_without_a_station_there_are_zeros():
    whole = document(Scenario)
    whole["targets"] = whole["targets"][1:]
    del whole["task"]
    env = QikiEnv(made(Scenario, whole))
    env.reset(seed=1)
    for _ in range(20):
        observation, reward, terminated, truncated, info = env.step(STILL)
        assert reward == 0.0
        assert not terminated
        assert not truncated
    assert not field(observation, "station_present")
    assert not field(observation, "station_place").any()
    assert np.isnan(info["station_distance_m"])
    assert info["nearest_distance_m"] > 1000.0


def test_progress_is_rewarded_and_propellant_is_paid_for():
    env = QikiEnv()
    env.reset(seed=1)
    start_m, start_kg = station_m(env), env.batch.vehicle(0).propellant_kg
    total, info = 0.0, {}
    for _ in range(100):
        _, reward, *_, info = env.step(np.array([0, 0.5, 0, 0, 0, 0, 0], np.float32))
        total += reward
    gained_m = start_m - info["station_distance_m"]
    burnt_kg = start_kg - env.batch.vehicle(0).propellant_kg
    assert gained_m > 20.0
    assert burnt_kg > 1.0
    assert total == pytest.approx(0.001 * gained_m - 0.1 * burnt_kg, abs=1e-9)


def station_m(env):
    """Distance of the default scenario's station, which rests."""
    return np.linalg.norm(env.batch.vehicle(0).position_m - [1200.0, 2600.0, 80.0])


def run(env, action, steps):
    """Step until it ends; return the sum of the rewards, the last step's and how often."""
    env.reset(seed=1)
    rewards = []
    for _ in range(steps):
        _, reward, terminated, truncated, info = env.step(np.asarray(action, np.float32))
        rewards.append(reward)
        if terminated or truncated:
            break
    return rewards, terminated, truncated, info["outcome"]


def test_to_be_latched_is_success():
    env = QikiEnv(near_station(1.0))
    env.reset(seed=1)
    env.step(np.array([0, 0.03, 0, 0, 0, 0, 1], np.float32))
    for _ in range(4):
        env.step(np.array([0, 0.03, 0, 0, 0, 0, 0], np.float32))
    for _ in range(900):
        observation, reward, terminated, truncated, info = env.step(STILL)
        if terminated or truncated:
            break
    assert (terminated, truncated, info["outcome"]) == (True, False, "success")
    assert field(observation, "phase_latched") == 1.0
    assert reward == pytest.approx(10.0, abs=0.1)


def test_flying_past_the_port_is_a_collision():
    rewards, terminated, truncated, outcome = run(
        QikiEnv(near_station()), [0, 1, 0, 0, 0, 0, 0], 90
    )
    assert (terminated, truncated, outcome) == (True, False, "collision")
    assert rewards[-1] < -9.0


def test_flying_through_the_station_from_behind_is_a_collision():
    """In one frame from behind the port into the cone before it."""
    whole = document(Scenario)
    place_m = whole["targets"][0]["motion"]["constant_velocity"]["position_m"]
    behind_m = [place_m[0], place_m[1] + 30.0, place_m[2]]
    motion = {"position_m": behind_m, "velocity_m_s": [0.0, -350.0, 0.0]}
    whole["own_ship"] = {"motion": {"constant_velocity": motion}}
    _, terminated, _, outcome = run(QikiEnv(made(Scenario, whole)), STILL, 3)
    assert (terminated, outcome) == (True, "collision")


def test_a_station_that_appears_is_no_progress():
    whole = document(Scenario)
    whole["targets"][0]["present_from_s"] = 0.95
    rewards, *_ = run(QikiEnv(made(Scenario, whole)), STILL, 20)
    assert np.abs(rewards).max() < 1e-3
    assert np.abs(rewards[12:]).min() > 0.0  # it drifts


def test_leaving_the_world_cuts_the_episode_off():
    env = QikiEnv(outwards())
    _, terminated, truncated, outcome = run(env, STILL, 5)
    assert (terminated, truncated, outcome) == (False, True, "left_world")
    with pytest.raises(SettingError, match="begin another"):
        env.step(STILL)
    env.reset()


def test_to_keep_clear_until_the_end_is_success():
    task = {"goal": "keep_clear", "time_limit_s": 3.0, "collision_distance_m": 20.0}
    rewards, terminated, truncated, outcome = run(QikiEnv(with_task(**task)), STILL, 100)
    assert (terminated, truncated, outcome, len(rewards)) == (True, False, "success", 30)
    assert rewards[-1] == pytest.approx(10.0)


def test_a_body_that_comes_too_near_ends_it():
    whole = document(Scenario)
    whole["targets"][1]["motion"]["constant_velocity"] = {
        "position_m": [0.0, 400.0, 0.0],
        "velocity_m_s": [0.6, -200.0, 0.0],
    }
    task = {"goal": "keep_clear", "time_limit_s": 30.0, "collision_distance_m": 2.0}
    _, terminated, _, outcome = run(QikiEnv(made(Scenario, whole | {"task": task})), STILL, 100)
    assert (terminated, outcome) == (True, "collision")


def test_without_a_goal_the_time_limit_ends_it():
    task = {"goal": "none", "time_limit_s": 2.0}
    rewards, terminated, truncated, outcome = run(QikiEnv(with_task(**task)), STILL, 100)
    assert (terminated, truncated, outcome, len(rewards)) == (False, True, OUTCOMES[3], 20)
    assert rewards == [0.0] * 20


@pytest.mark.parametrize(
    ("task", "problem"),
    [
        ({"goal": "dance"}, "goal"),
        (
            {"goal": "keep_clear"},
            "task.time_limit_s: is missing: a task to keep clear must have one",
        ),
        (
            {"goal": "none", "time_limit_s": 0.0},
            "task.time_limit_s: is 0, must be 0.1 to 1000000000",
        ),
        ({"goal": "none", "collision_distance_m": -1.0}, "task.collision_distance_m: is -1"),
        ({"goal": "none", "weights": {"success": 1e7}}, "task.weights.success: is 10000000"),
    ],
)
def test_a_task_that_cannot_be_is_refused(task, problem):
    with pytest.raises(ScenarioError, match=problem):
        with_task(**task)


def test_what_cannot_be_done_is_refused():
    env = QikiEnv()
    env.reset(seed=0)
    with pytest.raises(SettingError, match=r"action\[2\] is NaN, must be -1 to 1"):
        env.step(np.array([0, 0, np.nan, 0, 0, 0, 0], np.float32))
    for seed in (2**63, 2**64, 2**80):
        with pytest.raises(SettingError, match=f"seed is {seed}, must be 0 to"):
            WorldBatch(world_settings(), [seed])
    with pytest.raises(ValueError, match="actions has 0 whole rows, must have 1"):
        env.step(np.zeros(3, np.float32))
    whole = document(Scenario)
    whole["targets"] = whole["targets"][1:]
    with pytest.raises(
        ScenarioError, match=r"task\.goal: is dock, must have a target that is a station"
    ):
        made(Scenario, whole)
