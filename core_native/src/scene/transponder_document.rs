//! The part of the scenario document that describes transponders and those who ask them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::radar::sensor::{MAX_BEAMWIDTH_DEG, RESOLUTION_LIMITS};
use crate::radar::transponder::interrogator::{
    DEFAULT_BEAMWIDTH_DEG, DEFAULT_BEARING_STD_DEG, DEFAULT_RANGE_STD_M, MAX_BEARING_STD_DEG,
    MAX_FRUIT, MIN_BEARING_STD_DEG,
};
use crate::scene::scenario::MAX_IDENTITY_BYTES;

/// A transponder. One that replies, truly or not, needs at least one identity.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransponderDocument {
    /// What it does.
    #[serde(default)]
    pub mode: TransponderModeDocument,
    /// The identity it replies with: the true one when on, the false one when spoofing.
    #[serde(default)]
    #[schemars(length(min = 1, max = MAX_IDENTITY_BYTES))]
    pub id: Option<String>,
    /// Its Mode 3/A code, four octal digits in quotes, as "0421".
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-7]{4}$"))]
    pub mode_3a: Option<String>,
    /// Its 24-bit address, six hexadecimal digits in quotes, as "4B1A2C"; with it, it answers
    /// Mode S.
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-9A-Fa-f]{6}$"))]
    pub address: Option<String>,
    /// Whether it reports its height, and how fine.
    #[serde(default)]
    pub reports_height: HeightReportDocument,
}

/// Modes, as `qiki.radar.v1.TransponderMode`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum TransponderModeDocument {
    /// None fitted, or switched off.
    #[default]
    Off = 0,
    /// Replies with its identity.
    On = 1,
    /// Fitted but does not reply.
    Silent = 2,
    /// Replies with a false identity.
    Spoof = 3,
}

/// How a transponder reports its height.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema, PartialEq, Eq)]
pub enum HeightReportDocument {
    /// Not at all.
    #[default]
    #[serde(rename = "never")]
    Never,
    /// To the nearest 100 ft, from -1000 to 126 700 ft: Mode C.
    #[serde(rename = "in_100_ft")]
    In100Ft,
    /// To the nearest 25 ft up to 50 175 ft, above that 100 ft; needs an address: Mode S.
    #[serde(rename = "in_25_ft")]
    In25Ft,
}

/// How a radar asks transponders: its secondary surveillance.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InterrogatorDocument {
    /// Probability that a reply is heard in one look.
    #[serde(default = "certain")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub reply_probability: f64,
    /// Whether a reply without an echo makes a plot, of range, bearing and what was replied.
    #[serde(default)]
    pub secondary_plots: bool,
    /// Standard deviation of the range of such a plot \[m\].
    #[serde(default = "default_range_std_m")]
    #[schemars(range(min = RESOLUTION_LIMITS[0], max = RESOLUTION_LIMITS[1]))]
    pub range_std_m: f64,
    /// Standard deviation of the bearing of such a plot \[deg\].
    #[serde(default = "default_bearing_std_deg")]
    #[schemars(range(min = MIN_BEARING_STD_DEG, max = MAX_BEARING_STD_DEG))]
    pub bearing_std_deg: f64,
    /// Width of the interrogating beam \[deg\]; transponders closer than it in bearing reply
    /// together.
    #[serde(default = "default_beamwidth_deg")]
    #[schemars(range(min = 1e-3, max = MAX_BEAMWIDTH_DEG))]
    pub beamwidth_deg: f64,
    /// Whether overlapping replies in Mode A and C add their pulses.
    #[serde(default)]
    pub garble: bool,
    /// Probability that a pulse of a code in Mode A or C is read wrong.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub pulse_error_probability: f64,
    /// Mean number of replies to other interrogators that are heard in one frame (FRUIT).
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_FRUIT))]
    pub fruit_per_frame: f64,
    /// Whether a defruiter removes them.
    #[serde(default)]
    pub defruiter: bool,
    /// Probability that, in a frame, the two nearest plots with replies change their identities.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub identity_swap_probability: f64,
}

impl Default for InterrogatorDocument {
    fn default() -> Self {
        Self {
            reply_probability: certain(),
            secondary_plots: false,
            range_std_m: default_range_std_m(),
            bearing_std_deg: default_bearing_std_deg(),
            beamwidth_deg: default_beamwidth_deg(),
            garble: false,
            pulse_error_probability: 0.0,
            fruit_per_frame: 0.0,
            defruiter: false,
            identity_swap_probability: 0.0,
        }
    }
}

const fn certain() -> f64 {
    1.0
}

const fn default_range_std_m() -> f64 {
    DEFAULT_RANGE_STD_M
}

const fn default_bearing_std_deg() -> f64 {
    DEFAULT_BEARING_STD_DEG
}

const fn default_beamwidth_deg() -> f64 {
    DEFAULT_BEAMWIDTH_DEG
}
