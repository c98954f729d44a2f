//! Detections field by field, 64 at a time: the way between records and columns.
//!
//! Loops have a fixed length and no branches, so that the compiler makes vectors of them. Floats
//! are kept as their bits: nothing here computes with them.

use super::columns::{read, write};
use super::detection_columns::*;
use crate::detection::{Detection, transponder_mode};

/// Rows of a block.
pub const ROWS: usize = 64;

/// One field of every row of a block.
pub type Lanes<T> = [T; ROWS];

/// Up to [`ROWS`] detections as bits, but for their text.
#[derive(Clone)]
pub struct DetectionBlock {
    /// The records' first eleven 64-bit words: time, the five measurements, then the fields below
    /// two and more to a word.
    pub words: [Lanes<u64>; 11],
    /// Standard deviations, in the order of the measurements.
    pub spread: [Lanes<u32>; 5],
    /// SNR and radar cross section.
    pub level: [Lanes<u32>; 2],
    /// What was measured.
    pub present: Lanes<u32>,
    /// Aircraft address.
    pub address: Lanes<u32>,
    /// Mode 3/A code.
    pub mode_3a: Lanes<u32>,
    /// Range band.
    pub range_band: Lanes<u8>,
    /// Transponder mode.
    pub transponder_mode: Lanes<u8>,
    /// The reserved parts of the records, together.
    pub reserved: u64,
}

/// First of the five measurements in `words`.
pub const MEASURED_WORD: usize = 1;

impl DetectionBlock {
    /// Absent detections of a frame of `time_ns` and `band`.
    #[inline(always)]
    pub fn absent(time_ns: i64, band: u8) -> Self {
        let mut block = Self {
            words: [[f64::NAN.to_bits(); ROWS]; 11],
            spread: [[f32::NAN.to_bits(); ROWS]; 5],
            level: [[f32::NAN.to_bits(); ROWS]; 2],
            present: [0; ROWS],
            address: [0; ROWS],
            mode_3a: [0; ROWS],
            range_band: [band; ROWS],
            transponder_mode: [transponder_mode::OFF; ROWS],
            reserved: 0,
        };
        block.words[0] = [time_ns as u64; ROWS];
        block.pack();
        block
    }

    /// Take the rows of `columns` from `first` on; a column left out leaves its field as it is.
    #[inline(always)]
    pub fn load(&mut self, columns: &[&[u8]; COUNT], first: usize) {
        fill(&mut self.words[0], read(columns[TIME], first));
        for k in 0..5 {
            fill(&mut self.words[MEASURED_WORD + k], read(columns[MEASURED + k], first));
            fill(&mut self.spread[k], read(columns[SPREAD + k], first));
        }
        for k in 0..2 {
            fill(&mut self.level[k], read(columns[LEVEL + k], first));
        }
        fill(&mut self.present, read(columns[PRESENT], first));
        fill(&mut self.address, read(columns[ADDRESS], first));
        fill(&mut self.mode_3a, read(columns[MODE_3A], first));
        fill(&mut self.range_band, read(columns[RANGE_BAND], first));
        fill(&mut self.transponder_mode, read(columns[TRANSPONDER_MODE], first));
        self.pack();
    }

    /// Write the first `count` rows to `columns` from `first` on.
    #[inline(always)]
    pub fn store(&self, columns: &mut [&mut [u8]; COUNT], first: usize, count: usize) {
        write(columns[TIME], first, self.words[0][..count].iter().copied());
        for k in 0..5 {
            write(
                columns[MEASURED + k],
                first,
                self.words[MEASURED_WORD + k][..count].iter().copied(),
            );
            write(columns[SPREAD + k], first, self.spread[k][..count].iter().copied());
        }
        for k in 0..2 {
            write(columns[LEVEL + k], first, self.level[k][..count].iter().copied());
        }
        write(columns[PRESENT], first, self.present[..count].iter().copied());
        write(columns[ADDRESS], first, self.address[..count].iter().copied());
        write(columns[MODE_3A], first, self.mode_3a[..count].iter().copied());
        write(columns[RANGE_BAND], first, self.range_band[..count].iter().copied());
        write(columns[TRANSPONDER_MODE], first, self.transponder_mode[..count].iter().copied());
    }

    /// Take `rows`, at most [`ROWS`] of them.
    #[inline(always)]
    pub fn gather(&mut self, rows: &[Detection]) {
        for (k, row) in rows.iter().enumerate().take(ROWS) {
            let words = &mut self.words;
            words[0][k] = row.time_ns as u64;
            words[1][k] = row.range_m.to_bits();
            words[2][k] = row.bearing_deg.to_bits();
            words[3][k] = row.elevation_deg.to_bits();
            words[4][k] = row.range_rate_m_s.to_bits();
            words[5][k] = row.height_m.to_bits();
            words[6][k] = joined(row.range_std_m.to_bits(), row.bearing_std_deg.to_bits());
            words[7][k] = joined(row.elevation_std_deg.to_bits(), row.range_rate_std_m_s.to_bits());
            words[8][k] = joined(row.height_std_m.to_bits(), row.snr_db.to_bits());
            words[9][k] = joined(row.rcs_dbsm.to_bits(), row.present);
            let bytes = u32::from(row.range_band) | u32::from(row.transponder_mode) << 8;
            words[10][k] = joined(row.address, u32::from(row.mode_3a) | bytes << 16);
            self.reserved |= u64::from_le_bytes(row.reserved);
        }
        self.unpack();
    }

