//! Memory of track records that numpy has given back, used again for the next frame's.
//!
//! A thousand tracks are 320 kB per frame, which the allocator would return to the system and fetch
//! again page by page.

use std::sync::{Arc, Mutex, PoisonError};

use numpy::PyArray1;
use pyo3::prelude::*;
use qiki_core::tracking::record::TrackRecord;

use crate::arrays::{part_of, track_elements};
use crate::records::TrackElement;

/// Buffers kept at most: the one in the caller's hands while the next is written, and one more.
const KEPT: usize = 2;

/// Record buffers that nobody reads any more.
#[derive(Clone, Default)]
pub struct RecordPool(Arc<Mutex<Vec<Vec<TrackRecord>>>>);

impl RecordPool {
    /// A buffer with whatever it held before, or an empty one.
    pub fn take(&self) -> Vec<TrackRecord> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// The records as a read-only array; their memory comes back when the array is gone.
    pub fn lend<'py>(
        &self,
        py: Python<'py>,
        records: Vec<TrackRecord>,
    ) -> PyResult<Bound<'py, PyArray1<TrackElement>>> {
        let lent = LentRecords { records, pool: self.clone() };
        part_of(Bound::new(py, lent)?, |lent| track_elements(&lent.records))
    }

    fn give_back(&self, records: Vec<TrackRecord>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(records);
        }
    }
}

/// Records that an array reads: its base.
#[pyclass(frozen)]
struct LentRecords {
    records: Vec<TrackRecord>,
    pool: RecordPool,
}

impl Drop for LentRecords {
    fn drop(&mut self) {
        self.pool.give_back(std::mem::take(&mut self.records));
    }
}
