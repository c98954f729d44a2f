//! The filter's steps on arrays of states, for tests against other filters and for users' own.

use numpy::ndarray::{Array2, Array3, ArrayView1, ArrayView2, Ix2, Ix3};
use numpy::{IntoPyArray, PyArray2, PyArray3};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use qiki_core::frame::{Coverage, FrameHeader};
use qiki_core::frame_limits::check_detections;
use qiki_core::tracking::config::TrackerConfig;
use qiki_core::tracking::filter;
use qiki_core::tracking::gaussian::{Gaussian, STATE, at};

use crate::arrays::{NumbersOf, copy_detections, in_order};
use crate::errors::CoreError;

/// Means and covariances as arrays.
pub type States<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray3<f64>>);

/// Predict states by the constant velocity model.
///
/// Continuous white noise acceleration (Bar-Shalom, Li, Kirubarajan 2001, eq. 6.2.2-12).
///
/// Parameters
/// ----------
/// state : (n, 6) float64
///     x, y, z [m], vx, vy, vz [m/s].
/// covariance : (n, 6, 6) float64
///     Symmetric, positive semidefinite but for rounding; the upper triangle is read.
/// dt_s : float
///     Time step, at least 0 [s].
/// process_noise_m2_s3 : float
///     Spectral density of the acceleration on each axis, at least 0 [m²/s³].
///
/// Returns
/// -------
/// state : (n, 6) float64
/// covariance : (n, 6, 6) float64
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A mean that is not finite or a covariance that is none, with the state's index; a time step or
///     noise below 0 or not finite.
/// ValueError
///     Shapes that do not fit.
#[pyfunction]
pub fn predict<'py>(
    py: Python<'py>,
    state: NumbersOf<'py, Ix2>,
    covariance: NumbersOf<'py, Ix3>,
    dt_s: f64,
    process_noise_m2_s3: f64,
) -> PyResult<States<'py>> {
    let mut states = read(&state, &covariance)?;
    filter::predict(&mut states, dt_s, process_noise_m2_s3).map_err(CoreError::from)?;
    Ok(write(py, &states))
}

/// Update states by measured positions (Kalman filter).
///
/// Parameters
/// ----------
/// state : (n, 6) float64
///     x, y, z [m], vx, vy, vz [m/s].
/// covariance : (n, 6, 6) float64
///     Symmetric, positive semidefinite but for rounding; the upper triangle is read.
/// position_m : (n, 3) float64
///     Measured positions [m].
/// measurement_covariance_m2 : (3, 3) float64
///     Their covariance [m²].
///
/// Returns
/// -------
/// state : (n, 6) float64
/// covariance : (n, 6, 6) float64
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A mean that is not finite or a covariance that is none, with the state's index.
/// qiki.errors.FrameError
///     A position that is not finite; a measurement covariance that is not symmetric and positive
///     definite.
/// ValueError
///     Shapes that do not fit.
#[pyfunction]
pub fn update_position<'py>(
    py: Python<'py>,
    state: NumbersOf<'py, Ix2>,
    covariance: NumbersOf<'py, Ix3>,
    position_m: NumbersOf<'py, Ix2>,
    measurement_covariance_m2: [[f64; 3]; 3],
) -> PyResult<States<'py>> {
    let mut states = read(&state, &covariance)?;
    let position_m = in_order(&position_m)?;
    let positions = position_m.as_array();
    if positions.dim() != (states.len(), 3) {
        return Err(wrong_shape("position_m", positions.shape(), &[states.len(), 3]));
    }
    let positions: Vec<_> = positions.rows().into_iter().map(|p| [p[0], p[1], p[2]]).collect();
    filter::update_positions(&mut states, &positions, measurement_covariance_m2)
        .map_err(CoreError::from)?;
    Ok(write(py, &states))
}

