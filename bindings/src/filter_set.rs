//! `qiki.tracking.FilterSet`.

use numpy::ndarray::{Array2, Ix2, Ix3};
use numpy::{IntoPyArray, PyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use qiki_core::tracking::filter_set::FilterSet;

use crate::arrays::{NumbersOf, in_order};
use crate::errors::CoreError;
use crate::filter::{States, read, write};
use crate::motion_model::unpacked;
use crate::simd_level;
use crate::tracker::config_from;
use crate::whole_number;

/// The filters of several targets, without association.
///
/// Each target takes the measurement beside it. The filters are those of `Tracker`: with constant
/// velocity, or the interacting models of `TrackerConfig.motion_models`.
///
/// Parameters
/// ----------
/// state : (n, 6) float64
///     x, y, z [m], vx, vy, vz [m/s] at `time_ns`.
/// covariance : (n, 6, 6) float64
///     Symmetric, positive semidefinite but for rounding; the upper triangle is read.
/// config : qiki.tracking.TrackerConfig, optional
///     Its process noise or motion models count; the defaults without.
/// time_ns : int
///     Time of the states [ns].
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A setting outside its limits; a mean that is not finite or a covariance that is none, with the
///     state's index.
/// ValueError
///     Shapes that do not fit.
#[pyclass(name = "FilterSet", module = "qiki.tracking")]
pub struct PyFilterSet(FilterSet);

#[pymethods]
impl PyFilterSet {
    #[new]
    #[pyo3(signature = (state, covariance, config=None, *, time_ns=0))]
    fn new(
        state: NumbersOf<'_, Ix2>,
        covariance: NumbersOf<'_, Ix3>,
        config: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = whole_number::time_ns)] time_ns: i64,
    ) -> PyResult<Self> {
        let states = read(&state, &covariance)?;
        let set = FilterSet::new(config_from(config)?, &states, time_ns, simd_level::current());
        Ok(Self(set.map_err(CoreError::from)?))
    }

    /// Predict each target to `time_ns` and update it by the position beside it.
    ///
    /// Parameters
    /// ----------
    /// position_m : (n, 3) float64
    ///     Measured positions [m].
    /// measurement_covariance_m2 : (3, 3) floats
    ///     Their covariance [m²].
    /// time_ns : int
    ///     Their time [ns], not before the last.
    ///
    /// Raises
    /// ------
    /// qiki.errors.FrameError
    ///     A position that is not finite, a covariance that is not positive definite, or a time
    ///     before the last.
    /// qiki.errors.ModelError
    ///     A motion model of yours answers what it must not; no filter has then changed.
    /// ValueError
    ///     Shapes that do not fit.
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 gives arrays by value")]
    fn update_position(
        &mut self,
        py: Python<'_>,
        position_m: NumbersOf<'_, Ix2>,
        measurement_covariance_m2: [[f64; 3]; 3],
        time_ns: i64,
    ) -> PyResult<()> {
        let (shape, count) = (position_m.shape(), self.0.count());
        if *shape != [count, 3] {
            let message = format!("position_m has shape {shape:?}, must be {:?}", [count, 3]);
            return Err(PyValueError::new_err(message));
        }
        let position_m = in_order(&position_m)?;
        let (positions, _) = position_m.as_slice()?.as_chunks::<3>();
        py.detach(|| self.0.update_positions(time_ns, positions, measurement_covariance_m2))
            .map_err(CoreError::from)?;
        Ok(())
    }

    /// Position and velocity of each target at `time_ns`: of several models, mean and covariance of
    /// their mixture.
    ///
    /// Parameters
    /// ----------
    /// time_ns : int
    ///     Not before the last update [ns].
    ///
    /// Returns
    /// -------
    /// state : (n, 6) float64
    /// covariance : (n, 6, 6) float64
    ///
    /// Raises
    /// ------
    /// qiki.errors.FrameError
    ///     A time before the last update.
    /// qiki.errors.ModelError
    ///     A motion model of yours answers what it must not.
    fn states_at<'py>(
        &self,
        py: Python<'py>,
        #[pyo3(from_py_with = whole_number::time_ns)] time_ns: i64,
    ) -> PyResult<States<'py>> {
        let states = py.detach(|| self.0.states_at(time_ns)).map_err(CoreError::from)?;
        Ok(write(py, &states))
    }

    /// Probability of each motion model at the last update, (n, models) float64.
    #[getter]
    fn model_probability<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        let of = |(target, model): (usize, usize)| self.0.probabilities(target)[model];
        Array2::from_shape_fn((self.0.count(), self.0.model_count()), of).into_pyarray(py)
    }

    /// The states by one of the motion models at the last update.
    ///
    /// Parameters
    /// ----------
    /// model : int
    ///     Its place in `TrackerConfig.motion_models`.
    ///
    /// Returns
    /// -------
    /// state : (n, d) float64
    ///     Position [m], velocity [m/s]; then turn rate [rad/s], from +x to +y, of a coordinated
    ///     turn (d = 7), acceleration [m/s²] of constant acceleration (d = 9), what a model of yours
    ///     adds.
    /// covariance : (n, d, d) float64
    ///
    /// Raises
    /// ------
    /// IndexError
    ///     There is no such model.
    fn model_state<'py>(
        &self,
        py: Python<'py>,
        #[pyo3(from_py_with = whole_number::model)] model: usize,
    ) -> PyResult<States<'py>> {
        let (count, models) = (self.0.count(), self.0.model_count());
        if model >= models {
            return Err(PyIndexError::new_err(format!("model is {model}, must be below {models}")));
        }
        let numbers = (0..count).map(|target| self.0.numbers(target, model)).collect();
        Ok(unpacked(py, numbers))
    }
}
