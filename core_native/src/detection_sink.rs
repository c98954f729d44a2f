//! Where a radar driver leaves its detections until they become a frame.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::detection::Detection;
use crate::error::{Error, Result};
use crate::frame::{Frame, FrameHeader};
use crate::frame_limits::{check_detections, check_parts};

/// Most detections a sink can be made for: 128 MiB of records.
pub const MAX_CAPACITY: usize = 1 << 20;

/// A bounded list of checked detections that any thread may push into.
///
/// The memory is taken when the sink is made; a push allocates nothing. Records stand in the
/// order of the pushes, so one driver thread per sink keeps a replay exact.
#[derive(Debug)]
pub struct DetectionSink {
    capacity: usize,
    detections: Mutex<Vec<Detection>>,
}

impl DetectionSink {
    /// A sink for at most `capacity` detections per frame.
    pub fn new(capacity: usize) -> Result<Self> {
        if !(1..=MAX_CAPACITY).contains(&capacity) {
            return Err(Error::Setting {
                setting: "capacity".into(),
                value: capacity.to_string(),
                limit: format!("1 to {MAX_CAPACITY} detections"),
                remedy: "choose the most detections that one frame of the sensor holds".into(),
            });
        }
        let mut detections = Vec::new();
        detections.try_reserve_exact(capacity).map_err(|_| Error::Capacity {
            table: "memory for a detection sink",
            limit: 0,
            wanted: capacity,
            remedy: "choose a smaller capacity",
        })?;
        Ok(Self { capacity, detections: Mutex::new(detections) })
    }

    /// Append `records`, all or none: the sink is unchanged when one breaks the contract of
    /// [`check_detections`] or when they do not all fit.
    pub fn push(&self, records: &[Detection]) -> Result<()> {
        check_detections(records)?;
        let mut detections = self.lock();
        let wanted = detections.len().saturating_add(records.len());
        if wanted > self.capacity {
            return Err(Error::Capacity {
                table: "detection sink",
                limit: self.capacity,
                wanted,
                remedy: "take a frame first, or make the sink with a larger capacity",
            });
        }
        detections.extend_from_slice(records);
        Ok(())
    }

    /// Detections that wait for the next frame.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// True when nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Most detections that the sink holds.
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// Forget what waits.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Give `consume` what waits and forget it where that succeeds; the sink keeps its memory.
    pub fn try_drain_with<T, E>(
        &self,
        consume: impl FnOnce(&[Detection]) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut detections = self.lock();
        let result = consume(&detections)?;
        detections.clear();
        Ok(result)
    }

    /// A frame of everything that waits. Refused, with all still waiting, for a header of one band
    /// and a detection of another.
    pub fn take_frame(&self, header: FrameHeader) -> Result<Frame> {
        self.try_drain_with(|waiting| {
            check_parts(&header, waiting)?;
            Ok(Frame { header, detections: waiting.to_vec() })
        })
    }

    /// A list that a panicking thread left is whole: `push` appends after all that can fail.
    fn lock(&self) -> MutexGuard<'_, Vec<Detection>> {
        self.detections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time_ns: i64) -> Detection {
        Detection::absent(time_ns)
    }

    fn times(sink: &DetectionSink) -> Vec<i64> {
        let read = |waiting: &[Detection]| waiting.iter().map(|record| record.time_ns).collect();
        sink.try_drain_with(|waiting| Ok::<_, Error>(read(waiting))).unwrap()
    }

    #[test]
    fn records_come_out_in_the_order_of_the_pushes() {
        let sink = DetectionSink::new(4).unwrap();
        sink.push(&[at(1), at(2)]).unwrap();
        sink.push(&[]).unwrap();
        sink.push(&[at(3)]).unwrap();
        assert_eq!(sink.len(), 3);
        assert_eq!(times(&sink), [1, 2, 3]);
        assert!(sink.is_empty());
    }

    #[test]
    fn a_refused_push_changes_nothing() {
        let sink = DetectionSink::new(3).unwrap();
        sink.push(&[at(1)]).unwrap();
        let mut broken = at(3);
        broken.range_m = 5.0;
        let refused = sink.push(&[at(2), broken]).unwrap_err().to_string();
        assert!(refused.starts_with("frame: detections[1].range_m is 5"), "{refused}");
        let full = sink.push(&[at(4), at(5), at(6)]).unwrap_err().to_string();
        assert!(full.starts_with("detection sink holds 3 entries, 4 wanted"), "{full}");
        assert_eq!(times(&sink), [1]);
    }

    #[test]
    fn pushing_and_taking_keep_the_memory() {
        let sink = DetectionSink::new(2).unwrap();
        let address = sink.lock().as_ptr();
        for time_ns in 0..10 {
            sink.push(&[at(time_ns), at(time_ns)]).unwrap();
            assert_eq!(times(&sink), [time_ns, time_ns]);
        }
        assert_eq!(sink.lock().as_ptr(), address);
    }

    #[test]
    fn a_capacity_outside_its_limits_is_refused() {
        for capacity in [0, MAX_CAPACITY + 1, usize::MAX] {
            let refused = DetectionSink::new(capacity).unwrap_err().to_string();
            assert!(refused.contains(&format!("capacity is {capacity}, must be 1 to 1048576")));
        }
    }

    #[test]
    fn threads_lose_nothing() {
        let sink = DetectionSink::new(4000).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let sink = &sink;
                scope.spawn(move || {
                    (0..1000).for_each(|k| sink.push(&[at(thread * 1000 + k)]).unwrap());
                });
            }
        });
        let mut seen = times(&sink);
        seen.sort_unstable();
        assert_eq!(seen, (0..4000).collect::<Vec<_>>());
    }
}
