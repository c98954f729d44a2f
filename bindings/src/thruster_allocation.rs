//! `qiki.vehicle.ThrusterAllocation`.

use numpy::PyArray1;
use pyo3::prelude::*;
use qiki_core::vehicle::allocation::Allocation;
use qiki_core::vehicle::simulation::Vehicle;
use qiki_core::vehicle::thruster::Wrench;

/// What the thrusters do for a wanted force and torque, in the mean over a pulse window.
#[pyclass(frozen, name = "ThrusterAllocation", module = "qiki.vehicle")]
pub struct ThrusterAllocation {
    /// By the core.
    pub allocation: Allocation,
    /// How many thrusters there are.
    pub thrusters: usize,
}

impl ThrusterAllocation {
    /// That of a vehicle.
    pub fn of(vehicle: &Vehicle, allocation: Allocation) -> Self {
        Self { allocation, thrusters: vehicle.config().thrusters.len() }
    }
}

#[pymethods]
impl ThrusterAllocation {
    /// Part of its full thrust that each thruster is told, (n,) float64, 0 to 1; 0 for one that is stuck.
    #[getter]
    fn fractions<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.allocation.fractions[..self.thrusters])
    }

    /// Force of all thrusters, those that are stuck open included, (3,) float64 [N].
    #[getter]
    fn force_n<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.allocation.wrench[..3])
    }

    /// Torque of all thrusters, those that are stuck open included, (3,) float64 [N m].
    #[getter]
    fn torque_n_m<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.allocation.wrench[3..])
    }

    /// How far the answer is from the Karush-Kuhn-Tucker conditions of the optimum: 0 but for rounding.
    #[getter]
    fn kkt_violation(&self) -> f64 {
        self.allocation.kkt_violation
    }

    /// Rounds of the search.
    #[getter]
    fn rounds(&self) -> usize {
        self.allocation.rounds
    }
}

/// A force and a torque as one, nothing where they are not given.
pub fn wrench(force_n: Option<[f64; 3]>, torque_n_m: Option<[f64; 3]>) -> Wrench {
    let [fx, fy, fz] = force_n.unwrap_or_default();
    let [tx, ty, tz] = torque_n_m.unwrap_or_default();
    [fx, fy, fz, tx, ty, tz]
}
