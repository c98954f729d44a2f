"""What this process has done since it started, as `qiki status` and ``/metrics`` show it.

A service is one process, so there is one set of figures in it. What happens for each frame costs a
few additions here; what is asked for now and then is made up when somebody asks.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import TYPE_CHECKING

from qiki.latency_histogram import LatencyHistogram

if TYPE_CHECKING:
    from qiki.tracking import RegistrationEstimate

REFUSAL_KINDS = 32  # more are counted as one: whoever sends frames must not choose our memory
OTHER_KINDS = "other"


class Figures:
    """Counts of a service.

    Attributes
    ----------
    frames : published by a simulator, answered by a bridge.
    detections : in those frames.
    tracks_confirmed : after the newest answered frame.
    not_accepted : answers by (verdict, kind of reason) of frames that changed no track.
    not_guarded : tracks messages whose alerts a guard could not tell, or not all, by why.
    tracks_not_told : answers of the log whose tracks did not go out in JSON, by why.
    published : messages that a stream has acknowledged, by subject.
    records : stored in the registrar's database, by kind.
    registration : of sensors whose biases are sought the newest estimates, by the sensor's id.
    latency : frame published to tracks stored, on the wall clocks of both services.
    """

    def __init__(self) -> None:
        self.frames = 0
        self.detections = 0
        self.tracks_confirmed = 0
        self.not_accepted: Counter[tuple[str, str]] = Counter()
        self.not_guarded: Counter[str] = Counter()
        self.tracks_not_told: Counter[str] = Counter()
        self.published: Counter[str] = Counter()
        self.records: Counter[str] = Counter()
        self.registration: dict[str, RegistrationEstimate] = {}
        self.latency = LatencyHistogram()
        self._started_s = time.monotonic()
        self._worked_s: float | None = None

    def frame_done(self, detections: int) -> None:
        """Count a frame that went out, or was answered."""
        self.frames += 1
        self.detections += detections
        self.worked()

    def worked(self) -> None:
        """Take down that something was done just now."""
        self._worked_s = time.monotonic()

    def frame_not_accepted(self, verdict: str, reason: str) -> None:
        """Count an answer with another verdict than accepted."""
        key = (verdict, refusal_kind(reason))
        if key not in self.not_accepted and len(self.not_accepted) >= REFUSAL_KINDS:
            key = (verdict, OTHER_KINDS)
        self.not_accepted[key] += 1

    def shown(self) -> dict[str, object]:
        """Return everything as JSON has it."""
        now_s = time.monotonic()
        return {
            "uptime_s": now_s - self._started_s,
            "idle_s": None if self._worked_s is None else now_s - self._worked_s,
            "frames": self.frames,
            "detections": self.detections,
            "tracks_confirmed": self.tracks_confirmed,
            "not_accepted": [
                {"verdict": verdict, "reason": kind, "count": count}
                for (verdict, kind), count in self.not_accepted.items()
            ],
            "not_guarded": dict(self.not_guarded),
            "tracks_not_told": dict(self.tracks_not_told),
            "published": dict(self.published),
            "records": dict(self.records),
            "latency_ms": {f"p{p}": self.latency.percentile_ms(p) for p in (50, 99)},
        }


def refusal_kind(reason: str) -> str:
    """Return what a sentence of refusal is about, without the values in it.

    Examples
    --------
    >>> refusal_kind("frame: detections[17].range_m is -2, must be 0 to 1e9")
    'frame: detections[].range_m'
    """
    about = re.split(r" is |, must|; ", reason, maxsplit=1)[0]
    return re.sub(r"\s*\d[\w.+-]*", "", about)[:80]


FIGURES = Figures()
