//! A fast look at a block of detections that sees that nothing is wrong with them.
//!
//! Nearly every block passes. What does not goes to [`crate::frame_limits`], which alone refuses
//! and says why. Everything is integer arithmetic on lanes, without branches: floats of one sign
//! stand in the order of their bits, infinities and NaN above every number.

use super::detection_block::{DetectionBlock, Lanes, ROWS};
use crate::detection::{present, range_band, transponder_mode};
use crate::frame_limits::{MAX_DECIBELS, MAX_DISTANCE_M, MAX_SPEED_M_S};

impl DetectionBlock {
    /// True when every row is canonical, inside the limits of [`crate::frame_limits`] and, in a
    /// frame of one band, of that `band`. False says nothing: the row may still be right.
    #[inline(always)]
    pub fn is_plain(&self, band: u8) -> bool {
        let far = MAX_DISTANCE_M.to_bits();
        let fast = MAX_SPEED_M_S.to_bits();
        let signless = !(1 << 63);
        let [_, range, bearing, elevation, range_rate, height, ..] = &self.words;
        let measured = self.bad_measured(range, present::RANGE, far, !0)
            | self.bad_measured(bearing, present::BEARING, 360.0_f64.to_bits() - 1, !0)
            | self.bad_measured(elevation, present::ELEVATION, 90.0_f64.to_bits(), signless)
            | self.bad_measured(range_rate, present::RANGE_RATE, fast, signless)
            | self.bad_measured(height, present::HEIGHT, far, signless);
        let far = MAX_DISTANCE_M as f32;
        let [range, bearing, elevation, range_rate, height] = &self.spread;
        let spread = self.bad_spread(range, present::RANGE, far)
            | self.bad_spread(bearing, present::BEARING, 360.0)
            | self.bad_spread(elevation, present::ELEVATION, 360.0)
            | self.bad_spread(range_rate, present::RANGE_RATE, MAX_SPEED_M_S as f32)
            | self.bad_spread(height, present::HEIGHT, far);
        let level = self.bad_level(&self.level[0], present::SNR)
            | self.bad_level(&self.level[1], present::RCS);
        let other = self.bad_codes() | self.bad_bands(band);
        measured == 0 && spread | level | other == 0 && self.reserved == 0 && self.texts_are_plain()
    }

    /// Non-zero when a lane is neither at most `limit` with its bit set nor NaN with it clear.
    /// `mask` takes off the sign where the limit is for the absolute value; a sign left on makes
    /// the bits larger than any limit, as NaN's are.
    #[inline(always)]
    fn bad_measured(&self, lanes: &Lanes<u64>, bit: u32, limit: u64, mask: u64) -> u64 {
        let mut bad = 0;
        for (&lane, &bits) in lanes.iter().zip(&self.present) {
            let is_present = spread_bit(bits, bit) as i32 as u64;
            let size = lane & mask;
            let over = (limit.wrapping_sub(size) | size) & 1 << 63;
            bad |= is_present & over | !is_present & (lane ^ f64::NAN.to_bits());
        }
        bad
    }

    /// As [`Self::bad_measured`], for standard deviations: above zero.
    #[inline(always)]
    fn bad_spread(&self, lanes: &Lanes<u32>, bit: u32, limit: f32) -> u32 {
        let mut bad = 0;
        for (&lane, &bits) in lanes.iter().zip(&self.present) {
            let is_present = spread_bit(bits, bit);
            let over = over(lane.wrapping_sub(1), limit.to_bits() - 1);
            bad |= is_present & over | !is_present & (lane ^ f32::NAN.to_bits());
        }
        bad
    }

    /// As [`Self::bad_measured`], for decibels.
    #[inline(always)]
    fn bad_level(&self, lanes: &Lanes<u32>, bit: u32) -> u32 {
        let mut bad = 0;
        for (&lane, &bits) in lanes.iter().zip(&self.present) {
            let is_present = spread_bit(bits, bit);
            let over = over(lane & !(1 << 31), (MAX_DECIBELS as f32).to_bits());
            bad |= is_present & over | !is_present & (lane ^ f32::NAN.to_bits());
        }
        bad
    }

    #[inline(always)]
    fn bad_codes(&self) -> u32 {
        let mut bad = 0;
        for k in 0..ROWS {
            let bits = self.present[k];
            bad |= bits & !present::ALL;
            bad |= over(self.address[k], 0xff_ffff & spread_bit(bits, present::ADDRESS));
            bad |= over(self.mode_3a[k], 0o7777 & spread_bit(bits, present::MODE_3A));
        }
        bad
    }

    #[inline(always)]
    fn bad_bands(&self, band: u8) -> u32 {
        let mut bad = 0;
        let one_band = if band == range_band::UNSPECIFIED { 0 } else { u32::MAX };
        for k in 0..ROWS {
            let row_band = u32::from(self.range_band[k]);
            let mode = u32::from(self.transponder_mode[k]);
            let names = self.present[k] & present::IDENTITY | mode;
            bad |= if row_band == u32::from(range_band::LONG) { names } else { 0 };
            bad |= over(row_band, u32::from(range_band::SHORT));
            bad |= over(mode, u32::from(transponder_mode::SPOOF));
            bad |= (row_band ^ u32::from(band)) & one_band;
        }
        bad
    }

    /// True when every text is ASCII padded with zeros where present and zeros where absent.
    #[inline(always)]
    fn texts_are_plain(&self) -> bool {
        let mut any = 0;
        for k in 0..ROWS {
            any |= self.present[k] & present::TRANSPONDER_ID;
        }
        if !self.has_text {
            return any == 0;
        }
        let mut bad = false;
        for k in 0..ROWS {
            let is_present = self.present[k] & present::TRANSPONDER_ID != 0;
            bad |= is_present != (self.transponder_id[k][0] != 0);
        }
        !bad && texts_are_padded_ascii(self.transponder_id.as_flattened())
    }
}

/// True when, in every 32 bytes, no byte is above 127 and none but zeros follows a zero.
#[inline(always)]
fn texts_are_padded_ascii(texts: &[u8]) -> bool {
    const WORDS: usize = 4;
    let (words, _) = texts.as_chunks::<8>();
    let mut bad = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        // Within a word: a byte is text though the one before it is not.
        bad |= word & HIGH_BITS | is_text(word) & !(is_text(word) << 8 | 0x80);
    }
    for (k, pair) in words.windows(2).enumerate() {
        let [before, word] = [u64::from_le_bytes(pair[0]), u64::from_le_bytes(pair[1])];
        let starts = if (k + 1) % WORDS == 0 { 0x80 } else { 0 };
        // Between words of one text: the same for the first byte and the last before it.
        bad |= is_text(word) & 0x80 & !(is_text(before) >> 56) & !starts;
    }
    bad == 0
}

const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// The high bit of each byte of ASCII that is not zero; no carry leaves a byte.
#[inline(always)]
fn is_text(word: u64) -> u64 {
    word.wrapping_add(!HIGH_BITS) & HIGH_BITS
}

/// All ones when `bit`, one bit, is set in `bits`.
#[inline(always)]
fn spread_bit(bits: u32, bit: u32) -> u32 {
    ((bits << bit.leading_zeros()) as i32 >> 31) as u32
}

/// The top bit when `value` is above `limit`, which is below 2^31.
#[inline(always)]
fn over(value: u32, limit: u32) -> u32 {
    (limit.wrapping_sub(value) | value) & 1 << 31
}
