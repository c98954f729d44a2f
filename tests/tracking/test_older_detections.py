"""Detections older than the tracks they belong to: frames of radars that overlap in time."""

import numpy as np
import pytest

from qiki.radar import Present, RadarFrame, empty_detections
from qiki.tracking import (
    ConstantAcceleration,
    ConstantVelocity,
    CoordinatedTurn,
    SensorConfig,
    Tracker,
    TrackerConfig,
)

QUICK_ID = "00000000-0000-0000-0000-00000000000a"
SLOW_ID = "00000000-0000-0000-0000-00000000000b"
SLOW_AT_M = (15_000.0, -20_000.0, 0.0)
SECOND_NS = 1_000_000_000
TARGETS = 30
NOISE_M2_S3 = 1.0
STD_M = 40.0

MODELS = {
    "one filter": {"process_noise_m2_s3": NOISE_M2_S3, "vertical_process_noise_m2_s3": 0.1},
    "constant velocities": {
        "motion_models": (
            ConstantVelocity(process_noise_m2_s3=NOISE_M2_S3, initial_probability=0.9),
            ConstantVelocity(process_noise_m2_s3=300.0, initial_probability=0.1),
        )
    },
    "unequal models": {
        "motion_models": (
            ConstantVelocity(process_noise_m2_s3=NOISE_M2_S3, initial_probability=0.8),
            CoordinatedTurn(initial_probability=0.1),
            ConstantAcceleration(initial_probability=0.1),
        )
    },
}
EVERY_WAY = [
    pytest.param(association, models, id=f"{association}, {models}")
    for association in ("gnn", "jpda")
    for models in MODELS
]


class Sky:
    """Targets with constant velocity and white noise acceleration, in steps of 0.25 s."""

    def __init__(self, seed, duration_s=60):
        self.rng = np.random.default_rng(seed)
        steps, dt = 4 * duration_s + 1, 0.25
        course = self.rng.uniform(0.0, 2 * np.pi, TARGETS)
        state = np.zeros((TARGETS, 6))
        grid = np.stack(np.meshgrid(np.arange(6), np.arange(5)), axis=-1).reshape(-1, 2)
        state[:, :2] = 6000.0 * (grid - [2.5, 2.0]) + self.rng.uniform(-800, 800, (TARGETS, 2))
        state[:, 2] = self.rng.uniform(2000.0, 8000.0, TARGETS)
        state[:, 3:5] = 150.0 * np.stack([np.cos(course), np.sin(course)], axis=1)
        q = NOISE_M2_S3 * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
        shape = np.linalg.cholesky(q)
        self.states = np.empty((steps, TARGETS, 6))
        for step in range(steps):
            self.states[step] = state
            kick = self.rng.standard_normal((TARGETS, 2, 2)) @ shape.T
            state = state.copy()
            state[:, :3] += dt * state[:, 3:]
            state[:, :2] += kick[:, :, 0]
            state[:, 3:5] += kick[:, :, 1]

    def at(self, time_s):
        return self.states[round(4 * time_s)]

    def frame(
        self, sensor_id, number, time_s, detection_times_s, place_m=(0.0, 0.0, 0.0), late_s=0.0
    ):
        """What a radar at `place_m`, its clock `late_s` fast, sees of each target at its time."""
        detections = empty_detections(TARGETS)
        states = np.stack([self.at(t)[k] for k, t in enumerate(detection_times_s)])
        away_m = states[:, :3] - place_m
        ground_m = np.hypot(away_m[:, 0], away_m[:, 1])
        range_m = np.hypot(ground_m, away_m[:, 2])
        noise = self.rng.standard_normal((3, TARGETS))
        std_deg = np.degrees(STD_M / range_m)
        detections["range_m"] = range_m + STD_M * noise[0]
        bearing_deg = np.degrees(np.arctan2(away_m[:, 0], away_m[:, 1])) + std_deg * noise[1]
        detections["bearing_deg"] = bearing_deg % 360.0
        elevation_deg = np.degrees(np.arctan2(away_m[:, 2], ground_m))
        detections["elevation_deg"] = elevation_deg + std_deg * noise[2]
        detections["range_std_m"] = STD_M
        detections["bearing_std_deg"] = detections["elevation_std_deg"] = std_deg
        detections["time_ns"] = np.round(
            (np.asarray(detection_times_s) + late_s) * SECOND_NS
        ).astype(np.int64)
        detections["present"] = Present.RANGE | Present.BEARING | Present.ELEVATION
        return RadarFrame(
            detections,
            sensor_id=sensor_id,
            time_ns=round((time_s + late_s) * SECOND_NS),
            number=number,
            sensor_position_m=place_m,
        )


