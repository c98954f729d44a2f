//! `qiki.vehicle.PowerStatus` and `qiki.vehicle.LoadStatus`.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use qiki_core::vehicle::config::VehicleConfig;
use qiki_core::vehicle::power::config::PowerConfig;
use qiki_core::vehicle::power::loads::LoadState;
use qiki_core::vehicle::power::plane::PowerPlane;
use qiki_core::vehicle::power_supply::fault_names;
use qiki_core::vehicle::simulation::VehicleState;

/// The electrical power of a vehicle, as the last internal step left it.
///
/// Powers are means over that step, at the bus; before the first step they are 0.
#[pyclass(frozen, name = "PowerStatus", module = "qiki.vehicle")]
pub struct PowerStatus {
    config: Arc<VehicleConfig>,
    plane: PowerPlane,
    /// Thermal nodes that are tripped, a bit for each.
    tripped: u16,
}

impl PowerStatus {
    /// That of a vehicle, if it has power.
    pub fn of(config: &Arc<VehicleConfig>, state: &VehicleState) -> Option<Self> {
        let tripped = state.thermal.as_ref().map_or(0, |nodes| nodes.tripped);
        let plane = state.power.clone()?;
        Some(Self { config: Arc::clone(config), plane, tripped })
    }

    fn power(&self) -> Option<&PowerConfig> {
        self.config.power.as_ref()
    }

    /// What the supercapacitor gives where there is one.
    fn of_supercapacitor(&self, value: f64) -> Option<f64> {
        self.power()?.supercapacitor.as_ref().map(|_| value)
    }

    /// What the dock gives where there is one.
    fn of_dock<T>(&self, value: T) -> Option<T> {
        self.power()?.dock.as_ref().map(|_| value)
    }
}

#[pymethods]
impl PowerStatus {
    /// State of charge of the battery, 0 to 1.
    #[getter]
    fn charge(&self) -> f64 {
        self.power().map_or(f64::NAN, |config| config.battery.charge(self.plane.battery))
    }

    /// Energy that the battery holds [J].
    #[getter]
    fn battery_energy_j(&self) -> f64 {
        self.plane.battery.energy_j
    }

    /// Power into the battery, negative out of it [W].
    #[getter]
    fn battery_w(&self) -> f64 {
        self.plane.flows.battery_w
    }

    /// State of charge of the supercapacitor, 0 to 1; None where there is none.
    #[getter]
    fn supercapacitor_charge(&self) -> Option<f64> {
        let store = self.power()?.supercapacitor.as_ref()?;
        Some(store.charge(self.plane.supercapacitor))
    }

    /// Energy that the supercapacitor holds [J]; None where there is none.
    #[getter]
    fn supercapacitor_energy_j(&self) -> Option<f64> {
        self.of_supercapacitor(self.plane.supercapacitor.energy_j)
    }

    /// Power into the supercapacitor, negative out of it [W]; None where there is none.
    #[getter]
    fn supercapacitor_w(&self) -> Option<f64> {
        self.of_supercapacitor(self.plane.flows.supercapacitor_w)
    }

    /// Whether dock power is switched on; None without a dock bridge.
    #[getter]
    fn is_dock_on(&self) -> Option<bool> {
        self.of_dock(self.plane.dock_steps.is_some())
    }

    /// Power from the dock [W]; None without a dock bridge.
    #[getter]
    fn dock_w(&self) -> Option<f64> {
        self.of_dock(self.plane.flows.dock_w)
    }

    /// Power from the base input that is used [W].
    #[getter]
    fn input_w(&self) -> f64 {
        self.plane.flows.input_w
    }

    /// Voltage of the bus [V].
    #[getter]
    fn bus_v(&self) -> f64 {
        self.plane.flows.bus_v
    }

    /// Current that leaves the bus, for loads and charging together [A].
    #[getter]
    fn bus_a(&self) -> f64 {
        self.plane.flows.bus_a()
    }

    /// Power that leaves the bus, for loads and charging together [W].
    #[getter]
    fn bus_w(&self) -> f64 {
        self.plane.flows.bus_w()
    }

