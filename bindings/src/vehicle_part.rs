//! A part of a vehicle that Python holds, as `Vehicle.docking`: it tells and asks the vehicle that it is of.

use pyo3::prelude::*;
use qiki_core::error::Result;
use qiki_core::vehicle::simulation::Vehicle;

use crate::errors::CoreError;
use crate::vehicle::PyVehicle;

/// A part of a vehicle.
pub struct VehiclePart(Py<PyVehicle>);

impl VehiclePart {
    /// That of a vehicle, if it has the part.
    pub fn of(
        vehicle: &Bound<'_, PyVehicle>,
        has_part: impl FnOnce(&Vehicle) -> bool,
    ) -> PyResult<Option<Self>> {
        let has_part = has_part(&vehicle.try_borrow()?.0);
        Ok(has_part.then(|| Self(vehicle.clone().unbind())))
    }

    /// Tell the vehicle something.
    pub fn tell(
        &self,
        py: Python<'_>,
        what: impl FnOnce(&mut Vehicle) -> Result<()>,
    ) -> PyResult<()> {
        let mut vehicle = self.0.bind(py).try_borrow_mut()?;
        Ok(what(&mut vehicle.0).map_err(CoreError::from)?)
    }

    /// Ask the vehicle something.
    pub fn ask<T>(&self, py: Python<'_>, what: impl FnOnce(&Vehicle) -> T) -> PyResult<T> {
        Ok(what(&self.0.bind(py).try_borrow()?.0))
    }
}
