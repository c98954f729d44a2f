//! What `qiki.hardware.detection_sink` calls with the GIL held.

use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use qiki_core::detection_sink::DetectionSink;

use crate::arrays::copy_detections;
use crate::c_api_capsule::{sink_capsule, sink_of};
use crate::errors::CoreError;
use crate::frame::RadarFrame;
use crate::whole_number;

/// A capsule that owns a sink; use `qiki.hardware.detection_sink.DetectionSink`.
#[pyfunction]
pub fn detection_sink_new(
    py: Python<'_>,
    #[pyo3(from_py_with = whole_number::capacity)] capacity: usize,
) -> PyResult<Bound<'_, PyCapsule>> {
    let sink = DetectionSink::new(capacity).map_err(CoreError::from)?;
    sink_capsule(py, sink)
}

/// Most detections that the sink holds.
#[pyfunction]
pub fn detection_sink_capacity(sink: &Bound<'_, PyCapsule>) -> PyResult<usize> {
    sink_of(sink).map(DetectionSink::capacity)
}

/// Append detections, all or none; see `DetectionSink.push`.
#[pyfunction]
pub fn detection_sink_push(
    sink: &Bound<'_, PyCapsule>,
    detections: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let records = copy_detections(detections)?;
    let (py, sink) = (sink.py(), sink_of(sink)?);
    Ok(py.detach(|| sink.push(&records)).map_err(CoreError::from)?)
}

/// A frame of everything that waits, with the header of `header`; see `DetectionSink.take_frame`.
#[pyfunction]
pub fn detection_sink_take_frame(
    sink: &Bound<'_, PyCapsule>,
    header: &RadarFrame,
) -> PyResult<RadarFrame> {
    let (py, sink, header) = (sink.py(), sink_of(sink)?, header.frame.header);
    let frame = py.detach(|| sink.take_frame(header)).map_err(CoreError::from)?;
    Ok(RadarFrame::without_truth(frame))
}
