//! The part of the scenario document that says what goes wrong with a radar, and when.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::radar::faults::{MAX_NOISE_FACTOR, MAX_SHIFT_S};
use crate::scene::scenario::{MAX_POSITION_M, MAX_SPEED_M_S, MAX_TIME_S};

/// One fault, from one time to another.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultDocument {
    /// When it begins \[s\].
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_TIME_S))]
    pub from_s: f64,
    /// When it ends \[s\]; left out, never.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_TIME_S))]
    pub until_s: Option<f64>,
    /// What goes wrong.
    pub fault: FaultKindDocument,
}

/// What goes wrong; exactly one kind.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKindDocument {
    /// It looks nowhere.
    Off,
    /// It repeats what it saw last, with new numbers and times.
    Stuck,
    /// What it measures is shifted.
    Bias(BiasDocument),
    /// It measures worse than it says.
    Noisy {
        /// Standard deviation of the errors over the one reported, at least 1.
        #[schemars(range(min = 1.0, max = MAX_NOISE_FACTOR))]
        factor: f64,
    },
    /// Its clock is off.
    ClockJump {
        /// What its times are too large by \[s\]; negative when they are too small.
        #[schemars(range(min = -MAX_SHIFT_S, max = MAX_SHIFT_S))]
        jump_s: f64,
    },
    /// Frames arrive late.
    Late {
        /// Probability that a frame does.
        #[schemars(range(min = 0.0, max = 1.0))]
        probability: f64,
        /// By how much \[s\].
        #[schemars(range(min = 0.0, max = MAX_SHIFT_S))]
        delay_s: f64,
    },
    /// Frames arrive twice.
    Duplicated {
        /// Probability that a frame does.
        #[schemars(range(min = 0.0, max = 1.0))]
        probability: f64,
    },
    /// Frames arrive after the one that follows them.
    Reordered {
        /// Probability that a frame does.
        #[schemars(range(min = 0.0, max = 1.0))]
        probability: f64,
    },
}

/// By how much each measurement is too large.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BiasDocument {
    /// Range \[m\].
    #[serde(default)]
    #[schemars(range(min = -MAX_POSITION_M, max = MAX_POSITION_M))]
    pub range_m: f64,
    /// Bearing \[deg\].
    #[serde(default)]
    #[schemars(range(min = -360.0, max = 360.0))]
    pub bearing_deg: f64,
    /// Elevation \[deg\].
    #[serde(default)]
    #[schemars(range(min = -180.0, max = 180.0))]
    pub elevation_deg: f64,
    /// Range rate \[m/s\].
    #[serde(default)]
    #[schemars(range(min = -MAX_SPEED_M_S, max = MAX_SPEED_M_S))]
    pub range_rate_m_s: f64,
}
