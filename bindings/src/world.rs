//! `qiki.agent.env.World`.

use std::sync::Arc;

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use qiki_core::frame::parse_uuid;
use qiki_core::world::action::{Action, PortAction};
use qiki_core::world::settings::WorldSettings;
use qiki_core::world::simulation::World;

use crate::errors::{CoreError, Result};
use crate::frame::RadarFrame;
use crate::guard::CheckedGuardRules;
use crate::records::TrackElement;
use crate::scenario::CheckedScenario;
use crate::simd_level;
use crate::thruster_allocation::wrench;
use crate::tracker::{DEFAULT_ID, config_from, to_array};
use crate::user_model::CompiledModel;
use crate::vehicle::PyVehicle;
use crate::vehicle_config::CheckedVehicle;
use crate::whole_number;

/// What worlds are made of, whatever their seeds; shared by all that are made of it.
///
/// Parameters
/// ----------
/// scenario : qiki.radar.Scenario
///     What is in the scene, and its radars.
/// vehicle : qiki.vehicle.VehicleConfig
///     The own ship.
/// tracker : qiki.tracking.TrackerConfig, optional
///     Parameters of the tracker; the defaults without.
/// guard_rules : qiki.tracking.GuardRules, optional
///     Of which tracks there are alerts; of none without.
/// start_time_ns : int
///     World time at which a world begins [ns].
/// rate_hz : int
///     Steps of the vehicle in a second of world time, 1 to 1000: how often its radars are told where
///     it is. Its way does not depend on it.
/// station_heading_deg : float
///     Where the port of the scenario's station points, out of it, clockwise from north [deg].
/// sr_threshold_m : float, optional
///     Range up to which transponders are interrogated [m]; None takes the scenario's.
/// models : sequence of UserModel
///     Those that the scenario names, in any order.
/// tracker_id : str
///     UUID of the tracker.
/// min_quality : float
///     Tracks that are less likely to be real are not observed, 0 to 1; as the setting
///     ``agent.min_quality``.
/// keeps_messages : bool
///     Whether `World.messages` has what would have gone over the broker.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A value outside its limits, or no UUID.
#[pyclass(frozen, name = "WorldSettings", module = "qiki.agent.env")]
pub struct PyWorldSettings(pub Arc<WorldSettings>);

#[pymethods]
impl PyWorldSettings {
    #[new]
    #[pyo3(signature = (
        scenario, vehicle, tracker=None, *, guard_rules=None, start_time_ns=0, rate_hz=100,
        station_heading_deg=180.0, sr_threshold_m=None, models=Vec::new(), tracker_id=DEFAULT_ID,
        min_quality=0.5, keeps_messages=false
    ), text_signature = "(scenario, vehicle, tracker=None, *, guard_rules=None, start_time_ns=0, \
                         rate_hz=100, station_heading_deg=180.0, sr_threshold_m=None, models=(), \
                         tracker_id='6b8f7f7e-6a4e-5c43-9a43-0f5c1c2f0001', \
                         min_quality=0.5, keeps_messages=False)")]
    #[expect(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 gives sequences by value")]
    fn new(
        scenario: &CheckedScenario,
        vehicle: &Bound<'_, CheckedVehicle>,
        tracker: Option<&Bound<'_, PyAny>>,
        guard_rules: Option<&Bound<'_, CheckedGuardRules>>,
        #[pyo3(from_py_with = whole_number::start_time_ns)] start_time_ns: i64,
        #[pyo3(from_py_with = whole_number::rate_hz)] rate_hz: u32,
        station_heading_deg: f64,
        sr_threshold_m: Option<f64>,
        models: Vec<PyRef<'_, CompiledModel>>,
        tracker_id: &str,
        min_quality: f64,
        keeps_messages: bool,
    ) -> PyResult<Self> {
        let settings = WorldSettings {
            scenario: Arc::new(scenario.0.clone()),
            models: models.iter().map(|model| model.0.clone()).collect(),
            vehicle: Arc::clone(&vehicle.get().0),
            tracker: config_from(tracker)?,
            tracker_id: parse_uuid("tracker_id", tracker_id).map_err(CoreError::from)?,
            guard_rules: guard_rules.map(|rules| rules.get().0.clone()),
            start_time_ns,
            rate_hz,
            station_heading_deg,
            sr_threshold_m,
            min_quality,
            keeps_messages,
            level: simd_level::current(),
        };
        Ok(Self(Arc::new(settings.checked().map_err(CoreError::from)?)))
    }
}

/// Scene, radars, vehicle and tracker, stepped together in one thread without Python.
///
/// All that happens in it happens in the order of its times: steps of the vehicle and frames, at one
/// time the vehicle first and the radars in the scenario's order. A run of the services of the same
/// settings and commands that waits for the tracks of each frame has the same bytes.
///
/// Parameters
/// ----------
/// settings : WorldSettings
///     What it is made of.
/// seed : int, optional
///     Seed of the radars' draws; None takes the scenario's.
/// epoch : int
///     Epoch of the frames and of the tracker.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A scenario whose own ship cannot begin as it says, models that do not fit the scenario.
#[pyclass(name = "World", module = "qiki.agent.env")]
pub struct PyWorld(World);

