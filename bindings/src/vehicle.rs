//! `qiki.vehicle.Vehicle`.

use std::sync::Arc;

use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use qiki_core::vehicle::quaternion::EulerAngles;
use qiki_core::vehicle::simulation::Vehicle;
use qiki_core::vehicle::start::Start;

use crate::errors::Result;
use crate::thruster_allocation::{ThrusterAllocation, wrench};
use crate::thruster_condition::{condition_of, word_of};
use crate::vehicle_comms::PyComms;
use crate::vehicle_config::CheckedVehicle;
use crate::vehicle_docking::PyDocking;
use crate::vehicle_drive::PyDrive;
use crate::vehicle_event::PyVehicleEvent;
use crate::vehicle_part::VehiclePart;
use crate::vehicle_power::PowerStatus;
use crate::vehicle_thermal::ThermalStatus;

/// A small spacecraft: a rigid body in six degrees of freedom that thrusters move (``docs/vehicle.md``).
///
/// World frame: X east, Y north, Z up. Body frame: X to starboard, Y to the bow, Z up. It moves in fixed
/// internal steps, so that a run is the same to the last bit whatever the rate at which it is advanced.
///
/// Parameters
/// ----------
/// config : qiki.vehicle.VehicleConfig
///     What it is made of.
/// position_m : (3,) sequence of float, optional
///     Where its centre of mass begins, in the world frame [m], each -1e8 to 1e8; without, the origin.
/// velocity_m_s : (3,) sequence of float, optional
///     Its velocity, in the world frame [m/s], each -1e5 to 1e5; without, it is at rest.
/// heading_deg : float
///     Where the bow points, clockwise from north [deg], -360 to 360.
/// pitch_deg : float
///     How far the bow is above the horizon [deg], -90 to 90.
/// roll_deg : float
///     How far the starboard side is down [deg], -360 to 360.
/// angular_velocity_rad_s : (3,) sequence of float, optional
///     In the body frame [rad/s], each up to 0.02 rad per internal step either way; without, none.
/// propellant_kg : float, optional
///     Propellant [kg], 0 to that of a full tank, which it is without.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A value outside its limits.
#[pyclass(name = "Vehicle", module = "qiki.vehicle")]
pub struct PyVehicle(pub Vehicle);

#[pymethods]
impl PyVehicle {
    #[new]
    #[pyo3(signature = (
        config, *, position_m=None, velocity_m_s=None, heading_deg=0.0, pitch_deg=0.0,
        roll_deg=0.0, angular_velocity_rad_s=None, propellant_kg=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn new(
        config: &Bound<'_, CheckedVehicle>,
        position_m: Option<[f64; 3]>,
        velocity_m_s: Option<[f64; 3]>,
        heading_deg: f64,
        pitch_deg: f64,
        roll_deg: f64,
        angular_velocity_rad_s: Option<[f64; 3]>,
        propellant_kg: Option<f64>,
    ) -> Result<Self> {
        let config = &config.get().0;
        let start = Start {
            position_m: position_m.unwrap_or_default(),
            velocity_m_s: velocity_m_s.unwrap_or_default(),
            attitude: EulerAngles { heading_deg, pitch_deg, roll_deg },
            angular_velocity_rad_s: angular_velocity_rad_s.unwrap_or_default(),
            propellant_kg,
        };
        Ok(Self(Vehicle::new(Arc::clone(config), start.body(config)?)))
    }

    /// Go on by a time: by all internal steps that end in it.
    ///
    /// Parameters
    /// ----------
    /// duration_ns : int
    ///     How long [ns], 0 to 3.6e12, an hour. What is left of a step waits for the next call.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A duration outside its limits, or beyond the last time, 1e18 ns; nothing changes.
    fn advance(&mut self, py: Python<'_>, duration_ns: i64) -> Result<()> {
        let vehicle = &mut self.0;
        Ok(py.detach(|| vehicle.advance(duration_ns))?)
    }

    /// Tell the thrusters to give a force and a torque, from the next pulse window on.
    /// They hold them against thrusters that are stuck open, also where both are zero.
    ///
    /// Parameters
    /// ----------
    /// force_n : (3,) sequence of float, optional
    ///     Force on the vehicle in the body frame [N], each -1e9 to 1e9; without, none.
    /// torque_n_m : (3,) sequence of float, optional
    ///     Torque about the centre of mass in the body frame [N m], each -1e9 to 1e9; without, none.
    /// duration_ns : int, optional
    ///     How long [ns]; without, until told otherwise.
    ///
    /// Returns
    /// -------
    /// ThrusterAllocation
    ///     What the thrusters will do: the nearest to what is wanted that they can.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A value outside its limits; nothing changes.
    #[pyo3(signature = (force_n=None, torque_n_m=None, *, duration_ns=None))]
    fn command(
        &mut self,
        force_n: Option<[f64; 3]>,
        torque_n_m: Option<[f64; 3]>,
        duration_ns: Option<i64>,
    ) -> Result<ThrusterAllocation> {
        let allocation = self.0.command(wrench(force_n, torque_n_m), duration_ns)?;
        Ok(ThrusterAllocation::of(&self.0, allocation))
    }

