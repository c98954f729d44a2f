//! The checked scenario behind `qiki.radar.Scenario`.

use std::sync::Arc;

use pyo3::prelude::*;
use qiki_core::error::Error;
use qiki_core::frame::format_uuid;
use qiki_core::radar::equation::{from_db, snr_at, to_db};
use qiki_core::radar::radar_models::{check_models, needed_models};
use qiki_core::radar::registration::RegistrationBias as CoreBias;
use qiki_core::radar::sensor::Sensor;
use qiki_core::scene::platform::{OWN_SHIP_INDEX, Platform};
use qiki_core::scene::scenario::{MAX_RCS_DBSM, Scenario, Target};
use qiki_core::scene::schema::schema;
use qiki_core::tracking::object_type_config::to_json;

use crate::arrays::Numbers;
use crate::clutter::ScenarioClutter;
use crate::coverage::Coverage;
use crate::detection_curve::map;
use crate::errors::{CoreError, Result};
use crate::own_ship_state::OwnShipState;
use crate::user_model::CompiledModel;
use crate::waveform::Waveform;

/// A scenario whose every number has been checked; ``qiki.radar.Scenario`` adds reading YAML.
///
/// Parameters
/// ----------
/// document_json : str
///     The scenario document as JSON.
///
/// Raises
/// ------
/// qiki.errors.ScenarioError
///     The message has a line for each problem: its place in the document, the value and the
///     limit; the attribute `problems` has them apart.
#[pyclass(frozen, subclass, name = "CheckedScenario", module = "qiki._core")]
pub struct CheckedScenario(pub Scenario);

#[pymethods]
impl CheckedScenario {
    #[new]
    fn new(py: Python<'_>, document_json: &str) -> Result<Self> {
        Ok(Self(py.detach(|| Scenario::from_json(document_json))?))
    }

    /// JSON Schema (draft 2020-12) of the scenario document, as JSON text.
    ///
    /// Returns
    /// -------
    /// str
    ///     Names, types, units, defaults and limits. The limits between two values, as that of a
    ///     maximum by its minimum, are not in it.
    #[staticmethod]
    fn schema_json() -> String {
        schema().to_string()
    }

    /// Short name.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// What the scene is for.
    #[getter]
    fn description(&self) -> &str {
        &self.0.description
    }

    /// Seed of every draw, unless a run is given another.
    #[getter]
    fn seed(&self) -> u64 {
        self.0.seed
    }

    /// Radius of the ground that hides what is behind it [m]; None where there is no ground.
    #[getter]
    fn horizon_radius_m(&self) -> Option<f64> {
        self.0.horizon_radius_m
    }

    /// The radars, tuple of ScenarioSensor.
    #[getter]
    fn sensors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        let Scenario { sensors, platforms, .. } = &self.0;
        let of = |sensor: &Sensor| ScenarioSensor::of(sensor, &platforms[sensor.mount.platform]);
        pyo3::types::PyTuple::new(py, sensors.iter().map(of))
    }

    /// Names of the vehicles that carry the radars, the own ship first, tuple of str.
    #[getter]
    fn platform_names<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        pyo3::types::PyTuple::new(py, self.0.platforms.iter().map(|platform| &platform.name))
    }

    /// Where the own ship is when the scenario begins, an OwnShipState.
    #[getter]
    fn own_ship_start(&self) -> OwnShipState {
        OwnShipState::at_start(&self.0.platforms[OWN_SHIP_INDEX])
    }

    /// The targets, then the platforms that are targets too, those of groups last, tuple of
    /// ScenarioTarget.
    #[getter]
    fn targets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        pyo3::types::PyTuple::new(py, self.0.targets.iter().map(ScenarioTarget::of))
    }

    /// Echoes of sea, land or weather, tuple of ScenarioClutter.
    #[getter]
    fn clutter<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        let of = |source: &Arc<_>| ScenarioClutter(Arc::clone(source));
        pyo3::types::PyTuple::new(py, self.0.clutter.iter().map(of))
    }

    /// The users' models that it names, by name, tuple of (kind, name).
    #[getter]
    fn needed_models<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        let needed = needed_models(&self.0).into_iter();
        let pairs: Vec<_> =
            needed.map(|entry| (entry.kind.name(), entry.name.to_string())).collect();
        pyo3::types::PyTuple::new(py, pairs)
    }

    /// Refuse models that are not those that the scenario names, as `Radar` does.
    ///
    /// Parameters
    /// ----------
    /// models : sequence of UserModel
    ///     In any order.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     One is missing, of another kind, there twice, or not named.
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 gives sequences by value")]
    fn check_models(&self, models: Vec<PyRef<'_, CompiledModel>>) -> Result<()> {
        let models: Vec<_> = models.iter().map(|model| model.0.clone()).collect();
        Ok(check_models(&self.0, &models)?)
    }

    /// Make the same scenario with one more target, the last: a body of the own ship's kind.
    ///
    /// It goes the own ship's way unless told another, is seen as the own ship is by others (where the
    /// scenario does not say how: a ship of 10 dBsm), and replies with a friend's `transponder_id`.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A target has that name, the identity is empty, too long or a foe's, or targets are too many.
    fn with_fellow(&self, name: &str, transponder_id: &str) -> Result<Self> {
        Ok(Self(self.0.with_fellow(name, transponder_id)?))
    }

    /// Transponder identities that make a friend, tuple of str.
    #[getter]
    fn friendly_ids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        pyo3::types::PyTuple::new(py, &self.0.friendly)
    }

    /// Transponder identities that make a foe, tuple of str.
    #[getter]
    fn hostile_ids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        pyo3::types::PyTuple::new(py, &self.0.hostile)
    }

    /// What kinds of bodies are around, as JSON, str; None where the document does not say.
    #[getter]
    fn object_types_json(&self) -> Result<Option<String>> {
        Ok(self.0.object_types.as_deref().map(to_json).transpose()?)
    }
}

