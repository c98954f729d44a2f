//! Rows to columns and columns to rows, block by block.
//!
//! The last block may be part full. What stands behind its last row are rows of the block before
//! it, which have been looked at already, or absent ones.

use super::columns::write;
use super::detection_block::{DetectionBlock, ROWS};
use super::detection_columns::{COUNT, LEVEL, MEASURED, SPREAD, TRANSPONDER_ID};
use super::plain_detections::texts_are_plain;
use crate::detection::{Detection, present};
use crate::frame::FrameHeader;
use crate::simd::Kernel;

/// Writes rows to columns; true when all are known to be right.
pub struct WriteRows<'a> {
    /// Header of the frame.
    pub header: &'a FrameHeader,
    /// The rows.
    pub detections: &'a [Detection],
    /// Where they go.
    pub columns: [&'a mut [u8]; COUNT],
}

impl Kernel for WriteRows<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(mut self) -> bool {
        let FrameHeader { time_ns, range_band, .. } = *self.header;
        let mut all_plain = true;
        let mut block = DetectionBlock::absent(time_ns, range_band);
        for (index, rows) in self.detections.chunks(ROWS).enumerate() {
            block.gather(rows);
            if !block.is_plain(range_band, 0) {
                all_plain = false;
                block.make_canonical();
            }
            block.store(&mut self.columns, index * ROWS, rows.len());
        }
        let texts = &mut *self.columns[TRANSPONDER_ID];
        if !texts.is_empty() {
            let named = self.detections.iter().filter(|row| row.has(present::TRANSPONDER_ID));
            write(texts, 0, named.map(|row| row.transponder_id));
        }
        all_plain && texts_are_plain(texts)
    }
}

/// Reads columns into rows; true when all are known to be right.
pub struct ReadRows<'a> {
    /// Header of the frame.
    pub header: &'a FrameHeader,
    /// Where the rows come from.
    pub columns: [&'a [u8]; COUNT],
    /// How many there are.
    pub count: usize,
    /// Where they are appended.
    pub detections: &'a mut Vec<Detection>,
}

impl Kernel for ReadRows<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let FrameHeader { time_ns, range_band, .. } = *self.header;
        let never = never_present(&self.columns);
        let (texts, _) = self.columns[TRANSPONDER_ID].as_chunks();
        let mut unread = texts.iter();
        let mut all_plain = true;
        let mut block = DetectionBlock::absent(time_ns, range_band);
        for first in (0..self.count).step_by(ROWS) {
            let count = ROWS.min(self.count - first);
            block.load(&self.columns, first);
            if !block.is_plain(range_band, never) {
                all_plain = false;
                block.make_canonical();
            }
            let start = self.detections.len();
            self.detections.extend(block.rows().take(count));
            if unread.len() > 0 {
                let rows = self.detections.get_mut(start..).unwrap_or_default();
                let named = rows.iter_mut().filter(|row| row.has(present::TRANSPONDER_ID));
                for (row, text) in named.zip(unread.by_ref()) {
                    row.transponder_id = *text;
                }
            }
        }
        all_plain && texts_are_plain(self.columns[TRANSPONDER_ID])
    }
}

/// Bits of what has no column, so that no row may have it and none needs to be looked at for it.
#[inline(always)]
fn never_present(columns: &[&[u8]; COUNT]) -> u32 {
    let mut never = 0;
    for k in 0..5 {
        if columns[MEASURED + k].is_empty() && columns[SPREAD + k].is_empty() {
            never |= present::RANGE << k;
        }
    }
    for k in 0..2 {
        if columns[LEVEL + k].is_empty() {
            never |= present::SNR << k;
        }
    }
    never
}
