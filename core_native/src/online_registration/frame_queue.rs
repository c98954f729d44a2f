//! Used frames that wait until no earlier one can come any more, in order of time.

use std::collections::VecDeque;

use crate::detection::Detection;
use crate::frame::FrameHeader;
use crate::frame_limits::MAX_TIME_NS;
use crate::late_frames::window::MAX_FRAMES;

/// Bytes of detections at most, 32 768 of them: in a snapshot they stand beside those of the late window.
pub const MAX_BYTES: usize = 4 << 20;

/// Time before all frames \[ns\].
pub const BEFORE_ALL: i64 = -MAX_TIME_NS;

/// A frame as its sensor reported it.
#[derive(Debug)]
pub struct WaitingFrame {
    /// When it was seen, as far as its sensor's settings tell \[ns\].
    pub true_ns: i64,
    /// Who, when, where.
    pub header: FrameHeader,
    /// What was detected.
    pub detections: Vec<Detection>,
}

/// The frames; their memory is kept and used again. How long they wait depends on their own times alone, so
/// that what is applied to the tracker does not change what is found.
#[derive(Debug)]
pub struct FrameQueue {
    /// How much newer a frame must have come \[ns\].
    wait_ns: i64,
    /// Time of the newest frame so far \[ns\].
    newest_ns: i64,
    /// By time and, at one time, as they came.
    frames: VecDeque<WaitingFrame>,
    spare: Vec<WaitingFrame>,
    /// One that is not known to be used yet.
    noted: Option<WaitingFrame>,
    /// Bytes of the detections that wait.
    byte_count: usize,
}

impl FrameQueue {
    /// An empty one in which frames wait for one that is newer by `wait_ns`. The newest that left was of
    /// `newest_ns`; [`BEFORE_ALL`] where none did.
    pub const fn new(wait_ns: i64, newest_ns: i64) -> Self {
        Self {
            wait_ns,
            newest_ns,
            frames: VecDeque::new(),
            spare: Vec::new(),
            noted: None,
            byte_count: 0,
        }
    }

    /// How much newer a frame must have come \[ns\].
    pub const fn wait_ns(&self) -> i64 {
        self.wait_ns
    }

    /// Time of the newest frame so far \[ns\].
    pub const fn newest_ns(&self) -> i64 {
        self.newest_ns
    }

    /// Note a frame in place of the one noted before.
    pub fn note(&mut self, true_ns: i64, header: &FrameHeader, detections: &[Detection]) {
        self.forget_noted();
        let mut frame = self.spare.pop().unwrap_or_else(|| WaitingFrame {
            true_ns,
            header: *header,
            detections: Vec::new(),
        });
        (frame.true_ns, frame.header) = (true_ns, *header);
        frame.detections.clear();
        frame.detections.extend_from_slice(detections);
        self.noted = Some(frame);
    }

    /// Note nothing.
    pub fn forget_noted(&mut self) {
        self.spare.extend(self.noted.take());
    }

    /// Let the frame noted last wait, if there is one.
    pub fn put_noted(&mut self) {
        let Some(frame) = self.noted.take() else { return };
        self.byte_count += size_of_val(frame.detections.as_slice());
        self.newest_ns = self.newest_ns.max(frame.true_ns.min(MAX_TIME_NS));
        let at = self.frames.partition_point(|waiting| waiting.true_ns <= frame.true_ns);
        self.frames.insert(at, frame);
    }

    /// The first frame, where it has waited long enough or too much waits. Give it back to
    /// [`FrameQueue::give_back`].
    pub fn take(&mut self) -> Option<WaitingFrame> {
        let first_ns = self.frames.front()?.true_ns;
        let is_full = self.frames.len() > MAX_FRAMES || self.byte_count > MAX_BYTES;
        if first_ns > self.newest_ns - self.wait_ns && !is_full {
            return None;
        }
        let frame = self.frames.pop_front()?;
        self.byte_count -= size_of_val(frame.detections.as_slice());
        Some(frame)
    }

    /// Keep the memory of a frame.
    pub fn give_back(&mut self, frame: WaitingFrame) {
        self.spare.push(frame);
    }

    /// The frames in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &WaitingFrame> {
        self.frames.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Coverage;

    fn put(queue: &mut FrameQueue, number: u64, true_ns: i64, detections: usize) {
        let header = FrameHeader {
            sensor_id: [1; 16],
            epoch: 0,
            number,
            time_ns: true_ns + 5,
            range_band: 0,
            coverage: Coverage::sphere(1e5),
            sensor_position_m: [0.0; 3],
            sensor_velocity_m_s: [0.0; 3],
        };
        queue.note(true_ns, &header, &vec![Detection::absent(true_ns + 5); detections]);
        queue.put_noted();
    }

    fn taken(queue: &mut FrameQueue) -> Vec<u64> {
        let mut numbers = Vec::new();
        while let Some(frame) = queue.take() {
            numbers.push(frame.header.number);
            queue.give_back(frame);
        }
        numbers
    }

    #[test]
    fn frames_leave_in_order_of_time_once_they_are_old_enough() {
        let mut queue = FrameQueue::new(25, BEFORE_ALL);
        let came = [(0, 10), (1, 30), (2, 20), (3, 20), (4, 34), (5, 45), (6, 500), (7, 475)];
        let left = came.map(|(number, true_ns)| {
            put(&mut queue, number, true_ns, 1);
            taken(&mut queue)
        });
        let expected: [&[u64]; 8] = [&[], &[], &[], &[], &[], &[0, 2, 3], &[1, 4, 5], &[7]];
        assert_eq!(left, expected);
        assert_eq!((queue.byte_count, queue.newest_ns()), (size_of::<Detection>(), 500));
    }

    #[test]
    fn a_frame_that_is_noted_alone_never_comes() {
        let mut queue = FrameQueue::new(0, BEFORE_ALL);
        put(&mut queue, 0, 10, 1);
        let header = queue.iter().next().expect("a frame").header;
        queue.note(20, &header, &[]);
        queue.forget_noted();
        queue.put_noted();
        assert_eq!((taken(&mut queue), queue.newest_ns()), (vec![0], 10));
    }

    #[test]
    fn what_is_too_much_leaves_sooner() {
        let mut queue = FrameQueue::new(5, BEFORE_ALL);
        let half = MAX_BYTES / size_of::<Detection>() / 2;
        for number in 0..3 {
            put(&mut queue, number, 10, half);
        }
        assert_eq!(taken(&mut queue), [0]);
        for number in 3..MAX_FRAMES as u64 {
            put(&mut queue, number, 10, 0);
        }
        assert_eq!(taken(&mut queue), [] as [u64; 0]);
        put(&mut queue, 5000, 9, 0);
        put(&mut queue, 5001, 9, 0);
        assert_eq!(taken(&mut queue), [5000]);
    }
}
