//! A tracker with its window as bytes and back: the state before the window and the frames in it,
//! which are stepped through again.
//!
//! Layout, little-endian: magic, version, length and bytes of the state, the public numbers, the
//! frames by time, each with its length as `RadarFrameColumns`, CRC-32C of all before.

use crate::error::{Error, Result};
use crate::late_frames::ordered_tracker::OrderedTracker;
use crate::late_frames::public_numbers::PublicNumbers;
use crate::simd::SimdLevel;
use crate::snapshot_bytes::{Reader, SnapshotKind, Writer, refuse};
use crate::tracking::config::TrackerConfig;
use crate::tracking::tracker::Tracker;
use crate::wire::frame_columns;

const KIND: SnapshotKind = SnapshotKind { magic: *b"QIKIFTK\0", version: 7 };

impl OrderedTracker {
    /// The whole state as bytes.
    ///
    /// # Errors
    /// None for settings that were accepted and frames that were used.
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        let state = match self.window.first_state() {
            Some(first) => self.tracker.snapshot_at(first)?,
            None => self.tracker.snapshot()?,
        };
        let mut out = Writer::new(&KIND, state.len() + 64);
        out.block(&state);
        self.numbers.write(&mut out);
        out.count(self.window.frames.len());
        let mut payload = Vec::new();
        for used in &self.window.frames {
            payload.clear();
            frame_columns::encode(&used.header, &used.detections, &mut payload)?;
            out.block(&payload);
        }
        Ok(out.finish())
    }

    /// A tracker from the bytes of [`OrderedTracker::snapshot`], made with `config`.
    ///
    /// # Errors
    /// [`Error::Snapshot`] for bytes that are not a whole snapshot of this version and these settings.
    pub fn restore(bytes: &[u8], level: SimdLevel, config: &TrackerConfig) -> Result<Self> {
        let mut input = Reader::new(&KIND, bytes)?;
        let tracker = Tracker::restore_with(input.block()?, level, config)?;
        let mut restored = Self::new(tracker);
        let numbers = PublicNumbers::read(&mut input)?;
        restored.step_through(&mut input)?;
        input.finish()?;
        restored.numbers = numbers;
        restored.check_numbers()?;
        Ok(restored)
    }

    fn step_through(&mut self, input: &mut Reader<'_>) -> Result<()> {
        let (mut detections, mut records) = (Vec::new(), Vec::new());
        for index in 0..input.count(4)? {
            let used = frame_columns::decode_into(input.block()?, &mut detections)
                .and_then(|header| self.use_corrected(&header, &mut detections, &mut records));
            used.map_err(|error: Error| refuse(format!("its frame {index}: {error}")))?;
        }
        Ok(())
    }

    /// Refuse a snapshot in which a living track has no public number.
    fn check_numbers(&self) -> Result<()> {
        let mut living = self.tracker.living_numbers();
        match living.find(|&number| self.numbers.of(number).is_none()) {
            Some(number) => Err(refuse(format!("track {number} has no public number"))),
            None => Ok(()),
        }
    }
}