/// Update states by polar detections (extended Kalman filter, one linearisation at the state).
///
/// Uses range, bearing, elevation or height, and range rate, whatever of them is present.
///
/// Parameters
/// ----------
/// state : (n, 6) float64
///     x, y, z [m], vx, vy, vz [m/s], in the world frame.
/// covariance : (n, 6, 6) float64
///     Symmetric, positive semidefinite but for rounding; the upper triangle is read.
/// detections : (n,) DETECTION_DTYPE
///     One detection per state.
/// sensor_position_m, sensor_velocity_m_s : (3,) floats
///     Where the sensor stands [m] and how it moves [m/s].
///
/// Returns
/// -------
/// state : (n, 6) float64
/// covariance : (n, 6, 6) float64
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A mean that is not finite or a covariance that is none, with the state's index.
/// qiki.errors.FrameError
///     A detection outside its limits.
/// ValueError
///     Shapes that do not fit.
#[pyfunction]
#[pyo3(signature = (state, covariance, detections, sensor_position_m=[0.0; 3],
                    sensor_velocity_m_s=[0.0; 3]))]
pub fn update_polar<'py>(
    py: Python<'py>,
    state: NumbersOf<'py, Ix2>,
    covariance: NumbersOf<'py, Ix3>,
    detections: &Bound<'py, PyAny>,
    sensor_position_m: [f64; 3],
    sensor_velocity_m_s: [f64; 3],
) -> PyResult<States<'py>> {
    let mut states = read(&state, &covariance)?;
    let detections = copy_detections(detections)?;
    check_detections(&detections).map_err(CoreError::from)?;
    if detections.len() != states.len() {
        return Err(wrong_shape("detections", &[detections.len()], &[states.len()]));
    }
    let header = FrameHeader {
        sensor_id: [0; 16],
        epoch: 0,
        number: 0,
        time_ns: detections.iter().map(|detection| detection.time_ns).max().unwrap_or(0),
        range_band: 0,
        coverage: Coverage::sphere(1e9),
        sensor_position_m,
        sensor_velocity_m_s,
    };
    filter::update_polar(&mut states, &header, &detections, &TrackerConfig::default())
        .map_err(CoreError::from)?;
    Ok(write(py, &states))
}

/// The error about an array of another shape than `expected`.
pub fn wrong_shape(name: &str, shape: &[usize], expected: &[usize]) -> PyErr {
    PyValueError::new_err(format!("{name} has shape {shape:?}, must be {expected:?}"))
}

/// States from arrays of means and covariances.
pub fn read(
    state: &NumbersOf<'_, Ix2>,
    covariance: &NumbersOf<'_, Ix3>,
) -> PyResult<Vec<Gaussian>> {
    let (state, covariance) = (in_order(state)?, in_order(covariance)?);
    let (means, covariances) = (state.as_array(), covariance.as_array());
    let count = means.nrows();
    if means.ncols() != STATE {
        return Err(wrong_shape("state", means.shape(), &[count, STATE]));
    }
    if covariances.dim() != (count, STATE, STATE) {
        return Err(wrong_shape("covariance", covariances.shape(), &[count, STATE, STATE]));
    }
    Ok(means.rows().into_iter().zip(covariances.outer_iter()).map(|(m, p)| pack(m, p)).collect())
}

fn pack(mean: ArrayView1<'_, f64>, covariance: ArrayView2<'_, f64>) -> Gaussian {
    let mut state = Gaussian::ZERO;
    for i in 0..STATE {
        state.mean[i] = mean[i];
        for j in i..STATE {
            state.covariance[at(i, j)] = covariance[[i, j]];
        }
    }
    state
}

/// States as arrays of means and covariances.
pub fn write<'py>(py: Python<'py>, states: &[Gaussian]) -> States<'py> {
    let count = states.len();
    let mean = Array2::from_shape_fn((count, STATE), |(k, i)| states[k].mean[i]);
    let covariance =
        Array3::from_shape_fn((count, STATE, STATE), |(k, i, j)| states[k].covariance[at(i, j)]);
    (mean.into_pyarray(py), covariance.into_pyarray(py))
}
