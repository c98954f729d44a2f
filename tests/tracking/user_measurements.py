"""Measurement models written by a user: positions, and a polar radar's measurement."""

import math

import numba

from qiki.models import measurement_model


def begin_there(measured, noise, parameters, position, covariance):
    for i in range(3):
        position[i] = measured[i]
        for j in range(3):
            covariance[i, j] = noise[i, j]


@measurement_model(periods=(0.0, 0.0, 0.0), start=begin_there)
def place(state, parameters, predicted, jacobian):
    """The position itself [m]."""
    for i in range(3):
        predicted[i], jacobian[i, i] = state[i], 1.0


def begin_polar(measured, noise, parameters, position, covariance):
    """By the derivatives of the position; the noise is uncorrelated."""
    r, b, e = measured[0], measured[1], measured[2]
    sb, cb, se, ce = math.sin(b), math.cos(b), math.sin(e), math.cos(e)
    position[0], position[1] = parameters[0] + r * ce * sb, parameters[1] + r * ce * cb
    position[2] = parameters[2] + r * se
    rows = (
        (ce * sb, r * ce * cb, -r * se * sb),
        (ce * cb, -r * ce * sb, -r * se * cb),
        (se, 0.0, r * ce),
    )
    for i in range(3):
        for j in range(3):
            for k in range(3):
                covariance[i, j] += rows[i][k] * noise[k, k] * rows[j][k]


def polar_measurement(state, parameters, predicted, jacobian):
    """Range [m], bearing [rad], clockwise from north, and elevation [rad], from a place."""
    x, y, z = state[0] - parameters[0], state[1] - parameters[1], state[2] - parameters[2]
    ground2 = x * x + y * y
    range2 = ground2 + z * z
    ground, r = math.sqrt(ground2), math.sqrt(range2)
    predicted[0], predicted[1], predicted[2] = r, math.atan2(x, y), math.atan2(z, ground)
    jacobian[0, 0], jacobian[0, 1], jacobian[0, 2] = x / r, y / r, z / r
    jacobian[1, 0], jacobian[1, 1] = y / ground2, -x / ground2
    jacobian[2, 0], jacobian[2, 1] = -x * z / (range2 * ground), -y * z / (range2 * ground)
    jacobian[2, 2] = ground / range2


_polar = numba.njit(polar_measurement)


@measurement_model(periods=(0.0, 2.0 * math.pi, 0.0), start=begin_polar, parameter_count=3)
def polar(state, parameters, predicted, jacobian):
    """The same as a model."""
    _polar(state, parameters, predicted, jacobian)


@measurement_model(periods=(0.0,) * 4, start=begin_there)
def place_and_rate(state, parameters, predicted, jacobian):
    """The position [m], and the rate at which the distance to the origin grows [m/s]."""
    r = math.sqrt(state[0] ** 2 + state[1] ** 2 + state[2] ** 2)
    rate = (state[0] * state[3] + state[1] * state[4] + state[2] * state[5]) / r
    predicted[3] = rate
    for i in range(3):
        predicted[i], jacobian[i, i] = state[i], 1.0
        jacobian[3, i] = (state[i + 3] - rate * state[i] / r) / r
        jacobian[3, i + 3] = state[i] / r


@measurement_model(periods=(0.0, 0.0, 0.0), start=begin_there, parameter_count=1)
def only_above(state, parameters, predicted, jacobian):
    """The position of what is above a height, and nothing that could be used below."""
    for i in range(3):
        predicted[i], jacobian[i, i] = state[i], 1.0
    if state[2] <= parameters[0]:
        jacobian[1, 1] = math.nan
