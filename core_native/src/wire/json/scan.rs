//! How a frame in JSON was made, which its models have no key for: the header `x-qiki-scan`.
//!
//! The original's own frames come without it. For them the same text without epoch, number and time says
//! how all of them were made, and the payload when: see [`Scan::header`].

use serde::{Deserialize, Serialize};

use super::timestamp::Timestamp;
use crate::detection::{Detection, present};
use crate::error::{Error, Result};
use crate::frame::{Coverage, FrameHeader};

const FORMAT: &str = "x-qiki-scan";

/// JSON on one line. The standard deviations are the largest of the frame's: so no detection is
/// taken for more exact than it is. Null where nothing of the kind was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// Run of the sensor; absent, as the next two, in a text that is of each frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// Number of the frame within its epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// Time of the frame \[ns\]; the payload has its microsecond.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_ns: Option<i64>,
    /// Range band of the frame's detections, 0 for those of any.
    pub range_band: u8,
    /// Nearest and farthest range searched \[m\].
    pub range_m: [f64; 2],
    /// Where the sector starts and how wide it is \[deg\].
    pub bearing_deg: [f64; 2],
    /// Lowest and highest elevation searched \[deg\].
    pub elevation_deg: [f64; 2],
    /// Where the sensor stood in the world frame \[m\].
    pub sensor_position_m: [f64; 3],
    /// Its velocity in the world frame \[m/s\].
    pub sensor_velocity_m_s: [f64; 3],
    /// Standard deviation of range \[m\].
    pub range_std_m: Option<f32>,
    /// Of bearing \[deg\].
    pub bearing_std_deg: Option<f32>,
    /// Of elevation \[deg\].
    pub elevation_std_deg: Option<f32>,
    /// Of range rate \[m/s\].
    pub range_rate_std_m_s: Option<f32>,
}

impl Scan {
    /// That of a frame that keeps the contract.
    pub fn of(header: &FrameHeader, detections: &[Detection]) -> Self {
        let largest = |bit: u32, std: fn(&Detection) -> f32| {
            detections.iter().filter(|d| d.has(bit)).map(std).reduce(f32::max)
        };
        let Coverage { min_range_m, max_range_m, .. } = header.coverage;
        Self {
            epoch: Some(header.epoch),
            number: Some(header.number),
            time_ns: Some(header.time_ns),
            range_band: header.range_band,
            range_m: [min_range_m, max_range_m],
            bearing_deg: [header.coverage.bearing_start_deg, header.coverage.bearing_extent_deg],
            elevation_deg: [header.coverage.min_elevation_deg, header.coverage.max_elevation_deg],
            sensor_position_m: header.sensor_position_m,
            sensor_velocity_m_s: header.sensor_velocity_m_s,
            range_std_m: largest(present::RANGE, |d| d.range_std_m),
            bearing_std_deg: largest(present::BEARING, |d| d.bearing_std_deg),
            elevation_std_deg: largest(present::ELEVATION, |d| d.elevation_std_deg),
            range_rate_std_m_s: largest(present::RANGE_RATE, |d| d.range_rate_std_m_s),
        }
    }

    /// The header's text, ASCII on one line.
    ///
    /// # Errors
    /// None for a frame that keeps the contract.
    pub fn to_text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| super::unwritten(FORMAT, &error))
    }

    /// What the header's text says, its values unchecked.
    ///
    /// # Errors
    /// [`crate::error::Error::Decode`].
    pub fn from_text(text: &str) -> Result<Self> {
        super::read(FORMAT, text.as_bytes())
    }

    /// Whether it says which frame it is of.
    pub const fn names_a_frame(&self) -> bool {
        self.epoch.is_some() || self.number.is_some() || self.time_ns.is_some()
    }

    /// The header of the frame of a payload with that time.
    ///
    /// Where nothing else names the frame, its epoch is 0 and its number the microseconds since 1970: so
    /// a repeat has its name again, and a later frame a larger number.
    ///
    /// # Errors
    /// [`Error::Decode`] where it names the frame in part; [`Error::Frame`] for a time before 1970 where
    /// it does not name it.
    pub fn header(&self, sensor_id: [u8; 16], timestamp: Timestamp) -> Result<FrameHeader> {
        let (epoch, number, time_ns) = match (self.epoch, self.number, self.time_ns) {
            (Some(epoch), Some(number), Some(time_ns)) => (epoch, number, time_ns),
            (None, None, None) => (0, timestamp.since_1970_us()?, timestamp.ns()),
            _ => return Err(half_named()),
        };
        Ok(FrameHeader {
            sensor_id,
            epoch,
            number,
            time_ns,
            range_band: self.range_band,
            coverage: Coverage {
                min_range_m: self.range_m[0],
                max_range_m: self.range_m[1],
                bearing_start_deg: self.bearing_deg[0],
                bearing_extent_deg: self.bearing_deg[1],
                min_elevation_deg: self.elevation_deg[0],
                max_elevation_deg: self.elevation_deg[1],
            },
            sensor_position_m: self.sensor_position_m,
            sensor_velocity_m_s: self.sensor_velocity_m_s,
        })
    }

    /// Give `d` the deviations of what it has measured.
    pub fn set_deviations(&self, d: &mut Detection) {
        let std = |bit, std: Option<f32>| std.filter(|_| d.has(bit)).unwrap_or(f32::NAN);
        let range_std_m = std(present::RANGE, self.range_std_m);
        let bearing_std_deg = std(present::BEARING, self.bearing_std_deg);
        let elevation_std_deg = std(present::ELEVATION, self.elevation_std_deg);
        let range_rate_std_m_s = std(present::RANGE_RATE, self.range_rate_std_m_s);
        *d =
            Detection { range_std_m, bearing_std_deg, elevation_std_deg, range_rate_std_m_s, ..*d };
    }
}

fn half_named() -> Error {
    let reason = "epoch, number and time_ns must be there all three, or none of them".into();
    Error::Decode { format: FORMAT, offset: 0, reason }
}
