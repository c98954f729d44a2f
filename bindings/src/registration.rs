//! `qiki.tracking.Registration`.

use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use qiki_core::online_registration::estimators::RegistrationEstimate as CoreEstimate;
use qiki_core::tracking::record::TrackRecord;
use qiki_core::tracking::registration::bias_information::BIASES;
use qiki_core::tracking::registration::estimator::Registration;
use qiki_core::tracking::registration::settings::{RegistrationSettings, bias_of};
use qiki_core::tracking::sensor_bias::SensorBias as CoreBias;

use crate::arrays::copy_tracks;
use crate::errors::{CoreError, Result};
use crate::frame::RadarFrame;
use crate::records::TrackElement;
use crate::tracker::config_from;

/// Finds what one sensor reports too much (of its place, ranges, bearings and times) from the targets
/// that other sensors follow as well (``docs/tracking.md``).
///
/// The reference sensors' frames come with the tracks that a tracker made of them; that tracker must not
/// be fed the sensor's own frames before its biases are known. Each target has a filter beside the biases
/// (separate-bias estimation, Friedland 1969), so that no error of a track counts twice. A standard
/// deviation of 0 means that a bias is known and is not estimated. The biases are taken to be constant;
/// after a jump out of the gates the offset is sought anew.
///
/// Parameters
/// ----------
/// sensor_id : str
///     UUID of the sensor to be aligned.
/// config : qiki.tracking.TrackerConfig, optional
///     Settings of the tracker that follows the targets: process noise, which covers how they manoeuvre,
///     heights, gate, limits, and what it is told of the sensors. Biases that it has for this one are
///     where the estimate begins; those of reference sensors are taken out. The defaults without.
/// position_std_m : float
///     How far the sensor's own place may be off, east and north, one standard deviation [m], 0 to 1e5.
/// range_std_m : float
///     The same of its ranges [m], 0 to 1e5.
/// bearing_std_deg : float
///     The same of its bearings [deg], 0 to 10.
/// time_std_s : float
///     The same of its times [s], 0 to 10.
/// search_m : float
///     How far, east and north, its detections are first sought from the targets [m], 0 to 1e5. With 0
///     none is: where the biases are small against the distances between targets.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A setting outside its limits.
#[pyclass(name = "Registration", module = "qiki.tracking")]
pub struct PyRegistration {
    registration: Registration,
    /// Memory for the tracks of a frame.
    tracks: Vec<TrackRecord>,
}

