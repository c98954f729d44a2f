//! Random frames and random damage for the tests of this folder.

use crate::detection::{Detection, present, range_band};
use crate::frame::{Coverage, Frame, FrameHeader};
use crate::guard::alert::{AlertApproach, AlertKind, AlertRule, GuardAlert, GuardReport};
use crate::online_registration::estimators::RegistrationEstimate;
use crate::tracking::record::{NO_DETECTION, TrackRecord};
use crate::tracking::sensor_bias::SensorBias;
use crate::wire::tracks_message::{InputName, TracksHeader, Verdict};

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
        // Times of a frame stay within 2^61.
        let time_ns = self.bits() as i64 >> 2;
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
            let time_ns = if own_times { self.bits() as i64 >> 2 } else { time_ns };
            self.detection(time_ns, band, allowed)
        };
        Frame { header, detections: (0..count).map(&mut detection).collect() }
    }

    pub fn vector<const N: usize>(&mut self, size: f64) -> [f64; N] {
        std::array::from_fn(|_| self.uniform(-size, size))
    }

    /// A covariance's upper triangle, with a diagonal above zero.
    fn covariance(&mut self) -> [f64; 6] {
        let mut upper = self.vector(10.0);
        for diagonal in [0, 3, 5] {
            upper[diagonal] = self.uniform(1.0, 1e4);
        }
        upper
    }

    /// A track; `fields` says what it may have.
    pub fn track(&mut self, time_ns: i64, fields: u32) -> TrackRecord {
        use crate::tracking::record::present;
        let band = self.below(3) as u8;
        let mut bits = self.bits() as u32 & fields & present::ALL;
        if band == range_band::LONG {
            bits &= !present::IDENTITY;
        }
        let has = |bit: u32| bits & bit != 0;
        TrackRecord {
            track_id: std::array::from_fn(|_| self.bits() as u8),
            number: self.bits().max(1),
            time_ns,
            update_time_ns: self.bits() as i64,
            position_m: self.vector(1e6),
            velocity_m_s: self.vector(1e3),
            position_covariance_m2: self.covariance(),
            velocity_covariance_m2_s2: self.covariance(),
            range_m: self.uniform(0.0, 1e6),
            bearing_deg: self.uniform(0.0, 359.9),
            elevation_deg: self.uniform(-90.0, 90.0),
            range_rate_m_s: self.uniform(-1e3, 1e3),
            age_s: self.uniform(0.0, 1e4),
            quality: self.uniform(0.0, 1.0),
            snr_db: if has(present::SNR) { self.uniform(-20.0, 60.0) as f32 } else { f32::NAN },
            rcs_dbsm: if has(present::RCS) { self.uniform(-30.0, 30.0) as f32 } else { f32::NAN },
            hit_count: self.bits() as u32,
            miss_count: if fields & 1 == 0 { 0 } else { self.below(5) as u32 },
            present: bits,
            address: if has(present::ADDRESS) { self.bits() as u32 >> 8 } else { 0 },
            detection_index: if fields & 2 == 0 { NO_DETECTION } else { self.below(99) as u32 },
            mode_3a: if has(present::MODE_3A) { self.below(0o10_000) as u16 } else { 0 },
            status: 1 + self.below(4) as u8,
            event: self.below(5) as u8,
            range_band: band,
            transponder_mode: if bits & present::IDENTITY == 0 { 0 } else { self.below(4) as u8 },
            object_type: if fields & 4 == 0 { 0 } else { self.below(6) as u8 },
            friend_foe: if fields & 8 == 0 { 0 } else { self.below(4) as u8 },
            friend_foe_probability: if fields & 16 == 0 {
                0.0
            } else {
                self.uniform(0.0, 1.0) as f32
            },
            refuted_probability: if fields & 32 == 0 { 0.0 } else { self.uniform(0.0, 1.0) as f32 },
            object_type_probability: if fields & 128 == 0 {
                0.0
            } else {
                self.uniform(0.0, 1.0) as f32
            },
            alarms: (fields >> 6) as u8 & 1 | (fields >> 7) as u8 & 2,
            reserved: [0; 7],
            transponder_id: if has(present::TRANSPONDER_ID) { self.text() } else { [0; 32] },
        }
    }

    /// What is known of a sensor's biases, in every second message.
    fn registration(&mut self) -> Option<RegistrationEstimate> {
        let mut biases = |low: f64| SensorBias {
            east_m: self.uniform(low, 1e4),
            north_m: self.uniform(low, 1e4),
            range_m: self.uniform(low, 1e3),
            bearing_deg: self.uniform(low, 5.0),
            time_s: self.uniform(low, 2.0),
        };
        let (bias, std) = (biases(-1.0), biases(0.0));
        let [known, aligned, applied] = [0; 3].map(|_| self.below(2) == 0);
        known.then(|| RegistrationEstimate {
            is_aligned: aligned,
            is_applied: aligned && applied,
            pair_count: self.bits(),
            target_count: self.bits() >> 40,
            unused_frames: self.bits() >> 60,
            bias,
            std,
        })
    }

    /// Alerts, in every second message.
    fn guard(&mut self) -> Option<GuardReport> {
        let rule = |id: u8| AlertRule {
            id: format!("RULE_{id}"),
            title: "Nahe".into(),
            description: "Näher als 70 m".into(),
            action_required: String::new(),
            severity: id,
            fsm_event: "RADAR_ALERT".into(),
        };
        let rules = (1..=3).map(rule).take(1 + self.below(3)).collect::<Vec<_>>();
        let alerts = (0..self.below(4)).map(|_| self.alert(rules.len())).collect();
        let unwatched_count = self.bits() >> 50;
        (self.below(2) == 0).then_some(GuardReport { rules, alerts, unwatched_count })
    }

    fn alert(&mut self, rules: usize) -> GuardAlert {
        let time_ns = self.bits() as i64 >> 2;
        let approach = AlertApproach {
            time_s: self.uniform(-100.0, 100.0),
            distance_m: self.uniform(0.0, 1e4),
            probability: self.uniform(0.0, 1.0),
        };
        GuardAlert {
            rule: self.below(rules) as u32,
            kind: AlertKind::ALL[self.below(3)],
            track_id: std::array::from_fn(|_| self.bits() as u8),
            track_number: 1 + (self.bits() >> 2),
            time_ns,
            since_ns: time_ns - (self.bits() >> 30) as i64,
            range_m: self.uniform(0.0, 1e5),
            bearing_deg: self.uniform(0.0, 360.0),
            elevation_deg: self.uniform(-90.0, 90.0),
            range_rate_m_s: self.uniform(-1e3, 1e3),
            quality: self.uniform(0.0, 1.0),
            friend_foe: self.below(4) as u8,
            transponder_on: self.below(2) == 0,
            transponder_mode: self.below(4) as u8,
            approach: (self.below(2) == 0).then_some(approach),
        }
    }

    /// A tracks message of `count` tracks.
    pub fn tracks(&mut self, count: usize) -> (TracksHeader, Vec<TrackRecord>) {
        let verdict = Verdict::ALL[self.below(3)];
        let reason = if verdict == Verdict::Accepted { "" } else { "range_m is -1, must be …" };
        let header = TracksHeader {
            tracker_id: std::array::from_fn(|_| self.bits() as u8),
            tracker_epoch: self.bits(),
            time_ns: self.bits() as i64,
            input: InputName {
                sensor_id: std::array::from_fn(|_| self.bits() as u8),
                epoch: self.bits(),
                number: self.bits(),
                payload_sha256: std::array::from_fn(|_| self.bits() as u8),
            },
            verdict,
            reason: reason.into(),
            registration: self.registration(),
            guard: self.guard(),
        };
        let (fields, own_times) = (self.bits() as u32, self.below(2) == 0);
        let mut track = |_| {
            let time_ns = if own_times { self.bits() as i64 >> 2 } else { header.time_ns };
            self.track(time_ns, fields)
        };
        let tracks = (0..count).map(&mut track).collect();
        (header, tracks)
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
