//! The update that works channel by channel, against the one by whole matrices.

use crate::tracking::dense_kalman::{Draw, Matrix, assert_close, update};
use crate::tracking::gaussian::{Gaussian, STATE, at, predict, transformed};
use crate::tracking::kalman::{Innovation, ROUNDING, innovate, innovate_position, innovate_rows};
use crate::tracking::measurement::Linearised;
use crate::tracking::{dense_kalman, gaussian};

/// The rounding of some hundred operations, and what the whole matrices themselves lose.
const SHARE: f64 = 1e-9;

fn diagonal(variance: &[f64]) -> Matrix {
    let element = |i: usize, j: usize| if i == j { variance[i] } else { 0.0 };
    let size = variance.len();
    (0..size).map(|i| (0..size).map(|j| element(i, j)).collect()).collect()
}

/// Require that an innovation says and does what H, R and ν say.
fn check<const C: usize, const D: usize, const T: usize>(
    state: &Gaussian<D, T>,
    found: &Innovation<C, D>,
    h: &Matrix,
    r: &Matrix,
    innovation: &[f64; C],
) {
    let expected = update(state, h, r, innovation);
    assert_close(&found.update(state), &expected.mean, &expected.covariance, SHARE);
    let near = |a: f64, b: f64| (a - b).abs() <= SHARE * b.abs();
    let distance2 = found.distance2();
    assert!(near(distance2, expected.distance2), "{distance2} {}", expected.distance2);
    let determinant = found.determinant([true; C]);
    assert!(near(determinant, expected.determinant), "{determinant} {}", expected.determinant);
    // The last channel given all others: the determinant is theirs times what they leave of it.
    let mut others = [true; C];
    others[C - 1] = false;
    assert!(near(found.determinant(others) * found.variance[C - 1], determinant));
    assert_eq!(found.determinant([false; C]), 1.0);
}

/// Random channels of which the last one tells of velocity where `has_rate`.
fn check_linearised<const C: usize, const D: usize, const T: usize>(seed: u64, has_rate: bool) {
    let mut draw = Draw::new(seed);
    let state = draw.state::<D, T>();
    let mut numbers = |scale: f64| [0; 3].map(|_| scale * draw.next());
    let by_position = [0; C].map(|_| numbers(1.0));
    let by_velocity = numbers(3.0);
    let innovation = [0; C].map(|_| numbers(20.0)[0]);
    let variance = [0; C].map(|_| 5.0 + numbers(4.0)[0]);
    let measured = Linearised { innovation, by_position, by_velocity, variance };
    let mut h = vec![vec![0.0; D]; C];
    for (row, by_position) in h.iter_mut().zip(by_position) {
        row[..3].copy_from_slice(&by_position);
    }
    if has_rate {
        h[C - 1][3..6].copy_from_slice(&by_velocity);
    }
    let found = innovate(&state, &measured, has_rate);
    check(&state, &found, &h, &diagonal(&variance), &innovation);
}

#[test]
fn linearised_channels_tell_what_their_matrices_tell() {
    for seed in 0..50 {
        for has_rate in [false, true] {
            check_linearised::<1, 6, 21>(seed, has_rate);
            check_linearised::<4, 6, 21>(seed, has_rate);
            check_linearised::<4, 7, 28>(seed, has_rate);
            check_linearised::<3, 9, 45>(seed, has_rate);
        }
    }
}

fn check_rows<const C: usize, const D: usize, const T: usize>(seed: u64) {
    let mut draw = Draw::new(seed);
    let state = draw.state::<D, T>();
    let jacobian = [0; C].map(|_| [0; STATE].map(|_| draw.next()));
    let innovation = [0; C].map(|_| 20.0 * draw.next());
    let variance = [0; C].map(|_| 5.0 + 4.0 * draw.next());
    let mut h = vec![vec![0.0; D]; C];
    h.iter_mut().zip(&jacobian).for_each(|(row, given)| row[..STATE].copy_from_slice(given));
    let found = innovate_rows(&state, innovation, &jacobian, variance);
    check(&state, &found, &h, &diagonal(&variance), &innovation);
}

#[test]
fn rows_of_position_and_velocity_tell_what_their_matrices_tell() {
    for seed in 0..50 {
        check_rows::<1, 6, 21>(seed);
        check_rows::<3, 6, 21>(seed);
        check_rows::<4, 9, 45>(seed);
    }
}

fn check_position<const D: usize, const T: usize>(seed: u64) {
    let mut draw = Draw::new(seed);
    let state = draw.state::<D, T>();
    let noise = draw.state::<6, 21>();
    let r: Matrix = (0..3).map(|i| (0..3).map(|j| noise.covariance[at(i, j)]).collect()).collect();
    let position_m = [0; 3].map(|_| 40.0 * draw.next());
    let innovation = [0, 1, 2].map(|axis| position_m[axis] - state.mean[axis]);
    let h = dense_kalman::unit(D)[..3].to_vec();
    let triangle = [r[0][0], r[0][1], r[0][2], r[1][1], r[1][2], r[2][2]];
    let found = innovate_position(&state, position_m, triangle);
    check(&state, &found, &h, &r, &innovation);
}

#[test]
fn a_position_tells_what_its_matrices_tell() {
    for seed in 0..50 {
        check_position::<6, 21>(seed);
        check_position::<7, 28>(seed);
        check_position::<9, 45>(seed);
    }
}

