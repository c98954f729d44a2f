"""Filters that are consistent only nearly, beside reference filters of other libraries.

The extended filter linearises and the interacting models merge their mixture, so neither follows
the chi-squared law exactly. What they must be is as consistent as filterpy's of the same formulas:
runs of each over draws of their own, compared by the means of the runs.
"""

import numpy as np
from filterpy.kalman import ExtendedKalmanFilter, IMMEstimator, KalmanFilter
from scipy.linalg import expm

from qiki.metrics import nees, nis
from qiki.tracking import ConstantVelocity, TrackerConfig, predict, update_polar
from tests.tracking.consistency_runs import (
    COVARIANCE_M2,
    DT_S,
    MEAN,
    NOISE_M2_S3,
    SPREAD,
    Errors,
    draw,
    moved,
    position_errors,
)
from tests.tracking.oracles.constant_velocity import process_noise, transition
from tests.tracking.oracles.interacting_models import generator
from tests.tracking.oracles.polar_sensor import SENSORS, PolarSensor

POLAR = PolarSensor(SENSORS["range, bearing, elevation, rate"])
POLAR_MEAN = np.array([9e3, 2e4, 1500.0, -150.0, 40.0, 3.0])
POLAR_SPREAD = np.diag([60.0, 60.0, 60.0, 15.0, 15.0, 5.0]) ** 2
CALM, LIVELY = (
    ConstantVelocity(
        process_noise_m2_s3=density,
        vertical_process_noise_m2_s3=density,
        mean_sojourn_s=sojourn_s,
        initial_probability=share,
    )
    for density, sojourn_s, share in [(0.5, 20.0, 0.7), (300.0, 8.0, 0.3)]
)
MODELS = (CALM, LIVELY)


def deviations_apart(values, reference):
    """Difference of the means of two samples of runs, in its standard deviations.

    Steps of a run depend on one another, runs do not: (steps, runs) each.
    """
    ours, theirs = values.mean(axis=0), reference.mean(axis=0)
    variance = ours.var(ddof=1) / len(ours) + theirs.var(ddof=1) / len(theirs)
    return float((ours.mean() - theirs.mean()) / np.sqrt(variance))


def polar_scene(runs, steps, seed):
    """Truth in the radar's view, its detections and what they say in radians, step by step."""
    random = np.random.default_rng([seed, 1])
    states = draw(random, runs, POLAR_MEAN, POLAR_SPREAD)
    for _ in range(steps):
        states = moved(random, states, NOISE_M2_S3)
        yield states, *POLAR.detect(states, random)


def polar_errors(runs=400, steps=60, seed=1):
    """Errors of the core's extended filter."""
    states, spreads = np.tile(POLAR_MEAN, (runs, 1)), np.tile(POLAR_SPREAD, (runs, 1, 1))
    found = []
    for truth, detections, measured in polar_scene(runs, steps, seed):
        states, spreads = predict(states, spreads, DT_S, NOISE_M2_S3)
        parts = [_innovation(*each) for each in zip(states, spreads, measured, strict=True)]
        nis_now = nis(*(np.array(part) for part in zip(*parts, strict=True)))
        states, spreads = update_polar(
            states,
            spreads,
            detections,
            sensor_position_m=POLAR.position_m,
            sensor_velocity_m_s=POLAR.velocity_m_s,
        )
        found.append((nees(states - truth, spreads), nis_now))
    return Errors(*(np.array(part) for part in zip(*found, strict=True)), components=4)


def _innovation(state, spread, measured):
    jacobian = POLAR.jacobian(state)
    residual = POLAR.residual(measured, POLAR.measure(state))
    return residual, jacobian @ spread @ jacobian.T + POLAR.covariance()


