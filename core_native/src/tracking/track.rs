//! One track: its state, its life and what it knows of the target's identity.

use crate::detection::{Detection, present, range_band};
use crate::frame::FrameHeader;
use crate::tracking::gaussian::Gaussian;
use crate::tracking::record::{NO_DETECTION, event, friend_foe, present as track_present, status};

/// Who the target says it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Identity {
    /// Identity bits of [`track_present`].
    pub present: u32,
    /// 24-bit address.
    pub address: u32,
    /// Mode 3/A code.
    pub mode_3a: u16,
    /// Transponder mode.
    pub transponder_mode: u8,
    /// Friend or foe.
    pub friend_foe: u8,
    /// Identity in clear text.
    pub transponder_id: [u8; 32],
}

impl Identity {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        present: 0,
        address: 0,
        mode_3a: 0,
        transponder_mode: 0,
        friend_foe: friend_foe::UNKNOWN,
        transponder_id: [0; 32],
    };

    /// Take over what a detection tells; what it does not tell stays.
    pub fn learn(&mut self, detection: &Detection) {
        if detection.has(present::ADDRESS) {
            self.address = detection.address;
            self.present |= track_present::ADDRESS;
        }
        if detection.has(present::MODE_3A) {
            self.mode_3a = detection.mode_3a;
            self.present |= track_present::MODE_3A;
        }
        if detection.has(present::TRANSPONDER_ID) {
            self.transponder_id = detection.transponder_id;
            self.present |= track_present::TRANSPONDER_ID;
        }
        // Outside the short range a reply cannot be heard, so silence there says nothing.
        if detection.range_band != range_band::LONG {
            self.transponder_mode = detection.transponder_mode;
            self.present &= !track_present::TRANSPONDER_REPLY;
            if detection.has(present::TRANSPONDER_REPLY) {
                self.present |= track_present::TRANSPONDER_REPLY;
            }
        }
    }
}

/// One track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Track {
    /// State at `time_ns`, the time of the last detection used.
    pub state: Gaussian,
    /// Time of the state \[ns\].
    pub time_ns: i64,
    /// Time of the first detection \[ns\].
    pub birth_ns: i64,
    /// Running number, from 1.
    pub number: u64,
    /// UUID of (tracker, tracker epoch, number).
    pub track_id: [u8; 16],
    /// The last chances of detection, newest in the lowest bit; 1 is a hit.
    pub history: u32,
    /// Chances so far.
    pub chances: u32,
    /// Detections used.
    pub hit_count: u32,
    /// Misses since the last detection.
    pub miss_count: u32,
    /// Detection used by the last frame, or [`NO_DETECTION`].
    pub detection_index: u32,
    /// SNR of the last detection \[dB\], NaN if absent.
    pub snr_db: f32,
    /// RCS of the last detection \[dBsm\], NaN if absent.
    pub rcs_dbsm: f32,
    /// One of [`status`].
    pub status: u8,
    /// One of [`event`]: what the last frame did.
    pub event: u8,
    /// Band of the last detection.
    pub range_band: u8,
    /// Who it is.
    pub identity: Identity,
}

impl Track {
    /// A track born by measurement `index` at `time_ns`.
    pub const fn new(
        number: u64,
        track_id: [u8; 16],
        state: Gaussian,
        time_ns: i64,
        index: u32,
    ) -> Self {
        Self {
            state,
            time_ns,
            birth_ns: time_ns,
            number,
            track_id,
            history: 1,
            chances: 1,
            hit_count: 1,
            miss_count: 0,
            detection_index: index,
            snr_db: f32::NAN,
            rcs_dbsm: f32::NAN,
            status: status::NEW,
            event: event::BORN,
            range_band: range_band::UNSPECIFIED,
            identity: Identity::UNKNOWN,
        }
    }

    /// Confirmed at some time and not ended.
    pub const fn is_confirmed(&self) -> bool {
        matches!(self.status, status::TRACKED | status::COASTING)
    }

    /// Take over what a detection tells besides its position.
    pub fn describe(&mut self, detection: &Detection) {
        self.snr_db = detection.snr_db;
        self.rcs_dbsm = detection.rcs_dbsm;
        self.range_band = detection.range_band;
        self.identity.learn(detection);
    }

    /// Set what the next frame has not done yet.
    pub const fn begin_frame(&mut self) {
        self.event = event::NONE;
        self.detection_index = NO_DETECTION;
    }
}

/// True when the frame searched the place where the track is predicted.
pub fn is_covered(track: &Track, frame: &FrameHeader) -> bool {
    let dt_s = (frame.time_ns - track.time_ns) as f64 * 1e-9;
    let along = |axis: usize| {
        let m = &track.state.mean;
        m[axis] + m[axis + 3] * dt_s - frame.sensor_position_m[axis]
    };
    frame.coverage.contains([along(0), along(1), along(2)])
}