#[pymethods]
impl PyWorld {
    #[new]
    #[pyo3(signature = (settings, *, seed=None, epoch=0))]
    fn new(
        settings: &Bound<'_, PyWorldSettings>,
        #[pyo3(from_py_with = whole_number::seed)] seed: Option<u64>,
        #[pyo3(from_py_with = whole_number::epoch)] epoch: u64,
    ) -> Result<Self> {
        Ok(Self(World::new(&settings.get().0, seed, epoch)?))
    }

    /// Do what is asked, and go on up to and including the next frame of the first radar, or to the end of
    /// a world whose vehicle leaves it; releases the GIL.
    ///
    /// Parameters
    /// ----------
    /// force_n, torque_n_m : (3,) sequence of float, optional
    ///     Force [N] and torque [N m] in the body frame, as for `Vehicle.command`, until the next step;
    ///     without both the thrusters end what they were told.
    /// engage : str, optional
    ///     Name of a port that is to dock.
    /// release : bool
    ///     Whether the engaged port is let go.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     Both `engage` and `release`.
    /// qiki.errors.SettingError
    ///     What the vehicle cannot do, a world that has ended, a time beyond its limits.
    /// qiki.errors.FrameError
    ///     A radar that has left the world.
    #[pyo3(signature = (force_n=None, torque_n_m=None, *, engage=None, release=false))]
    fn step(
        &mut self,
        py: Python<'_>,
        force_n: Option<[f64; 3]>,
        torque_n_m: Option<[f64; 3]>,
        engage: Option<String>,
        release: bool,
    ) -> PyResult<()> {
        let is_told = force_n.is_some() || torque_n_m.is_some();
        let action = Action {
            wrench: is_told.then(|| wrench(force_n, torque_n_m)),
            port: port_action(engage, release)?,
        };
        let world = &mut self.0;
        Ok(py.detach(|| world.step(&action)).map_err(CoreError::from)?)
    }

    /// Why it cannot go on: its vehicle is where no radar can be; None while it can.
    #[getter]
    fn why_ended(&self) -> Option<&str> {
        self.0.why_ended()
    }

    /// World time, that of the vehicle's state [ns].
    #[getter]
    fn time_ns(&self) -> i64 {
        self.0.time_ns()
    }

    /// A copy of the vehicle, as it is now.
    #[getter]
    fn vehicle(&self) -> PyVehicle {
        PyVehicle(self.0.vehicle().clone())
    }

    /// The newest frame of the first radar, all its detections, each with its band; None before the first.
    #[getter]
    fn frame(&self) -> Option<RadarFrame> {
        let newest = self.0.newest();
        let frame = newest.frame.clone()?;
        Some(RadarFrame { frame, truth: newest.truth.clone() })
    }

    /// Why the tracker did not use that frame; None when it did.
    #[getter]
    fn refusal(&self) -> Option<&str> {
        self.0.newest().refusal.as_deref()
    }

    /// The newest record of each living track, by track number, (n,) TRACK_DTYPE; tracks that the newest
    /// frame did not touch hold for the time at which they were last told of.
    #[getter]
    fn tracks<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<TrackElement>> {
        to_array(py, self.0.tracks().to_vec())
    }

    /// What the newest frame that was used did to the tracks, as its message tells, (n,) TRACK_DTYPE.
    #[getter]
    fn told_tracks<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<TrackElement>> {
        to_array(py, self.0.told_tracks().to_vec())
    }

    /// What would have gone over the broker in the last step, in order: a list of pairs of payloads,
    /// each a frame and its tracks (bytes). Empty unless the settings say that messages are kept.
    #[getter]
    fn messages<'py>(&self, py: Python<'py>) -> Vec<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
        let pair = |message: &qiki_core::world::simulation::Messages| {
            (PyBytes::new(py, &message.frame), PyBytes::new(py, &message.tracks))
        };
        self.0.messages().iter().map(pair).collect()
    }

    fn __repr__(&self) -> String {
        let scenario = &self.0.settings().scenario.name;
        format!("World(scenario={scenario:?}, time_ns={})", self.0.time_ns())
    }
}

fn port_action(engage: Option<String>, release: bool) -> PyResult<PortAction> {
    match (engage, release) {
        (None, false) => Ok(PortAction::Keep),
        (Some(name), false) => Ok(PortAction::Engage(name)),
        (None, true) => Ok(PortAction::Release),
        (Some(name), true) => Err(pyo3::exceptions::PyValueError::new_err(format!(
            "engage is {name:?} with release=True, must be one of the two: leave one out"
        ))),
    }
}
