//! The checked configuration behind `qiki.vehicle.VehicleConfig`.

use std::sync::Arc;

use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qiki_core::scene::schema::schema_of;
use qiki_core::vehicle::config::VehicleConfig;
use qiki_core::vehicle::docking::config::Port;
use qiki_core::vehicle::document::VehicleDocument;
use qiki_core::vehicle::thruster::{Thruster, Wrench};

use crate::errors::Result;

/// A vehicle's configuration whose every number has been checked; ``qiki.vehicle.VehicleConfig`` adds
/// reading YAML.
///
/// Parameters
/// ----------
/// document_json : str
///     The vehicle document as JSON.
///
/// Raises
/// ------
/// qiki.errors.VehicleError
///     The message has a line for each problem: its place in the document, the value and the
///     limit; the attribute `problems` has them apart.
#[pyclass(frozen, subclass, name = "CheckedVehicle", module = "qiki._core")]
pub struct CheckedVehicle(pub Arc<VehicleConfig>);

#[pymethods]
impl CheckedVehicle {
    #[new]
    fn new(document_json: &str) -> Result<Self> {
        Ok(Self(Arc::new(VehicleConfig::from_json(document_json)?)))
    }

    /// JSON Schema (draft 2020-12) of the vehicle document, as JSON text.
    ///
    /// Returns
    /// -------
    /// str
    ///     Names, types, units, defaults and limits. The limits between two values, as that of the
    ///     minimum on-time by the pulse window, are not in it.
    #[staticmethod]
    fn schema_json() -> String {
        schema_of::<VehicleDocument>().to_string()
    }

    /// Make the same vehicle with another identity of its transponder, where it has one.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     The identity is empty or has more than 32 bytes.
    fn with_transponder_id(&self, transponder_id: &str) -> Result<Self> {
        Ok(Self(Arc::new(self.0.with_transponder_id(transponder_id)?)))
    }

    /// Short name.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// What the vehicle is.
    #[getter]
    fn description(&self) -> &str {
        &self.0.description
    }

    /// Internal step [ns].
    #[getter]
    fn step_ns(&self) -> i64 {
        self.0.step_ns
    }

    /// Time in which each thruster fires at most one pulse [ns].
    #[getter]
    fn pulse_window_ns(&self) -> i64 {
        i64::from(self.0.window_steps) * self.0.step_ns
    }

    /// Shortest pulse [ns], a whole number of steps.
    #[getter]
    fn minimum_on_time_ns(&self) -> i64 {
        i64::from(self.0.min_on_steps) * self.0.step_ns
    }

    /// Mass without propellant [kg].
    #[getter]
    fn dry_mass_kg(&self) -> f64 {
        self.0.mass.dry_mass_kg
    }

    /// Propellant of a full tank [kg].
    #[getter]
    fn propellant_kg(&self) -> f64 {
        self.0.propellant_kg
    }

    /// Specific impulse [s].
    #[getter]
    fn specific_impulse_s(&self) -> f64 {
        self.0.specific_impulse_s
    }

    /// Name of the cluster of each thruster, tuple of str.
    #[getter]
    fn thruster_clusters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.clusters)
    }

    /// Thrust of each thruster while it fires, (n,) float64 [N].
    #[getter]
    fn thrust_n<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        let thrusts: Vec<f64> = self.0.thrusters.iter().map(|thruster| thruster.thrust_n).collect();
        thrusts.into_pyarray(py)
    }

    /// What each thruster does to the vehicle while it fires, (n, 6) float64: force [N] and torque about
    /// the centre of mass [N m], in the body frame.
    #[getter]
    fn thruster_wrenches<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        let wrenches: Vec<Wrench> = self.0.thrusters.iter().map(Thruster::wrench).collect();
        Array2::from(wrenches).into_pyarray(py)
    }

    /// Names of the ports that dock, tuple of str; none for a vehicle that cannot.
    #[getter]
    fn port_names<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.ports().iter().map(|port| &port.name))
    }

    /// Where each port is, (n, 3) float64 in the body frame [m].
    #[getter]
    fn port_position_m<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        self.of_ports(py, |port| port.position_m)
    }

    /// Where each port points, (n, 3) float64: unit vectors in the body frame.
    #[getter]
    fn port_axis<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        self.of_ports(py, |port| port.attitude.to_world([0.0, 1.0, 0.0]))
    }

    /// Which way is up for each port, (n, 3) float64: unit vectors in the body frame.
    #[getter]
    fn port_up<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        self.of_ports(py, |port| port.attitude.to_world([0.0, 0.0, 1.0]))
    }

    fn __repr__(&self) -> String {
        format!("VehicleConfig(name={:?}, thrusters={})", self.0.name, self.0.thrusters.len())
    }
}

impl CheckedVehicle {
    fn ports(&self) -> &[Port] {
        self.0.docking.as_ref().map_or(&[], |docking| &docking.ports)
    }

    fn of_ports<'py>(
        &self,
        py: Python<'py>,
        of: fn(&Port) -> [f64; 3],
    ) -> Bound<'py, PyArray2<f64>> {
        let rows: Vec<[f64; 3]> = self.ports().iter().map(of).collect();
        Array2::from(rows).into_pyarray(py)
    }
}
