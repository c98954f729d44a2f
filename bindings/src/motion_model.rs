//! `qiki.tracking.predict_by`: a motion model on its own.

use numpy::IntoPyArray;
use numpy::ndarray::{Array2, Array3, Ix2, Ix3};
use pyo3::prelude::*;
use qiki_core::tracking::filter;
use qiki_core::tracking::motion_config::MotionModelConfig;

use crate::arrays::{NumbersOf, in_order};
use crate::errors::CoreError;
use crate::filter::{States, wrong_shape};
use crate::user_motion::model_of;

/// Predict states by a motion model.
///
/// Parameters
/// ----------
/// model : qiki.tracking.ConstantVelocity, ConstantAcceleration, CoordinatedTurn or UserMotion
///     The model; `docs/tracking-models.md` has the formulas and their sources.
/// state : (n, d) float64
///     x, y, z [m], vx, vy, vz [m/s]; then the turn rate [rad/s], from +x to +y, of a coordinated
///     turn (d = 7), the acceleration [m/s²] of constant acceleration (d = 9), what a model of yours
///     adds.
/// covariance : (n, d, d) float64
///     Symmetric, positive semidefinite but for rounding; the upper triangle is read.
/// dt_s : float
///     Time step, at least 0 [s].
///
/// Returns
/// -------
/// state : (n, d) float64
/// covariance : (n, d, d) float64
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A field of the model outside its limits; a mean that is not finite or a covariance that is none,
///     with the state's index; a time step below 0 or not finite.
/// qiki.errors.ModelError
///     A model of yours answers what it must not.
/// ValueError
///     Shapes that do not fit.
#[pyfunction]
pub fn predict_by<'py>(
    py: Python<'py>,
    model: &Bound<'py, PyAny>,
    state: NumbersOf<'py, Ix2>,
    covariance: NumbersOf<'py, Ix3>,
    dt_s: f64,
) -> PyResult<States<'py>> {
    let text: String = model.call_method0("to_json")?.extract()?;
    let given = Vec::from_iter(model_of(model)?);
    let model = MotionModelConfig::from_json(&text, &given).map_err(CoreError::from)?;
    let (state, covariance) = (in_order(&state)?, in_order(&covariance)?);
    let (means, covariances) = (state.as_array(), covariance.as_array());
    let (count, d) = (means.nrows(), dimension(model.numbers_per_state()));
    if means.ncols() != d {
        return Err(wrong_shape("state", means.shape(), &[count, d]));
    }
    if covariances.dim() != (count, d, d) {
        return Err(wrong_shape("covariance", covariances.shape(), &[count, d, d]));
    }
    let mut found = Vec::with_capacity(count);
    for (mean, covariance) in means.rows().into_iter().zip(covariances.outer_iter()) {
        let triangle = (0..d).flat_map(|i| (i..d).map(move |j| (i, j)));
        let triangle = triangle.map(|(i, j)| covariance[[i, j]]);
        found.push(mean.iter().copied().chain(triangle).collect::<Vec<f64>>());
    }
    py.detach(|| filter::predict_by(&model, &mut found, dt_s)).map_err(CoreError::from)?;
    Ok(unpacked(py, found))
}

/// Dimension of a state of so many numbers: d means and d (d + 1) / 2 of the triangle.
fn dimension(size: usize) -> usize {
    (0..size).find(|d| d * (d + 3) / 2 >= size).unwrap_or(0)
}

/// States as arrays of means and covariances; each is its mean, then the upper triangle of its
/// covariance row by row.
#[expect(clippy::needless_pass_by_value, reason = "they are used up")]
pub fn unpacked(py: Python<'_>, numbers: Vec<Vec<f64>>) -> States<'_> {
    let count = numbers.len();
    let d = dimension(numbers.first().map_or(0, Vec::len));
    let mean = Array2::from_shape_fn((count, d), |(k, i)| numbers[k][i]);
    let covariance = Array3::from_shape_fn((count, d, d), |(k, i, j)| {
        let (row, column) = (i.min(j), i.max(j));
        numbers[k][d + row * (2 * d - 1 - row) / 2 + column]
    });
    (mean.into_pyarray(py), covariance.into_pyarray(py))
}