    /// What the thrusters would do for a force and a torque; they are told nothing.
    ///
    /// Parameters
    /// ----------
    /// force_n, torque_n_m : (3,) sequence of float, optional
    ///     As for `command`, which refuses the same.
    ///
    /// Returns
    /// -------
    /// ThrusterAllocation
    ///     The nearest to what is wanted that they can.
    #[pyo3(signature = (force_n=None, torque_n_m=None))]
    fn allocate(
        &self,
        force_n: Option<[f64; 3]>,
        torque_n_m: Option<[f64; 3]>,
    ) -> Result<ThrusterAllocation> {
        Ok(ThrusterAllocation::of(&self.0, self.0.allocate(wrench(force_n, torque_n_m))?))
    }

    /// End what the thrusters are told, at the next internal step; those stuck open fire on.
    fn stop(&mut self) {
        self.0.stop();
    }

    /// Let a thruster fail, or repair it.
    ///
    /// Parameters
    /// ----------
    /// thruster : int
    ///     Its number, from 0.
    /// condition : str
    ///     ``working``, ``stuck_closed``, never firing, or ``stuck_open``, while propellant lasts.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A number that no thruster has, or another word.
    fn set_condition(&mut self, thruster: usize, condition: &str) -> Result<()> {
        Ok(self.0.set_condition(thruster, condition_of(condition)?)?)
    }

    /// Switch a load on or off, or tell it what it may want, from the next internal step on.
    ///
    /// Parameters
    /// ----------
    /// name : str
    ///     Its name in the vehicle's file.
    /// is_on : bool, optional
    ///     Whether it is on; without, it stays as it is.
    /// demand_w : float, optional
    ///     What it wants while it is on [W], 0 to its `power_w`; without, as before.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A name that no load has, a demand outside its limits, for the transponder or for a drive at work, or
    ///     a vehicle without power; nothing changes.
    #[pyo3(signature = (name, *, is_on=None, demand_w=None))]
    fn set_load(&mut self, name: &str, is_on: Option<bool>, demand_w: Option<f64>) -> Result<()> {
        Ok(self.0.set_load(name, is_on, demand_w)?)
    }

    /// Switch dock power on or off, from the next internal step on; it begins with its soft start.
    ///
    /// Parameters
    /// ----------
    /// is_on : bool
    ///     Whether the bridge to the station's power is closed.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A vehicle without a dock bridge, or one that can dock and of which no port is latched.
    fn set_dock_power(&mut self, is_on: bool) -> Result<()> {
        Ok(self.0.set_dock_power(is_on)?)
    }

    /// Which place or velocity is beyond the limits of a start, as no radar takes it, str; None within them.
    #[getter]
    fn why_outside(&self) -> Option<String> {
        self.0.why_outside()
    }

    /// What happened since this was last asked, in order of time, list of VehicleEvent.
    ///
    /// At most 256 events wait; of more the oldest are dropped and counted in `dropped_events`.
    fn take_events(&mut self) -> Vec<PyVehicleEvent> {
        let config = Arc::clone(self.0.config());
        let named = |event| PyVehicleEvent { config: Arc::clone(&config), event };
        self.0.take_events().map(named).collect()
    }

    /// How many events were dropped since the start, because too many waited to be taken.
    #[getter]
    fn dropped_events(&self) -> u64 {
        self.0.state().events.dropped
    }

