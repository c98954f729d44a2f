"""From tracks messages to the lives of tracks: born, confirmed, lost.

Most tracks follow false alarms, live for some frames and are never confirmed: thousands a second of
a dense scene. Unless they are asked for they are counted, and the birth of a track is told when it
is confirmed.

A record tells of birth and end by its event, of confirmation only by a status that was another
before. So the confirmed tracks are remembered, and with the database.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import numpy as np
import numpy.typing as npt

from qiki.registrar.record import FrameCount
from qiki.tracking import TrackEvent, TrackPresent, TrackStatus, is_confirmed
from qiki.wire import TracksMessage

BORN_BEFORE = "born before"  # a birth of which the confirmed track's age tells
CONFIRMED_MAX = 65_536  # whoever may publish may also invent tracks; the oldest are forgotten


class Step(NamedTuple):
    """One step in the life of a track."""

    type: str
    track: np.void


class Lives(NamedTuple):
    """What became of the tracks of one message.

    Attributes
    ----------
    steps : to be told, in order.
    changed : by id: now confirmed, or no longer.
    counted : how many were born, were confirmed and ended, told or not.
    """

    steps: list[Step]
    changed: dict[bytes, bool]
    counted: FrameCount


class TrackLifecycle:
    """Notices what becomes of each track.

    Parameters
    ----------
    confirmed : ids of the tracks that were confirmed and have not ended.
    tentative : tell of tracks that are not confirmed, too; else of a birth when it is confirmed.
    """

    def __init__(self, confirmed: Iterable[bytes], *, tentative: bool) -> None:
        self._tentative = tentative
        self._confirmed = dict.fromkeys(confirmed)  # the oldest first

    def begin_anew(self) -> None:
        """Forget all tracks: another tracker begins, or another of its epochs."""
        self._confirmed.clear()

    def steps(self, tracks: npt.NDArray[np.void]) -> Lives:
        """Return what became of the tracks of a message.

        Parameters
        ----------
        tracks : (n,) TRACK_DTYPE
        """
        born = tracks[tracks["event"] == TrackEvent.BORN]
        has_ended = (tracks["event"] == TrackEvent.ENDED) | (tracks["status"] == TrackStatus.LOST)
        confirmed = list(self._newly_confirmed(tracks[is_confirmed(tracks)]))
        changed = {track["track_id"].tobytes(): True for track in confirmed}
        steps = [Step("track.born", track) for track in born] if self._tentative else []
        for track in confirmed:
            if not self._tentative:
                steps.append(Step(BORN_BEFORE, track))
            steps.append(Step("track.confirmed", track))
        for track_id, track in zip(ids_of(tracks[has_ended]), tracks[has_ended], strict=True):
            if self._tentative or track_id in self._confirmed:
                steps.append(Step("track.lost", track))
            if track_id in self._confirmed:
                del self._confirmed[track_id]
                changed[track_id] = False
        counted = FrameCount(
            born=len(born), confirmed=len(confirmed), lost=int(np.count_nonzero(has_ended))
        )
        self._forget(changed)
        return Lives(steps, changed, counted)

    def _forget(self, changed: dict[bytes, bool]) -> None:
        while len(self._confirmed) > CONFIRMED_MAX:
            oldest = next(iter(self._confirmed))
            del self._confirmed[oldest]
            changed[oldest] = False

    def _newly_confirmed(self, tracks: npt.NDArray[np.void]) -> Iterator[np.void]:
        ids = ids_of(tracks)
        if self._confirmed.keys() >= set(ids):  # nearly always
            return
        for track_id, track in zip(ids, tracks, strict=True):
            if track_id not in self._confirmed:
                self._confirmed[track_id] = None
                yield track


def ids_of(tracks: npt.NDArray[np.void]) -> list[bytes]:
    """Return the ids of tracks as bytes."""
    ids: list[bytes] = tracks["track_id"].tolist()
    return ids


def age_ns(track: np.void) -> int:
    """Return the time since the birth of a track [ns]."""
    return round(float(track["age_s"]) * 1e9)


def describe_birth(track: np.void, message: TracksMessage) -> str:
    """Return the birth of a track, as a record of it holds it, from what is told of it later."""
    told = {
        "track_id": track_id_text(track),
        "number": int(track["number"]),
        "tracker_epoch": message.tracker_epoch,
        "time_ns": int(track["time_ns"]) - age_ns(track),
    }
    return msgspec.json.encode(told).decode()


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
