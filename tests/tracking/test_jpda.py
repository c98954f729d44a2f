"""Joint association: against every joint event listed, and what must hold of it."""

import msgspec
import numpy as np
import pytest

from qiki.radar import Present, RadarFrame, empty_detections
from qiki.tracking import (
    ConstantAcceleration,
    ConstantVelocity,
    CoordinatedTurn,
    Tracker,
    TrackerConfig,
    TrackEvent,
    TrackStatus,
    predict,
    update_position,
)
from tests.tracking.jipda_oracle import JipdaOracle

NOISE_M2 = np.array([[90.0, 20.0, 0.0], [20.0, 110.0, -10.0], [0.0, -10.0, 60.0]])
VOLUME_M3 = 2e7
CONFIG = TrackerConfig(
    association="jpda",
    process_noise_m2_s3=2.0,
    vertical_process_noise_m2_s3=0.5,
    initial_speed_std_m_s=20.0,
    initial_vertical_speed_std_m_s=10.0,
    detection_probability=0.8,
    clutter_per_frame=2.0,
    births_per_frame=0.5,
    gate_probability=0.999,
    mean_lifetime_s=50.0,
)


def close_scan(random, number):
    """Three targets a few standard deviations apart, seen or not, and false alarms among them."""
    along_m = np.array([[0.0, 0.0, 0.0], [25.0, 5.0, 0.0], [-10.0, 35.0, 5.0]])
    truth_m = along_m + np.array([6.0, -3.0, 0.5]) * number
    seen = truth_m[random.random(3) < 0.8]
    measured_m = seen + random.multivariate_normal(np.zeros(3), NOISE_M2, len(seen))
    around_m = truth_m.mean(axis=0) + random.uniform(-60.0, 60.0, (random.poisson(0.5), 3))
    return np.concatenate([measured_m, around_m])


DEFAULT_NOISE = msgspec.structs.replace(
    CONFIG, process_noise_m2_s3=1.0, vertical_process_noise_m2_s3=1.0
)
BY_MODELS = msgspec.structs.replace(
    DEFAULT_NOISE,
    motion_models=(
        ConstantVelocity(initial_probability=0.6, mean_sojourn_s=20.0),
        CoordinatedTurn(initial_probability=0.3, turn_rate_std_deg_s=30.0, mean_sojourn_s=5.0),
        ConstantAcceleration(initial_probability=0.1, mean_sojourn_s=3.0),
    ),
)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("config", [CONFIG, BY_MODELS], ids=["one-filter", "models"])
def test_a_tracker_is_that_of_every_joint_event(config, seed):
    random, tracker = np.random.default_rng(seed), Tracker(config)
    oracle = JipdaOracle(config, NOISE_M2, VOLUME_M3)
    for number in range(9):
        positions_m = close_scan(random, number)
        time_ns = number * 1_000_000_000
        tracker.step_positions(positions_m, NOISE_M2, time_ns, volume_m3=VOLUME_M3)
        oracle.step(positions_m, float(number))
        tracks = tracker.tracks()
        assert len(tracks) == len(oracle.tracks), number
        for found, expected in zip(tracks, oracle.tracks, strict=True):
            assert found["quality"] == pytest.approx(expected.existence, rel=1e-9)
            mean, covariance = oracle.predicted(expected, float(number))
            found_mean = np.concatenate([found["position_m"], found["velocity_m_s"]])
            assert found_mean == pytest.approx(mean, rel=1e-9, abs=1e-9)
            upper = np.triu_indices(3)
            for name, block in (
                ("position_covariance_m2", covariance[:3, :3]),
                ("velocity_covariance_m2_s2", covariance[3:, 3:]),
            ):
                assert found[name] == pytest.approx(block[upper], rel=1e-8, abs=1e-8)


def test_a_lone_detection_of_a_sure_track_counts_as_it_does_by_nearest_neighbour():
    """Alone and far from false alarms a detection is the track's with almost certainty."""
    both = [
        Tracker(TrackerConfig(association=kind, clutter_per_frame=1e-9)) for kind in ("gnn", "jpda")
    ]
    for number in range(6):
        at_m = np.array([[10.0 * number, 0.0, 0.0]])
        results = [
            tracker.step_positions(at_m, NOISE_M2, number * 10**9, volume_m3=1e9).tracks
            for tracker in both
        ]
    hard, soft = results
    assert soft["position_m"] == pytest.approx(hard["position_m"], rel=1e-6)
    assert soft["position_covariance_m2"] == pytest.approx(
        hard["position_covariance_m2"], rel=1e-5, abs=1e-5
    )
    assert soft["status"] == hard["status"] == TrackStatus.TRACKED


