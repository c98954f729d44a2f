//! The steps for single states, against the extended Kalman filter by whole matrices and derivatives
//! by differences.

use std::sync::Arc;

use crate::detection::{Detection, present};
use crate::error::Error;
use crate::frame::{Coverage, FrameHeader};
use crate::tracking::config::TrackerConfig;
use crate::tracking::dense_kalman::{self, Draw, Matrix, assert_close, update};
use crate::tracking::filter::{predict, predict_by, update_polar, update_positions};
use crate::tracking::gaussian::{Gaussian, STATE, TRIANGLE, at};
use crate::tracking::kalman_test::constant_velocity;
use crate::tracking::motion_config::{
    ConstantAccelerationConfig, ConstantVelocityConfig, CoordinatedTurnConfig, MotionModelConfig,
};
use crate::tracking::user_motion::{MotionBatch, MotionFunction, UserMotion};
use crate::tracking::user_motion_config::UserMotionConfig;

fn states(count: u64) -> Vec<Gaussian> {
    (0..count).map(|seed| Draw::new(seed).state()).collect()
}

fn numbers_of<const D: usize, const T: usize>(state: &Gaussian<D, T>) -> Vec<f64> {
    state.mean.iter().chain(&state.covariance).copied().collect()
}

fn state_of<const D: usize, const T: usize>(numbers: &[f64]) -> Gaussian<D, T> {
    let mut state = Gaussian::zero();
    state.mean.copy_from_slice(&numbers[..D]);
    state.covariance.copy_from_slice(&numbers[D..]);
    state
}

/// What is said of a state, a time step or noise that cannot be.
fn said(result: crate::error::Result<()>) -> String {
    result.err().map_or_else(String::new, |error| error.to_string())
}

#[test]
fn every_state_is_predicted_as_by_matrices() {
    let (before, dt_s, noise_m2_s3) = (states(11), 2.5, 0.8);
    let mut after = before.clone();
    predict(&mut after, dt_s, noise_m2_s3).expect("states");
    let [f, q] = constant_velocity(dt_s, [noise_m2_s3; 3]);
    for (before, after) in before.iter().zip(&after) {
        let (mean, covariance) = dense_kalman::predicted(before, &f, &q);
        assert_close(after, &mean, &covariance, 1e-12);
    }
}

#[test]
fn what_cannot_be_predicted_is_refused_and_stays() {
    let before = states(3);
    let mut kept = before.clone();
    assert!(said(predict(&mut kept, -1e-9, 1.0)).starts_with("dt_s is -0.000000001"));
    assert!(said(predict(&mut kept, 1.0, -1.0)).starts_with("process_noise_m2_s3 is -1"));
    assert_eq!(kept, before);
    kept[2].covariance[at(4, 4)] = -1.0;
    assert!(said(predict(&mut kept, 1.0, 1.0)).starts_with("state[2] covariance[4][4] is -1"));
    assert!(said(predict(&mut kept[..2], 0.0, 0.0)).is_empty());
    assert_eq!(kept[..2], before[..2]);
}

#[test]
fn every_state_is_updated_by_the_position_beside_it() {
    let before = states(9);
    let positions_m: Vec<[f64; 3]> =
        (0..9).map(|seed| Draw::new(100 + seed).state::<6, 21>().position_variance()).collect();
    let r = [[40.0, 12.0, -3.0], [12.0, 25.0, 4.0], [-3.0, 4.0, 9.0]];
    let mut after = before.clone();
    update_positions(&mut after, &positions_m, r).expect("states and positions");
    let (h, r) = (dense_kalman::unit(STATE)[..3].to_vec(), r.map(Vec::from).to_vec());
    for (index, (before, after)) in before.iter().zip(&after).enumerate() {
        let innovation = [0, 1, 2].map(|axis| positions_m[index][axis] - before.mean[axis]);
        let expected = update(before, &h, &r, &innovation);
        assert_close(after, &expected.mean, &expected.covariance, 1e-9);
    }
}