#[pymethods]
impl PyRegistration {
    #[new]
    #[pyo3(signature = (
        sensor_id, config=None, *, position_std_m=1000.0, range_std_m=100.0, bearing_std_deg=0.5,
        time_std_s=0.5, search_m=5000.0
    ))]
    fn new(
        sensor_id: String,
        config: Option<&Bound<'_, PyAny>>,
        position_std_m: f64,
        range_std_m: f64,
        bearing_std_deg: f64,
        time_std_s: f64,
        search_m: f64,
    ) -> PyResult<Self> {
        let tracker = config_from(config)?;
        let settings = RegistrationSettings {
            sensor_id,
            position_std_m,
            range_std_m,
            bearing_std_deg,
            time_std_s,
            search_m,
            tracker,
        };
        let registration = Registration::new(settings).map_err(CoreError::from)?;
        Ok(Self { registration, tracks: Vec::new() })
    }

    /// Take in a frame of a reference sensor and what its tracker made of it.
    ///
    /// Parameters
    /// ----------
    /// frame : qiki.radar.RadarFrame
    ///     A frame of any sensor but the one to be aligned, in order of time, each once.
    /// tracks : (n,) TRACK_DTYPE
    ///     ``StepResult.tracks`` of the tracker's step by this frame. Confirmed tracks that took a
    ///     detection of it are targets.
    ///
    /// Raises
    /// ------
    /// qiki.errors.FrameError
    ///     A frame of the sensor to be aligned, one that no tracker would take, or one that was given
    ///     before (`number`).
    /// qiki.errors.LateFrameError
    ///     A frame before the last of a reference sensor.
    /// qiki.errors.TracksError
    ///     Tracks of another frame.
    /// qiki.errors.CapacityError
    ///     More targets or detections than `config` allows; more than 1024 frames of one time.
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 gives arrays by value")]
    fn add_reference(
        &mut self,
        py: Python<'_>,
        frame: &Bound<'_, RadarFrame>,
        tracks: PyReadonlyArray1<'_, TrackElement>,
    ) -> PyResult<()> {
        copy_tracks(&tracks, &mut self.tracks)?;
        let (frame, tracks) = (&frame.get().frame, &self.tracks);
        let registration = &mut self.registration;
        py.detach(|| registration.add_reference(&frame.header, &frame.detections, tracks))
            .map_err(CoreError::from)?;
        Ok(())
    }

    /// Take in a frame of the sensor to be aligned.
    ///
    /// Parameters
    /// ----------
    /// frame : qiki.radar.RadarFrame
    ///     As the sensor reports it, later than its last.
    ///
    /// Returns
    /// -------
    /// int
    ///     How many of its detections told of the biases: those that are of one target without doubt, and
    ///     none before the sensor is aligned.
    ///
    /// Raises
    /// ------
    /// qiki.errors.FrameError
    ///     A frame of another sensor, or one that no tracker would take.
    /// qiki.errors.LateFrameError
    ///     A frame that is not later than its last.
    /// qiki.errors.CapacityError
    ///     More detections than `config` allows, or more than 4 million pairs of a target and a
    ///     detection near each other from west to east.
    fn add(&mut self, py: Python<'_>, frame: &Bound<'_, RadarFrame>) -> Result<usize> {
        let frame = &frame.get().frame;
        Ok(py.detach(|| self.registration.add(&frame.header, &frame.detections))?)
    }

    /// What the sensor reports too much, as a SensorBias: where the estimate began until it is aligned.
    #[getter]
    fn bias(&self) -> SensorBias {
        SensorBias(self.registration.bias())
    }

    /// Standard deviation of each bias, as a SensorBias. What the targets' courses cannot show stays as
    /// uncertain as it was.
    #[getter]
    fn std(&self) -> SensorBias {
        let covariance = self.registration.covariance();
        SensorBias(bias_of(&std::array::from_fn(|i| covariance[i][i].sqrt())))
    }

    /// Covariance of the biases, (5, 5) float64: east and north [m], range [m], bearing [deg], time [s].
    #[getter]
    fn covariance<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        let covariance = self.registration.covariance();
        Array2::from_shape_fn((BIASES, BIASES), |(i, j)| covariance[i][j]).into_pyarray(py)
    }

    /// Whether the sensor's detections are paired with targets by their gates: an offset was found beyond
    /// chance and still holds, or none is sought. Where it stays false although the sensors see the same
    /// targets, the offset may be beyond `search_m`, which must cover the error of the place and range times
    /// that of the bearing.
    #[getter]
    const fn aligned(&self) -> bool {
        self.registration.is_aligned()
    }

    /// Detections that have told of the biases so far.
    #[getter]
    const fn pair_count(&self) -> u64 {
        self.registration.pair_count()
    }

    /// Targets that reference sensors follow now.
    #[getter]
    const fn target_count(&self) -> usize {
        self.registration.target_count()
    }

    /// Settings of the sensor with the biases found, for a tracker that is to take its frames.
    ///
    /// Returns
    /// -------
    /// SensorConfig
    ///     What `config` had for the sensor, but for the biases.
    fn config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let sensor = self.registration.config();
        let fields = PyDict::new(py);
        fields.set_item("sensor_id", &sensor.sensor_id)?;
        for (name, value) in [
            ("detection_probability", sensor.detection_probability),
            ("clutter_per_frame", sensor.clutter_per_frame),
            ("births_per_frame", sensor.births_per_frame),
            ("range_rate_interval_m_s", sensor.range_rate_interval_m_s),
            ("east_bias_m", Some(sensor.east_bias_m)),
            ("north_bias_m", Some(sensor.north_bias_m)),
            ("range_bias_m", Some(sensor.range_bias_m)),
            ("bearing_bias_deg", Some(sensor.bearing_bias_deg)),
            ("time_bias_s", Some(sensor.time_bias_s)),
        ] {
            fields.set_item(name, value)?;
        }
        py.import("qiki.tracking")?.getattr("SensorConfig")?.call((), Some(&fields))
    }

    /// The whole state as bytes; see `restore`.
    fn snapshot<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.registration.snapshot()?))
    }

    /// A registration that goes on from a snapshot as if it had never stopped.
    ///
    /// Parameters
    /// ----------
    /// snapshot : bytes
    ///     From `snapshot`.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SnapshotError
    ///     Bytes that are damaged or of another version.
    #[staticmethod]
    fn restore(snapshot: &[u8]) -> Result<Self> {
        Ok(Self { registration: Registration::restore(snapshot)?, tracks: Vec::new() })
    }

    /// UUID of the sensor.
    #[getter]
    fn sensor_id(&self) -> &str {
        &self.registration.settings().sensor_id
    }
}