def test_two_equal_detections_are_shared():
    """Two detections mirrored at the prediction: neither is the track's, the mean is between."""
    tracker = Tracker(CONFIG)
    for number in range(4):
        tracker.step_positions(np.zeros((1, 3)), NOISE_M2, number * 10**9, volume_m3=VOLUME_M3)
    (before,) = tracker.tracks(4 * 10**9)
    away_m = np.array([12.0, 0.0, 0.0])
    positions_m = before["position_m"] + np.array([away_m, -away_m])
    result = tracker.step_positions(positions_m, NOISE_M2, 4 * 10**9, volume_m3=VOLUME_M3)
    assert list(result.detection_track) == [0, 0]
    (track,) = result.tracks
    assert track["position_m"] == pytest.approx(before["position_m"], abs=1e-9)
    assert track["event"] == TrackEvent.UPDATED
    assert track["detection_index"] == 2**32 - 1
    # What the detections disagree in is uncertain.
    assert track["position_covariance_m2"][0] > 0.7 * away_m[0] ** 2


def turning_frame(number, times_ns, bearings_deg, range_m=8000.0):
    detections = empty_detections(len(times_ns))
    detections["time_ns"] = times_ns
    detections["range_m"], detections["range_std_m"] = range_m, 20.0
    detections["bearing_deg"], detections["bearing_std_deg"] = bearings_deg, 0.2
    detections["elevation_deg"], detections["elevation_std_deg"] = 3.0, 0.2
    detections["present"] = Present.RANGE | Present.BEARING | Present.ELEVATION
    return RadarFrame(detections, time_ns=number * 10**9, number=number)


def test_candidates_of_several_times_meet_the_state_at_their_own():
    """Beside one that fits, a later one at the edge of the gate has next to no share: the state is
    that of the first at its own time, predicted to the second's."""
    trackers = [Tracker(CONFIG), Tracker(CONFIG)]
    for number in range(1, 9):
        for tracker in trackers:
            tracker.step(turning_frame(number, [number * 10**9], [30.0 + 0.1 * number]))
    first_ns, second_ns = 8_400_000_000, 8_900_000_000
    alone = trackers[0].step(turning_frame(9, [first_ns], [30.84]))
    both = trackers[1].step(turning_frame(9, [first_ns, second_ns], [30.84, 31.75]))
    assert list(alone.detection_track) == [1]
    assert both.detection_track[0] == 1
    (expected,), found = alone.tracks, both.tracks[0]
    assert (expected["update_time_ns"], found["update_time_ns"]) == (first_ns, first_ns)
    # Half a second at 14 m/s would be 7 m.
    assert found["position_m"] == pytest.approx(expected["position_m"], abs=0.3)
    assert found["velocity_m_s"] == pytest.approx(expected["velocity_m_s"], abs=0.3)
    assert (found["position_m"] != expected["position_m"]).all()  # a share it has
    assert found["position_covariance_m2"] == pytest.approx(
        expected["position_covariance_m2"], rel=0.02, abs=2.0
    )


def test_a_bank_of_equal_models_is_the_single_filter_for_candidates_of_several_times():
    noise = {"process_noise_m2_s3": 2.0, "vertical_process_noise_m2_s3": 0.5}
    same = tuple(
        ConstantVelocity(**noise, mean_sojourn_s=s, initial_probability=0.5) for s in (4.0, 20.0)
    )
    trackers = [
        Tracker(CONFIG),
        Tracker(msgspec.structs.replace(DEFAULT_NOISE, motion_models=same)),
    ]
    random, shared = np.random.default_rng(3), 0
    for number in range(1, 25):
        own_ns = number * 10**9 - random.integers(0, 9 * 10**8, 4)
        bearings_deg = 30.0 + 0.1 * own_ns * 1e-9 + random.normal(size=4) * 0.25
        frame = turning_frame(number, np.sort(own_ns), bearings_deg)
        single, bank = (tracker.step(frame) for tracker in trackers)
        assert list(single.detection_track) == list(bank.detection_track)
        shared += int((single.detection_track == 0).sum())
        for name in ("position_m", "velocity_m_s", "position_covariance_m2", "quality"):
            assert bank.tracks[name] == pytest.approx(single.tracks[name], rel=1e-8, abs=1e-6)
    assert shared > 20


