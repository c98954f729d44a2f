//! Core memory as numpy arrays without a copy, and numpy arrays as core records.

use numpy::ndarray::{ArrayView1, Dimension};
use numpy::{
    AllowTypeChange, Element, PyArray1, PyArrayLike, PyArrayLikeDyn, PyArrayMethods,
    PyReadonlyArray, PyReadonlyArray1, PyUntypedArrayMethods,
};
use pyo3::PyClass;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use qiki_core::detection::Detection;
use qiki_core::tracking::record::TrackRecord;
use qiki_core::wire::asterix::plot_detail::PlotDetail;
use qiki_core::wire::asterix::service::ServiceMessage;

use crate::records::{DetectionElement, PlotDetailElement, ServiceMessageElement, TrackElement};

/// Numbers as Python gives them: a float, a list, an array of any shape, layout and type of number.
pub type Numbers<'py> = PyArrayLikeDyn<'py, f64, AllowTypeChange>;

/// The same of D dimensions.
pub type NumbersOf<'py, D> = PyArrayLike<'py, f64, D, AllowTypeChange>;

/// An array in C order, from which `as_slice` is row after row: itself where it is so, else a copy.
pub fn in_order<'py, T: Element, D: Dimension>(
    array: &PyReadonlyArray<'py, T, D>,
) -> PyResult<PyReadonlyArray<'py, T, D>> {
    // `as_slice` alone would take Fortran order, too, and give columns for rows.
    if array.is_c_contiguous() && array.as_slice().is_ok() {
        return Ok(array.clone());
    }
    array.call_method0("copy")?.extract()
}

/// Indices as Python gives them: whole numbers of any type.
pub fn indices(name: &str, numbers: &Bound<'_, PyAny>) -> PyResult<Vec<u32>> {
    if let Ok(array) = numbers.extract::<PyReadonlyArray1<'_, u32>>() {
        return Ok(in_order(&array)?.as_slice()?.to_vec());
    }
    let whole: Vec<i64> = numbers.extract().map_err(|_| {
        let of = numbers.get_type();
        PyTypeError::new_err(format!(
            "{name} is a {of}, must be a one-dimensional array of integers"
        ))
    })?;
    let refuse = |index: i64| {
        PyValueError::new_err(format!("{name} has {index}, must be 0 to {}", u32::MAX))
    };
    whole.into_iter().map(|index| u32::try_from(index).map_err(|_| refuse(index))).collect()
}

/// A read-only array over a part of an immutable Python object, without a copy; the array keeps
/// the object alive.
pub fn part_of<'py, C, T>(
    owner: Bound<'py, C>,
    part: impl for<'a> FnOnce(&'a C) -> &'a [T],
) -> PyResult<Bound<'py, PyArray1<T>>>
where
    C: PyClass<Frozen = True> + Sync,
    T: Element,
{
    let elements = ArrayView1::from(part(owner.get()));
    // SAFETY: the elements are borrowed from the owner itself, which is frozen, so they neither
    // move nor change while it lives, and it lives as long as the array, whose base it is.
    let array = unsafe { PyArray1::borrow_from_array(&elements, owner.clone().into_any()) };
    array.try_readwrite()?.make_nonwriteable();
    Ok(array)
}

/// Core detections as numpy elements.
pub fn detection_elements(detections: &[Detection]) -> &[DetectionElement] {
    // SAFETY: `DetectionElement` is `repr(transparent)` over `Detection`.
    unsafe { &*(std::ptr::from_ref(detections) as *const [DetectionElement]) }
}

/// Core track records as numpy elements.
pub fn track_elements(records: &[TrackRecord]) -> &[TrackElement] {
    // SAFETY: `TrackElement` is `repr(transparent)` over `TrackRecord`.
    unsafe { &*(std::ptr::from_ref(records) as *const [TrackElement]) }
}

/// Core plot details as numpy elements.
pub fn plot_detail_elements(details: &[PlotDetail]) -> &[PlotDetailElement] {
    // SAFETY: `PlotDetailElement` is `repr(transparent)` over `PlotDetail`.
    unsafe { &*(std::ptr::from_ref(details) as *const [PlotDetailElement]) }
}

/// Core service messages as numpy elements.
pub fn service_message_elements(messages: &[ServiceMessage]) -> &[ServiceMessageElement] {
    // SAFETY: `ServiceMessageElement` is `repr(transparent)` over `ServiceMessage`.
    unsafe { &*(std::ptr::from_ref(messages) as *const [ServiceMessageElement]) }
}

/// A copy of a Python array of detections.
pub fn copy_detections(array: &Bound<'_, PyAny>) -> PyResult<Vec<Detection>> {
    let elements = elements_of(array)?;
    // A packed dtype has alignment 1 for numpy, so a view at an odd address passes its own check.
    if elements.as_array().as_ptr().is_aligned() {
        return Ok(elements.as_array().iter().map(|element| element.0).collect());
    }
    let copy = array.call_method0("copy")?;
    let aligned = elements_of(&copy)?;
    Ok(aligned.as_array().iter().map(|element| element.0).collect())
}

/// Copy a Python array of tracks in place of the former ones.
pub fn copy_tracks(
    array: &PyReadonlyArray1<'_, TrackElement>,
    tracks: &mut Vec<TrackRecord>,
) -> PyResult<()> {
    let mut take = |array: &PyReadonlyArray1<'_, TrackElement>| {
        tracks.clear();
        tracks.extend(array.as_array().iter().map(|element| element.0));
    };
    // As for detections, an array may begin at an odd address.
    if array.as_array().as_ptr().is_aligned() {
        take(array);
    } else {
        take(&array.call_method0("copy")?.extract()?);
    }
    Ok(())
}

fn elements_of<'py>(
    array: &Bound<'py, PyAny>,
) -> PyResult<PyReadonlyArray1<'py, DetectionElement>> {
    array.extract().map_err(|_| wrong_type(array))
}

fn wrong_type(given: &Bound<'_, PyAny>) -> PyErr {
    let describe = |name: &str| given.getattr(name).and_then(|value| value.str()).ok();
    let found = match (describe("dtype"), describe("shape")) {
        (Some(dtype), Some(shape)) => format!("an array of shape {shape} and dtype {dtype}"),
        _ => format!("a {}", given.get_type()),
    };
    PyTypeError::new_err(format!(
        "detections is {found}, must be an array of shape (n,) and dtype qiki.radar.DETECTION_DTYPE: \
         make it with qiki.radar.empty_detections(n) and fill its fields"
    ))
}
