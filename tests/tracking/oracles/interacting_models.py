"""The motion models and the interacting multiple model estimator written a second time, densely."""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from qiki.tracking import ConstantAcceleration, ConstantVelocity, CoordinatedTurn, predict_by


def van_loan(drift, diffusion, dt_s):
    """Transition matrix and process noise of a linear system (Van Loan 1978)."""
    size = len(drift)
    block = np.block([[-drift, diffusion], [np.zeros_like(drift), drift.T]])
    exponential = expm(block * dt_s)
    transition = exponential[size:, size:].T
    return transition, transition @ exponential[:size, size:]


def linear_model(order, densities):
    """Drift and diffusion of three axes, the derivative of that order driven by white noise."""
    size = 3 * order
    diffusion = np.zeros((size, size))
    diffusion[-3:, -3:] = np.diag(densities)
    return np.eye(size, k=3), diffusion


def turn_rates_of_change(state):
    """Time derivative of a turning target's state: x, y, z, vx, vy, vz, turn rate."""
    _, _, _, vx, vy, vz, rate = state
    return np.array([vx, vy, vz, -rate * vy, rate * vx, 0.0 * vz, 0.0 * rate])


def turn_drift(state):
    """Jacobian of it."""
    _, _, _, vx, vy, _, rate = state
    drift = np.zeros((7, 7))
    drift[:3, 3:6] = np.eye(3)
    drift[3, 4], drift[4, 3] = -rate, rate
    drift[3, 6], drift[4, 6] = -vy, vx
    return drift


def turned(state, dt_s):
    """Mean of a coordinated turn, of complex numbers too; the turn rate must not be zero."""
    x, y, z, vx, vy, vz, rate = state
    sin, cos = np.sin(rate * dt_s), np.cos(rate * dt_s)
    return np.array(
        [
            x + (sin * vx - (1.0 - cos) * vy) / rate,
            y + ((1.0 - cos) * vx + sin * vy) / rate,
            z + vz * dt_s,
            cos * vx - sin * vy,
            sin * vx + cos * vy,
            vz,
            rate,
        ]
    )


def complex_step(function, state):
    """Jacobian without rounding (Squire and Trapp 1998)."""
    columns = []
    for index in range(len(state)):
        moved = state.astype(complex)
        moved[index] += 1e-100j
        columns.append(function(moved).imag / 1e-100)
    return np.array(columns).T


def integrated_turn(state, covariance, dt_s, diffusion):
    """Mean and covariance of a turn by integrating the linearised system along its way."""

    def change(_, numbers):
        mean, spread = numbers[:7], numbers[7:].reshape(7, 7)
        drift = turn_drift(mean)
        growth = drift @ spread + spread @ drift.T + diffusion
        return np.concatenate([turn_rates_of_change(mean), growth.ravel()])

    start = np.concatenate([state, covariance.ravel()])
    end = solve_ivp(change, (0.0, dt_s), start, method="DOP853", rtol=1e-12, atol=1e-12).y[:, -1]
    return end[:7], end[7:].reshape(7, 7)


def generator(mean_sojourns_s):
    """Rates of transition: each model is followed by any of the others alike."""
    count = len(mean_sojourns_s)
    rates = np.full((count, count), 1.0 / max(count - 1, 1)) - np.eye(count) / max(count - 1, 1)
    return (rates - np.eye(count)) / np.asarray(mean_sojourns_s)[:, None]


@dataclass
class DenseModel:
    """One model of the bank: its prediction and the variance of what a source lacks."""

    predict: object
    first_variance: np.ndarray
    mean_sojourn_s: float


def dense_model(model):
    """The dense writing of a `qiki.tracking` model; the prediction has oracles of its own."""
    extra = {
        ConstantVelocity: [],
        CoordinatedTurn: [np.radians(getattr(model, "turn_rate_std_deg_s", 0.0)) ** 2],
        ConstantAcceleration: [
            getattr(model, "acceleration_std_m_s2", 0.0) ** 2,
            getattr(model, "acceleration_std_m_s2", 0.0) ** 2,
            getattr(model, "vertical_acceleration_std_m_s2", 0.0) ** 2,
        ],
    }[type(model)]

    def predict(mean, covariance, dt_s):
        means, covariances = predict_by(model, mean[None], covariance[None], dt_s)
        return means[0], covariances[0]

    return DenseModel(predict, np.array(extra), model.mean_sojourn_s)