/// What a running tracker knows of one sensor's biases.
#[pyclass(frozen, module = "qiki.tracking")]
#[derive(Clone)]
pub struct RegistrationEstimate(pub CoreEstimate);

#[pymethods]
impl RegistrationEstimate {
    /// Whether the sensor's detections are paired with targets: its offset was found and holds, or none is
    /// sought.
    #[getter]
    const fn aligned(&self) -> bool {
        self.0.is_aligned
    }

    /// Whether the biases are taken out of the sensor's next frames.
    #[getter]
    const fn applied(&self) -> bool {
        self.0.is_applied
    }

    /// Pairs of a target and a detection since it was aligned.
    #[getter]
    const fn pair_count(&self) -> u64 {
        self.0.pair_count
    }

    /// Targets that the reference sensors follow.
    #[getter]
    const fn target_count(&self) -> u64 {
        self.0.target_count
    }

    /// Frames, its own and the references', that were used for tracks but could not tell of it: older than
    /// others that had, or with too many pairs.
    #[getter]
    const fn unused_frames(&self) -> u64 {
        self.0.unused_frames
    }

    /// What the sensor reports too much, as a SensorBias.
    #[getter]
    const fn bias(&self) -> SensorBias {
        SensorBias(self.0.bias)
    }

    /// Standard deviation of each bias, as a SensorBias.
    #[getter]
    const fn std(&self) -> SensorBias {
        SensorBias(self.0.std)
    }

    fn __repr__(&self) -> String {
        let CoreEstimate { is_aligned, is_applied, pair_count, .. } = self.0;
        let [aligned, applied] =
            [is_aligned, is_applied].map(|it| if it { "True" } else { "False" });
        let (bias, std) = (self.bias().__repr__(), self.std().__repr__());
        format!(
            "RegistrationEstimate(aligned={aligned}, applied={applied}, pair_count={pair_count}, \
             bias={bias}, std={std})"
        )
    }
}

/// A number for each bias of a sensor.
#[pyclass(frozen, module = "qiki.tracking")]
pub struct SensorBias(CoreBias);

#[pymethods]
impl SensorBias {
    /// Of its own place, east [m].
    #[getter]
    const fn east_m(&self) -> f64 {
        self.0.east_m
    }

    /// Of its own place, north [m].
    #[getter]
    const fn north_m(&self) -> f64 {
        self.0.north_m
    }

    /// Of each range [m].
    #[getter]
    const fn range_m(&self) -> f64 {
        self.0.range_m
    }

    /// Of each bearing [deg].
    #[getter]
    const fn bearing_deg(&self) -> f64 {
        self.0.bearing_deg
    }

    /// Of each time [s].
    #[getter]
    const fn time_s(&self) -> f64 {
        self.0.time_s
    }

    fn __repr__(&self) -> String {
        let CoreBias { east_m, north_m, range_m, bearing_deg, time_s } = self.0;
        format!(
            "SensorBias(east_m={east_m}, north_m={north_m}, range_m={range_m}, \
             bearing_deg={bearing_deg}, time_s={time_s})"
        )
    }
}
