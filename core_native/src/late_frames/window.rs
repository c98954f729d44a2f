//! The newest frames used, in order of time, and the tracker's states between them.
//!
//! The states ("marks") cut the frames into parts. When the first part is older than the window, or
//! the window too full, it leaves: its frames, and the mark before them. Where the marks stand
//! follows from the first one and the frames behind it alone, so a tracker that was restored from
//! these has the same ones.

use std::collections::VecDeque;

use crate::detection::Detection;
use crate::error::Result;
use crate::frame::FrameHeader;
use crate::late_frames::used_frame::UsedFrame;
use crate::tracking::checkpoint::Checkpoint;
use crate::tracking::tracker::Tracker;
use crate::tracking::used_names::used_twice;

/// Frames at most; with more the window is shorter than the settings say.
pub const MAX_FRAMES: usize = 1024;
/// Bytes of detections at most, 98 304 of them. In a snapshot each takes at most 122 bytes, a track
/// 335: with 20 000 tracks two snapshots fit a bucket of 40 MB.
pub const MAX_BYTES: usize = 12 << 20;
/// Parts of a full window: a state is copied once in each.
const PARTS: usize = 8;
/// Frames in a part at least, so that a slow radar does not pay for a copy with each frame.
const MIN_PART_FRAMES: usize = 4;

/// The tracker's state between two frames.
#[derive(Default)]
pub struct Mark {
    /// Frames of the window before it.
    pub frame_count: usize,
    /// The state.
    pub state: Checkpoint,
}

/// The window; its memory is kept and used again.
#[derive(Default)]
pub struct LateWindow {
    /// How far it reaches back \[ns\]; 0 keeps nothing.
    span_ns: i64,
    /// The frames, by time and, at one time, as they came.
    pub(super) frames: VecDeque<UsedFrame>,
    /// The states, the first one before all frames. Never empty unless the window keeps nothing.
    marks: VecDeque<Mark>,
    /// The states of a rewind until that is known to hold.
    renewed: Vec<Mark>,
    spare_frames: Vec<UsedFrame>,
    spare_marks: Vec<Mark>,
    /// Bytes of the detections in the window.
    byte_count: usize,
    /// Bytes of the memory of all detections, spare frames included.
    room: usize,
}

impl LateWindow {
    /// A window of `span_s` behind `tracker`'s present state.
    pub fn new(span_s: f64, tracker: &Tracker) -> Self {
        let mut window = Self { span_ns: (span_s * 1e9) as i64, ..Self::default() };
        if window.is_on() {
            let mut first = Mark::default();
            tracker.save_to(&mut first.state);
            window.marks.push_back(first);
        }
        window
    }

    /// Whether late frames are used at all.
    pub const fn is_on(&self) -> bool {
        self.span_ns > 0
    }

    /// The state before all frames; none where the window keeps nothing.
    pub fn first_state(&self) -> Option<&Checkpoint> {
        self.marks.front().map(|mark| &mark.state)
    }

    /// The oldest time that a frame may have while the newest used has `newest_ns` \[ns\].
    pub fn oldest_ns(&self, newest_ns: i64) -> i64 {
        let known_ns = self.first_state().and_then(Checkpoint::newest_ns);
        (newest_ns - self.span_ns).max(known_ns.unwrap_or(i64::MIN))
    }

    /// Refuse a frame that is in the window already.
    ///
    /// # Errors
    /// [`crate::error::Error::Frame`].
    pub fn check_is_new(&self, header: &FrameHeader) -> Result<()> {
        let Some(used) = self.frames.iter().find(|used| used.has_name_of(header)) else {
            return Ok(());
        };
        Err(used_twice(header, used.header.time_ns))
    }

    /// Keep the frame that `tracker` has just used as its newest, in exchange for memory.
    /// `first_number` was the tracker's next number before.
    pub fn keep(
        &mut self,
        header: &FrameHeader,
        detections: &mut Vec<Detection>,
        tracker: &Tracker,
        first_number: u64,
    ) {
        let at = self.frames.len();
        self.insert(at, header, detections);
        let used = &mut self.frames[at];
        used.births.note(first_number, used.detections.len(), tracker.births());
        if self.marks.back().is_some_and(|last| self.is_due(last, at + 1)) {
            let mark = self.mark(at + 1, tracker);
            self.marks.push_back(mark);
        }
        self.trim(header.time_ns);
    }

    /// Where a late frame of a time stands, and the last mark before it.
    pub fn place(&self, time_ns: i64) -> (usize, usize) {
        let at = self.frames.partition_point(|used| used.header.time_ns <= time_ns);
        let before = |mark: &Mark| mark.state.newest_ns().is_none_or(|known| known <= time_ns);
        (at, self.marks.partition_point(before).saturating_sub(1))
    }

