"""The track record as numpy sees it, and the numbers its fields hold."""

from enum import IntEnum, IntFlag

from qiki._core import track_dtype

TRACK_DTYPE = track_dtype()
"""One track after a frame, 320 bytes; a field whose bit in ``present`` is clear is absent."""


class TrackPresent(IntFlag):
    """Which optional fields of a track hold a value."""

    SNR = 1 << 0
    RCS = 1 << 1
    ADDRESS = 1 << 2
    MODE_3A = 1 << 3
    TRANSPONDER_ID = 1 << 4
    TRANSPONDER_REPLY = 1 << 5


class TrackAlarm(IntFlag):
    """Alarms of a track."""

    IDENTITY_REFUTED = 1 << 0
    """The identity that it claims does not fit the motion: another track holds it."""


class ObjectType(IntEnum):
    """Kinds of bodies, numbered as in ``qiki.radar.v1.ObjectType``."""

    UNSPECIFIED = 0
    DRONE = 1
    SHIP = 2
    STATION = 3
    ASTEROID = 4
    DEBRIS = 5


class TrackStatus(IntEnum):
    """Status of a track, numbered as in ``qiki.radar.v1.RadarTrackStatus``."""

    NEW = 1
    TRACKED = 2
    LOST = 3
    COASTING = 4


class TrackEvent(IntEnum):
    """What a frame did to a track."""

    NONE = 0
    BORN = 1
    UPDATED = 2
    MISSED = 3
    ENDED = 4


class FriendFoe(IntEnum):
    """Friend or foe, numbered as in ``qiki.radar.v1.FriendFoe``."""

    FRIEND = 1
    FOE = 2
    UNKNOWN = 3
