//! `qiki.vehicle.Docking`.

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qiki_core::numeric::DEG_PER_RAD;
use qiki_core::vehicle::docking::mechanism::DockingPhase;
use qiki_core::vehicle::docking::relative::{PortPose, Relative, Sight};
use qiki_core::vehicle::quaternion::EulerAngles;
use qiki_core::vehicle::simulation::Vehicle;
use qiki_core::vehicle::start::checked_attitude;

use crate::vehicle_part::VehiclePart;

/// The docking of a vehicle, from `Vehicle.docking`: what it tells is that of the vehicle now.
///
/// An engaged port that comes into the cone of the station's is on approach; within the limits of the file
/// it is captured and held by springs and dampers; once it has settled it is latched and the vehicle moves
/// with the station.
#[pyclass(frozen, name = "Docking", module = "qiki.vehicle")]
pub struct PyDocking(pub VehiclePart);

impl PyDocking {
    fn relative(&self, py: Python<'_>, of: fn(&Relative) -> f64) -> PyResult<Option<f64>> {
        self.0.ask(py, |vehicle| vehicle.docking_relative().as_ref().map(of))
    }

    fn sight<'py>(
        &self,
        py: Python<'py>,
        of: fn(Sight) -> [f64; 3],
    ) -> PyResult<Option<Bound<'py, PyArray1<f64>>>> {
        let seen = self.0.ask(py, |vehicle| vehicle.docking_sight().map(of))?;
        Ok(seen.map(|vector| PyArray1::from_slice(py, &vector)))
    }
}

#[pymethods]
impl PyDocking {
    /// Engage a port: from the next internal step on it docks where it comes to the station's.
    ///
    /// Parameters
    /// ----------
    /// port : str
    ///     Its name in the vehicle's file.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A name that no port has, or while another port is held; nothing changes.
    fn engage(&self, py: Python<'_>, port: &str) -> PyResult<()> {
        self.0.tell(py, |vehicle| vehicle.engage_port(port))
    }

    /// Release the engaged port at once; where it was latched, it pushes off. Dock power ends.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     No port is engaged.
    fn release(&self, py: Python<'_>) -> PyResult<()> {
        self.0.tell(py, Vehicle::release_port)
    }

    /// Tell where the station's port is now and how it moves; it goes on like this until told anew.
    ///
    /// Parameters
    /// ----------
    /// position_m : (3,) sequence of float
    ///     Its position in the world frame [m], each -1e8 to 1e8.
    /// velocity_m_s : (3,) sequence of float, optional
    ///     Its velocity [m/s], each -1e5 to 1e5; without, it is at rest.
    /// heading_deg : float
    ///     Where its axis points, out of the station, clockwise from north [deg], -360 to 360.
    /// pitch_deg : float
    ///     How far its axis is above the horizon [deg], -90 to 90.
    /// roll_deg : float
    ///     How far it is turned about its axis [deg], -360 to 360.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A value outside its limits; nothing changes.
    #[pyo3(signature = (
        position_m, velocity_m_s=None, *, heading_deg=0.0, pitch_deg=0.0, roll_deg=0.0
    ))]
    fn set_station_port(
        &self,
        py: Python<'_>,
        position_m: [f64; 3],
        velocity_m_s: Option<[f64; 3]>,
        heading_deg: f64,
        pitch_deg: f64,
        roll_deg: f64,
    ) -> PyResult<()> {
        let angles = EulerAngles { heading_deg, pitch_deg, roll_deg };
        self.0.tell(py, |vehicle| {
            let attitude = checked_attitude(angles)?;
            let velocity_m_s = velocity_m_s.unwrap_or_default();
            vehicle.set_station_port(Some(PortPose { position_m, velocity_m_s, attitude }))
        })
    }

    /// Forget the station's port: none is known any more.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     While a port is held.
    fn forget_station_port(&self, py: Python<'_>) -> PyResult<()> {
        self.0.tell(py, |vehicle| vehicle.set_station_port(None))
    }

    /// Names of the vehicle's ports, tuple of str.
    #[getter]
    fn ports<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let names = self.0.ask(py, |vehicle| {
            let ports = vehicle.docking().map_or(&[][..], |(config, _)| &config.ports);
            ports.iter().map(|port| port.name.clone()).collect::<Vec<_>>()
        })?;
        PyTuple::new(py, names)
    }

    /// Name of the port that is engaged; None where none is.
    #[getter]
    fn port(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.0.ask(py, |vehicle| {
            let (config, docking) = vehicle.docking()?;
            config.ports.get(docking.port?).map(|port| port.name.clone())
        })
    }

    /// ``free``, ``approach``, ``captured`` or ``latched``.
    #[getter]
    fn phase(&self, py: Python<'_>) -> PyResult<&'static str> {
        let phase =
            self.0.ask(py, |vehicle| vehicle.docking().map(|(_, docking)| docking.phase))?;
        Ok(match phase.unwrap_or_default() {
            DockingPhase::Free => "free",
            DockingPhase::Approach => "approach",
            DockingPhase::Captured => "captured",
            DockingPhase::Latched => "latched",
        })
    }

    /// Distance between the engaged port and the station's [m]; None where one of them is missing.
    #[getter]
    fn distance_m(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        self.relative(py, Relative::distance_m)
    }

    /// Speed of the engaged port past the station's [m/s]; None where one of them is missing.
    #[getter]
    fn speed_m_s(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        self.relative(py, Relative::speed_m_s)
    }

    /// Angle of the turn between the attitude and that of a docked vehicle [deg], 0 to 180; None where one
    /// of the ports is missing.
    #[getter]
    fn angle_deg(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        self.relative(py, |relative| relative.angle_rad() * DEG_PER_RAD)
    }

    /// Angular rate of the vehicle [deg/s]; None where one of the ports is missing.
    #[getter]
    fn rate_deg_s(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        self.relative(py, |relative| relative.rate_rad_s() * DEG_PER_RAD)
    }

    /// What the camera at the engaged port sees, without error: the way to the station's port,
    /// (3,) float64 in the body frame [m]; None in the phase ``free``.
    #[getter]
    fn offset_m<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArray1<f64>>>> {
        self.sight(py, |sight| sight.offset_m)
    }

    /// Velocity of the engaged port past the station's, (3,) float64 in the body frame [m/s]; None in
    /// the phase ``free``.
    #[getter]
    fn velocity_m_s<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArray1<f64>>>> {
        self.sight(py, |sight| sight.velocity_m_s)
    }

    /// The turn that is left to the docked attitude, a rotation vector, (3,) float64 in the body frame
    /// [deg]; None in the phase ``free``.
    #[getter]
    fn turn_deg<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArray1<f64>>>> {
        self.sight(py, |sight| sight.turn_rad.map(|part| part * DEG_PER_RAD))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("Docking(phase={:?}, port={:?})", self.phase(py)?, self.port(py)?))
    }
}
