//! The part of the scenario document that says what goes wrong with a radar, and when.

use serde::Deserialize;

/// One fault, from one time to another.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultDocument {
    /// When it begins \[s\].
    #[serde(default)]
    pub from_s: f64,
    /// When it ends \[s\]; left out, never.
    #[serde(default)]
    pub until_s: Option<f64>,
    /// What goes wrong.
    pub fault: FaultKindDocument,
}

/// What goes wrong; exactly one kind.
#[derive(Clone, Debug, Deserialize)]
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
        factor: f64,
    },
    /// Its clock is off.
    ClockJump {
        /// What its times are too large by \[s\]; negative when they are too small.
        jump_s: f64,
    },
    /// Frames arrive late.
    Late {
        /// Probability that a frame does.
        probability: f64,
        /// By how much \[s\].
        delay_s: f64,
    },
    /// Frames arrive twice.
    Duplicated {
        /// Probability that a frame does.
        probability: f64,
    },
    /// Frames arrive after the one that follows them.
    Reordered {
        /// Probability that a frame does.
        probability: f64,
    },
}

/// By how much each measurement is too large.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BiasDocument {
    /// Range \[m\].
    #[serde(default)]
    pub range_m: f64,
    /// Bearing \[deg\].
    #[serde(default)]
    pub bearing_deg: f64,
    /// Elevation \[deg\].
    #[serde(default)]
    pub elevation_deg: f64,
    /// Range rate \[m/s\].
    #[serde(default)]
    pub range_rate_m_s: f64,
}