class DenseBank:
    """One target by several models of unequal dimension."""

    def __init__(self, models, probability, mean, covariance):
        self.models, self.probability = models, np.array(probability, float)
        self.states = [self._lengthened(mean, covariance, model) for model in models]

    @staticmethod
    def _lengthened(mean, covariance, model):
        extra = len(model.first_variance)
        long = np.zeros((6 + extra, 6 + extra))
        long[:6, :6] = covariance[:6, :6]
        long[6:, 6:] = np.diag(model.first_variance)
        return np.concatenate([mean[:6], np.zeros(extra)]), long

    def _mixed(self, shares, model, size):
        sources = []
        for mean, covariance in self.states:
            same = len(mean) == size
            fits = (mean, covariance) if same else self._lengthened(mean, covariance, model)
            sources.append(fits)
        mean = sum(share * own for share, (own, _) in zip(shares, sources, strict=True))
        spread = np.zeros((size, size))
        for share, (own, covariance) in zip(shares, sources, strict=True):
            spread += share * (covariance + np.outer(own - mean, own - mean))
        return mean, spread

    def predicted(self, dt_s):
        """Probabilities and states a time later."""
        rates = generator([model.mean_sojourn_s for model in self.models])
        joint = expm(rates * dt_s) * self.probability[:, None]
        ahead, states = joint.sum(axis=0), []
        for index, model in enumerate(self.models):
            size = 6 + len(model.first_variance)
            mixed = self._mixed(joint[:, index] / ahead[index], model, size)
            states.append(model.predict(*mixed, dt_s))
        return ahead, states

    def update(self, position_m, covariance_m2, dt_s):
        """Predict and take in a measured position."""
        ahead, states = self.predicted(dt_s)
        _, self.probability, self.states = self.updates(position_m, covariance_m2, ahead, states)

    def mix(self, position_m, covariance_m2, dt_s, shares):
        """Predict and become the mixture over the positions, each with its share, and none."""
        ahead, states = self.predicted(dt_s)
        hypotheses = [(1.0 - sum(shares), ahead, states)]
        for share, own_m in zip(shares, position_m, strict=True):
            if share > 0.0:
                hypotheses.append((share, *self.updates(own_m, covariance_m2, ahead, states)[1:]))
        self.probability = sum(share * own for share, own, _ in hypotheses)
        self.states = []
        for index, probability in enumerate(self.probability):
            parts = [(w * own[index] / probability, own_s[index]) for w, own, own_s in hypotheses]
            mean = sum(part * own for part, (own, _) in parts)
            covariance = sum(
                part * (spread + np.outer(own - mean, own - mean)) for part, (own, spread) in parts
            )
            self.states.append((mean, covariance))

    def updates(self, position_m, covariance_m2, ahead, states):
        """Likelihood of a position, and what it makes of probabilities and states at its time."""
        likelihood, updated = [], []
        for mean, covariance in states:
            observe = np.eye(3, len(mean))
            spread = observe @ covariance @ observe.T + covariance_m2
            innovation = position_m - mean[:3]
            gain = covariance @ observe.T @ np.linalg.inv(spread)
            distance2 = innovation @ np.linalg.solve(spread, innovation)
            density = np.exp(-0.5 * distance2) / np.sqrt(np.linalg.det(2.0 * np.pi * spread))
            likelihood.append(density)
            left = np.eye(len(mean)) - gain @ observe
            joseph = left @ covariance @ left.T + gain @ covariance_m2 @ gain.T
            updated.append((mean + gain @ innovation, joseph))
        joint = ahead * likelihood
        return joint.sum(), joint / joint.sum(), updated

    def matched(self, dt_s):
        """Position and velocity of the mixture a time later."""
        ahead, states = self.predicted(dt_s)
        mean = sum(share * own[:6] for share, (own, _) in zip(ahead, states, strict=True))
        spread = np.zeros((6, 6))
        for share, (own, covariance) in zip(ahead, states, strict=True):
            away = own[:6] - mean
            spread += share * (covariance[:6, :6] + np.outer(away, away))
        return mean, spread
