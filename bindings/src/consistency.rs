//! `qiki.metrics`: whether covariances are honest, and the distributions that this takes.

use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use qiki_core::metrics::chi_squared_quantile::{Tail, chi_squared_quantile as core_chi_squared};
use qiki_core::metrics::normalised_error::normalised_errors;
use qiki_core::metrics::{consistency as core_consistency, student_t};

use crate::arrays::Numbers;
use crate::errors::{CoreError, Result};
use crate::metrics::Rows;
use crate::whole_number;

/// Normalised estimation errors squared (NEES).
///
/// ``e @ inv(P) @ e`` of each error, by Cholesky's decomposition (eq. 5.4.2-1). Of a consistent
/// filter it is a chi-squared variable with d degrees of freedom.
///
/// Parameters
/// ----------
/// errors : (n, d) array of float
///     Estimates less the truth.
/// covariances : (n, d, d) array of float
///     Covariance of each estimate; symmetric and positive definite.
///
/// Returns
/// -------
/// (n,) float64
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A number that is not finite, a covariance that is not symmetric or not positive definite, more
///     than 64 columns; named with its index.
/// ValueError
///     Shapes that do not fit.
///
/// References
/// ----------
/// Y. Bar-Shalom, X. R. Li, T. Kirubarajan, "Estimation with Applications to Tracking and
/// Navigation" (2001), section 5.4.2.
#[pyfunction]
pub fn nees<'py>(
    py: Python<'py>,
    errors: Numbers<'py>,
    covariances: Numbers<'py>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    normalised(py, "errors", &errors, "covariances", &covariances)
}

/// Normalised innovations squared (NIS).
///
/// ``v @ inv(S) @ v`` of each innovation, by Cholesky's decomposition (eq. 5.4.2-13). Of a
/// consistent filter it is a chi-squared variable with d degrees of freedom, independent from step
/// to step.
///
/// Parameters
/// ----------
/// innovations : (n, d) array of float
///     Measurements less their prediction.
/// covariances : (n, d, d) array of float
///     Covariance of each innovation; symmetric and positive definite.
///
/// Returns
/// -------
/// (n,) float64
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     As of `nees`; there innovations are called errors.
/// ValueError
///     Shapes that do not fit.
///
/// References
/// ----------
/// As of `nees`.
#[pyfunction]
pub fn nis<'py>(
    py: Python<'py>,
    innovations: Numbers<'py>,
    covariances: Numbers<'py>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    normalised(py, "innovations", &innovations, "covariances", &covariances)
}

fn normalised<'py>(
    py: Python<'py>,
    name: &'static str,
    errors: &Numbers<'py>,
    covariances_name: &'static str,
    covariances: &Numbers<'py>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let errors = Rows::of(name, errors)?;
    let matrices = covariances.as_array();
    let expected = [errors.numbers.len() / errors.columns.max(1), errors.columns, errors.columns];
    if matrices.shape() != expected {
        let shape = matrices.shape();
        let message = format!("{covariances_name} has shape {shape:?}, must be {expected:?}");
        return Err(PyValueError::new_err(message));
    }
    let flat: Vec<f64> = matrices.iter().copied().collect();
    let found = py.detach(|| normalised_errors(&errors.numbers, &flat, errors.columns));
    Ok(found.map_err(CoreError::from)?.into_pyarray(py))
}

/// How normalised squared errors compare with what a consistent filter makes.
#[pyclass(frozen, get_all, name = "Consistency", module = "qiki.metrics")]
pub struct Consistency {
    /// Mean of all values.
    pooled_mean: f64,
    /// Band of that mean, if the values are independent from step to step: (low, high).
    pooled_band: (f64, f64),
    /// Mean over the runs at each step, (steps,) float64.
    step_mean: Py<PyArray1<f64>>,
    /// Band in which all these means lie together: (low, high).
    step_band: (f64, f64),
    /// Steps whose mean lies outside.
    steps_outside: usize,
}

#[pymethods]
impl Consistency {
    /// Whether the mean of all values lies in its band.
    #[getter]
    fn is_pooled_consistent(&self) -> bool {
        (self.pooled_band.0..=self.pooled_band.1).contains(&self.pooled_mean)
    }

    fn __repr__(&self) -> String {
        format!(
            "Consistency(pooled_mean={}, pooled_band={:?}, step_band={:?}, steps_outside={})",
            self.pooled_mean, self.pooled_band, self.step_band, self.steps_outside
        )
    }
}