#[test]
fn positions_that_cannot_be_are_refused_and_the_states_stay() {
    let round = [[9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]];
    let (before, mut flat) = (states(2), round);
    let mut kept = before.clone();
    let nowhere = [[0.0; 3], [0.0, f64::NAN, 0.0]];
    assert!(said(update_positions(&mut kept, &nowhere, round)).contains("positions_m[1] is"));
    flat[1][1] = 0.0;
    let refusal = said(update_positions(&mut kept, &[[0.0; 3]; 2], flat));
    assert!(refusal.contains("covariance_m2[0] is"), "{refusal}");
    assert_eq!(kept, before);
    kept[1].mean[3] = f64::INFINITY;
    let refusal = said(update_positions(&mut kept, &[[0.0; 3]; 2], round));
    assert!(refusal.starts_with("state[1][3] is inf"), "{refusal}");
}

#[test]
fn constant_velocity_predicts_every_state_as_by_matrices() {
    let model = MotionModelConfig::ConstantVelocity(ConstantVelocityConfig {
        process_noise_m2_s3: 3.0,
        vertical_process_noise_m2_s3: 0.2,
        ..ConstantVelocityConfig::default()
    });
    let before = states(10);
    let mut numbers: Vec<_> = before.iter().map(numbers_of).collect();
    predict_by(&model, &mut numbers, 4.0).expect("states");
    let [f, q] = constant_velocity(4.0, [3.0, 3.0, 0.2]);
    for (before, numbers) in before.iter().zip(&numbers) {
        let (mean, covariance) = dense_kalman::predicted(before, &f, &q);
        assert_close(&state_of::<STATE, TRIANGLE>(numbers), &mean, &covariance, 1e-12);
    }
}

#[test]
fn constant_acceleration_predicts_every_state_as_by_matrices() {
    let model = MotionModelConfig::ConstantAcceleration(ConstantAccelerationConfig {
        jerk_noise_m2_s5: 0.3,
        vertical_jerk_noise_m2_s5: 0.02,
        ..ConstantAccelerationConfig::default()
    });
    let before: Vec<Gaussian<9, 45>> = (0..10).map(|seed| Draw::new(seed).state()).collect();
    let mut numbers: Vec<_> = before.iter().map(numbers_of).collect();
    let t = 3.5;
    predict_by(&model, &mut numbers, t).expect("states");
    let (mut f, mut q) = (dense_kalman::unit(9), vec![vec![0.0; 9]; 9]);
    for (axis, density) in [0.3, 0.3, 0.02].into_iter().enumerate() {
        let place = [axis, axis + 3, axis + 6];
        let powers = [t * t / 2.0, t, 1.0];
        (f[place[0]][place[1]], f[place[1]][place[2]], f[place[0]][place[2]]) = (t, t, powers[0]);
        for (i, j) in (0..3).flat_map(|i| (0..3).map(move |j| (i, j))) {
            // The integral of the response to a jerk, τ²/2, τ and 1, by itself.
            let order = [2.0, 1.0, 0.0];
            let (own, other): (f64, f64) = (order[i], order[j]);
            q[place[i]][place[j]] = density * powers[i] * powers[j] * t / (own + other + 1.0);
        }
    }
    for (before, numbers) in before.iter().zip(&numbers) {
        let (mean, covariance) = dense_kalman::predicted(before, &f, &q);
        assert_close(&state_of::<9, 45>(numbers), &mean, &covariance, 1e-12);
    }
}

#[test]
fn a_turn_turns_the_velocity_of_every_state() {
    let model = MotionModelConfig::CoordinatedTurn(CoordinatedTurnConfig::default());
    let before: Vec<Gaussian<7, 28>> = (0..10).map(|seed| Draw::new(seed).state()).collect();
    let mut numbers: Vec<_> = before.iter().map(numbers_of).collect();
    predict_by(&model, &mut numbers, 2.0).expect("states");
    for (before, numbers) in before.iter().zip(&numbers) {
        let after = state_of::<7, 28>(numbers);
        let speed = |state: &Gaussian<7, 28>| libm::hypot(state.mean[3], state.mean[4]);
        assert!((speed(&after) - speed(before)).abs() < 1e-9 * speed(before));
        let turned_rad =
            libm::atan2(after.mean[4], after.mean[3]) - libm::atan2(before.mean[4], before.mean[3]);
        let round = (turned_rad - 2.0 * before.mean[6]) / std::f64::consts::TAU;
        assert!((round - round.round()).abs() < 1e-9, "{turned_rad} {}", before.mean[6]);
        assert_eq!(after.mean[6], before.mean[6]);
        assert!(after.covariance[0] > before.covariance[0] * 0.1);
    }
}

