//! `qiki.tracking.StepResult`: what a tracker's step did, worked out when it is read.

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use qiki_core::tracking::report::Viewpoint;

use crate::records::TrackElement;
use crate::tracker::PyTracker;

/// What one frame did.
///
/// Its arrays are worked out when they are first read, which must be before the tracker's next step.
#[pyclass(frozen, module = "qiki.tracking")]
pub struct StepResult {
    tracker: Py<PyTracker>,
    step: u64,
    seen_from: Viewpoint,
    tracks: PyOnceLock<Py<PyArray1<TrackElement>>>,
    detection_track: PyOnceLock<Py<PyArray1<u64>>>,
}

impl StepResult {
    /// The result of the tracker's step with a number.
    pub fn new(tracker: &Bound<'_, PyTracker>, step: u64, seen_from: Viewpoint) -> Self {
        Self {
            tracker: tracker.clone().unbind(),
            step,
            seen_from,
            tracks: PyOnceLock::new(),
            detection_track: PyOnceLock::new(),
        }
    }
}

#[pymethods]
impl StepResult {
    /// Tracks that the frame updated, missed, began or ended, by number, (k,) TRACK_DTYPE, read-only.
    ///
    /// Raises
    /// ------
    /// qiki.errors.StaleResultError
    ///     First read after the tracker's next step, when the state is gone.
    #[getter]
    fn tracks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<TrackElement>>> {
        let tracks = self.tracks.get_or_try_init(py, || self.touched(py))?;
        Ok(tracks.bind(py).clone())
    }

    /// Number of the track that each detection updated or began, (n,) uint64; 0 where joint association
    /// finds it more probably of no track than of any one, and too probably of some to begin another.
    ///
    /// Raises
    /// ------
    /// qiki.errors.StaleResultError
    ///     First read after the tracker's next step, when the state is gone.
    #[getter]
    fn detection_track<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<u64>>> {
        let numbers = self.detection_track.get_or_try_init(py, || {
            let numbers = self.fresh(py, "detection_track")?.tracker.track_of_detection();
            PyResult::Ok(PyArray1::from_vec(py, numbers).unbind())
        })?;
        Ok(numbers.bind(py).clone())
    }

    /// Time that the tracks are told for [ns]: that of the frame, without its sensor's bias.
    #[getter]
    fn time_ns(&self) -> i64 {
        self.seen_from.time_ns
    }
}

impl StepResult {
    fn touched(&self, py: Python<'_>) -> PyResult<Py<PyArray1<TrackElement>>> {
        let mut own = self.fresh(py, "tracks")?;
        let seen_from = self.seen_from;
        let (mut records, tracker) = (own.pool.take(), &mut own.tracker);
        py.detach(|| tracker.report_touched(seen_from, &mut records));
        Ok(own.pool.lend(py, records)?.unbind())
    }

    /// The tracker, while this is still the result of its last step.
    fn fresh<'py>(&self, py: Python<'py>, wanted: &str) -> PyResult<PyRefMut<'py, PyTracker>> {
        let own = self.tracker.bind(py).try_borrow_mut()?;
        if own.steps == self.step {
            return Ok(own);
        }
        let message = format!(
            "{wanted} of step {} was first read after step {}: \
             read StepResult.{wanted} before the tracker's next step",
            self.step, own.steps
        );
        let class = py.import("qiki.errors")?.getattr("StaleResultError")?;
        Err(PyErr::from_type(class.cast_into()?, message))
    }
}
