//! What is known of the biases: an information matrix and vector, prior included.

/// Biases: place east and north, range, bearing, time.
pub const BIASES: usize = 5;
/// A number for each bias.
pub type PerBias = [f64; BIASES];

/// Information of the biases in units of their prior standard deviations, about the values that they
/// are linearised at: unknown δ, prior of unit variance, Λ δ = y.
///
/// A bias that is known to be none has a unit of 0: nothing tells of it, and its prior stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BiasInformation {
    /// Λ, symmetric.
    pub matrix: [PerBias; BIASES],
    /// y: the gradient of the log-likelihood at δ = 0, prior included.
    pub vector: PerBias,
}

impl BiasInformation {
    /// The prior alone, `from_mean` being how far the values linearised at are from its mean.
    pub fn prior(from_mean: &PerBias) -> Self {
        let mut matrix = [[0.0; BIASES]; BIASES];
        for (i, row) in matrix.iter_mut().enumerate() {
            row[i] = 1.0;
        }
        Self { matrix, vector: from_mean.map(|distance| -distance) }
    }

    /// Add one scalar measurement of `variance`, which is `by_bias` δ and noise.
    #[inline(always)]
    pub fn add(&mut self, by_bias: &PerBias, residual: f64, variance: f64) {
        for i in 0..BIASES {
            let weighted = by_bias[i] / variance;
            for j in 0..BIASES {
                self.matrix[i][j] += weighted * by_bias[j];
            }
            self.vector[i] += weighted * residual;
        }
    }

    /// The estimate of δ and its covariance. The prior makes the matrix positive definite.
    pub fn solve(&self) -> (PerBias, [PerBias; BIASES]) {
        let covariance = inverse(&self.matrix);
        (product(&covariance, &self.vector), covariance)
    }

    /// Go over to values that lie δ = `step` further.
    pub fn relinearise(&mut self, step: &PerBias) {
        let told = product(&self.matrix, step);
        for i in 0..BIASES {
            self.vector[i] -= told[i];
        }
    }
}

fn product(matrix: &[PerBias; BIASES], vector: &PerBias) -> PerBias {
    std::array::from_fn(|i| (0..BIASES).map(|j| matrix[i][j] * vector[j]).sum())
}

/// Inverse of a symmetric positive definite matrix by its Cholesky factor (Golub and Van Loan 2013,
/// alg. 4.2.1).
fn inverse(matrix: &[PerBias; BIASES]) -> [PerBias; BIASES] {
    let mut lower = *matrix;
    for j in 0..BIASES {
        let square: f64 = (0..j).map(|k| lower[j][k] * lower[j][k]).sum();
        lower[j][j] = (lower[j][j] - square).sqrt();
        for i in j + 1..BIASES {
            let shared: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            lower[i][j] = (lower[i][j] - shared) / lower[j][j];
        }
    }
    let mut inverse = [[0.0; BIASES]; BIASES];
    for column in 0..BIASES {
        let mut x = [0.0; BIASES];
        for i in 0..BIASES {
            let known: f64 = (0..i).map(|k| lower[i][k] * x[k]).sum();
            x[i] = (if i == column { 1.0 } else { 0.0 } - known) / lower[i][i];
        }
        for i in (0..BIASES).rev() {
            let known: f64 = (i + 1..BIASES).map(|k| lower[k][i] * x[k]).sum();
            x[i] = (x[i] - known) / lower[i][i];
            inverse[i][column] = x[i];
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [PerBias; 3] =
        [[3.0, -1.0, 0.5, 0.0, 2.0], [0.1, 4.0, -2.0, 0.0, 1.0], [-1.0, 1.0, 1.0, 0.0, -3.0]];

    fn sample() -> BiasInformation {
        let mut information = BiasInformation::prior(&[0.5, -1.0, 0.0, 2.0, 0.25]);
        for (row, residual) in ROWS.iter().zip([1.0, -2.0, 0.5]) {
            information.add(row, residual, 0.04);
        }
        information
    }

    #[test]
    fn the_covariance_is_the_inverse() {
        let information = sample();
        let (estimate, covariance) = information.solve();
        for i in 0..BIASES {
            for j in 0..BIASES {
                let sum: f64 =
                    (0..BIASES).map(|k| information.matrix[i][k] * covariance[k][j]).sum();
                let unit = if i == j { 1.0 } else { 0.0 };
                assert!((sum - unit).abs() < 1e-12, "{i} {j} {sum}");
            }
        }
        for (row, wanted) in information.matrix.iter().zip(information.vector) {
            let sum: f64 = row.iter().zip(estimate).map(|(a, b)| a * b).sum();
            assert!((sum - wanted).abs() < 1e-9, "{sum} {wanted}");
        }
    }

    #[test]
    fn what_is_not_measured_keeps_its_prior() {
        let (estimate, covariance) = sample().solve();
        assert_eq!((estimate[3], covariance[3][3]), (-2.0, 1.0));
        assert!((0..3).all(|i| covariance[i][3] == 0.0 && covariance[i][i] < 1.0));
    }

    #[test]
    fn nothing_is_left_to_say_at_the_estimate() {
        let mut information = sample();
        information.relinearise(&information.solve().0);
        assert!(information.vector.iter().all(|rest| rest.abs() < 1e-9), "{information:?}");
    }
}
