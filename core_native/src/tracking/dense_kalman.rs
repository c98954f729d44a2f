//! The Kalman filter by whole matrices, as the textbooks have it, for the tests of the factored one.

use crate::random::{Purpose, Stream, uniform};
use crate::tracking::gaussian::{Gaussian, STATE, at_in};

/// Rows of numbers.
pub type Matrix = Vec<Vec<f64>>;

/// Numbers from -1 to 1 that look random, the same in every run.
pub struct Draw(Stream, u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(Stream::new(seed, &[0; 16], Purpose::ClutterPlace), 0)
    }

    pub fn next(&mut self) -> f64 {
        self.1 += 1;
        2.0 * uniform(u64::from(self.0.words(self.1, 0)[0])) - 1.0
    }

    /// A state of which every number is correlated with every other, in sizes of a target's.
    pub fn state<const D: usize, const T: usize>(&mut self) -> Gaussian<D, T> {
        let size = |i: usize| if i < STATE { [30.0, 4.0][i / 3] } else { 0.7 };
        let root: Matrix =
            (0..D).map(|i| (0..D).map(|_| size(i) * self.next()).collect()).collect();
        let mut state = Gaussian::zero();
        for i in 0..D {
            state.mean[i] = size(i) * self.next();
            for j in i..D {
                let noise = if i == j { 0.1 * size(i) * size(i) } else { 0.0 };
                let sum: f64 = (0..D).map(|k| root[i][k] * root[j][k]).sum();
                state.covariance[at_in::<D>(i, j)] = sum + noise;
            }
        }
        state
    }
}

/// The whole covariance of a state.
pub fn covariance_of<const D: usize, const T: usize>(state: &Gaussian<D, T>) -> Matrix {
    let element = |i: usize, j: usize| state.covariance[at_in::<D>(i, j)];
    (0..D).map(|i| (0..D).map(|j| element(i, j)).collect()).collect()
}

pub fn unit(size: usize) -> Matrix {
    let element = |i: usize, j: usize| if i == j { 1.0 } else { 0.0 };
    (0..size).map(|i| (0..size).map(|j| element(i, j)).collect()).collect()
}

pub fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let element = |row: &[f64], j: usize| row.iter().zip(b).map(|(x, row)| x * row[j]).sum();
    a.iter().map(|row| (0..b[0].len()).map(|j| element(row, j)).collect()).collect()
}

pub fn transposed(a: &Matrix) -> Matrix {
    (0..a[0].len()).map(|j| a.iter().map(|row| row[j]).collect()).collect()
}

pub fn sum(a: &Matrix, b: &Matrix) -> Matrix {
    let add = |(a, b): (&Vec<f64>, &Vec<f64>)| a.iter().zip(b).map(|(a, b)| a + b).collect();
    a.iter().zip(b).map(add).collect()
}

pub fn times(a: &Matrix, vector: &[f64]) -> Vec<f64> {
    a.iter().map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum()).collect()
}

/// Inverse and determinant by Gauss and Jordan's elimination with the largest pivot of each column.
pub fn inverse(a: &Matrix) -> (Matrix, f64) {
    let size = a.len();
    let (mut left, mut right, mut determinant) = (a.clone(), unit(size), 1.0);
    for column in 0..size {
        let larger =
            |&i: &usize, &j: &usize| left[i][column].abs().total_cmp(&left[j][column].abs());
        let pivot = (column..size).max_by(larger).expect("rows are left");
        if pivot != column {
            left.swap(pivot, column);
            right.swap(pivot, column);
            determinant = -determinant;
        }
        let per_pivot = 1.0 / left[column][column];
        determinant *= left[column][column];
        for j in 0..size {
            left[column][j] *= per_pivot;
            right[column][j] *= per_pivot;
        }
        for row in (0..size).filter(|&row| row != column) {
            let factor = left[row][column];
            for j in 0..size {
                left[row][j] -= factor * left[column][j];
                right[row][j] -= factor * right[column][j];
            }
        }
    }
    (right, determinant)
}

/// What a measurement makes of a state.
pub struct Updated {
    pub mean: Vec<f64>,
    pub covariance: Matrix,
    /// νᵀS⁻¹ν.
    pub distance2: f64,
    /// Determinant of S.
    pub determinant: f64,
}

/// The update by an innovation ν of the measurement matrix H and noise R: S = H P Hᵀ + R, K = P Hᵀ S⁻¹,
/// and the covariance in the form of Joseph, (I - K H) P (I - K H)ᵀ + K R Kᵀ.
pub fn update<const D: usize, const T: usize>(
    state: &Gaussian<D, T>,
    h: &Matrix,
    r: &Matrix,
    innovation: &[f64],
) -> Updated {
    let p = covariance_of(state);
    let cross = product(&p, &transposed(h));
    let (per_s, determinant) = inverse(&sum(&product(h, &cross), r));
    let gain = product(&cross, &per_s);
    let minus_gain: Matrix = gain.iter().map(|row| row.iter().map(|x| -x).collect()).collect();
    let rest = sum(&unit(D), &product(&minus_gain, h));
    let by_state = product(&product(&rest, &p), &transposed(&rest));
    let by_noise = product(&product(&gain, r), &transposed(&gain));
    let step = times(&gain, innovation);
    let weighted = times(&per_s, innovation);
    Updated {
        mean: state.mean.iter().zip(step).map(|(mean, step)| mean + step).collect(),
        covariance: sum(&by_state, &by_noise),
        distance2: innovation.iter().zip(weighted).map(|(a, b)| a * b).sum(),
        determinant,
    }
}

/// The state moved by the transition F with noise Q: F m and F P Fᵀ + Q.
pub fn predicted<const D: usize, const T: usize>(
    state: &Gaussian<D, T>,
    f: &Matrix,
    q: &Matrix,
) -> (Vec<f64>, Matrix) {
    let moved = product(&product(f, &covariance_of(state)), &transposed(f));
    (times(f, &state.mean), sum(&moved, q))
}

/// Require that a state has this mean and covariance, but for `share` of its standard deviations.
pub fn assert_close<const D: usize, const T: usize>(
    found: &Gaussian<D, T>,
    mean: &[f64],
    covariance: &Matrix,
    share: f64,
) {
    let std = |i: usize| covariance[i][i].sqrt();
    for i in 0..D {
        let away = (found.mean[i] - mean[i]).abs();
        assert!(away <= share * (std(i) + mean[i].abs()), "[{i}]: {} {}", found.mean[i], mean[i]);
        for j in 0..D {
            let (own, other) = (found.covariance[at_in::<D>(i, j)], covariance[i][j]);
            assert!((own - other).abs() <= share * std(i) * std(j), "[{i}][{j}]: {own} {other}");
        }
    }
}
