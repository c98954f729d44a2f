"""A joint integrated PDA tracker as the papers write it: every joint event, dense matrices.

With motion models each track is a bank of filters, the mixture taken model by model.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, multivariate_normal

from tests.tracking.oracles.interacting_models import DenseBank, dense_model

H = np.eye(3, 6)
SURELY_UNCLAIMED = 0.9
MOST = 1.0 - 1e-6


@dataclass
class OracleTrack:
    """State at the time of the last mixture, and existence."""

    mean: np.ndarray
    covariance: np.ndarray
    time_s: float
    existence: float
    bank: DenseBank | None = None


class JipdaOracle:
    """Position scans at one time each; `config` as of `qiki.tracking.TrackerConfig`."""

    def __init__(self, config, measurement_covariance_m2, volume_m3):
        self.config, self.noise_m2, self.volume_m3 = config, measurement_covariance_m2, volume_m3
        self.density = config.clutter_per_frame / volume_m3
        self.gate = chi2.ppf(config.gate_probability, 3)
        self.tracks, self.newest_s = [], None

    def predicted(self, track, time_s):
        dt = time_s - track.time_s
        if track.bank:
            return track.bank.matched(dt)
        transition = np.eye(6)
        transition[:3, 3:] = np.eye(3) * dt
        flat, up = self.config.process_noise_m2_s3, self.config.vertical_process_noise_m2_s3
        noise = np.kron([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]], np.diag([flat, flat, up]))
        return transition @ track.mean, transition @ track.covariance @ transition.T + noise

    def step(self, positions_m, time_s):
        config, pd = self.config, self.config.detection_probability
        since_s = 0.0 if self.newest_s is None else time_s - self.newest_s
        self.newest_s = time_s
        known = [t.existence * np.exp(-since_s / config.mean_lifetime_s) for t in self.tracks]
        predicted = [self.predicted(track, time_s) for track in self.tracks]
        ratio = np.array(
            [
                self.bank_ratios(track, positions_m, time_s)
                if track.bank
                else self.ratios(*state, positions_m)
                for track, state in zip(self.tracks, predicted, strict=True)
            ]
        )
        ratio = ratio.reshape(len(self.tracks), len(positions_m))
        probability, missed = self.joint(ratio, np.array(known))
        for at, track in enumerate(self.tracks):
            share = missed[at] * known[at] * (1 - pd) / (1 - pd * known[at])
            exists = probability[at].sum() + share
            if ratio[at].any():
                self.mix(track, predicted[at], positions_m, probability[at] / exists, time_s)
            track.existence = min(exists, MOST)
        detected = probability.sum(axis=1)
        self.tracks = [
            track
            for track, hit in zip(self.tracks, detected > 0.5, strict=True)
            if hit or track.existence >= config.delete_existence
        ]
        self.begin(positions_m, 1.0 - probability.sum(axis=0), time_s)

    def ratios(self, mean, covariance, positions_m):
        """g/λ of each position, 0 outside the gate."""
        spread = H @ covariance @ H.T + self.noise_m2
        away = positions_m - mean[:3]
        inside = np.einsum("ij,jk,ik->i", away, np.linalg.inv(spread), away) <= self.gate
        density = np.array([multivariate_normal.pdf(x, np.zeros(3), spread) for x in away])
        return np.where(inside, density.reshape(len(away)) / self.density, 0.0)

    def bank_ratios(self, track, positions_m, time_s):
        """The same over all models, 0 outside the gates of all."""
        ahead, states = track.bank.predicted(time_s - track.time_s)
        inside = [self.ratios(mean[:6], cov[:6, :6], positions_m) > 0 for mean, cov in states]
        density = [track.bank.updates(x, self.noise_m2, ahead, states)[0] for x in positions_m]
        return np.where(np.any(inside, axis=0), np.array(density) / self.density, 0.0)

    def joint(self, ratio, known):
        """Probability of each pair and of each track's miss, by listing every joint event."""
        pd = self.config.detection_probability
        track_count, count = ratio.shape
        probability, missed, total = np.zeros(ratio.shape), np.zeros(track_count), 0.0

        def events(at, weight, taken):
            nonlocal total
            if at == track_count:
                total += weight
                for track, measurement in enumerate(taken):
                    if measurement is None:
                        missed[track] += weight
                    else:
                        probability[track, measurement] += weight
                return
            events(at + 1, weight * (1 - pd * known[at]), [*taken, None])
            for measurement in range(count):
                if ratio[at, measurement] > 0 and measurement not in taken:
                    own = pd * known[at] * ratio[at, measurement]
                    events(at + 1, weight * own, [*taken, measurement])

        events(0, 1.0, [])
        return probability / total, missed / total

    def mix(self, track, predicted, positions_m, share, time_s):
        if track.bank:
            track.bank.mix(positions_m, self.noise_m2, time_s - track.time_s, share)
            track.time_s = time_s
            return
        mean, covariance = predicted
        hypotheses = [(1.0 - share.sum(), mean, covariance)]
        gain = covariance @ H.T @ np.linalg.inv(H @ covariance @ H.T + self.noise_m2)
        kept = np.eye(6) - gain @ H
        joseph = kept @ covariance @ kept.T + gain @ self.noise_m2 @ gain.T
        for own, position_m in zip(share, positions_m, strict=True):
            hypotheses.append((own, mean + gain @ (position_m - mean[:3]), joseph))
        track.mean = sum(w * m for w, m, _ in hypotheses)
        track.covariance = sum(
            w * (p + np.outer(m - track.mean, m - track.mean)) for w, m, p in hypotheses
        )
        track.time_s = time_s

    def begin(self, positions_m, unclaimed, time_s):
        config = self.config
        births = config.births_per_frame / (config.births_per_frame + config.clutter_per_frame)
        flat, up = config.initial_speed_std_m_s, config.initial_vertical_speed_std_m_s
        for position_m, share in zip(positions_m, unclaimed, strict=True):
            if share > SURELY_UNCLAIMED:
                mean = np.concatenate([position_m, np.zeros(3)])
                covariance = np.zeros((6, 6))
                covariance[:3, :3] = self.noise_m2
                covariance[3:, 3:] = np.diag([flat, flat, up]) ** 2
                track = OracleTrack(mean, covariance, time_s, share * births)
                if models := config.motion_models:
                    first = [model.initial_probability for model in models]
                    dense = [dense_model(model) for model in models]
                    track.bank = DenseBank(dense, first, mean, covariance)
                self.tracks.append(track)
