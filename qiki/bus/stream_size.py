"""How long the streams can keep what comes in: arithmetic from traffic and disk budget.

A stream discards nothing to make room: when it is full, publishing fails with a clear error. So
its age limit must empty it sooner than its size limit fills it.
"""

from typing import NamedTuple

from qiki.errors import SettingError
from qiki.setting_types import Encoding
from qiki.settings import StreamSettings

# Upper bounds of the codec's sizes (tests/bus/test_stream_size.py): a detection stands in two
# messages, the whole frame and its band's; a message has headers and the store's own record.
BYTES_PER_DETECTION = 100
BYTES_PER_TRACK = 300
BYTES_PER_MESSAGE = 1500
JSON_BYTES_PER_DETECTION = 340
JSON_BYTES_PER_TRACK = 2200  # a message of its own
JSON_BYTES_PER_MESSAGE = 2500  # with what goes beside JSON in headers
TRACKS_PER_DETECTION = 1.5  # false alarms begin tracks that live for some frames
MARGIN = 1.25

OTHER_SHARES = {"events": 0.04, "commands": 0.01, "snapshots": 0.02}
SHARES = {
    "columns": {"radar": 0.35, "tracks": 0.58} | OTHER_SHARES,
    "json": {"radar": 0.15, "tracks": 0.67, "tracks_log": 0.11} | OTHER_SHARES,
}


class Traffic(NamedTuple):
    """What the streams must carry."""

    frames_per_s: float
    detections_per_frame: float
    encoding: Encoding = "columns"

    @property
    def radar_bytes_per_s(self) -> float:
        """Three frame messages per frame; each detection stands in two of them."""
        is_json = self.encoding == "json"
        message = JSON_BYTES_PER_MESSAGE if is_json else BYTES_PER_MESSAGE
        detection = JSON_BYTES_PER_DETECTION if is_json else BYTES_PER_DETECTION
        per_frame = 3 * message + 2 * detection * self.detections_per_frame
        return self.frames_per_s * per_frame * MARGIN

    @property
    def tracks_bytes_per_s(self) -> float:
        """One tracks message per frame, in JSON per track."""
        if self.encoding == "columns":
            return self.tracks_log_bytes_per_s
        return self.frames_per_s * JSON_BYTES_PER_TRACK * self._tracks * MARGIN

    @property
    def tracks_log_bytes_per_s(self) -> float:
        """One tracks message per frame."""
        per_frame = BYTES_PER_MESSAGE + BYTES_PER_TRACK * self._tracks
        return self.frames_per_s * per_frame * MARGIN

    @property
    def _tracks(self) -> float:
        return TRACKS_PER_DETECTION * self.detections_per_frame


def max_bytes(settings: StreamSettings, encoding: Encoding = "columns") -> dict[str, int]:
    """Return the size limit of each stream: fixed shares of the budget."""
    return {key: int(share * settings.max_bytes) for key, share in SHARES[encoding].items()}


def max_age_s(settings: StreamSettings, traffic: Traffic) -> float:
    """Return how long frames and tracks are kept [s], whole seconds.

    Raises
    ------
    SettingError : the budget holds less than ``streams.min_age_s``.
    """
    limits = max_bytes(settings, traffic.encoding)
    rates = {
        "radar": traffic.radar_bytes_per_s,
        "tracks": traffic.tracks_bytes_per_s,
        "tracks_log": traffic.tracks_log_bytes_per_s,
    }
    holds_s = min(limits[key] / rate for key, rate in rates.items() if key in limits and rate)
    if holds_s < settings.min_age_s:
        needed = settings.max_bytes * settings.min_age_s / holds_s
        raise SettingError(
            f"streams.max_bytes is {settings.max_bytes}, which holds {holds_s:.0f} s at "
            f"{traffic.frames_per_s:g} frames/s of {traffic.detections_per_frame:g} detections, "
            f"must hold streams.min_age_s ({settings.min_age_s:g} s): "
            f"raise it to at least {needed:.0f}"
        )
    return float(int(min(settings.max_age_s, holds_s)))
