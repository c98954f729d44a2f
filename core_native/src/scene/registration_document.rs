//! The part of the scenario document that describes the registration bias of a radar.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::radar::registration::{
    MAX_BEARING_BIAS_DEG, MAX_BIAS_M, MAX_CLOCK_DRIFT_PPM, MAX_CLOCK_OFFSET_NS,
    MAX_ELEVATION_BIAS_DEG,
};

/// What is added to each quantity that a radar reports; the truth stays as it is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationBiasDocument {
    /// Whether it is on.
    #[serde(default = "is_enabled")]
    pub enabled: bool,
    /// Added to each range \[m\].
    #[serde(default)]
    #[schemars(range(min = -MAX_BIAS_M, max = MAX_BIAS_M))]
    pub range_m: f64,
    /// Added to each bearing \[deg\].
    #[serde(default)]
    #[schemars(range(min = -MAX_BEARING_BIAS_DEG, max = MAX_BEARING_BIAS_DEG))]
    pub bearing_deg: f64,
    /// Added to each elevation \[deg\].
    #[serde(default)]
    #[schemars(range(min = -MAX_ELEVATION_BIAS_DEG, max = MAX_ELEVATION_BIAS_DEG))]
    pub elevation_deg: f64,
    /// Added to the radar's position \[m\].
    #[serde(default)]
    #[schemars(inner(range(min = -MAX_BIAS_M, max = MAX_BIAS_M)))]
    pub position_m: [f64; 3],
    /// What the radar's clock shows too much at the start of the run \[ns\].
    #[serde(default)]
    #[schemars(range(min = -MAX_CLOCK_OFFSET_NS, max = MAX_CLOCK_OFFSET_NS))]
    pub clock_offset_ns: i64,
    /// How much too fast it goes \[ppm\].
    #[serde(default)]
    #[schemars(range(min = -MAX_CLOCK_DRIFT_PPM, max = MAX_CLOCK_DRIFT_PPM))]
    pub clock_drift_ppm: f64,
}

const fn is_enabled() -> bool {
    true
}
