"""Motion models written by a user: the built-in ones a second time, and a falling body."""

import math

from numba import njit

from qiki.models import motion_model
from qiki.tracking import UserMotion


@njit
def go_straight(state, dt_s, parameters, mean, transition, noise):
    """Constant velocity, driven by white noise acceleration of the given spectral density."""
    for x in range(3):
        v = x + 3
        mean[x], mean[v] = state[x] + dt_s * state[v], state[v]
        transition[x, x] = transition[v, v] = 1.0
        transition[x, v] = dt_s
        noise[x, x] = parameters[0] * dt_s**3 / 3.0
        noise[x, v] = noise[v, x] = parameters[0] * dt_s**2 / 2.0
        noise[v, v] = parameters[0] * dt_s


@motion_model(parameter_count=1)
def straight(state, dt_s, parameters, mean, transition, noise):
    go_straight(state, dt_s, parameters, mean, transition, noise)


@motion_model(state_size=7)
def turning(state, dt_s, parameters, mean, transition, noise):
    """Coordinated turn without noise (Bar-Shalom, Li, Kirubarajan 2001, eq. 11.7.1-4)."""
    rate, vx, vy = state[6], state[3], state[4]
    if abs(rate * dt_s) < 0.03:  # series: the quotients lose digits
        angle = rate * dt_s
        s = dt_s * (1.0 - angle**2 / 6.0 + angle**4 / 120.0)
        c = dt_s * angle * (0.5 - angle**2 / 24.0 + angle**4 / 720.0)
        ds = -(dt_s**2) * angle * (1.0 / 3.0 - angle**2 / 30.0 + angle**4 / 840.0)
        dc = dt_s**2 * (0.5 - angle**2 / 8.0 + angle**4 / 144.0)
    else:
        s, c = math.sin(rate * dt_s) / rate, (1.0 - math.cos(rate * dt_s)) / rate
        ds = (dt_s * math.cos(rate * dt_s) - s) / rate
        dc = (dt_s * math.sin(rate * dt_s) - c) / rate
    sine, cosine = math.sin(rate * dt_s), math.cos(rate * dt_s)
    mean[0], mean[1] = state[0] + s * vx - c * vy, state[1] + c * vx + s * vy
    mean[2] = state[2] + dt_s * state[5]
    mean[3], mean[4] = cosine * vx - sine * vy, sine * vx + cosine * vy
    mean[5], mean[6] = state[5], rate
    for i in range(7):
        transition[i, i] = 1.0
    transition[2, 5] = dt_s
    transition[0, 3], transition[0, 4] = s, -c
    transition[1, 3], transition[1, 4] = c, s
    transition[3, 3], transition[3, 4] = cosine, -sine
    transition[4, 3], transition[4, 4] = sine, cosine
    transition[0, 6], transition[1, 6] = ds * vx - dc * vy, dc * vx + ds * vy
    transition[3, 6], transition[4, 6] = -dt_s * mean[4], dt_s * mean[3]


@motion_model(parameter_count=1)
def only_above(state, dt_s, parameters, mean, transition, noise):
    """Constant velocity of a target above a height, and nothing that could be used below."""
    for x in range(3):
        mean[x], mean[x + 3] = state[x] + dt_s * state[x + 3], state[x + 3]
        transition[x, x] = transition[x + 3, x + 3] = noise[x + 3, x + 3] = 1.0
        transition[x, x + 3] = dt_s
    if mean[2] <= parameters[0]:
        mean[2] = math.nan


def straight_by(density_m2_s3, **fields):
    return UserMotion(model=straight, parameters=(density_m2_s3,), **fields)
