"""A motion model in Python, compiled by numba: a body that falls through the air.

falling = UserMotion(model=falling_body, parameters=(20.0, 1e-12), initial_std=(5e-4,))
tracker = Tracker(TrackerConfig(motion_models=(falling,)))

In settings of services, YAML:

motion_models:
  - kind: user
    model: numba_motion.py:falling_body
    parameters: [20.0, 1.0e-12]
    initial_std: [5.0e-4]
"""

import math
from typing import Any

from qiki.models import motion_model

GRAVITY_M_S2 = 9.80665
GROUND_DENSITY_KG_M3 = 1.225
SCALE_HEIGHT_M = 8500.0
LONGEST_STEP_S = 0.01


@motion_model(state_size=7, parameter_count=2)
def falling_body(  # noqa: PLR0917 - what every motion model is given
    state: Any, dt_s: float, parameters: Any, mean: Any, transition: Any, noise: Any
) -> None:
    """Gravity, and drag in air that thins out with height.

    Li and Jilkov 2001, "Survey of maneuvering target tracking, part II", Proc. SPIE 4473.
    The state ends with drag coefficient times area over mass [m^2/kg], one over the ballistic
    coefficient: zero while nothing is known of it. Parameters: spectral densities of the noise of
    acceleration [m^2/s^3] and drag area [m^4/kg^2/s].
    """
    steps = math.ceil(dt_s / LONGEST_STEP_S)
    h = dt_s / steps
    for i in range(7):
        mean[i], transition[i, i] = state[i], 1.0
    for _ in range(steps):
        speed = math.sqrt(mean[3] ** 2 + mean[4] ** 2 + mean[5] ** 2) + 1e-9
        thickness = 0.5 * GROUND_DENSITY_KG_M3 * math.exp(-mean[2] / SCALE_HEIGHT_M)
        drag = thickness * speed * mean[6]
        for j in range(7):  # each number's derivative goes the same way
            d = transition[:, j]
            faster = (mean[3] * d[3] + mean[4] * d[4] + mean[5] * d[5]) / speed
            change = thickness * (speed * d[6] + mean[6] * (faster - speed * d[2] / SCALE_HEIGHT_M))
            for x in range(3):
                slower = change * mean[x + 3] + drag * d[x + 3]
                d[x] += h * (d[x + 3] - 0.5 * h * slower)
                d[x + 3] -= h * slower
        for x in range(3):
            slower = drag * mean[x + 3] + (GRAVITY_M_S2 if x == 2 else 0.0)
            mean[x] += h * (mean[x + 3] - 0.5 * h * slower)
            mean[x + 3] -= h * slower
    for x in range(3):
        noise[x, x] = parameters[0] * dt_s**3 / 3.0
        noise[x, x + 3] = noise[x + 3, x] = parameters[0] * dt_s**2 / 2.0
        noise[x + 3, x + 3] = parameters[0] * dt_s
    noise[6, 6] = parameters[1] * dt_s
