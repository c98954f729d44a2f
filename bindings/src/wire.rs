//! The part of `qiki.wire` that carries frames.

use numpy::{PyArray1, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use qiki_core::frame::format_uuid;
use qiki_core::wire::frame_columns::{self, Encoder};
use qiki_core::wire::{checksum, rows};

use crate::errors::{CoreError, Result};
use crate::frame::RadarFrame;
use crate::records::DetectionElement;
use crate::whole_number;

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
pub fn decode_frame(
    py: Python<'_>,
    payload: &[u8],
    #[pyo3(from_py_with = whole_number::crc32c)] crc32c: Option<u32>,
) -> Result<RadarFrame> {
    let frame = py.detach(|| {
        checksum::check(frame_columns::FORMAT, payload, crc32c)?;
        frame_columns::decode(payload)
    })?;
    Ok(RadarFrame::without_truth(frame))
}

/// Encode a frame as the original's rows, for gRPC.
///
/// Parameters
/// ----------
/// frame : RadarFrame
///     Every detection has a range or a bearing. Rows carry no standard deviations, heights, own
///     times, addresses or Mode 3/A codes.
///
/// Returns
/// -------
/// bytes
///     A ``qiki.radar.v1.RadarFrame`` message; what was not measured is absent, never zero.
///
/// Raises
/// ------
/// qiki.errors.FrameError
///     The frame breaks the contract; the message names field, index, value and limit.
#[pyfunction]
pub fn encode_frame_rows<'py>(py: Python<'py>, frame: &RadarFrame) -> Result<Bound<'py, PyBytes>> {
    let frame = &frame.frame;
    let payload = py.detach(|| {
        let mut payload = Vec::new();
        rows::encode_frame(&frame.header, &frame.detections, &mut payload).map(|()| payload)
    })?;
    Ok(PyBytes::new(py, &payload))
}

/// Decode and check a frame from the original's rows.
///
/// Parameters
/// ----------
/// payload : bytes
///     A ``qiki.radar.v1.RadarFrame`` message. A sender that does not know `optional` leaves out
///     zeros; they are read as absent.
///
/// Returns
/// -------
/// FrameRows
///     Set the standard deviations of its `detections` to make a `RadarFrame` of them.
///
/// Raises
/// ------
/// qiki.errors.DecodeError
///     Bytes that cannot be read; names the offset and the reason.
/// qiki.errors.FrameError
///     What the bytes say breaks the contract; names field, index, value and limit.
#[pyfunction]
pub fn decode_frame_rows(py: Python<'_>, payload: &[u8]) -> Result<FrameRows> {
    let rows = py.detach(|| rows::decode_frame(payload))?;
    let detections = rows.detections.into_iter().map(DetectionElement).collect();
    Ok(FrameRows {
        frame_id: format_uuid(&rows.frame_id),
        sensor_id: format_uuid(&rows.sensor_id),
        time_ns: rows.time_ns,
        detections: PyArray1::from_vec(py, detections).unbind(),
    })
}

/// What a frame says as rows.
#[pyclass(frozen, get_all, module = "qiki.wire")]
pub struct FrameRows {
    /// The frame's name, a UUID.
    frame_id: String,
    /// UUID of the sensor.
    sensor_id: String,
    /// Time of the frame [ns].
    time_ns: i64,
    /// The detections, (n,) DETECTION_DTYPE, all at `time_ns`. Rows carry no standard deviations:
    /// they are NaN, also of what was measured.
    detections: Py<PyArray1<DetectionElement>>,
}

#[pymethods]
impl FrameRows {
    fn __repr__(&self, py: Python<'_>) -> String {
        let Self { frame_id, time_ns, .. } = self;
        let count = self.detections.bind(py).len();
        format!("FrameRows({count} detections, time_ns={time_ns}, frame_id='{frame_id}')")
    }
}