    /// A mark that [`LateWindow::place`] found.
    pub fn mark_at(&self, index: usize) -> &Mark {
        &self.marks[index]
    }

    /// Put a frame at a place, in exchange for memory.
    pub fn insert(&mut self, at: usize, header: &FrameHeader, detections: &mut Vec<Detection>) {
        let mut used = self.spare_frames.pop().unwrap_or_else(|| UsedFrame::new(*header));
        used.header = *header;
        self.room -= used.room();
        std::mem::swap(&mut used.detections, detections);
        self.room += used.room();
        self.byte_count += used.byte_count();
        self.frames.insert(at, used);
    }

    /// Take a frame out again and give its detections back.
    pub fn take_out(&mut self, at: usize, detections: &mut Vec<Detection>) {
        let Some(mut used) = self.frames.remove(at) else { return };
        self.byte_count -= used.byte_count();
        self.room -= used.room();
        std::mem::swap(&mut used.detections, detections);
        self.room += used.room();
        self.spare(used);
    }

    /// Mark `tracker`'s state behind the first `frame_count` frames in a rewind from the mark
    /// `from`, if one belongs there.
    pub fn renew(&mut self, from: usize, frame_count: usize, tracker: &Tracker) {
        let last = self.renewed.last().unwrap_or_else(|| &self.marks[from]);
        if self.is_due(last, frame_count) {
            let mark = self.mark(frame_count, tracker);
            self.renewed.push(mark);
        }
    }

    /// Let the rewind from the mark `from` hold: what it renewed takes the place of what was.
    pub fn accept(&mut self, from: usize) {
        self.spare_marks.extend(self.marks.drain(from + 1..));
        self.marks.extend(self.renewed.drain(..));
        for used in self.frames.range_mut(self.marks[from].frame_count..) {
            std::mem::swap(&mut used.births, &mut used.renewed);
        }
    }

    /// Forget what a rewind renewed.
    pub fn reject(&mut self) {
        self.spare_marks.append(&mut self.renewed);
    }

    /// Where the track with a number was born: (number, 0) before the window, else the number of
    /// its frame in the window and its detection. Ascending in number.
    pub fn birth_of(&self, number: u64) -> Birth {
        let behind = self.frames.partition_point(|used| used.births.first_number <= number);
        let Some(at) = behind.checked_sub(1) else { return Birth::Before(number) };
        let detection = self.frames[at].births.detection_of(number);
        detection.map_or(Birth::Before(number), |detection| Birth::In(at, detection))
    }

    fn mark(&mut self, frame_count: usize, tracker: &Tracker) -> Mark {
        let mut mark = self.spare_marks.pop().unwrap_or_default();
        mark.frame_count = frame_count;
        tracker.save_to(&mut mark.state);
        mark
    }

    /// Whether the part that begins at `last` is full with the first `end` frames.
    fn is_due(&self, last: &Mark, end: usize) -> bool {
        let part = self.frames.range(last.frame_count..end);
        let (count, bytes) = (part.len(), part.clone().map(UsedFrame::byte_count).sum::<usize>());
        let since_ns = part.last().zip(last.state.newest_ns());
        let is_long = since_ns.is_none_or(|(newest, known_ns)| {
            newest.header.time_ns - known_ns >= self.span_ns / PARTS as i64
        });
        (is_long && count >= MIN_PART_FRAMES)
            || count >= MAX_FRAMES / PARTS
            || bytes >= MAX_BYTES / PARTS
    }

    /// Let the parts leave that are too old or too many; after a rewind, once its tracks have numbers.
    pub fn trim(&mut self, newest_ns: i64) {
        while let Some(second) = self.marks.get(1) {
            let is_old = second.state.newest_ns() <= Some(newest_ns - self.span_ns);
            if !is_old && self.frames.len() <= MAX_FRAMES && self.byte_count <= MAX_BYTES {
                return;
            }
            self.drop_first_part(second.frame_count);
        }
    }

    fn drop_first_part(&mut self, frame_count: usize) {
        self.spare_marks.extend(self.marks.pop_front());
        for mark in &mut self.marks {
            mark.frame_count -= frame_count;
        }
        for _ in 0..frame_count {
            let Some(used) = self.frames.pop_front() else { return };
            self.byte_count -= used.byte_count();
            self.spare(used);
        }
    }

    /// Keep a frame's memory for another one, within twice the window's limit: over time each might
    /// have grown to hold the largest frame.
    fn spare(&mut self, mut used: UsedFrame) {
        if self.room > 2 * MAX_BYTES {
            self.room -= used.room();
            used.detections = Vec::new();
        }
        self.spare_frames.push(used);
    }
}

/// Where a track was born; ascending in number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Birth {
    /// Before the window, with this number.
    Before(u64),
    /// In the window: number of the frame there, number of the detection.
    In(usize, u32),
}

#[cfg(test)]
mod tests;
