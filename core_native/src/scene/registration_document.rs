//! The part of the scenario document that describes the registration bias of a radar.

use serde::Deserialize;

/// What is added to each quantity that a radar reports; the truth stays as it is.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrationBiasDocument {
    /// Whether it is on.
    #[serde(default = "is_enabled")]
    pub enabled: bool,
    /// Added to each range \[m\].
    #[serde(default)]
    pub range_m: f64,
    /// Added to each bearing \[deg\].
    #[serde(default)]
    pub bearing_deg: f64,
    /// Added to each elevation \[deg\].
    #[serde(default)]
    pub elevation_deg: f64,
    /// Added to the radar's position \[m\].
    #[serde(default)]
    pub position_m: [f64; 3],
    /// What the radar's clock shows too much at the start of the run \[ns\].
    #[serde(default)]
    pub clock_offset_ns: i64,
    /// How much too fast it goes \[ppm\].
    #[serde(default)]
    pub clock_drift_ppm: f64,
}

const fn is_enabled() -> bool {
    true
}
