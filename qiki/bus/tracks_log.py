"""Where the answers to frames are logged, one message each: all that follows is made of them.

That is the stream of tracks. Where tracks go out in the original's JSON, one message each, that
stream holds these, and the log stands in one of its own.
"""

from typing import NamedTuple

from qiki.bus import subjects
from qiki.settings import Settings


class TracksLog(NamedTuple):
    """The log's stream and subject."""

    stream: str
    subject: str


def tracks_log(settings: Settings) -> TracksLog:
    """Return where the answers to frames are."""
    if settings.radar.encoding == "json":
        return TracksLog(settings.streams.tracks_log, subjects.TRACKS_LOG)
    return TracksLog(settings.streams.tracks, subjects.TRACKS)