/// What a scenario says of one radar.
#[pyclass(frozen, get_all, name = "ScenarioSensor", module = "qiki.radar")]
pub struct ScenarioSensor {
    /// Its name.
    name: String,
    /// Its UUID.
    sensor_id: String,
    /// Name of the vehicle that carries it.
    platform: String,
    /// From the vehicle's position to the antenna [m]: to starboard, to the bow, up.
    mount_offset_m: (f64, f64, f64),
    /// Time from frame to frame [ns]; the mean one where beams dwell for different times.
    period_ns: i64,
    /// Range up to which transponders are interrogated [m].
    sr_threshold_m: f64,
    /// The volume searched; bearings and elevations are counted from the boresight.
    coverage: Coverage,
    /// Bearings that its widest frame looks at [deg]: of a turning radar a sector.
    widest_frame_deg: f64,
    /// Mean number of false alarms in one frame; the mean one where beams differ.
    false_alarms_per_frame: f64,
    /// Mean number of plots in one frame that replies to other interrogators make (FRUIT); 0 where
    /// a reply without an echo makes no plot.
    fruit_plots_per_frame: f64,
    /// Probability that noise alone passes the threshold in one resolution cell.
    false_alarm_probability: f64,
    /// Pulses of a frame that are integrated.
    pulses: u32,
    /// Name of the user's model that gives the probability of detection; None where the detector's
    /// curve does.
    detection_probability_model: Option<String>,
    /// SNR of a single pulse from 0 dBsm at 1 m [dB].
    loop_gain_db: f64,
    /// Whether it measures elevation; without, heights come with transponder replies alone.
    measures_elevation: bool,
    /// Whether targets in one resolution cell are seen as one.
    merges_unresolved: bool,
    /// Its pulses, a Waveform; None where nothing depends on them.
    waveform: Option<Waveform>,
    /// What shifts all that it reports, a RegistrationBias; None where nothing does.
    registration_bias: Option<RegistrationBias>,
}

/// What is added to each quantity that a radar reports; the truth stays as it is.
#[pyclass(frozen, get_all, name = "RegistrationBias", module = "qiki.radar")]
#[derive(Clone, Copy)]
pub struct RegistrationBias {
    /// Added to each range [m].
    range_m: f64,
    /// Added to each bearing [deg].
    bearing_deg: f64,
    /// Added to each elevation [deg].
    elevation_deg: f64,
    /// Added to the radar's position, east, north, up [m].
    position_m: (f64, f64, f64),
    /// What the radar's clock shows too much at the start of the run [ns].
    clock_offset_ns: i64,
    /// How much too fast the clock goes [ppm].
    clock_drift_ppm: f64,
}

impl From<&CoreBias> for RegistrationBias {
    fn from(bias: &CoreBias) -> Self {
        Self {
            range_m: bias.range_m,
            bearing_deg: bias.bearing_deg,
            elevation_deg: bias.elevation_deg,
            position_m: bias.position_m.into(),
            clock_offset_ns: bias.clock_offset_ns,
            clock_drift_ppm: bias.clock_drift_ppm,
        }
    }
}

#[pymethods]
impl RegistrationBias {
    fn __repr__(&self) -> String {
        format!(
            "RegistrationBias(range_m={}, bearing_deg={}, elevation_deg={}, position_m={:?}, \
             clock_offset_ns={}, clock_drift_ppm={})",
            self.range_m,
            self.bearing_deg,
            self.elevation_deg,
            self.position_m,
            self.clock_offset_ns,
            self.clock_drift_ppm,
        )
    }
}