def reference_polar_errors(runs=100, steps=60, seed=2):
    """Errors of filterpy's extended filter."""
    filters = []
    for _ in range(runs):
        one = ExtendedKalmanFilter(dim_x=6, dim_z=4)
        one.x, one.P, one.R = POLAR_MEAN.copy(), POLAR_SPREAD.copy(), POLAR.covariance()
        one.F, one.Q = transition(DT_S), process_noise(DT_S, NOISE_M2_S3)
        filters.append(one)
    found = []
    for truth, _, measured in polar_scene(runs, steps, seed):
        for one, said in zip(filters, measured, strict=True):
            one.predict()
            one.update(said, POLAR.jacobian, POLAR.measure, residual=POLAR.residual)
        errors = np.array([one.x for one in filters]) - truth
        nees_now = nees(errors, _symmetric([one.P for one in filters]))
        nis_now = nis(np.array([one.y for one in filters]), _symmetric([one.S for one in filters]))
        found.append((nees_now, nis_now))
    return Errors(*(np.array(part) for part in zip(*found, strict=True)), components=4)


def _symmetric(matrices):
    stacked = np.array(matrices)
    return 0.5 * (stacked + stacked.transpose(0, 2, 1))


def _jumping_truth(random, runs, steps):
    """States that move by one of the models at a time, as their Markov chain has it."""
    chain = expm(generator([model.mean_sojourn_s for model in MODELS]) * DT_S)
    density = np.array([model.process_noise_m2_s3 for model in MODELS])
    model = (random.random(runs) < LIVELY.initial_probability).astype(int)
    states = draw(random, runs)
    for _ in range(steps):
        model = (random.random(runs) < chain[model, 1]).astype(int)
        states = moved(random, states, density[model][:, None])
        yield states


def bank_errors(runs=400, steps=60, seed=1):
    """Errors of the core's interacting models."""
    random = np.random.default_rng([seed, 2])
    truths = list(_jumping_truth(random, runs, steps))
    return position_errors(random, TrackerConfig(motion_models=MODELS), truths)


def reference_bank_errors(runs=100, steps=60, seed=2):
    """Errors of filterpy's interacting models."""
    random = np.random.default_rng([seed, 2])
    chain = expm(generator([model.mean_sojourn_s for model in MODELS]) * DT_S)
    root, banks, found = np.linalg.cholesky(COVARIANCE_M2), [_bank(chain) for _ in range(runs)], []
    for truth in list(_jumping_truth(random, runs, steps)):
        measured_m = truth[:, :3] + random.normal(size=(runs, 3)) @ root.T
        ahead, after = [], []
        for bank, position_m in zip(banks, measured_m, strict=True):
            share = bank.mu @ chain
            bank.predict()
            ahead.append(_mixture(share, bank.filters))
            bank.update(position_m[:, None])
            after.append(_mixture(bank.mu, bank.filters))
        mean, spread = (np.array(part) for part in zip(*ahead, strict=True))
        nis_now = nis(measured_m - mean[:, :3], _symmetric(spread)[:, :3, :3] + COVARIANCE_M2)
        mean, spread = (np.array(part) for part in zip(*after, strict=True))
        found.append((nees(mean - truth, _symmetric(spread)), nis_now))
    return Errors(*(np.array(part) for part in zip(*found, strict=True)))


def _bank(chain):
    filters = []
    for model in MODELS:
        one = KalmanFilter(dim_x=6, dim_z=3)
        one.x, one.P = MEAN[:, None].copy(), SPREAD.copy()
        one.F, one.Q = transition(DT_S), process_noise(DT_S, model.process_noise_m2_s3)
        one.H, one.R = np.eye(3, 6), COVARIANCE_M2
        filters.append(one)
    return IMMEstimator(filters, [model.initial_probability for model in MODELS], chain)


def _mixture(share, filters):
    means = np.array([one.x[:, 0] for one in filters])
    mean = share @ means
    away = means - mean
    spread = sum(
        part * (one.P + np.outer(own, own))
        for part, one, own in zip(share, filters, away, strict=True)
    )
    return mean, spread
