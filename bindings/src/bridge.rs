//! `qiki.tracking.FrameTracker`: frame messages in, tracks messages out.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use qiki_core::bridge::{self, FrameTracker, MAX_ANSWER_BYTES};
use qiki_core::frame::format_uuid;
use qiki_core::online_registration::settings::OnlineSettings;
use qiki_core::tracking::snapshot::KIND;
use qiki_core::tracking::tracker::Tracker;

use crate::errors::{CoreError, Result};
use crate::guard::CheckedGuardRules;
use crate::registration::RegistrationEstimate;
use crate::simd_level;
use crate::tracker::{DEFAULT_ID, config_from, json_of, name_from};
use crate::whole_number;

/// A tracker that answers each frame message with exactly one tracks message.
///
/// A frame that is late by no more than `late_window_s` of the settings is used as if it had come in
/// order: the state is then that of the used frames in order of time. Former answers stand.
///
/// Parameters
/// ----------
/// config : qiki.tracking.TrackerConfig, optional
///     Settings; the defaults without.
/// registration : qiki.tracking.RegistrationConfig, optional
///     Sensors whose biases are sought from the frames that are used; none without.
/// guard_rules : qiki.tracking.GuardRules, optional
///     Of which tracks the answers are to have alerts; of none without.
/// tracker_id : str
///     UUID of the tracker: together with `epoch` and a running number it makes the track ids.
/// epoch : int
///     One run of the numbering.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A setting outside its limits.
#[pyclass(name = "FrameTracker", module = "qiki.tracking")]
pub struct PyFrameTracker(FrameTracker);

#[pymethods]
impl PyFrameTracker {
    /// Longest payload of an answer [bytes].
    #[classattr]
    const MAX_ANSWER_BYTES: usize = MAX_ANSWER_BYTES;

