"""Run the tracker over a recording and score it against the plots' addresses."""

from dataclasses import asdict, dataclass
from statistics import fmean, median
from time import perf_counter_ns
from typing import Any

import numpy as np
import numpy.typing as npt

from qiki.radar import Present
from qiki.recording.asterix import AsterixRecording, Identity, Recorded, read_asterix
from qiki.recording.score import NO_ADDRESS, score_tracks
from qiki.tracking import Tracker, TrackerConfig, is_confirmed

TRACKER_ID = "5f0d4b3e-6c8a-4b8e-9a53-7d1f2c40e9b7"
"""Identity of the tracker that is evaluated; it has no effect on the score."""


@dataclass(frozen=True, kw_only=True)
class EvaluationResult:
    """Score and speed of a tracker on a recording; see `TrackingScore` for the score.

    Attributes
    ----------
    identity : str
        Whether the tracker got the plots' identity.
    plots : int
        Plots given to the tracker.
    scans : int
        Turns of the antenna, one frame each; clock frames between them do not count.
    coverage, purity, extra_ids, mixed_tracks :
        As in `TrackingScore`.
    tracks_confirmed : int
        Tracks that were confirmed at any time, also those of plots without an address.
    ms_per_scan : float
        Mean time of a turn's step [ms]; the step alone, frames are made before.
    ms_per_scan_median : float
        Median of the same [ms].
    """

    identity: Identity
    plots: int
    scans: int
    coverage: float
    purity: float
    extra_ids: int
    mixed_tracks: int
    tracks_confirmed: int
    ms_per_scan: float
    ms_per_scan_median: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name, ready for JSON."""
        return asdict(self)


def evaluate_recording(
    recorded: Recorded | AsterixRecording,
    *,
    identity: Identity = "withheld",
    config: TrackerConfig | None = None,
) -> EvaluationResult:
    """Track a recording and score the tracks against the addresses of its plots.

    The tracker gets the frames of a replay: `AsterixRecording.frames_with_clock`.

    Parameters
    ----------
    recorded : path, bytes or AsterixRecording
        The recording; a path or bytes are read by `read_asterix` with its defaults.
    identity : str
        ``"withheld"`` removes address, Mode 3/A code and identification before a frame is made;
        ``"used"`` leaves them to the tracker.
    config : TrackerConfig, optional
        Settings of the tracker; None takes ``TrackerConfig.air_surveillance()``.

    Returns
    -------
    EvaluationResult

    Raises
    ------
    qiki.errors.QikiError
        A recording that cannot be read, or a setting outside its limits.
    OSError
        A file that cannot be opened.
    """
    recording = recorded if isinstance(recorded, AsterixRecording) else read_asterix(recorded)
    tracker = Tracker(config or TrackerConfig.air_surveillance(), tracker_id=TRACKER_ID)
    run = _track(tracker, recording, identity)
    score = score_tracks(_addresses(recording.plots), run.detection_track, run.confirmed)
    return EvaluationResult(
        identity=identity,
        plots=score.plots,
        scans=len(run.step_ms),
        coverage=score.coverage,
        purity=score.purity,
        extra_ids=score.extra_ids,
        mixed_tracks=score.mixed_tracks,
        tracks_confirmed=len(run.confirmed),
        ms_per_scan=fmean(run.step_ms) if run.step_ms else 0.0,
        ms_per_scan_median=median(run.step_ms) if run.step_ms else 0.0,
    )


@dataclass(frozen=True)
class _Run:
    """Track number of every plot, numbers of the confirmed tracks, time of every turn's step."""

    detection_track: npt.NDArray[np.uint64]
    confirmed: npt.NDArray[np.uint64]
    step_ms: list[float]


def _track(tracker: Tracker, recording: AsterixRecording, identity: Identity) -> _Run:
    detection_track = np.zeros(len(recording.plots), np.uint64)
    confirmed = [np.empty(0, np.uint64)]
    step_ms = []
    begin = 0  # of the frame's plots; its number does not tell, for clock frames have one too
    for frame in recording.frames_with_clock(identity):
        begin_ns = perf_counter_ns()
        result = tracker.step(frame)
        if not frame.coverage.is_empty:
            step_ms.append((perf_counter_ns() - begin_ns) * 1e-6)
        detection_track[begin : begin + len(frame)] = result.detection_track
        begin += len(frame)
        confirmed.append(_confirmed(result.tracks))
    return _Run(detection_track, np.unique(np.concatenate(confirmed)), step_ms)


def _confirmed(tracks: npt.NDArray[np.void]) -> npt.NDArray[np.uint64]:
    """Numbers of the confirmed tracks; a lost one may have ended before it was confirmed."""
    numbers: npt.NDArray[np.uint64] = tracks["number"][is_confirmed(tracks)]
    return numbers


def _addresses(plots: npt.NDArray[np.void]) -> npt.NDArray[np.int64]:
    has_address = plots["present"] & Present.ADDRESS != 0
    return np.where(has_address, plots["address"].astype(np.int64), NO_ADDRESS)
