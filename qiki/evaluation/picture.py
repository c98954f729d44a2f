"""The score of one picture: confirmed tracks against the targets at one time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qiki.metrics import Siap, gospa, nees, ospa
from qiki.tracking import position_covariance

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Picture:
    """Targets and confirmed tracks at one time.

    Attributes
    ----------
    time_ns : int
    truth_m, truth_velocity_m_s : (n, 3) float64
        Every target that is there.
    is_covered : (n,) bool
        Whether a radar can see it.
    tracks : (m,) TRACK_DTYPE
        Confirmed tracks at the same time.
    """

    time_ns: int
    truth_m: Floats
    truth_velocity_m_s: Floats
    truth_numbers: npt.NDArray[np.int64]
    is_covered: npt.NDArray[np.bool_]
    tracks: npt.NDArray[np.void]


@dataclass(frozen=True)
class PictureScore:
    """Score of one picture; the parts of GOSPA and OSPA as in `qiki.metrics`.

    Attributes
    ----------
    gospa_m, localisation_m, missed_m, false_m : float
        GOSPA and its parts [m].
    ospa_m, ospa_localisation_m, ospa_cardinality_m : float
        OSPA and its parts [m].
    missed, false : int
        Targets without a track, tracks without a target, one to one.
    position_nees : (k,) float64
        Of each assigned track; in the mean of a consistent one 3, and 2 in the plane.
    """

    gospa_m: float
    localisation_m: float
    missed_m: float
    false_m: float
    ospa_m: float
    ospa_localisation_m: float
    ospa_cardinality_m: float
    missed: int
    false: int
    position_nees: Floats


def score_picture(
    picture: Picture, siap: Siap, *, cutoff_m: float, p: float, plane: bool = False
) -> PictureScore:
    """Score one picture, over the targets that a radar can see.

    A target that no radar can see counts for nothing, and neither does a track that is assigned
    to one: it is neither asked for nor wrong.

    Parameters
    ----------
    picture : Picture
    siap : Siap
        Takes the picture in as well.
    cutoff_m, p : float
        As of `qiki.metrics.gospa`.
    plane : bool
        Compare positions and velocities in the horizontal plane, for heights are not measured.

    Returns
    -------
    PictureScore
    """
    covered, axes = picture.is_covered, slice(2 if plane else 3)
    tracks = picture.tracks[_is_asked_for(picture, cutoff_m, p, axes)]
    truth_m, track_m = picture.truth_m[covered, axes], tracks["position_m"][:, axes]
    found = gospa(truth_m, track_m, cutoff_m=cutoff_m, p=p)
    bounded = ospa(truth_m, track_m, cutoff_m=cutoff_m, p=p)
    siap.add(
        picture.time_ns,
        picture.truth_numbers[covered],
        truth_m,
        tracks["number"],
        track_m,
        truth_velocity_m_s=picture.truth_velocity_m_s[covered, axes],
        track_velocity_m_s=tracks["velocity_m_s"][:, axes],
    )
    errors_m = track_m[found.estimate] - truth_m[found.target]
    covariance_m2 = position_covariance(tracks[found.estimate])[:, axes, axes]
    return PictureScore(
        gospa_m=found.distance_m,
        localisation_m=found.localisation_m,
        missed_m=found.missed_m,
        false_m=found.false_m,
        ospa_m=bounded.distance_m,
        ospa_localisation_m=bounded.localisation_m,
        ospa_cardinality_m=bounded.cardinality_m,
        missed=found.missed,
        false=found.false,
        position_nees=nees(errors_m, covariance_m2),
    )


def _is_asked_for(
    picture: Picture, cutoff_m: float, p: float, axes: slice
) -> npt.NDArray[np.bool_]:
    """Whether each track counts: it does not where it follows a target that is not covered."""
    is_asked_for = np.ones(len(picture.tracks), np.bool_)
    if not picture.is_covered.all():
        truth_m, track_m = picture.truth_m[:, axes], picture.tracks["position_m"][:, axes]
        pairs = gospa(truth_m, track_m, cutoff_m=cutoff_m, p=p)
        is_asked_for[pairs.estimate[~picture.is_covered[pairs.target]]] = False
    return is_asked_for
