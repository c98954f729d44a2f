//! `qiki.wire`: frames and tracks to bytes and back.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use qiki_core::wire::checksum;
use qiki_core::wire::frame_columns::{self, Encoder};

use crate::errors::{CoreError, Result};
use crate::frame::RadarFrame;

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
        checksum::check("RadarFrameColumns", payload, crc32c)?;
        frame_columns::decode(payload)
    })?;
    Ok(RadarFrame::without_truth(frame))
}
