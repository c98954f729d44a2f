//! The detection record: one 128-byte layout shared by Rust, C, Cython, numpy and numba.
//!
//! The same layout stands in `qiki/include/qiki_detection.h` (C) and is published to Python as
//! `qiki.radar.DETECTION_DTYPE`; `tests/hardware/test_c_api_contract.py` compares them.

/// Which fields of a [`Detection`] were measured. A field whose bit is clear is absent: floats
/// then hold NaN, integers and text hold zero bytes.
pub mod present {
    /// `range_m` and `range_std_m`.
    pub const RANGE: u32 = 1 << 0;
    /// `bearing_deg` and `bearing_std_deg`.
    pub const BEARING: u32 = 1 << 1;
    /// `elevation_deg` and `elevation_std_deg`.
    pub const ELEVATION: u32 = 1 << 2;
    /// `range_rate_m_s` and `range_rate_std_m_s`.
    pub const RANGE_RATE: u32 = 1 << 3;
    /// `height_m` and `height_std_m`.
    pub const HEIGHT: u32 = 1 << 4;
    /// `snr_db`.
    pub const SNR: u32 = 1 << 5;
    /// `rcs_dbsm`.
    pub const RCS: u32 = 1 << 6;
    /// `address`, the 24-bit aircraft address.
    pub const ADDRESS: u32 = 1 << 7;
    /// `mode_3a`, the four-octal-digit code.
    pub const MODE_3A: u32 = 1 << 8;
    /// `transponder_id`, the identity in clear text.
    pub const TRANSPONDER_ID: u32 = 1 << 9;
    /// A transponder replied (the original's `transponder_on`).
    pub const TRANSPONDER_REPLY: u32 = 1 << 10;
    /// Everything that names or hints at who the target is; never set in the LR band.
    pub const IDENTITY: u32 = ADDRESS | MODE_3A | TRANSPONDER_ID | TRANSPONDER_REPLY;
    /// Every bit that has a meaning.
    pub const ALL: u32 = (1 << 11) - 1;
}

/// The part of the radar's range that a detection, frame or track belongs to; numbers as in
/// `qiki.radar.v1.RadarRangeBand`.
pub mod range_band {
    /// Not split, or a track that keeps an identity outside the short range.
    pub const UNSPECIFIED: u8 = 0;
    /// Long range: no identity of any kind.
    pub const LONG: u8 = 1;
    /// Short range: transponder and IFF.
    pub const SHORT: u8 = 2;
}

/// Transponder modes; numbers as in `qiki.radar.v1.TransponderMode`.
pub mod transponder_mode {
    /// No transponder, or switched off.
    pub const OFF: u8 = 0;
    /// Replies with its true identity.
    pub const ON: u8 = 1;
    /// Fitted but does not reply.
    pub const SILENT: u8 = 2;
    /// Replies with a false identity.
    pub const SPOOF: u8 = 3;
}

/// One radar detection. Angles follow the project's convention: bearing clockwise from +Y
/// (north), elevation up from the XY plane, range rate negative when approaching.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// Time of this detection, nanoseconds on the frame's clock.
    pub time_ns: i64,
    /// Slant range from the sensor \[m\].
    pub range_m: f64,
    /// Bearing \[deg\], 0 ≤ bearing < 360.
    pub bearing_deg: f64,
    /// Elevation \[deg\], -90 to 90.
    pub elevation_deg: f64,
    /// Rate of change of the slant range \[m/s\], negative when approaching.
    pub range_rate_m_s: f64,
    /// Height above the sensor's level surface \[m\], for example from a flight level.
    pub height_m: f64,
    /// Standard deviation of `range_m` \[m\].
    pub range_std_m: f32,
    /// Standard deviation of `bearing_deg` \[deg\].
    pub bearing_std_deg: f32,
    /// Standard deviation of `elevation_deg` \[deg\].
    pub elevation_std_deg: f32,
    /// Standard deviation of `range_rate_m_s` \[m/s\].
    pub range_rate_std_m_s: f32,
    /// Standard deviation of `height_m` \[m\].
    pub height_std_m: f32,
    /// Signal-to-noise ratio \[dB\].
    pub snr_db: f32,
    /// Radar cross section \[dBsm\].
    pub rcs_dbsm: f32,
    /// Bits of [`present`].
    pub present: u32,
    /// 24-bit aircraft address.
    pub address: u32,
    /// Mode 3/A code, 12 bits.
    pub mode_3a: u16,
    /// One of [`range_band`].
    pub range_band: u8,
    /// One of [`transponder_mode`].
    pub transponder_mode: u8,
    /// Zero; room for later fields.
    pub reserved: [u8; 8],
    /// Identity in clear text, UTF-8, padded with zero bytes.
    pub transponder_id: [u8; 32],
}

/// Bytes of one record; part of the contract.
pub const DETECTION_SIZE: usize = 128;
const _: () = assert!(size_of::<Detection>() == DETECTION_SIZE);

impl Detection {
    /// A detection at `time_ns` of which nothing is measured yet.
    pub const fn absent(time_ns: i64) -> Self {
        Self {
            time_ns,
            range_m: f64::NAN,
            bearing_deg: f64::NAN,
            elevation_deg: f64::NAN,
            range_rate_m_s: f64::NAN,
            height_m: f64::NAN,
            range_std_m: f32::NAN,
            bearing_std_deg: f32::NAN,
            elevation_std_deg: f32::NAN,
            range_rate_std_m_s: f32::NAN,
            height_std_m: f32::NAN,
            snr_db: f32::NAN,
            rcs_dbsm: f32::NAN,
            present: 0,
            address: 0,
            mode_3a: 0,
            range_band: range_band::UNSPECIFIED,
            transponder_mode: transponder_mode::OFF,
            reserved: [0; 8],
            transponder_id: [0; 32],
        }
    }

    /// True when every bit of `bits` is set in `present`.
    pub const fn has(&self, bits: u32) -> bool {
        self.present & bits == bits
    }

    /// Remove everything that a transponder replied: what the LR band may carry. With an identity
    /// that is the height, too; a height without one has been measured otherwise and stays.
    pub const fn strip_reply(&mut self) {
        if self.present & present::IDENTITY != 0 {
            self.present &= !present::HEIGHT;
            (self.height_m, self.height_std_m) = (f64::NAN, f32::NAN);
        }
        self.strip_identity();
    }

    /// Remove everything that names the target; a height stays, whoever gave it.
    pub const fn strip_identity(&mut self) {
        self.present &= !present::IDENTITY;
        self.address = 0;
        self.mode_3a = 0;
        self.transponder_mode = transponder_mode::OFF;
        self.transponder_id = [0; 32];
    }
}