/// Constant velocity without noise as a user might write it; a state beyond 1 km is moved to nowhere.
#[derive(Debug)]
struct Straight;

impl MotionFunction for Straight {
    fn predict(&self, batch: MotionBatch<'_>) {
        for (k, &dt_s) in batch.time_step_s.iter().enumerate() {
            let state = &batch.state[k * STATE..(k + 1) * STATE];
            for i in 0..STATE {
                let velocity = if i < 3 { state[i + 3] } else { 0.0 };
                batch.mean[k * STATE + i] = state[i] + dt_s * velocity;
                batch.transition[(k * STATE + i) * STATE + i] = 1.0;
                if i < 3 {
                    batch.transition[(k * STATE + i) * STATE + i + 3] = dt_s;
                }
            }
            if state[0] > 1000.0 {
                batch.mean[k * STATE + 2] = f64::NAN;
            }
        }
    }
}

fn straight() -> MotionModelConfig {
    let given = UserMotion::new("straight", STATE, 0, Arc::new(Straight)).expect("a model");
    let (model, given) = ("straight".into(), Some(given));
    MotionModelConfig::User(UserMotionConfig { model, given, ..UserMotionConfig::default() })
}

#[test]
fn a_users_model_predicts_every_state_and_a_bad_answer_is_refused() {
    let before = states(4);
    let mut numbers: Vec<_> = before.iter().map(numbers_of).collect();
    predict_by(&straight(), &mut numbers, 4.0).expect("states");
    let [f, q] = constant_velocity(4.0, [0.0; 3]);
    for (before, numbers) in before.iter().zip(&numbers) {
        let (mean, covariance) = dense_kalman::predicted(before, &f, &q);
        assert_close(&state_of::<STATE, TRIANGLE>(numbers), &mean, &covariance, 1e-12);
    }
    numbers[3][0] = 1001.0;
    let error = predict_by(&straight(), &mut numbers, 4.0).expect_err("a NaN");
    assert!(matches!(error, Error::Model { .. }), "{error}");
    assert!(error.to_string().contains("mean[2]"), "{error}");
}

#[test]
fn what_a_model_cannot_predict_is_refused() {
    let model = MotionModelConfig::ConstantVelocity(ConstantVelocityConfig::default());
    let mut numbers: Vec<_> = states(2).iter().map(numbers_of).collect();
    let before = numbers.clone();
    assert!(said(predict_by(&model, &mut numbers, -1.0)).starts_with("dt_s is -1"));
    numbers[1][5] = f64::NAN;
    assert!(said(predict_by(&model, &mut numbers, 1.0)).starts_with("state[1][5] is NaN"));
    assert_eq!(numbers[0], before[0]);
}

fn header() -> FrameHeader {
    FrameHeader {
        sensor_id: [1; 16],
        epoch: 1,
        number: 0,
        time_ns: 0,
        range_band: 0,
        coverage: Coverage::sphere(60_000.0),
        sensor_position_m: [200.0, -150.0, 40.0],
        sensor_velocity_m_s: [7.0, -4.0, 1.0],
    }
}

/// What a radar there measures of a state: range \[m\], bearing and elevation \[rad\], range rate \[m/s\]
/// and height over a sphere \[m\].
fn measured(mean: &[f64; STATE], header: &FrameHeader, curvature_per_m: f64) -> [f64; 5] {
    let [x, y, z] = [0, 1, 2].map(|axis| mean[axis] - header.sensor_position_m[axis]);
    let u = [0, 1, 2].map(|axis| mean[axis + 3] - header.sensor_velocity_m_s[axis]);
    let (ground, range) = (libm::hypot(x, y), (x * x + y * y + z * z).sqrt());
    let rate = (x * u[0] + y * u[1] + z * u[2]) / range;
    let height = z + 0.5 * curvature_per_m * ground * ground;
    [range, libm::atan2(x, y), libm::atan2(z, ground), rate, height]
}

