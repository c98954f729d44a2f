//! How a frame in JSON was made, which its models have no key for: the header `x-qiki-scan`.

use serde::{Deserialize, Serialize};

use crate::detection::{Detection, present};
use crate::error::Result;
use crate::frame::{Coverage, FrameHeader};

const FORMAT: &str = "x-qiki-scan";

/// JSON on one line. The standard deviations are the largest of the frame's: so no detection is
/// taken for more exact than it is. Null where nothing of the kind was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// Run of the sensor.
    pub epoch: u64,
    /// Number of the frame within its epoch.
    pub number: u64,
    /// Time of the frame \[ns\]; the payload has its microsecond.
    pub time_ns: i64,
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
            epoch: header.epoch,
            number: header.number,
            time_ns: header.time_ns,
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

    /// The frame's header.
    pub const fn header(&self, sensor_id: [u8; 16]) -> FrameHeader {
        FrameHeader {
            sensor_id,
            epoch: self.epoch,
            number: self.number,
            time_ns: self.time_ns,
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
        }
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
