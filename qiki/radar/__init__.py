"""Radar frames: detections as numpy records, range bands, and the simulator that makes them."""

from qiki._core import BandFrames, Coverage, RadarFrame
from qiki.radar.detection import (
    DETECTION_DTYPE,
    Present,
    RangeBand,
    TransponderMode,
    empty_detections,
)

__all__ = [
    "DETECTION_DTYPE",
    "BandFrames",
    "Coverage",
    "Present",
    "RadarFrame",
    "RangeBand",
    "TransponderMode",
    "empty_detections",
]
