"""A track's quality is the probability that it follows a target."""

import itertools

import numpy as np
import pytest

from qiki.tracking import Tracker, TrackerConfig, TrackStatus

STD_M = 10.0
SIDE_M = 4000.0
VOLUME_M3 = SIDE_M**3
PERIOD_S = 1.0
PD = 0.8
CLUTTER, BIRTHS, LIFETIME_S = 40.0, 0.5, 60.0
CONFIG = TrackerConfig(
    process_noise_m2_s3=0.01,
    vertical_process_noise_m2_s3=0.01,
    initial_speed_std_m_s=20.0,
    initial_vertical_speed_std_m_s=20.0,
    detection_probability=PD,
    clutter_per_frame=CLUTTER,
    births_per_frame=BIRTHS,
    mean_lifetime_s=LIFETIME_S,
    delete_existence=1e-4,
)


class World:
    """Targets that come and go as the settings say, at constant velocity."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.position_m, self.velocity_m_s = np.empty((0, 3)), np.empty((0, 3))
        self.number, self.next_number = np.empty(0, int), 0

    def scan(self):
        """Move, let targets leave and come; return positions and the target behind each or -1."""
        random = self.random
        stays = random.random(len(self.number)) < np.exp(-PERIOD_S / LIFETIME_S)
        born = random.poisson(BIRTHS)
        moved_m = (self.position_m + self.velocity_m_s * PERIOD_S)[stays]
        self.position_m = np.concatenate([moved_m, random.random((born, 3)) * SIDE_M])
        speeds_m_s = random.normal(size=(born, 3)) * 20.0
        self.velocity_m_s = np.concatenate([self.velocity_m_s[stays], speeds_m_s])
        numbers = np.arange(self.next_number, self.next_number + born)
        self.number = np.concatenate([self.number[stays], numbers])
        self.next_number += born
        seen = random.random(len(self.number)) < PD
        measured_m = self.position_m[seen] + random.normal(size=(seen.sum(), 3)) * STD_M
        clutter_m = random.random((random.poisson(CLUTTER), 3)) * SIDE_M
        origin = np.concatenate([self.number[seen], np.full(len(clutter_m), -1)])
        return np.concatenate([measured_m, clutter_m]), origin


def told_and_true(seed, scans):
    """Quality of every track after every scan, and whether the target that it began with, or took
    most of its detections from since, is still there."""
    world, tracker = World(seed), Tracker(CONFIG)
    votes, qualities, true = {}, [], []
    for number in range(scans):
        positions_m, origin = world.scan()
        result = tracker.step_positions(
            positions_m, np.eye(3) * STD_M**2, round(number * PERIOD_S * 1e9), volume_m3=VOLUME_M3
        )
        for track, target in zip(result.detection_track.tolist(), origin.tolist(), strict=True):
            votes.setdefault(track, []).append(target)
        living = result.tracks[result.tracks["status"] != TrackStatus.LOST]
        present = set(world.number.tolist())
        for track in living:
            last = votes[int(track["number"])][-3:]
            target = max(set(last), key=last.count)
            qualities.append(track["quality"])
            true.append(target in present)
    return np.array(qualities), np.array(true)


def test_of_the_tracks_of_a_quality_that_share_follows_a_target():
    """Reliability in bins: the mean quality within 0.06 of the share of true tracks.

    The filter takes one detection for certain where it should weigh them, so it is not exact: with
    gates of few false alarms, as here, the differences stay below that.
    """
    qualities, true = told_and_true(seed=5, scans=1500)
    edges = [0.0, 0.02, 0.1, 0.3, 0.7, 0.95, 0.999, 1.0]
    for low, high in itertools.pairwise(edges):
        inside = (qualities >= low) & (qualities < high)
        assert inside.sum() > 200, (low, high, inside.sum())
        found, expected = true[inside].mean(), qualities[inside].mean()
        assert found == pytest.approx(expected, abs=0.06), (low, high, inside.sum())


def test_a_birth_has_the_share_of_new_targets():
    tracker = Tracker(CONFIG)
    positions_m = np.array([[0.0, 0.0, 0.0], [900.0, 0.0, 0.0]])
    tracks = tracker.step_positions(positions_m, np.eye(3), 0, volume_m3=VOLUME_M3).tracks
    assert tracks["quality"] == pytest.approx(BIRTHS / (BIRTHS + CLUTTER), rel=1e-14)


def test_a_detection_and_a_miss_weigh_as_bayes_says():
    tracker, r = Tracker(CONFIG), BIRTHS / (BIRTHS + CLUTTER)
    at_m, covariance_m2 = np.zeros((1, 3)), np.eye(3) * STD_M**2
    survival = np.exp(-PERIOD_S / LIFETIME_S)

    def step(number, positions_m):
        time_ns = round(number * PERIOD_S * 1e9)
        result = tracker.step_positions(positions_m, covariance_m2, time_ns, volume_m3=VOLUME_M3)
        return result.tracks["quality"][0]

    step(0, at_m)
    # Position variance: measured, and as much again from the velocity's spread and the noise.
    variance = 2 * STD_M**2 + 20.0**2 * PERIOD_S**2 + 0.01 * PERIOD_S**3 / 3
    density = (2 * np.pi * variance) ** -1.5
    ratio = 1 - PD + PD * density * VOLUME_M3 / CLUTTER
    r *= survival
    r = r * ratio / (1 - r + r * ratio)
    assert step(1, at_m) == pytest.approx(r, rel=1e-12)
    r *= survival
    r = r * (1 - PD) / (1 - r + r * (1 - PD))
    assert step(2, np.empty((0, 3))) == pytest.approx(r, rel=1e-12)


def test_where_false_alarms_are_many_more_detections_confirm():
    def detections_to_confirm(clutter_per_frame):
        config = TrackerConfig(clutter_per_frame=clutter_per_frame)
        tracker, at_m = Tracker(config), np.zeros((1, 3))
        for number in range(20):
            time_ns = number * 100_000_000
            result = tracker.step_positions(at_m, np.eye(3) * 25.0, time_ns, volume_m3=1e9)
            if result.tracks["status"][0] == TrackStatus.TRACKED:
                return number + 1
        raise AssertionError("never confirmed")

    needed = [detections_to_confirm(clutter) for clutter in (0.01, 1.0, 100.0, 10_000.0)]
    assert needed == sorted(needed)
    assert needed[0] == 1
    assert needed[-1] >= 4


@pytest.mark.parametrize(("pd", "misses"), [(0.8, (9, 7, 6)), (0.9, (6, 5, 5)), (0.95, (5, 4, 4))])
def test_an_established_track_ends_after_the_misses_that_the_docs_tell(pd, misses):
    for period_s, expected in zip((0.1, 1.0, 4.0), misses, strict=True):
        tracker, covariance_m2 = Tracker(TrackerConfig(detection_probability=pd)), np.eye(3) * 400.0
        for number in range(12 + expected):
            seen_m = np.zeros((int(number < 12), 3))
            assert len(tracker.tracks()) == int(number > 0)
            time_ns = round(number * period_s * 1e9)
            tracker.step_positions(seen_m, covariance_m2, time_ns, volume_m3=1e10)
        assert len(tracker.tracks()) == 0
