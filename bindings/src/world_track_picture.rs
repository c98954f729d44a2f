//! `qiki.agent.env.TrackPicture`.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use qiki_core::world::track_picture::TrackPicture;

use crate::arrays::copy_tracks;
use crate::records::TrackElement;
use crate::tracker::to_array;

/// The living tracks, from what each tracks message told of them.
///
/// A message tells of the tracks that its frame touched. This keeps the newest record of each, as
/// `World.tracks` does, until it is told of as lost; `observe` takes it.
#[pyclass(name = "TrackPicture", module = "qiki.agent.env")]
#[derive(Default)]
pub struct PyTrackPicture(TrackPicture);

#[pymethods]
impl PyTrackPicture {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Take in what a message told.
    ///
    /// Parameters
    /// ----------
    /// tracks : (n,) TRACK_DTYPE
    ///     Its tracks.
    fn update(&mut self, tracks: PyReadonlyArray1<'_, TrackElement>) -> PyResult<()> {
        let mut records = Vec::new();
        copy_tracks(&tracks, &mut records)?;
        self.0.update(&records);
        Ok(())
    }

    /// Know of no track: the tracker has begun a new epoch.
    fn clear(&mut self) {
        self.0.clear();
    }

    /// The newest record of each living track, by track number, (n,) TRACK_DTYPE.
    #[getter]
    fn tracks<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<TrackElement>> {
        to_array(py, self.0.records().to_vec())
    }

    fn __len__(&self) -> usize {
        self.0.records().len()
    }

    fn __repr__(&self) -> String {
        format!("TrackPicture(tracks={})", self.0.records().len())
    }
}