    /// The detections of every row, without text.
    #[inline(always)]
    pub fn rows(&self) -> impl Iterator<Item = Detection> + '_ {
        let w = &self.words;
        (0..ROWS).map(move |k| Detection {
            time_ns: w[0][k] as i64,
            range_m: f64::from_bits(w[1][k]),
            bearing_deg: f64::from_bits(w[2][k]),
            elevation_deg: f64::from_bits(w[3][k]),
            range_rate_m_s: f64::from_bits(w[4][k]),
            height_m: f64::from_bits(w[5][k]),
            range_std_m: f32::from_bits(low(w[6][k])),
            bearing_std_deg: f32::from_bits(high(w[6][k])),
            elevation_std_deg: f32::from_bits(low(w[7][k])),
            range_rate_std_m_s: f32::from_bits(high(w[7][k])),
            height_std_m: f32::from_bits(low(w[8][k])),
            snr_db: f32::from_bits(high(w[8][k])),
            rcs_dbsm: f32::from_bits(low(w[9][k])),
            present: high(w[9][k]),
            address: low(w[10][k]),
            mode_3a: high(w[10][k]) as u16,
            range_band: (w[10][k] >> 48) as u8,
            transponder_mode: (w[10][k] >> 56) as u8,
            reserved: [0; 8],
            transponder_id: [0; 32],
        })
    }

    /// Write the one quiet NaN for every NaN.
    #[inline(always)]
    pub fn make_canonical(&mut self) {
        for value in self.words[MEASURED_WORD..][..5].as_flattened_mut() {
            *value = if f64::from_bits(*value).is_nan() { f64::NAN.to_bits() } else { *value };
        }
        for value in self.spread.iter_mut().chain(&mut self.level).flatten() {
            *value = if f32::from_bits(*value).is_nan() { f32::NAN.to_bits() } else { *value };
        }
        self.pack();
    }

    /// Join the fields that share a word.
    #[inline(always)]
    fn pack(&mut self) {
        let [height, snr, rcs] = [&self.spread[4], &self.level[0], &self.level[1]];
        for k in 0..ROWS {
            self.words[6][k] = joined(self.spread[0][k], self.spread[1][k]);
            self.words[7][k] = joined(self.spread[2][k], self.spread[3][k]);
            self.words[8][k] = joined(height[k], snr[k]);
            self.words[9][k] = joined(rcs[k], self.present[k]);
        }
        for k in 0..ROWS {
            // A code past 16 bits stays a code past its limit of 12.
            let mode_3a = self.mode_3a[k].min(u32::from(u16::MAX));
            let bytes = u32::from(self.range_band[k]) | u32::from(self.transponder_mode[k]) << 8;
            self.words[10][k] = joined(self.address[k], mode_3a | bytes << 16);
        }
    }

    /// Part the fields that share a word.
    #[inline(always)]
    fn unpack(&mut self) {
        let [.., spreads_0_1, spreads_2_3, spread_4_snr, rcs_present, codes] = &self.words;
        for (k, word) in spreads_0_1.iter().enumerate() {
            (self.spread[0][k], self.spread[1][k]) = (low(*word), high(*word));
        }
        for (k, word) in spreads_2_3.iter().enumerate() {
            (self.spread[2][k], self.spread[3][k]) = (low(*word), high(*word));
        }
        for (k, word) in spread_4_snr.iter().enumerate() {
            (self.spread[4][k], self.level[0][k]) = (low(*word), high(*word));
        }
        for (k, word) in rcs_present.iter().enumerate() {
            (self.level[1][k], self.present[k]) = (low(*word), high(*word));
        }
        for (k, word) in codes.iter().enumerate() {
            (self.address[k], self.mode_3a[k]) = (low(*word), high(*word) & 0xffff);
            self.range_band[k] = (word >> 48) as u8;
            self.transponder_mode[k] = (word >> 56) as u8;
        }
    }
}

#[inline(always)]
fn fill<T>(lanes: &mut Lanes<T>, values: impl Iterator<Item = T>) {
    for (lane, value) in lanes.iter_mut().zip(values) {
        *lane = value;
    }
}

#[inline(always)]
fn joined(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

#[inline(always)]
fn low(word: u64) -> u32 {
    word as u32
}

#[inline(always)]
fn high(word: u64) -> u32 {
    (word >> 32) as u32
}
