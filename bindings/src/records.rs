//! Core records as numpy structured arrays: the same bytes, no copy.

use numpy::{Element, PyArrayDescr};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList};
use qiki_core::detection::{DETECTION_SIZE, Detection};
use qiki_core::tracking::record::{TRACK_SIZE, TrackRecord};
use qiki_core::wire::asterix::plot_detail::{PLOT_DETAIL_SIZE, PlotDetail};
use qiki_core::wire::asterix::service::{SERVICE_MESSAGE_SIZE, ServiceMessage};

/// Fields of a record as (name, numpy format, offset). Every byte has a field, else numpy would
/// leave the gaps of its copies undefined and close them in `np.concatenate`.
type Fields = &'static [(&'static str, &'static str, usize)];

/// A core record that is also a numpy element, named so that the orphan rule lets us say so.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DetectionElement(pub Detection);

/// As [`DetectionElement`], for tracks.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct TrackElement(pub TrackRecord);

/// As [`DetectionElement`], for what else an ASTERIX record says of a plot.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct PlotDetailElement(pub PlotDetail);

/// As [`DetectionElement`], for ASTERIX service messages.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct ServiceMessageElement(pub ServiceMessage);

macro_rules! field {
    ($record:ty, $name:ident, $format:literal) => {
        (stringify!($name), $format, std::mem::offset_of!($record, $name))
    };
}

const DETECTION_FIELDS: Fields = &[
    field!(Detection, time_ns, "<i8"),
    field!(Detection, range_m, "<f8"),
    field!(Detection, bearing_deg, "<f8"),
    field!(Detection, elevation_deg, "<f8"),
    field!(Detection, range_rate_m_s, "<f8"),
    field!(Detection, height_m, "<f8"),
    field!(Detection, range_std_m, "<f4"),
    field!(Detection, bearing_std_deg, "<f4"),
    field!(Detection, elevation_std_deg, "<f4"),
    field!(Detection, range_rate_std_m_s, "<f4"),
    field!(Detection, height_std_m, "<f4"),
    field!(Detection, snr_db, "<f4"),
    field!(Detection, rcs_dbsm, "<f4"),
    field!(Detection, present, "<u4"),
    field!(Detection, address, "<u4"),
    field!(Detection, mode_3a, "<u2"),
    field!(Detection, range_band, "u1"),
    field!(Detection, transponder_mode, "u1"),
    field!(Detection, reserved, "(8,)u1"),
    field!(Detection, transponder_id, "S32"),
];

const TRACK_FIELDS: Fields = &[
    field!(TrackRecord, track_id, "V16"),
    field!(TrackRecord, number, "<u8"),
    field!(TrackRecord, time_ns, "<i8"),
    field!(TrackRecord, update_time_ns, "<i8"),
    field!(TrackRecord, position_m, "(3,)<f8"),
    field!(TrackRecord, velocity_m_s, "(3,)<f8"),
    field!(TrackRecord, position_covariance_m2, "(6,)<f8"),
    field!(TrackRecord, velocity_covariance_m2_s2, "(6,)<f8"),
    field!(TrackRecord, range_m, "<f8"),
    field!(TrackRecord, bearing_deg, "<f8"),
    field!(TrackRecord, elevation_deg, "<f8"),
    field!(TrackRecord, range_rate_m_s, "<f8"),
    field!(TrackRecord, age_s, "<f8"),
    field!(TrackRecord, quality, "<f8"),
    field!(TrackRecord, snr_db, "<f4"),
    field!(TrackRecord, rcs_dbsm, "<f4"),
    field!(TrackRecord, hit_count, "<u4"),
    field!(TrackRecord, miss_count, "<u4"),
    field!(TrackRecord, present, "<u4"),
    field!(TrackRecord, address, "<u4"),
    field!(TrackRecord, detection_index, "<u4"),
    field!(TrackRecord, mode_3a, "<u2"),
    field!(TrackRecord, status, "u1"),
    field!(TrackRecord, event, "u1"),
    field!(TrackRecord, range_band, "u1"),
    field!(TrackRecord, transponder_mode, "u1"),
    field!(TrackRecord, object_type, "u1"),
    field!(TrackRecord, friend_foe, "u1"),
    field!(TrackRecord, friend_foe_probability, "<f4"),
    field!(TrackRecord, refuted_probability, "<f4"),
    field!(TrackRecord, object_type_probability, "<f4"),
    field!(TrackRecord, alarms, "u1"),
    field!(TrackRecord, reserved, "(7,)u1"),
    field!(TrackRecord, transponder_id, "S32"),
];

const PLOT_DETAIL_FIELDS: Fields = &[
    field!(PlotDetail, offset, "<u8"),
    field!(PlotDetail, ground_speed_m_s, "<f4"),
    field!(PlotDetail, heading_deg, "<f4"),
    field!(PlotDetail, track_std_x_m, "<f4"),
    field!(PlotDetail, track_std_y_m, "<f4"),
    field!(PlotDetail, track_number, "<u2"),
    field!(PlotDetail, sac, "u1"),
    field!(PlotDetail, sic, "u1"),
    field!(PlotDetail, report_type, "u1"),
    field!(PlotDetail, track_status, "u1"),
    field!(PlotDetail, flags, "u1"),
];