def quick_and_slow(sky, duration_s=60, late_s=0.0):
    """Frames, as they come, of a radar that sees all at once each second and of one that turns
    once in 4 s."""
    frames = [sky.frame(QUICK_ID, k, k, np.full(TARGETS, k)) for k in range(1, duration_s + 1)]
    within_s = 0.25 * (np.arange(TARGETS) % 16)
    for turn in range(duration_s // 4):
        end_s = 4 * (turn + 1)
        times_s = end_s - 4 + within_s
        frames.append(sky.frame(SLOW_ID, turn, end_s, times_s, SLOW_AT_M, late_s))
    late_ns = {QUICK_ID: 0, SLOW_ID: round(late_s * SECOND_NS)}
    return sorted(frames, key=lambda frame: frame.time_ns - late_ns[frame.sensor_id])


def config(association, models, late_s=0.0):
    sensors = (
        SensorConfig(sensor_id=QUICK_ID),
        SensorConfig(sensor_id=SLOW_ID, time_bias_s=late_s),
    )
    return TrackerConfig(association=association, sensors=sensors, **MODELS[models])


def tracks_and_truth(frames, settings, sky, end_s):
    """The tracks at the end, one of each target, and their targets' true states."""
    tracker = Tracker(settings)
    for frame in frames:
        tracker.step(frame)
    tracks = tracker.tracks(max(round(end_s * SECOND_NS), frames[-1].time_ns))
    assert len(tracks) == TARGETS
    truth = sky.at(end_s)
    away_m = np.linalg.norm(tracks["position_m"][:, None] - truth[:, :3], axis=2)
    assert sorted(away_m.argmin(axis=1)) == list(range(TARGETS))
    return tracks, truth[away_m.argmin(axis=1)]


@pytest.mark.parametrize(("association", "models"), EVERY_WAY)
def test_a_slow_radar_makes_the_tracks_of_a_quick_one_surer(association, models):
    """It begins no track of its own, and the error falls by what its detections tell."""
    errors_m2 = {"quick": [], "both": []}
    for seed in range(6):
        sky = Sky(seed)
        frames = quick_and_slow(sky)
        quick = [frame for frame in frames if frame.sensor_id == QUICK_ID]
        for name, some in (("quick", quick), ("both", frames)):
            tracks, truth = tracks_and_truth(some, config(association, models), sky, 60.0)
            error_m = tracks["position_m"] - truth[:, :3]
            errors_m2[name].append((error_m**2).sum(axis=1).mean())
    assert np.mean(errors_m2["both"]) < 0.95 * np.mean(errors_m2["quick"])


@pytest.mark.parametrize("association", ["gnn", "jpda"])
def test_the_tracks_are_as_sure_as_they_should_be(association):
    """Normalised error squared of position (3 degrees of freedom), 20 runs of 30 targets: within
    what chance allows with 1e-4, and a tenth for what the update by older ones approximates."""
    normalised = []
    for seed in range(20):
        sky = Sky(100 + seed)
        tracks, truth = tracks_and_truth(
            quick_and_slow(sky), config(association, "one filter"), sky, 60.0
        )
        xx, xy, xz, yy, yz, zz = tracks["position_covariance_m2"].T
        matrix = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]).transpose(2, 0, 1)
        error_m = tracks["position_m"] - truth[:, :3]
        solved = np.linalg.solve(matrix, error_m[:, :, None])[:, :, 0]
        normalised.append((error_m * solved).sum(axis=1))
    mean = np.mean(normalised) / 3.0
    spread = 3.9 * np.sqrt(2.0 / (3.0 * 20 * TARGETS))
    assert 1.0 - spread - 0.1 < mean < 1.0 + spread + 0.1


@pytest.mark.parametrize("late_s", [-1.5, 1.5])
@pytest.mark.parametrize(("association", "models"), EVERY_WAY)
def test_a_clock_that_is_off_makes_no_track_once_it_is_told_of(association, models, late_s):
    sky = Sky(7)
    frames = quick_and_slow(sky, 48, late_s)
    settings = config(association, models, late_s)
    tracks, _ = tracks_and_truth(frames, settings, sky, 48.0 + max(late_s, 0.0))
    assert (tracks["position_covariance_m2"][:, [0, 3, 5]] > 0).all()


def test_what_is_older_than_a_track_may_coast_is_none_of_its():
    settings = TrackerConfig(max_coast_s=2.0)
    tracker, sky = Tracker(settings), Sky(3)
    for number in range(10):
        tracker.step(sky.frame(QUICK_ID, number, number, np.full(TARGETS, number)))
    before = tracker.tracks()
    late = sky.frame(SLOW_ID, 0, 9.0, np.full(TARGETS, 6.0))
    events = tracker.step(late).tracks["event"]
    assert len(before) == TARGETS
    assert len(events) == 2 * TARGETS  # all are missed, and as many begin
    used = sky.frame(SLOW_ID, 1, 9.0, np.full(TARGETS, 7.5))
    tracker = Tracker(settings)
    for number in range(10):
        tracker.step(sky.frame(QUICK_ID, number, number, np.full(TARGETS, number)))
    assert len(tracker.step(used).tracks) == TARGETS
