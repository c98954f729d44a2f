"""A multi-target tracker in numpy and scipy, in whole-array operations.

The peer of `qiki.tracking.Tracker.step_positions`: the same filter (3-D constant velocity driven
by continuous white noise acceleration, position measurements), the same gate, cost and life
cycle (global nearest neighbour with a private miss column per track, confirmed tracks first,
existence by the integrated PDA). No Python loop runs over tracks or detections; the only one runs
over those clusters in which two or more tracks compete for two or more detections.

Every step is the plain call of numpy or scipy for the job: batched matmul, LAPACK's inverse, a k-d
tree, connected components, scipy's assignment. `numpy_tracker_tuned` goes beyond that by hand.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from scipy.stats import chi2

from bench.peers.numpy_assignment import least_cost

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MOST_EXISTENCE = 1.0 - 1e-6
"""No track exists with more."""


@dataclass(frozen=True)
class Settings:
    """Settings of the tracker; names and meaning as in `qiki.tracking.TrackerConfig`."""

    process_noise_m2_s3: float = 1.0
    vertical_process_noise_m2_s3: float = 1.0
    initial_speed_std_m_s: float = 100.0
    initial_vertical_speed_std_m_s: float = 30.0
    gate_probability: float = 0.9999
    detection_probability: float = 0.9
    mean_lifetime_s: float = 600.0
    confirm_existence: float = 0.95
    delete_existence: float = 0.01
    clutter_density_per_m3: float = 1e-9
    birth_density_per_m3: float = 1e-10


@dataclass
class Tracks:
    """All living tracks, one row each.

    Attributes
    ----------
    mean : (n, 6) float64 [m, m/s]
    covariance : (n, 6, 6) float64
    number : (n,) int64
        Running number from 1.
    existence : (n,) float64
        Probability that the track follows a target.
    confirmed, missed : (n,) bool
        Whether the track was ever confirmed; whether the last scan missed it.
    """

    mean: Array
    covariance: Array
    number: Integers
    existence: Array
    confirmed: npt.NDArray[np.bool_]
    missed: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.number)

    def keep(self, rows: npt.NDArray[np.bool_]) -> "Tracks":
        """Keep the rows that are True."""
        return Tracks(*(column[rows] for column in vars(self).values()))

    def join(self, other: "Tracks") -> "Tracks":
        """Put another's tracks behind these."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Tracks(*(np.concatenate(pair) for pair in pairs))


