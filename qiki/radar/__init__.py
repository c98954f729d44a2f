"""Radar frames: detections as numpy records, range bands, and the simulator that makes them."""

from qiki._core import (
    BandFrames,
    Coverage,
    Radar,
    RadarFrame,
    RegistrationBias,
    ScenarioSensor,
    ScenarioTarget,
    TargetTruth,
)
from qiki.radar.detection import (
    DETECTION_DTYPE,
    Present,
    RangeBand,
    TransponderMode,
    empty_detections,
)
from qiki.radar.scenario import Scenario

__all__ = [
    "DETECTION_DTYPE",
    "BandFrames",
    "Coverage",
    "Present",
    "Radar",
    "RadarFrame",
    "RangeBand",
    "RegistrationBias",
    "Scenario",
    "ScenarioSensor",
    "ScenarioTarget",
    "TargetTruth",
    "TransponderMode",
    "empty_detections",
]
