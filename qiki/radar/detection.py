"""The detection record as numpy sees it: 128 bytes, the same in Rust, C and Cython."""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from qiki._core import detection_dtype
from qiki.bits import BitsOfArrays

DETECTION_DTYPE: np.dtype[np.void] = detection_dtype()
"""One detection. Absent fields are NaN (floats) or zero; `present` says which are there."""


class Present(BitsOfArrays):
    """Bits of a detection's `present`: which fields were measured.

    Attributes
    ----------
    RANGE, BEARING, ELEVATION, RANGE_RATE, HEIGHT
        ``range_m``, ``bearing_deg``, ``elevation_deg``, ``range_rate_m_s``, ``height_m``.
    SNR, RCS
        ``snr_db``, ``rcs_dbsm``.
    ADDRESS, MODE_3A, TRANSPONDER_ID
        ``address``, ``mode_3a``, ``transponder_id``: what a transponder replied.
    TRANSPONDER_REPLY
        A transponder replied.
    IDENTITY
        All of the last four.
    """

    RANGE = 1 << 0
    BEARING = 1 << 1
    ELEVATION = 1 << 2
    RANGE_RATE = 1 << 3
    HEIGHT = 1 << 4
    SNR = 1 << 5
    RCS = 1 << 6
    ADDRESS = 1 << 7
    MODE_3A = 1 << 8
    TRANSPONDER_ID = 1 << 9
    TRANSPONDER_REPLY = 1 << 10
    IDENTITY = ADDRESS | MODE_3A | TRANSPONDER_ID | TRANSPONDER_REPLY


class RangeBand(IntEnum):
    """Part of the radar's range; numbers as in ``qiki.radar.v1.RadarRangeBand``.

    Attributes
    ----------
    UNSPECIFIED
        Not told; of a track, an identity that it keeps outside the short range.
    LONG, SHORT
        Beyond the sensor's ``sr_threshold_m``, without identity; up to it.
    """

    UNSPECIFIED = 0
    LONG = 1
    SHORT = 2


class TransponderMode(IntEnum):
    """Transponder modes; numbers as in ``qiki.radar.v1.TransponderMode``.

    Attributes
    ----------
    OFF
        No transponder, or switched off.
    ON
        Replies with its true identity.
    SILENT
        Fitted, and does not reply.
    SPOOF
        Replies with a false identity.
    """

    OFF = 0
    ON = 1
    SILENT = 2
    SPOOF = 3


def empty_detections(count: int) -> npt.NDArray[np.void]:
    """Make detections of which nothing is measured yet, to be filled field by field.

    Parameters
    ----------
    count : int
        How many.

    Returns
    -------
    (count,) DETECTION_DTYPE
        Every float NaN, everything else zero.
    """
    detections = np.zeros(count, DETECTION_DTYPE)
    for name, (dtype, *_) in (DETECTION_DTYPE.fields or {}).items():
        if dtype.kind == "f":
            detections[name] = np.nan
    return detections
