"""One run of a scenario: its radars' frames through a tracker, scored frame by frame."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import compress, count, groupby, takewhile
from time import perf_counter_ns

import numpy as np
import numpy.typing as npt

from qiki._core import CompiledModel, RadarFrame
from qiki.errors import FutureFrameError
from qiki.evaluation.frame_order import FrameOrder
from qiki.evaluation.picture import Picture, PictureScore, score_picture
from qiki.evaluation.registration import FoundBiases, RegistrationRun
from qiki.metrics import Siap, SiapScore
from qiki.radar import Radar, Scenario
from qiki.tracking import RegistrationConfig, Tracker, TrackerConfig, is_confirmed

Floats = npt.NDArray[np.float64]

SERIES = ("gospa_m", "localisation_m", "missed_m", "false_m", "ospa_m")
"""What is kept of every picture."""

_PARTS = (*SERIES, "ospa_localisation_m", "ospa_cardinality_m")


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """How runs are made and scored.

    Attributes
    ----------
    duration_s : float
        Frames up to this time are made [s].
    registration : RegistrationConfig, optional
        Sensors whose biases are sought beside the tracker that is scored.
    settle_s : float
        The metrics are over what comes from this time on [s].
    cutoff_m, p : float
        Cutoff [m] and order of GOSPA, OSPA and the assignment of tracks.
    config : TrackerConfig
    models : sequence of UserModel
        Those that the scenario names.
    sr_threshold_m : float, optional
        As of `qiki.radar.Radar`.
    plane : bool
        Leave heights out, as of `score_picture`.
    """

    duration_s: float
    cutoff_m: float
    p: float
    config: TrackerConfig
    models: Sequence[CompiledModel] = ()
    sr_threshold_m: float | None = None
    plane: bool = False
    registration: RegistrationConfig | None = None
    settle_s: float = 0.0


@dataclass(frozen=True)
class RunScore:
    """Score of one run.

    Attributes
    ----------
    metrics : dict of float
        One number each for the run once it has settled; NaN where there is none.
    time_s : (k,) float64
        Times of the pictures [s].
    series : dict of (k,) float64
        GOSPA, its parts and OSPA at these times [m].
    frames : int
        Frames that were made.
    late_frames : dict of int
        Those of them that came too late for the tracker, or from the future, by the name of each
        sensor.
    registration : dict of FoundBiases
        What was found of the sensors whose biases were sought, by their names.
    """

    metrics: dict[str, float]
    time_s: Floats
    series: dict[str, Floats]
    frames: int
    late_frames: dict[str, int]
    registration: dict[str, FoundBiases]


@dataclass
class _Record:
    """What a run leaves behind."""

    time_s: list[float] = field(default_factory=list)
    scores: list[PictureScore] = field(default_factory=list)
    is_settled: list[bool] = field(default_factory=list)
    step_ns: list[int] = field(default_factory=list)
    late_frames: dict[str, int] = field(default_factory=dict)
    registration: dict[str, FoundBiases] = field(default_factory=dict)


def score_run(
    scenario: Scenario,
    seed: int,
    scoring: Scoring,
    progress: Callable[[float], None] = lambda _time_s: None,
) -> RunScore:
    """Run a scenario once and score the tracks after every frame.

    The frames of all radars go to the tracker in the order of the times that they say, without the
    `time_bias_s` that its settings tell, as those do that come late within their `late_window_s`;
    what is older, or from the future, is left out. While a radar is off, its clock frames go there.
    Frames of one time make one picture: the targets and the confirmed tracks at that time.

    Parameters
    ----------
    scenario : Scenario
    seed : int
        Of the radars' draws.
    scoring : Scoring
    progress : callable
        Is told the time of each picture [s].

    Returns
    -------
    RunScore

    Raises
    ------
    qiki.errors.ModelError
        A user's model answered what it must not.
    qiki.errors.CapacityError
        More detections or tracks than the settings of the tracker allow.
    """
    radars = _radars(scenario, seed, scoring)
    tracker = Tracker(scoring.config)
    siap, settling = (Siap(cutoff_m=scoring.cutoff_m, p=scoring.p) for _ in range(2))
    record, order = _Record(), FrameOrder(scoring.config)
    frames_made = _frames(radars, scoring.duration_s)
    seeking = scoring.registration and RegistrationRun(radars, scoring.config, scoring.registration)
    ordered = order.of(seeking.watch(frames_made) if seeking else frames_made)
    for time_ns, frames in groupby(ordered, order.true_ns):
        came = [(frame.sensor_id, _takes_in(tracker, frame, record)) for frame in frames]
        order.late.update(sensor_id for sensor_id, was_used in came if not was_used)
        if not any(was_used for _, was_used in came):
            continue
        is_settled = time_ns >= round(scoring.settle_s * 1e9)
        score = score_picture(
            _picture(radars, tracker, time_ns),
            siap if is_settled else settling,
            cutoff_m=scoring.cutoff_m,
            p=scoring.p,
            plane=scoring.plane,
        )
        record.scores.append(score)
        record.is_settled.append(is_settled)
        record.time_s.append(time_ns * 1e-9)
        progress(time_ns * 1e-9)
    record.late_frames = {radar.sensor.name: order.late[radar.sensor_id] for radar in radars}
    record.registration = seeking.found() if seeking else {}
    return _run_score(record, siap.score(), scoring.p)


def _radars(scenario: Scenario, seed: int, scoring: Scoring) -> list[Radar]:
    return [
        Radar(
            scenario,
            sensor=index,
            seed=seed,
            sr_threshold_m=scoring.sr_threshold_m,
            models=scoring.models,
        )
        for index in range(len(scenario.sensors))
    ]


def _frames(radars: Sequence[Radar], duration_s: float) -> Iterator[RadarFrame]:
    """Give the frames of all radars in the order in which they are made."""

    def times(index: int, radar: Radar) -> Iterator[tuple[int, int, int]]:
        all_frames = ((radar.frame_time_ns(number), index, number) for number in count())
        return takewhile(lambda frame: frame[0] <= end_ns, all_frames)

    end_ns = round(duration_s * 1e9)
    for time_ns, index, number in merge(*(times(*entry) for entry in enumerate(radars))):
        radar = radars[index]
        is_off = radar.is_off(number)
        yield radar.clock_frame(number, time_ns) if is_off else radar.frame(number)


def _takes_in(tracker: Tracker, frame: RadarFrame, record: _Record) -> bool:
    """Take in a frame and note how long that took; say whether its time let the tracker use it."""
    begin_ns = perf_counter_ns()
    try:
        tracker.step(frame)
    except FutureFrameError:
        return False
    record.step_ns.append(perf_counter_ns() - begin_ns)
    return True


def _picture(radars: Sequence[Radar], tracker: Tracker, time_ns: int) -> Picture:
    truths = [radar.truth(time_ns) for radar in radars]
    is_there = truths[0].is_present
    # What no look covers, or what is hidden, has neither probability.
    sees = [(t.detection_probability > 0.0) | (t.reply_probability > 0.0) for t in truths]
    tracks = tracker.tracks()
    return Picture(
        time_ns=time_ns,
        truth_m=truths[0].position_m[is_there],
        truth_velocity_m_s=truths[0].velocity_m_s[is_there],
        truth_numbers=np.flatnonzero(is_there),
        is_covered=np.any(sees, axis=0)[is_there],
        tracks=tracks[is_confirmed(tracks)],
    )


def _run_score(record: _Record, siap: SiapScore, p: float) -> RunScore:
    columns = {name: np.array([getattr(score, name) for score in record.scores]) for name in _PARTS}
    settled = list(compress(record.scores, record.is_settled))
    over_time = {
        name: _power_mean(column[record.is_settled], p) for name, column in columns.items()
    }
    position_nees = np.concatenate([[], *(score.position_nees for score in settled)])
    metrics = {
        "gospa_m": over_time["gospa_m"],
        "gospa_localisation_m": over_time["localisation_m"],
        "gospa_missed_m": over_time["missed_m"],
        "gospa_false_m": over_time["false_m"],
        "missed_targets": _mean([score.missed for score in settled]),
        "false_tracks": _mean([score.false for score in settled]),
        "ospa_m": over_time["ospa_m"],
        "ospa_localisation_m": over_time["ospa_localisation_m"],
        "ospa_cardinality_m": over_time["ospa_cardinality_m"],
        "completeness": siap.completeness,
        "ambiguity": siap.ambiguity,
        "spuriousness": siap.spuriousness,
        "position_accuracy_m": siap.position_accuracy_m,
        "velocity_accuracy_m_s": siap.velocity_accuracy_m_s,
        "number_change_rate_hz": siap.number_change_rate_hz,
        "longest_segment": siap.longest_segment,
        "tracks_per_target": siap.tracks_per_target,
        "number_changes": float(siap.number_changes),
        "position_nees": _mean(position_nees),
        "ms_per_frame": _mean(record.step_ns) * 1e-6,
    }
    return RunScore(
        metrics=metrics,
        time_s=np.array(record.time_s),
        series={name: columns[name] for name in SERIES},
        frames=len(record.step_ns) + sum(record.late_frames.values()),
        late_frames=record.late_frames,
        registration=record.registration,
    )


def _power_mean(values: Floats, p: float) -> float:
    """Mean of order p, so that the parts' powers still add up to that of the whole."""
    largest = float(values.max(initial=0.0))
    if largest == 0.0:
        return 0.0 if len(values) else float("nan")
    return float(largest * np.mean((values / largest) ** p) ** (1.0 / p))


def _mean(values: Sequence[float] | Floats) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
