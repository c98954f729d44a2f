//! The track record: one 320-byte layout for what the tracker says of a target after a frame.

/// Which optional fields of a [`TrackRecord`] hold a value; clear means absent (NaN or zero bytes).
pub mod present {
    /// `snr_db` of the last detection.
    pub const SNR: u32 = 1 << 0;
    /// `rcs_dbsm` of the last detection.
    pub const RCS: u32 = 1 << 1;
    /// `address`.
    pub const ADDRESS: u32 = 1 << 2;
    /// `mode_3a`.
    pub const MODE_3A: u32 = 1 << 3;
    /// `transponder_id`.
    pub const TRANSPONDER_ID: u32 = 1 << 4;
    /// A transponder replied at the last short-range detection.
    pub const TRANSPONDER_REPLY: u32 = 1 << 5;
    /// Everything that names the target; never set on a track whose band is long range.
    pub const IDENTITY: u32 = ADDRESS | MODE_3A | TRANSPONDER_ID | TRANSPONDER_REPLY;
    /// Every bit that has a meaning.
    pub const ALL: u32 = (1 << 6) - 1;
}

/// Status of a track; numbers as in `qiki.radar.v1.RadarTrackStatus`.
pub mod status {
    /// Born, not yet confirmed.
    pub const NEW: u8 = 1;
    /// Confirmed and updated by this frame.
    pub const TRACKED: u8 = 2;
    /// Ended; the id is never used again.
    pub const LOST: u8 = 3;
    /// Confirmed, not detected by the last frame that covered it.
    pub const COASTING: u8 = 4;
}

/// What the frame did to the track.
pub mod event {
    /// Outside the frame's coverage: only extrapolated. Part of the output of a late frame alone,
    /// for a track that it changed by way of the frames since.
    pub const NONE: u8 = 0;
    /// Begun by a detection of this frame, or by way of it when it was late: told for the first time.
    pub const BORN: u8 = 1;
    /// Updated by a detection of this frame.
    pub const UPDATED: u8 = 2;
    /// Covered by this frame and not detected.
    pub const MISSED: u8 = 3;
    /// Ended with this frame, or, when it was late, never was.
    pub const ENDED: u8 = 4;
}

/// Friend or foe; numbers as in `qiki.radar.v1.FriendFoe`.
pub mod friend_foe {
    /// A confirmed reply on the friendly list.
    pub const FRIEND: u8 = 1;
    /// On the hostile list, or a refuted identity.
    pub const FOE: u8 = 2;
    /// Neither is known.
    pub const UNKNOWN: u8 = 3;
}

/// Alarms of a track, as bits.
pub mod alarm {
    /// The identity that it claims does not fit the motion: another track holds it.
    pub const IDENTITY_REFUTED: u8 = 1 << 0;
    /// Another track claims the same identity as rightly: one of the two is forged, and neither is told.
    pub const IDENTITY_CONTESTED: u8 = 1 << 1;
    /// Every bit that has a meaning.
    pub const ALL: u8 = IDENTITY_REFUTED | IDENTITY_CONTESTED;
}

/// One track as the tracker reports it. Position and velocity are in the world frame; range,
/// bearing, elevation and range rate are as the frame's sensor would see them, NaN where positions
/// came without a sensor.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrackRecord {
    /// UUID of (tracker, tracker epoch, `number`).
    pub track_id: [u8; 16],
    /// Running number of the track within the tracker's epoch, from 1.
    pub number: u64,
    /// Time that the state holds for \[ns\].
    pub time_ns: i64,
    /// Time of the last detection used \[ns\].
    pub update_time_ns: i64,
    /// Position \[m\].
    pub position_m: [f64; 3],
    /// Velocity \[m/s\].
    pub velocity_m_s: [f64; 3],
    /// Upper triangle xx, xy, xz, yy, yz, zz \[m²\].
    pub position_covariance_m2: [f64; 6],
    /// Upper triangle xx, xy, xz, yy, yz, zz \[m²/s²\].
    pub velocity_covariance_m2_s2: [f64; 6],
    /// Slant range \[m\].
    pub range_m: f64,
    /// Bearing \[deg\], 0 ≤ bearing < 360.
    pub bearing_deg: f64,
    /// Elevation \[deg\].
    pub elevation_deg: f64,
    /// Range rate \[m/s\], negative when approaching.
    pub range_rate_m_s: f64,
    /// Time since birth \[s\].
    pub age_s: f64,
    /// Quality of the track, 0 to 1.
    pub quality: f64,
    /// SNR of the last detection \[dB\].
    pub snr_db: f32,
    /// Radar cross section of the last detection \[dBsm\].
    pub rcs_dbsm: f32,
    /// Detections used.
    pub hit_count: u32,
    /// Misses since the last detection.
    pub miss_count: u32,
    /// Bits of [`present`].
    pub present: u32,
    /// 24-bit aircraft address.
    pub address: u32,
    /// Index into the frame of the detection used; `u32::MAX` where none was.
    pub detection_index: u32,
    /// Mode 3/A code.
    pub mode_3a: u16,
    /// One of [`status`].
    pub status: u8,
    /// One of [`event`].
    pub event: u8,
    /// One of [`crate::detection::range_band`]; unspecified for a track that keeps an identity
    /// outside the short range.
    pub range_band: u8,
    /// One of [`crate::detection::transponder_mode`].
    pub transponder_mode: u8,
    /// Number as in `qiki.radar.v1.ObjectType`; 0 is unspecified.
    pub object_type: u8,
    /// One of [`friend_foe`].
    pub friend_foe: u8,
    /// Probability of `friend_foe`; 0 where neither is known.
    pub friend_foe_probability: f32,
    /// Probability that the claimed identity is forged.
    pub refuted_probability: f32,
    /// Probability of `object_type`; 0 where it is unspecified.
    pub object_type_probability: f32,
    /// Bits of [`alarm`].
    pub alarms: u8,
    /// Zero; room for later fields.
    pub reserved: [u8; 7],
    /// Identity in clear text, UTF-8, padded with zero bytes.
    pub transponder_id: [u8; 32],
}

impl TrackRecord {
    /// Every byte zero: room for a record.
    pub const EMPTY: Self = Self {
        track_id: [0; 16],
        number: 0,
        time_ns: 0,
        update_time_ns: 0,
        position_m: [0.0; 3],
        velocity_m_s: [0.0; 3],
        position_covariance_m2: [0.0; 6],
        velocity_covariance_m2_s2: [0.0; 6],
        range_m: 0.0,
        bearing_deg: 0.0,
        elevation_deg: 0.0,
        range_rate_m_s: 0.0,
        age_s: 0.0,
        quality: 0.0,
        snr_db: 0.0,
        rcs_dbsm: 0.0,
        hit_count: 0,
        miss_count: 0,
        present: 0,
        address: 0,
        detection_index: 0,
        mode_3a: 0,
        status: 0,
        event: 0,
        range_band: 0,
        transponder_mode: 0,
        object_type: 0,
        friend_foe: 0,
        friend_foe_probability: 0.0,
        refuted_probability: 0.0,
        object_type_probability: 0.0,
        alarms: 0,
        reserved: [0; 7],
        transponder_id: [0; 32],
    };
}

/// `detection_index` of a track that used no detection of the frame.
pub const NO_DETECTION: u32 = u32::MAX;

/// Bytes of one record; part of the contract.
pub const TRACK_SIZE: usize = 320;
const _: () = assert!(size_of::<TrackRecord>() == TRACK_SIZE);
