//! How the radar cross section of a target changes from pulse to pulse and from frame to frame.
//!
//! P. Swerling, "Probability of detection for fluctuating targets", IRE Trans. IT-6 (1960), 269.
//! All cases are one family ("chi-square targets"): the energy of the N pulses of a frame has a
//! gamma distribution, whose shape says how many independent parts it consists of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The Swerling cases; 0 is the target that does not fluctuate.
#[derive(
    Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord,
)]
pub enum Fluctuation {
    /// A constant cross section.
    #[serde(rename = "swerling_0")]
    Swerling0 = 0,
    /// Many scatterers, the same for all pulses of a frame.
    #[default]
    #[serde(rename = "swerling_1")]
    Swerling1 = 1,
    /// Many scatterers, independent from pulse to pulse.
    #[serde(rename = "swerling_2")]
    Swerling2 = 2,
    /// One dominant scatterer, the same for all pulses of a frame.
    #[serde(rename = "swerling_3")]
    Swerling3 = 3,
    /// One dominant scatterer, independent from pulse to pulse.
    #[serde(rename = "swerling_4")]
    Swerling4 = 4,
}

impl Fluctuation {
    /// Every case, in the order of their numbers.
    pub const ALL: [Self; 5] =
        [Self::Swerling0, Self::Swerling1, Self::Swerling2, Self::Swerling3, Self::Swerling4];

    /// The case with the given Swerling number.
    pub fn from_number(swerling: i64) -> Result<Self> {
        let found = usize::try_from(swerling).ok().and_then(|number| Self::ALL.get(number));
        found.copied().ok_or_else(|| Error::Setting {
            setting: "swerling".into(),
            value: swerling.to_string(),
            limit: "0 to 4".into(),
            remedy: "give the number of a Swerling case, 0 for a target that does not fluctuate"
                .into(),
        })
    }

    /// Its name in scenarios.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Swerling0 => "swerling_0",
            Self::Swerling1 => "swerling_1",
            Self::Swerling2 => "swerling_2",
            Self::Swerling3 => "swerling_3",
            Self::Swerling4 => "swerling_4",
        }
    }

    /// Shape of the gamma distribution of the energy of `pulses` pulses; none for a constant.
    pub fn shape(self, pulses: u32) -> Option<f64> {
        match self {
            Self::Swerling0 => None,
            Self::Swerling1 => Some(1.0),
            Self::Swerling2 => Some(f64::from(pulses)),
            Self::Swerling3 => Some(2.0),
            Self::Swerling4 => Some(2.0 * f64::from(pulses)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_swerlings() {
        for (number, case) in (0_i64..).zip(Fluctuation::ALL) {
            assert_eq!(Fluctuation::from_number(number).unwrap(), case);
            assert_eq!(case.name(), format!("swerling_{number}"));
        }
        for wrong in [-1, 5] {
            let message = Fluctuation::from_number(wrong).unwrap_err().to_string();
            assert!(message.starts_with(&format!("swerling is {wrong}, must be 0 to 4: give")));
        }
    }

    #[test]
    fn one_pulse_knows_only_two_kinds_of_fluctuation() {
        let [zero, one, two, three, four] = Fluctuation::ALL.map(|case| case.shape(1));
        assert_eq!((zero, one, three), (None, Some(1.0), Some(2.0)));
        assert_eq!((one, three), (two, four));
    }
}
