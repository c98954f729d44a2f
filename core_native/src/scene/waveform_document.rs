//! The part of the scenario document that describes a radar's pulses.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::radar::power_budget::{FREQUENCY_LIMITS_HZ, WAVELENGTH_LIMITS_M};
use crate::radar::waveform::{MAX_CANCELLER_DELAYS, PRF_LIMITS_HZ};

/// The pulses of a radar, as far as its Doppler measurement and its filters depend on them. The
/// wavelength is that of the radar equation where the sensor has one, else it stands here.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaveformDocument {
    /// Pulse repetition frequency \[Hz\].
    #[schemars(range(min = PRF_LIMITS_HZ[0], max = PRF_LIMITS_HZ[1]))]
    pub prf_hz: f64,
    /// Carrier frequency \[Hz\].
    #[serde(default)]
    #[schemars(range(min = FREQUENCY_LIMITS_HZ[0], max = FREQUENCY_LIMITS_HZ[1]))]
    pub frequency_hz: Option<f64>,
    /// Wavelength instead of the frequency \[m\].
    #[serde(default)]
    #[schemars(range(min = WAVELENGTH_LIMITS_M[0], max = WAVELENGTH_LIMITS_M[1]))]
    pub wavelength_m: Option<f64>,
    /// What becomes of range rates beyond the unambiguous ones.
    #[serde(default)]
    pub range_rate_ambiguity: RangeRateAmbiguityDocument,
    /// What becomes of ranges beyond the unambiguous one.
    #[serde(default)]
    pub range_ambiguity: RangeAmbiguityDocument,
    /// Delays of the canceller that suppresses slow echoes; 0 is none, 1 the two-pulse canceller.
    #[serde(default)]
    #[schemars(range(min = 0, max = MAX_CANCELLER_DELAYS))]
    pub canceller_delays: u32,
}

/// What becomes of range rates beyond the unambiguous ones, λ PRF / 4 either way.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RangeRateAmbiguityDocument {
    /// They are measured as the unambiguous one that gives the same Doppler frequency.
    #[default]
    Folded,
    /// They are measured as they are: the radar resolves them by further PRFs.
    Resolved,
}

/// What becomes of ranges beyond the unambiguous one, c / (2 PRF).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RangeAmbiguityDocument {
    /// There are none: a coverage that reaches farther is refused.
    #[default]
    Excluded,
    /// They are measured as they are: the radar resolves them by further PRFs.
    Resolved,
}
