"""A measurement model in Python, compiled by numba: range and bearing of a radar in the plane.

tracker.step_measurements(
    range_and_bearing, values, noise, time_ns, volume=60e3 * 2 * math.pi, parameters=(0, 0, 3000)
)
"""

import math
from typing import Any

from qiki.models import measurement_model

# Of the radar's place and of what it sees: east [m], north [m], height assumed of targets [m].
EAST, NORTH, HEIGHT = 0, 1, 2
HEIGHT_STD_M = 2000.0


def position_of(measured: Any, noise: Any, parameters: Any, position: Any, covariance: Any) -> None:
    """Where a target begins: the noise in the plane by its derivatives, the height assumed."""
    range_m, bearing = measured[0], measured[1]
    sine, cosine = math.sin(bearing), math.cos(bearing)
    position[0] = parameters[EAST] + range_m * sine
    position[1] = parameters[NORTH] + range_m * cosine
    position[2] = parameters[HEIGHT]
    along, across, both = noise[0, 0], noise[1, 1] * range_m**2, noise[0, 1] * range_m
    covariance[0, 0] = along * sine**2 + 2.0 * both * sine * cosine + across * cosine**2
    covariance[1, 1] = along * cosine**2 - 2.0 * both * sine * cosine + across * sine**2
    covariance[0, 1] = (along - across) * sine * cosine + both * (cosine**2 - sine**2)
    covariance[1, 0] = covariance[0, 1]
    covariance[2, 2] = HEIGHT_STD_M**2


@measurement_model(periods=(0.0, 2.0 * math.pi), start=position_of, parameter_count=3)
def range_and_bearing(state: Any, parameters: Any, predicted: Any, jacobian: Any) -> None:
    """Ground range [m] and bearing [rad], clockwise from north."""
    east_m, north_m = state[0] - parameters[EAST], state[1] - parameters[NORTH]
    range_m = max(math.sqrt(east_m**2 + north_m**2), 1e-3)
    predicted[0], predicted[1] = range_m, math.atan2(east_m, north_m)
    jacobian[0, 0], jacobian[0, 1] = east_m / range_m, north_m / range_m
    jacobian[1, 0], jacobian[1, 1] = north_m / range_m**2, -east_m / range_m**2
