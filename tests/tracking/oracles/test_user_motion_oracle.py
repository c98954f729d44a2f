"""Users' motion models against the built-in ones, filterpy's extended filter and an integration."""

import math

import numpy as np
import pytest
from filterpy.kalman import ExtendedKalmanFilter
from scipy.integrate import solve_ivp

from examples.models.numba_motion import falling_body
from qiki.radar import Radar, Scenario
from qiki.tracking import (
    ConstantAcceleration,
    ConstantVelocity,
    CoordinatedTurn,
    FilterSet,
    Tracker,
    TrackerConfig,
    UserMotion,
    predict_by,
)
from tests.tracking.oracles.constant_velocity import assert_same, random_states
from tests.tracking.user_models import straight_by, turning

COVARIANCE_M2 = np.array([[90.0, 20.0, -15.0], [20.0, 160.0, 30.0], [-15.0, 30.0, 250.0]])
DT_NS = 1_000_000_000
STRAIGHT = ConstantVelocity(process_noise_m2_s3=7.0, vertical_process_noise_m2_s3=7.0)
TURN = {"mean_sojourn_s": 8.0, "initial_probability": 0.3}
TURN_STD_DEG_S = 10.0
QUIET_TURN = CoordinatedTurn(
    process_noise_m2_s3=0.0,
    vertical_process_noise_m2_s3=0.0,
    turn_rate_noise_deg2_s3=0.0,
    turn_rate_std_deg_s=TURN_STD_DEG_S,
    **TURN,
)
USER_TURN = UserMotion(model=turning, initial_std=(math.radians(TURN_STD_DEG_S),), **TURN)
ACCELERATION = ConstantAcceleration(initial_probability=0.2)
CALM = {"mean_sojourn_s": 20.0, "initial_probability": 0.5}


def turning_states(count=17):
    means, covariances = random_states(np.random.default_rng(5), count)
    rates = np.random.default_rng(6).normal(size=(count, 1)) * 0.2
    long = np.zeros((count, 7, 7))
    long[:, :6, :6], long[:, 6, 6] = covariances, 0.01
    long[:, 3:5, 6] = long[:, 6, 3:5] = 0.05
    return np.hstack([means, rates]), long


@pytest.mark.parametrize("dt_s", [0.0, 1e-3, 0.1, 4.0, 30.0])
def test_a_users_straight_way_is_the_built_in_one(dt_s):
    means, covariances = random_states(np.random.default_rng(2), 19)
    found = predict_by(straight_by(7.0), means, covariances, dt_s)
    assert_same(*found, *predict_by(STRAIGHT, means, covariances, dt_s), relative=1e-12)


@pytest.mark.parametrize("dt_s", [0.1, 1.0, 4.0])
def test_a_users_turn_is_the_built_in_one(dt_s):
    means, covariances = turning_states()
    found = predict_by(USER_TURN, means, covariances, dt_s)
    assert_same(*found, *predict_by(QUIET_TURN, means, covariances, dt_s), relative=1e-12)


def scans_of(means, steps=30):
    random, position_m = np.random.default_rng(9), means[:, :3].copy()
    for _ in range(steps):
        position_m = position_m + means[:, 3:6]
        noise = random.multivariate_normal(np.zeros(3), COVARIANCE_M2, size=len(means))
        yield position_m + noise


