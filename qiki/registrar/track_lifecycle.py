"""From tracks messages to the lives of tracks: born, confirmed, lost.

A record tells of birth and end by its event, of confirmation only by a status that was another
before. So the confirmed tracks are remembered, and with the database.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import numpy as np
import numpy.typing as npt

from qiki.tracking import TrackEvent, TrackPresent, TrackStatus, is_confirmed
from qiki.wire import TracksMessage

CONFIRMED_MAX = 65_536  # whoever may publish may also invent tracks; the oldest are forgotten


class Step(NamedTuple):
    """One step in the life of a track."""

    type: str
    track: np.void


class TrackLifecycle:
    """Notices what becomes of each track.

    Parameters
    ----------
    confirmed : ids of the tracks that were confirmed and have not ended.
    """

    def __init__(self, confirmed: Iterable[bytes]) -> None:
        self._confirmed = dict.fromkeys(confirmed)  # the oldest first

    def begin_anew(self) -> None:
        """Forget all tracks: another tracker begins, or another of its epochs."""
        self._confirmed.clear()

    def steps(self, tracks: npt.NDArray[np.void]) -> tuple[list[Step], dict[bytes, bool]]:
        """Return what became of the tracks of a message, and which are now confirmed, or gone.

        Parameters
        ----------
        tracks : (n,) TRACK_DTYPE
        """
        changed: dict[bytes, bool] = {}
        born = tracks["event"] == TrackEvent.BORN
        ended = (tracks["event"] == TrackEvent.ENDED) | (tracks["status"] == TrackStatus.LOST)
        steps = [Step("track.born", track) for track in tracks[born]]
        for track in self._newly_confirmed(tracks[is_confirmed(tracks)]):
            steps.append(Step("track.confirmed", track))
            changed[track["track_id"].tobytes()] = True
        for track in tracks[ended]:
            steps.append(Step("track.lost", track))
            track_id = track["track_id"].tobytes()
            self._confirmed.pop(track_id, None)
            changed[track_id] = False
        while len(self._confirmed) > CONFIRMED_MAX:
            oldest = next(iter(self._confirmed))
            del self._confirmed[oldest]
            changed[oldest] = False
        return steps, changed

    def _newly_confirmed(self, tracks: npt.NDArray[np.void]) -> Iterator[np.void]:
        ids = tracks["track_id"].tolist()
        if self._confirmed.keys() >= set(ids):  # nearly always
            return
        for track_id, track in zip(ids, tracks, strict=True):
            if track_id not in self._confirmed:
                self._confirmed[track_id] = None
                yield track


def track_id_text(track: np.void) -> str:
    """Return the id of a track as a UUID is written."""
    return str(UUID(bytes=track["track_id"].tobytes()))


def describe(track: np.void, message: TracksMessage) -> str:
    """Return a track as the record of a step of its life holds it, JSON."""
    told: dict[str, Any] = {
        "track_id": track_id_text(track),
        "number": int(track["number"]),
        "tracker_epoch": message.tracker_epoch,
        "status": TrackStatus(track["status"]).name,
        "time_ns": int(track["time_ns"]),
        "sensor_id": message.sensor_id,
        "epoch": message.epoch,
        "frame": message.number,
        "position_m": track["position_m"].round(3).tolist(),
        "velocity_m_s": track["velocity_m_s"].round(3).tolist(),
        "age_s": round(float(track["age_s"]), 3),
        "quality": round(float(track["quality"]), 4),
        "hit_count": int(track["hit_count"]),
    }
    present = TrackPresent(int(track["present"]))
    if TrackPresent.TRANSPONDER_ID in present:
        told["transponder_id"] = track["transponder_id"].decode()
    if TrackPresent.ADDRESS in present:
        told["address"] = int(track["address"])
    return msgspec.json.encode(told).decode()
