//! A frame: what one sensor saw in one scan, and where and over what it looked.

use uuid::Uuid;

use crate::detection::{Detection, range_band};
use crate::error::{Error, Result};
use crate::naming::uuid_of_number;
use crate::numeric::wrap_360;

/// The volume a frame searched. A track predicted outside it was not missed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// Nearest range searched \[m\].
    pub min_range_m: f64,
    /// Instrumented range \[m\].
    pub max_range_m: f64,
    /// Where the sector starts \[deg\], clockwise.
    pub bearing_start_deg: f64,
    /// Width of the sector \[deg\]; 360 is the whole turn.
    pub bearing_extent_deg: f64,
    /// Lowest elevation searched \[deg\].
    pub min_elevation_deg: f64,
    /// Highest elevation searched \[deg\].
    pub max_elevation_deg: f64,
}

impl Coverage {
    /// The full sphere out to `max_range_m`.
    pub const fn sphere(max_range_m: f64) -> Self {
        Self {
            min_range_m: 0.0,
            max_range_m,
            bearing_start_deg: 0.0,
            bearing_extent_deg: 360.0,
            min_elevation_deg: -90.0,
            max_elevation_deg: 90.0,
        }
    }

    /// That of a clock frame, which looked nowhere and only says that time has passed.
    pub const EMPTY: Self = Self::sphere(0.0);

    /// True when nothing was searched, not even the place of the sensor.
    pub fn is_empty(&self) -> bool {
        self.max_range_m <= 0.0
    }
}

impl Coverage {
    /// True when the direction was searched, at some range.
    pub fn spans(&self, bearing_deg: f64, elevation_deg: f64) -> bool {
        (self.min_elevation_deg..=self.max_elevation_deg).contains(&elevation_deg)
            && wrap_360(bearing_deg - self.bearing_start_deg) <= self.bearing_extent_deg
    }
}

/// Everything about a frame but its detections.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameHeader {
    /// Which sensor, as the 16 bytes of its UUID.
    pub sensor_id: [u8; 16],
    /// One run of the source: drawn at start by a live source, derived from the file by a replay.
    pub epoch: u64,
    /// Number of the frame within its epoch, from 0.
    pub number: u64,
    /// Nominal time of the frame \[ns\]; for a rotating radar the end of the turn or sector.
    pub time_ns: i64,
    /// What the frame holds, one of [`range_band`].
    pub range_band: u8,
    /// Volume searched.
    pub coverage: Coverage,
    /// Where the sensor stood at `time_ns`, in the world frame \[m\].
    pub sensor_position_m: [f64; 3],
    /// The sensor's velocity in the world frame \[m/s\].
    pub sensor_velocity_m_s: [f64; 3],
}

impl FrameHeader {
    /// The frame's name: UUID v5 of (epoch, number) in the sensor's namespace.
    pub fn frame_id(&self) -> Uuid {
        Uuid::from_bytes(uuid_of_number(&self.sensor_id, self.epoch, self.number))
    }
}

/// The 16 bytes of the UUID that `text` spells; `setting` names it in the error.
pub fn parse_uuid(setting: &str, text: &str) -> Result<[u8; 16]> {
    Uuid::try_parse(text).map(Uuid::into_bytes).map_err(|_| Error::Setting {
        setting: setting.into(),
        value: format!("{text:?}"),
        limit: "a UUID".into(),
        remedy: "write it as 8-4-4-4-12 hexadecimal digits".into(),
    })
}

/// `bytes` as a UUID's usual text.
pub fn format_uuid(bytes: &[u8; 16]) -> String {
    Uuid::from_bytes(*bytes).to_string()
}

/// One frame with its detections.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Who, when, where.
    pub header: FrameHeader,
    /// What was detected, in the order the sensor reported it.
    pub detections: Vec<Detection>,
}

impl Frame {
    /// An empty frame.
    pub const fn new(header: FrameHeader) -> Self {
        Self { header, detections: Vec::new() }
    }

    /// True for a frame that holds every detection of the scan, not one band of it.
    pub const fn holds_all_bands(&self) -> bool {
        self.header.range_band == range_band::UNSPECIFIED
    }
}
