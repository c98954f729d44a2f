"""The world in process as a Gymnasium environment; `docs/environment.md` tells what it rewards.

It needs the extra ``rl``: ``pip install 'qiki[rl]'``.
"""

from typing import Any, TypeAlias, cast

import gymnasium
import numpy as np
import numpy.typing as npt

from qiki._core import (
    OwnState,
    World,
    WorldBatch,
    WorldSettings,
    observation_layout,
    observe,
)
from qiki.radar import Scenario
from qiki.tracking import GuardRules, TrackerConfig, object_types_for
from qiki.vehicle import VehicleConfig

__all__ = [
    "OUTCOMES",
    "OwnState",
    "QikiEnv",
    "World",
    "WorldBatch",
    "WorldSettings",
    "action_space",
    "observation_layout",
    "observation_space",
    "observe",
    "training_settings",
    "world_settings",
]

OUTCOMES = ("running", "success", "collision", "time_limit", "left_world")  # by their numbers
SEED_LIMIT = 2**63

Observation: TypeAlias = npt.NDArray[np.float32]
Space: TypeAlias = gymnasium.Space[Observation]


def world_settings(
    scenario: Scenario | str = "default",
    vehicle: VehicleConfig | str = "default",
    *,
    guard_rules: GuardRules | str | None = None,
    **more: Any,
) -> WorldSettings:
    """Return what a world is made of; its tracker knows what the scenario tells.

    Parameters
    ----------
    scenario, vehicle, guard_rules : built-in name or YAML file, or what was loaded from one.
    more : as for `WorldSettings`.

    Raises
    ------
    ScenarioError, VehicleError, GuardRulesError : a file that cannot be used.
    SettingError : a value outside its limits.
    """
    if isinstance(scenario, str):
        scenario = Scenario.load(scenario)
    if isinstance(vehicle, str):
        vehicle = VehicleConfig.load(vehicle)
    if isinstance(guard_rules, str):
        guard_rules = GuardRules.load(guard_rules)
    if "tracker" not in more:
        more["tracker"] = TrackerConfig(
            friendly_ids=scenario.friendly_ids,
            hostile_ids=scenario.hostile_ids,
            object_types=object_types_for(scenario),
        )
    return WorldSettings(scenario, vehicle, guard_rules=guard_rules, **more)


def training_settings(scenario: Scenario | str = "default", **more: Any) -> WorldSettings:
    """Return settings of the least cost for a training.

    The bot in coarse steps, looked at once a frame; a tracker that tells no object types and waits
    for no late frames. While no radar sends late ones tracks are else those of `world_settings`.

    Parameters
    ----------
    scenario, more : as for `world_settings`.

    Raises
    ------
    ScenarioError, GuardRulesError : a file that cannot be used.
    SettingError : a value outside its limits.
    """
    if isinstance(scenario, str):
        scenario = Scenario.load(scenario)
    tracker = TrackerConfig(
        friendly_ids=scenario.friendly_ids, hostile_ids=scenario.hostile_ids, late_window_s=0.0
    )
    cheap: dict[str, Any] = {"vehicle": "training", "rate_hz": 10, "tracker": tracker}
    return world_settings(scenario, **(cheap | more))


def observation_space() -> Space:
    """Return the space of what `observe` gives."""
    return _unit_box(WorldBatch.OBSERVATION_LENGTH)


def action_space() -> Space:
    """Return the space of actions: force and torque in the body frame by axis, and the port."""
    return _unit_box(WorldBatch.ACTION_LENGTH)


def _unit_box(length: int) -> Space:
    return cast(Space, gymnasium.spaces.Box(-1.0, 1.0, (length,), np.float32))


class StepArrays:
    """What a step of a batch writes.

    Parameters
    ----------
    count : how many environments.
    """

    def __init__(self, count: int) -> None:
        self.observations = np.empty((count, WorldBatch.OBSERVATION_LENGTH), np.float32)
        self.rewards = np.empty(count)
        self.terminated = np.empty(count, np.bool_)
        self.truncated = np.empty(count, np.bool_)
        self.outcomes = np.empty(count, np.uint8)
        self.distances_m = np.empty((count, 2))

    def step(self, batch: WorldBatch, actions: npt.NDArray[np.float32], *, resets: bool) -> None:
        """Step the batch and keep what came of it."""
        batch.step(
            actions,
            self.observations,
            self.rewards,
            self.terminated,
            self.truncated,
            self.outcomes,
            self.distances_m,
            resets=resets,
        )


class QikiEnv(gymnasium.Env[Observation, npt.NDArray[np.float32]]):
    """One vehicle in the scenario's world; a step is a frame of the scenario's first radar.

    The first observation is that of frame 0, before which nothing is asked of the vehicle. `reset`
    with a seed begins the episodes of that seed; each without one begins the next of them, whose
    draws are others. ``info`` has the seed of the radars' draws (``world_seed``) after a reset, and
    after a step how the task stands (``outcome``, one of `OUTCOMES`) and the true distances to
    the station and to the nearest body [m], NaN and infinite where there is none.

    Parameters
    ----------
    scenario : built-in name or YAML file, or what was loaded from one; its section `task` says what
        is rewarded and when an episode ends.
    vehicle : likewise.
    settings : in place of both and of `more`.
    more : as for `world_settings`.

    Attributes
    ----------
    batch : the world behind it, as a batch of one.

    Raises
    ------
    ScenarioError, VehicleError : a file that cannot be used.
    SettingError : a value outside its limits; a task that the vehicle cannot do.
    """

    metadata = {"render_modes": []}  # noqa: RUF012 - as Gymnasium has it

    def __init__(
        self,
        scenario: Scenario | str = "default",
        vehicle: VehicleConfig | str = "default",
        *,
        settings: WorldSettings | None = None,
        **more: Any,
    ) -> None:
        self.observation_space = observation_space()
        self.action_space = action_space()
        chosen = world_settings(scenario, vehicle, **more) if settings is None else settings
        self.batch = WorldBatch(chosen, [0])
        self._arrays = StepArrays(1)
        self._is_seeded = False

    def reset(
        self,
        *,
        seed: int | None = None,
        options: dict[str, Any] | None = None,  # noqa: ARG002 - Gymnasium's signature
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode: the first of a seed, or the next; there are no options."""
        super().reset(seed=seed)
        if seed is None and not self._is_seeded:
            seed = int(self.np_random.integers(SEED_LIMIT))
        self._is_seeded = True
        self.batch.reset([seed], [True])
        self.batch.observe(self._arrays.observations)
        return self._arrays.observations[0].copy(), {"world_seed": self.batch.world_seeds[0]}

    def step(
        self, action: npt.NDArray[np.float32]
    ) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Do what is asked, up to and including the next frame.

        Raises
        ------
        SettingError : an action that is NaN, or a step in a world that the vehicle has left.
        """
        out = self._arrays
        out.step(self.batch, np.ascontiguousarray(action, np.float32)[None], resets=False)
        station_m, nearest_m = out.distances_m[0].tolist()
        info = {
            "outcome": OUTCOMES[out.outcomes[0]],
            "station_distance_m": station_m,
            "nearest_distance_m": nearest_m,
        }
        return (
            out.observations[0].copy(),
            float(out.rewards[0]),
            bool(out.terminated[0]),
            bool(out.truncated[0]),
            info,
        )
