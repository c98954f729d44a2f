//! A fast look at a block of detections that sees that nothing is wrong with them.
//!
//! Nearly every block passes. What does not goes to [`crate::frame_limits`], which alone refuses
//! and says why. Everything is integer arithmetic on lanes, without branches: floats of one sign
//! stand in the order of their bits, infinities and NaN above every number.

use super::detection_block::{DetectionBlock, Lanes, MEASURED_WORD, ROWS};
use crate::detection::{present, range_band, transponder_mode};
use crate::frame_limits::{MAX_DECIBELS, MAX_DISTANCE_M, MAX_SPEED_M_S};

/// Limits of one measurement, as bits.
struct Limits {
    bit: u32,
    /// Largest size.
    size: u64,
    /// Takes off the sign where `size` is for the absolute value. Where it does not, a sign makes
    /// the bits larger than any limit.
    mask: u64,
    /// Largest standard deviation.
    spread: u32,
}

const fn limits(bit: u32, size: f64, may_be_negative: bool, spread: f64) -> Limits {
    let mask = if may_be_negative { !(1 << 63) } else { !0 };
    Limits { bit, size: size.to_bits(), mask, spread: (spread as f32).to_bits() }
}

/// In the order of the bits.
const LIMITS: [Limits; 5] = [
    limits(present::RANGE, MAX_DISTANCE_M, false, MAX_DISTANCE_M),
    limits(present::BEARING, 360.0_f64.next_down(), false, 360.0),
    limits(present::ELEVATION, 90.0, true, 360.0),
    limits(present::RANGE_RATE, MAX_SPEED_M_S, true, MAX_SPEED_M_S),
    limits(present::HEIGHT, MAX_DISTANCE_M, true, MAX_DISTANCE_M),
];

impl DetectionBlock {
    /// True when every row is canonical, inside the limits of [`crate::frame_limits`], without the
    /// bits of `never` and, in a frame of one band, of that `band`. Text is not looked at. False
    /// says nothing: the row may still be right.
    ///
    /// What belongs to a bit of `never` is not looked at either: it is known to be absent.
    #[inline(always)]
    pub fn is_plain(&self, band: u8, never: u32) -> bool {
        let mut bad = self.bad_codes(never) | self.bad_bands(band);
        let mut bad_wide = self.reserved;
        for (k, limits) in LIMITS.iter().enumerate() {
            if never & limits.bit == 0 {
                bad_wide |= self.bad_measured(&self.words[MEASURED_WORD + k], limits);
                bad |= self.bad_spread(&self.spread[k], limits);
            }
        }
        for (lanes, bit) in self.level.iter().zip([present::SNR, present::RCS]) {
            if never & bit == 0 {
                bad |= self.bad_level(lanes, bit);
            }
        }
        bad == 0 && bad_wide == 0
    }

    /// Non-zero when a lane is neither within its limit with its bit set nor NaN with it clear.
    #[inline(always)]
    fn bad_measured(&self, lanes: &Lanes<u64>, limits: &Limits) -> u64 {
        let mut bad = 0;
        for (&lane, &bits) in lanes.iter().zip(&self.present) {
            let is_present = spread_bit(bits, limits.bit) as i32 as u64;
            let size = lane & limits.mask;
            let over = (limits.size.wrapping_sub(size) | size) & 1 << 63;
            bad |= is_present & over | !is_present & (lane ^ f64::NAN.to_bits());
        }
        bad
    }

    /// As [`Self::bad_measured`], for standard deviations: above zero.
    #[inline(always)]
    fn bad_spread(&self, lanes: &Lanes<u32>, limits: &Limits) -> u32 {
        let mut bad = 0;
        for (&lane, &bits) in lanes.iter().zip(&self.present) {
            let is_present = spread_bit(bits, limits.bit);
            let over = over(lane.wrapping_sub(1), limits.spread - 1);
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
    fn bad_codes(&self, never: u32) -> u32 {
        let mut bad = 0;
        for k in 0..ROWS {
            let bits = self.present[k];
            bad |= bits & (!present::ALL | never);
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
}

/// True when every text, of 32 bytes, is ASCII padded with zeros.
#[inline(always)]
pub fn texts_are_plain(texts: &[u8]) -> bool {
    let (texts, _) = texts.as_chunks::<32>();
    let are_plain = |texts: &[[u8; 32]]| {
        let empty = texts.iter().fold(false, |empty, text| empty | (text[0] == 0));
        !empty && texts_are_padded_ascii(texts)
    };
    texts.chunks(ROWS).all(are_plain)
}

/// True when no byte is above 127 and, in every text, none but zeros follows a zero.
#[inline(always)]
fn texts_are_padded_ascii(texts: &[[u8; 32]]) -> bool {
    let bytes = texts.as_flattened();
    let after = bytes.get(1..).unwrap_or_default();
    let (mut all, mut bad) = (0, 0);
    for ((&byte, &next), &same_text) in bytes.iter().zip(after).zip(&SAME_TEXT) {
        all |= byte;
        bad |= if byte == 0 { next & same_text } else { 0 };
    }
    bad == 0 && all < 0x80 && bytes.last().is_none_or(|&last| last < 0x80)
}

/// For every byte of a block's texts: all ones unless the byte after it begins another text.
const SAME_TEXT: [u8; 32 * ROWS] = {
    let mut same_text = [0xff; 32 * ROWS];
    let mut last = 31;
    while last < same_text.len() {
        same_text[last] = 0;
        last += 32;
    }
    same_text
};

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
