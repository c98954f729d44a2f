//! The shapes of arrays that hold a scan, and their rows.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// The rows of a C-contiguous array of D columns.
pub fn points<const D: usize>(numbers: &[f64]) -> &[[f64; D]] {
    numbers.as_chunks().0
}

/// The same as square matrices.
pub fn matrices<const D: usize>(numbers: &[f64]) -> &[[[f64; D]; D]] {
    points::<D>(numbers).as_chunks().0
}

/// Axes of the positions, when the shapes fit.
pub fn check_shapes(positions: &[usize], covariance: &[usize]) -> PyResult<usize> {
    let (count, axes) = (positions[0], positions[1]);
    if axes != 3 && axes != 2 {
        let message = format!("positions_m has shape {positions:?}, must be (n, 3) or (n, 2)");
        return Err(PyValueError::new_err(message));
    }
    if *covariance != [axes, axes] && *covariance != [count, axes, axes] {
        let message = format!(
            "covariance_m2 has shape {covariance:?}, must be ({axes}, {axes}) or \
             ({count}, {axes}, {axes})"
        );
        return Err(PyValueError::new_err(message));
    }
    Ok(axes)
}

/// Refuse shapes that do not fit a measurement of `m` numbers.
pub fn check_measured(values: &[usize], covariance: &[usize], m: usize) -> PyResult<()> {
    let count = values[0];
    if values[1] == m && (*covariance == [m, m] || *covariance == [count, m, m]) {
        return Ok(());
    }
    Err(PyValueError::new_err(format!(
        "values has shape {values:?} and noise_covariance {covariance:?}, must be (n, {m}) and \
         ({m}, {m}) or (n, {m}, {m})"
    )))
}

/// Refuse a volume of positions in the plane, and an area of those in space.
pub fn check_spread(axes: usize, volume_m3: Option<f64>, area_m2: Option<f64>) -> PyResult<()> {
    let (wrong, given, right) = if axes == 2 {
        ("volume_m3", volume_m3, "area_m2")
    } else {
        ("area_m2", area_m2, "volume_m3")
    };
    let Some(value) = given else { return Ok(()) };
    let message = format!("{wrong} is {value}, but positions_m has {axes} columns: give {right}");
    Err(PyValueError::new_err(message))
}
