//! The noise of a measurement whose numbers may be correlated, as independent numbers.
//!
//! R = L D Lᵀ with a unit lower triangular L: L⁻¹ times an innovation has the independent variances D
//! (Bierman 1977, ch. V).

use crate::error::{Error, Result};
use crate::tracking::gaussian::STATE;
use crate::tracking::triangular_factors::TriangularFactors;
use crate::tracking::user_measurement::MAX_MEASURED;

/// Places in a row of the strictly lower triangle of L⁻¹.
const BELOW: [(usize, usize); 6] = [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)];

/// A covariance, factorised. Numbers that are not measured are independent with variance 1.
#[derive(Clone, Copy, Debug)]
pub struct MeasurementNoise {
    /// D.
    pub variance: [f64; MAX_MEASURED],
    /// L⁻¹ below its diagonal of ones.
    inverse: [f64; BELOW.len()],
}

/// Variances that are accepted, and the least share of one that the others may leave.
const LARGEST_VARIANCE: f64 = 1e24;
const LEAST_SHARE: f64 = 1e-12;

impl MeasurementNoise {
    /// Numbers that say all.
    pub const WIDTH: usize = MAX_MEASURED + BELOW.len();

    /// That of the measurement `index` with the covariance `noise` of `m` numbers, row by row.
    ///
    /// # Errors
    /// [`Error::Frame`] for a matrix that is not symmetric positive definite.
    pub fn of(noise: &[f64], m: usize, index: usize) -> Result<Self> {
        let refuse = || {
            Err(Error::Frame {
                field: format!("noise_covariance[{index}]"),
                value: format!("{noise:?}"),
                limit: format!(
                    "a symmetric positive definite {m} x {m} matrix, variances to {LARGEST_VARIANCE}"
                ),
            })
        };
        let element = |i: usize, j: usize| noise[i * m + j];
        let symmetric = (0..m).all(|i| (0..i).all(|j| element(i, j) == element(j, i)));
        let accepts = |row: usize, pivot: f64| {
            let own = element(row, row);
            pivot > LEAST_SHARE * own && own <= LARGEST_VARIANCE
        };
        match TriangularFactors::<MAX_MEASURED>::of(m, element, accepts) {
            Ok(factors) if symmetric => {
                let mut found = Self::independent();
                found.variance[..m].copy_from_slice(&factors.pivots[..m]);
                found.invert(&factors.lower);
                Ok(found)
            }
            _ => refuse(),
        }
    }

    const fn independent() -> Self {
        Self { variance: [1.0; MAX_MEASURED], inverse: [0.0; BELOW.len()] }
    }

    /// Row by row: the rows of L⁻¹ before are done when one is worked out.
    fn invert(&mut self, lower: &[[f64; MAX_MEASURED]; MAX_MEASURED]) {
        let mut inverse = [[0.0; MAX_MEASURED]; MAX_MEASURED];
        for i in 0..MAX_MEASURED {
            inverse[i][i] = 1.0;
            for j in 0..i {
                inverse[i][j] = -(j..i).map(|k| lower[i][k] * inverse[k][j]).sum::<f64>();
            }
        }
        self.inverse = BELOW.map(|(i, j)| inverse[i][j]);
    }

    /// What [`MeasurementNoise::write`] has written.
    #[inline(always)]
    pub fn of_row(row: &[f64]) -> Self {
        let (variance, inverse) = row.split_at(MAX_MEASURED);
        let mut noise = Self::independent();
        noise.variance.copy_from_slice(variance);
        noise.inverse.copy_from_slice(inverse);
        noise
    }

    /// Write all numbers.
    pub fn write(&self, row: &mut [f64]) {
        let (variance, inverse) = row.split_at_mut(MAX_MEASURED);
        variance.copy_from_slice(&self.variance);
        inverse.copy_from_slice(&self.inverse);
    }

    /// Make the numbers of an innovation, and its derivatives, independent of each other.
    #[inline(always)]
    pub fn decorrelate(
        &self,
        innovation: &mut [f64; MAX_MEASURED],
        jacobian: &mut [[f64; STATE]; MAX_MEASURED],
    ) {
        let (given, rows) = (*innovation, *jacobian);
        for ((i, j), factor) in BELOW.into_iter().zip(self.inverse) {
            innovation[i] += factor * given[j];
            for k in 0..STATE {
                jacobian[i][k] += factor * rows[j][k];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_correlated_has_independent_variances() {
        // R = A Aᵀ of any A; L⁻¹ R L⁻ᵀ must be D.
        let a = [
            [3.0, 0.0, 0.5, 0.0],
            [1.0, 2.0, 0.0, 0.3],
            [-0.5, 0.4, 1.5, 0.0],
            [2.0, 0.1, 0.7, 0.9],
        ];
        for m in 1..=MAX_MEASURED {
            let product = |i: usize, j: usize| (0..4).map(|k| a[i][k] * a[j][k]).sum::<f64>();
            let noise: Vec<f64> =
                (0..m * m).map(|at| product((at / m).max(at % m), (at / m).min(at % m))).collect();
            let found = MeasurementNoise::of(&noise, m, 0).expect("a covariance");
            let mut row = [0.0; MeasurementNoise::WIDTH];
            found.write(&mut row);
            let found = MeasurementNoise::of_row(&row);
            // Columns of R, each decorrelated, are L⁻¹ R; its rows, decorrelated again, are D.
            let mut half = [[0.0; 4]; 4];
            for j in 0..m {
                let mut column = [0.0; 4];
                (0..m).for_each(|i| column[i] = noise[i * m + j]);
                found.decorrelate(&mut column, &mut [[0.0; STATE]; 4]);
                (0..m).for_each(|i| half[i][j] = column[i]);
            }
            for i in 0..m {
                let mut row = half[i];
                found.decorrelate(&mut row, &mut [[0.0; STATE]; 4]);
                for j in 0..m {
                    let expected = if i == j { found.variance[i] } else { 0.0 };
                    assert!((row[j] - expected).abs() < 1e-13, "{m} {i} {j}: {}", row[j]);
                }
            }
            assert!(found.variance[m..].iter().all(|&variance| variance == 1.0));
        }
    }

    #[test]
    fn what_is_no_covariance_is_refused() {
        for noise in [
            [1.0, 0.5, 0.4, 1.0],
            [1.0, 1.0, 1.0, 1.0],
            [0.0, 0.0, 0.0, 1.0],
            [1.0, 0.0, 0.0, -1.0],
            [1.0, 0.0, 0.0, 1e25],
            [f64::NAN, 0.0, 0.0, 1.0],
            [1.0, f64::INFINITY, f64::INFINITY, 1.0],
        ] {
            let told = MeasurementNoise::of(&noise, 2, 7).expect_err("no covariance").to_string();
            assert!(told.starts_with("frame: noise_covariance[7] is ["), "{told}");
        }
    }
}
