"""Radar frames: detections as numpy records, range bands, and the simulator that makes them."""

from qiki._core import (
    BandFrames,
    Coverage,
    OwnShipState,
    Radar,
    RadarFrame,
    RegistrationBias,
    ScenarioClutter,
    ScenarioSensor,
    ScenarioTarget,
    TargetTruth,
    Waveform,
    detection_probability,
    detection_threshold,
    required_snr_db,
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
    "OwnShipState",
    "Present",
    "Radar",
    "RadarFrame",
    "RangeBand",
    "RegistrationBias",
    "Scenario",
    "ScenarioClutter",
    "ScenarioSensor",
    "ScenarioTarget",
    "TargetTruth",
    "TransponderMode",
    "Waveform",
    "detection_probability",
    "detection_threshold",
    "empty_detections",
    "required_snr_db",
]
