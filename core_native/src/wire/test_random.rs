//! Random frames and random damage for the tests of this folder.

use crate::detection::{Detection, present, range_band};
use crate::frame::{Coverage, Frame, FrameHeader};

/// xorshift64*: enough for tests, the same on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// From 0 to `end` - 1.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() >> 33) as usize % end
    }

    /// From `low` to `high`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Above 0, at most 100.
    pub fn std(&mut self) -> f32 {
        self.uniform(0.001, 100.0) as f32
    }

    pub fn text(&mut self) -> [u8; 32] {
        let mut text = [0; 32];
        let length = 1 + self.below(32);
        text[..length].fill_with(|| b'0' + self.below(70) as u8);
        if length > 2 && self.below(4) == 0 {
            text[..2].copy_from_slice("é".as_bytes());
        }
        text
    }

    /// A detection of which `allowed` fields may be measured.
    pub fn detection(&mut self, time_ns: i64, band: u8, allowed: u32) -> Detection {
        let mut d = Detection::absent(time_ns);
        d.range_band = band;
        d.present = self.bits() as u32 & allowed & present::ALL;
        if band == range_band::LONG {
            d.present &= !present::IDENTITY;
        } else if allowed & present::IDENTITY != 0 {
            d.transponder_mode = self.below(4) as u8;
        }
        if d.has(present::RANGE) {
            (d.range_m, d.range_std_m) = (self.uniform(0.0, 1e6), self.std());
        }
        if d.has(present::BEARING) {
            (d.bearing_deg, d.bearing_std_deg) = (self.uniform(0.0, 359.9), self.std());
        }
        if d.has(present::ELEVATION) {
            (d.elevation_deg, d.elevation_std_deg) = (self.uniform(-90.0, 90.0), self.std());
        }
        if d.has(present::RANGE_RATE) {
            (d.range_rate_m_s, d.range_rate_std_m_s) = (self.uniform(-1e3, 1e3), self.std());
        }
        if d.has(present::HEIGHT) {
            (d.height_m, d.height_std_m) = (self.uniform(-1e3, 1e4), self.std());
        }
        d.snr_db = if d.has(present::SNR) { self.uniform(-20.0, 60.0) as f32 } else { d.snr_db };
        d.rcs_dbsm =
            if d.has(present::RCS) { self.uniform(-30.0, 30.0) as f32 } else { d.rcs_dbsm };
        d.address = if d.has(present::ADDRESS) { self.bits() as u32 >> 8 } else { 0 };
        d.mode_3a = if d.has(present::MODE_3A) { self.below(0o10_000) as u16 } else { 0 };
        d.transponder_id = if d.has(present::TRANSPONDER_ID) { self.text() } else { [0; 32] };
        d
    }

    /// A frame of `count` detections, of any band and with any fields.
    pub fn frame(&mut self, count: usize) -> Frame {
        let frame_band = self.below(3) as u8;
        let (allowed, own_times) = (self.bits() as u32, self.below(2) == 0);
        let time_ns = self.bits() as i64;
        let header = FrameHeader {
            sensor_id: std::array::from_fn(|_| self.bits() as u8),
            epoch: self.bits(),
            number: self.bits(),
            time_ns,
            range_band: frame_band,
            coverage: Coverage::sphere(self.uniform(1.0, 1e6)),
            sensor_position_m: std::array::from_fn(|_| self.uniform(-1e6, 1e6)),
            sensor_velocity_m_s: std::array::from_fn(|_| self.uniform(-1e3, 1e3)),
        };
        let mut detection = |_| {
            let any_band = frame_band == range_band::UNSPECIFIED;
            let band = if any_band { self.below(3) as u8 } else { frame_band };
            let time_ns = if own_times { self.bits() as i64 } else { time_ns };
            self.detection(time_ns, band, allowed)
        };
        Frame { header, detections: (0..count).map(&mut detection).collect() }
    }

    /// Flip bits, overwrite, cut, insert or double a few bytes.
    pub fn damage(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len().max(1));
            match self.below(6) {
                _ if bytes.is_empty() => bytes.push(self.bits() as u8),
                0 | 1 => bytes[at] ^= 1 << self.below(8),
                2 => bytes[at] = self.bits() as u8,
                3 => bytes.truncate(at),
                4 => bytes.insert(at, self.bits() as u8),
                _ => bytes.extend_from_within(at..),
            }
        }
    }
}
