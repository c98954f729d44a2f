//! `qiki.wire`: frames and tracks to bytes and back.

use numpy::{PyArray1, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use qiki_core::frame::format_uuid;
use qiki_core::wire::frame_columns::{self, Encoder};
use qiki_core::wire::tracks_message::TracksHeader;
use qiki_core::wire::{checksum, track_columns};

use crate::errors::{CoreError, Result};
use crate::frame::RadarFrame;
use crate::records::TrackElement;
use crate::tracker::to_array;

/// CRC-32C (Castagnoli) of `payload`, as it travels in the header ``x-qiki-crc32c``.
///
/// Parameters
/// ----------
/// payload : bytes
///
/// Returns
/// -------
/// int
///     32 bits, as RFC 3720 appendix B.4 defines them.
#[pyfunction]
pub fn crc32c(py: Python<'_>, payload: &[u8]) -> u32 {
    py.detach(|| checksum::crc32c(payload))
}

/// Encode a frame as columns, for the bus.
///
/// Parameters
/// ----------
/// frame : RadarFrame
///
/// Returns
/// -------
/// bytes
///     A ``qiki.radar.v1.RadarFrameColumns`` message; the same frame gives the same bytes on every
///     machine.
///
/// Raises
/// ------
/// qiki.errors.FrameError
///     The frame breaks the contract; the message names field, index, value and limit.
#[pyfunction]
pub fn encode_frame<'py>(py: Python<'py>, frame: &RadarFrame) -> PyResult<Bound<'py, PyBytes>> {
    let frame = &frame.frame;
    let encoder = py.detach(|| Encoder::new(&frame.header, &frame.detections));
    PyBytes::new_with(py, encoder.size(), |out| {
        py.detach(|| encoder.write(out)).map_err(|error| CoreError::from(error).into())
    })
}

/// Decode and check a frame from columns.
///
/// Parameters
/// ----------
/// payload : bytes
///     A ``qiki.radar.v1.RadarFrameColumns`` message.
/// crc32c : int, optional
///     The checksum that came with it; None skips that check.
///
/// Returns
/// -------
/// RadarFrame
///     Bit for bit the frame that was encoded; its `truth` is unknown (-1).
///
/// Raises
/// ------
/// qiki.errors.DecodeError
///     Another checksum, or bytes that cannot be read; names the offset and the reason.
/// qiki.errors.FrameError
///     What the bytes say breaks the contract; names field, index, value and limit.
#[pyfunction]
#[pyo3(signature = (payload, crc32c=None))]
pub fn decode_frame(py: Python<'_>, payload: &[u8], crc32c: Option<u32>) -> Result<RadarFrame> {
    let frame = py.detach(|| {
        checksum::check(frame_columns::FORMAT, payload, crc32c)?;
        frame_columns::decode(payload)
    })?;
    Ok(RadarFrame::without_truth(frame))
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
pub fn decode_tracks(py: Python<'_>, payload: &[u8], crc32c: Option<u32>) -> Result<TracksMessage> {
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