impl ScenarioSensor {
    /// What `sensor` on its `platform` is.
    pub fn of(sensor: &Sensor, platform: &Platform) -> Self {
        Self {
            name: sensor.name.clone(),
            sensor_id: format_uuid(&sensor.id),
            platform: platform.name.clone(),
            mount_offset_m: sensor.mount.offset_m.into(),
            period_ns: sensor.period_ns,
            sr_threshold_m: sensor.sr_threshold_m,
            coverage: Coverage(sensor.coverage),
            widest_frame_deg: sensor.scan.widest_frame_deg(&sensor.coverage),
            false_alarms_per_frame: sensor.false_alarms_per_frame,
            fruit_plots_per_frame: sensor.fruit_plots_per_frame(),
            false_alarm_probability: sensor.false_alarm_probability,
            pulses: sensor.pulses,
            detection_probability_model: text_of(sensor.detection_probability_model.as_deref()),
            loop_gain_db: to_db(sensor.loop_gain),
            measures_elevation: sensor.elevation.is_some(),
            merges_unresolved: sensor.resolution_cells.is_some(),
            waveform: sensor.waveform.as_ref().map(Waveform::from),
            registration_bias: sensor.registration_bias.as_ref().map(RegistrationBias::from),
        }
    }
}

#[pymethods]
impl ScenarioSensor {
    /// Mean SNR of a single pulse by the radar equation (Richards 2014, section 2.2).
    ///
    /// Parameters
    /// ----------
    /// range_m : float or array
    ///     Slant range [m]; from 120 dB on the receiver saturates.
    /// rcs_dbsm : float
    ///     Mean radar cross section [dBsm], -100 to 100.
    ///
    /// Returns
    /// -------
    /// float or array of the same shape
    ///     SNR [dB].
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A cross section outside its limits.
    #[pyo3(signature = (range_m, *, rcs_dbsm=0.0))]
    fn mean_snr_db<'py>(
        &self,
        py: Python<'py>,
        range_m: Numbers<'py>,
        rcs_dbsm: f64,
    ) -> PyResult<Bound<'py, PyAny>> {
        if rcs_dbsm.is_nan() || rcs_dbsm.abs() > MAX_RCS_DBSM {
            return Err(CoreError::from(Error::Setting {
                setting: "rcs_dbsm".into(),
                value: rcs_dbsm.to_string(),
                limit: format!("-{MAX_RCS_DBSM} to {MAX_RCS_DBSM}"),
                remedy: "give a mean radar cross section in dBsm".into(),
            })
            .into());
        }
        let signal = from_db(self.loop_gain_db + rcs_dbsm);
        map(py, &range_m, |range_m| Ok(to_db(snr_at(signal, range_m))))
    }

    fn __repr__(&self) -> String {
        format!("ScenarioSensor(name={:?}, sensor_id='{}')", self.name, self.sensor_id)
    }
}

fn text_of(name: Option<&str>) -> Option<String> {
    name.map(str::to_string)
}

/// What a scenario says of one target.
#[pyclass(frozen, get_all, name = "ScenarioTarget", module = "qiki.radar")]
pub struct ScenarioTarget {
    /// Its name.
    id: String,
    /// Number as in ``qiki.radar.v1.ObjectType``.
    object_type: u8,
    /// Mean radar cross section [dBsm]; the largest one where it depends on the aspect, NaN where a
    /// user's model gives it.
    rcs_dbsm: f64,
    /// Name of the user's model that gives it; None where there is none.
    rcs_model: Option<String>,
    /// How the cross section changes from pulse to pulse and from frame to frame, as
    /// ``swerling_1``.
    fluctuation: &'static str,
    /// Radius of the sphere round it that hides what is behind [m]; None where it hides nothing.
    occluding_radius_m: Option<f64>,
    /// What its transponder does, a ``qiki.radar.TransponderMode``.
    transponder_mode: u8,
    /// Identity in text that its transponder replies with; None where it replies none.
    transponder_id: Option<String>,
    /// Mode 3/A code that it replies with, 12 bits; None where it replies none.
    mode_3a: Option<u16>,
    /// 24-bit address that it replies with; None where it replies none.
    address: Option<u32>,
    /// Time of its last scripted change [s]: a waypoint, or that it appears or disappears; infinite
    /// when its path repeats for ever.
    scripted_until_s: f64,
}

impl ScenarioTarget {
    fn of(target: &Target) -> Self {
        let transponder = target.transponder;
        let replies = transponder.replies();
        let text = String::from_utf8_lossy(&transponder.id);
        let id = text.trim_end_matches('\0').to_string();
        Self {
            id: target.id.clone(),
            object_type: target.object_type,
            rcs_dbsm: target.rcs_dbsm,
            rcs_model: text_of(target.rcs_model.as_deref()),
            fluctuation: target.fluctuation.name(),
            occluding_radius_m: target.occluding_radius_m,
            transponder_mode: transponder.mode,
            transponder_id: (replies && !id.is_empty()).then_some(id),
            mode_3a: transponder.mode_3a.filter(|_| replies),
            address: transponder.address.filter(|_| replies),
            scripted_until_s: target.scripted_until_s(),
        }
    }
}

#[pymethods]
impl ScenarioTarget {
    fn __repr__(&self) -> String {
        format!("ScenarioTarget(id={:?}, object_type={})", self.id, self.object_type)
    }
}
