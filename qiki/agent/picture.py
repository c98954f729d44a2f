"""The picture of all tracks, put together from what each frame did to some of them."""

import numpy as np
import numpy.typing as npt

from qiki.tracking import TRACK_DTYPE, TrackStatus, is_confirmed
from qiki.wire import TracksMessage

Tracks = npt.NDArray[np.void]


def places_at(tracks: Tracks, time_ns: int) -> npt.NDArray[np.float64]:
    """Return where tracks are at a time: each was last told of at its own, and goes straight.

    Parameters
    ----------
    tracks : (n,) TRACK_DTYPE.
    time_ns : world time [ns].

    Returns
    -------
    (n, 3) float64
        East, north, up [m].
    """
    since_s = (time_ns - tracks["time_ns"]) * 1e-9
    places: npt.NDArray[np.float64] = (
        tracks["position_m"] + tracks["velocity_m_s"] * since_s[:, np.newaxis]
    )
    return places


class Picture:
    """The tracks that live, by the messages taken so far.

    A tracker that begins anew (another id or epoch) begins a new picture.

    Attributes
    ----------
    tracks : (n,) TRACK_DTYPE, in the order of their numbers.
    time_ns : of the newest message, None before it [ns].
    """

    def __init__(self) -> None:
        self.tracks: Tracks = np.zeros(0, TRACK_DTYPE)
        self.time_ns: int | None = None
        self._tracker: tuple[str, int] | None = None

    def take(self, message: TracksMessage) -> bool:
        """Take what a frame did; return whether that is a tracker's that begins anew."""
        tracker = (message.tracker_id, message.tracker_epoch)
        is_new = tracker != self._tracker
        if is_new:
            self.tracks, self._tracker = self.tracks[:0], tracker
        if len(message.tracks):
            self.tracks = _merged(self.tracks, message.tracks)
        # The answer to a late frame has that frame's time, its tracks have the newest one's.
        is_older = self.time_ns is not None and not is_new and message.time_ns < self.time_ns
        self.time_ns = self.time_ns if is_older else message.time_ns
        return is_new

    def confirmed(self, min_quality: float) -> Tracks:
        """Return the confirmed tracks that are likely enough to follow a target.

        Parameters
        ----------
        min_quality : least probability, 0 to 1.
        """
        tracks = self.tracks[is_confirmed(self.tracks)]
        return tracks[tracks["quality"] >= min_quality]


def _merged(known: Tracks, told: Tracks) -> Tracks:
    """Return the tracks that live, by their numbers; of what is known and told the latter holds."""
    both = np.empty(len(known) + len(told), TRACK_DTYPE)  # concatenating records is slow
    both[: len(known)], both[len(known) :] = known, told
    both = both[np.argsort(both["number"], kind="stable")]
    is_newest = np.append(both["number"][1:] != both["number"][:-1], np.True_)
    living: Tracks = both[is_newest & (both["status"] != TrackStatus.LOST)]
    return living
