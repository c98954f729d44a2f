//! `qiki.vehicle.Comms` and `qiki.vehicle.LinkQuality`.

use pyo3::prelude::*;
use qiki_core::error::Error;
use qiki_core::vehicle::comms::radio_link::LinkQuality;
use qiki_core::vehicle::comms::state::{MODES, TransponderMode};

use crate::vehicle_part::VehiclePart;

/// The communications of a vehicle, from `Vehicle.comms`: what they tell is that of the vehicle now.
#[pyclass(frozen, name = "Comms", module = "qiki.vehicle")]
pub struct PyComms(pub VehiclePart);

#[pymethods]
impl PyComms {
    /// Switch communications on or off; while they are off the transponder does not reply.
    ///
    /// Parameters
    /// ----------
    /// is_on : bool
    ///     Whether they are on.
    fn switch(&self, py: Python<'_>, is_on: bool) -> PyResult<()> {
        self.0.tell(py, |vehicle| vehicle.set_comms(is_on))
    }

    /// Tell the transponder what to do; a reply ends at once and begins with the next internal step.
    ///
    /// Parameters
    /// ----------
    /// mode : str
    ///     ``off``, ``on``, ``silent``, which does not reply, or ``spoof``, with its false identity.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     Another word, a vehicle without a transponder, or while communications are off.
    fn set_transponder_mode(&self, py: Python<'_>, mode: &str) -> PyResult<()> {
        self.0.tell(py, |vehicle| vehicle.set_transponder_mode(mode_of(mode)?))
    }

    /// Tell where the station is now, and how it moves; it goes on like this until told anew.
    ///
    /// Parameters
    /// ----------
    /// position_m : (3,) sequence of float
    ///     Its position in the world frame [m], each -1e8 to 1e8.
    /// velocity_m_s : (3,) sequence of float, optional
    ///     Its velocity [m/s], each -1e5 to 1e5; without, it is at rest.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A value outside its limits; nothing changes.
    #[pyo3(signature = (position_m, velocity_m_s=None))]
    fn set_station(
        &self,
        py: Python<'_>,
        position_m: [f64; 3],
        velocity_m_s: Option<[f64; 3]>,
    ) -> PyResult<()> {
        let place = [position_m, velocity_m_s.unwrap_or_default()];
        self.0.tell(py, |vehicle| vehicle.set_comms_station(Some(place)))
    }

    /// Forget the station: none is known any more.
    fn forget_station(&self, py: Python<'_>) -> PyResult<()> {
        self.0.tell(py, |vehicle| vehicle.set_comms_station(None))
    }

    /// Whether communications are on.
    #[getter]
    fn is_on(&self, py: Python<'_>) -> PyResult<bool> {
        self.0.ask(py, |vehicle| vehicle.comms().is_some_and(|(_, comms)| comms.is_on))
    }

    /// What the transponder does: ``off``, ``on``, ``silent`` or ``spoof``; ``off`` while communications
    /// are off, None for a vehicle without one.
    #[getter]
    fn transponder_mode(&self, py: Python<'_>) -> PyResult<Option<&'static str>> {
        self.0.ask(py, |vehicle| {
            let (config, comms) = vehicle.comms()?;
            let mode = if comms.is_on { comms.mode } else { TransponderMode::Off };
            config.transponder.as_ref().map(|_| MODES[mode as usize].1)
        })
    }

    /// Whether the transponder replies: communications are on, it has power, and its mode is ``on`` or
    /// ``spoof``.
    #[getter]
    fn is_transponder_active(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.transponder_id(py)?.is_some())
    }

    /// Identity that the transponder gives, the false one in mode ``spoof``; None while it does not reply.
    #[getter]
    fn transponder_id(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.0.ask(py, |vehicle| vehicle.transponder_id().map(str::to_owned))
    }

    /// How well the station hears the vehicle, LinkQuality; None while communications are off, and where no
    /// station is known, it is nearer than a wavelength, or the vehicle's file has no link.
    #[getter]
    fn link(&self, py: Python<'_>) -> PyResult<Option<PyLinkQuality>> {
        self.0.ask(py, |vehicle| vehicle.link_quality().map(PyLinkQuality))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (is_on, id) = (self.is_on(py)?, self.transponder_id(py)?);
        let is_on = if is_on { "True" } else { "False" };
        let id = id.map_or("None".into(), |id| format!("{id:?}"));
        Ok(format!("Comms(is_on={is_on}, transponder_id={id})"))
    }
}

fn mode_of(word: &str) -> qiki_core::error::Result<TransponderMode> {
    let mode = MODES.iter().find(|(_, name)| *name == word).map(|(mode, _)| *mode);
    mode.ok_or_else(|| Error::Setting {
        setting: "mode".into(),
        value: format!("{word:?}"),
        limit: MODES.map(|(_, name)| name).join(", "),
        remedy: "give one of these words".into(),
    })
}

/// How well a station hears a vehicle, by the formula of Friis (1946) for free space.
#[pyclass(frozen, name = "LinkQuality", module = "qiki.vehicle")]
pub struct PyLinkQuality(LinkQuality);

#[pymethods]
impl PyLinkQuality {
    /// Distance to the station [m].
    #[getter]
    fn distance_m(&self) -> f64 {
        self.0.distance_m
    }

    /// Loss of free space, (4πd/λ)² [dB].
    #[getter]
    fn path_loss_db(&self) -> f64 {
        self.0.path_loss_db
    }

    /// Power that the station receives [dBm].
    #[getter]
    fn received_dbm(&self) -> f64 {
        self.0.received_dbm
    }

    /// Signal-to-noise ratio there [dB].
    #[getter]
    fn snr_db(&self) -> f64 {
        self.0.snr_db
    }

    /// Whether that is enough for the station.
    #[getter]
    fn is_up(&self) -> bool {
        self.0.is_up
    }

    fn __repr__(&self) -> String {
        let LinkQuality { distance_m, snr_db, is_up, .. } = self.0;
        let is_up = if is_up { "True" } else { "False" };
        format!("LinkQuality(distance_m={distance_m:.1}, snr_db={snr_db:.1}, is_up={is_up})")
    }
}
