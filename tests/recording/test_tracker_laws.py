"""Laws of the tracker on a real radar's plots: snapshots, blunter plots, plots in another order."""

import numpy as np
import pytest

from qiki.radar import RadarFrame
from qiki.recording import read_asterix
from qiki.tracking import (
    Tracker,
    TrackerConfig,
    position_covariance,
    update_polar,
    velocity_covariance,
)
from tests.properties.filter_orders import assert_no_larger

TURNS = 60
CONFIG = TrackerConfig.air_surveillance()


@pytest.fixture(scope="module")
def frames(barcelona):
    recording = read_asterix(barcelona)
    return list(recording.frames_with_clock())[:TURNS]


@pytest.fixture(scope="module")
def steps(frames):
    """Of each turn: the snapshot before it, the records and the track of each plot."""
    tracker, found = Tracker(CONFIG), []
    for frame in frames:
        before, result = tracker.snapshot(), tracker.step(frame)
        found.append((before, result.tracks, result.detection_track))
    return found


@pytest.mark.parametrize("turn", np.random.default_rng(5).integers(1, TURNS - 5, 4))
def test_a_snapshot_goes_on_with_the_same_bytes(frames, steps, turn):
    restored = Tracker.restore(steps[turn][0], CONFIG)
    assert restored.snapshot() == steps[turn][0]
    for at in range(turn, TURNS):
        assert restored.snapshot() == steps[at][0]
        result = restored.step(frames[at])
        assert result.tracks.tobytes() == steps[at][1].tobytes()
        assert result.detection_track.tobytes() == steps[at][2].tobytes()


def blunter(plots):
    """The plots with twice the standard deviations."""
    doubled = plots.copy()
    for name in doubled.dtype.names:
        if "_std_" in name:
            doubled[name] *= 2.0
    return doubled


def test_doubled_deviations_never_make_a_track_surer(frames, steps):
    """Each plot updates the last state told of its track, as it is and with doubled deviations."""
    pairs = 0
    for turn in range(20, TURNS):
        last = {int(track["number"]): track for track in steps[turn - 1][1]}
        taken = steps[turn][2]
        plots = [k for k in range(len(taken)) if int(taken[k]) in last]
        if not plots:
            continue
        tracks = np.array([last[int(taken[k])] for k in plots], steps[0][1].dtype)
        state = np.concatenate([tracks["position_m"], tracks["velocity_m_s"]], axis=1)
        covariance = np.zeros((len(plots), 6, 6))
        covariance[:, :3, :3] = position_covariance(tracks)
        covariance[:, 3:, 3:] = velocity_covariance(tracks)
        detections = frames[turn].detections[plots]
        where = {"sensor_position_m": frames[turn].sensor_position_m}
        _, sharp = update_polar(state, covariance, detections, **where)
        _, blunt = update_polar(state, covariance, blunter(detections), **where)
        assert_no_larger(sharp, covariance)
        assert_no_larger(sharp, blunt)
        pairs += len(plots)
    assert pairs > 500


def test_plots_in_another_order_make_the_same_tracks(frames):
    """By nearest neighbour, bit for bit; only numbers and ids are given in another order."""
    rng = np.random.default_rng(7)
    told = []
    for orders in (np.arange, rng.permutation):
        tracker = Tracker(CONFIG)
        for frame in frames:
            detections = frame.detections[orders(len(frame))]
            header = {
                name: getattr(frame, name)
                for name in ("time_ns", "sensor_id", "epoch", "number", "sensor_position_m")
            }
            tracker.step(RadarFrame(detections, coverage=frame.coverage, **header))
        tracks = tracker.tracks()
        told.append(tracks[np.lexsort(tracks["position_m"].T)])
    one, other = told
    assert len(one) == len(other) > 30
    for name in ("position_m", "velocity_m_s", "position_covariance_m2", "quality", "hit_count"):
        assert one[name].tobytes() == other[name].tobytes(), name


SENSORS = ("00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b")


def shared_out(frames):
    """The frames of two radars, between which the plots of each turn are shared out at random."""
    rng = np.random.default_rng(11)
    for number, frame in enumerate(frames):
        owner = rng.integers(0, 2, len(frame))
        for index, sensor_id in enumerate(SENSORS):
            header = {name: getattr(frame, name) for name in ("time_ns", "sensor_position_m")}
            yield RadarFrame(
                frame.detections[owner == index],
                coverage=frame.coverage,
                sensor_id=sensor_id,
                number=number,
                **header,
            )


def counts_of(frames):
    """Of each radar the plots, those that went to a track that stood before, and births; hits."""
    tracker, counts, hits = Tracker(CONFIG), {}, 0
    for frame in frames:
        known = set(tracker.tracks()["number"].tolist())
        taken = tracker.step(frame).detection_track
        old = sum(int(number) in known for number in taken)
        more = np.array([len(frame), old, len(taken) - old])
        counts[frame.sensor_id] = counts.get(frame.sensor_id, 0) + more
        hits += old
    return counts, hits


def test_a_radar_that_is_removed_raises_no_count(frames):
    """What is counted of it is gone, and its plots are missing from the sum of all tracks' hits."""
    shared = list(shared_out(frames))
    both, hits = counts_of(shared)
    assert set(both) == set(SENSORS)
    for removed, left in (SENSORS, SENSORS[::-1]):
        alone, hits_alone = counts_of(frame for frame in shared if frame.sensor_id == left)
        assert removed not in alone
        assert alone[left][0] == both[left][0]  # nothing else is lost with it
        assert alone[left][1] <= both[left][1]  # fewer tracks to go to
        assert hits_alone < 0.7 * hits
