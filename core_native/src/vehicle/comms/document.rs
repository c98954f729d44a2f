//! The communications section of a vehicle document as it is written; [`super::config`] checks it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scene::scenario::{MAX_IDENTITY_BYTES, MAX_NAME_BYTES};
use crate::scene::transponder_document::TransponderModeDocument;

/// Least and largest carrier frequency \[Hz\].
pub const FREQUENCY_LIMITS_HZ: [f64; 2] = [1e6, 1e12];
/// Least and largest transmitted power \[W\].
pub const TRANSMIT_LIMITS_W: [f64; 2] = [1e-9, 1e6];
/// Least and largest gain of an antenna \[dBi\].
pub const GAIN_LIMITS_DBI: [f64; 2] = [-50.0, 100.0];
/// Least and largest noise temperature \[K\].
pub const TEMPERATURE_LIMITS_K: [f64; 2] = [1.0, 1e5];
/// Least and largest bandwidth \[Hz\].
pub const BANDWIDTH_LIMITS_HZ: [f64; 2] = [1.0, 1e12];
/// Least and largest signal-to-noise ratio \[dB\].
pub const SNR_LIMITS_DB: [f64; 2] = [-100.0, 200.0];

/// Communications.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommsDocument {
    /// Whether they are on at the start.
    pub is_on: bool,
    /// The transponder; without, there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transponder: Option<TransponderPartDocument>,
    /// The way to a station; without, how well that hears the vehicle is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<RadioLinkDocument>,
}

/// The vehicle's transponder.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransponderPartDocument {
    /// What it does at the start.
    pub mode: TransponderModeDocument,
    /// Identity that it gives when it is on.
    #[schemars(length(min = 1, max = MAX_IDENTITY_BYTES))]
    pub id: String,
    /// Identity that it gives when it spoofs.
    #[schemars(length(min = 1, max = MAX_IDENTITY_BYTES))]
    pub spoof_id: String,
    /// Name of the load that it is, which wants its `demand_w` while it is to reply and else nothing; without,
    /// it needs no power.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub load: Option<String>,
}

/// The way from the vehicle's transmitter to a station's receiver.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RadioLinkDocument {
    /// Frequency of the carrier \[Hz\].
    #[schemars(range(min = FREQUENCY_LIMITS_HZ[0], max = FREQUENCY_LIMITS_HZ[1]))]
    pub frequency_hz: f64,
    /// Power that is transmitted \[W\].
    #[schemars(range(min = TRANSMIT_LIMITS_W[0], max = TRANSMIT_LIMITS_W[1]))]
    pub transmit_w: f64,
    /// Gain of the vehicle's antenna, the same in each direction \[dBi\].
    #[schemars(range(min = GAIN_LIMITS_DBI[0], max = GAIN_LIMITS_DBI[1]))]
    pub antenna_dbi: f64,
    /// Gain of the station's antenna, towards the vehicle \[dBi\].
    #[schemars(range(min = GAIN_LIMITS_DBI[0], max = GAIN_LIMITS_DBI[1]))]
    pub station_antenna_dbi: f64,
    /// Noise temperature of the station's receiver \[K\].
    #[schemars(range(min = TEMPERATURE_LIMITS_K[0], max = TEMPERATURE_LIMITS_K[1]))]
    pub noise_temperature_k: f64,
    /// Its bandwidth \[Hz\].
    #[schemars(range(min = BANDWIDTH_LIMITS_HZ[0], max = BANDWIDTH_LIMITS_HZ[1]))]
    pub bandwidth_hz: f64,
    /// Signal-to-noise ratio from which on it understands the vehicle \[dB\].
    #[schemars(range(min = SNR_LIMITS_DB[0], max = SNR_LIMITS_DB[1]))]
    pub required_snr_db: f64,
}