def test_predictions_agree_with_the_filter_s_own_functions():
    """With one candidate the mixture is the update and the miss, weighed by what quality tells."""
    tracker, pd = Tracker(CONFIG), CONFIG.detection_probability
    tracker.step_positions(np.zeros((1, 3)), NOISE_M2, 0, volume_m3=VOLUME_M3)
    (birth,) = tracker.tracks()
    seen_m = np.array([[15.0, -5.0, 2.0]])
    (after,) = tracker.step_positions(seen_m, NOISE_M2, 10**9, volume_m3=VOLUME_M3).tracks
    covariance = np.zeros((1, 6, 6))
    covariance[0, :3, :3] = NOISE_M2
    covariance[0, 3:, 3:] = np.diag([20.0, 20.0, 10.0]) ** 2
    mean, covariance = predict(np.zeros((1, 6)), covariance, 1.0, 2.0)
    covariance[0, 2, 2] -= 1.5 / 3
    covariance[0, 2, 5] -= 1.5 / 2
    covariance[0, 5, 2] -= 1.5 / 2
    covariance[0, 5, 5] -= 1.5
    updated, _ = update_position(mean, covariance, seen_m, NOISE_M2)
    known = birth["quality"] * np.exp(-1.0 / CONFIG.mean_lifetime_s)
    spread = covariance[0, :3, :3] + NOISE_M2
    away = seen_m[0]
    density = np.exp(-0.5 * away @ np.linalg.solve(spread, away)) / np.sqrt(
        np.linalg.det(2 * np.pi * spread)
    )
    hit = pd * known * density * VOLUME_M3 / CONFIG.clutter_per_frame
    missed = known * (1 - pd)
    assert after["quality"] == pytest.approx((hit + missed) / (1 - known + hit + missed), rel=1e-9)
    share = hit / (hit + missed)
    assert after["position_m"] == pytest.approx(share * updated[0, :3], rel=1e-9)


def test_identity_and_life_go_on_as_by_nearest_neighbour():
    """A target among false alarms: confirmed, held with its number, ended when it is gone."""
    random, tracker = np.random.default_rng(4), Tracker(CONFIG)
    numbers = set()
    for number in range(30):
        clutter_m = random.uniform(-130.0, 130.0, (random.poisson(2.0), 3))
        target_m = np.array([[2.0 * number - 30.0, 0.0, 0.0]]) if number < 20 else np.empty((0, 3))
        noise_m = random.multivariate_normal(np.zeros(3), NOISE_M2, len(target_m))
        positions_m = np.concatenate([target_m + noise_m, clutter_m])
        tracker.step_positions(positions_m, NOISE_M2, number * 10**9, volume_m3=VOLUME_M3)
        confirmed = [t for t in tracker.tracks() if t["status"] != TrackStatus.NEW]
        if number in range(8, 20):
            numbers.update(
                int(t["number"])
                for t in confirmed
                if np.linalg.norm(t["position_m"] - [2.0 * number - 30.0, 0, 0]) < 40.0
            )
    assert len(numbers) == 1
    assert numbers.isdisjoint(int(t["number"]) for t in tracker.tracks())


@pytest.mark.parametrize("lifetime_s", [1e-9, 1e-3])
def test_targets_that_hardly_stay_leave_states_that_are_numbers(lifetime_s):
    """Between the scans the probability of existence falls below the smallest number."""
    tracker = Tracker(msgspec.structs.replace(CONFIG, mean_lifetime_s=lifetime_s))
    for number in range(6):
        positions_m = np.array([[3.0 * number, 0.0, 0.0], [40.0, 10.0 * number, 0.0]])
        result = tracker.step_positions(positions_m, NOISE_M2, number * 10**9, volume_m3=VOLUME_M3)
        for name in ("position_m", "velocity_m_s", "position_covariance_m2", "quality"):
            assert np.isfinite(result.tracks[name]).all(), name
        assert (result.tracks["position_covariance_m2"][:, [0, 3, 5]] > 0.0).all()
