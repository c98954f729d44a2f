//! `qiki.vehicle.VehicleEvent`.

use std::sync::Arc;

use pyo3::prelude::*;
use qiki_core::vehicle::config::VehicleConfig;
use qiki_core::vehicle::events::VehicleEvent;

/// Something that changed in a vehicle's power, heat, docking or communications.
#[pyclass(frozen, name = "VehicleEvent", module = "qiki.vehicle")]
pub struct PyVehicleEvent {
    /// What the subject's number belongs to.
    pub config: Arc<VehicleConfig>,
    /// By the core.
    pub event: VehicleEvent,
}

#[pymethods]
impl PyVehicleEvent {
    /// When it happened: the end of the internal step that made it [ns].
    #[getter]
    fn time_ns(&self) -> i64 {
        self.event.time_ns
    }

    /// ``load_shed``, ``load_restored``, ``load_throttled``, ``load_throttle_ended``, ``overload_began``,
    /// ``overload_ended``, ``supercapacitor_emptied``, ``supercapacitor_recharged``, ``fault_raised``,
    /// ``fault_cleared``, ``node_tripped``, ``node_cleared``, ``node_warned``, ``node_warning_ended``,
    /// ``transponder_activated``, ``transponder_deactivated``,
    /// ``port_left``, ``port_approached``, ``port_captured``, ``port_latched`` or ``port_released``.
    #[getter]
    fn kind(&self) -> &'static str {
        self.event.kind.word()
    }

    /// Name of the load, thermal node or port, ``pdu``, ``supercapacitor``, ``transponder``, or the fault as in
    /// ``PowerStatus.faults``.
    #[getter]
    fn subject(&self) -> &str {
        self.event.subject_name(&self.config).unwrap_or_default()
    }

    /// Why a load was shed, as in ``LoadStatus.shed``; None for other kinds.
    #[getter]
    fn reason(&self) -> Option<&'static str> {
        self.event.reason.word()
    }

    /// Temperature of the thermal node [°C]; None for other subjects.
    #[getter]
    fn temperature_c(&self) -> Option<f64> {
        self.event.temperature_c(&self.config)
    }

    fn __repr__(&self) -> String {
        let (time_ns, kind, subject) = (self.time_ns(), self.kind(), self.subject());
        format!("VehicleEvent(time_ns={time_ns}, kind={kind:?}, subject={subject:?})")
    }
}
