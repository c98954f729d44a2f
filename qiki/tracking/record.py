"""The track record as numpy sees it, and the numbers its fields hold.

Each of ``result.tracks`` is one `TRACK_DTYPE`. Position and velocity are in the world frame;
range, bearing, elevation and range rate as the frame's sensor would see them, NaN where positions
came without a sensor. ``docs/tracks.md`` shows how to read them.

==============================  ===========  ======================================================
field                           type         meaning
==============================  ===========  ======================================================
``track_id``                    16 bytes     UUID of tracker, tracker epoch and `number`
``number``                      uint64       running number in the tracker's epoch, from 1
``time_ns``                     int64        time that the state holds for [ns]
``update_time_ns``              int64        time of the last detection used [ns]
``position_m``                  (3,) float64 east, north, up [m]
``velocity_m_s``                (3,) float64 east, north, up [m/s]
``position_covariance_m2``      (6,) float64 xx, xy, xz, yy, yz, zz [m²]: `position_covariance`
``velocity_covariance_m2_s2``   (6,) float64 the same of the velocity [m²/s²]: `velocity_covariance`
``range_m``                     float64      slant range [m]
``bearing_deg``                 float64      clockwise from north, from 0 to below 360 [deg]
``elevation_deg``               float64      up from the horizontal [deg]
``range_rate_m_s``              float64      negative when approaching [m/s]
``age_s``                       float64      time since birth [s]
``quality``                     float64      probability that it follows a target, 0 to 1
``snr_db``                      float32      of the last detection [dB]; NaN without `present` SNR
``rcs_dbsm``                    float32      of the last detection [dBsm]; NaN without RCS
``hit_count``                   uint32       detections used
``miss_count``                  uint32       misses since the last detection
``present``                     uint32       `TrackPresent`: which optional fields hold a value
``address``                     uint32       24-bit aircraft address; 0 without ADDRESS
``detection_index``             uint32       index in the frame of its detection; 4294967295: none
``mode_3a``                     uint16       Mode 3/A code; 0 without MODE_3A
``status``                      uint8        `TrackStatus`
``event``                       uint8        `TrackEvent`: what the frame did to it
``range_band``                  uint8        `qiki.radar.RangeBand`; 0: an identity kept beyond SR
``transponder_mode``            uint8        `qiki.radar.TransponderMode`
``object_type``                 uint8        as in ``qiki.radar.v1.ObjectType``; 0: unspecified
``object_type_probability``     float32      probability of the type; 0 where unspecified
``friend_foe``                  uint8        `FriendFoe`
``friend_foe_probability``      float32      probability of `friend_foe`; 0 where UNKNOWN
``refuted_probability``         float32      probability that the claimed identity is forged
``alarms``                      uint8        `TrackAlarm`
``transponder_id``              32 bytes     identity in clear text, UTF-8; empty without its bit
==============================  ===========  ======================================================
"""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from qiki._core import track_dtype
from qiki.bits import BitsOfArrays

TRACK_DTYPE = track_dtype()
"""One track after a frame, 320 bytes; a field whose bit in ``present`` is clear is absent."""

# Where the upper triangle xx, xy, xz, yy, yz, zz stands in the full matrix.
_SYMMETRIC = np.array([[0, 1, 2], [1, 3, 4], [2, 4, 5]])


class TrackPresent(BitsOfArrays):
    """Which optional fields of a track hold a value.

    Attributes
    ----------
    SNR, RCS
        ``snr_db``, ``rcs_dbsm``: of the last detection.
    ADDRESS, MODE_3A, TRANSPONDER_ID
        ``address``, ``mode_3a``, ``transponder_id``: the identity that it claims.
    TRANSPONDER_REPLY
        A transponder replied at the last detection in the short range.
    """

    SNR = 1 << 0
    RCS = 1 << 1
    ADDRESS = 1 << 2
    MODE_3A = 1 << 3
    TRANSPONDER_ID = 1 << 4
    TRANSPONDER_REPLY = 1 << 5


class TrackAlarm(BitsOfArrays):
    """Alarms of a track.

    Attributes
    ----------
    IDENTITY_REFUTED
        The identity that it claims does not fit the motion: another track holds it.
    IDENTITY_CONTESTED
        Another track claims the same identity as rightly: one is forged, and neither is told.
    """

    IDENTITY_REFUTED = 1 << 0
    IDENTITY_CONTESTED = 1 << 1


class ObjectType(IntEnum):
    """Kinds of bodies, numbered as in ``qiki.radar.v1.ObjectType``."""

    UNSPECIFIED = 0
    DRONE = 1
    SHIP = 2
    STATION = 3
    ASTEROID = 4
    DEBRIS = 5


class TrackStatus(IntEnum):
    """Status of a track, numbered as in ``qiki.radar.v1.RadarTrackStatus``.

    Attributes
    ----------
    NEW
        Begun, not yet confirmed.
    TRACKED
        Confirmed, and detected by the last frame that covered it.
    LOST
        Ended; told once, and its number never comes back.
    COASTING
        Confirmed, not detected by the last frame that covered it: only predicted.
    """

    NEW = 1
    TRACKED = 2
    LOST = 3
    COASTING = 4


class TrackEvent(IntEnum):
    """What a frame did to a track.

    Attributes
    ----------
    NONE
        It looked elsewhere: the track was only predicted.
    BORN
        A detection of the frame began it.
    UPDATED
        A detection of the frame updated it.
    MISSED
        The frame covered it and did not detect it.
    ENDED
        It ended with the frame.
    """

    NONE = 0
    BORN = 1
    UPDATED = 2
    MISSED = 3
    ENDED = 4


class FriendFoe(IntEnum):
    """Friend or foe, numbered as in ``qiki.radar.v1.FriendFoe``.

    Attributes
    ----------
    FRIEND
        On the friendly list.
    FOE
        On the hostile list, contested or not, or its claimed identity is refuted.
    UNKNOWN
        Neither is known.
    """

    FRIEND = 1
    FOE = 2
    UNKNOWN = 3


def is_confirmed(tracks: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
    """Tell which tracks are confirmed and live: TRACKED, or COASTING between two detections.

    Parameters
    ----------
    tracks : (n,) TRACK_DTYPE

    Returns
    -------
    (n,) bool
    """
    return np.isin(tracks["status"], (TrackStatus.TRACKED, TrackStatus.COASTING))


def position_covariance(tracks: npt.NDArray[np.void]) -> npt.NDArray[np.float64]:
    """Give the covariances of the positions as matrices.

    Parameters
    ----------
    tracks : (n,) TRACK_DTYPE

    Returns
    -------
    (n, 3, 3) float64
        Rows and columns east, north, up [m²].
    """
    return _matrices(tracks["position_covariance_m2"])


def velocity_covariance(tracks: npt.NDArray[np.void]) -> npt.NDArray[np.float64]:
    """Give the covariances of the velocities as matrices.

    Parameters
    ----------
    tracks : (n,) TRACK_DTYPE

    Returns
    -------
    (n, 3, 3) float64
        Rows and columns east, north, up [m²/s²].
    """
    return _matrices(tracks["velocity_covariance_m2_s2"])


def _matrices(triangles: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return triangles[..., _SYMMETRIC]