class NumpyTracker:
    """Turns scans of measured positions into tracks.

    Parameters
    ----------
    measurement_covariance_m2 : (3, 3) float64
        Covariance of every measurement.
    settings : Settings
    """

    def __init__(self, measurement_covariance_m2: Array, settings: Settings) -> None:
        self.settings = settings
        self._measurement_covariance_m2 = measurement_covariance_m2
        self._gate = float(chi2.ppf(settings.gate_probability, 3))
        odds = settings.detection_probability / (1.0 - settings.detection_probability)
        self._miss_cost = float(np.log(odds))
        self._cost_offset = np.log(settings.clutter_density_per_m3) + 1.5 * np.log(2.0 * np.pi)
        horizontal, vertical = (
            settings.initial_speed_std_m_s,
            settings.initial_vertical_speed_std_m_s,
        )
        self._birth_covariance = np.zeros((6, 6))
        self._birth_covariance[:3, :3] = measurement_covariance_m2
        self._birth_covariance[3:, 3:] = np.diag([horizontal, horizontal, vertical]) ** 2
        born, clutter = settings.birth_density_per_m3, settings.clutter_density_per_m3
        self._birth_existence = min(born / (born + clutter), MOST_EXISTENCE)
        self._time_ns: int | None = None
        self._next_number = 1
        self.tracks = self._born(np.empty((0, 3)))

    def step(self, positions_m: Array, time_ns: int) -> Tracks:
        """Take in one scan.

        Parameters
        ----------
        positions_m : (m, 3) float64
        time_ns : int

        Returns
        -------
        Tracks
            All living tracks, at `time_ns`.
        """
        if self._time_ns is not None:
            self._predict((time_ns - self._time_ns) * 1e-9)
        self._time_ns = time_ns
        taken = np.zeros(len(positions_m), bool)
        if len(self.tracks) and len(positions_m):
            taken = self._associate_and_update(positions_m)
        elif len(self.tracks):
            self._weigh(np.empty(0, np.int64), np.empty(0))
        self.tracks = self.tracks.keep(self._survivors()).join(self._born(positions_m[~taken]))
        return self.tracks

    def _predict(self, dt_s: float) -> None:
        tracks, settings = self.tracks, self.settings
        tracks.existence = tracks.existence * np.exp(-dt_s / settings.mean_lifetime_s)
        transition = np.eye(6)
        transition[:3, 3:] = np.eye(3) * dt_s
        tracks.mean = tracks.mean @ transition.T
        tracks.covariance = self._moved(tracks.covariance, transition)
        horizontal, vertical = settings.process_noise_m2_s3, settings.vertical_process_noise_m2_s3
        per_axis = np.diag([horizontal, horizontal, vertical])
        tracks.covariance += np.block(
            [
                [per_axis * dt_s**3 / 3.0, per_axis * dt_s**2 / 2.0],
                [per_axis * dt_s**2 / 2.0, per_axis * dt_s],
            ]
        )

    def _moved(self, covariance: Array, transition: Array) -> Array:
        """F P Fᵀ of every track."""
        return transition @ covariance @ transition.T

    def _inverse(self, covariance: Array) -> tuple[Array, Array]:
        """Inverse and determinant of every 3 x 3 matrix."""
        return np.linalg.inv(covariance), np.linalg.det(covariance)

    def _associate_and_update(self, positions_m: Array) -> npt.NDArray[np.bool_]:
        tracks = self.tracks
        innovation_covariance = tracks.covariance[:, :3, :3] + self._measurement_covariance_m2
        inverse, determinant = self._inverse(innovation_covariance)
        track, detection, innovation = self._candidates(positions_m, innovation_covariance)
        weighted = (inverse[track] @ innovation[:, :, None])[:, :, 0]
        distance2 = (weighted * innovation).sum(axis=1)
        cost = 0.5 * (distance2 + np.log(determinant)[track]) + self._cost_offset
        inside = np.flatnonzero((distance2 <= self._gate) & (cost < self._miss_cost))
        chosen = inside[
            self._assign(track[inside], detection[inside], cost[inside], len(positions_m))
        ]
        self._update(track[chosen], weighted[chosen], inverse[track[chosen]])
        self._weigh(track[chosen], cost[chosen])
        taken = np.zeros(len(positions_m), bool)
        taken[detection[chosen]] = True
        return taken

    def _candidates(
        self, positions_m: Array, innovation_covariance: Array
    ) -> tuple[Integers, Integers, Array]:
        """Pairs whose detection lies inside the sphere around the largest gate.

        One radius for all tracks: with a radius of its own for each, `query_ball_point` answers
        in Python lists and takes twice as long as the Mahalanobis distance of the extra pairs.
        """
        # The largest eigenvalue of a symmetric matrix is at most its largest absolute row sum.
        row_sum = np.abs(innovation_covariance).sum(axis=2)
        radius_m = float(np.sqrt(self._gate * row_sum.max()))
        # Sliding midpoint splits build faster than medians and search as fast.
        options = {"balanced_tree": False, "compact_nodes": False}
        predicted_m = np.ascontiguousarray(self.tracks.mean[:, :3])
        pairs = cKDTree(predicted_m, **options).sparse_distance_matrix(
            cKDTree(positions_m, **options), radius_m, output_type="ndarray"
        )
        track, detection = pairs["i"], pairs["j"]
        return track, detection, positions_m[detection] - predicted_m[track]

    def _assign(self, track: Integers, detection: Integers, cost: Array, count: int) -> Integers:
        """Pairs of the least total cost, confirmed tracks first; every track may miss."""
        confirmed = self.tracks.confirmed[track]
        first = np.flatnonzero(confirmed)
        first = first[least_cost(track[first], detection[first], cost[first], self._miss_cost)]
        taken = np.zeros(count, bool)
        taken[detection[first]] = True
        then = np.flatnonzero(~confirmed & ~taken[detection])
        then = then[least_cost(track[then], detection[then], cost[then], self._miss_cost)]
        return np.concatenate([first, then])

    def _update(self, rows: Integers, weighted: Array, inverse: Array) -> None:
        """Update the tracks in `rows`; `weighted` is S⁻¹y, so that K y = P Hᵀ S⁻¹y."""
        tracks = self.tracks
        covariance = tracks.covariance[rows]
        cross = covariance[:, :, :3]
        tracks.mean[rows] += (cross @ weighted[:, :, None])[:, :, 0]
        tracks.covariance[rows] = covariance - cross @ inverse @ covariance[:, :3, :]

    def _weigh(self, rows: Integers, cost: Array) -> None:
        """Weigh what the scan tells of each track's existence; those in `rows` took a detection.

        `cost` is the negative log-likelihood ratio of target against false alarm of each.
        """
        tracks, settings = self.tracks, self.settings
        pd = settings.detection_probability
        ratio = np.full(len(tracks), 1.0 - pd)
        ratio[rows] += pd * np.exp(-cost)
        known = tracks.existence
        tracks.existence = np.minimum(known * ratio / (1.0 - known + known * ratio), MOST_EXISTENCE)
        tracks.missed = np.ones(len(tracks), bool)
        tracks.missed[rows] = False
        tracks.confirmed |= ~tracks.missed & (tracks.existence >= settings.confirm_existence)

    def _survivors(self) -> npt.NDArray[np.bool_]:
        """Tracks that a miss has not made too improbable."""
        return ~self.tracks.missed | (self.tracks.existence >= self.settings.delete_existence)

    def _born(self, positions_m: Array) -> Tracks:
        count = len(positions_m)
        mean = np.zeros((count, 6))
        mean[:, :3] = positions_m
        number = np.arange(self._next_number, self._next_number + count)
        self._next_number += count
        return Tracks(
            mean=mean,
            covariance=np.broadcast_to(self._birth_covariance, (count, 6, 6)),
            number=number,
            existence=np.full(count, self._birth_existence),
            confirmed=np.full(count, self._birth_existence >= self.settings.confirm_existence),
            missed=np.zeros(count, bool),
        )