    /// The whole state as bytes; see `restore`.
    fn snapshot<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.snapshot())
    }

    /// A vehicle that goes on from a snapshot as if it had never stopped.
    ///
    /// Parameters
    /// ----------
    /// config : qiki.vehicle.VehicleConfig
    ///     That of the vehicle of which the snapshot is.
    /// snapshot : bytes
    ///     From `snapshot`.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SnapshotError
    ///     Bytes that are damaged, of another version, or of another configuration.
    #[staticmethod]
    fn restore(config: &Bound<'_, CheckedVehicle>, snapshot: &[u8]) -> Result<Self> {
        Ok(Self(Vehicle::restore(Arc::clone(&config.get().0), snapshot)?))
    }

    /// Time of the state, that of the last internal step [ns].
    #[getter]
    fn time_ns(&self) -> i64 {
        self.0.time_ns()
    }

    /// Position of the centre of mass in the world frame, (3,) float64 [m].
    #[getter]
    fn position_m<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.body().position_m)
    }

    /// Velocity in the world frame, (3,) float64 [m/s].
    #[getter]
    fn velocity_m_s<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.body().velocity_m_s)
    }

    /// Attitude from the body to the world frame, (4,) float64, a unit quaternion [w, x, y, z].
    #[getter]
    fn attitude<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.body().attitude.0)
    }

    /// Where the bow points, clockwise from north [deg], 0 ≤ heading < 360.
    #[getter]
    fn heading_deg(&self) -> f64 {
        self.0.body().attitude.euler().heading_deg
    }

    /// How far the bow is above the horizon [deg], -90 to 90.
    #[getter]
    fn pitch_deg(&self) -> f64 {
        self.0.body().attitude.euler().pitch_deg
    }

    /// How far the starboard side is down [deg], -180 to 180; 0 where the bow is straight up or down.
    #[getter]
    fn roll_deg(&self) -> f64 {
        self.0.body().attitude.euler().roll_deg
    }

    /// Angular velocity in the body frame, (3,) float64 [rad/s].
    #[getter]
    fn angular_velocity_rad_s<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        let rate_rad_s = self.0.body().angular_velocity_rad_s(&self.0.config().mass);
        PyArray1::from_slice(py, &rate_rad_s)
    }

    /// Angular momentum about the centre of mass in the world frame, (3,) float64 [N m s].
    #[getter]
    fn angular_momentum_n_m_s<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.body().angular_momentum_n_m_s)
    }

    /// Kinetic energy of the rotation [J].
    #[getter]
    fn rotational_energy_j(&self) -> f64 {
        self.0.body().rotational_energy_j(&self.0.config().mass)
    }

    /// Kinetic energy of the motion of the centre of mass [J].
    #[getter]
    fn translational_energy_j(&self) -> f64 {
        self.0.body().translational_energy_j(&self.0.config().mass)
    }

    /// Propellant that is left [kg].
    #[getter]
    fn propellant_kg(&self) -> f64 {
        self.0.body().propellant_kg
    }

    /// Mass, propellant included [kg].
    #[getter]
    fn mass_kg(&self) -> f64 {
        self.0.config().mass.mass_kg(self.0.body().propellant_kg)
    }

    /// Inertia about the centre of mass in the body frame, propellant included, (3, 3) float64 [kg m²].
    #[getter]
    fn inertia_kg_m2<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        let inertia = self.0.config().mass.inertia_kg_m2(self.0.body().propellant_kg);
        Array2::from(inertia.to_vec()).into_pyarray(py)
    }

    /// Whether each thruster fired in the last internal step, (n,) bool.
    #[getter]
    fn firing<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<bool>> {
        PyArray1::from_slice(py, &self.0.firing()[..self.0.wrenches().len()])
    }

    /// How long each thruster has fired since the start, (n,) float64 [s].
    #[getter]
    fn on_time_s<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.state().on_time_s[..self.0.wrenches().len()])
    }

    /// ``working``, ``stuck_closed`` or ``stuck_open`` for each thruster, tuple of str.
    #[getter]
    fn conditions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let conditions = &self.0.state().conditions[..self.0.wrenches().len()];
        PyTuple::new(py, conditions.iter().map(|condition| word_of(*condition)))
    }

    /// Its electrical power, PowerStatus; None for a vehicle without.
    #[getter]
    fn power(&self) -> Option<PowerStatus> {
        PowerStatus::of(self.0.config(), self.0.state())
    }

    /// Its thermal nodes, ThermalStatus; None for a vehicle without.
    #[getter]
    fn thermal(&self) -> Option<ThermalStatus> {
        ThermalStatus::of(self.0.config(), self.0.state().thermal.as_ref())
    }

    /// Its docking, Docking; None for a vehicle that cannot dock.
    #[getter]
    fn docking(slf: &Bound<'_, Self>) -> PyResult<Option<PyDocking>> {
        Ok(VehiclePart::of(slf, |vehicle| vehicle.docking().is_some())?.map(PyDocking))
    }

    /// Its communications, Comms; None for a vehicle without.
    #[getter]
    fn comms(slf: &Bound<'_, Self>) -> PyResult<Option<PyComms>> {
        Ok(VehiclePart::of(slf, |vehicle| vehicle.comms().is_some())?.map(PyComms))
    }

    /// Its drive, Drive; None for a vehicle without.
    #[getter]
    fn drive(slf: &Bound<'_, Self>) -> PyResult<Option<PyDrive>> {
        Ok(VehiclePart::of(slf, |vehicle| vehicle.drive().is_some())?.map(PyDrive))
    }

    /// Dose rate where it is [µSv/h]; None where its file does not say what radiates.
    #[getter]
    fn radiation_usv_h(&self) -> Option<f64> {
        self.0.radiation_usv_h()
    }

    fn __repr__(&self) -> String {
        format!("Vehicle(name={:?}, time_ns={})", self.0.config().name, self.0.time_ns())
    }
}
