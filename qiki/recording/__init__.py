"""Recordings of real radars: read them, replay them as frames, score a tracker on them."""

from qiki.recording.asterix import (
    NO_TRACK_NUMBER,
    PLOT_DETAIL_DTYPE,
    SERVICE_MESSAGE_DTYPE,
    AsterixRecording,
    PlotFlags,
    SensorAccuracy,
    read_asterix,
    read_asterix_columns,
)
from qiki.recording.evaluate import EvaluationResult, evaluate_recording
from qiki.recording.score import NO_ADDRESS, NO_TRACK, TrackingScore, score_tracks

__all__ = [
    "NO_ADDRESS",
    "NO_TRACK",
    "NO_TRACK_NUMBER",
    "PLOT_DETAIL_DTYPE",
    "SERVICE_MESSAGE_DTYPE",
    "AsterixRecording",
    "EvaluationResult",
    "PlotFlags",
    "SensorAccuracy",
    "TrackingScore",
    "evaluate_recording",
    "read_asterix",
    "read_asterix_columns",
    "score_tracks",
]
