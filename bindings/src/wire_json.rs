//! The part of `qiki.wire` that speaks the original's JSON.

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use qiki_core::error::Error;
use qiki_core::frame::{Frame, format_uuid};
use qiki_core::wire::track_limits::at_index;
use qiki_core::wire::{checksum, json};

use crate::errors::Result;
use crate::frame::RadarFrame;
use crate::records::TrackElement;
use crate::whole_number;

/// Encode a frame as the original's JSON, with what goes beside it.
///
/// Parameters
/// ----------
/// frame : RadarFrame
///     Heights, own times, addresses, Mode 3/A codes and deviations of its detections are not carried.
/// ingest_time_ns : int
///     Wall clock, as `ts_ingest` [ns since 1970].
///
/// Returns
/// -------
/// FrameJson
///
/// Raises
/// ------
/// qiki.errors.FrameError
///     The frame breaks the contract; the message names field, index, value and limit.
#[pyfunction]
pub fn encode_frame_json(
    py: Python<'_>,
    frame: &RadarFrame,
    #[pyo3(from_py_with = whole_number::ingest_time_ns)] ingest_time_ns: i64,
) -> Result<FrameJson> {
    let frame = &frame.frame;
    let mut payload = Vec::new();
    let headers = py.detach(|| {
        json::frame::encode(&frame.header, &frame.detections, ingest_time_ns, &mut payload)
    })?;
    Ok(FrameJson {
        payload: PyBytes::new(py, &payload).unbind(),
        scan: headers.scan,
        absent: headers.absent,
    })
}

/// Decode and check a frame from JSON.
///
/// Parameters
/// ----------
/// payload : bytes
///     A frame with the original's keys; an unknown, a double or a missing one is refused.
/// scan : str
///     The header ``x-qiki-scan`` that came with it: epoch, number and time, what was searched, where
///     the sensor stood, standard deviations. Without the first three, as for the original's frames,
///     any `frame_id` is taken; the epoch is 0, the number the microseconds of the time since 1970.
/// absent : str
///     The header ``x-qiki-absent``: which fields are 0 because nothing was measured.
/// crc32c : int, optional
///     The checksum that came with it; None skips that check.
///
/// Returns
/// -------
/// RadarFrame
///     All its detections are at its time; its `truth` is unknown (-1).
///
/// Raises
/// ------
/// qiki.errors.DecodeError
///     Another checksum, or text that cannot be read; names the offset, the place and the reason.
/// qiki.errors.FrameError
///     What the text says breaks the contract; names field, index, value and limit.
#[pyfunction]
#[pyo3(signature = (payload, scan, absent="", crc32c=None))]
pub fn decode_frame_json(
    py: Python<'_>,
    payload: &[u8],
    scan: &str,
    absent: &str,
    #[pyo3(from_py_with = whole_number::crc32c)] crc32c: Option<u32>,
) -> Result<RadarFrame> {
    let frame = py.detach(|| {
        checksum::check(json::frame::FORMAT, payload, crc32c)?;
        let mut detections = Vec::new();
        let header = json::frame::decode_into(payload, scan, absent, &mut detections)?;
        Ok::<_, Error>(Frame { header, detections })
    })?;
    Ok(RadarFrame::without_truth(frame))
}

/// Encode tracks as the original's JSON, one message per track.
///
/// Parameters
/// ----------
/// tracks : (n,) TRACK_DTYPE
/// ingest_time_ns : int
///     Wall clock, as `ts_ingest` [ns since 1970].
///
/// Returns
/// -------
/// list of TrackJson
///
/// Raises
/// ------
/// qiki.errors.TracksError
///     A track breaks the contract; the message names field, index, value and limit.
/// TypeError
///     `tracks` is not an array of TRACK_DTYPE.
#[pyfunction]
pub fn encode_tracks_json(
    py: Python<'_>,
    tracks: PyReadonlyArray1<'_, TrackElement>,
    #[pyo3(from_py_with = whole_number::ingest_time_ns)] ingest_time_ns: i64,
) -> Result<Vec<TrackJson>> {
    let tracks = tracks.as_array();
    let mut payload = Vec::new();
    let encode = |(index, track): (usize, &TrackElement)| {
        payload.clear();
        let absent = json::track::encode(&track.0, ingest_time_ns, &mut payload)
            .map_err(|error| at_index(index, error))?;
        Ok(TrackJson {
            payload: PyBytes::new(py, &payload).unbind(),
            absent,
            track_id: format_uuid(&track.0.track_id),
        })
    };
    tracks.iter().enumerate().map(encode).collect()
}

/// A frame as JSON, and what goes beside it.
#[pyclass(frozen, get_all, module = "qiki.wire")]
pub struct FrameJson {
    /// The message.
    payload: Py<PyBytes>,
    /// Text of the header ``x-qiki-scan``.
    scan: String,
    /// Text of the header ``x-qiki-absent``; empty where nothing is absent.
    absent: String,
}

/// A track as JSON, and what goes beside it.
#[pyclass(frozen, get_all, module = "qiki.wire")]
pub struct TrackJson {
    /// The message.
    payload: Py<PyBytes>,
    /// Text of the header ``x-qiki-absent``; empty where nothing is absent.
    absent: String,
    /// The track's name, a UUID.
    track_id: String,
}