/// Compare NEES or NIS of several runs with their chi-squared bands.
///
/// The mean of N independent values with d components, times N, is a chi-squared variable with
/// ``N * d`` degrees of freedom (section 5.4.2). The pooled band is that of all values; it holds
/// where they are independent from step to step, as NIS is and NEES is not. The band of the
/// steps needs independent runs only; the significance is divided by the number of steps
/// (Bonferroni), so that all means lie within it together.
///
/// Parameters
/// ----------
/// values : (steps, runs) array of float
///     NEES or NIS; finite, not negative.
/// dimensions : int
///     Components d of each error.
/// significance : float
///     Probability with which a consistent filter falls outside, 1e-90 to below 1; for each of the
///     two tests.
///
/// Returns
/// -------
/// Consistency
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A bad value, named with its index, or an argument outside its limits.
/// ValueError
///     An array that is not two-dimensional.
///
/// References
/// ----------
/// As of `nees`.
#[pyfunction]
#[pyo3(signature = (values, *, dimensions, significance=1e-6))]
pub fn consistency(
    py: Python<'_>,
    values: Numbers<'_>,
    #[pyo3(from_py_with = whole_number::dimensions)] dimensions: usize,
    significance: f64,
) -> PyResult<Consistency> {
    let rows = Rows::of("values", &values)?;
    let found = py.detach(|| {
        core_consistency::consistency(&rows.numbers, rows.columns, dimensions, significance)
    });
    let found = found.map_err(CoreError::from)?;
    Ok(Consistency {
        pooled_mean: found.pooled_mean,
        pooled_band: (found.pooled_band.low, found.pooled_band.high),
        step_mean: found.step_mean.into_pyarray(py).unbind(),
        step_band: (found.step_band.low, found.step_band.high),
        steps_outside: found.steps_outside,
    })
}

/// Return the two-sided band of a mean of independent NEES or NIS.
///
/// Parameters
/// ----------
/// dimensions : int
///     Components of each error.
/// count : int
///     Independent values that the mean is taken of; times `dimensions` at most 1e9.
/// significance : float
///     Probability with which a consistent filter falls outside, 1e-90 to below 1.
///
/// Returns
/// -------
/// low, high : float
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     An argument outside its limits.
#[pyfunction]
#[pyo3(signature = (dimensions, count, *, significance=1e-6))]
pub fn chi_squared_band(
    #[pyo3(from_py_with = whole_number::dimensions)] dimensions: usize,
    #[pyo3(from_py_with = whole_number::count)] count: usize,
    significance: f64,
) -> Result<(f64, f64)> {
    let band = core_consistency::chi_squared_band(dimensions, count, significance)?;
    Ok((band.low, band.high))
}

/// Return a quantile of the chi-squared distribution; relative error below 1e-10.
///
/// By bisection of the incomplete gamma functions (NIST DLMF 8.9.2, 8.11.4).
///
/// Parameters
/// ----------
/// probability : float
///     Of a value below the quantile, 1e-100 to below 1.
/// degrees : float
///     Degrees of freedom, above 0 and at most 1e9.
/// upper : bool
///     `probability` is that of a value above; small ones keep their digits.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     An argument outside its limits.
#[pyfunction]
#[pyo3(signature = (probability, degrees, *, upper=false))]
pub fn chi_squared_quantile(probability: f64, degrees: f64, upper: bool) -> Result<f64> {
    Ok(core_chi_squared(probability, degrees, if upper { Tail::Upper } else { Tail::Lower })?)
}

/// Return a quantile of Student's t distribution.
///
/// By bisection of the finite sums of M. Abramowitz, I. A. Stegun, "Handbook of Mathematical
/// Functions" (1964), eq. 26.7.3 and 26.7.4.
///
/// Parameters
/// ----------
/// probability : float
///     Of a value below the quantile, 1e-9 to 1 - 1e-9.
/// degrees : int
///     Degrees of freedom, 1 to 1000000.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     An argument outside its limits.
#[pyfunction]
pub fn student_t_quantile(
    probability: f64,
    #[pyo3(from_py_with = whole_number::degrees)] degrees: u32,
) -> Result<f64> {
    Ok(student_t::student_t_quantile(probability, degrees)?)
}
