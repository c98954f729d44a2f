"""Tracks from radar frames or measured positions: the tracker, its settings and its parts."""

from qiki._core import (
    Answer,
    FilterSet,
    FrameTracker,
    JointProbabilities,
    Registration,
    SensorBias,
    StepResult,
    Tracker,
    assign,
    joint_association,
    predict,
    predict_by,
    update_polar,
    update_position,
)
from qiki.tracking.config import SensorConfig, TrackerConfig
from qiki.tracking.motion_models import (
    ConstantAcceleration,
    ConstantVelocity,
    CoordinatedTurn,
    MotionModel,
    UserMotion,
)
from qiki.tracking.object_types import (
    STANDARD_OBJECT_TYPES,
    ObjectTypeConfig,
    object_types_for,
)
from qiki.tracking.record import (
    TRACK_DTYPE,
    FriendFoe,
    ObjectType,
    TrackAlarm,
    TrackEvent,
    TrackPresent,
    TrackStatus,
)

__all__ = [
    "STANDARD_OBJECT_TYPES",
    "TRACK_DTYPE",
    "Answer",
    "ConstantAcceleration",
    "ConstantVelocity",
    "CoordinatedTurn",
    "FilterSet",
    "FrameTracker",
    "FriendFoe",
    "JointProbabilities",
    "MotionModel",
    "ObjectType",
    "ObjectTypeConfig",
    "Registration",
    "SensorBias",
    "SensorConfig",
    "StepResult",
    "TrackAlarm",
    "TrackEvent",
    "TrackPresent",
    "TrackStatus",
    "Tracker",
    "TrackerConfig",
    "UserMotion",
    "assign",
    "joint_association",
    "object_types_for",
    "predict",
    "predict_by",
    "update_polar",
    "update_position",
]
