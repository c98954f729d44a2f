"""Stone Soup's multi-target trackers, put together from its own parts.

Global nearest neighbour is its `MultiTargetTracker` with two-dimensional assignment by Mahalanobis
distance; joint association its `MultiTargetMixtureTracker` with JPDA by efficient hypothesis
management (EHM2), the form of JPDA that ends on a crowd. Both begin tracks by
`MultiMeasurementInitiator` and end them by a count of misses. Nothing of its loops is written anew.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from stonesoup.base import Property
from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
from stonesoup.dataassociator.probability import JPDAwithEHM2
from stonesoup.dataassociator.tree import DetectionKDTreeGNN2D, DetectionKDTreeMixIn
from stonesoup.deleter.time import UpdateTimeStepsDeleter
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.hypothesiser.probability import PDAHypothesiser
from stonesoup.initiator.simple import MultiMeasurementInitiator
from stonesoup.measures import Mahalanobis
from stonesoup.models.measurement.base import MeasurementModel
from stonesoup.models.measurement.linear import LinearGaussian
from stonesoup.models.transition.linear import (
    CombinedLinearGaussianTransitionModel,
    ConstantVelocity,
)
from stonesoup.predictor.kalman import KalmanPredictor
from stonesoup.reader import DetectionReader
from stonesoup.tracker.simple import MultiTargetMixtureTracker, MultiTargetTracker
from stonesoup.types.detection import Detection
from stonesoup.types.state import GaussianState
from stonesoup.updater.kalman import ExtendedKalmanUpdater

Array = npt.NDArray[np.float64]

START = datetime(2000, 1, 1)


@dataclass(frozen=True)
class Settings:
    """Settings of a Stone Soup tracker.

    Attributes
    ----------
    measurement : MeasurementModel
        How detections come of states x, vx, y, vy and so on.
    clutter_density : float
        False alarms per scan and unit of the measurement space.
    association : str
        ``"gnn"`` or ``"jpda"``.
    process_noise_m2_s3, detection_probability, gate_probability : float
        As in `qiki.tracking.TrackerConfig`.
    speed_std_m_s : tuple of float
        Standard deviation of the velocity at birth, of each axis.
    gate_distance : float
        Mahalanobis distance at which nearest neighbours rather take a detection for missed.
    confirm_detections : int
        Detections that make a track of a candidate.
    delete_misses, candidate_misses : int
        Scans in a row without a detection that a track and a candidate do not survive.
    neighbours_m : float, optional
        Radius in which a k-d tree looks for detections; without, every pair is tried.
    """

    measurement: MeasurementModel
    clutter_density: float
    association: str = "gnn"
    process_noise_m2_s3: float = 1.0
    detection_probability: float = 0.9
    gate_probability: float = 0.9999
    speed_std_m_s: tuple[float, ...] = (100.0, 100.0, 30.0)
    gate_distance: float = 4.0
    confirm_detections: int = 4
    delete_misses: int = 5
    candidate_misses: int = 2
    neighbours_m: float | None = None


class _ConstantVelocity(CombinedLinearGaussianTransitionModel):
    """Constant velocity whose matrices are made once for each time step, not for each track."""

    @lru_cache(maxsize=4)  # noqa: B019 - lives as long as its tracker
    def _matrices(self, time_interval: timedelta) -> tuple[Any, Any]:
        return super().matrix(time_interval=time_interval), super().covar(
            time_interval=time_interval
        )

    def matrix(self, time_interval: timedelta, **_: Any) -> Any:
        """Transition matrix."""
        return self._matrices(time_interval)[0]

    def covar(self, time_interval: timedelta, **_: Any) -> Any:
        """Process noise."""
        return self._matrices(time_interval)[1]


class _Predictor(KalmanPredictor):
    """Its predictor, asked in one form, so that its cache knows a question that was asked."""

    def predict(self, prior: Any, timestamp: datetime, **_: Any) -> Any:
        """Predict to a time."""
        return super().predict(prior, timestamp=timestamp)


class _KDTreeJPDA(DetectionKDTreeMixIn, JPDAwithEHM2):
    """Joint association that looks at near detections only; as its `KDTreeJPDA`, with EHM2."""


class _Scans(DetectionReader):
    """The scans as Stone Soup reads them."""

    scans: Iterable[tuple[int, Array]] = Property()
    measurement: MeasurementModel = Property()

    @DetectionReader.generator_method
    def detections_gen(self) -> Iterator[tuple[datetime, set[Detection]]]:
        """Give the detections of each scan."""
        for time_ns, measured in self.scans:
            time = START + timedelta(microseconds=time_ns // 1000)
            yield (
                time,
                {
                    Detection(row[:, None], timestamp=time, measurement_model=self.measurement)
                    for row in measured
                },
            )


def positions_in(axes: int, covariance_m2: Array) -> LinearGaussian:
    """Model of measured positions in the plane or in space.

    Parameters
    ----------
    axes : int
        2 or 3.
    covariance_m2 : (axes, axes) float64

    Returns
    -------
    LinearGaussian
    """
    return LinearGaussian(
        ndim_state=2 * axes, mapping=tuple(range(0, 2 * axes, 2)), noise_covar=covariance_m2
    )


def follow(scans: Iterable[tuple[int, Array]], settings: Settings) -> Iterator[dict[str, Array]]:
    """Track scans of detections.

    Parameters
    ----------
    scans : iterable of (int, (n, d) float64)
        Time [ns] and the measurements.
    settings : Settings

    Yields
    ------
    dict of str to (axes,) float64
        Position of each track by its name, after each scan.
    """
    for _, tracks in _tracker(scans, settings):
        yield {track.id: np.array(track.state_vector[::2, 0], dtype=float) for track in tracks}


def _tracker(scans: Iterable[tuple[int, Array]], settings: Settings) -> Any:
    axes = len(settings.speed_std_m_s)
    predictor = _Predictor(
        _ConstantVelocity([ConstantVelocity(settings.process_noise_m2_s3)] * axes)
    )
    updater = ExtendedKalmanUpdater(settings.measurement)
    nearest = _nearest(settings, predictor, updater)
    variance = np.zeros(2 * axes)
    variance[1::2] = np.square(settings.speed_std_m_s)
    initiator = MultiMeasurementInitiator(
        prior_state=GaussianState(np.zeros((2 * axes, 1)), np.diag(variance), START),
        measurement_model=settings.measurement,
        deleter=UpdateTimeStepsDeleter(settings.candidate_misses),
        data_associator=nearest,
        updater=updater,
        min_points=settings.confirm_detections,
    )
    joint = settings.association == "jpda"
    return (MultiTargetMixtureTracker if joint else MultiTargetTracker)(
        initiator=initiator,
        deleter=UpdateTimeStepsDeleter(settings.delete_misses),
        detector=_Scans(scans, settings.measurement),
        data_associator=_joint(settings, predictor, updater) if joint else nearest,
        updater=updater,
    )


def _nearest(settings: Settings, predictor: Any, updater: Any) -> Any:
    hypothesiser = DistanceHypothesiser(
        predictor, updater, Mahalanobis(), missed_distance=settings.gate_distance
    )
    if settings.neighbours_m is None:
        return GNNWith2DAssignment(hypothesiser)
    return DetectionKDTreeGNN2D(
        hypothesiser, predictor, updater, max_distance=settings.neighbours_m
    )


def _joint(settings: Settings, predictor: Any, updater: Any) -> Any:
    hypothesiser = PDAHypothesiser(
        predictor,
        updater,
        clutter_spatial_density=settings.clutter_density,
        prob_detect=settings.detection_probability,
        prob_gate=settings.gate_probability,
    )
    if settings.neighbours_m is None:
        return JPDAwithEHM2(hypothesiser)
    return _KDTreeJPDA(hypothesiser, predictor, updater, max_distance=settings.neighbours_m)
