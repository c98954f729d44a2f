//! `qiki.tracking.Tracker`.

use numpy::ndarray::Ix2;
use numpy::{PyArray1, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use qiki_core::frame::{format_uuid, parse_uuid};
use qiki_core::tracking::config::TrackerConfig;
use qiki_core::tracking::measurement_scan::MeasurementScan;
use qiki_core::tracking::record::TrackRecord;
use qiki_core::tracking::report::Viewpoint;
use qiki_core::tracking::tracker::{Tracker, TrackerName};
use qiki_core::tracking::user_motion::UserMotion;

use crate::arrays::{Numbers, NumbersOf, in_order};
use crate::errors::{CoreError, Result};
use crate::frame::RadarFrame;
use crate::record_pool::RecordPool;
use crate::records::TrackElement;
use crate::scan_shapes::{check_measured, check_shapes, check_spread, matrices, points};
use crate::simd_level;
use crate::step_result::StepResult;
use crate::user_measurement::CompiledMeasurement;
use crate::user_motion::models_of;
use crate::whole_number;

/// Turns radar frames, or scans of measured positions, into tracks.
///
/// Extended Kalman filter in three dimensions with constant velocity or with the interacting motion
/// models of `TrackerConfig.motion_models`, Mahalanobis gates, optimal assignment (confirmed tracks
/// first) or joint probabilities; the probability that a track follows a target confirms and ends it.
/// The same inputs give the same bytes on every machine. A refused input changes nothing.
///
/// Parameters
/// ----------
/// config : qiki.tracking.TrackerConfig, optional
///     Settings; the defaults without.
/// tracker_id : str
///     UUID of the tracker: together with `epoch` and a running number it makes the track ids.
/// epoch : int
///     One run of the numbering; give a new one to start at track 1 again.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A setting outside its limits.
#[pyclass(name = "Tracker", module = "qiki.tracking")]
pub struct PyTracker {
    pub tracker: Tracker,
    /// Frames taken in by this object, so that a result knows whether it is still the last.
    pub steps: u64,
    pub pool: RecordPool,
}

/// `tracker_id` when none is given.
pub const DEFAULT_ID: &str = "6b8f7f7e-6a4e-5c43-9a43-0f5c1c2f0001";

/// Settings from a Python `TrackerConfig`, which knows its JSON form.
pub fn config_from(config: Option<&Bound<'_, PyAny>>) -> PyResult<TrackerConfig> {
    let Some(config) = config else { return Ok(TrackerConfig::default()) };
    let text = json_of(config, "config", "TrackerConfig")?;
    Ok(TrackerConfig::from_json_with(&text, &user_models(config)?).map_err(CoreError::from)?)
}

/// What a settings object of `qiki.tracking` says as JSON.
pub fn json_of(config: &Bound<'_, PyAny>, argument: &str, class: &str) -> PyResult<String> {
    let Some(to_json) = config.getattr_opt("to_json")? else {
        let given = config.get_type().name()?;
        return Err(PyTypeError::new_err(format!(
            "{argument} is a {given}, must be a qiki.tracking.{class}: make one of the settings, as \
             {class}.from_json(text)"
        )));
    };
    to_json.call0()?.extract()
}

/// The motion models that a user wrote, of a Python `TrackerConfig`.
fn user_models(config: &Bound<'_, PyAny>) -> PyResult<Vec<UserMotion>> {
    let models = config.getattr_opt("motion_models")?;
    models.map_or_else(|| Ok(Vec::new()), |models| models_of(&models))
}

/// A tracker's name from its Python arguments.
pub fn name_from(tracker_id: &str, epoch: u64) -> Result<TrackerName> {
    Ok(TrackerName { tracker_id: parse_uuid("tracker_id", tracker_id)?, epoch })
}

#[pymethods]
impl PyTracker {
    #[new]
    #[pyo3(signature = (config=None, *, tracker_id=DEFAULT_ID, epoch=0))]
    fn new(
        config: Option<&Bound<'_, PyAny>>,
        tracker_id: &str,
        #[pyo3(from_py_with = whole_number::epoch)] epoch: u64,
    ) -> PyResult<Self> {
        let name = name_from(tracker_id, epoch)?;
        let tracker = Tracker::new(config_from(config)?, name, simd_level::current());
        Ok(Self {
            tracker: tracker.map_err(CoreError::from)?,
            steps: 0,
            pool: RecordPool::default(),
        })
    }

    /// Take in one frame.
    ///
    /// Parameters
    /// ----------
    /// frame : qiki.radar.RadarFrame
    ///     Every detection needs range and bearing; elevation or height and range rate are used
    ///     where present. Detections may have their own times, at most the frame's.
    ///
    /// Returns
    /// -------
    /// StepResult
    ///     The tracks that the frame touched, at the frame's time and seen from its place, both without
    ///     the bias of its sensor.
    ///
    /// Raises
    /// ------
    /// qiki.errors.LateFrameError
    ///     The frame is older than one already used.
    /// qiki.errors.FrameError
    ///     A frame whose name (sensor, epoch, number) and time were used already; a detection without
    ///     range or bearing, later than its frame, or nearer than the range bias of its sensor.
    /// qiki.errors.FutureFrameError
    ///     The frame is further ahead than `TrackerConfig.max_ahead_s` lets it be.
    /// qiki.errors.CapacityError
    ///     More detections or tracks than the settings allow, or over 1024 frames of one time.
    /// qiki.errors.ModelError
    ///     A motion model of yours answers what it must not.
    fn step(this: &Bound<'_, Self>, frame: &Bound<'_, RadarFrame>) -> PyResult<StepResult> {
        let frame = &frame.get().frame;
        let mut own = this.try_borrow_mut()?;
        let tracker = &mut own.tracker;
        let stepped = this.py().detach(|| {
            tracker.step(&frame.header, &frame.detections)?;
            tracker.viewpoint_of(&frame.header)
        });
        let seen_from = stepped.map_err(CoreError::from)?;
        Ok(own.result(this, seen_from))
    }

    /// Take in one scan of measured positions, in space or in the plane; every track counts as searched
    /// for.
    ///
    /// A scan has no name: give each once. Two of one time are two scans, and no time is too far ahead.
    ///
    /// Tracks of positions in the plane stay at height 0, with a position variance there that means
    /// nothing; give one tracker positions of one kind.
    ///
    /// Parameters
    /// ----------
    /// positions_m : (n, 3) or (n, 2) float64
    ///     Measured positions: east, north and up, or east and north [m].
    /// covariance_m2 : (d, d) or (n, d, d) float64
    ///     Covariance of all positions, or of each [m²], d being 3 or 2; positive definite. One diagonal
    ///     matrix for all in every scan, from the first one on, is the quickest: each axis is then
    ///     filtered by itself, to the same bits.
    /// time_ns : int
    ///     Time of the scan [ns].
    /// volume_m3 : float, optional
    ///     Volume in which false alarms are spread [m³], of positions in space. Without, the box around
    ///     the positions where they are more than `clutter_per_frame`, else room enough for each false
    ///     alarm.
    /// area_m2 : float, optional
    ///     The same for positions in the plane [m²].
    /// sensor_position_m : (float, float, float), optional
    ///     Where the tracks' range, bearing, elevation and range rate are seen from, at rest [m];
    ///     NaN without.
    ///     `qiki.wire.encode_track_rows` refuses NaN there.
    ///
    /// Returns
    /// -------
    /// StepResult
    ///     The tracks that the scan touched.
    ///
    /// Raises
    /// ------
    /// qiki.errors.LateFrameError
    ///     The scan is older than one already used.
    /// qiki.errors.FrameError
    ///     A position, of the sensor too, that is not finite; a covariance that is not positive
    ///     definite.
    /// qiki.errors.CapacityError
    ///     More positions or tracks than the settings allow.
    /// qiki.errors.ModelError
    ///     A motion model of yours answers what it must not.
    /// ValueError
    ///     Shapes that do not fit; a volume of positions in the plane or an area of others.
    #[pyo3(signature = (positions_m, covariance_m2, time_ns, *, volume_m3=None, area_m2=None, sensor_position_m=None))]
    fn step_positions(
        this: &Bound<'_, Self>,
        positions_m: NumbersOf<'_, Ix2>,
        covariance_m2: Numbers<'_>,
        #[pyo3(from_py_with = whole_number::time_ns)] time_ns: i64,
        volume_m3: Option<f64>,
        area_m2: Option<f64>,
        sensor_position_m: Option<[f64; 3]>,
    ) -> PyResult<StepResult> {
        let (positions_m, covariance_m2) = (in_order(&positions_m)?, in_order(&covariance_m2)?);
        let (positions, covariances) = (positions_m.as_slice()?, covariance_m2.as_slice()?);
        let axes = check_shapes(positions_m.shape(), covariance_m2.shape())?;
        check_spread(axes, volume_m3, area_m2)?;
        let seen_from = Viewpoint::at_rest(time_ns, sensor_position_m).map_err(CoreError::from)?;
        let mut own = this.try_borrow_mut()?;
        let tracker = &mut own.tracker;
        let stepped = this.py().detach(|| {
            if axes == 2 {
                let (positions, covariances) = (points(positions), matrices(covariances));
                tracker.step_plane_positions(time_ns, positions, covariances, area_m2)
            } else {
                let (positions, covariances) = (points(positions), matrices(covariances));
                tracker.step_positions(time_ns, positions, covariances, volume_m3)
            }
        });
        stepped.map_err(CoreError::from)?;
        Ok(own.result(this, seen_from))
    }

    /// Take in one scan of measurements of a model of yours; every track counts as searched for.
    ///
    /// As scans of positions these have no name: give each once.
    ///
    /// They go the way of positions: the same gates, association, existence and filters, by an extended
    /// Kalman filter. A measurement that no track takes begins one where the model's start function says.
    ///
    /// Parameters
    /// ----------
    /// model : qiki.models.CompiledMeasurement
    ///     What is measured of a state, and where a measurement begins a track.
    /// values : (n, m) float64
    ///     What was measured, m being the model's own number.
    /// noise_covariance : (m, m) or (n, m, m) float64
    ///     Covariance of the noise of all measurements, or of each; positive definite.
    /// time_ns : int
    ///     Time of the scan [ns].
    /// volume : float
    ///     Volume in which false alarms are spread: the product of the extents of all m numbers, in
    ///     their units.
    /// parameters : sequence of float
    ///     What the model is given, `model.parameter_count` numbers: as where the sensor is.
    /// sensor_position_m : (float, float, float), optional
    ///     Where the tracks' range, bearing, elevation and range rate are seen from, at rest [m];
    ///     NaN without.
    ///
    /// Returns
    /// -------
    /// StepResult
    ///     The tracks that the scan touched.
    ///
    /// Raises
    /// ------
    /// qiki.errors.LateFrameError
    ///     The scan is older than one already used.
    /// qiki.errors.FrameError
    ///     A number that is not finite; a covariance that is not positive definite; lengths that do not
    ///     fit the model.
    /// qiki.errors.ModelError
    ///     The model, or a motion model of yours, answers what it must not.
    /// qiki.errors.CapacityError
    ///     More measurements or tracks than the settings allow.
    /// ValueError
    ///     Shapes that do not fit.
    #[pyo3(signature = (model, values, noise_covariance, time_ns, *, volume, parameters=vec![], sensor_position_m=None))]
    #[expect(clippy::too_many_arguments, reason = "by keyword")]
    fn step_measurements(
        this: &Bound<'_, Self>,
        model: &Bound<'_, CompiledMeasurement>,
        values: NumbersOf<'_, Ix2>,
        noise_covariance: Numbers<'_>,
        #[pyo3(from_py_with = whole_number::time_ns)] time_ns: i64,
        volume: f64,
        parameters: Vec<f64>,
        sensor_position_m: Option<[f64; 3]>,
    ) -> PyResult<StepResult> {
        let model = &model.get().0;
        check_measured(values.shape(), noise_covariance.shape(), model.size())?;
        let (values, noise_covariance) = (in_order(&values)?, in_order(&noise_covariance)?);
        let (values, noises) = (values.as_slice()?, noise_covariance.as_slice()?);
        let seen_from = Viewpoint::at_rest(time_ns, sensor_position_m).map_err(CoreError::from)?;
        let scan = MeasurementScan { time_ns, values, noises, parameters: &parameters, volume };
        let mut own = this.try_borrow_mut()?;
        let tracker = &mut own.tracker;
        let stepped = this.py().detach(|| tracker.step_measurements(model, &scan));
        stepped.map_err(CoreError::from)?;
        Ok(own.result(this, seen_from))
    }

    /// Every living track, extrapolated to `time_ns`; to the newest frame's time without.
    ///
    /// Parameters
    /// ----------
    /// time_ns : int, optional
    ///     At least the newest frame's time [ns].
    /// sensor_position_m : (float, float, float), optional
    ///     Where range, bearing, elevation and range rate are seen from, at rest [m]; NaN without.
    ///     `qiki.wire.encode_track_rows` refuses NaN there.
    ///
    /// Returns
    /// -------
    /// (n,) TRACK_DTYPE
    ///     By track number.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A time before the newest frame's, for which the states no longer hold.
    /// qiki.errors.ModelError
    ///     A motion model of yours answers what it must not.
    /// qiki.errors.FrameError
    ///     A sensor position that is not finite.
    #[pyo3(signature = (time_ns=None, *, sensor_position_m=None))]
    fn tracks<'py>(
        &mut self,
        py: Python<'py>,
        #[pyo3(from_py_with = whole_number::time_ns)] time_ns: Option<i64>,
        sensor_position_m: Option<[f64; 3]>,
    ) -> Result<Bound<'py, PyArray1<TrackElement>>> {
        let newest_ns = self.tracker.newest_ns().unwrap_or(0);
        let seen_from = Viewpoint::at_rest(time_ns.unwrap_or(newest_ns), sensor_position_m)?;
        let records = py.detach(|| self.tracker.picture(seen_from))?;
        Ok(to_array(py, records))
    }

    /// The whole state as bytes; see `restore`.
    fn snapshot<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.tracker.snapshot()?))
    }

    /// A tracker that goes on from a snapshot as if it had never stopped.
    ///
    /// Parameters
    /// ----------
    /// snapshot : bytes
    ///     From `snapshot`.
    /// config : TrackerConfig, optional
    ///     Settings that the snapshot must have been made with; not compared without, but needed
    ///     where they have motion models of yours.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A motion model of yours that is not given.
    /// qiki.errors.SnapshotError
    ///     Bytes that are damaged, of another version, or made with other settings or with a motion
    ///     model of yours that answered otherwise.
    #[staticmethod]
    #[pyo3(signature = (snapshot, config=None))]
    fn restore(snapshot: &[u8], config: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let level = simd_level::current();
        let tracker = match config {
            Some(_) => Tracker::restore_with(snapshot, level, &config_from(config)?),
            None => Tracker::restore(snapshot, level),
        };
        let tracker = tracker.map_err(CoreError::from)?;
        Ok(Self { tracker, steps: 0, pool: RecordPool::default() })
    }

    /// UUID of the tracker.
    #[getter]
    fn tracker_id(&self) -> String {
        format_uuid(&self.tracker.name().tracker_id)
    }

    /// One run of the numbering.
    #[getter]
    fn epoch(&self) -> u64 {
        self.tracker.name().epoch
    }
}

impl PyTracker {
    fn result(&mut self, this: &Bound<'_, Self>, seen_from: Viewpoint) -> StepResult {
        self.steps += 1;
        StepResult::new(this, self.steps, seen_from)
    }
}

/// Hand the records' memory over to numpy.
pub fn to_array(py: Python<'_>, records: Vec<TrackRecord>) -> Bound<'_, PyArray1<TrackElement>> {
    PyArray1::from_vec(py, records.into_iter().map(TrackElement).collect())
}
