//! The C table as the capsule `qiki._core._C_API`, and core objects as capsules.

use std::ffi::CStr;
use std::ptr::NonNull;

use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use qiki_core::c_api::table::TABLE;
use qiki_core::detection_sink::DetectionSink;

const SINK_NAME: &CStr = c"qiki._core.detection_sink";

/// Set `_C_API` on the module.
pub fn attach(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let table = NonNull::from(&TABLE).cast();
    // SAFETY: the table is a static: it outlives the capsule and needs no destructor.
    let capsule = unsafe { PyCapsule::new_with_pointer(module.py(), table, c"qiki._core._C_API") }?;
    module.add("_C_API", capsule)
}

/// A capsule that owns `sink`; its pointer is a `qiki_detection_sink *`.
pub fn sink_capsule(py: Python<'_>, sink: DetectionSink) -> PyResult<Bound<'_, PyCapsule>> {
    PyCapsule::new_with_value(py, sink, SINK_NAME)
}

/// The sink that a capsule of [`sink_capsule`] owns.
pub fn sink_of<'a>(capsule: &'a Bound<'_, PyCapsule>) -> PyResult<&'a DetectionSink> {
    let sink = capsule.pointer_checked(Some(SINK_NAME))?;
    // SAFETY: a capsule of this name comes from `sink_capsule` and keeps the sink for as long as
    // it lives; the sink is shared between threads under its own lock.
    Ok(unsafe { sink.cast::<DetectionSink>().as_ref() })
}
