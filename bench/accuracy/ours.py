"""QIKI's tracker, called as its peers are: scans in, a picture of the confirmed tracks out."""

from collections.abc import Iterable, Iterator

from bench.accuracy.case import Array, Picture, Scans
from qiki.radar import RadarFrame
from qiki.tracking import Tracker, TrackerConfig, is_confirmed


def follow_positions(
    scans: Scans,
    covariance_m2: Array,
    config: TrackerConfig,
    *,
    volume_m3: float | None = None,
    area_m2: float | None = None,
) -> Iterator[Picture]:
    """Track scans of positions.

    Parameters
    ----------
    scans : iterable of (int, (n, d) float64)
        Time [ns] and positions [m]; d is 2 or 3.
    covariance_m2 : (d, d) float64
    config : TrackerConfig
    volume_m3, area_m2 : float, optional
        Where the false alarms are spread.

    Yields
    ------
    dict of int to (d,) float64
        Position of each confirmed track by its number, after each scan.
    """
    tracker, axes = Tracker(config), len(covariance_m2)
    for time_ns, positions_m in scans:
        tracker.step_positions(
            positions_m, covariance_m2, time_ns, volume_m3=volume_m3, area_m2=area_m2
        )
        yield _confirmed(tracker, axes)


def follow_frames(frames: Iterable[RadarFrame], config: TrackerConfig) -> Iterator[Picture]:
    """Track radar frames; as `follow_positions`.

    Parameters
    ----------
    frames : iterable of RadarFrame
    config : TrackerConfig

    Yields
    ------
    dict of int to (3,) float64
    """
    tracker = Tracker(config)
    for frame in frames:
        tracker.step(frame)
        yield _confirmed(tracker, 3)


def _confirmed(tracker: Tracker, axes: int) -> Picture:
    tracks = tracker.tracks()
    tracks = tracks[is_confirmed(tracks)]
    return dict(zip(tracks["number"].tolist(), tracks["position_m"][:, :axes], strict=True))