const SERVICE_MESSAGE_FIELDS: Fields = &[
    field!(ServiceMessage, time_ns, "<i8"),
    field!(ServiceMessage, offset, "<u8"),
    field!(ServiceMessage, sector_azimuth_deg, "<f8"),
    field!(ServiceMessage, rotation_period_s, "<f8"),
    field!(ServiceMessage, sac, "u1"),
    field!(ServiceMessage, sic, "u1"),
    field!(ServiceMessage, message_type, "u1"),
];

fn build_dtype(py: Python<'_>, fields: Fields, size: usize) -> PyResult<Py<PyArrayDescr>> {
    let spec = PyDict::new(py);
    spec.set_item("names", PyList::new(py, fields.iter().map(|field| field.0))?)?;
    spec.set_item("formats", PyList::new(py, fields.iter().map(|field| field.1))?)?;
    spec.set_item("offsets", PyList::new(py, fields.iter().map(|field| field.2))?)?;
    spec.set_item("itemsize", size)?;
    Ok(PyArrayDescr::new(py, spec)?.unbind())
}

/// One dtype per process, so that comparing them is comparing pointers.
fn cached_dtype<'py>(
    py: Python<'py>,
    cell: &'static PyOnceLock<Py<PyArrayDescr>>,
    fields: Fields,
    size: usize,
) -> PyResult<Bound<'py, PyArrayDescr>> {
    let dtype = cell.get_or_try_init(py, || build_dtype(py, fields, size))?;
    Ok(dtype.bind(py).clone())
}

/// The dtype of a detection record (128 bytes); see ``qiki.radar.DETECTION_DTYPE``.
#[pyfunction]
pub fn detection_dtype(py: Python<'_>) -> PyResult<Bound<'_, PyArrayDescr>> {
    static DTYPE: PyOnceLock<Py<PyArrayDescr>> = PyOnceLock::new();
    cached_dtype(py, &DTYPE, DETECTION_FIELDS, DETECTION_SIZE)
}

/// The dtype of a track record (320 bytes); see ``qiki.tracking.TRACK_DTYPE``.
#[pyfunction]
pub fn track_dtype(py: Python<'_>) -> PyResult<Bound<'_, PyArrayDescr>> {
    static DTYPE: PyOnceLock<Py<PyArrayDescr>> = PyOnceLock::new();
    cached_dtype(py, &DTYPE, TRACK_FIELDS, TRACK_SIZE)
}

/// The dtype of what else an ASTERIX record says of a plot (32 bytes); see
/// ``qiki.recording.PLOT_DETAIL_DTYPE``.
#[pyfunction]
pub fn plot_detail_dtype(py: Python<'_>) -> PyResult<Bound<'_, PyArrayDescr>> {
    static DTYPE: PyOnceLock<Py<PyArrayDescr>> = PyOnceLock::new();
    cached_dtype(py, &DTYPE, PLOT_DETAIL_FIELDS, PLOT_DETAIL_SIZE)
}

/// The dtype of an ASTERIX service message (40 bytes); see
/// ``qiki.recording.SERVICE_MESSAGE_DTYPE``.
#[pyfunction]
pub fn service_message_dtype(py: Python<'_>) -> PyResult<Bound<'_, PyArrayDescr>> {
    static DTYPE: PyOnceLock<Py<PyArrayDescr>> = PyOnceLock::new();
    cached_dtype(py, &DTYPE, SERVICE_MESSAGE_FIELDS, SERVICE_MESSAGE_SIZE)
}

/// A dtype that cannot be built is a fault of this file, found by the first test that imports it.
#[expect(clippy::expect_used, reason = "Element::get_dtype cannot return an error")]
fn must<T>(result: PyResult<T>) -> T {
    result.expect("the record's dtype is valid")
}

// SAFETY: the dtype names every field of the `repr(C)` record at its own offset and has its size,
// the record has no padding that matters and holds no reference, so any bytes are a valid value.
unsafe impl Element for DetectionElement {
    const IS_COPY: bool = true;

    fn get_dtype(py: Python<'_>) -> Bound<'_, PyArrayDescr> {
        must(detection_dtype(py))
    }

    fn clone_ref(&self, _py: Python<'_>) -> Self {
        *self
    }
}

// SAFETY: as for `DetectionElement`.
unsafe impl Element for TrackElement {
    const IS_COPY: bool = true;

    fn get_dtype(py: Python<'_>) -> Bound<'_, PyArrayDescr> {
        must(track_dtype(py))
    }

    fn clone_ref(&self, _py: Python<'_>) -> Self {
        *self
    }
}

// SAFETY: as for `DetectionElement`.
unsafe impl Element for PlotDetailElement {
    const IS_COPY: bool = true;

    fn get_dtype(py: Python<'_>) -> Bound<'_, PyArrayDescr> {
        must(plot_detail_dtype(py))
    }

    fn clone_ref(&self, _py: Python<'_>) -> Self {
        *self
    }
}

// SAFETY: as for `DetectionElement`.
unsafe impl Element for ServiceMessageElement {
    const IS_COPY: bool = true;

    fn get_dtype(py: Python<'_>) -> Bound<'_, PyArrayDescr> {
        must(service_message_dtype(py))
    }

    fn clone_ref(&self, _py: Python<'_>) -> Self {
        *self
    }
}
