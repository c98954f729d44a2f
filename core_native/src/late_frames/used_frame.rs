//! A frame that the tracker has used, and the tracks that it began.

use crate::detection::Detection;
use crate::frame::FrameHeader;

/// The tracks that one frame began: their numbers follow each other.
#[derive(Debug, Default)]
pub struct Births {
    /// Number of the first one, or of the next track where there is none.
    pub first_number: u64,
    /// The detection that began each.
    detections: Vec<u32>,
}

impl Births {
    /// Take over which detection began each track of a step, by number from `first_number` on. There
    /// is room for `most`, the frame's detections, so that the memory of many frames, which goes
    /// round, soon grows no more.
    pub fn note(&mut self, first_number: u64, most: usize, detections: impl Iterator<Item = u32>) {
        self.first_number = first_number;
        self.detections.clear();
        self.detections.reserve(most);
        self.detections.extend(detections);
    }

    /// The detection that began the track with a number, if it is of this frame.
    pub fn detection_of(&self, number: u64) -> Option<u32> {
        let at = number.checked_sub(self.first_number)?;
        self.detections.get(usize::try_from(at).ok()?).copied()
    }
}

/// A frame without its sensor's bias, ready to be stepped through again.
#[derive(Debug)]
pub struct UsedFrame {
    /// Who, when, where.
    pub header: FrameHeader,
    /// What was detected.
    pub detections: Vec<Detection>,
    /// The tracks that it began.
    pub births: Births,
    /// The tracks that it began when it was stepped through again, until that is known to hold.
    pub renewed: Births,
}

impl UsedFrame {
    /// A frame without detections that began no track.
    pub const fn new(header: FrameHeader) -> Self {
        Self {
            header,
            detections: Vec::new(),
            births: Births { first_number: 0, detections: Vec::new() },
            renewed: Births { first_number: 0, detections: Vec::new() },
        }
    }

    /// Bytes of the detections.
    pub const fn byte_count(&self) -> usize {
        size_of_val(self.detections.as_slice())
    }

    /// Bytes of the memory that the detections have.
    pub const fn room(&self) -> usize {
        self.detections.capacity() * size_of::<Detection>()
    }

    /// Whether a frame has this one's name.
    pub fn has_name_of(&self, other: &FrameHeader) -> bool {
        let own = &self.header;
        (own.number, own.epoch, own.sensor_id) == (other.number, other.epoch, other.sensor_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_knows_which_detection_began_which_track() {
        let mut births = Births::default();
        births.note(5, 5, [0, 2, 4].into_iter());
        let found = [4, 5, 6, 7, 8].map(|number| births.detection_of(number));
        assert_eq!(found, [None, Some(0), Some(2), Some(4), None]);
        births.note(8, 0, std::iter::empty());
        assert_eq!((births.detection_of(7), births.detection_of(8)), (None, None));
    }
}