@pytest.mark.parametrize(
    ("own", "built_in"),
    [
        ((straight_by(7.0),), (STRAIGHT,)),
        (
            (straight_by(7.0, **CALM), USER_TURN, ACCELERATION),
            (
                ConstantVelocity(process_noise_m2_s3=7.0, vertical_process_noise_m2_s3=7.0, **CALM),
                QUIET_TURN,
                ACCELERATION,
            ),
        ),
    ],
    ids=["alone", "beside built-in ones"],
)
def test_a_bank_with_users_models_is_that_of_the_built_in_ones(own, built_in):
    means, covariances = random_states(np.random.default_rng(3), 10)
    found, expected = (
        FilterSet(means, covariances, TrackerConfig(motion_models=models))
        for models in (own, built_in)
    )
    for step, scan in enumerate(scans_of(means), 1):
        for each in (found, expected):
            each.update_position(scan, COVARIANCE_M2, step * DT_NS)
        np.testing.assert_allclose(
            found.model_probability, expected.model_probability, rtol=1e-9, atol=1e-14
        )
        for model in range(len(own)):
            assert_same(*found.model_state(model), *expected.model_state(model), relative=1e-9)
    at_ns = step * DT_NS + 400_000_000
    assert_same(*found.states_at(at_ns), *expected.states_at(at_ns), relative=1e-9)


def test_two_models_of_one_function_share_all_numbers_and_of_two_functions_position_and_velocity():
    """Were the turn rate taken for something else, the second bank would differ from the first."""
    means, covariances = random_states(np.random.default_rng(3), 10)
    half = {"initial_probability": 0.5, "mean_sojourn_s": 5.0}
    std = (math.radians(TURN_STD_DEG_S),)
    twice = UserMotion(model=turning, initial_std=std, **half)
    bank = FilterSet(means, covariances, TrackerConfig(motion_models=(twice, twice)))
    once = UserMotion(model=turning, initial_std=std)
    single = FilterSet(means, covariances, TrackerConfig(motion_models=(once,)))
    for step, scan in enumerate(scans_of(means), 1):
        for each in (bank, single):
            each.update_position(scan, COVARIANCE_M2, step * DT_NS)
        for model in range(2):
            assert_same(*bank.model_state(model), *single.model_state(0), relative=1e-9)


@pytest.mark.parametrize("association", ["gnn", "jpda"])
def test_a_tracker_follows_by_a_users_model_as_by_the_built_in_one(association):
    random = np.random.default_rng(11)
    starts, velocities = random.uniform(-5e3, 5e3, (12, 3)), random.normal(size=(12, 3)) * 80.0
    trackers = [
        Tracker(TrackerConfig(motion_models=(model,), association=association))
        for model in (straight_by(7.0), STRAIGHT)
    ]
    for second in range(25):
        truth = starts + velocities * second
        clutter = random.uniform(-8e3, 8e3, (5, 3))
        seen = truth[random.random(12) < 0.9]
        scan = np.vstack([seen + random.normal(size=seen.shape) * 12.0, clutter])
        found, expected = (
            tracker.step_positions(scan, np.eye(3) * 144.0, second * DT_NS).tracks
            for tracker in trackers
        )
        for field in ("number", "status", "event", "detection_index"):
            np.testing.assert_array_equal(found[field], expected[field])
        for field in ("position_m", "velocity_m_s", "quality", "position_covariance_m2"):
            np.testing.assert_allclose(found[field], expected[field], rtol=1e-8, atol=1e-6)
    assert len(found) >= 12


BODY = np.array([2e3, -3e3, 2e4, 300.0, 500.0, -1500.0, 2.5e-4])
NOISE = (20.0, 1e-12)


def fall(state, dt_s):
    """The falling body's way, integrated."""

    def change(_, y):
        drag = 0.5 * 1.225 * np.exp(-y[2] / 8500.0) * y[6] * np.linalg.norm(y[3:6])
        return [*y[3:6], -drag * y[3], -drag * y[4], -drag * y[5] - 9.80665, 0.0]

    return solve_ivp(change, (0.0, dt_s), state, rtol=1e-12, atol=1e-12).y[:, -1]


def jacobian(function, state):
    steps = 1e-5 * np.maximum(np.abs(state), 1e-4)
    moved = np.diag(steps)
    columns = [
        (function(state + by) - function(state - by)) / (2.0 * h)
        for by, h in zip(moved, steps, strict=True)
    ]
    return np.array(columns).T


