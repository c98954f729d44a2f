"""Many worlds in process as one Gymnasium environment, stepped in the core without the GIL."""

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.vector.utils import batch_space

from qiki._core import WorldBatch, WorldSettings
from qiki.agent.env import (
    SEED_LIMIT,
    StepArrays,
    action_space,
    observation_space,
    world_settings,
)
from qiki.errors import SettingError
from qiki.radar import Scenario
from qiki.vehicle import VehicleConfig

Numbers = npt.NDArray[np.float32]


class QikiVectorEnv(gymnasium.vector.VectorEnv[Numbers, Numbers, npt.NDArray[Any]]):
    """Environments side by side, each as `QikiEnv` with its own seed, in one thread.

    One whose episode is over begins the next in the step after, which does not heed its action:
    Gymnasium's ``NEXT_STEP``. ``info`` has the seeds of the radars' draws (``world_seed``) after a
    reset, and after a step ``outcome``, numbers of `qiki.agent.env.OUTCOMES`,
    ``station_distance_m`` and ``nearest_distance_m``, arrays of all environments.

    Parameters
    ----------
    num_envs : how many, 1 to 65536.
    scenario, vehicle, settings, more : as for `QikiEnv`.
    copies : whether each step gives arrays of its own; without, it writes into those of the last.

    Raises
    ------
    ScenarioError, VehicleError : a file that cannot be used.
    SettingError : a value outside its limits; a task that the vehicle cannot do.
    """

    metadata = {  # noqa: RUF012 - as Gymnasium has it
        "render_modes": [],
        "autoreset_mode": gymnasium.vector.AutoresetMode.NEXT_STEP,
    }

    def __init__(
        self,
        num_envs: int,
        scenario: Scenario | str = "default",
        vehicle: VehicleConfig | str = "default",
        *,
        settings: WorldSettings | None = None,
        copies: bool = True,
        **more: Any,
    ) -> None:
        self.num_envs = num_envs
        self.single_observation_space = observation_space()
        self.single_action_space = action_space()
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        chosen = world_settings(scenario, vehicle, **more) if settings is None else settings
        self.batch = WorldBatch(chosen, range(num_envs))
        self._copies = copies
        self._arrays = StepArrays(num_envs)
        self._is_seeded = False

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Numbers, dict[str, Any]]:
        """Begin an episode of each.

        Parameters
        ----------
        seed : of the first, the others have those that follow; or one for each.
        options : ``reset_mask``, an array of bool, names those that begin; the others go on.

        Raises
        ------
        SettingError : another number of seeds than environments.
        """
        seeds = self._seeds(seed)
        mask = np.ones(self.num_envs, np.bool_)
        if options is not None and "reset_mask" in options:
            mask = np.asarray(options["reset_mask"], np.bool_)
        self.batch.reset(seeds, mask.tolist())
        out = self._arrays = StepArrays(self.num_envs) if self._copies else self._arrays
        self.batch.observe(out.observations)
        return out.observations, {"world_seed": np.array(self.batch.world_seeds)}

    def step(
        self, actions: Numbers
    ) -> tuple[
        Numbers,
        npt.NDArray[np.float64],
        npt.NDArray[np.bool_],
        npt.NDArray[np.bool_],
        dict[str, Any],
    ]:
        """Step each up to and including its next frame, or begin its next episode.

        Raises
        ------
        SettingError : an action that is NaN.
        """
        out = self._arrays = StepArrays(self.num_envs) if self._copies else self._arrays
        out.step(self.batch, np.ascontiguousarray(actions, np.float32), resets=True)
        info = {
            "outcome": out.outcomes,
            "station_distance_m": out.distances_m[:, 0],
            "nearest_distance_m": out.distances_m[:, 1],
        }
        return out.observations, out.rewards, out.terminated, out.truncated, info

    def _seeds(self, seed: int | Sequence[int | None] | None) -> list[int | None]:
        """Return the seed of each, None where its episodes go on."""
        if seed is None:
            if self._is_seeded:
                return [None] * self.num_envs
            seed = int(self.np_random.integers(SEED_LIMIT - self.num_envs))
        if isinstance(seed, int | np.integer):
            self._is_seeded = True
            super().reset(seed=int(seed))
            return [int(seed) + index for index in range(self.num_envs)]
        if len(seed) != self.num_envs:
            raise SettingError(
                f"seed has {len(seed)} entries, must have {self.num_envs}: "
                "give one for each environment, or that of the first"
            )
        drawn = self.np_random.integers(SEED_LIMIT, size=self.num_envs).tolist()
        if not self._is_seeded:
            pairs = zip(seed, drawn, strict=True)
            seed = [other if own is None else own for own, other in pairs]
        self._is_seeded = True
        return list(seed)
