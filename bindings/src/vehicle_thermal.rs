//! `qiki.vehicle.ThermalStatus`.

use std::sync::Arc;

use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qiki_core::vehicle::config::VehicleConfig;
use qiki_core::vehicle::thermal::config::Node;
use qiki_core::vehicle::thermal::nodes::ThermalNodes;

/// The thermal nodes of a vehicle, as the last internal step left them; arrays are by node.
#[pyclass(frozen, name = "ThermalStatus", module = "qiki.vehicle")]
pub struct ThermalStatus {
    config: Arc<VehicleConfig>,
    state: ThermalNodes,
}

impl ThermalStatus {
    /// That of a vehicle, if it has nodes.
    pub fn of(config: &Arc<VehicleConfig>, state: Option<&ThermalNodes>) -> Option<Self> {
        state.map(|state| Self { config: Arc::clone(config), state: *state })
    }

    fn nodes(&self) -> &[Node] {
        self.config.thermal.as_ref().map_or(&[], |config| &config.nodes)
    }

    fn limits<'py>(&self, py: Python<'py>, of: fn(&Node) -> f64) -> Bound<'py, PyArray1<f64>> {
        self.nodes().iter().map(of).collect::<Vec<_>>().into_pyarray(py)
    }

    fn flags<'py>(&self, py: Python<'py>, bits: u16) -> Bound<'py, PyArray1<bool>> {
        let nodes = 0..self.nodes().len();
        nodes.map(|node| bits >> node & 1 != 0).collect::<Vec<_>>().into_pyarray(py)
    }
}

#[pymethods]
impl ThermalStatus {
    /// Names of the nodes, tuple of str.
    #[getter]
    fn names<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.nodes().iter().map(|node| &node.name))
    }

    /// Temperature of the surroundings [°C].
    #[getter]
    fn ambient_c(&self) -> f64 {
        self.config.thermal.as_ref().map_or(f64::NAN, |config| config.ambient_c)
    }

    /// Temperatures, (n,) float64 [°C].
    #[getter]
    fn temperature_c<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        let config = self.config.thermal.iter();
        let all = config.flat_map(|config| {
            (0..config.nodes.len()).map(|node| self.state.temperature_c(config, node))
        });
        all.collect::<Vec<_>>().into_pyarray(py)
    }

    /// Heat that each got in the last step from what it is heated by, (n,) float64 [W].
    #[getter]
    fn heat_w<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.state.heat_w[..self.nodes().len()])
    }

    /// Whether each is tripped, (n,) bool; the loads that it sheds are off then.
    #[getter]
    fn tripped<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<bool>> {
        self.flags(py, self.state.tripped)
    }

    /// Whether each warns, (n,) bool.
    #[getter]
    fn warned<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<bool>> {
        self.flags(py, self.state.warned)
    }

    /// Temperature at which each trips, (n,) float64 [°C].
    #[getter]
    fn trip_c<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.limits(py, |node| node.trip_c)
    }

    /// Temperature at which each warns, (n,) float64 [°C].
    #[getter]
    fn warn_c<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.limits(py, |node| node.warn_c)
    }

    /// How far below each of the two it must cool until that ends, (n,) float64 [K].
    #[getter]
    fn hysteresis_k<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.limits(py, |node| node.hysteresis_k)
    }

    fn __repr__(&self) -> String {
        let tripped = self.state.tripped.count_ones();
        format!("ThermalStatus(nodes={}, tripped={tripped})", self.nodes().len())
    }
}
