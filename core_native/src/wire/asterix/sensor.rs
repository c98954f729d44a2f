//! What CAT048 leaves unsaid about the radar and the reader must be told.

use std::str::FromStr;

use crate::error::{Error, Result};

/// How well the radar measures. CAT048 carries no accuracy of a plot, so the reader must be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SensorAccuracy {
    /// Standard deviation of the slant range \[m\].
    pub range_std_m: f32,
    /// Standard deviation of the bearing \[deg\].
    pub bearing_std_deg: f32,
    /// Standard deviation of the height from the flight level \[m\].
    pub height_std_m: f32,
    /// Standard deviation of the range rate \[m/s\].
    pub range_rate_std_m_s: f32,
}

impl Default for SensorAccuracy {
    /// A Mode S radar of the European standard.
    fn default() -> Self {
        Self {
            range_std_m: 30.0,
            bearing_std_deg: 0.06,
            height_std_m: 15.0,
            range_rate_std_m_s: 2.0,
        }
    }
}

impl SensorAccuracy {
    /// The accuracy itself if every part of it can be a standard deviation.
    ///
    /// # Errors
    /// [`Error::Setting`] names the part that is not finite or not above zero.
    pub fn checked(self) -> Result<Self> {
        for (setting, value) in [
            ("range_std_m", self.range_std_m),
            ("bearing_std_deg", self.bearing_std_deg),
            ("height_std_m", self.height_std_m),
            ("range_rate_std_m_s", self.range_rate_std_m_s),
        ] {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::Setting {
                    setting: setting.into(),
                    value: value.to_string(),
                    limit: "finite and above 0".into(),
                    remedy: "give the radar's standard deviation, or leave it unset".into(),
                });
            }
        }
        Ok(self)
    }
}

/// What the sign of the calculated Doppler speed (I048/120) means. The standard does not say, so
/// it is not used unless the reader is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DopplerSign {
    /// Unknown: the range rate stays absent.
    #[default]
    Unknown,
    /// Positive when the target moves away.
    Receding,
    /// Positive when the target comes closer.
    Approaching,
}

impl FromStr for DopplerSign {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "unknown" => Ok(Self::Unknown),
            "receding" => Ok(Self::Receding),
            "approaching" => Ok(Self::Approaching),
            _ => Err(Error::Setting {
                setting: "doppler_sign".into(),
                value: name.into(),
                limit: "one of unknown, receding, approaching".into(),
                remedy: "say what a positive speed means, or leave it unset".into(),
            }),
        }
    }
}
