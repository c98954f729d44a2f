//! Squared errors over their covariances: NEES of states, NIS of innovations.

use crate::error::{Error, Result};

/// Most components of an error.
pub const MAX_DIMENSIONS: usize = 64;

/// eᵀ P⁻¹ e of each error (Y. Bar-Shalom, X. R. Li, T. Kirubarajan, "Estimation with Applications
/// to Tracking and Navigation" (2001), eq. 5.4.2-1 for states and 5.4.2-13 for innovations), by
/// Cholesky's decomposition: with an honest P a chi-squared variable of `dimensions` degrees.
///
/// Errors stand row by row, covariances matrix by matrix.
///
/// # Errors
/// [`Error::Setting`] for dimensions outside 1 to [`MAX_DIMENSIONS`], lengths that do not fit, a
/// number that is not finite, a covariance that is not symmetric or not positive definite.
pub fn normalised_errors(
    errors: &[f64],
    covariances: &[f64],
    dimensions: usize,
) -> Result<Vec<f64>> {
    check_shape(errors, covariances, dimensions)?;
    let mut factor = vec![0.0; dimensions * dimensions];
    let mut white = vec![0.0; dimensions];
    let matrices = covariances.chunks_exact(dimensions * dimensions);
    let one = |(index, (error, covariance)): (usize, (&[f64], &[f64]))| {
        check_numbers(index, error, covariance, dimensions)?;
        factorise(index, covariance, &mut factor, dimensions)?;
        Ok(squared_length(error, &factor, &mut white))
    };
    errors.chunks_exact(dimensions).zip(matrices).enumerate().map(one).collect()
}

fn check_shape(errors: &[f64], covariances: &[f64], dimensions: usize) -> Result<()> {
    if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
        let limit = format!("1 to {MAX_DIMENSIONS} columns");
        return Err(refuse("errors", format!("of {dimensions} columns"), limit, "leave some out"));
    }
    let count = errors.len() / dimensions;
    let is_whole = errors.len().is_multiple_of(dimensions);
    if is_whole && covariances.len() == count * dimensions * dimensions {
        return Ok(());
    }
    let value = format!("{} numbers", covariances.len());
    let limit = format!("a {dimensions} x {dimensions} matrix for each of {count} errors");
    Err(refuse("covariances", value, limit, "give one for each"))
}

fn check_numbers(index: usize, error: &[f64], covariance: &[f64], dimensions: usize) -> Result<()> {
    let finite = "finite".to_string();
    if let Some(at) = error.iter().position(|value| !value.is_finite()) {
        let (field, value) = (format!("errors[{index}, {at}]"), error[at].to_string());
        return Err(refuse(&field, value, finite, "leave that error out"));
    }
    for row in 0..dimensions {
        for column in 0..dimensions {
            let value = covariance[row * dimensions + column];
            let field = || format!("covariances[{index}, {row}, {column}]");
            if !value.is_finite() {
                return Err(refuse(&field(), value.to_string(), finite, "leave that error out"));
            }
            let other = covariance[column * dimensions + row];
            let variance = |at: usize| covariance[at * dimensions + at].abs();
            if (value - other).abs() > ASYMMETRY * (variance(row) * variance(column)).sqrt() {
                let limit = format!("{other}, as its mirror image is");
                return Err(refuse(&field(), value.to_string(), limit, "make it symmetric"));
            }
        }
    }
    Ok(())
}

/// How much the correlation on both sides of the diagonal may differ by rounding.
const ASYMMETRY: f64 = 1e-9;

/// The lower triangle L with P = L Lᵀ; the lower triangle of P is read.
fn factorise(index: usize, covariance: &[f64], factor: &mut [f64], n: usize) -> Result<()> {
    for row in 0..n {
        for column in 0..=row {
            let mut rest = covariance[row * n + column];
            for k in 0..column {
                rest -= factor[row * n + k] * factor[column * n + k];
            }
            if row > column {
                factor[row * n + column] = rest / factor[column * n + column];
                continue;
            }
            // Below that nothing but rounding is left of the variance.
            let least = covariance[row * n + row] * n as f64 * f64::EPSILON;
            if !(rest > 0.0 && rest > least) {
                let value = format!("not positive definite (pivot {row} is {rest})");
                let limit = "positive definite".to_string();
                let field = format!("covariances[{index}]");
                return Err(refuse(&field, value, limit, "leave out what is not estimated"));
            }
            factor[row * n + row] = rest.sqrt();
        }
    }
    Ok(())
}

/// |L⁻¹ e|².
fn squared_length(error: &[f64], factor: &[f64], white: &mut [f64]) -> f64 {
    let n = error.len();
    let mut sum = 0.0;
    for row in 0..n {
        let mut rest = error[row];
        for k in 0..row {
            rest -= factor[row * n + k] * white[k];
        }
        white[row] = rest / factor[row * n + row];
        sum += white[row] * white[row];
    }
    sum
}

fn refuse(setting: &str, value: String, limit: String, remedy: &str) -> Error {
    Error::Setting { setting: setting.into(), value, limit, remedy: remedy.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_quadratic_form() {
        let covariance = [4.0, 2.0, 2.0, 3.0];
        // The inverse is [3, -2; -2, 4] / 8.
        let found = normalised_errors(&[1.0, 2.0, 0.0, 0.0], &[covariance, covariance].concat(), 2);
        let found = found.expect("positive definite");
        assert!((found[0] - (3.0 - 8.0 + 16.0) / 8.0).abs() < 1e-15);
        assert_eq!(found[1], 0.0);
        assert_eq!(normalised_errors(&[], &[], 3), Ok(Vec::new()));
    }

    #[test]
    fn bad_covariances_and_errors_are_named() {
        let cases: [(&[f64], &[f64], &str); 6] = [
            (&[1.0, 1.0], &[1.0, 2.0, 2.0, 1.0], "covariances[0] is not positive definite"),
            (&[1.0, 1.0], &[1.0, 1.0, 1.0, 1.0], "covariances[0] is not positive definite"),
            (&[1.0, 1.0], &[-1.0, 0.0, 0.0, 1.0], "covariances[0] is not positive definite"),
            (&[1.0, 1.0], &[1.0, 0.5, 0.4, 1.0], "covariances[0, 0, 1] is 0.5, must be 0.4"),
            (&[1.0, 1.0], &[1.0, 0.0, f64::NAN, 1.0], "covariances[0, 1, 0] is NaN"),
            (&[1.0, f64::NAN], &[1.0, 0.0, 0.0, 1.0], "errors[0, 1] is NaN"),
        ];
        for (errors, covariances, expected) in cases {
            let result = normalised_errors(errors, covariances, 2);
            let Err(error) = result else {
                panic!("{covariances:?} was taken");
            };
            assert!(error.to_string().starts_with(expected), "{error}");
        }
        assert!(normalised_errors(&[1.0; 3], &[1.0; 4], 2).is_err());
        assert!(normalised_errors(&[1.0; 2], &[1.0; 5], 2).is_err());
        assert!(normalised_errors(&[1.0; 130], &[1.0; 16_900], 130).is_err());
    }
}