/// A state whose numbers are all one, but for their size: each pair cancels but for rounding.
fn known_but_for_one() -> Gaussian {
    let mut state = Gaussian::ZERO;
    state.covariance = [4096.0; gaussian::TRIANGLE];
    state
}

/// The share of 2 x 4096 that is left of a variance where the state cancels.
fn is_share_of_both(variance: f64) -> bool {
    (variance / (2.0 * 4096.0 * ROUNDING) - 1.0).abs() < 1e-3
}

#[test]
fn no_channel_is_finer_than_a_share_of_what_it_meets() {
    let state = known_but_for_one();
    let linearised = |by_position, by_velocity| Linearised {
        innovation: [0.0],
        by_position: [by_position],
        by_velocity,
        variance: [0.0],
    };
    let differences = [
        linearised([1.0, -1.0, 0.0], [0.0; 3]),
        linearised([0.0, -1.0, 1.0], [0.0; 3]),
        linearised([-1.0, 0.0, 0.0], [1.0, 0.0, 0.0]),
        linearised([0.0, 0.0, 0.0], [0.0, 1.0, -1.0]),
    ];
    for measured in differences {
        let found = innovate(&state, &measured, true).variance[0];
        assert!(is_share_of_both(found), "{found}");
        let mut row = [0.0; STATE];
        row[..3].copy_from_slice(&measured.by_position[0]);
        row[3..].copy_from_slice(&measured.by_velocity);
        let found = innovate_rows(&state, [0.0], &[row], [0.0]).variance[0];
        assert!(is_share_of_both(found), "{found}");
    }
    // What the first axis tells leaves two such shares of the second one and of the third.
    let [_, second, third] = innovate_position(&state, [0.0; 3], [0.0; 6]).variance;
    assert!(is_share_of_both(second), "{second}");
    assert!((third / (1.5 * 4096.0 * ROUNDING) - 1.0).abs() < 1e-3, "{third}");
}

#[test]
fn a_channel_that_is_absent_tells_nothing() {
    let mut draw = Draw::new(3);
    let state = draw.state::<6, 21>();
    let measured = Linearised {
        innovation: [12.0, 0.0],
        by_position: [[0.3, -0.7, 0.2], [0.0; 3]],
        by_velocity: [0.0; 3],
        variance: [9.0, 1.0],
    };
    let alone = Linearised {
        innovation: [12.0],
        by_position: [measured.by_position[0]],
        by_velocity: [0.0; 3],
        variance: [9.0],
    };
    let (found, expected) = (innovate(&state, &measured, true), innovate(&state, &alone, false));
    assert_eq!(found.update(&state), expected.update(&state));
    assert_eq!(found.distance2(), expected.distance2());
    assert_eq!(found.determinant([true, false]), expected.determinant([true]));
}

/// [`transformed`] by a random matrix.
fn check_transformed<const D: usize, const T: usize>(seed: u64) {
    let mut draw = Draw::new(seed);
    let state = draw.state::<D, T>();
    let f: Matrix = (0..D).map(|_| (0..D).map(|_| draw.next()).collect()).collect();
    let map = |vector: &[f64; D]| {
        let moved = dense_kalman::times(&f, vector);
        std::array::from_fn(|i| moved[i])
    };
    let none = vec![vec![0.0; D]; D];
    let (mean, covariance) = dense_kalman::predicted(&state, &f, &none);
    let covariance_found = transformed(&state.covariance, map);
    let found = Gaussian { mean: map(&state.mean), covariance: covariance_found };
    assert_close(&found, &mean, &covariance, 1e-12);
}

#[test]
fn a_covariance_is_mapped_as_by_matrices() {
    for seed in 0..20 {
        check_transformed::<6, 21>(seed);
        check_transformed::<9, 45>(seed);
    }
}

/// Transition and noise of constant velocity over `dt_s`; the noise of the time between enters whichever
/// way one looks.
pub fn constant_velocity(dt_s: f64, noise_m2_s3: [f64; 3]) -> [Matrix; 2] {
    let (mut f, mut q) = (dense_kalman::unit(STATE), vec![vec![0.0; STATE]; STATE]);
    let length_s = dt_s.abs();
    for axis in 0..3 {
        let (x, v, density) = (axis, axis + 3, noise_m2_s3[axis]);
        f[x][v] = dt_s;
        q[x][x] = density * length_s * length_s * length_s / 3.0;
        q[x][v] = density * dt_s * length_s / 2.0;
        q[v][x] = q[x][v];
        q[v][v] = density * length_s;
    }
    [f, q]
}

#[test]
fn constant_velocity_is_that_of_its_matrices_both_ways() {
    for (seed, dt_s) in [(1, 0.25), (2, 3.0), (3, 40.0), (4, -0.5), (5, -12.0)] {
        let state = Draw::new(seed).state::<6, 21>();
        let noise_m2_s3 = [0.7, 2.0, 0.1];
        let [f, q] = constant_velocity(dt_s, noise_m2_s3);
        let (mean, covariance) = dense_kalman::predicted(&state, &f, &q);
        assert_close(&predict(&state, dt_s, noise_m2_s3), &mean, &covariance, 1e-12);
    }
}