def modelled(state, dt_s):
    return falling_body.answers(state[None].copy(), dt_s, NOISE)[0][0]


@pytest.mark.parametrize("dt_s", [0.1, 1.0, 3.0])
def test_the_falling_body_falls_as_the_integrated_equations_say(dt_s):
    mean, transition, _ = falling_body.answers(BODY[None], dt_s, NOISE)
    truth = fall(BODY, dt_s)
    np.testing.assert_allclose(mean[0, :3], truth[:3], rtol=0.0, atol=0.05 * dt_s**2)
    np.testing.assert_allclose(mean[0, 3:6], truth[3:6], rtol=0.0, atol=0.05 * dt_s)
    scale = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1e-5])[:, None]  # of each number
    own = jacobian(lambda state: modelled(state, dt_s), BODY)
    np.testing.assert_allclose(transition[0] * scale.T, own * scale.T, rtol=1e-6, atol=1e-7)
    integrated = jacobian(lambda state: fall(state, dt_s), BODY)
    np.testing.assert_allclose(transition[0] * scale.T, integrated * scale.T, rtol=2e-2, atol=2e-3)


class Fall(ExtendedKalmanFilter):
    """filterpy's filter with the example's own formula of the mean."""

    def predict_x(self, u=0):
        self.x = modelled(self.x[:, 0], 0.5)[:, None]


def test_a_filter_of_the_falling_body_is_filterpys_extended_one():
    model = UserMotion(model=falling_body, parameters=NOISE, initial_std=(5e-4,))
    start, covariance = BODY[None, :6].copy(), np.diag([100.0] * 3 + [400.0] * 3)
    found = FilterSet(start, covariance[None], TrackerConfig(motion_models=(model,)))
    oracle = Fall(dim_x=7, dim_z=3)
    oracle.x = np.array([[*BODY[:6], 0.0]]).T
    oracle.P = np.diag([*np.diag(covariance), 5e-4**2])
    oracle.R = COVARIANCE_M2
    random, truth = np.random.default_rng(4), BODY
    for step in range(1, 31):
        truth = fall(truth, 0.5)
        seen = truth[:3] + random.multivariate_normal(np.zeros(3), COVARIANCE_M2)
        found.update_position(seen[None], COVARIANCE_M2, step * DT_NS // 2)
        _, oracle.F, oracle.Q = (
            answer[0] for answer in falling_body.answers(oracle.x.T.copy(), 0.5, NOISE)
        )
        oracle.predict()
        oracle.update(seen[:, None], lambda _: np.eye(3, 7), lambda x: x[:3])
        assert_same(*found.model_state(0), oracle.x.T, oracle.P[None], relative=1e-7)
    # And the filter has found the body's drag area, of which it knew nothing.
    mean, spread = found.model_state(0)
    assert abs(mean[0, 6] - BODY[6]) < 3.0 * np.sqrt(spread[0, 6, 6])
    assert np.sqrt(spread[0, 6, 6]) < 0.2 * BODY[6]


@pytest.mark.parametrize("association", ["gnn", "jpda"])
def test_frames_of_a_turning_radar_make_the_same_tracks(association):
    """Every detection has a time of its own, at which the model is asked."""
    radar = Radar(Scenario.load("rotating"), epoch=3)
    trackers = [
        Tracker(TrackerConfig(motion_models=(model,), association=association))
        for model in (straight_by(7.0), STRAIGHT)
    ]
    for number in range(60):
        found, expected = (tracker.step(radar.frame(number)).tracks for tracker in trackers)
        np.testing.assert_array_equal(found["number"], expected["number"])
        np.testing.assert_array_equal(found["event"], expected["event"])
        np.testing.assert_allclose(found["position_m"], expected["position_m"], rtol=1e-9)
        np.testing.assert_allclose(found["quality"], expected["quality"], rtol=1e-7)
    assert len(trackers[0].tracks()) > 0