    /// The most that might have left the bus, by the limit of the power distribution unit [W].
    #[getter]
    fn limit_w(&self) -> f64 {
        self.plane.flows.limit_w
    }

    /// Power into the loads, thrusters included [W].
    #[getter]
    fn load_w(&self) -> f64 {
        self.plane.flows.load_w
    }

    /// Power into the valves of the thrusters [W].
    #[getter]
    fn thruster_w(&self) -> f64 {
        self.plane.flows.thruster_w
    }

    /// Power that is lost in the battery, the supercapacitor and the dock's bridge [W].
    #[getter]
    fn lost_w(&self) -> f64 {
        self.plane.flows.lost_w()
    }

    /// Energy from outside since the start [J], with what the dock's bridge lost of it.
    #[getter]
    fn taken_j(&self) -> f64 {
        self.plane.taken.energy_j
    }

    /// Energy that the loads got since the start [J].
    #[getter]
    fn used_j(&self) -> f64 {
        self.plane.used.energy_j
    }

    /// Energy that was lost since the start [J].
    #[getter]
    fn lost_j(&self) -> f64 {
        self.plane.lost.energy_j
    }

    /// Whether the state of charge is low: loads are shed by it until it is high enough again.
    #[getter]
    fn is_charge_low(&self) -> bool {
        self.plane.is_charge_low
    }

    /// What is wrong, tuple of str, of ``BATTERY_CHARGE_LIMIT``, ``BATTERY_DISCHARGE_LIMIT``,
    /// ``BATTERY_EMPTY``, ``PDU_OVERCURRENT``, ``POWER_SHORTAGE``, ``THRUSTERS_UNPOWERED`` and
    /// ``THERMAL_TRIP:`` with the name of each thermal node that is tripped.
    #[getter]
    fn faults<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, fault_names(&self.config, self.plane.faults, self.tripped))
    }

    /// Whether the loads wanted more than the power distribution unit may carry: some are shed or
    /// throttled by it.
    #[getter]
    fn is_overloaded(&self) -> bool {
        self.plane.is_overloaded
    }

    /// The loads by name, dict of str to LoadStatus, in the order of the vehicle's file.
    #[getter]
    fn loads<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let loads = PyDict::new(py);
        let configs = self.power().map_or(&[][..], |config| &config.loads);
        for (config, state) in configs.iter().zip(self.plane.loads.0) {
            loads.set_item(&config.name, LoadStatus(state))?;
        }
        Ok(loads)
    }

    fn __repr__(&self) -> String {
        format!("PowerStatus(charge={:.4}, load_w={:.1})", self.charge(), self.plane.flows.load_w)
    }
}

/// A load of a vehicle, as the last internal step left it.
#[pyclass(frozen, name = "LoadStatus", module = "qiki.vehicle")]
pub struct LoadStatus(LoadState);

#[pymethods]
impl LoadStatus {
    /// Whether it is switched on.
    #[getter]
    fn is_on(&self) -> bool {
        self.0.is_on
    }

    /// What it wants while it is on [W].
    #[getter]
    fn demand_w(&self) -> f64 {
        self.0.demand_w
    }

    /// What it got in the last step [W].
    #[getter]
    fn power_w(&self) -> f64 {
        self.0.power_w
    }

    /// Why it is shed: ``low_charge``, ``overcurrent``, ``undersupply`` or ``heat``; None where it is not.
    #[getter]
    fn shed(&self) -> Option<&'static str> {
        self.0.shed.word()
    }

    /// Whether it got less than it wanted and is not shed.
    #[getter]
    fn is_throttled(&self) -> bool {
        self.0.is_throttled
    }

    /// Whether it works: it is on, not shed, and gets some of what it wants.
    #[getter]
    fn is_powered(&self) -> bool {
        self.0.is_powered()
    }

    fn __repr__(&self) -> String {
        let LoadState { is_on, power_w, .. } = self.0;
        let is_on = if is_on { "True" } else { "False" };
        format!("LoadStatus(is_on={is_on}, power_w={power_w:.1})")
    }
}