    #[new]
    #[pyo3(signature = (
        config=None, *, registration=None, guard_rules=None, tracker_id=DEFAULT_ID, epoch=0
    ))]
    fn new(
        config: Option<&Bound<'_, PyAny>>,
        registration: Option<&Bound<'_, PyAny>>,
        guard_rules: Option<&Bound<'_, CheckedGuardRules>>,
        tracker_id: &str,
        #[pyo3(from_py_with = whole_number::epoch)] epoch: u64,
    ) -> PyResult<Self> {
        let name = name_from(tracker_id, epoch)?;
        let level = simd_level::current();
        let tracker = Tracker::new(config_from(config)?, name, level).map_err(CoreError::from)?;
        let bare = match registration {
            None => FrameTracker::new(tracker),
            Some(registration) => {
                let text = json_of(registration, "registration", "RegistrationConfig")?;
                OnlineSettings::from_json(&text)
                    .and_then(|settings| FrameTracker::with_registration(tracker, settings, level))
                    .map_err(CoreError::from)?
            }
        };
        Ok(Self(match guard_rules {
            None => bare,
            Some(rules) => bare.with_guards(rules.get().0.clone()),
        }))
    }

    /// Answer one frame message.
    ///
    /// Parameters
    /// ----------
    /// payload : bytes
    ///     A `RadarFrameColumns` of all bands, as on `qiki.radar.v1.frames`; the original's JSON
    ///     with `scan`.
    /// crc32c : int, optional
    ///     CRC-32C of the payload as its sender stated it; not compared without.
    /// scan, absent : str, optional
    ///     What goes beside JSON, see `qiki.wire.decode_frame_json`.
    ///
    /// Returns
    /// -------
    /// Answer
    ///     Always: a payload that cannot be used gets the verdict ``"refused"`` or ``"late"`` with
    ///     the reason, and the tracker stays as it was. Should the tracks of a used frame not fit
    ///     the message's limits, as `MAX_ANSWER_BYTES`, the verdict is ``"refused"`` too, and the
    ///     tracker has moved on.
    ///
    ///     The answer to a late frame that was used holds, at the time of the newest frame [ns],
    ///     every track whose record it changed, new ones as born, and those as LOST that never were.
    ///     A frame that was used within the window, or is of the newest time, is refused when it comes
    ///     again; one from the future (`TrackerConfig.max_ahead_s`) is refused too.
    #[pyo3(signature = (payload, crc32c=None, *, scan=None, absent=""))]
    fn answer(
        &mut self,
        py: Python<'_>,
        payload: &[u8],
        #[pyo3(from_py_with = whole_number::crc32c)] crc32c: Option<u32>,
        scan: Option<&str>,
        absent: &str,
    ) -> Result<Answer> {
        let answer = py.detach(|| match scan {
            None => self.0.answer(payload, crc32c),
            Some(scan) => self.0.answer_json(payload, crc32c, scan, absent),
        })?;
        Ok(Answer::new(py, &answer))
    }

    /// Become empty, under another epoch.
    fn begin(&mut self, #[pyo3(from_py_with = whole_number::epoch)] epoch: u64) -> Result<()> {
        Ok(self.0.begin(epoch, simd_level::current())?)
    }

    /// The whole state as bytes; see `restore`.
    fn snapshot<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.0.snapshot()?))
    }

    /// Become what gave `snapshot`, and go on as if it had never stopped.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SnapshotError
    ///     Bytes that are damaged, of another version or tracker, or made with other settings or with a
    ///     motion model of yours that answered otherwise. The tracker is then as it was.
    fn restore(&mut self, snapshot: &[u8]) -> Result<()> {
        Ok(self.0.restore(snapshot, simd_level::current())?)
    }

    /// UUID of the tracker.
    #[getter]
    fn tracker_id(&self) -> String {
        format_uuid(&self.0.tracker().name().tracker_id)
    }

    /// One run of the numbering.
    #[getter]
    fn epoch(&self) -> u64 {
        self.0.tracker().name().epoch
    }

    /// What changes whenever the same frames might give other bytes.
    #[getter]
    fn core_version(&self) -> String {
        format!("qiki-core tracker {} answers {}", KIND.version, bridge::VERSION)
    }

    /// SHA-256 of the settings, those of the registration and the guard rules included, in hexadecimal digits; also of what
    /// motion models of yours answer of fixed states.
    #[getter]
    fn settings_sha256(&self) -> Result<String> {
        let digest = self.0.settings_sha256()?;
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// The answer to one frame message.
#[pyclass(frozen, get_all, module = "qiki.tracking")]
pub struct Answer {
    /// The tracks message: a `RadarTrackColumns`.
    payload: Py<PyBytes>,
    /// CRC-32C of the payload.
    crc32c: u32,
    /// ``"accepted"``, ``"refused"`` or ``"late"``.
    verdict: &'static str,
    /// Why the frame was not used; empty when it was.
    reason: String,
    /// UUID of the frame; None where the payload could not be read.
    frame_id: Option<String>,
    /// UUID of the sensor; of zeros where the payload could not be read.
    sensor_id: String,
    /// Run of the sensor.
    epoch: u64,
    /// Number of the frame within its epoch.
    number: u64,
    /// Time of the frame [ns], as reported; its tracks may hold for a later one when it was late, and
    /// hold for the true one when its sensor's time has a bias.
    time_ns: i64,
    /// Detections in the frame.
    detections: usize,
    /// Tracks in the message.
    tracks: usize,
    /// Confirmed tracks that live after the frame, whether or not the message tells of them.
    confirmed: usize,
    /// What is known of the biases of the frame's sensor, as a RegistrationEstimate; None where they are
    /// not sought.
    registration: Option<RegistrationEstimate>,
    /// Alerts in the message, raised, cleared and lost.
    alerts: usize,
}

impl Answer {
    fn new(py: Python<'_>, answer: &bridge::Answer<'_>) -> Self {
        let header = &answer.header;
        Self {
            payload: PyBytes::new(py, answer.payload).unbind(),
            crc32c: answer.crc32c,
            verdict: header.verdict.as_str(),
            reason: header.reason.clone(),
            frame_id: answer.frame.map(|frame| frame.frame_id().to_string()),
            sensor_id: format_uuid(&header.input.sensor_id),
            epoch: header.input.epoch,
            number: header.input.number,
            time_ns: header.time_ns,
            detections: answer.detection_count,
            tracks: answer.track_count,
            confirmed: answer.confirmed_count,
            registration: header.registration.map(RegistrationEstimate),
            alerts: header.guard.as_ref().map_or(0, |guard| guard.alerts.len()),
        }
    }
}
