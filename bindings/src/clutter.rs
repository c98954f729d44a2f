//! `qiki.radar.ScenarioClutter`.

use std::sync::Arc;

use numpy::IntoPyArray;
use numpy::ndarray::{ArrayD, IxDyn};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use qiki_core::radar::equation::to_db;
use qiki_core::scene::clutter::ClutterSource;

use crate::arrays::Numbers;
use crate::errors::{CoreError, Result};
use crate::user_model::CompiledModel;

/// What a scenario says of one source of clutter.
#[pyclass(frozen, name = "ScenarioClutter", module = "qiki.radar")]
pub struct ScenarioClutter(pub Arc<ClutterSource>);

#[pymethods]
impl ScenarioClutter {
    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Its shape: ``disc``, ``polygon``, ``map`` or ``model``.
    #[getter]
    fn kind(&self) -> &'static str {
        self.0.density.kind()
    }

    /// Name of the user's model that gives its density; None where none does.
    #[getter]
    fn density_model(&self) -> Option<&str> {
        self.0.density_model().map(|name| &**name)
    }

    /// Least rectangle that holds it [m]: west, south, east, north.
    #[getter]
    fn bounds_m(&self) -> (f64, f64, f64, f64) {
        let ([west, east], [south, north]) = (self.0.bounds.east_m, self.0.bounds.north_m);
        (west, south, east, north)
    }

    /// Lowest and highest position on Z [m].
    #[getter]
    fn height_m(&self) -> (f64, f64) {
        self.0.height_m.into()
    }

    /// Mean number of plots of all of it in one look, of a model the most that it may be; a radar
    /// sees those that it covers.
    #[getter]
    fn mean_count(&self) -> f64 {
        self.0.density.mean_count()
    }

    /// Largest density [1/km^2].
    #[getter]
    fn largest_density_per_km2(&self) -> f64 {
        self.0.largest_per_km2
    }

    /// Mean SNR of its plots, over all pulses [dB].
    #[getter]
    fn mean_snr_db(&self) -> f64 {
        to_db(self.0.mean_snr)
    }

    /// Mean velocity of the scatterers, east, north, up [m/s].
    #[getter]
    fn drift_velocity_m_s(&self) -> (f64, f64, f64) {
        self.0.drift_velocity_m_s.into()
    }

    /// Standard deviation of the range rate around that of the drift [m/s].
    #[getter]
    fn range_rate_std_m_s(&self) -> f64 {
        self.0.range_rate_std_m_s
    }

    /// Return the mean number of plots per square kilometre and look; releases the GIL.
    ///
    /// Parameters
    /// ----------
    /// east_m, north_m : array
    ///     Places in the world frame [m], of one shape.
    /// time_s : float
    ///     Time in the scenario [s], for a user's model.
    /// model : UserModel, optional
    ///     The user's model that the scenario names for the density.
    ///
    /// Returns
    /// -------
    /// array of the same shape
    ///     Densities [1/km^2]; 0 outside the region.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     The shapes differ.
    /// qiki.errors.SettingError
    ///     The scenario names a model and it is not given, or one is given that it does not name.
    /// qiki.errors.ModelError
    ///     The model answers what it must not: below zero, above the largest density that the
    ///     scenario states, or NaN.
    #[pyo3(signature = (east_m, north_m, *, time_s=0.0, model=None))]
    fn density_per_km2<'py>(
        &self,
        py: Python<'py>,
        east_m: Numbers<'py>,
        north_m: Numbers<'py>,
        time_s: f64,
        model: Option<PyRef<'py, CompiledModel>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let source = match model.as_deref() {
            Some(CompiledModel(model)) => {
                Arc::new(self.0.with_model(model).map_err(CoreError::from)?)
            }
            None => Arc::clone(&self.0),
        };
        let (east_m, north_m) = (east_m.as_array(), north_m.as_array());
        let shape = east_m.shape().to_vec();
        if north_m.shape() != shape {
            return Err(PyValueError::new_err(format!(
                "north_m has the shape {:?}, must be that of east_m, {shape:?}: broadcast them",
                north_m.shape()
            )));
        }
        let densities = py.detach(|| -> Result<Vec<f64>> {
            let places = east_m.iter().copied().zip(north_m.iter().copied()).collect::<Vec<_>>();
            Ok(source.densities_at(&places, time_s)?)
        })?;
        let array = ArrayD::from_shape_vec(IxDyn(&shape), densities)
            .map_err(|error| PyRuntimeError::new_err(format!("array of {shape:?}: {error}")))?;
        Ok(array.into_pyarray(py).into_any())
    }

    fn __repr__(&self) -> String {
        format!("ScenarioClutter(name={:?}, kind={:?})", self.0.name, self.kind())
    }
}