/// Derivatives of each by each number of the state, by differences.
fn derivatives(mean: &[f64; STATE], header: &FrameHeader, curvature_per_m: f64) -> Matrix {
    let mut rows = vec![vec![0.0; STATE]; 5];
    for number in 0..STATE {
        let moved = |by: f64| {
            let mut mean = *mean;
            mean[number] += by;
            measured(&mean, header, curvature_per_m)
        };
        let (after, before) = (moved(0.05), moved(-0.05));
        (0..5).for_each(|k| rows[k][number] = (after[k] - before[k]) / 0.1);
    }
    rows
}

const RADIUS_M: f64 = 8.5e6;
/// Bit, number in [`measured`], standard deviation, and how far what is measured is from the state.
const CHANNELS: [(u32, usize, f64, f64); 5] = [
    (present::RANGE, 0, 20.0, 11.0),
    (present::BEARING, 1, 0.004, -0.003),
    (present::ELEVATION, 2, 0.006, 0.005),
    (present::RANGE_RATE, 3, 1.5, -2.0),
    (present::HEIGHT, 4, 60.0, 35.0),
];

/// A detection of what is there, but for the differences in [`CHANNELS`].
fn detection(seen: &[f64; 5], channels: u32) -> Detection {
    let [range, bearing, elevation, rate, height] =
        CHANNELS.map(|(_, number, std, away)| (seen[number] + away, std as f32));
    let deg = |(angle_rad, std_rad): (f64, f32)| (angle_rad.to_degrees(), std_rad.to_degrees());
    let mut detection = Detection::absent(0);
    (detection.range_m, detection.range_std_m) = range;
    (detection.bearing_deg, detection.bearing_std_deg) = deg(bearing);
    (detection.elevation_deg, detection.elevation_std_deg) = deg(elevation);
    (detection.range_rate_m_s, detection.range_rate_std_m_s) = rate;
    (detection.height_m, detection.height_std_m) = height;
    detection.present = channels;
    detection
}

/// A target some kilometres away.
fn far_state(seed: u64) -> Gaussian {
    let mut state = Draw::new(seed).state::<STATE, TRIANGLE>();
    let mut draw = Draw::new(seed + 1000);
    let away = [4000.0, 4000.0, 900.0, 60.0, 60.0, 5.0].map(|size| size * draw.next());
    (0..STATE).for_each(|i| state.mean[i] += away[i]);
    state
}

#[test]
fn polar_channels_update_as_the_extended_filter_does() {
    let config = TrackerConfig { earth_radius_m: RADIUS_M, ..TrackerConfig::default() };
    let (header, curvature_per_m) = (header(), 1.0 / RADIUS_M);
    let plane = present::RANGE | present::BEARING;
    let vertical = [0, present::ELEVATION, present::HEIGHT];
    let kinds = vertical.map(|bits| [plane | bits, plane | bits | present::RANGE_RATE]).concat();
    let before: Vec<Gaussian> = (0..24).map(far_state).collect();
    let seen = |index: usize| measured(&before[index].mean, &header, curvature_per_m);
    let kind = |index: usize| kinds[index % kinds.len()];
    let detections: Vec<_> = (0..24).map(|index| detection(&seen(index), kind(index))).collect();
    let mut after = before.clone();
    update_polar(&mut after, &header, &detections, &config).expect("states");
    for (index, (before, after)) in before.iter().zip(&after).enumerate() {
        let rows = derivatives(&before.mean, &header, curvature_per_m);
        let used: Vec<_> = CHANNELS.iter().filter(|(bit, ..)| kind(index) & bit != 0).collect();
        let h: Matrix = used.iter().map(|&&(_, number, ..)| rows[number].clone()).collect();
        let innovation: Vec<f64> = used.iter().map(|(.., away)| *away).collect();
        let mut r = vec![vec![0.0; used.len()]; used.len()];
        used.iter().enumerate().for_each(|(k, (_, _, std, _))| r[k][k] = std * std);
        let expected = update(before, &h, &r, &innovation);
        assert_close(after, &expected.mean, &expected.covariance, 1e-5);
    }
}

#[test]
fn a_state_that_cannot_be_is_not_updated_by_a_detection() {
    let config = TrackerConfig::default();
    let mut states = [far_state(0), far_state(1)];
    states[1].covariance[at(0, 0)] = f64::NAN;
    let plots = [Detection::absent(0); 2];
    let refusal = said(update_polar(&mut states, &header(), &plots, &config));
    assert!(refusal.starts_with("state[1] covariance[0][0] is NaN"), "{refusal}");
}
