//! The part of `qiki.wire` that carries tracks.

use numpy::{PyArray1, PyReadonlyArray1, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyTuple};
use qiki_core::frame::format_uuid;
use qiki_core::wire::track_limits::at_index;
use qiki_core::wire::tracks_message::TracksHeader;
use qiki_core::wire::{checksum, rows, track_columns};

use crate::errors::Result;
use crate::guard_alert::GuardAlert;
use crate::records::TrackElement;
use crate::registration::RegistrationEstimate;
use crate::tracker::to_array;
use crate::whole_number;

/// Encode tracks as the original's rows, for gRPC.
///
/// Parameters
/// ----------
/// tracks : (n,) TRACK_DTYPE
///
/// Returns
/// -------
/// list of bytes
///     One ``qiki.radar.v1.RadarTrack`` message per track. Position and velocity have single
///     precision there; addresses, Mode 3/A codes and what a frame did to the track are not carried.
///
/// Raises
/// ------
/// qiki.errors.TracksError
///     A track breaks the contract; the message names field, index, value and limit.
/// TypeError
///     `tracks` is not an array of TRACK_DTYPE.
#[pyfunction]
pub fn encode_track_rows<'py>(
    py: Python<'py>,
    tracks: PyReadonlyArray1<'py, TrackElement>,
) -> Result<Vec<Bound<'py, PyBytes>>> {
    let tracks = tracks.as_array();
    let mut payload = Vec::new();
    let encode = |(index, track): (usize, &TrackElement)| {
        payload.clear();
        rows::encode_track(&track.0, &mut payload).map_err(|error| at_index(index, error))?;
        Ok(PyBytes::new(py, &payload))
    };
    tracks.iter().enumerate().map(encode).collect()
}

/// Decode and check tracks from the original's rows.
///
/// Parameters
/// ----------
/// payloads : sequence of bytes
///     ``qiki.radar.v1.RadarTrack`` messages.
///
/// Returns
/// -------
/// (n,) TRACK_DTYPE
///     What rows do not carry is zero: `number`, `update_time_ns`, `hit_count`, `event`,
///     `address`, `mode_3a`.
///
/// Raises
/// ------
/// qiki.errors.DecodeError
///     Bytes that cannot be read; names the offset and the reason.
/// qiki.errors.TracksError
///     What the bytes say breaks the contract; names field, value and limit.
#[pyfunction]
pub fn decode_track_rows<'py>(
    py: Python<'py>,
    payloads: Vec<PyBackedBytes>,
) -> Result<Bound<'py, PyArray1<TrackElement>>> {
    let tracks = payloads.iter().enumerate().map(|(index, payload)| {
        rows::decode_track(payload).map_err(|error| at_index(index, error))
    });
    Ok(to_array(py, tracks.collect::<qiki_core::error::Result<_>>()?))
}

/// Decode and check a tracks message.
///
/// Parameters
/// ----------
/// payload : bytes
///     A ``qiki.radar.v1.RadarTrackColumns`` message.
/// crc32c : int, optional
///     The checksum that came with it; None skips that check.
///
/// Returns
/// -------
/// TracksMessage
///
/// Raises
/// ------
/// qiki.errors.DecodeError
///     Another checksum, or bytes that cannot be read; names the offset and the reason.
/// qiki.errors.TracksError
///     What the bytes say breaks the contract; names field, index, value and limit.
#[pyfunction]
#[pyo3(signature = (payload, crc32c=None))]
pub fn decode_tracks(
    py: Python<'_>,
    payload: &[u8],
    #[pyo3(from_py_with = whole_number::crc32c)] crc32c: Option<u32>,
) -> Result<TracksMessage> {
    let (header, tracks) = py.detach(|| {
        checksum::check(track_columns::FORMAT, payload, crc32c)?;
        track_columns::decode(payload)
    })?;
    Ok(TracksMessage { header, tracks: to_array(py, tracks).unbind() })
}

/// What one frame did to the tracks.
#[pyclass(frozen, module = "qiki.wire")]
pub struct TracksMessage {
    header: TracksHeader,
    tracks: Py<PyArray1<TrackElement>>,
}

#[pymethods]
impl TracksMessage {
    /// The tracks, (n,) TRACK_DTYPE.
    #[getter]
    fn tracks(&self, py: Python<'_>) -> Py<PyArray1<TrackElement>> {
        self.tracks.clone_ref(py)
    }

    /// UUID of the tracker.
    #[getter]
    fn tracker_id(&self) -> String {
        format_uuid(&self.header.tracker_id)
    }

    /// One core version with one set of settings.
    #[getter]
    fn tracker_epoch(&self) -> u64 {
        self.header.tracker_epoch
    }

    /// Time that the tracks hold for [ns].
    #[getter]
    fn time_ns(&self) -> i64 {
        self.header.time_ns
    }

    /// UUID of the sensor whose frame this answers.
    #[getter]
    fn sensor_id(&self) -> String {
        format_uuid(&self.header.input.sensor_id)
    }

    /// Run of the sensor whose frame this answers.
    #[getter]
    fn epoch(&self) -> u64 {
        self.header.input.epoch
    }

    /// Number of the frame that this answers.
    #[getter]
    fn number(&self) -> u64 {
        self.header.input.number
    }

    /// SHA-256 of the payload of the frame that this answers, 32 bytes.
    #[getter]
    fn payload_sha256<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.header.input.payload_sha256)
    }

    /// ``"accepted"``, ``"refused"`` (the frame broke the contract) or ``"late"``.
    #[getter]
    fn verdict(&self) -> &'static str {
        self.header.verdict.as_str()
    }

    /// Why the frame was not used; empty when it was.
    #[getter]
    fn reason(&self) -> &str {
        &self.header.reason
    }

    /// What is known of the biases of that sensor, as a `qiki.tracking.RegistrationEstimate`; None where
    /// they are not sought.
    #[getter]
    fn registration(&self) -> Option<RegistrationEstimate> {
        self.header.registration.map(RegistrationEstimate)
    }

    /// The alerts of the frame, in the order of its tracks, then of the rules, as a tuple of `qiki.tracking.GuardAlert`.
    #[getter]
    fn alerts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let alerts = self.header.guard.iter().flat_map(GuardAlert::of_report);
        PyTuple::new(py, alerts.collect::<Vec<_>>())
    }

    /// Pairs of a track and a guard rule that it met for which the tracker had no room: they raise no
    /// alert.
    #[getter]
    fn unwatched_count(&self) -> u64 {
        self.header.guard.as_ref().map_or(0, |guard| guard.unwatched_count)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let count = self.tracks.bind(py).len();
        let TracksHeader { time_ns, verdict, input, .. } = &self.header;
        format!(
            "TracksMessage({count} tracks, time_ns={time_ns}, verdict='{}', number={})",
            verdict.as_str(),
            input.number
        )
    }
}
