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

__all__ = [
    "NO_TRACK_NUMBER",
    "PLOT_DETAIL_DTYPE",
    "SERVICE_MESSAGE_DTYPE",
    "AsterixRecording",
    "PlotFlags",
    "SensorAccuracy",
    "read_asterix",
    "read_asterix_columns",
]
